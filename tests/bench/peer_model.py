# SPDX-License-Identifier: Apache-2.0
"""A network as `fcngraph compile --emit graph` prints it, with weights, written for other programs: ONNX, ncnn, Keras."""
import re
import subprocess

import numpy as np

# Passes up to this one leave no training op, and the rest of the network as its file has it.
LAST_PASS = "drop_identities"


class Node:
    def __init__(self, name, op, operands, attrs, shape):
        self.name, self.op, self.operands, self.attrs, self.shape = name, op, operands, attrs, shape
        self.relu = False  # of a convolution: one follows, and nothing else reads what is before it


class Network:
    """Nodes in order; `shapes` of every tensor that is stored, `trainable` ones, and `output`, the name of a node: of those that the
    program has by OPTIONS, which are more of `fcngraph compile`, the last."""

    def __init__(self, program, graph, *options):
        text = subprocess.run([program, "compile", graph, "--emit", "graph", "--stop-after", LAST_PASS, *options],
                              check=True, capture_output=True, text=True).stdout
        self.shapes, self.trainable, self.nodes, self.output = {}, set(), [], None
        for line in text.splitlines():
            self._read(line.strip())
        self._fold()
        self._drop_unused()

    def _read(self, line):
        stored = re.match(r"(?:trainable )?(input|parameter|state) (\S+) : f32\[(.*?)\]", line)
        node = re.match(r"(\S+?)(?:, \S+)? = (\w+)\((.*?)\)(?: \{(.*)\})? : f32\[(.*?)\]", line)
        if stored:
            self.shapes[stored[2]] = numbers(stored[3])
            if line.startswith("trainable"):
                self.trainable.add(stored[2])
            if stored[1] == "input":
                self.input = stored[2]
        elif line.startswith("output "):
            self.output = line.split()[-1]
        elif node:
            attrs = dict(pair.split(" = ") for pair in re.split(r", (?=\w+ =)", node[4])) if node[4] else {}
            self.nodes.append(Node(node[1], node[2], node[3].split(", "), attrs, numbers(node[5])))

    def _drop_unused(self):
        needed = {self.output}
        for node in reversed(self.nodes):
            if node.name in needed:
                needed.update(node.operands)
        self.nodes = [node for node in self.nodes if node.name in needed]
        self.shapes = {name: shape for name, shape in self.shapes.items() if name in needed}

    def _fold(self):
        """Gives convolutions their ReLU, and leaves out scales, which are 1 until weights say otherwise."""
        kept, now = {}, {}
        for node in self.nodes:
            node.operands = [now.get(name, name) for name in node.operands]
            if node.op == "relu" and kept[node.operands[0]].op == "conv2d":
                kept[node.operands[0]].relu = True
            if node.op in ("relu", "scale"):
                now[node.name] = node.operands[0]
            else:
                kept[node.name] = node
        self.nodes = list(kept.values())
        self.output = now.get(self.output, self.output)
        self.folded = now  # names that are gone, by the node that has taken their place

    def random_weights(self, seed):
        """He's normal distribution, and small biases."""
        random = np.random.default_rng(seed)
        weights = {}
        for name, shape in self.shapes.items():
            if name != self.input:
                deviation = np.sqrt(2 / np.prod(shape[1:])) if len(shape) == 4 else 0.1
                weights[name] = random.standard_normal(shape, np.float32) * np.float32(deviation)
        return weights


def numbers(text):
    return [int(number) for number in text.split(",")] if text else []


def pair(node, key):
    found = numbers(node.attrs.get(key, "1").strip("[]"))
    return found if len(found) == 2 else found * 2


def require(node, **allowed):
    """Stops at an attribute that the writers below would silently drop."""
    for key in node.attrs:
        if key not in allowed.get(node.op, ()):
            raise ValueError(f"'{node.name}' ({node.op}): no peer file can be written with {key} = {node.attrs[key]}")


def check(network):
    for node in network.nodes:
        require(node, conv2d=("filters", "kernel"), max_pool2d=("stride",), upsample=("factor",), add=())


