#!/usr/bin/env python3
"""Two augmented views a picture with torchvision, the peer of benchmarks/run/augment.cpp; one picture at a time, as a
Dataset's __getitem__ makes them, on one thread.

KIND v1: torchvision.transforms on PIL pictures, ending in ToTensor. KIND v2: torchvision.transforms.v2 on uint8
tensors, ending in float (v2 is in torchvision 0.15 and later). KIND v2_float: the same on float tensors all along.
The drawings' transforms leave out the change of stroke width, which torchvision does not have; --no-elastic leaves out
ElasticTransform too, which is the slowest of them.

usage: torch_augment.py PRESET KIND [ROUNDS] [--no-elastic]     PRESET: 28 32 84
prints: <views/s, median round> images/s
"""
import random
import statistics
import sys
import time

import numpy
import torch
import torchvision
from PIL import Image
from torchvision import transforms as v1

try:
    from torchvision.transforms import v2
except ImportError:
    v2 = None

PICTURES = 64
SOURCE = {28: (84, 84, 1), 32: (32, 32, 3), 84: (84, 84, 3)}


def transform(preset, kind, elastic):
    t = v1 if kind == "v1" else v2
    bilinear = v1.InterpolationMode.BILINEAR
    extra = {} if kind == "v1" else {"antialias": True}
    if kind == "v1":
        begin, end = [], [t.ToTensor()]
    else:
        begin = [t.ToDtype(torch.float32, scale=True)] if kind == "v2_float" else []
        end = [t.ToDtype(torch.float32, scale=True)] if kind == "v2" else []
    if preset == 28:
        steps = [t.RandomAffine(degrees=20, translate=(0.02, 0.02), scale=(0.74, 1.35), shear=(-22, 22, -22, 22),
                                interpolation=bilinear)]
        if elastic:
            steps.append(t.ElasticTransform(alpha=50.0, sigma=5.0))
        steps += [t.Resize(28, **extra), t.ColorJitter(brightness=0.3, contrast=0.3)]
        return t.Compose(begin + steps + end + [t.RandomErasing(p=0.25, scale=(0.02, 0.1))])
    least, sigma, blurs = {32: (0.2, 1.0, 0.5), 84: (0.08, 2.0, 0.55)}[preset]
    # The kernel as wide as ours: three sigma on each side of its middle.
    steps = [t.RandomResizedCrop(preset, scale=(least, 1.0), **extra),
             t.RandomHorizontalFlip(),
             t.RandomApply([t.ColorJitter(0.4, 0.4, 0.2, 0.1)], p=0.8),
             t.RandomGrayscale(0.2),
             t.RandomApply([t.GaussianBlur(2 * int(3 * sigma) + 1, sigma=(0.1, sigma))], p=blurs),
             t.RandomSolarize(0.5 if kind == "v2_float" else 128, p=0.1)]
    return t.Compose(begin + steps + end)


def main():
    elastic = "--no-elastic" not in sys.argv
    arguments = [a for a in sys.argv[1:] if a != "--no-elastic"]
    preset, kind = int(arguments[0]), arguments[1]
    rounds = int(arguments[2]) if len(arguments) > 2 else 5
    if kind != "v1" and v2 is None:
        sys.exit(f"torchvision {torchvision.__version__} has no transforms.v2")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    random.seed(0)

    height, width, channels = SOURCE[preset]
    noise = numpy.random.default_rng(0).integers(0, 256, (PICTURES, height, width, channels), dtype=numpy.uint8)
    if kind == "v1":
        pictures = [Image.fromarray(p[:, :, 0] if channels == 1 else p) for p in noise]
    else:
        pictures = [torch.from_numpy(p).permute(2, 0, 1).contiguous() for p in noise]
    augment = transform(preset, kind, elastic)

    seconds = []
    for _ in range(1 + rounds):
        start = time.perf_counter()
        for picture in pictures:
            first, second = augment(picture), augment(picture)
        seconds.append(time.perf_counter() - start)
    assert first.shape == second.shape == (channels, preset, preset) and first.dtype == torch.float32
    print(f"{2 * PICTURES / statistics.median(seconds[1:]):.0f} images/s")


if __name__ == "__main__":
    main()
