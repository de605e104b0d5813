#!/usr/bin/python3
"""One training step in PyTorch, the peer of benchmarks/run/train_step.cpp.

Four blocks [3x3 convolution, batch norm, ReLU, 2x2 max pool], global mean pooling, projector 256 -> 128, NT-Xent with
temperature 0.5 over two views, AdamW; channels_last. One configuration a process.

usage: torch_step.py NET INPUT THREADS [STEPS]      NET: a b c     INPUT: 28 32 84
prints: <images/s, median step> images/s, <best step> images/s best, <peak memory> MB
"""
import resource
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional

CHANNELS = {"a": (32, 32, 32, 32), "b": (64, 64, 64, 64), "c": (32, 64, 128, 256)}
# input -> (images a step: both views together, channels)
INPUTS = {28: (512, 1), 32: (256, 3), 84: (128, 3)}
WARM_UP = 3


class Net(nn.Module):
    def __init__(self, channels, colours):
        super().__init__()
        blocks = []
        width = colours
        for out in channels:
            blocks.append(nn.Conv2d(width, out, kernel_size=3, padding=1, bias=False))
            blocks.append(nn.BatchNorm2d(out))
            blocks.append(nn.ReLU(inplace=True))
            blocks.append(nn.MaxPool2d(2))
            width = out
        self.body = nn.Sequential(*blocks)
        self.projector = nn.Sequential(nn.Linear(width, 256), nn.ReLU(inplace=True), nn.Linear(256, 128))

    def forward(self, images):
        return self.projector(self.body(images).mean(dim=(2, 3)))


def nt_xent(projected, partner, diagonal, temperature=0.5):
    unit = functional.normalize(projected)
    logits = (unit @ unit.t()) / temperature
    return functional.cross_entropy(logits.masked_fill(diagonal, float("-inf")), partner)


def main():
    name, side, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    steps = int(sys.argv[4]) if len(sys.argv) > 4 else 7
    torch.set_num_threads(threads)
    torch.manual_seed(0)

    count, colours = INPUTS[side]
    net = Net(CHANNELS[name], colours).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)
    images = torch.randn(count, colours, side, side).contiguous(memory_format=torch.channels_last)
    partner = torch.arange(count).roll(count // 2)
    diagonal = torch.eye(count, dtype=torch.bool)

    seconds = []
    for step in range(WARM_UP + steps):
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        nt_xent(net(images), partner, diagonal).backward()
        optimizer.step()
        if step >= WARM_UP:
            seconds.append(time.perf_counter() - start)

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count / statistics.median(seconds):.0f} images/s, {count / min(seconds):.0f} images/s best, {peak:.0f} MB")


if __name__ == "__main__":
    main()
