#!/usr/bin/python3
"""Omniglot in PyTorch, the whole program: what `train_sseg --omniglot` without growth and `evaluate_fewshot --runs` with
evaluation.copies=0 do, with the same settings. README.md says what differs.

Drawings centred by the centroid of their ink and zoomed, 104x104; each step warps 64 of them twice, centres and zooms
again, and halves the size; net: four blocks of 32 channels, projector 256 -> 128, NT-Xent with temperature 0.2; AdamW
with 100 steps of warm-up and a cosine; an averaged teacher, which is evaluated: 20-way one-shot runs by cosine.

usage: torch_omniglot.py BACKGROUND.zip RUNS.zip STEPS SEED THREADS
prints: <mean of the run errors in percent> <CPU seconds of training>
"""
import collections
import copy
import io
import math
import sys
import time
import zipfile

import numpy
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

import torch_nets
from torch_step import nt_xent

SIDE, BATCH, CHANNELS, TEMPERATURE = 104, 64, (32, 32, 32, 32), 0.2
RATE, DECAY, WARM_UP, AVERAGE = 0.005, 1e-4, 100, 0.996
ROTATE, SCALE, SHEAR, SHIFT, ELASTIC = 20, 0.3, 0.4, 0.02, 0.12
MARGIN = 0.1


def centred(png):
    """A drawing, ink 1 on paper 0, whose ink's centroid lies in the middle and which fills the frame but for a margin."""
    ink = (255 - numpy.asarray(Image.open(io.BytesIO(png)).convert("L"), dtype=numpy.float32)) / 255
    rows, columns = numpy.nonzero(ink > 0.5)
    side = ink.shape[0]
    y, x = rows.mean() + 0.5, columns.mean() + 0.5
    reach = max(y - rows.min(), rows.max() + 1 - y, x - columns.min(), columns.max() + 1 - x)
    half = max(reach / (1 - 2 * MARGIN), side / 4)
    paper = 2 * side  # on every side, so that the window lies inside
    drawing = Image.fromarray(numpy.pad(ink, paper))
    window = (x - half + paper, y - half + paper, x + half + paper, y + half + paper)
    return numpy.asarray(drawing.resize((SIDE, SIDE), Image.BOX, box=window))


def drawings(archive, names):
    return torch.from_numpy(numpy.stack([centred(archive.read(name)) for name in names]))[:, None]


def frame(x):
    """Centres and zooms by the ink, as `centred` does, and halves the size."""
    count, side = len(x), x.shape[-1]
    ink = (x[:, 0] > 0.3).float()
    place = torch.arange(side, dtype=torch.float32)

    def along(dim):
        mass = ink.sum(dim=dim)
        any_ink = mass > 0
        first = torch.where(any_ink, place, torch.tensor(float(side))).amin(dim=1)
        last = torch.where(any_ink, place + 1, torch.tensor(0.0)).amax(dim=1)
        middle = (mass * (place + 0.5)).sum(dim=1) / mass.sum(dim=1).clamp_min(1)
        return middle, torch.maximum(middle - first, last - middle)

    (middle_y, reach_y), (middle_x, reach_x) = along(2), along(1)
    scale = (torch.maximum(reach_y, reach_x) / (side * (0.5 - MARGIN))).clamp_min(1 / 3)
    empty = ink.sum(dim=(1, 2)) == 0
    half = torch.tensor(side / 2)
    middle_y, middle_x = torch.where(empty, half, middle_y), torch.where(empty, half, middle_x)
    scale = torch.where(empty, torch.tensor(1.0), scale)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = scale
    theta[:, 0, 2], theta[:, 1, 2] = 2 * middle_x / side - 1, 2 * middle_y / side - 1
    grid = functional.affine_grid(theta, list(x.shape), align_corners=False)
    return functional.avg_pool2d(functional.grid_sample(x, grid, align_corners=False), 2)


def spline(cells=4):
    """(SIDE, cells + 3): weights of a uniform cubic B-spline at each pixel."""
    weights = torch.zeros(SIDE, cells + 3)
    for i in range(SIDE):
        t = i / SIDE * cells
        first = min(int(t), cells - 1)
        f, g = t - first, 1 - t + first
        weights[i, first:first + 4] = torch.tensor([g**3, 4 - 6 * f**2 + 3 * f**3, 4 - 6 * g**2 + 3 * g**3, f**3]) / 6
    return weights


