"""Program of the audit process: ``python -m visiontk.audit.process FOLDER``.

Reads ``request.json`` in the folder and writes ``audit.json`` and, for images and audio, ``examples.npz``: only JSON
values and arrays, so that the caller needs neither scikit-learn nor the data.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from visiontk.audit.run_audit import audit
from visiontk.core import Inputs, Samples
from visiontk.errors import VisiontkError
from visiontk.registry import get_task

MAX_SIDE = 96
MAX_SECONDS = 3.0
MAX_RECORDINGS = 24
MAX_SAMPLES = 240
MAX_CHARACTERS = 1200


def answer(request: Mapping[str, Any], folder: Path) -> None:
    """Run the requested audit (task, dataset, parameters, folds) and write its result, or the error, into `folder`."""
    try:
        value, samples = audit(get_task(request["task"]), request["dataset"], request["parameters"], request["folds"])
    except VisiontkError as error:
        value, samples = {"error": {"class": type(error).__name__, **error.as_dict()["error"]}}, None
    value |= {
        "caution": "",
        "synthetic": False,
        "licence": "",
        "citation": "",
    }  # all that is known of data that could not be read
    if samples is not None:
        names = dict.fromkeys(name for finding in value["findings"] for ids in finding["examples"] for name in ids)
        value |= {
            "fingerprint": samples.card.fingerprint, "sample_rate": samples.card.sample_rate,
            "caution": samples.card.caution, "synthetic": samples.card.synthetic, "labels": list(samples.labels),
            "name": samples.card.name, "licence": samples.card.licence, "citation": samples.card.citation,
        }  # fmt: skip
        value |= _examples(samples, list(names), value["kind"], folder)
    (folder / "audit.json").write_text(json.dumps(value, allow_nan=False), encoding="utf-8")


def _examples(samples: Samples, names: list[str], kind: str, folder: Path) -> dict[str, Any]:
    """Return texts and labels of the samples that findings name; write images and audio to a file."""
    position = {name: i for i, name in enumerate(samples.ids.tolist())}
    ids = [name for name in names if name in position][: MAX_RECORDINGS if kind == "audio" else MAX_SAMPLES]
    positions = [position[name] for name in ids]
    value: dict[str, Any] = {"labelled": {i: samples.labels[samples.y[p]] for i, p in zip(ids, positions, strict=True)}}
    if not ids or kind == "other" or not samples.card.shown:
        return value
    inputs = samples.take(positions)
    if kind == "text":
        return value | {"texts": {i: str(x)[:MAX_CHARACTERS] for i, x in zip(ids, inputs, strict=True)}}
    np.savez(folder / "examples.npz", ids=np.array(ids, np.str_), inputs=_small(inputs, kind, samples.card.sample_rate))
    return value


def _small(inputs: Inputs, kind: str, sample_rate: int) -> Inputs:
    if kind == "audio":
        return inputs[:, : int(MAX_SECONDS * (sample_rate or 8_000))]
    step = -(-max(inputs.shape[1:3]) // MAX_SIDE)
    return np.ascontiguousarray(inputs[:, ::step, ::step])


def main() -> None:
    """Run the request in the folder of the command line."""
    folder = Path(sys.argv[1])
    answer(json.loads((folder / "request.json").read_text(encoding="utf-8")), folder)


if __name__ == "__main__":
    main()
