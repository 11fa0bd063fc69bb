# SPDX-License-Identifier: Apache-2.0
"""What can only be checked where a GPU is: conformance of every op, training and full-width inference beside the reference, equal
bits of two runs, memory errors, and timings, beside PyTorch where it is. Standard library alone. `./dev gpu` and the bundle's
run.sh call it. Exit code 0: all is well; 1: something failed; 3: the backend does not run here, and a sentence says why."""
import argparse
import array
import json
import math
import os
import pathlib
import shutil
import struct
import subprocess
import sys

failed = []


def say(text):
    print(text, flush=True)


def check(what, fine, detail=""):
    say(f"{'ok    ' if fine else 'FAILED'} {what}{': ' + detail if detail else ''}")
    if not fine:
        failed.append(what)


def run(command, timeout=1800):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=timeout)
    if done.returncode != 0:
        say((done.stdout + done.stderr)[-2000:])
    return done


def write_npy(path, shape):
    """An image of numbers between -100 and 100, as the network takes it: float32, NHWC."""
    count = math.prod(shape)
    values = array.array("f", (100 * math.sin(0.7 * i * i % 1000 + i) for i in range(count)))
    header = str({"descr": "<f4", "fortran_order": False, "shape": tuple(shape)})
    header += " " * (-(len(header) + 11) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + values.tobytes())


def read_npy(path):
    data = path.read_bytes()
    length = struct.unpack("<H", data[8:10])[0] if data[6] == 1 else struct.unpack("<I", data[8:12])[0]
    values = array.array("f")
    values.frombytes(data[(10 if data[6] == 1 else 12) + length:])
    return values


def relative_rms(got, want):
    difference = math.fsum((a - b) ** 2 for a, b in zip(got, want))
    return math.sqrt(difference / max(math.fsum(b * b for b in want), 1e-30))


