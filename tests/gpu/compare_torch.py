# SPDX-License-Identifier: Apache-2.0
"""fcngraph beside PyTorch 2 on the same machine, in turns, on the same weights: inference, training steps, heads on cached features,
logits, and the convolutions beside cuDNN's own best.

    compare_torch.py --program fcngraph --server gpu_step_server --graphs graphs --out FOLDER [--device cpu --backend onednn --width small]

Writes compare_torch.json and compare_torch.md. Exit code 77: there is nothing to compare with here.
"""
import argparse
import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
for place in (HERE, HERE.parent / "bench", HERE.parent / "parity"):  # in the bundle everything lies in one folder
    sys.path.append(str(place))
try:
    import torch
    import torch.nn.functional as F
except ImportError:
    print("SKIPPED the comparison with PyTorch, which is not installed for this Python")
    sys.exit(77)
import numpy as np
import peer_model
import tensor_file
import torch_network

CLASSES = 4
CLIP, RATE, DECAY = 1.0, 1e-6, 1e-4  # as train.clip_norm and graphs/fcn8s.toml, and a rate that leaves the weights where they are


def median_ratio(theirs, ours):
    return statistics.median(a / b for a, b in zip(theirs, ours))


class Server:
    """Our side: gpu_step_server."""

    def __init__(self, args, kind, batch, settings=()):
        command = [args.server, kind, args.graph, args.weights, batch, CLASSES, args.backend, args.precision,
                   "compile.kernels=" + args.kernels, *settings]
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        words = self.process.stdout.readline().split()
        if not words or words[0] != "ready":
            raise RuntimeError("gpu_step_server did not start")
        self.inputs = words[1:]

    def run(self, steps):
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        return [float(word) for word in self.process.stdout.readline().split()]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Torch:
    """Their side: one kind of step, with its inputs in pinned memory (copied each time, as ours are) or on the device."""

    def __init__(self, args):
        self.args = args
        self.device = torch.device(args.device)
        self.dtype = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}[args.precision]

    def autocast(self):
        return torch.autocast(self.device.type, self.dtype) if self.dtype != torch.float32 else contextlib.nullcontext()

    def compiled(self, function):
        return torch.compile(function, mode=self.args.compile) if self.args.compile != "off" else function

    def module(self, network, wanted, given=("image",)):
        made = torch_network.TorchNetwork(network, self.args.tensors, wanted, given)
        return made.to(self.device, memory_format=torch.channels_last)

    def host(self, shape, dtype=torch.float32):
        value = (torch.rand(shape) * 256 - 128).to(dtype).contiguous(memory_format=torch.channels_last)
        return self.pinned(value)

    def pinned(self, value):
        return value.pin_memory() if self.device.type == "cuda" else value

    def there(self, values):
        return {name: value.to(self.device, non_blocking=True) for name, value in values.items()}

    def wait(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def timed(self, step, steps):
        seconds = []
        for _ in range(steps):
            if self.device.type == "cuda":
                torch.compiler.cudagraph_mark_step_begin()
            start = time.perf_counter()
            step()
            self.wait()
            seconds.append(time.perf_counter() - start)
        return seconds

    def infer(self, batch, half):
        """Kinds of step by name. `half`: the weights are of 16 bits, so that nothing is left to autocast."""
        network = self.args.network
        module = self.module(network, [network.output]).eval()
        if half:
            module = module.to(self.dtype)
        values = {"image": self.host((batch, *network.shapes["image"][1:]))}
        resident = self.there(values)
        run = self.compiled(lambda image: module({"image": image}))

        def step(inputs):
            with torch.no_grad(), contextlib.nullcontext() if half else self.autocast():
                return run(inputs["image"].to(self.dtype) if half else inputs["image"])

        return {"copied": lambda: step(self.there(values)), "resident": lambda: step(resident)}

    def train(self, network, batch, given=("image",)):
        module = self.module(network, torch_network.logits_of(network), given).train()
        parameters = [p for p in module.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(parameters, RATE, weight_decay=DECAY, fused=self.device.type == "cuda")
        scaler = torch.amp.GradScaler(self.device.type, 2.0 ** 15, enabled=self.dtype == torch.float16)
        shapes = {node.name: node.shape for node in network.nodes} | network.shapes
        height, width = network.shapes["image"][2:]
        values = {name: self.host((batch, *shapes[name][1:]), torch.float32 if name == "image" else self.dtype) for name in given}
        labels = self.pinned(torch.randint(0, CLASSES, (batch, height, width), dtype=torch.uint8))

        def loss_of(inputs, truth):
            with self.autocast():
                return sum(F.cross_entropy(logits.float(), truth.long()) for logits in module(inputs))

        run = self.compiled(loss_of)

        def step(inputs, truth):
            scaler.scale(run(inputs, truth)).backward()
            scaler.unscale_(optimizer)
            torch.nn.utils.clip_grad_norm_(parameters, CLIP)
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad(set_to_none=True)

        resident, truth = self.there(values), labels.to(self.device)
        return {"copied": lambda: step(self.there(values), labels.to(self.device, non_blocking=True)),
                "resident": lambda: step(resident, truth)}


class Comparison:
    def __init__(self, args):
        self.args, self.peer, self.rows = args, Torch(args), []

    def interleave(self, name, batch, server, kinds):
        """A row: medians of both, and of the ratios of rounds that ran one after the other."""
        steps = self.args.steps
        for kind in kinds.values():
            self.peer.timed(kind, 3)  # compiles, tunes and captures
        server.run(3)
        ours, theirs = [], {key: [] for key in kinds}
        for _ in range(self.args.rounds):
            ours.append(statistics.median(server.run(steps)))
            for key, kind in kinds.items():
                theirs[key].append(statistics.median(self.peer.timed(kind, steps)))
        server.close()
        for key, seconds in theirs.items():
            self.rows.append({"what": name, "batch": batch, "torch": key, "ours_s": statistics.median(ours),
                              "torch_s": statistics.median(seconds), "ratio": median_ratio(seconds, ours)})
            row = self.rows[-1]
            print(f"       {name}, batch {batch}: fcngraph {1e3 * row['ours_s']:.3f} ms, PyTorch ({key}) "
                  f"{1e3 * row['torch_s']:.3f} ms, ratio {row['ratio']:.2f}", flush=True)

    def infer(self):
        for batch in self.args.batches:
            how = "f32" if self.args.precision == "f32" else "autocast"
            kinds = {f"{how}, {key}": kind for key, kind in self.peer.infer(batch, False).items()}
            if self.args.precision != "f32":
                kinds["16-bit weights, resident"] = self.peer.infer(batch, True)["resident"]
            self.interleave("inference", batch, Server(self.args, "infer", batch), kinds)
            self.free()

    def train(self):
        network = peer_model.Network(self.args.program, self.args.graph, "--mode", "train", "--set", "model.trainable=all")
        batch = self.args.train_batch
        self.interleave("training step, all trainable", batch, Server(self.args, "train", batch, ["model.trainable=all"]),
                        self.peer.train(network, batch))
        self.free()

    def cached(self):
        network = peer_model.Network(self.args.program, self.args.graph, "--mode", "train")
        features = torch_network.features_of(network)
        batch = self.args.cached_batch
        server = Server(self.args, "cached", batch)
        kept = {network.folded.get(name, name) for name in server.inputs}
        if not kept.issuperset(features):
            raise RuntimeError(f"the cache of fcngraph keeps {sorted(kept)}, not {features}")
        self.interleave("heads on cached features", batch, server, self.peer.train(network, batch, tuple(features)))
        self.free()

    def free(self):
        torch.compiler.reset()
        if self.peer.device.type == "cuda":
            torch.cuda.empty_cache()

    def logits(self):
        """Of one image, as RMS of the difference over RMS, to PyTorch in f32 without TF32."""
        args, network = self.args, self.args.network
        image = np.random.default_rng(5).uniform(-128, 127, (1, *network.shapes["image"][2:], 3)).astype(np.float32)
        np.save(args.out / "image.npy", image)
        module = self.peer.module(network, [network.output]).eval()
        x = torch.tensor(image).permute(0, 3, 1, 2).to(self.peer.device)
        with torch.no_grad():
            want = module({"image": x})[0].double().cpu().numpy()
            with self.peer.autocast():
                theirs = module({"image": x})[0].double().cpu().numpy()
        found = {f"PyTorch {args.precision}": theirs}
        for precision in dict.fromkeys(["f32", args.precision]):
            folder = args.out / f"logits-{precision}"
            subprocess.run([args.program, "run", args.graph, "--mode", "infer", "--weights", args.weights, "--backend", args.backend,
                            "--precision", precision, "--input", args.out / "image.npy", "--save", "npy", "--out", folder],
                           check=True, capture_output=True)
            found[f"fcngraph {precision}"] = np.load(next(folder.glob("*.npy"))).transpose(0, 3, 1, 2)
        for name, values in found.items():
            error = float(np.sqrt(np.mean((values - want) ** 2) / np.mean(want ** 2)))
            self.rows.append({"what": "logits", "of": name, "error": error})
            print(f"       logits of {name}: {error:.1e} of RMS from PyTorch's in f32", flush=True)

    def convolutions(self):
        """Sum over the network's convolutions: the best that cuDNN finds for each, and our steps."""
        for batch in self.args.batches:
            shapes = {node.name: node.shape for node in self.args.network.nodes} | self.args.network.shapes
            best, flops = 0.0, 0.0
            for node in (n for n in self.args.network.nodes if n.op == "conv2d"):
                x, w = ([batch, *shapes[node.operands[0]][1:]], shapes[node.operands[1]])
                best += self.best_convolution(x, w, [k // 2 for k in peer_model.pair(node, "kernel")])
                flops += 2.0 * batch * np.prod(node.shape[1:]) * np.prod(w[1:])
            report = json.loads(subprocess.run(
                [self.args.program, "run", self.args.graph, "--mode", "bench", "--weights", self.args.weights, "--backend", self.args.backend,
                 "--precision", self.args.precision, "--batch", str(batch), "--iterations", "10", "--profile", "--json",
                 "--set", "compile.kernels=" + self.args.kernels], check=True, capture_output=True, text=True).stdout)
            times = [row["seconds"] for row in report["profile"] if row["op"] == "conv2d"]
            waiting = min(row["seconds"] for row in report["profile"])  # a launch, and waiting for it, are in each row
            row = {"what": "convolutions", "batch": batch, "ours_s": sum(times), "ours_less_waiting_s": sum(t - waiting for t in times),
                   "cudnn_best_s": best, "ratio": sum(t - waiting for t in times) / best, "tflops_ours": flops / sum(times) / 1e12,
                   "gemm_peak_tflops": self.gemm_peak() / 1e12}
            row["share_of_peak"] = row["tflops_ours"] / row["gemm_peak_tflops"]
            self.rows.append(row)
            print(f"       convolutions, batch {batch}: fcngraph {1e3 * sum(times):.3f} ms, less launches and waiting "
                  f"{1e3 * row['ours_less_waiting_s']:.3f} ms; each one's best in cuDNN {1e3 * best:.3f} ms; "
                  f"{100 * row['share_of_peak']:.0f} % of {row['gemm_peak_tflops']:.1f} TFLOP/s", flush=True)

    def best_convolution(self, x, w, padding):
        options = {"device": self.peer.device, "dtype": self.peer.dtype}
        images = torch.randn(x, **options).contiguous(memory_format=torch.channels_last)
        weights = torch.randn(w, **options).contiguous(memory_format=torch.channels_last)
        with torch.no_grad(), torch.backends.cudnn.flags(enabled=True, benchmark=True, allow_tf32=False):
            return self.device_seconds(lambda: F.conv2d(images, weights, padding=padding))

    def gemm_peak(self):
        """Operations a second of the best of some square products."""
        n = self.args.gemm
        a, b = (torch.randn((n, n), device=self.peer.device, dtype=self.peer.dtype) for _ in range(2))
        return 2.0 * n ** 3 / self.device_seconds(lambda: torch.matmul(a, b))

    def device_seconds(self, function, repeats=10, rounds=7):
        """The fastest round: on a GPU a graph of `repeats` launches between two events, so that the host takes no part."""
        for _ in range(3):
            function()
        self.peer.wait()
        if self.peer.device.type != "cuda":
            return min(self.peer.timed(function, rounds))
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            for _ in range(repeats):
                function()
        best = float("inf")
        for _ in range(rounds):
            begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            begin.record()
            graph.replay()
            end.record()
            end.synchronize()
            best = min(best, begin.elapsed_time(end) / 1e3 / repeats)
        return best


def table(report):
    lines = [f"{report['device']}, PyTorch {report['torch']}, cuDNN {report['cudnn']}, {report['precision']}, {report['graph']}; "
             f"compile.kernels {report['kernels']}, "
             f"torch.compile {report['compile']}; {report['rounds']} rounds of {report['steps']} steps in turn, each waited for", "",
             "| what | batch | PyTorch | fcngraph | PyTorch's | PyTorch / fcngraph |", "|---|---|---|---|---|---|"]
    for row in report["rows"]:
        if "torch_s" in row:
            lines.append(f"| {row['what']} | {row['batch']} | {row['torch']} | {1e3 * row['ours_s']:.3f} ms | {1e3 * row['torch_s']:.3f} ms | "
                         f"**{row['ratio']:.2f}** |")
    lines += ["", "| convolutions, batch | fcngraph | less launches and waiting | best of cuDNN | fcngraph / best | share of the GEMM peak |",
              "|---|---|---|---|---|---|"]
    for row in report["rows"]:
        if row["what"] == "convolutions":
            lines.append(f"| {row['batch']} | {1e3 * row['ours_s']:.3f} ms | {1e3 * row['ours_less_waiting_s']:.3f} ms | "
                         f"{1e3 * row['cudnn_best_s']:.3f} ms | **{row['ratio']:.2f}** | {100 * row['share_of_peak']:.0f} % of "
                         f"{row['gemm_peak_tflops']:.1f} TFLOP/s |")
    lines += ["", "| logits | RMS from PyTorch in f32 |", "|---|---|"]
    lines += [f"| {row['of']} | {row['error']:.1e} |" for row in report["rows"] if row["what"] == "logits"]
    return "\n".join(lines) + "\n"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--graphs", required=True, type=pathlib.Path)
    parser.add_argument("--out", default="gpu-report", type=pathlib.Path)
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--backend", default="cudnn")
    parser.add_argument("--precision", default="f16", choices=["f32", "f16", "bf16"])
    parser.add_argument("--kernels", default="auto", choices=["auto", "autotune"], help="of fcngraph: compile.kernels")
    parser.add_argument("--width", default="full", choices=["full", "small"])
    parser.add_argument("--compile", default="max-autotune", help="mode of torch.compile, or off")
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 8, 32])
    parser.add_argument("--train-batch", type=int, default=32)
    parser.add_argument("--cached-batch", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=10, help="of each side in a round")
    parser.add_argument("--gemm", type=int, default=8192)
    parser.add_argument("--only", nargs="+", default=["logits", "convolutions", "infer", "train", "cached"])
    args = parser.parse_args()
    args.graph = args.graphs / ("tiny/fcn8s.toml" if args.width == "small" else "fcn8s.toml")
    return args


def main():
    args = arguments()
    if args.device == "cuda" and not torch.cuda.is_available():
        print(f"SKIPPED the comparison with PyTorch {torch.__version__}, which sees no GPU")
        sys.exit(77)
    torch.manual_seed(3)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    args.out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("FCNGRAPH_MODULE_PATH", str(pathlib.Path(args.program).resolve().parent))
    args.network = peer_model.Network(args.program, args.graph)
    # Every head's, of which inference reads those of the last.
    args.tensors = peer_model.Network(args.program, args.graph, "--mode", "train").random_weights(7)
    args.weights = args.out / "weights.safetensors"
    tensor_file.write(args.weights, args.tensors)
    comparison, failed = Comparison(args), 0
    for step in args.only:
        try:
            getattr(comparison, step)()
        except Exception as problem:  # the other parts are of use too
            print(f"FAILED {step}: {type(problem).__name__}: {problem}", flush=True)
            failed += 1
    report = {"device": torch.cuda.get_device_name() if args.device == "cuda" else "CPU", "torch": torch.__version__,
              "cudnn": torch.backends.cudnn.version() if args.device == "cuda" else None, "precision": args.precision, "kernels": args.kernels,
              "graph": str(args.graph), "compile": args.compile, "rounds": args.rounds, "steps": args.steps, "rows": comparison.rows}
    (args.out / "compare_torch.json").write_text(json.dumps(report, indent=1))
    (args.out / "compare_torch.md").write_text(table(report))
    args.weights.unlink()
    print(table(report), end="")
    sys.exit(1 if failed else 0)


main()
