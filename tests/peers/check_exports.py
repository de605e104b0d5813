"""check_exports.py FOLDER: ONNX Runtime, onnx and safetensors read what write_exports wrote, and agree with it."""
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from safetensors import safe_open
from safetensors.numpy import load_file

TOLERANCE = 1e-4


def check(name, ours, theirs):
    difference = float(np.max(np.abs(ours - theirs))) if ours.shape == theirs.shape else float("inf")
    print(f"  {name}: {theirs.shape}, largest difference {difference:.1e}")
    assert difference < TOLERANCE, name


def check_onnx(path, expected):
    print(path.name)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    outputs = [o.name for o in session.get_outputs()]
    for batch in (1, 7):
        found = session.run(None, {"images": expected["images"][:batch]})
        for name, values in zip(outputs, found):
            check(f"{name}, batch {batch}", expected[name][:batch], values)
    zeros = session.run(None, {"images": np.zeros_like(expected["images"][:2])})
    assert all(np.isfinite(v).all() for v in zeros)
    return {p.key: p.value for p in model.metadata_props}, outputs


def conv(x, w):
    """3x3, zeros around, NCHW, OIHW: from the formula."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    height, width = x.shape[2:]
    return sum(
        np.einsum("nchw,oc->nohw", padded[:, :, i : i + height, j : j + width], w[:, :, i, j])
        for i in range(3)
        for j in range(3)
    )


def norm(x, t, name):
    part = {k: t[f"{name}.norm.{k}"].astype(np.float64)[:, None, None] for k in ("weight", "bias", "running_mean", "running_var")}
    return (x - part["running_mean"]) / np.sqrt(part["running_var"] + 1e-5) * part["weight"] + part["bias"]


def pooled(x, size):
    n, c, h, w = x.shape
    x = x[:, :, : h // size * size, : w // size * size]
    return x.reshape(n, c, h // size, size, w // size, size).max(axis=(3, 5))


def embed(t, genome, images):
    """The net from its weights and its description alone."""
    x = images.transpose(0, 3, 1, 2).astype(np.float64)
    for s, stage in enumerate(genome["stages"]):
        name = f"stages.{s}"
        x = pooled(np.maximum(norm(conv(x, t[f"{name}.conv.weight"]), t, name), 0), stage["pool"])
        for b in range(len(stage["blocks"])):
            block = f"{name}.blocks.{b}"
            x = np.maximum(x + norm(conv(x, t[f"{block}.conv.weight"]), t, block), 0)
    return x.transpose(0, 2, 3, 1).reshape(len(x), -1)


def main(folder):
    cases = ["plain_net", "grown_net", "deep_net"]
    for case in cases:
        expected = load_file(folder / f"{case}.expected")
        metadata, outputs = check_onnx(folder / f"{case}.onnx", expected)
        assert outputs == ["features", "embedding"] and "classes" not in metadata
        metadata, outputs = check_onnx(folder / f"{case}.classes.onnx", expected)
        assert outputs == ["features", "embedding", "scores"]
        assert json.loads(metadata["classes"]) == ["first", "second", "ö"]
        assert json.loads(metadata["config"]) == {"name": "random"}

        print(f"{case}.safetensors")
        with safe_open(folder / f"{case}.safetensors", framework="numpy") as file:
            weights = {k: file.get_tensor(k) for k in file.keys()}
            about = file.metadata()
        assert about["format"] == "pt" and json.loads(about["classes"]) == ["first", "second", "ö"]
        check("features from the weights", expected["features"], embed(weights, json.loads(about["genome"]), expected["images"]))
        check("scores", expected["scores"], expected["embedding"] @ weights["class_means"].T)
    check_onnx(folder / "layers.onnx", load_file(folder / "layers.expected"))


main(pathlib.Path(sys.argv[1]))
