"""History and progress of a running fit, in files of its folder."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from visiontk.errors import disk_errors


def write_history(workdir: Path, text: str) -> None:
    """Replace ``history.csv``, one row per epoch so far."""
    _replace(workdir / "history.csv", text)


def write_progress(workdir: Path, done: float, total: int, text: str) -> None:
    """Replace ``progress.json``: units done, units in total, and a short description."""
    _replace(workdir / "progress.json", json.dumps({"done": done, "total": total, "text": text}))


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    r"""Table with the keys of the first row as its header.

    Examples
    --------
    >>> csv_text([{"epoch": 1, "loss": 0.5}])
    'epoch,loss\n1,0.5\n'
    """
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    with disk_errors(path):
        try:
            temporary.write_text(text)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
