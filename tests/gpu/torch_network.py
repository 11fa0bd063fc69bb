# SPDX-License-Identifier: Apache-2.0
"""A network as peer_model.py reads it off `fcngraph compile`, as a module of PyTorch: the same layers on the same weights."""
import peer_model
import torch
import torch.nn.functional as F


class TorchNetwork(torch.nn.Module):
    """forward(values) takes tensors by name, `image` or what is cached of it, and gives those of `wanted`."""

    def __init__(self, network, weights, wanted, given=("image",)):
        super().__init__()
        self.nodes = needed(network, wanted, given)
        self.wanted = wanted
        read = {name for node in self.nodes for name in node.operands}
        self.names = {name: name.replace(".", "_") for name in weights if name in read}
        for name, plain in self.names.items():
            value = torch.nn.Parameter(torch.tensor(weights[name]), requires_grad=name in network.trainable)
            self.register_parameter(plain, value)

    def forward(self, values):
        values = dict(values)
        for node in self.nodes:
            values[node.name] = self.run(node, values)
        return tuple(values[name] for name in self.wanted)

    def run(self, node, values):
        x = values[node.operands[0]]
        if node.op == "conv2d":
            weight, *bias = (getattr(self, self.names[name]) for name in node.operands[1:])
            x = F.conv2d(x, weight, *bias, padding=[k // 2 for k in peer_model.pair(node, "kernel")])
            return F.relu(x) if node.relu else x
        if node.op == "max_pool2d":
            return F.max_pool2d(x, 2, peer_model.pair(node, "stride")[0])
        if node.op == "upsample":
            return F.interpolate(x, scale_factor=[float(f) for f in peer_model.pair(node, "factor")], mode="bilinear",
                                 align_corners=False)
        if node.op == "dropout":
            return F.dropout(x, float(node.attrs.get("rate", "0.5")), self.training)
        if node.op == "add":
            return x + values[node.operands[1]]
        raise ValueError(f"'{node.name}': no peer for {node.op}")


def needed(network, wanted, given):
    """The nodes between what is given and what is wanted, in order."""
    names, nodes = set(wanted), []
    for node in reversed(network.nodes):
        if node.name in names and node.name not in given:
            nodes.append(node)
            names.update(node.operands)
    return nodes[::-1]


def logits_of(network):
    """What each loss of a training network is taken of."""
    return [node.operands[0] for node in network.nodes if node.op == "cross_entropy"]


def features_of(network):
    """What the feature cache keeps: values that nothing trainable or random leads to, and that something behind them reads."""
    frozen = {"image"}
    for node in network.nodes:
        fixed = node.op not in ("dropout", "cross_entropy") and not network.trainable.intersection(node.operands)
        if fixed and all(name in frozen or name in network.shapes for name in node.operands):
            frozen.add(node.name)
    wanted = needed(network, logits_of(network), frozen)
    return sorted({name for node in wanted for name in node.operands if name in frozen})
