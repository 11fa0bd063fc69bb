# SPDX-License-Identifier: Apache-2.0
"""Narrow networks of the same form as VGG-19 and the heads on it: graphs/tiny/vgg.toml on 96x96 pixels, fc6 with a 3x3 kernel."""
import twins
from engine import ROOT

STAGES = [(1, 4), (1, 8), (1, 8), (1, 16), (1, 16)]
SIZE, DENSE = 96, 32
CHANNELS = (DENSE, 16, 8)  # of fc7, pool4, pool3
SETTINGS = (f'backbone.use="{ROOT}/graphs/tiny/vgg.toml"', "dense_conv.fc6.kernel=3", f"dense_conv.fc6.filters={DENSE}",
            f"dense_conv.fc7.filters={DENSE}", f'model.input={{ height = {SIZE}, width = {SIZE}, preprocess = "caffe" }}')


def backbone(input_scale=1 / 200):
    vgg = twins.vgg(STAGES, SIZE, DENSE, 3)
    twins.fill(vgg, 11, input_scale)
    return vgg


def layers_of(features):
    return [layer for layer in features.layers if layer.weights]
