# SPDX-License-Identifier: Apache-2.0
"""Pictures of many sizes as the tutorial reads them: padded_batch, Resizing of images and masks in float16, preprocess_input, and what
its loss and metrics make of masks that lie between two classes. `fcngraph run --mode eval` beside Model.evaluate."""
import json
import os

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import narrow
import tensor_file
import twins

BATCH = 3
SIZES = [(120, 90), (64, 150), (200, 180), (96, 96), (31, 77), (140, 101), (90, 200), (151, 149)]
DATA = """[data]
kind = "folder"
root = "."
classes = ["pad", "pet", "background", "border"]
label_values = [0, 1, 2, 3]
train = { images = "images", masks = "masks" }
val = { images = "images", masks = "masks" }
resize = { mode = "stretch", pad_to = "batch", padding = "pad", labels = "bilinear", precision = "f16" }
"""


def pictures():
    """A pet with its border on a background, in pictures of these sizes."""
    random = np.random.default_rng(15)
    for height, width in SIZES:
        y, x = np.mgrid[:height, :width]
        radius = np.hypot((y - height / 2) / height, (x - width / 2) / width)
        mask = np.where(radius < 0.25, 1, np.where(radius < 0.3, 3, 2)).astype(np.uint8)
        image = random.integers(0, 120, (height, width, 3)) + mask[..., None] * 40
        yield image.astype(np.uint8), mask


def write(folder, samples):
    for kind in ("images", "masks"):
        os.makedirs(os.path.join(folder, kind), exist_ok=True)
    for i, (image, mask) in enumerate(samples):
        for kind, value in (("images", image), ("masks", mask[..., None])):
            tf.io.write_file(os.path.join(folder, kind, f"{i}.png"), tf.io.encode_png(value))
    path = os.path.join(folder, "data.toml")
    with open(path, "w") as file:
        file.write(DATA)
    return path


def dataset_of(samples):
    """What the tutorial feeds its network with."""
    types = (tf.TensorSpec((None, None, 3), tf.uint8), tf.TensorSpec((None, None, 1), tf.uint8))
    pairs = tf.data.Dataset.from_generator(lambda: ((image, mask[..., None]) for image, mask in samples), output_signature=types)
    # Within a pipeline a Resizing of bytes gives float16; called by itself it rounds back to bytes.
    resizing = layers.Resizing(narrow.SIZE, narrow.SIZE, interpolation="bilinear", dtype="mixed_float16")
    batches = pairs.padded_batch(BATCH).map(lambda images, masks: (resizing(images), resizing(masks)))
    # From here on in float32: float16 inside of the network is another matter.
    return batches.map(lambda images, masks: (tf.cast(keras.applications.vgg19.preprocess_input(images), tf.float32), masks))


def run(engine, report):
    report.title("Samples: padded batches, masks mixed in float16; evaluation")
    if '"pad_to"' not in engine.fcngraph("schema"):
        print("  SKIPPED: this program has no data.resize.pad_to")
        return
    samples = list(pictures())
    data = write(engine.path("pictures"), samples)
    features = twins.features(narrow.backbone())
    made = twins.head_layers(narrow.CHANNELS, 16)
    weights = engine.path("narrow.safetensors")
    tensor_file.write(weights, tensor_file.weights_of([*narrow.layers_of(features), *made.values()]))
    pool3, pool4, _, _, fc7 = features.outputs
    for head in twins.HEADS:
        model = keras.Model(features.input, twins.twin_output(made, head, fc7, pool4, pool3))
        model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(),
                      metrics=[keras.metrics.MeanIoU(twins.CLASSES, sparse_y_pred=False), keras.metrics.SparseCategoricalAccuracy()])
        theirs = model.evaluate(dataset_of(samples), return_dict=True, verbose=0)
        graph = os.path.join(os.path.dirname(__file__), f"../../graphs/keras/{head}.toml")
        scores = engine.fcngraph("run", graph, "--mode", "eval", "--metrics", "keras", "--data", data, "--weights", weights, "--json",
                                  settings=[*narrow.SETTINGS, f"train.batch={BATCH}"])
        ours = json.loads(scores)["heads"][head]
        mean_iou = next(value for name, value in theirs.items() if name.startswith("mean_io_u"))
        report.check(f"{head}, loss", abs(ours["loss"] / theirs["loss"] - 1), 1e-5)
        report.check(f"{head}, mean IoU", abs(ours["mean_iou"] - mean_iou), 2e-4)
        report.check(f"{head}, accuracy", abs(ours["pixel_accuracy"] - theirs["sparse_categorical_accuracy"]), 2e-4)
