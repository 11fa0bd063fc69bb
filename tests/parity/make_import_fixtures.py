# SPDX-License-Identifier: Apache-2.0
"""Writes tests/fixtures/import/: weight files of a narrow VGG as Keras and others save them, and what Keras computes with them.

    python3 -m venv venv && venv/bin/pip install tensorflow-cpu h5py
    venv/bin/python tests/parity/make_import_fixtures.py tests/fixtures/import

The networks have VGG's names and topology on 96x96 images. Their input is a formula that the tests know as well:
image[h, w, c] = ((7 h + 3 w + 11 c) mod 17 - 8) / 8.
"""
import os
import sys
import tempfile
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import h5py
import keras
import ml_dtypes
import numpy as np
from keras.src.legacy.saving import legacy_h5_format

VGG16 = [(2, 2), (2, 3), (3, 3), (3, 4), (3, 4)]  # convolutions, filters
SHORT = [(1, 2), (1, 2), (1, 3), (1, 3), (2, 4)]
SMALL = {"libver": "latest", "meta_block_size": 256}  # of files that h5py writes
SIZE = 96


def image():
    h, w, c = np.meshgrid(np.arange(SIZE), np.arange(SIZE), np.arange(3), indexing="ij")
    return (((7 * h + 3 * w + 11 * c) % 17 - 8) / 8).astype(np.float32)[None]


def narrow_vgg(stages, top=True):
    x = inputs = keras.Input((SIZE, SIZE, 3), name="input_layer")
    for stage, (convs, filters) in enumerate(stages, 1):
        for i in range(1, convs + 1):
            x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"block{stage}_conv{i}")(x)
        x = keras.layers.MaxPooling2D(2, name=f"block{stage}_pool")(x)
    if top:
        x = keras.layers.Flatten(name="flatten")(x)
        x = keras.layers.Dense(12, activation="relu", name="fc1")(x)
        x = keras.layers.Dense(10, activation="relu", name="fc2")(x)
        x = keras.layers.Dense(5, activation="softmax", name="predictions")(x)
    return keras.Model(inputs, x, name="vgg")


def fill(model, seed=1):
    """He-scaled weights and biases that are not zero, so that nothing is right by accident."""
    random = np.random.default_rng(seed)
    values = []
    for w in model.weights:
        fan_in = np.prod(w.shape[:-1]) if len(w.shape) > 1 else 100
        values.append((random.standard_normal(w.shape) * np.sqrt(2 / fan_in)).astype(np.float32))
    model.set_weights(values)


def published(model, path):
    """As Keras 1 and 2 wrote the files that are published: fixed-length byte attributes, `block1_conv1_W_1:0`."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array([layer.name.encode() for layer in model.layers])
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}_{kind}_1:0" for kind in ("W", "b")][: len(layer.weights)]
            group.attrs["weight_names"] = np.array([name.encode() for name in names])
            for name, value in zip(names, layer.get_weights()):
                group.create_dataset(name, data=value)


def small_file(path, dtype, layer="conv", poison=False):
    """One 1x1 convolution, legacy layout, its kernel the numbers 0.5, 1, ... 3."""
    kernel = (np.arange(1, 7) / 2).reshape(1, 1, 2, 3)
    if poison:
        kernel[0, 0, 1, 1] = np.nan
    with h5py.File(path, "w", **SMALL) as file:
        file.attrs["layer_names"] = [layer]
        group = file.create_group(layer)
        group.attrs["weight_names"] = [f"{layer}/kernel:0", f"{layer}/bias:0"]
        group.create_dataset(f"{layer}/kernel:0", data=kernel.astype(dtype))
        group.create_dataset(f"{layer}/bias:0", data=np.array([1, -2, 2**-20], dtype))


def packed_file(path):
    """As small_file, in chunks that are shuffled, packed and checked; the bias is bfloat16 as Keras 3 stores it."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = ["conv"]
        group = file.create_group("conv")
        group.attrs["weight_names"] = ["conv/kernel:0", "conv/bias:0"]
        group.create_dataset("conv/kernel:0", data=(np.arange(1, 7, dtype="<f4") / 2).reshape(1, 1, 2, 3),
                             chunks=(1, 1, 2, 2), compression="gzip", shuffle=True, fletcher32=True)
        bias = group.create_dataset("conv/bias:0", data=np.array([1, -2, 2**-20], ml_dtypes.bfloat16))
        bias.attrs["dtype"] = "bfloat16"


