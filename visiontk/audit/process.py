"""The process that audits: a request in a folder, an answer beside it.

``python -m visiontk.audit.process FOLDER`` reads ``request.json`` and leaves ``audit.json`` and, for pictures and
sounds, ``examples.npz``: only JSON values and arrays, so that whoever asked needs neither scikit-learn nor the data.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from visiontk.audit.checks import audit
from visiontk.core import Inputs, Samples
from visiontk.errors import VisiontkError
from visiontk.registry import get_task

MAX_SIDE = 96
LONGEST_S = 3.0
MOST_SOUNDS = 24
MOST_ITEMS = 240
LONGEST_TEXT = 1200


def answer(request: Mapping[str, Any], folder: Path) -> None:
    """Carry out what is asked for, and leave the answer in `folder`.

    Parameters
    ----------
    request : mapping
        ``task``, ``dataset``, ``parameters`` and ``folds`` (or None).
    folder : Path
        Of the answer: the value of `visiontk.audit.checks.audit` with ``fingerprint`` and ``texts``; or ``error``, with
        the class and the words of what kept the data from being read at all.
    """
    try:
        value, samples = audit(
            get_task(request["task"]), request["dataset"], request["parameters"], request.get("folds")
        )
    except VisiontkError as error:
        value, samples = {"error": {"class": type(error).__name__, **error.as_dict()["error"]}}, None
    value |= {"caution": "", "synthetic": False}  # of data that could not be read nothing else is known
    if samples is not None:
        wanted = dict.fromkeys(name for finding in value["findings"] for ids in finding["examples"] for name in ids)
        value |= {
            "fingerprint": samples.card.fingerprint, "sample_rate": samples.card.sample_rate,
            "caution": samples.card.caution, "synthetic": samples.card.synthetic, "labels": list(samples.labels),
            "name": samples.card.name,
        }  # fmt: skip
        value |= _examples(samples, list(wanted), value["kind"], folder)
    (folder / "audit.json").write_text(json.dumps(value, allow_nan=False), encoding="utf-8")


def _examples(samples: Samples, wanted: list[str], kind: str, folder: Path) -> dict[str, Any]:
    """The samples that findings name: texts and labels as values, the others as arrays in a file."""
    place = {name: i for i, name in enumerate(samples.ids.tolist())}
    ids = [name for name in wanted if name in place][: MOST_SOUNDS if kind == "sound" else MOST_ITEMS]
    positions = [place[name] for name in ids]
    found: dict[str, Any] = {"labelled": {i: samples.labels[samples.y[p]] for i, p in zip(ids, positions, strict=True)}}
    if not ids or kind == "other" or not samples.card.shown:
        return found
    inputs = samples.take(positions)
    if kind == "text":
        return found | {"texts": {i: str(x)[:LONGEST_TEXT] for i, x in zip(ids, inputs, strict=True)}}
    np.savez(folder / "examples.npz", ids=np.array(ids, np.str_), inputs=_small(inputs, kind, samples.card.sample_rate))
    return found


def _small(inputs: Inputs, kind: str, sample_rate: int) -> Inputs:
    if kind == "sound":
        return inputs[:, : int(LONGEST_S * (sample_rate or 8_000))]
    step = -(-max(inputs.shape[1:3]) // MAX_SIDE)
    return np.ascontiguousarray(inputs[:, ::step, ::step])


def main() -> None:
    """Answer the request in the folder that the command line names."""
    folder = Path(sys.argv[1])
    answer(json.loads((folder / "request.json").read_text(encoding="utf-8")), folder)


if __name__ == "__main__":
    main()
