# SPDX-License-Identifier: Apache-2.0
"""Operations one by one, resizing and preprocessing of pictures, and the training of all layers at once."""
import os

import h5py
import keras
import numpy as np
import tensorflow as tf
from keras import layers
from keras.src.legacy.saving import legacy_h5_format

import tensor_file
import twins

GRAPH = "tests/parity/operations.toml"
SIZE = (24, 32)
TRAINED = ("conv", "norm", "up_same", "head")  # what the head hangs on


def build():
    """operations.toml in Keras: a model of every node by its name."""
    image = layers.Input((*SIZE, 3))
    made = {"pixels": layers.Conv2D(3, 1, name="pixels")(image),
            "conv": layers.Conv2D(5, 3, strides=2, padding="same", use_bias=False, name="conv")(image),
            "dilated": layers.Conv2D(4, 3, dilation_rate=2, name="dilated")(image)}
    made["norm"] = layers.BatchNormalization(name="norm")(made["conv"])
    for name, padding in (("pool_same", "same"), ("pool_valid", "valid")):
        made[name] = layers.MaxPooling2D(3, 2, padding=padding, name=name)(made["norm"])
    made["mean_same"] = layers.AveragePooling2D(3, 2, padding="same", name="mean_same")(made["norm"])
    pool = made["pool_same"]
    made["up_same"] = layers.Conv2DTranspose(6, 4, strides=2, padding="same", name="up_same")(pool)
    made["up_wide"] = layers.Conv2DTranspose(3, (5, 3), strides=(3, 2), padding="same", name="up_wide")(pool)
    made["up_valid"] = layers.Conv2DTranspose(6, 4, strides=2, use_bias=False, name="up_valid")(pool)
    made["nearest"] = layers.UpSampling2D(3, interpolation="nearest", name="nearest")(pool)
    made["bilinear"] = layers.UpSampling2D((2, 3), interpolation="bilinear", name="bilinear")(pool)
    made["softmax"] = layers.Softmax(name="softmax")(made["bilinear"])
    made["head"] = twins.bilinear(layers.Conv2D(twins.CLASSES, 1, name="head")(made["up_same"]), 2)
    model = keras.Model(image, list(made.values()))
    random = np.random.default_rng(8)
    model.set_weights([1 + np.abs(twins.he(w.shape, random)) if w.name in ("gamma", "moving_variance") else twins.he(w.shape, random) for w in model.weights])
    model.get_layer("pixels").set_weights([np.eye(3, dtype=np.float32)[None, None], np.zeros(3, np.float32)])
    return model, list(made)


def save(model, path):
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)


def forward(engine, report, model, names, weights, backend):
    report.title(f"Operations, {backend}")
    images = np.random.default_rng(9).normal(0, 1, (2, *SIZE, 3)).astype(np.float32)
    answers = dict(zip(names, model.predict(images, verbose=0)))
    made = engine.infer(GRAPH, weights, {"image": tensor_file.to_nchw(images)}, backend=backend, batch=2, fetch=",".join(names))
    for name in names:
        report.compare(f"{backend}, {name}", tensor_file.to_nhwc(made[name]), answers[name], 1e-5)


def pictures(engine, report, weights):
    """A PNG through `fcngraph run`: resized as tf.image.resize does, preprocessed as keras.applications do."""
    report.title("Resizing and preprocessing of pictures")
    random = np.random.default_rng(10)
    for height, width in ((24, 32), (37, 53), (11, 200), (240, 17)):
        picture = random.integers(0, 256, (height, width, 3), np.uint8)
        path = engine.path("picture.png")
        tf.io.write_file(path, tf.io.encode_png(picture))
        resized = layers.Resizing(*SIZE, interpolation="bilinear")(picture[None].astype(np.float32)).numpy()
        for mode in ("caffe", "tf", "torch"):
            theirs = keras.applications.imagenet_utils.preprocess_input(resized.copy(), mode=mode)
            engine.fcngraph("run", os.path.join(os.path.dirname(__file__), "operations.toml"), "--mode", "infer", "--weights", weights,
                            "--input", path, "--fetch", "pixels", "--out", engine.folder, settings=[f"model.input.preprocess={mode}"])
            report.compare(f"{height}x{width} to {SIZE[0]}x{SIZE[1]}, {mode}", np.load(engine.path("pixels.npy")), theirs, 1e-6)


def run(engine, report):
    model, names = build()
    weights = engine.path("operations.h5")
    save(model, weights)
    for backend in ("onednn", "reference"):
        forward(engine, report, model, names, weights, backend)
    pictures(engine, report, weights)