def many_unicode_layers(path):
    """More than eight names that are not ASCII: HDF5 keeps them in a heap with an index."""
    with h5py.File(path, "w", **SMALL) as file:
        layers = [f"größe_{i}" for i in range(40)]
        file.attrs["layer_names"] = layers
        for i, layer in enumerate(layers):
            group = file.create_group(layer)
            group.attrs["weight_names"] = ["bias:0"]
            group.create_dataset("bias:0", data=np.array([i], "<f4"))


def half_file(path):
    """Every kind of half-precision number that is finite: largest, smallest normal, subnormal, negative zero. The lists of names
    are cut, as Keras does where they exceed 64 KiB."""
    values = np.array([65504, -65504, 2**-14, 2**-24, -(2**-24) * 1023, -0.0], np.float16)
    with h5py.File(path, "w", **SMALL) as file:
        file.attrs["layer_names0"] = ["input"]
        file.attrs["layer_names1"] = ["conv"]
        file.create_group("input").attrs["weight_names"] = []
        group = file.create_group("conv")
        group.attrs["weight_names0"] = ["conv/kernel:0"]
        group.create_dataset("conv/kernel:0", data=values.reshape(1, 1, 2, 3))


def hostile_files(folder):
    names = ["conv/kernel:0"]

    def legacy(name, layers, weights, form=SMALL):
        file = h5py.File(f"{folder}/{name}.h5", "w", **form)
        file.attrs["layer_names"] = layers
        group = file.create_group(layers[0])
        group.attrs["weight_names"] = weights
        return file, group

    file, _ = legacy("missing_tensor", ["conv"], names)
    file.close()
    file, _ = legacy("missing_layer", ["conv", "gone"], [])
    file.close()
    file, group = legacy("huge", ["conv"], names)  # 4 TB that were never written
    group.create_dataset(names[0], shape=(1 << 10, 1 << 10, 1 << 10, 1 << 10), dtype="f4")
    file.close()
    file, group = legacy("unwritten", ["conv"], names)
    group.create_dataset(names[0], shape=(1, 1, 2, 3), dtype="f4")
    file.close()
    file, group = legacy("partly", ["conv"], names, {})
    group.create_dataset(names[0], shape=(1, 1, 2, 3), dtype="f4", chunks=(1, 1, 1, 3))[0, 0, 0] = [1, 2, 3]
    file.close()
    file, group = legacy("bomb", ["conv"], names, {})
    group.create_dataset(names[0], data=np.zeros((20, 1024, 256, 1), "f4"), chunks=(20, 1024, 256, 1), compression=9)
    file.close()
    file, group = legacy("external_link", ["conv"], names)
    group.create_group("conv")["kernel:0"] = h5py.ExternalLink("published.h5", "/fc1/fc1_W_1:0")
    file.close()
    file, group = legacy("external_data", ["conv"], names)
    group.create_dataset(names[0], (1, 1, 2, 3), "f4", external=[("raw", 0, 24)])
    file.close()
    file, group = legacy("latest", ["conv"], names)  # chunks behind a kind of index that only this option makes
    group.create_dataset(names[0], data=np.ones((1, 1, 2, 3), "f4"), chunks=(1, 1, 1, 3))
    file.close()
    with h5py.File(f"{folder}/empty.h5", "w", **SMALL):
        pass


class Written(keras.Model):
    """A model that somebody wrote: its layers are attributes of it, a list, and a layer named otherwise."""

    def __init__(self):
        super().__init__()
        self.first = keras.layers.Conv2D(3, 1, name="conv")
        self.rest = [keras.layers.Conv2D(2, 1, name="other"), keras.layers.BatchNormalization(name="norm")]
        self.up = keras.layers.Conv2DTranspose(2, 2, name="up")

    def call(self, x):
        x = self.first(x)
        for layer in self.rest:
            x = layer(x)
        return self.up(x)


