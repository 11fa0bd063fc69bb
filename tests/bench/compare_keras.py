# SPDX-License-Identifier: Apache-2.0
"""Times training steps of fcngraph against Keras 3 on TensorFlow, interleaved step by step on the same machine.

    compare_keras.py [--server TRAIN_STEP_SERVER] [--rounds N] [--case fcn8s|cached|camvid]...

Prints one line a case: both medians, and the median of the ratios of the pairs.
"""
import argparse
import os
import statistics
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Server:
    def __init__(self, program, graph, batch, classes, settings, cached=False):
        self.process = subprocess.Popen([program, *(["--cached"] if cached else []), os.path.join(ROOT, graph), str(batch), str(classes),
                                         *settings],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ready = self.process.stdout.readline()
        if not ready.startswith("ready"):
            sys.exit("train_step_server did not start")
        print(ready.strip(), file=sys.stderr)

    def step(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline().split()[0])

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def keras_stepper(build, optimizer, batch, height, width, classes):
    import numpy as np
    import tensorflow as tf
    from keras_models import train_step
    model = build(classes)
    step = train_step(model, optimizer)
    images = tf.constant(np.random.uniform(-127, 128, (batch, height, width, 3)).astype("float32"))
    labels = tf.constant(np.random.randint(0, classes, (batch, height, width)))

    def run():
        start = time.perf_counter()
        float(step(images, labels))
        return time.perf_counter() - start

    print(f"keras: {model.count_params():,} parameters", file=sys.stderr)
    return run


def compare(name, server, run, rounds):
    for _ in range(2):
        server.step(), run()
    pairs = [(server.step(), run()) for _ in range(rounds)]
    ours, theirs = (statistics.median(column) for column in zip(*pairs))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{name}: fcngraph {ours:.3f} s, Keras {theirs:.3f} s a step; fcngraph / Keras {ratio:.2f} (median of {rounds} pairs)", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", default=os.path.join(ROOT, "build/release/tests/bench/train_step_server"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--case", action="append", choices=["fcn8s", "cached", "camvid"])
    args = parser.parse_args()
    import keras
    import keras_models
    cases = args.case or ["fcn8s", "cached", "camvid"]
    if "fcn8s" in cases:
        server = Server(args.server, "graphs/fcn8s.toml", 8, 4, ["model.trainable=all"])
        run = keras_stepper(keras_models.vgg19_fcn8s, keras.optimizers.AdamW(1e-5, weight_decay=1e-4), 8, 224, 224, 4)
        compare("fcn8s, all trainable, 224x224, batch 8", server, run, args.rounds)
        server.close()
    if "cached" in cases:
        server = Server(args.server, "graphs/fcn8s.toml", 32, 4, ["compile.kernels=onednn"], cached=True)
        model = keras_models.vgg19_fcn8s(4)
        keras_models.freeze_all_but_heads(model)
        run = keras_stepper(lambda classes: model, keras.optimizers.AdamW(1e-5, weight_decay=1e-4), 32, 224, 224, 4)
        compare("fcn8s, heads alone, 224x224, batch 32, features from the cache", server, run, max(2, args.rounds // 2))
        server.close()
    if "camvid" in cases:
        server = Server(args.server, "graphs/camvid/small.toml", 8, 11, [])
        run = keras_stepper(keras_models.camvid_small, keras.optimizers.Adam(1e-5), 8, 176, 240, 11)
        compare("camvid_small, 176x240, batch 8", server, run, 3 * args.rounds)
        server.close()


if __name__ == "__main__":
    main()
