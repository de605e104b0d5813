#!/usr/bin/python3
"""One training step in PyTorch, the peer of benchmarks/run/train_step.cpp.

A backbone of torch_nets.py, global mean pooling, projector 256 -> 128, NT-Xent with temperature 0.5 over two views,
AdamW; channels_last. One configuration a process. `compile`: net and loss by torch.compile.

usage: torch_step.py NET INPUT THREADS|DEVICE/PRECISION eager|compile [SECONDS|turns]     NET: a b c     INPUT: 28 32 84
prints: as turns.py says
"""
import sys

import torch
from torch import nn
from torch.nn import functional

import torch_nets
import turns


class Net(nn.Module):
    def __init__(self, channels, colours):
        super().__init__()
        self.body = torch_nets.backbone(channels, colours)
        self.projector = nn.Sequential(nn.Linear(channels[-1], 256), nn.ReLU(inplace=True), nn.Linear(256, 128))

    def forward(self, images):
        return self.projector(torch_nets.pooled(self.body(images)))


def nt_xent(projected, partner, diagonal, temperature=0.5):
    unit = functional.normalize(projected)
    logits = (unit @ unit.t()) / temperature
    return functional.cross_entropy(logits.masked_fill(diagonal, float("-inf")), partner)


def main():
    name, side, way = sys.argv[1], int(sys.argv[2]), sys.argv[4]
    place = torch_nets.begin(sys.argv[3])
    before = turns.begin_memory()

    count, colours = torch_nets.INPUTS[side]
    net = Net(torch_nets.CHANNELS[name], colours).to(memory_format=torch.channels_last)
    optimizer = torch_nets.adamw(net.parameters())
    images = place.from_host(count, colours, side)
    partner = torch.arange(count).roll(count // 2)
    diagonal = torch.eye(count, dtype=torch.bool)

    def loss_of(pictures):
        return nt_xent(net(pictures), partner, diagonal)

    if way == "compile":
        loss_of = torch.compile(loss_of)

    def once():
        optimizer.zero_grad(set_to_none=True)
        with place.precision():
            loss = loss_of(place.send(images))
        loss.backward()
        optimizer.step()
        place.finish()

    turns.take_turns(once, count, place.threads, before, sys.argv[5] if len(sys.argv) > 5 else "2")


if __name__ == "__main__":
    main()
