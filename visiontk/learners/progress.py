"""What a fit leaves in its folder for others to read while it runs: its history, and how far it is."""

from __future__ import annotations

import json
import os
from pathlib import Path

from visiontk.errors import disk_errors


def write_history(workdir: Path, text: str) -> None:
    """Replace ``history.csv``, one row for each epoch so far."""
    _replace(workdir / "history.csv", text)


def tell(workdir: Path, done: float, total: int, text: str) -> None:
    """Replace ``progress.json``: how much of how much is done, and what to say of it."""
    _replace(workdir / "progress.json", json.dumps({"done": done, "total": total, "text": text}))


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    with disk_errors(path):
        try:
            temporary.write_text(text)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
