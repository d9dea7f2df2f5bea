#!/usr/bin/env python3
"""Makes Tests/NeuralTests/Fixtures/networks/{bottleneck,bag}.*: small networks in plain PyTorch.

    make_network_fixtures.py DIR

Needs torch and safetensors. Weights are drawn with a seed; logits and gradients are computed in
float64 from float32 weights and rounded. The networks are those that the engine's description of
the same JSON builds: bottlenecks (He and others 2016) and a BagNet (Brendel and Bethge 2019).
"""
import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn


class Block(nn.Module):
    def __init__(self, cin, cout, stride, kernel, padding):
        super().__init__()
        inner = cout // 4
        self.conv1 = nn.Conv2d(cin, inner, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, inner, kernel, stride, padding, bias=False)
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv3 = nn.Conv2d(inner, cout, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(cout)
        self.downsample = None
        if stride != 1 or cin != cout:
            self.downsample = nn.Sequential(
                nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        past = x if self.downsample is None else self.downsample(x)
        return F.relu(y + past[:, :, :y.shape[2], :y.shape[3]])


class Net(nn.Module):
    def __init__(self, d):
        super().__init__()
        stem = d["stem"]
        width = stem["width"]
        if stem.get("local"):
            self.conv1 = nn.Conv2d(d["inputs"], width, 1, bias=False)
            self.conv2 = nn.Conv2d(width, width, stem["kernel"], stem["stride"], bias=False)
        else:
            self.conv1 = nn.Conv2d(d["inputs"], width, stem["kernel"], stem["stride"],
                                   stem["kernel"] // 2, bias=False)
        self.local = bool(stem.get("local"))
        self.pool = stem["max_pool"]
        self.bn1 = nn.BatchNorm2d(width)
        self.names = []
        for i, s in enumerate(d["stages"], 1):
            blocks = []
            for b in range(s["blocks"]):
                kernel = 3 if b < s.get("wide_blocks", s["blocks"]) else 1
                padding = kernel // 2 if d.get("padded", True) else 0
                blocks.append(Block(width, s["width"], s["stride"] if b == 0 else 1, kernel,
                                    padding))
                width = s["width"]
            self.add_module(f"layer{i}", nn.Sequential(*blocks))
            self.names.append(f"layer{i}")
        self.fc = nn.Linear(width, d["outputs"])

    def forward(self, x):
        x = self.conv1(x)
        if self.local:
            x = self.conv2(x)
        x = F.relu(self.bn1(x))
        if self.pool:
            x = F.max_pool2d(x, 3, 2, 1)
        for name in self.names:
            x = getattr(self, name)(x)
        return self.fc(x.mean((2, 3)))


def stage(blocks, width, stride, **more):
    return {"blocks": blocks, "width": width, "stride": stride, "block": "bottleneck", **more}


NETS = {
    "bottleneck": (29, {
        "kind": "residual", "inputs": 3, "outputs": 5,
        "stem": {"kernel": 7, "stride": 2, "width": 8, "max_pool": True},
        "stages": [stage(2, 32, 1), stage(2, 40, 2)]}),
    "bag": (27, {
        "kind": "residual", "inputs": 3, "outputs": 5, "padded": False,
        "stem": {"kernel": 3, "stride": 1, "width": 8, "max_pool": False, "local": True},
        "stages": [stage(2, 32, 2, wide_blocks=1), stage(1, 48, 2, wide_blocks=1),
                   stage(2, 64, 1, wide_blocks=0)]}),
}


def main(folder):
    for name, (side, description) in NETS.items():
        torch.manual_seed(7)
        net = Net(description)
        g = torch.Generator().manual_seed(8)
        with torch.no_grad():
            for m in net.modules():
                if isinstance(m, nn.BatchNorm2d):
                    m.weight.uniform_(0.5, 1.2, generator=g)
                    m.bias.normal_(0, 0.1, generator=g)
                    m.running_mean.normal_(0, 0.2, generator=g)
                    m.running_var.uniform_(0.5, 1.5, generator=g)
        x = torch.randn(5, 3, side, side, generator=g)
        labels = torch.randint(0, description["outputs"], (5,), generator=g)
        tensors = {f"weights.{k}": v.float().contiguous() for k, v in net.state_dict().items()}
        net = net.double()
        with torch.no_grad():
            evaluated = net.eval()(x.double())
        logits = net.train()(x.double())
        F.cross_entropy(logits, labels).backward()
        tensors.update({f"gradients.{k}": p.grad.float() for k, p in net.named_parameters()})
        tensors.update({"input": x, "logits_eval": evaluated.float(),
                        "logits_train": logits.detach().float()})
        save_file(tensors, folder / f"{name}.safetensors")
        out = {"description": description, "labels": labels.tolist()}
        (folder / f"{name}.json").write_text(json.dumps(out, indent=1) + "\n")


main(Path(sys.argv[1]))
