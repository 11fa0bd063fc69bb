# SPDX-License-Identifier: Apache-2.0
"""The built programs: `fcngraph` itself, and parity_steps, which takes samples as they are."""
import os
import subprocess

import tensor_file

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Engine:
    def __init__(self, build, folder):
        self.program = os.path.join(build, "fcngraph")
        self.steps = os.path.join(build, "tests/parity/parity_steps")
        self.folder = folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def fcngraph(self, *arguments, settings=()):
        return self._run(self.program, *arguments, *(part for setting in settings for part in ("--set", setting)))

    def infer(self, graph, weights, samples, settings=(), **options):
        return self._steps("infer", graph, weights, samples, settings, options)

    def train(self, graph, weights, samples, settings=(), **options):
        return self._steps("train", graph, weights, samples, settings, options)

    def _steps(self, mode, graph, weights, samples, settings, options):
        """`samples` is a file of them, or a dictionary to be written to one."""
        if not isinstance(samples, str):
            tensor_file.write(self.path("samples.safetensors"), samples)
            samples = self.path("samples.safetensors")
        out = self.path("out.safetensors")
        self._run(self.steps, mode, os.path.join(ROOT, graph), weights, samples, out,
                  *(f"{name}={value}" for name, value in options.items()), *(["--set", *settings] if settings else []))
        return tensor_file.read(out)

    @staticmethod
    def _run(*command):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")
        return done.stdout
