"""The nets and inputs of benchmarks/run/peer_nets.hpp in PyTorch, channels_last, and what PyTorch's programs share."""
import contextlib

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


def adamw(parameters, rate=1e-3):
    """AdamW in its fastest form here: one fused sweep where this PyTorch has it for the device."""
    parameters = list(parameters)
    try:
        return torch.optim.AdamW(parameters, lr=rate, fused=True)
    except (RuntimeError, TypeError):
        return torch.optim.AdamW(parameters, lr=rate)


class Place:
    """Where a program computes: so many threads of the CPU ("2"), or DEVICE/PRECISION ("cuda/f32"), as a GPU is used: what
    comes from the host and goes there is copied in every call, and a call has ended when its work has. Precision: f32, tf32
    (factors of 10 bits of mantissa in products and convolutions) or bf16 (autocast). "cpu/f32" tries the same on the CPU.
    """

    def __init__(self, where):
        self.device, _, self._precision = str(where).partition("/")
        self.threads = 0 if self._precision else int(where)  # 0: timed by the wall's clock
        self._on_gpu = self.device == "cuda"
        if not self._precision:
            torch.set_num_threads(self.threads)
            return
        if self._precision not in ("f32", "tf32", "bf16"):
            raise SystemExit(f"{where}: PRECISION f32, tf32 or bf16")
        torch.set_default_device(self.device)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = self._precision != "f32"
        torch.backends.cudnn.benchmark = True  # its fastest, as shapes stay the same here

    def from_host(self, count, colours, side):
        """Pictures as they lie on the host; page-locked beside a GPU, for PyTorch's fastest copy."""
        images = torch.randn(count, colours, side, side, device="cpu").contiguous(memory_format=torch.channels_last)
        return images.pin_memory() if self._on_gpu else images

    def send(self, images):
        return images.to(self.device, non_blocking=True) if self._precision else images

    def precision(self):
        return torch.autocast(self.device, torch.bfloat16) if self._precision == "bf16" else contextlib.nullcontext()

    def finish(self):
        if self._on_gpu:
            torch.cuda.synchronize()


def begin(where):
    place = Place(where)
    torch.manual_seed(0)
    return place
