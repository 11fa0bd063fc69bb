# SPDX-License-Identifier: Apache-2.0
"""The networks of graphs/ in Keras: VGG, its dense layers as convolutions, and the heads of graphs/ and of graphs/keras/."""
import keras
import numpy as np
from keras import layers

HEADS = ("fcn32s", "fcn16s", "fcn8s")
CLASSES = 4
TAPS = ("block3_pool", "block4_pool", "block5_pool")


def bilinear(x, factor):
    return layers.UpSampling2D(factor, interpolation="bilinear")(x)


def he(shape, random):
    """He-like kernels; biases that are not zero, so that nothing is right by accident."""
    if len(shape) == 1:
        return random.standard_normal(shape, np.float32) / 10
    return random.standard_normal(shape, np.float32) * np.float32(np.sqrt(2 / np.prod(shape[:-1])))


def vgg(stages, size, dense, predictions):
    """VGG's topology with its classifier; `stages` are (convolutions, filters)."""
    x = image = layers.Input((size, size, 3))
    for stage, (convs, filters) in enumerate(stages, 1):
        for i in range(1, convs + 1):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"block{stage}_conv{i}")(x)
        x = layers.MaxPooling2D(2, name=f"block{stage}_pool")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(dense, activation="relu", name="fc1")(x)
    x = layers.Dense(dense, activation="relu", name="fc2")(x)
    return keras.Model(image, layers.Dense(predictions, activation="softmax", name="predictions")(x))


def fill(model, seed, input_scale=1 / 64):
    """Pixels are in the hundreds: the first kernel makes features of order 1 of them."""
    random = np.random.default_rng(seed)
    values = [he(w.shape, random) for w in model.weights]
    values[0] *= np.float32(input_scale)
    model.set_weights(values)


def dense_conv(dense, name, kernel, channels):
    """fc1 or fc2 as the tutorial turns them into convolutions: reshaped, without bias."""
    layer = layers.Conv2D(dense.units, kernel, padding="same", activation="relu", use_bias=False, name=name)
    layer.build((None, None, None, channels))
    layer.set_weights([dense.kernel.numpy().reshape(kernel, kernel, channels, dense.units)])
    layer.trainable = False
    return layer


def features(model):
    """(pool3, pool4, pool5, fc6, fc7) of VGG, dropout left out."""
    taps = [model.get_layer(name).output for name in TAPS]
    fc1, fc2 = model.get_layer("fc1"), model.get_layer("fc2")
    side = round((fc1.kernel.shape[0] / taps[2].shape[-1]) ** 0.5)
    fc6 = dense_conv(fc1, "fc6", side, taps[2].shape[-1])(taps[2])
    return keras.Model(model.input, [*taps, fc6, dense_conv(fc2, "fc7", 1, fc1.units)(fc6)])


def head_layers(channels, seed, skips="random"):
    """The score convolutions and the tutorial's classifiers by name; `channels` are those of fc7, pool4, pool3."""
    random = np.random.default_rng(seed)
    made = {}
    for head, inputs in zip(HEADS, channels):
        for name, filters in ((head, inputs), (f"{head}.classifier", CLASSES)):
            layer = made[name] = layers.Conv2D(CLASSES, 1, name=name)
            layer.build((None, None, None, filters))
            limit = np.sqrt(6 / (filters + CLASSES))
            kernel = random.uniform(-limit, limit, layer.kernel.shape).astype(np.float32)
            bias = random.uniform(-0.1, 0.1, CLASSES).astype(np.float32)
            if skips == "zeros" and name in ("fcn16s", "fcn8s"):
                kernel, bias = np.zeros_like(kernel), np.zeros_like(bias)
            layer.set_weights([kernel, bias])
    return made


def twin_output(made, head, fc7, pool4, pool3):
    """graphs/keras/HEAD.toml: ReLU on the first score, skips without scale, a convolution of classes to classes, softmax, upsampling."""
    x, factor = layers.ReLU()(made["fcn32s"](fc7)), 32
    for name, tap in (("fcn16s", pool4), ("fcn8s", pool3)):
        if factor > 32 >> HEADS.index(head):
            x, factor = made[name](tap) + bilinear(x, 2), factor // 2
    return bilinear(layers.Softmax()(made[f"{head}.classifier"](x)), factor)


def default_outputs(made, fc7, pool4, pool3, scales=(1.0, 1.0)):
    """graphs/fcn8s.toml: logits of the three heads; `scales` of pool4 and pool3."""
    score32 = made["fcn32s"](fc7)
    score16 = made["fcn16s"](pool4 * scales[0]) + bilinear(score32, 2)
    score8 = made["fcn8s"](pool3 * scales[1]) + bilinear(score16, 2)
    return [bilinear(score32, 32), bilinear(score16, 16), bilinear(score8, 8)]


def twin_layers(head):
    """Names of what trains in graphs/keras/HEAD.toml."""
    return [*HEADS[:HEADS.index(head) + 1], f"{head}.classifier"]


def smooth_images(count, size, seed):
    """Pictures of soft colours and labels that go with them: (float32 NHWC in 0..255 less the mean, uint8 NHW)."""
    random = np.random.default_rng(seed)
    coarse = random.uniform(0, 255, (count, size // 16, size // 16, 3)).astype(np.float32)
    images = np.asarray(keras.ops.image.resize(coarse, (size, size), interpolation="bicubic"))
    images = np.clip(images + random.normal(0, 8, images.shape), 0, 255)
    labels = (images[..., 0] > 128) * 2 + (images[..., 2] > images[..., 1])
    return (images - [103.939, 116.779, 123.68]).astype(np.float32), labels.astype(np.uint8)
