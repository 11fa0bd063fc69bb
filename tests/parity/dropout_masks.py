# SPDX-License-Identifier: Apache-2.0
"""fcngraph's random numbers in numpy, from their description alone: what is dropped follows from names and numbers.

A number is a function of a key and a counter (engine/random.h). The key of a sample is made of (seed, epoch, sample); that of a dropout
of the sample's and of the name of the layer that it belongs to; the counter is the element's place (h * W + w) * C + c in its sample. An element is kept where
the uniform number is not below the rate.
"""
import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def _u64(x):
    return np.asarray(x).astype(np.uint64)


def mix_bits(x):
    """Stafford's variant 13 of MurmurHash3's finalizer."""
    x = _u64(x)
    with np.errstate(over="ignore"):
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def random_key(key, number):
    """A key from a key and a number or a name (by its 64-bit FNV-1a)."""
    if isinstance(number, str):
        digest = 0xCBF29CE484222325
        for byte in number.encode():
            digest = ((digest ^ byte) * 0x100000001B3) & (2**64 - 1)
        number = np.uint64(digest)
    with np.errstate(over="ignore"):
        return mix_bits(mix_bits(_u64(key) + _GOLDEN) ^ (_u64(number) + np.uint64(0xD1B54A32D192ED03)))


def uniform(key, counter):
    with np.errstate(over="ignore"):
        bits = mix_bits(_u64(key) + mix_bits(_u64(counter) + _GOLDEN))
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def mask(seed, epoch, samples, layer, rate, shape):
    """What a feature (H, W, C) of each of these samples is multiplied by: 0, or 1 / (1 - rate)."""
    counters = np.arange(np.prod(shape), dtype=np.uint64)
    keys = [random_key(random_key(random_key(seed, epoch), sample), layer) for sample in samples]
    kept = np.stack([uniform(key, counters) >= rate for key in keys])
    return (kept / np.float32(1 - rate)).astype(np.float32).reshape(len(samples), *shape)
