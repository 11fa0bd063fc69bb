# SPDX-License-Identifier: Apache-2.0
"""50 steps of the tutorial's networks, graphs/keras/*.toml, beside Keras's own train_on_batch."""
import time

import keras
import numpy as np

import tensor_file
import twins
from courses import OPTIMIZERS, Course, TwinCourse
from report import difference

COURSE = Course(images=8, batch=4, steps=50)


def settings(optimizer, dropout):
    rates = [] if dropout else ["dense_conv.fc6.dropout=0", "dense_conv.fc7.dropout=0"]
    return [f"train.optimizer={OPTIMIZERS[optimizer][0]}", *rates]


def worst(ours, theirs):
    """Of these tensors the largest difference, each over its RMS."""
    return max(difference(ours[name], value)[0] for name, value in theirs.items())


def keras_metrics(predictions, labels, course):
    """Accuracy and mean IoU of each step's predictions, by Keras."""
    accuracy, mean_iou = keras.metrics.Accuracy(), keras.metrics.MeanIoU(twins.CLASSES)
    rows = []
    for step, predicted in enumerate(predictions):
        for metric in (accuracy, mean_iou):
            metric.reset_state()
            metric.update_state(labels[course.rows(step)], predicted)
        rows.append((float(accuracy.result()), float(mean_iou.result())))
    return dict(zip(("accuracies", "mean_ious"), np.array(rows).T))


def compare(report, what, head, ours, theirs, labels):
    report.check(f"{what}, loss of a step", float(np.max(np.abs(ours[f"{head}.losses"] / theirs.losses - 1))), 1e-4)
    report.check(f"{what}, weights", worst(ours, theirs.weights), 1e-4)
    report.check(f"{what}, moments", worst(ours, theirs.moments), 1e-4)
    same = keras_metrics(ours[f"{head}.predictions"], labels, COURSE)
    for name in ("accuracies", "mean_ious"):
        values = ours[f"{head}.{name}"]
        report.check(f"{what}, {name} along training", float(np.abs(values - getattr(theirs, name)).max()), 2e-4)
        report.check(f"{what}, {name} of the same predictions", float(np.abs(values - same[name]).max()), 1e-6)


def check_masks(engine, report, weights, samples, fc6):
    """The random numbers as described are those that the engine draws."""
    rows = COURSE.rows(0)
    made = engine.train("graphs/keras/fcn32s.toml", weights, samples, backend="onednn", batch=COURSE.batch, steps=1, seed=COURSE.seed,
                        fetch="fc6.dropout")
    expected = fc6[rows] * COURSE.masks(0, (fc6.shape[1:], fc6.shape[1:]))[0]
    report.compare("onednn, what dropout leaves of fc6", tensor_file.to_nhwc(made["fc6.dropout"]), expected)


def run(engine, report, full):
    start = time.perf_counter()
    images, labels = twins.smooth_images(COURSE.images, 224, 4)
    values = full.features.predict(images, batch_size=COURSE.batch, verbose=0)
    pixels, heads = engine.path("pixels.safetensors"), engine.path("heads.safetensors")
    tensor_file.write(pixels, {"image": tensor_file.to_nchw(images), "labels": labels})
    frozen = {name: tensor_file.to_nchw(value) for name, value in zip((*twins.TAPS, "fc6", "fc7"), values)}
    report.title(f"Training, {COURSE.steps} steps of batch {COURSE.batch}, VGG-19 at full width, 224x224")
    check_masks(engine, report, full.ours, pixels, values[3])
    for dropout in (False, True):
        for head in twins.HEADS:
            for optimizer in ("adamw",) if dropout else OPTIMIZERS:
                made = twins.head_layers((4096, 512, 256), 5, skips="zeros")
                tensor_file.write(heads, tensor_file.weights_of(made.values()))
                theirs = TwinCourse(head, made, full.features, values, labels, optimizer, dropout, COURSE)
                what = f"{head}, {optimizer}{', dropout' if dropout else ''}"
                # Past the clip there is nothing to compare: such a seed would prove nothing.
                report.check(f"{what}, 1e-7 over the least probability", 1e-7 / theirs.least, 1e-1)
                for backend in ("onednn",) if dropout else ("onednn", "reference"):
                    # The reference loops would take hours for the frozen part: they are given what Keras makes of it.
                    names = ("fc7", *twins.TAPS[1::-1][:twins.HEADS.index(head)])
                    given = pixels if backend == "onednn" else {"labels": labels, **{name: frozen[name] for name in names}}
                    ours = engine.train(f"graphs/keras/{head}.toml", f"{full.ours},{heads}", given, settings(optimizer, dropout),
                                        backend=backend, batch=COURSE.batch, steps=COURSE.steps, lr=OPTIMIZERS[optimizer][1], seed=COURSE.seed)
                    compare(report, f"{backend}, {what}", head, ours, theirs, labels)
    print(f"  {time.perf_counter() - start:.0f} s")
