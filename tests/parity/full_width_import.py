# SPDX-License-Identifier: Apache-2.0
"""VGG-19 at full width, random weights: Keras saves it in both of its HDF5 forms, fcngraph reads them and must compute the same.

    venv/bin/python tests/parity/full_width_import.py build/release/fcngraph WORK_FOLDER

Prints RMS and largest difference over RMS for each tap, and the seconds that import and opening take. Takes about 4 GB of disk.
"""
import os
import subprocess
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import h5py
import keras
import numpy as np
from keras.src.legacy.saving import legacy_h5_format

TAPS = ["block3_pool", "block4_pool", "block5_pool"]


def build(folder):
    keras.utils.set_random_seed(1)
    model = keras.applications.VGG19(weights=None)
    random = np.random.default_rng(2)
    model.set_weights([random.standard_normal(w.shape, np.float32) * np.sqrt(2 / np.prod(w.shape[:-1]))
                       if len(w.shape) > 1 else random.standard_normal(w.shape, np.float32) / 10 for w in model.weights])
    with h5py.File(f"{folder}/vgg19.h5", "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
    model.save_weights(f"{folder}/vgg19.weights.h5")
    model.save(f"{folder}/vgg19.keras")
    image = (random.random((1, 224, 224, 3), np.float32) * 255 - 117).astype(np.float32)
    np.save(f"{folder}/image.npy", image)
    outputs = [model.get_layer(name).output for name in TAPS + ["fc1", "fc2"]]
    for name, value in zip(TAPS + ["fc1", "fc2"], keras.Model(model.input, outputs)(image)):
        np.save(f"{folder}/keras.{name}.npy", value.numpy())


def compare(what, ours, keras_values):
    rms = np.sqrt(np.mean(keras_values.astype(np.float64) ** 2))
    difference = ours.astype(np.float64) - keras_values
    print(f"  {what:<12} {np.sqrt(np.mean(difference ** 2)) / rms:.2e} of its RMS, largest {np.abs(difference).max() / rms:.2e}")


def run(program, folder, weights):
    start = time.perf_counter()
    out = f"{folder}/out"
    subprocess.run([program, "run", f"{folder}/graph.toml", "--mode", "infer", "--weights", weights, "--input",
                    f"{folder}/image.npy", "--fetch", ",".join(TAPS + ["fc6", "fc7"]), "--out", out],
                   check=True, capture_output=True)
    print(f"{os.path.basename(weights)}: infer in {time.perf_counter() - start:.1f} s")
    for tap in TAPS:
        compare(tap, np.load(f"{out}/{tap}.npy"), np.load(f"{folder}/keras.{tap}.npy"))
    for ours, theirs in (("fc6", "fc1"), ("fc7", "fc2")):  # the window of fc6 covers the whole feature at its centre
        compare(theirs, np.load(f"{out}/{ours}.npy")[:, 3, 3, :], np.load(f"{folder}/keras.{theirs}.npy"))


def main(program, folder):
    os.makedirs(folder, exist_ok=True)
    if not os.path.exists(f"{folder}/vgg19.keras"):
        build(folder)
    graphs = os.path.join(os.path.dirname(__file__), "..", "..", "graphs")
    text = open(f"{graphs}/fcn32s.toml").read().replace("bias = false", "bias = true")
    text = text.replace("backbones/", os.path.abspath(f"{graphs}/backbones") + "/")
    text = text.replace("data/synthetic", os.path.abspath(f"{graphs}/data/synthetic"))
    text = text.replace('["block5_pool"]', str(TAPS).replace("'", '"'))
    open(f"{folder}/graph.toml", "w").write(text)
    for name in ("vgg19.h5", "vgg19.weights.h5", "vgg19.keras"):
        start = time.perf_counter()
        subprocess.run([program, "import", f"{folder}/{name}", "-o", f"{folder}/{name}.safetensors"], check=True,
                       capture_output=True)
        print(f"{name}: imported in {time.perf_counter() - start:.1f} s")
        run(program, folder, f"{folder}/{name}.safetensors")
    run(program, folder, f"{folder}/vgg19.h5")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
