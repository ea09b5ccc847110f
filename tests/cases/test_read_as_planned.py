"""The samples of a comparison are those of its preview."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import scipy.io.wavfile
from making import CASES, IMAGES, SOUNDS, TEXTS, Case, Plan
from PIL import Image

from visiontk.api import Request, preview_of
from visiontk.harness.drive import prepare
from visiontk.version import VERSION

ENDINGS = {".wav": SOUNDS, ".flac": SOUNDS, ".mp3": SOUNDS, ".ogg": SOUNDS}
PLANNED = [case for case in CASES.values() if isinstance(case.ends, Plan) and case.ends.task in (IMAGES, SOUNDS, TEXTS)]


def fill(folder: Path) -> None:
    """Give the empty files of a folder content, different in each."""
    rng = np.random.default_rng(0)
    for path in sorted(each for each in folder.rglob("*") if each.is_file() and each.stat().st_size in (0, 44)):
        content = io.BytesIO()
        if path.suffix.lower() in (".wav", ".flac", ".mp3", ".ogg"):
            scipy.io.wavfile.write(content, 8000, rng.normal(0, 0.1, 1600).astype(np.float32))
        elif path.suffix.lower() in (".jpg", ".jpeg", ".png"):
            Image.fromarray(rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)).save(content, "PNG")
        path.write_bytes(content.getvalue())


@pytest.mark.slow
@pytest.mark.parametrize("case", PLANNED, ids=lambda case: case.name)
def test_the_data_of_a_comparison_are_those_of_its_preview(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Samples, classes, groups and parts are the same."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "own"
    folder.mkdir()
    case.make(folder)
    fill(tmp_path)
    settings = {"dataset": {"encoding": "latin-1"}} if "latin" in case.name else {}
    request = Request(str(folder / case.target), settings)

    planned = preview_of(request).prepared.samples
    task, experiment = request.read()
    read = prepare(experiment, task, version=VERSION).samples

    assert read.labels == planned.labels
    assert read.ids.tolist() == planned.ids.tolist()
    assert read.y.tolist() == planned.y.tolist()
    lost = {note for note in planned.card.notes if "left out" in note or "takes the place" in note}
    assert lost <= set(read.card.notes)
    for name in ("groups", "parts"):
        values = [getattr(each, name) for each in (read, planned)]
        first, second = (None if each is None else each.tolist() for each in values)
        assert first == second, name
