"""Reads the folder of one run: what train_sseg and pretrain_folder leave, and what evaluate_fewshot adds."""

import json
import os
import struct
from pathlib import Path

import numpy as np
import pandas as pd

REPOSITORY = Path(__file__).resolve().parents[2]


def path_from(variable, default=None):
    """The path in an environment variable; a relative one is looked for here, then in the repository."""
    given = os.environ.get(variable, default)
    if not given:
        return None
    here = Path(given)
    return here if here.exists() or here.is_absolute() else REPOSITORY / here


class Run:
    """A run folder. Missing files give None or empty tables, so that an unfinished run can be looked at."""

    def __init__(self, folder=None):
        self.folder = Path(folder) if folder else path_from("SSEG_RUN", "runs/demo/latest")
        if not (self.folder / "checkpoint.safetensors").exists():
            raise SystemExit(
                f"There is no run in {self.folder}. Train one (build/demo/examples/train_sseg), "
                "or name its folder: SSEG_RUN=runs/demo/latest jupyter notebook"
            )
        self._header, self._data_begin = self._read_header()
        metadata = self._header.pop("__metadata__")
        self.config = json.loads(metadata["config"])
        self.genome = json.loads(metadata["genome"])
        metrics = self.folder / "metrics.csv"
        self.metrics = pd.read_csv(metrics) if metrics.exists() else pd.DataFrame()
        self.history = pd.DataFrame(self.json("history.json") or [])

    def json(self, name):
        """A JSON file of the folder, or None."""
        path = self.folder / name
        return json.loads(path.read_text()) if path.exists() else None

    @property
    def checkpoint(self):
        return self.folder / "checkpoint.safetensors"

    def shapes(self, role="teacher"):
        """Name and shape of every tensor of the student or the teacher."""
        start = role + "/"
        return {k[len(start):]: tuple(v["shape"]) for k, v in self._header.items() if k.startswith(start)}

    def tensor(self, name):
        """One tensor of the checkpoint: floats."""
        entry = self._header[name]
        assert entry["dtype"] == "F32", entry["dtype"]
        begin, end = entry["data_offsets"]
        with open(self.checkpoint, "rb") as file:
            file.seek(self._data_begin + begin)
            return np.frombuffer(file.read(end - begin), "<f4").reshape(entry["shape"])

    def _read_header(self):
        with open(self.checkpoint, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            return json.loads(file.read(length)), 8 + length
