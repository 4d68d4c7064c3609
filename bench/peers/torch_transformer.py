#!/usr/bin/python3
"""Times PyTorch's Transformer encoder: torch_transformer.py SHAPES.json --threads N --seconds S [--wait passive|active] --json OUT

A shape has name, layers, width, heads, feedForward, batch, steps and causal. Forward: evaluation mode, no gradient, PyTorch's fast path where it
takes it. Train: forward without dropout, then the gradients of all weights and of the input from ones on every output; no optimiser.
"""
import argparse
import json

import torch_settings
from torch_timing import median_ms

parser = argparse.ArgumentParser()
parser.add_argument("shapes")
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--seconds", type=float, required=True)
parser.add_argument("--wait", choices=("passive", "active"), default="passive")
parser.add_argument("--json", required=True)
arguments = parser.parse_args()
torch_settings.restart_with(arguments.threads, arguments.wait)

import torch


def measure(shape):
    layer = torch.nn.TransformerEncoderLayer(shape["width"], shape["heads"], shape["feedForward"], dropout=0.0, activation="gelu", batch_first=True)
    model = torch.nn.TransformerEncoder(layer, shape["layers"])
    values = torch.rand(shape["batch"], shape["steps"], shape["width"]) * 2 - 1
    mask = torch.triu(torch.full((shape["steps"], shape["steps"]), float("-inf")), 1) if shape["causal"] else None

    def forward():
        with torch.no_grad():
            model(values, mask)

    def train():
        model.zero_grad(set_to_none=True)
        output = model(values.clone().requires_grad_(), mask)
        output.backward(torch.ones_like(output))

    model.eval()
    forward_ms = median_ms(forward, arguments.seconds)
    model.train()
    return {"name": shape["name"], "forward_ms": forward_ms, "train_ms": median_ms(train, arguments.seconds)}


torch.manual_seed(1)
torch.set_num_threads(arguments.threads)
with open(arguments.shapes) as file:
    results = [measure(shape) for shape in json.load(file)]
with open(arguments.json, "w") as file:
    json.dump({"version": torch.__version__, "threads": arguments.threads, "results": results}, file, indent=1)
