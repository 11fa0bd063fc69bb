# SPDX-License-Identifier: Apache-2.0
"""The networks of graphs/ in Keras 3, as the peers of the benchmarks: the same layers, no weights."""
import keras
from keras import layers


def bilinear(x, factor):
    return layers.UpSampling2D(factor, interpolation="bilinear")(x)


def vgg19_fcn8s(classes, size=224):
    """VGG-19, fc6 and fc7 without bias, dropout, and the three heads jointly: 139.6 M parameters, all trainable."""
    image = layers.Input((size, size, 3))
    x, taps = image, []
    for filters, convs in ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4)):
        for _ in range(convs):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
        taps.append(x)
    x = layers.Conv2D(4096, 7, padding="same", activation="relu", use_bias=False)(x)
    x = layers.Dropout(0.5)(x)
    x = layers.Conv2D(4096, 1, activation="relu", use_bias=False)(x)
    x = layers.Dropout(0.5)(x)
    score32 = layers.Conv2D(classes, 1)(x)
    score16 = layers.Conv2D(classes, 1, kernel_initializer="zeros")(taps[3]) + bilinear(score32, 2)
    score8 = layers.Conv2D(classes, 1, kernel_initializer="zeros")(taps[2]) + bilinear(score16, 2)
    return keras.Model(image, [bilinear(score32, 32), bilinear(score16, 16), bilinear(score8, 8)])


def freeze_all_but_heads(model):
    """Leaves the score convolutions trainable: the 1x1 convolutions without activation."""
    for layer in model.layers:
        layer.trainable = isinstance(layer, layers.Conv2D) and layer.activation is keras.activations.linear


def camvid_small(classes, height=176, width=240):
    """graphs/camvid/small.toml: five levels of two 3x3 convolutions with batch norm, three heads."""
    image = layers.Input((height, width, 3))
    x, taps = image, []
    for level, filters in enumerate((24, 48, 96, 192, 192)):
        if level > 0:
            x = layers.MaxPooling2D()(x)
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = layers.BatchNormalization()(x)
            x = layers.ReLU()(x)
        taps.append(x)
    coarse = layers.Conv2D(classes, 1)(taps[4])
    middle = layers.Conv2D(classes, 1)(taps[3]) + bilinear(coarse, 2)
    fine = layers.Conv2D(classes, 1)(taps[2]) + bilinear(middle, 2)
    return keras.Model(image, [bilinear(coarse, 16), bilinear(middle, 8), bilinear(fine, 4)])


def train_step(model, optimizer):
    """One compiled step of all heads' mean cross-entropy, summed: (images, labels) -> loss."""
    import tensorflow as tf
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function
    def step(images, labels):
        with tf.GradientTape() as tape:
            loss = sum(loss_of(labels, logits) for logits in model(images, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        gradients, _ = tf.clip_by_global_norm(gradients, 1.0)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss

    return step
