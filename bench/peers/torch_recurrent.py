#!/usr/bin/python3
"""Times PyTorch's recurrent layers: torch_recurrent.py SHAPES.json --threads N --seconds S [--wait passive|active] --json OUT

Forward: every step's output, no gradient. Train: forward, then the gradients of all weights and of the input from ones on
every output; no optimiser. Ragged rows (row b has max(1, steps * (batch - b) // batch) steps) run as a packed sequence.
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
from torch.nn.utils.rnn import pack_padded_sequence

LAYERS = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}


def measure(shape):
    batch, steps = shape["batch"], shape["steps"]
    layer = LAYERS[shape["cell"]](shape["inputs"], shape["units"], shape["layers"], bidirectional=shape["bidirectional"])
    values = torch.rand(steps, batch, shape["inputs"]) * 2 - 1
    lengths = torch.tensor([max(1, steps * (batch - row) // batch) for row in range(batch)])
    ragged = "lengths" in shape

    def run(x):
        output, _ = layer(pack_padded_sequence(x, lengths) if ragged else x)
        return output.data if ragged else output

    def forward():
        with torch.no_grad():
            run(values)

    def train():
        layer.zero_grad(set_to_none=True)
        output = run(values.clone().requires_grad_())
        output.backward(torch.ones_like(output))

    return {"name": shape["name"], "forward_ms": median_ms(forward, arguments.seconds), "train_ms": median_ms(train, arguments.seconds) if steps > 1 else None}


torch.manual_seed(1)
torch.set_num_threads(arguments.threads)
with open(arguments.shapes) as file:
    results = [measure(shape) for shape in json.load(file)]
with open(arguments.json, "w") as file:
    json.dump({"version": torch.__version__, "threads": arguments.threads, "results": results}, file, indent=1)