class Checks:
    def __init__(self, args):
        self.args = args
        self.out = pathlib.Path(args.out)
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir(parents=True)

    def program(self, *rest):
        return run([self.args.program, *rest])

    def backends(self):
        listed = json.loads(self.program("backends", "--json").stdout)
        mine = [b for b in listed if b["name"] == self.args.backend]
        fine = bool(mine) and mine[0]["available"]
        text = mine[0]["text"] if mine else "it is not part of this build"
        say(f"{self.args.backend}: {text}" if fine else f"nothing to check, since {self.args.backend} does not run here: {text}")
        return fine

    def conformance(self):
        if self.args.module_tests:
            done = run([self.args.module_tests])
            check("the module opens, and cudnn_frontend validates its graphs", done.returncode == 0)
        done = run([self.args.conformance])
        check("every op agrees with its loop in f64", done.returncode == 0)

    def sanitizer(self):
        sanitizer = shutil.which("compute-sanitizer")
        if not sanitizer:
            return say("SKIPPED compute-sanitizer, which is not on the path")
        for tool in ("memcheck", "racecheck"):
            done = run([sanitizer, "--tool", tool, "--error-exitcode", "9", self.args.conformance], 7200)
            check(f"compute-sanitizer, {tool}", done.returncode == 0)

    def train(self, backend, precision, name):
        folder = self.out / name
        self.program("run", self.args.graphs / "tiny" / "fcn8s.toml", "--mode", "train", "--backend", backend,
                     "--precision", precision, "--seed", 3, "--epochs", 50, "--cache", "off", "--out", folder)
        rows = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
        return {head: row["loss"] for head, row in rows[-1]["heads"].items()}, folder

    def training(self):
        want, _ = self.train("reference", "f32", "train-reference")
        for precision in self.args.precisions:
            got, folder = self.train(self.args.backend, precision, f"train-{precision}")
            worst = max(abs(got[head] - loss) / loss for head, loss in want.items())
            check(f"training in {precision} ends at the reference's loss", worst < 0.01, f"{worst:.2%} off")
            _, again = self.train(self.args.backend, precision, f"train-{precision}-again")
            files = [path.relative_to(folder) for path in (folder / "checkpoints").rglob("*.safetensors")]
            same = bool(files) and all((folder / f).read_bytes() == (again / f).read_bytes() for f in files)
            check(f"two runs in {precision} give the same bits", same)

    def infer(self, backend, precision, name="", settings=()):
        folder = self.out / f"infer-{backend}-{precision}{name}"
        self.program("run", self.args.graphs / "fcn8s.toml", "--mode", "infer", "--weights", "random", "--seed", 1,
                     "--input", self.out / "image.npy", "--save", "npy", "--backend", backend, "--precision",
                     precision, "--out", folder, *settings)
        return read_npy(next(folder.glob("*.npy")))

    def full_width(self):
        write_npy(self.out / "image.npy", (1, 224, 224, 3))
        want = self.infer("reference", "f32")
        for precision in self.args.precisions:
            error = relative_rms(self.infer(self.args.backend, precision), want)
            limit = {"f32": 1e-5, "f16": 1e-2, "bf16": 5e-2}[precision]
            check(f"fcn8s at full width in {precision} beside the reference", error < limit, f"{error:.1e} of RMS")

    def autotune(self):
        """What is chosen once is kept: another process makes the same bits. And what it wins."""
        precision = "f16" if "f16" in self.args.precisions else self.args.precisions[0]
        tuned = "compile.kernels=autotune"
        os.environ["FCNGRAPH_PLAN_CACHE"] = str(self.out / "plans")
        if not (self.out / "image.npy").exists():
            write_npy(self.out / "image.npy", (1, 224, 224, 3))
        first, second = (self.infer(self.args.backend, precision, f"-tuned-{i}", ["--set", tuned]) for i in range(2))
        check(f"engines chosen by timing in {precision} are kept for other processes", first == second and any((self.out / "plans").iterdir()))
        for batch in self.args.batches:
            done = self.program("run", self.args.graphs / "fcn8s.toml", "--mode", "bench", "--weights", "random", "--backend",
                                self.args.backend, "--precision", precision, "--batch", batch, "--iterations", 20, "--versus", tuned,
                                "--json")
            if done.returncode != 0:
                check(f"bench with autotuning at batch {batch}", False)
                continue
            ratio = json.loads(done.stdout)["versus"]["ratio_median"]
            say(f"       fcn8s {precision} batch {batch}: autotuned takes {ratio:.3f} of the time by heuristics")
        del os.environ["FCNGRAPH_PLAN_CACHE"]

    def bench(self):
        rows = []
        for precision in self.args.precisions:
            for batch in self.args.batches:
                done = self.program("run", self.args.graphs / "fcn8s.toml", "--mode", "bench", "--weights", "random",
                                    "--backend", self.args.backend, "--precision", precision, "--batch", batch,
                                    "--iterations", 20, "--json")
                if done.returncode != 0:
                    check(f"bench in {precision} at batch {batch}", False)
                    continue
                report = json.loads(done.stdout)
                rows.append(report)
                say(f"       fcn8s {precision} batch {batch}: {1e3 * report['median_s']:.3f} ms, "
                    f"{report['images_per_s']:.1f} images/s")
        (self.out / "bench.json").write_text(json.dumps(rows, indent=1))

    def torch(self):
        """In a process of its own, whose output is shown as it comes."""
        command = [sys.executable, pathlib.Path(__file__).with_name("compare_torch.py"), "--program", self.args.program,
                   "--server", self.args.server, "--graphs", self.args.graphs, "--out", self.out, "--backend",
                   self.args.backend, "--batches", *self.args.batches, *self.args.torch_arguments]
        code = subprocess.run([str(part) for part in command]).returncode
        if code != 77:  # it has said why there is nothing to compare with
            check("the comparison with PyTorch ran to its end", code == 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--conformance", required=True)
    parser.add_argument("--module-tests", help="unit_cudnn_module")
    parser.add_argument("--server", required=True, help="gpu_step_server")
    parser.add_argument("--torch-arguments", nargs=argparse.REMAINDER, default=[], help="the rest goes to compare_torch.py")
    parser.add_argument("--graphs", required=True, type=pathlib.Path)
    parser.add_argument("--out", default="gpu-report")
    parser.add_argument("--backend", default="cudnn")
    parser.add_argument("--precisions", nargs="+", default=["f32", "f16", "bf16"])
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 8, 32])
    parser.add_argument("--only", nargs="+", default=["conformance", "sanitizer", "training", "full_width", "autotune", "bench", "torch"])
    args = parser.parse_args()
    os.environ.setdefault("FCNGRAPH_MODULE_PATH", str(pathlib.Path(args.program).resolve().parent))
    os.environ.setdefault("FCNGRAPH_SOURCE_DIR", str(args.graphs.resolve().parent))  # where the module's tests look for graphs
    # cuDNN may lie among the packages of the Python that runs this, also where its environment was not activated.
    if sys.prefix != sys.base_prefix:
        os.environ.setdefault("VIRTUAL_ENV", sys.prefix)
    checks = Checks(args)
    if not checks.backends():
        sys.exit(3)
    for step in args.only:
        try:
            getattr(checks, step)()
        except Exception as problem:  # the other steps are of use too
            check(step, False, f"{type(problem).__name__}: {problem}")
    say(f"{len(failed)} failed" if failed else "all passed")
    sys.exit(1 if failed else 0)


main()
