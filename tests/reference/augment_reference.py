#!/usr/bin/env python3
"""Writes augment_reference.hpp: what PIL and torchvision make of two small pictures, for
tests/unit/augment/reference_test.cpp. Not part of the tests: they compare with the table that lies beside this program.

usage: augment_reference.py > augment_reference.hpp          needs numpy, Pillow, torch and torchvision
"""
import math

import numpy
import PIL
import torch
import torchvision
from PIL import Image, ImageFilter
from torchvision.transforms import functional

HEIGHT, WIDTH = 12, 10


def picture():
    """(12, 10, 3) bytes by a formula that the test repeats."""
    y, x, c = numpy.meshgrid(numpy.arange(HEIGHT), numpy.arange(WIDTH), numpy.arange(3), indexing="ij")
    return ((40 * c + 17 * y + 23 * x + y * x * (c + 1)) % 256).astype(numpy.uint8)


def framed():
    """The first channel with a margin of two zeros: what lies outside does not depend on a library's borders."""
    gray = picture()[:, :, 0].copy()
    gray[:2], gray[-2:], gray[:, :2], gray[:, -2:] = 0, 0, 0, 0
    return gray


def floats(array):
    return [Image.fromarray(channel.astype(numpy.float32) / 255) for channel in numpy.moveaxis(array, 2, 0)]


def crop(top, left, height, width, rows, columns):
    box = (left, top, left + width, top + height)
    parts = [part.resize((columns, rows), Image.Resampling.BILINEAR, box=box) for part in floats(picture())]
    return numpy.stack([numpy.asarray(part) for part in parts], axis=2)


def map_about_centre(degrees, scale_x, scale_y, shear, shift_x, shift_y):
    """Pixel centres on whole numbers: result to source, 3x3."""
    angle = math.radians(degrees)
    turn = numpy.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    linear = turn @ numpy.array([[1, shear], [0, 1]]) @ numpy.diag([scale_x, scale_y])
    centre = numpy.array([(WIDTH - 1) / 2, (HEIGHT - 1) / 2])
    whole = numpy.eye(3)
    whole[:2, :2] = linear
    whole[:2, 2] = centre + [shift_x, shift_y] - linear @ centre
    return whole


def warped(matrix, rows, columns):
    """PIL counts from the corner of the first pixel."""
    corner, centre = numpy.eye(3), numpy.eye(3)
    corner[:2, 2], centre[:2, 2] = 0.5, -0.5
    data = (corner @ matrix @ centre)[:2].flatten().tolist()
    source = Image.fromarray(framed().astype(numpy.float32) / 255)
    return numpy.asarray(source.transform((columns, rows), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR))


def cropped_map(top, left, height, width, rows, columns, left_right):
    """Result to warped picture: a window, mirrored."""
    right, down = width / columns, height / rows
    matrix = numpy.array([[right, 0, left + 0.5 * right - 0.5], [0, down, top + 0.5 * down - 0.5], [0, 0, 1]])
    if left_right:
        matrix = matrix @ numpy.array([[-1, 0, columns - 1], [0, 1, 0], [0, 0, 1]])
    return matrix


def tensor(array):
    return torch.from_numpy(array.astype(numpy.float32) / 255).permute(2, 0, 1)


def pixels(result):
    return result.permute(1, 2, 0).numpy()


def blurred(sigma):
    """torchvision mirrors the picture at its border; given a margin of border values, it mirrors nothing that counts."""
    radius = math.ceil(3 * sigma)
    wide = torch.nn.functional.pad(tensor(picture())[None], (2 * radius,) * 4, mode="replicate")[0]
    out = functional.gaussian_blur(wide, [2 * radius + 1, 2 * radius + 1], [sigma, sigma])
    return pixels(out[:, 2 * radius:-2 * radius, 2 * radius:-2 * radius])


def filtered(kind, size):
    return numpy.asarray(Image.fromarray(picture()[:, :, 0]).filter(kind(size))).astype(numpy.float32) / 255


def main():
    whole = tensor(picture())
    gray = tensor(framed()[:, :, None])
    bent = map_about_centre(20, 1.2, 0.85, 0.3, 0.6, -0.4)
    cases = {
        "crop_shrunk": crop(1.3, 0.7, 9.5, 8.25, 4, 4),
        "crop_grown": crop(2.25, 3.5, 4.5, 3.75, 6, 6),
        "warp": warped(bent, HEIGHT, WIDTH),
        "geometry": warped(bent @ cropped_map(1.5, 1.25, 7.5, 6.5, 9, 8, True), 9, 8),
        "rotated_25": pixels(functional.affine(gray, 25, [0, 0], 1.0, [0.0, 0.0],
                                               functional.InterpolationMode.BILINEAR)),
        "scaled_1_3_moved_1_m2": pixels(functional.affine(gray, 0, [1, -2], 1.3, [0.0, 0.0],
                                                          functional.InterpolationMode.BILINEAR)),
        "sheared_15": pixels(functional.affine(gray, 0, [0, 0], 1.0, [15.0, 0.0],
                                               functional.InterpolationMode.BILINEAR)),
        "brightness_1_3": pixels(functional.adjust_brightness(whole, 1.3)),
        "contrast_0_6": pixels(functional.adjust_contrast(whole, 0.6)),
        "contrast_1_7": pixels(functional.adjust_contrast(whole, 1.7)),
        "saturation_0_4": pixels(functional.adjust_saturation(whole, 0.4)),
        "saturation_1_8": pixels(functional.adjust_saturation(whole, 1.8)),
        "hue_0_13": pixels(functional.adjust_hue(whole, 0.13)),
        "hue_m0_4": pixels(functional.adjust_hue(whole, -0.4)),
        "gray": pixels(functional.rgb_to_grayscale(whole)),
        "blur_1_1": blurred(1.1),
        "solarized_0_5": pixels(functional.solarize(whole, 0.5)),
        "dilated_1": filtered(ImageFilter.MaxFilter, 3),
        "dilated_2": filtered(ImageFilter.MaxFilter, 5),
        "eroded_1": filtered(ImageFilter.MinFilter, 3),
        "turned_1": numpy.rot90(picture()[:HEIGHT - 2].astype(numpy.float32) / 255),
        "standardized": pixels(functional.normalize(whole, [129.377 / 255, 124.106 / 255, 112.478 / 255],
                                                    [68.209 / 255, 65.431 / 255, 70.459 / 255])),
    }
    print("#pragma once\n#include <array>\n")
    print("/// Written by augment_reference.py; do not edit. In hundred-thousandths.")
    print(f"/// Pillow {PIL.__version__}, torchvision {torchvision.__version__}, torch {torch.__version__}, "
          f"numpy {numpy.__version__}.")
    print("namespace augment_reference {\n\n// clang-format off")
    for name, values in cases.items():
        flat = numpy.rint(numpy.asarray(values, dtype=numpy.float64) * 1e5).astype(int).flatten()
        print(f"inline constexpr std::array<int, {flat.size}> {name}{{")
        for start in range(0, flat.size, 18):
            print(",".join(str(v) for v in flat[start:start + 18]) + ",")
        print("};")
    print("// clang-format on\n\n}  // namespace augment_reference")


if __name__ == "__main__":
    main()
