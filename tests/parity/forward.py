# SPDX-License-Identifier: Apache-2.0
"""Forward pass of VGG-19 at full width, 224x224, batch 2: every tap and every head, from weights that Keras has written."""
import time

import h5py
import keras
import numpy as np
from keras.src.legacy.saving import legacy_h5_format

import tensor_file
import twins

VGG19 = [(2, 64), (2, 128), (4, 256), (4, 512), (4, 512)]
SIZE, BATCH = 224, 2
SCALES = (0.5, 0.25)  # of the skips of graphs/fcn8s.toml


class FullWidth:
    """VGG-19 and all heads with random weights, and files of them as Keras writes them."""

    def __init__(self, engine):
        self.vgg = twins.vgg(VGG19, SIZE, 4096, 1000)
        twins.fill(self.vgg, 1)
        self.features = twins.features(self.vgg)
        self.heads = twins.head_layers((4096, 512, 256), 2)
        # Keras saves what a model reaches: heads hang on VGG's dense layers here, one pixel of fc7 each.
        taps = [self.vgg.get_layer(name).output for name in ("fc2", "block4_pool", "block3_pool")]
        taps[0] = keras.layers.Reshape((1, 1, 4096))(taps[0])
        scores = [self.heads[name](tap) for name, tap in zip(twins.HEADS, taps)]
        scores += [self.heads[f"{name}.classifier"](score) for name, score in zip(twins.HEADS, scores)]
        model = keras.Model(self.vgg.input, [self.vgg.output, *scores])
        self.legacy, self.modern = engine.path("full.h5"), engine.path("full.weights.h5")
        with h5py.File(self.legacy, "w") as file:
            legacy_h5_format.save_weights_to_hdf5_group(file, model)
        self.vgg.save_weights(self.modern)
        self.ours = engine.path("full.safetensors")
        engine.fcngraph("import", self.legacy, "-o", self.ours)

    def answers(self, images):
        """Of every tap and head: NCHW."""
        pool3, pool4, pool5, fc6, fc7 = self.features.predict(images, verbose=0)
        made = {**dict(zip(twins.TAPS, (pool3, pool4, pool5))), "fc6": fc6, "fc7": fc7}
        inputs = [keras.Input(value.shape[1:]) for value in (fc7, pool4, pool3)]
        outputs = dict(zip(twins.HEADS, twins.default_outputs(self.heads, *inputs, SCALES)))
        outputs |= {f"keras/{head}": twins.twin_output(self.heads, head, *inputs) for head in twins.HEADS}
        values = keras.Model(inputs, list(outputs.values())).predict([fc7, pool4, pool3], verbose=0)
        made |= dict(zip(outputs, values))
        return {name: tensor_file.to_nchw(value) for name, value in made.items()}


def agreement(ours, theirs):
    return float(np.mean(ours.argmax(1) == theirs.argmax(1)))


def run(engine, report, full, backends):
    images, _ = twins.smooth_images(BATCH, SIZE, 3)
    answers = full.answers(images)
    samples = {"image": tensor_file.to_nchw(images)}
    scales = [f"head.{head}.scale={scale}" for head, scale in zip(twins.HEADS[1:], SCALES)]
    taps = [*twins.TAPS, "fc6", "fc7"]

    def check(backend, source, name, ours):
        report.compare(f"{backend}, {source}", ours, answers[name])
        if name not in taps:
            report.check(f"{backend}, {source}, pixels of another class", 1 - agreement(ours, answers[name]), 1e-4)

    for backend in backends:
        start = time.perf_counter()
        report.title(f"Forward, VGG-19 at full width, {SIZE}x{SIZE}, batch {BATCH}, {backend}")
        fetch = ",".join([*taps, *twins.HEADS])
        made = engine.infer("graphs/fcn8s.toml", full.legacy, samples, scales, backend=backend, batch=BATCH, fetch=fetch, heads="all")
        for name in taps:
            check(backend, name, name, made[name])
        for head in twins.HEADS:
            check(backend, f"graphs/fcn8s.toml, {head}", head, made[head])
        for head in twins.HEADS:
            graph = f"graphs/keras/{head}.toml"
            made = engine.infer(graph, full.ours, samples, backend=backend, batch=BATCH, heads=head)
            check(backend, graph, f"keras/{head}", made[head])
        if backend == "onednn":
            made = engine.infer("graphs/fcn32s.toml", full.modern, samples, backend=backend, batch=BATCH, fetch="fc7")
            check(backend, "fc7, weights out of a .weights.h5", "fc7", made["fc7"])
        print(f"  {time.perf_counter() - start:.0f} s")
