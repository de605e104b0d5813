"""The nets and inputs of benchmarks/run/peer_nets.hpp in PyTorch, channels_last, and what PyTorch's programs share."""
import torch
from torch import nn

CHANNELS = {"a": (32, 32, 32, 32), "b": (64, 64, 64, 64), "c": (32, 64, 128, 256)}
# input -> (images a step: both views together, colours)
INPUTS = {28: (512, 1), 32: (256, 3), 84: (128, 3)}


def backbone(channels, colours):
    """Four blocks [3x3 convolution, batch norm, ReLU, 2x2 max pool]."""
    blocks = []
    for out in channels:
        blocks += [nn.Conv2d(colours, out, kernel_size=3, padding=1, bias=False), nn.BatchNorm2d(out),
                   nn.ReLU(inplace=True), nn.MaxPool2d(2)]
        colours = out
    return nn.Sequential(*blocks)


def pooled(maps):
    """Global mean pooling."""
    return maps.mean(dim=(2, 3))


def noise(count, colours, side):
    return torch.randn(count, colours, side, side).contiguous(memory_format=torch.channels_last)


def adamw(parameters, rate=1e-3):
    """AdamW in its fastest form here: one fused sweep where this PyTorch has it for the CPU."""
    parameters = list(parameters)
    try:
        return torch.optim.AdamW(parameters, lr=rate, fused=True)
    except (RuntimeError, TypeError):
        return torch.optim.AdamW(parameters, lr=rate)


def begin(threads):
    torch.set_num_threads(threads)
    torch.manual_seed(0)