def warp(x, surface):
    """A random affine map and a smooth displacement in one bilinear resampling."""
    count = len(x)

    def uniform(limit):
        return (2 * torch.rand(count) - 1) * limit

    angle, sx, sy, k = uniform(math.radians(ROTATE)), uniform(SCALE).exp(), uniform(SCALE).exp(), uniform(SHEAR)
    c, n = angle.cos(), angle.sin()
    theta = torch.stack([torch.stack([c * sx, (c * k - n) * sy, uniform(2 * SHIFT)], 1),
                         torch.stack([n * sx, (n * k + c) * sy, uniform(2 * SHIFT)], 1)], 1)
    bend = surface @ torch.randn(count, 2, surface.shape[1], surface.shape[1]) @ surface.t()
    grid = functional.affine_grid(theta, list(x.shape), align_corners=False) + 2 * ELASTIC * bend.permute(0, 2, 3, 1)
    return functional.grid_sample(x, grid, align_corners=False)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(torch_nets.backbone(CHANNELS, 1), nn.Flatten())
        self.projector = nn.Sequential(nn.Linear(CHANNELS[-1] * 9, 256), nn.ReLU(inplace=True), nn.Linear(256, 128))
        for layer in self.modules():  # as the library starts them
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="linear" if layer is self.projector[2] else "relu")

    def forward(self, images):
        return self.projector(self.body(images))


def rate_at(step, steps):
    if step < WARM_UP:
        return RATE * (step + 1) / WARM_UP
    return RATE * 0.5 * (1 + math.cos(math.pi * (step - WARM_UP) / max(steps - WARM_UP, 1)))


def train(pictures, steps):
    """Returns the averaged teacher."""
    net = Net().to(memory_format=torch.channels_last)
    teacher = copy.deepcopy(net).requires_grad_(False)
    averaged = [v for v in teacher.state_dict().values() if v.is_floating_point()]
    moving = [v for v in net.state_dict().values() if v.is_floating_point()]
    weights = [p for p in net.parameters() if p.dim() > 1]
    others = [p for p in net.parameters() if p.dim() <= 1]
    optimizer = torch_nets.adamw([{"params": weights, "weight_decay": DECAY}, {"params": others, "weight_decay": 0}])
    surface, partner = spline(), torch.arange(2 * BATCH).roll(BATCH)
    diagonal = torch.eye(2 * BATCH, dtype=torch.bool)
    order = torch.empty(0, dtype=torch.long)
    for step in range(steps):
        if len(order) < BATCH:
            order = torch.randperm(len(pictures))
        batch, order = pictures[order[:BATCH]], order[BATCH:]
        views = frame(warp(torch.cat([batch, batch]), surface)).contiguous(memory_format=torch.channels_last)
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, steps)
        optimizer.zero_grad(set_to_none=True)
        nt_xent(net(views), partner, diagonal, TEMPERATURE).backward()
        optimizer.step()
        keep = min(AVERAGE, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_mul_(averaged, keep)
            torch._foreach_add_(averaged, moving, alpha=1 - keep)
    return teacher.eval()


def runs_of(archive):
    """Folder of each run -> its rows of class_labels.txt."""
    runs = collections.OrderedDict()
    for name in sorted(archive.namelist()):
        if name.endswith("class_labels.txt"):
            folder = name[:-len("class_labels.txt")]
            above = folder[:-len(folder.rstrip("/").split("/")[-1]) - 1]
            rows = [line.split() for line in archive.read(name).decode().splitlines() if line.strip()]
            runs[folder] = [[above + path for path in row] for row in rows]
    return runs


def error(teacher, archive):
    errors = []
    for rows in runs_of(archive).values():
        shown = sorted({row[1] for row in rows})
        with torch.inference_mode():
            test, training = (functional.normalize(teacher.body(frame(drawings(archive, names))))
                              for names in ([row[0] for row in rows], shown))
            nearest = (test @ training.t()).argmax(dim=1)
        errors.append(100 * sum(shown[k] != row[1] for k, row in zip(nearest.tolist(), rows)) / len(rows))
    return sum(errors) / len(errors)


def main():
    background, runs, steps, seed, threads = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
    torch_nets.begin(threads)
    torch.manual_seed(seed)
    with zipfile.ZipFile(background) as archive:
        pictures = drawings(archive, sorted(n for n in archive.namelist() if n.endswith(".png")))
    begin = time.process_time()
    teacher = train(pictures, steps)
    seconds = time.process_time() - begin
    with zipfile.ZipFile(runs) as archive:
        print(f"{error(teacher, archive):.2f} {seconds:.1f}")


if __name__ == "__main__":
    main()
