# SPDX-License-Identifier: Apache-2.0
"""Keras's own training of the networks of graphs/, step by step."""
import dataclasses

import keras
import numpy as np

import dropout_masks
import tensor_file
import twins

RATE = 0.5  # of the dropouts of graphs/keras/
# The tutorial decays by 1e-4, which 50 steps would not show.
OPTIMIZERS = {
    "adamw": ('{ kind = "adamw", lr = 1e-3, weight_decay = 0.1 }', 1e-3, lambda: keras.optimizers.AdamW(1e-3, weight_decay=0.1)),
    "adam": ('{ kind = "adam", lr = 1e-3 }', 1e-3, lambda: keras.optimizers.Adam(1e-3)),
    "sgd": ('{ kind = "sgd", lr = 1e-2, momentum = 0.9 }', 1e-2, lambda: keras.optimizers.SGD(1e-2, momentum=0.9)),
}


@dataclasses.dataclass(frozen=True)
class Course:
    """Batch after batch of these pictures, in order and again from the first."""
    images: int
    batch: int
    steps: int
    seed: int = 7  # of dropout

    def rows(self, step):
        first = step % (self.images // self.batch) * self.batch
        return slice(first, first + self.batch)

    def masks(self, step, shapes):
        """What the outputs of fc6 and fc7 are multiplied by in this step."""
        samples = np.arange(self.images)[self.rows(step)]
        epoch = step // (self.images // self.batch)
        return [dropout_masks.mask(self.seed, epoch, samples, name, RATE, shape) for name, shape in zip(("fc6", "fc7"), shapes)]


def moments_of(optimizer, layers):
    """The optimizer's states by our names."""
    if isinstance(optimizer, keras.optimizers.SGD):
        kinds = {"velocity": optimizer.momentums}
    else:
        kinds = {"m": optimizer._momentums, "v": optimizer._velocities}
    moments = {}
    for layer in layers:
        for variable in layer.trainable_weights:
            at = next(i for i, other in enumerate(optimizer._trainable_variables) if other is variable)
            name = tensor_file.name_of(variable)
            for kind, states in kinds.items():
                moments[f"optimizer.{layer.name}.{name}.{kind}"] = tensor_file.parameter_to_ours(layer, states[at].numpy())
    return moments


class TwinCourse:
    """graphs/keras/HEAD.toml behind its frozen part, as the tutorial compiles and trains it."""

    def __init__(self, head, made, features, values, labels, optimizer, dropout, course):
        self.head, self.features, self.values, self.dropout, self.course = head, features, values, dropout, course
        model = self._model(made)
        rule = OPTIMIZERS[optimizer][2]()
        model.compile(rule, keras.losses.SparseCategoricalCrossentropy(),
                      metrics=[keras.metrics.MeanIoU(twins.CLASSES, sparse_y_pred=False), keras.metrics.SparseCategoricalAccuracy()])
        rows = []
        self.least = 1.0  # probability of the true class
        for step in range(course.steps):
            inputs, truth = self._inputs(step), labels[course.rows(step)]
            if step in (0, course.steps - 1):
                given = model.predict_on_batch(inputs)
                self.least = min(self.least, float(np.take_along_axis(given, truth[..., None].astype(int), -1).min()))
            model.reset_metrics()
            result = model.train_on_batch(inputs, truth, return_dict=True)
            mean_iou = next(value for name, value in result.items() if name.startswith("mean_io_u"))
            rows.append((result["loss"], result["sparse_categorical_accuracy"], mean_iou))
        self.losses, self.accuracies, self.mean_ious = np.array(rows, np.float64).T
        layers = [made[name] for name in twins.twin_layers(head)]
        self.weights = tensor_file.weights_of(layers)
        self.moments = moments_of(rule, layers)

    def _skips(self, pool3, pool4):
        return [pool4, pool3][:twins.HEADS.index(self.head)]

    def _model(self, made):
        pool3, pool4, _, fc6, fc7 = (keras.Input(value.shape[1:]) for value in self.features.outputs)
        inputs = [fc7]
        if self.dropout:
            inputs = [fc6, keras.Input(fc6.shape[1:]), keras.Input(fc7.shape[1:])]
            fc7 = self.features.get_layer("fc7")(fc6 * inputs[1]) * inputs[2]
        return keras.Model(inputs + self._skips(pool3, pool4), twins.twin_output(made, self.head, fc7, pool4, pool3))

    def _inputs(self, step):
        pool3, pool4, _, fc6, fc7 = (value[self.course.rows(step)] for value in self.values)
        inputs = [fc7] if not self.dropout else [fc6, *self.course.masks(step, (fc6.shape[1:], fc7.shape[1:]))]
        return inputs + self._skips(pool3, pool4)


class WholeCourse:
    """A model of which everything trains on logits, its losses added up; the gradients' norm is held to `clip_norm`."""

    def __init__(self, model, layers, images, labels, course, lr, clip_norm):
        rule = keras.optimizers.SGD(lr, momentum=0.9, global_clipnorm=clip_norm)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(rule, [loss] * len(model.outputs))
        losses = []
        for step in range(course.steps):
            truth = labels[course.rows(step)]
            model.reset_metrics()
            losses.append(model.train_on_batch(images[course.rows(step)], [truth] * len(model.outputs), return_dict=True)["loss"])
        self.losses = np.array(losses, np.float64)
        self.weights = tensor_file.weights_of(layers)
        self.moments = moments_of(rule, layers)
