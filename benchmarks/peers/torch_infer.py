#!/usr/bin/python3
"""Features of a batch in PyTorch, the peer of benchmarks/run/inference.cpp: a backbone of torch_nets.py in evaluation
mode, its map flattened; channels_last, inference_mode.

eager; jit: traced, frozen and optimised for inference; compile: torch.compile with frozen weights (batch norms folded).

usage: torch_infer.py NET INPUT THREADS|DEVICE/PRECISION BATCH eager|jit|compile [SECONDS|turns]      NET: a b c     INPUT: 28 32 84
prints: as turns.py says
"""
import sys

import torch
from torch import nn

import torch_nets
import turns


def main():
    name, side, batch, way = sys.argv[1], int(sys.argv[2]), int(sys.argv[4]), sys.argv[5]
    place = torch_nets.begin(sys.argv[3])
    before = turns.begin_memory()
    colours = torch_nets.INPUTS[side][1]
    net = nn.Sequential(torch_nets.backbone(torch_nets.CHANNELS[name], colours), nn.Flatten()).eval()
    net = net.requires_grad_(False).to(memory_format=torch.channels_last)
    images = place.from_host(batch, colours, side)
    if way == "jit":
        with torch.no_grad():
            net = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(net, place.send(images))))
    elif way == "compile":
        from torch._inductor import config

        config.freezing = True
        net = torch.compile(net)

    def once():
        with torch.inference_mode() if way != "compile" else torch.no_grad(), place.precision():
            net(place.send(images)).cpu()

    turns.take_turns(once, batch, place.threads, before, sys.argv[6] if len(sys.argv) > 6 else "2")


if __name__ == "__main__":
    main()
