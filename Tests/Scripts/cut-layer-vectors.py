#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cuts the reference vectors down to what NeuralTests needs.

usage: cut-layer-vectors.py VECTORS Tests/NeuralTests/Fixtures

VECTORS holds layers.json, layers.safetensors and networks/. The cases of the operations that
Neural has are kept, but for a few that are large and test nothing that a small one does not;
the networks are copied whole.
"""

import json
import pathlib
import shutil
import struct
import sys

OPERATIONS = {
    "adam", "adamw", "avg_pool2d", "batch_norm", "bernoulli_log_prob", "clip_grad_norm", "conv2d",
    "cross_entropy", "global_avg_pool2d", "linear", "log_softmax", "max_pool2d", "relu",
    "schedule_cosine", "schedule_multi_step", "schedule_step", "sgd", "sigmoid", "softmax",
}
LARGE = {"conv2d.resnet32", "conv2d.resnet34tail", "linear.wide"}
UNSUPPORTED = {"cross_entropy.class_weights"}


def main(source, target):
    vectors = json.loads((source / "layers.json").read_text())
    cases = [
        case for case in vectors["cases"]
        if case["op"] in OPERATIONS and case["name"] not in LARGE | UNSUPPORTED
    ]
    names = sorted({
        name for case in cases for part in ("inputs", "outputs", "gradients")
        for name in case.get(part, {}).values()
    })

    raw = (source / "layers.safetensors").read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + length])
    kept, body = {}, b""
    for name in names:
        first, last = header[name]["data_offsets"]
        data = raw[8 + length + first:8 + length + last]
        kept[name] = {**header[name], "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(kept, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)

    (target / "layers.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + body)
    (target / "layers.json").write_text(
        json.dumps({**vectors, "cases": cases}, separators=(",", ":")) + "\n")
    shutil.rmtree(target / "networks", ignore_errors=True)
    shutil.copytree(source / "networks", target / "networks")
    for path in (target / "networks").iterdir():
        path.chmod(0o644)


if len(sys.argv) != 3:
    sys.exit(__doc__)
main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