def without_names(path):
    """Takes out what Keras before 3.6 did not write."""
    with h5py.File(path, "a") as file:
        file.visititems(lambda name, group: group.attrs.pop("name", None) if name.endswith("vars") else None)


def archive_without_names(path):
    """Likewise inside `.keras`."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with tempfile.TemporaryDirectory() as folder:
        inner = f"{folder}/w.h5"
        open(inner, "wb").write(parts["model.weights.h5"])
        without_names(inner)
        parts["model.weights.h5"] = open(inner, "rb").read()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def keras3_files(folder):
    written = Written()
    written(np.zeros((1, 2, 2, 2), np.float32))
    written.first.set_weights([(np.arange(1, 7) / 2).reshape(1, 1, 2, 3), np.array([1, -2, 2**-20])])
    written.save_weights(f"{folder}/written.weights.h5")
    # Dense layers behind a nested model, whose group comes after theirs by the alphabet.
    inner = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Conv2D(2, 1, name="conv"),
                              keras.layers.MaxPooling2D(2), keras.layers.Flatten()], name="inner")
    tuned = keras.Sequential([keras.Input((4, 4, 3)), inner, keras.layers.Dense(3, name="fc1")])
    fill(tuned, 3)
    tuned.save(f"{folder}/tuned.keras")
    tuned.save_weights(f"{folder}/tuned.weights.h5")
    archive_without_names(f"{folder}/tuned.keras")


def answers(model, folder, name):
    probe = keras.Model(model.input, [model.get_layer(n).output for n in ("block5_pool", "fc1", "fc2")])
    for tap, value in zip(("block5_pool", "fc1", "fc2"), probe(image())):
        np.save(f"{folder}/{name}.{tap}.npy", value.numpy())


def main(folder):
    os.makedirs(folder, exist_ok=True)
    vgg16 = narrow_vgg(VGG16)
    fill(vgg16)
    answers(vgg16, folder, "vgg16")
    vgg16.save_weights(f"{folder}/vgg16.weights.h5")

    short = narrow_vgg(SHORT)
    fill(short, 2)
    answers(short, folder, "short")
    published(short, f"{folder}/published.h5")
    np.savez(f"{folder}/weights.npz", **{w.path: w.numpy() for w in short.weights})
    np.savez_compressed(f"{folder}/compressed.npz", **{"conv_W": np.arange(6, dtype=">f4").reshape(1, 1, 2, 3),
                                                       "conv_b": np.ones(3, np.float16)})
    # VGG as one layer of a model, which is how people fine-tune it.
    tuned = keras.Sequential([keras.Input((SIZE, SIZE, 3)), short, keras.layers.Dense(2, name="score")])
    with h5py.File(f"{folder}/legacy.h5", "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, tuned)
    inner = narrow_vgg([(2, 2)], top=False)
    archived = keras.Sequential([keras.Input((SIZE, SIZE, 3)), inner, keras.layers.Conv2D(2, 1, name="score")])
    inner.set_weights(short.get_weights()[:2] + inner.get_weights()[2:])
    archived.save(f"{folder}/model.keras")
    whole = keras.Sequential([keras.Input((8, 8, 2)), keras.layers.Conv2D(3, 1, name="conv")])
    whole.set_weights([(np.arange(1, 7) / 2).reshape(1, 1, 2, 3), np.array([1, -2, 2**-20])])
    whole.save(f"{folder}/whole_model.h5")

    small_file(f"{folder}/big_endian.h5", ">f4")
    small_file(f"{folder}/double.h5", "<f8")
    small_file(f"{folder}/unicode.h5", "<f4", layer="Faltung_größe_卷积")
    small_file(f"{folder}/nan.h5", "<f4", poison=True)
    many_unicode_layers(f"{folder}/many_unicode.h5")
    half_file(f"{folder}/half.h5")
    packed_file(f"{folder}/packed.h5")
    keras3_files(folder)
    hostile_files(folder)


if __name__ == "__main__":
    main(sys.argv[1])
