# SPDX-License-Identifier: Apache-2.0
"""Writes tests/fixtures/parity/: what Keras makes of narrow networks, for the tests that run without it.

    .venv/bin/python tests/parity/make_vectors.py [FOLDER]

`samples` and `weights` are what a course starts from; each other file holds one course's losses, metrics, weights and moments after its
last step. Names and layouts are ours.
"""
import dataclasses
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np

import narrow
import operations
import tensor_file
import twins
from courses import Course, TwinCourse, WholeCourse
from engine import ROOT

COURSE = Course(images=4, batch=2, steps=12)


def named(course, head):
    return {f"{head}.losses": course.losses, f"{head}.accuracies": course.accuracies, f"{head}.mean_ious": course.mean_ious,
            **course.weights, **course.moments}


def twin_courses(folder, vgg, images, labels):
    features = twins.features(vgg)
    values = features.predict(images, verbose=0)
    tensor_file.write(f"{folder}/features.safetensors",
                      {name: tensor_file.to_nchw(value[:1]) for name, value in zip((*twins.TAPS, "fc6", "fc7"), values)})
    for head in twins.HEADS:
        for optimizer, dropout in (("adamw", False), ("adam", False), ("sgd", False), ("adamw", True)):
            made = twins.head_layers(narrow.CHANNELS, 12, skips="zeros")
            course = TwinCourse(head, made, features, values, labels, optimizer, dropout, COURSE)
            name = f"{head}.{optimizer}{'.dropout' if dropout else ''}"
            print(f"{name}: loss {course.losses[0]:.4f} to {course.losses[-1]:.4f}, least probability {course.least:.1e}")
            tensor_file.write(f"{folder}/{name}.safetensors", named(course, head))


def saturated_course(folder, vgg, images, labels):
    """Logits in the tens: where the true class is below the clip it costs 16.118 a pixel and teaches nothing."""
    features = twins.features(vgg)
    made = twins.head_layers(narrow.CHANNELS, 12, skips="zeros")
    classifier = made["fcn16s.classifier"]
    classifier.set_weights([classifier.kernel.numpy() * 15, classifier.bias.numpy()])
    tensor_file.write(f"{folder}/saturated_start.safetensors", tensor_file.weights_of([classifier]))
    course = TwinCourse("fcn16s", made, features, features.predict(images, verbose=0), labels, "sgd", False, dataclasses.replace(COURSE, steps=5))
    print(f"saturated: loss {course.losses}, least probability {course.least:.1e}")
    tensor_file.write(f"{folder}/saturated.safetensors", named(course, "fcn16s"))


def joint_course(folder, vgg, images, labels):
    """graphs/fcn8s.toml with everything trainable: backbone, dense convolutions, three heads on logits. Pixels are in the ones: in the
    hundreds, a step of the first kernel would be so large that rounding decides where it leads."""
    made = twins.head_layers(narrow.CHANNELS, 12)
    images = images * np.float32(0.01)
    first = vgg.layers[1]
    first.set_weights([first.kernel.numpy() * 100, first.bias.numpy()])
    features = twins.features(vgg)
    tensor_file.write(f"{folder}/joint_start.safetensors", tensor_file.weights_of([first, *(made[name] for name in twins.HEADS[1:])]))
    for layer in features.layers:
        layer.trainable = True
    pool3, pool4, _, _, fc7 = features.outputs
    model = keras.Model(features.input, twins.default_outputs(made, fc7, pool4, pool3))
    layers = narrow.layers_of(features) + [made[name] for name in twins.HEADS]
    course = WholeCourse(model, layers, images, labels, COURSE, 1e-3, clip_norm=1.0)
    print(f"joint: loss {course.losses[0]:.4f} to {course.losses[-1]:.4f}")
    tensor_file.write(f"{folder}/joint.safetensors", {"loss": course.losses, **course.weights, **course.moments})


def operations_course(folder):
    """tests/parity/operations.toml: strided and transposed convolution, batch norm and max pool, trained."""
    model, names = operations.build()
    random = np.random.default_rng(13)
    images = random.normal(0, 1, (COURSE.images, *operations.SIZE, 3)).astype(np.float32)
    labels = random.integers(0, twins.CLASSES, (COURSE.images, *operations.SIZE)).astype(np.uint8)
    layers = [layer for layer in model.layers if layer.name in operations.TRAINED]
    start = tensor_file.weights_of(layers)
    answers = {f"answer/{name}": tensor_file.to_nchw(value) for name, value in zip(names, model.predict(images[:1], verbose=0))}
    tensor_file.write(f"{folder}/operations_start.safetensors",
                      {**tensor_file.weights_of(layer for layer in model.layers if layer.weights)})
    tensor_file.write(f"{folder}/operations_samples.safetensors", {"image": tensor_file.to_nchw(images), "labels": labels})
    trained = keras.Model(model.input, model.outputs[names.index("head")])
    course = WholeCourse(trained, layers, images, labels, COURSE, 1e-2, clip_norm=None)
    print(f"operations: loss {course.losses[0]:.4f} to {course.losses[-1]:.4f}")
    tensor_file.write(f"{folder}/operations.safetensors", {"loss": course.losses, **course.weights, **course.moments, **answers})
    assert start.keys() == course.weights.keys()


def main(folder):
    os.makedirs(folder, exist_ok=True)
    keras.utils.set_random_seed(1)
    vgg = narrow.backbone()
    images, labels = twins.smooth_images(COURSE.images, narrow.SIZE, 14)
    tensor_file.write(f"{folder}/samples.safetensors", {"image": tensor_file.to_nchw(images), "labels": labels})
    heads = twins.head_layers(narrow.CHANNELS, 12, skips="zeros")
    backbone = narrow.layers_of(twins.features(vgg))
    tensor_file.write(f"{folder}/weights.safetensors", tensor_file.weights_of([*backbone, *heads.values()]))
    twin_courses(folder, vgg, images, labels)
    saturated_course(folder, vgg, images, labels)
    joint_course(folder, vgg, images, labels)
    operations_course(folder)
    print(f"{sum(entry.stat().st_size for entry in os.scandir(folder)) / 1e6:.2f} MB")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "tests/fixtures/parity"))
