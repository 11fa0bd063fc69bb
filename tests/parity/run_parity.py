# SPDX-License-Identifier: Apache-2.0
"""Compares fcngraph with Keras on TensorFlow, live. `./dev parity` runs it.

    run_parity.py [--build BUILD] [--only PART,...] [--backends NAME,...]

Prints a row a check and ends with how many passed and failed; the exit status says so too.
"""
import argparse
import importlib
import os
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["KERAS_BACKEND"] = "tensorflow"

from engine import ROOT, Engine
from report import Report

PARTS = ("operations", "samples", "forward", "training")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=os.path.join(ROOT, "build/release"))
    parser.add_argument("--only", default=",".join(PARTS), help=f"of {', '.join(PARTS)}")
    parser.add_argument("--backends", default="onednn,reference")
    args = parser.parse_args()
    parts = args.only.split(",")
    start = time.perf_counter()
    import keras
    import tensorflow as tf
    print(f"Keras {keras.__version__}, TensorFlow {tf.__version__}", flush=True)
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(args.build, folder)
        print(engine.fcngraph("version").strip())
        for part in ("operations", "samples"):
            if part in parts:
                importlib.import_module(part).run(engine, report)
        if "forward" in parts or "training" in parts:
            import forward
            full = forward.FullWidth(engine)
        if "forward" in parts:
            forward.run(engine, report, full, args.backends.split(","))
        if "training" in parts:
            import training
            training.run(engine, report, full)
    print(f"\n{time.perf_counter() - start:.0f} s")
    sys.exit(report.end())


if __name__ == "__main__":
    main()
