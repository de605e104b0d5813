#!/usr/bin/python3
"""One training step of DINO with multi-crop in PyTorch, the peer of benchmarks/run/dino_step.cpp.

Two global views and six local crops a picture, each resolution through the backbone by itself; head
[Linear, batch norm, GELU] twice, Linear, rows to length 1, prototypes of length 1 (Caron et al. 2021); the teacher sees
the global views with the batch's statistics; AdamW; the teacher's average. channels_last. `compile`: both forward
passes and the loss by torch.compile.

usage: torch_dino.py NET INPUT THREADS|DEVICE/PRECISION eager|compile [SECONDS|turns]     NET: a b c     INPUT: 28 32 84
prints: as turns.py says, pictures (not views) a second
"""
import copy
import sys

import torch
from torch import nn
from torch.nn import functional

import torch_nets
import turns

LOCAL = {84: 36, 32: 16, 28: 16}
GLOBAL_VIEWS, LOCAL_VIEWS = 2, 6


class Head(nn.Module):
    def __init__(self, width, hidden=256, bottleneck=64, prototypes=512):
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(width, hidden), nn.BatchNorm1d(hidden), nn.GELU(),
                                 nn.Linear(hidden, hidden), nn.BatchNorm1d(hidden), nn.GELU(),
                                 nn.Linear(hidden, bottleneck))
        self.prototypes = nn.Parameter(torch.randn(prototypes, bottleneck))

    def forward(self, features):
        return functional.linear(functional.normalize(self.mlp(features)), functional.normalize(self.prototypes))


class Net(nn.Module):
    def __init__(self, channels, colours):
        super().__init__()
        self.body = torch_nets.backbone(channels, colours)
        self.head = Head(channels[-1])

    def forward(self, *groups):
        return self.head(torch.cat([torch_nets.pooled(self.body(group)) for group in groups]))


def dino(student, targets, pictures, temperature=0.1):
    """Student logits of all views against the teacher's distribution of each other global view."""
    logs = functional.log_softmax(student / temperature, dim=1).split(pictures)
    first, second = targets.split(pictures)
    terms = [(second * logs[0]).sum(), (first * logs[1]).sum()]
    terms += [((first + second) * log).sum() for log in logs[2:]]
    return -sum(terms) / (pictures * 2 * (len(logs) - 1))


def main():
    name, side, way = sys.argv[1], int(sys.argv[2]), sys.argv[4]
    place = torch_nets.begin(sys.argv[3])
    before = turns.begin_memory()

    count, colours = torch_nets.INPUTS[side]
    pictures = count // 4
    student = Net(torch_nets.CHANNELS[name], colours).to(memory_format=torch.channels_last)
    teacher = copy.deepcopy(student).requires_grad_(False)
    optimizer = torch_nets.adamw(student.parameters())
    large_views = place.from_host(GLOBAL_VIEWS * pictures, colours, side)
    small_views = place.from_host(LOCAL_VIEWS * pictures, colours, LOCAL[side])
    centre = torch.zeros(512)

    def loss_of(outputs, large, small):
        targets = functional.softmax((outputs - centre) / 0.04, dim=1)
        return dino(student(large, small), targets, pictures)

    teach = teacher
    if way == "compile":
        loss_of, teach = torch.compile(loss_of), torch.compile(teacher)
    averaged = [v for v in teacher.state_dict().values() if v.is_floating_point()]
    moving = [v for v in student.state_dict().values() if v.is_floating_point()]

    def once():
        optimizer.zero_grad(set_to_none=True)
        large, small = place.send(large_views), place.send(small_views)
        with place.precision():
            with torch.no_grad():
                outputs = teach(large)
            loss = loss_of(outputs, large, small)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            centre.mul_(0.9).add_(outputs.mean(dim=0), alpha=0.1)
            torch._foreach_mul_(averaged, 0.996)
            torch._foreach_add_(averaged, moving, alpha=0.004)
        place.finish()

    turns.take_turns(once, pictures, place.threads, before, sys.argv[5] if len(sys.argv) > 5 else "2")


if __name__ == "__main__":
    main()
