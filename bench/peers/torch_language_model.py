#!/usr/bin/python3
"""Trains a character language model in PyTorch as its users would and times whole steps: `unroll bench language-model`'s peer.

torch_language_model.py TEXT [--units 128 --layers 2 --batch 50 --steps 50 --iterations 200 --threads 1]
    [--wait passive|active] [--json OUT]
    [--weights OUT: writes the initial weights as safetensors] [--losses OUT: writes every step's loss, the warm-up's too]
"""
import argparse
import json
import struct
import time

import torch_settings

WARM_UP, ROW, CLIP, RATE = 10, 4000, 5.0, 2e-3

parser = argparse.ArgumentParser()
parser.add_argument("text")
for name, standard in ("units", 128), ("layers", 2), ("batch", 50), ("steps", 50), ("iterations", 200), ("threads", 1):
    parser.add_argument("--" + name, type=int, default=standard)
parser.add_argument("--wait", choices=("passive", "active"), default="passive")
for name in "json", "weights", "losses":
    parser.add_argument("--" + name)
arguments = parser.parse_args()
torch_settings.restart_with(arguments.threads, arguments.wait)

import torch
from torch import nn


class Model(nn.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, arguments.units)
        self.lstm = nn.LSTM(arguments.units, arguments.units, arguments.layers)
        self.output = nn.Linear(arguments.units, vocabulary)

    def forward(self, characters, state):
        hidden, state = self.lstm(self.embedding(characters), state)
        return self.output(hidden), tuple(part.detach() for part in state)


def write_safetensors(path, tensors):
    """Length of the header, the header in JSON, then the numbers: https://github.com/huggingface/safetensors."""
    header, blocks, end = {}, [], 0
    for name, tensor in tensors.items():
        blocks.append(tensor.detach().contiguous().numpy().astype("<f4").tobytes())
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [end, end + len(blocks[-1])]}
        end += len(blocks[-1])
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blocks))


torch.manual_seed(1)
torch.set_num_threads(arguments.threads)
with open(arguments.text, encoding="utf-8", newline="") as file:
    text = file.read()
places = {character: place for place, character in enumerate(sorted(set(text)))}
ids = torch.tensor([places[character] for character in text[: arguments.batch * ROW + 1]])
length = (len(ids) - 1) // arguments.batch
used = length * arguments.batch
characters = ids[:used].view(arguments.batch, length).t()
following = ids[1 : used + 1].view(arguments.batch, length).t()

model = Model(len(places))
if arguments.weights:
    write_safetensors(arguments.weights, model.state_dict())
optimizer = torch.optim.Adam(model.parameters(), RATE)
state, position, losses = None, 0, []
for iteration in range(WARM_UP + arguments.iterations):
    if iteration == WARM_UP:
        start = time.perf_counter()
    if position + arguments.steps > length:
        state, position = None, 0
    batch = slice(position, position + arguments.steps)
    logits, state = model(characters[batch], state)
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), following[batch].flatten())
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP)
    optimizer.step()
    losses.append(loss.item())
    position += arguments.steps
speed = arguments.iterations * arguments.batch * arguments.steps / (time.perf_counter() - start)

print(f"{speed:,.0f} characters/s, loss {losses[-1]:.4f}, {arguments.threads} threads")
if arguments.losses:
    with open(arguments.losses, "w") as file:
        file.writelines(f"{loss!r}\n" for loss in losses)
if arguments.json:
    with open(arguments.json, "w") as file:
        json.dump({"version": torch.__version__, "threads": arguments.threads, "characters_per_second": speed, "loss": losses[-1]}, file)