def write_onnx(path, network, weights):
    import onnx
    from onnx import helper, numpy_helper
    check(network)
    nodes, constants = [], []

    def constant(name, value):
        constants.append(numpy_helper.from_array(value, name))
        return name

    for node in network.nodes:
        x, result = node.operands[0], node.name
        if node.op == "conv2d":
            kernel = pair(node, "kernel")
            for name in node.operands[1:]:
                constant(name, weights[name])
            pads = [k // 2 for k in kernel] * 2
            to = result + ".sum" if node.relu else result
            nodes.append(helper.make_node("Conv", node.operands, [to], kernel_shape=kernel, pads=pads))
            if node.relu:
                nodes.append(helper.make_node("Relu", [to], [result]))
        elif node.op == "max_pool2d":
            nodes.append(helper.make_node("MaxPool", [x], [result], kernel_shape=[2, 2], strides=pair(node, "stride")))
        elif node.op == "upsample":
            scales = constant(result + ".scales", np.array([1, 1, *pair(node, "factor")], np.float32))
            nodes.append(helper.make_node("Resize", [x, "", scales], [result], mode="linear",
                                          coordinate_transformation_mode="half_pixel"))
        else:
            nodes.append(helper.make_node("Add", node.operands, [result]))
    float32 = onnx.TensorProto.FLOAT
    shape, last = network.shapes[network.input], network.nodes[-1].shape
    graph = helper.make_graph(nodes, "network", [helper.make_tensor_value_info(network.input, float32, ["N", *shape[1:]])],
                              [helper.make_tensor_value_info(network.output, float32, ["N", *last[1:]])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.save(model, path)


def write_ncnn(path, network, weights):
    """PATH.param and PATH.bin. A value that several layers read has a Split in ncnn, and a name for each of them."""
    check(network)
    readers = {}
    for node in network.nodes:
        for name in node.operands:
            readers[name] = readers.get(name, 0) + (name not in weights)
    layers, blobs, taken = [], 0, {}

    def read(name):
        if readers[name] == 1:
            return name
        taken[name] = taken.get(name, -1) + 1
        return f"{name}.{taken[name]}"

    def layer(kind, name, inputs, parameters):
        nonlocal blobs
        layers.append(f"{kind} {name} {len(inputs)} 1 {' '.join([*inputs, name])} {parameters}".rstrip())
        blobs += 1
        if readers.get(name, 1) > 1:
            copies = [f"{name}.{i}" for i in range(readers[name])]
            layers.append(f"Split {name}.split 1 {len(copies)} {name} {' '.join(copies)}")
            blobs += len(copies)

    with open(path + ".bin", "wb") as file:
        layer("Input", network.input, [], "")
        for node in network.nodes:
            inputs = [read(name) for name in node.operands if name not in weights]
            if node.op == "conv2d":
                weight, kernel = weights[node.operands[1]], pair(node, "kernel")
                layer("Convolution", node.name, inputs,
                      f"0={len(weight)} 1={kernel[1]} 11={kernel[0]} 4={kernel[1] // 2} 14={kernel[0] // 2} "
                      f"5={len(node.operands) - 2} 6={weight.size} 9={int(node.relu)}")
                file.write(bytes(4))  # what follows is float32
                for name in node.operands[1:]:
                    file.write(weights[name].tobytes())
            elif node.op == "max_pool2d":
                layer("Pooling", node.name, inputs, f"0=0 1=2 2={pair(node, 'stride')[0]}")
            elif node.op == "upsample":
                height, width = pair(node, "factor")
                layer("Interp", node.name, inputs, f"0=2 1={height}.0 2={width}.0")
            else:
                layer("BinaryOp", node.name, inputs, "0=0")
    with open(path + ".param", "w") as file:
        file.write("\n".join(["7767517", f"{len(layers)} {blobs}", *layers]) + "\n")


def keras_model(network, weights):
    import keras
    from keras import layers
    check(network)
    values = {network.input: layers.Input([*network.shapes[network.input][2:], network.shapes[network.input][1]])}
    for node in network.nodes:
        x = values[node.operands[0]]
        if node.op == "conv2d":
            made = layers.Conv2D(node.shape[1], pair(node, "kernel"), padding="same", use_bias=len(node.operands) > 2,
                                 activation="relu" if node.relu else None)
        elif node.op == "max_pool2d":
            made = layers.MaxPooling2D(strides=pair(node, "stride"))
        elif node.op == "upsample":
            made = layers.UpSampling2D(pair(node, "factor"), interpolation="bilinear")
        else:
            made, x = layers.Add(), [values[name] for name in node.operands]
        values[node.name] = made(x)
        if node.op == "conv2d":
            kernel, *bias = (weights[name] for name in node.operands[1:])
            made.set_weights([np.transpose(kernel, (2, 3, 1, 0)), *bias])
    return keras.Model(values[network.input], values[network.output])
