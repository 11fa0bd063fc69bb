# SPDX-License-Identifier: Apache-2.0
"""Times forward passes of fcngraph against its peers, interleaved pass by pass on the same machine, on the same weights and images.

    compare_peers.py [--rounds N] [--batch N]... [--engine NAME]... [--isa avx2] [--threads N] [--update-docs MACHINE]

Each program is a process of its own, which runs when it is told to. Their outputs are compared before anything is timed. Prints a table
for each batch size; --update-docs puts it into docs/benchmarks.md as the rows of that machine, and draws docs/benchmarks.svg.
"""
import argparse
import datetime
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

import peer_model
import peer_report

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.append(os.path.join(ROOT, "tests/parity"))
import tensor_file

GRAPH = os.path.join(ROOT, "graphs/fcn8s.toml")
OURS = {"fcngraph": ["f32"], "bf16": ["bf16"], "onednn": ["f32", "compile.kernels=onednn"]}  # precision, settings
PEERS = ["ncnn", "onnxruntime", "openvino", "openvino-bf16", "keras"]
# A process that has just answered may still spin for work: the next one gets the machine to itself.
PAUSE = 0.15


class Engine:
    def __init__(self, name, folder, arguments):
        self.name, self.output = name, f"{folder}/{name}.npy"
        images = f"{folder}/images.npy"
        if name in OURS:
            command = [arguments.server, GRAPH, f"{folder}/network.safetensors", images, self.output, *OURS[name]]
        else:
            command = [sys.executable, os.path.join(HERE, "peer_server.py"), name, folder, images, self.output, str(arguments.threads)]
        environment = dict(os.environ, OMP_NUM_THREADS=str(arguments.threads), PYTHONDONTWRITEBYTECODE="1")
        if arguments.isa == "avx2":
            environment.update(FCNGRAPH_ISA="avx2", ONEDNN_MAX_CPU_ISA="AVX2", DNNL_MAX_CPU_ISA="AVX2")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        self.seconds = []

    def wait(self):
        """False, and why, where it does not run here."""
        line = self.process.stdout.readline()
        while line and not line.startswith("ready"):
            line = self.process.stdout.readline()
        if not line:
            error = self.process.stderr.read().strip().splitlines()
            print(f"SKIPPED {self.name}: {error[-1] if error else 'it did not start'}", file=sys.stderr)
            return False
        self.version = line.split(":", 1)[1].strip() if self.name not in OURS else ""
        return True

    def run(self):
        time.sleep(PAUSE)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def differences(engines):
    """Of each output to ours: RMS relative to ours, and the share of pixels with the same class."""
    ours = np.load(engines[0].output)
    if ours.std() == 0:
        sys.exit("the outputs are constant, so comparing them means nothing")
    result = {}
    for engine in engines:
        theirs = np.load(engine.output)
        rms = np.sqrt(np.mean((theirs.astype(np.float64) - ours) ** 2) / np.mean(ours.astype(np.float64) ** 2))
        result[engine.name] = float(rms), float(np.mean(theirs.argmax(1) == ours.argmax(1)))
        if not rms < 0.1:
            sys.exit(f"{engine.name} computes something else: its output differs by an RMS of {rms:.2g} of ours")
    return result


def measure(batch, folder, arguments):
    shape = arguments.network.shapes[arguments.network.input]
    images = np.random.default_rng(batch).uniform(-128, 127, (batch, *shape[2:], shape[1])).astype(np.float32)
    np.save(f"{folder}/images.npy", images)
    engines = []
    for name in arguments.engine:  # one by one, so that no two need their memory for packing at the same time
        engine = Engine(name, folder, arguments)
        if engine.wait():
            engines.append(engine)
    if not engines or engines[0].name != "fcngraph":
        sys.exit("fcngraph itself does not run")
    try:
        apart = differences(engines)
        for engine in engines:
            engine.run()
        for _ in range(arguments.rounds):
            for engine in engines:
                engine.seconds.append(engine.run())
    finally:
        for engine in engines:
            engine.close()
    ours = engines[0].seconds
    return [{"engine": engine.name, "version": engine.version, "batch": batch, "seconds": statistics.median(engine.seconds),
             "ratio": statistics.median(theirs / mine for theirs, mine in zip(engine.seconds, ours)),
             "rms": apart[engine.name][0], "same_class": apart[engine.name][1], "rounds": arguments.rounds} for engine in engines]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=os.path.join(ROOT, "build/release/fcngraph"))
    parser.add_argument("--server", default=os.path.join(ROOT, "build/release/tests/bench/infer_server"))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--batch", type=int, action="append")
    parser.add_argument("--engine", action="append", choices=["bf16", "onednn", *PEERS], help="beside fcngraph; all without it")
    parser.add_argument("--isa", choices=["best", "avx2"], default="best", help="avx2: whatever can be held back to it")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--update-docs", metavar="MACHINE", help="as docs/benchmarks.md calls it")
    arguments = parser.parse_args()
    arguments.engine = ["fcngraph", *(arguments.engine or ["bf16", "onednn", *PEERS])]
    arguments.network = peer_model.Network(arguments.program, GRAPH)
    rows = []
    with tempfile.TemporaryDirectory(dir=os.path.join(ROOT, "build"), prefix="peers-") as folder:
        weights = arguments.network.random_weights(7)
        tensor_file.write(f"{folder}/network.safetensors", weights)
        peer_model.write_onnx(f"{folder}/network.onnx", arguments.network, weights)
        peer_model.write_ncnn(f"{folder}/network", arguments.network, weights)
        with open(f"{folder}/network.pickle", "wb") as file:
            pickle.dump(arguments.network, file)
        del weights
        for batch in arguments.batch or [1, 8]:
            rows += measure(batch, folder, arguments)
            print(peer_report.table([row for row in rows if row["batch"] == batch], arguments.isa), flush=True)
    if arguments.update_docs:
        today = datetime.date.today().isoformat()
        peer_report.update_docs(ROOT, {"machine": arguments.update_docs, "isa": arguments.isa, "date": today,
                                       "threads": arguments.threads, "rows": rows})


if __name__ == "__main__":
    main()
