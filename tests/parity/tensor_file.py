# SPDX-License-Identifier: Apache-2.0
"""Safetensors in numpy, and what our names and layouts are to Keras's."""
import json
import struct

import numpy as np

DTYPES = {"F32": "<f4", "F64": "<f8", "I32": "<i4", "I64": "<i8", "U8": "|u1"}


def write(path, tensors):
    header, blobs, offset = {}, [], 0
    for name, value in tensors.items():
        value = np.ascontiguousarray(value)
        dtype = next(key for key, code in DTYPES.items() if np.dtype(code) == value.dtype)
        header[name] = {"dtype": dtype, "shape": list(value.shape), "data_offsets": [offset, offset + value.nbytes]}
        blobs.append(value.tobytes())
        offset += value.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.writelines(blobs)


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack_from("<Q", data)[0]
    tensors = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name != "__metadata__":
            begin, end = (8 + length + at for at in entry["data_offsets"])
            tensors[name] = np.frombuffer(data[begin:end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def kernel_to_ours(kernel):
    return np.transpose(kernel, (3, 2, 0, 1))


def to_nchw(value):
    return np.transpose(value, (0, 3, 1, 2))


def to_nhwc(value):
    return np.transpose(value, (0, 2, 3, 1))


def name_of(variable):
    """The last part of our name of a layer's variable."""
    return {"kernel": "weight", "moving_mean": "mean", "moving_variance": "variance"}.get(variable.name, variable.name)


def parameter_to_ours(layer, value):
    if value.ndim != 4:
        return value
    # A transposed convolution of Keras has (H, W, O, I).
    return np.transpose(value, (2, 3, 0, 1)) if "Transpose" in type(layer).__name__ else kernel_to_ours(value)


def weights_of(layers):
    """Layers of Keras by our names: LAYER.weight OIHW, LAYER.bias, ..."""
    return {f"{layer.name}.{name_of(variable)}": parameter_to_ours(layer, variable.numpy()) for layer in layers for variable in layer.weights}
