"""Small datasets as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from visiontk.audit import run_audit
from visiontk.registry import get_task

Audit = Callable[..., dict[str, dict[str, Any]]]


@pytest.fixture
def audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Audit:
    """Return a function that audits a folder or table and returns its findings by code."""
    monkeypatch.setenv("VISIONTK_CACHE", str(tmp_path / "cache"))

    def run(task: str, path: Path, *, dataset: str = "folder", **parameters: Any) -> dict[str, dict[str, Any]]:
        value, _ = run_audit.audit(get_task(task), dataset, {"path": str(path), **parameters}, None)
        # The most severe finding of each code, which comes first.
        return {finding["code"]: finding for finding in reversed(value["findings"])} | {"leaks": value["leaks"]}

    return run


def image(rng: np.random.Generator, *, side: int = 48, shift: int = 0) -> Image.Image:
    """Return random smooth blobs of colour, brighter by `shift`; JPEG preserves them."""
    coarse = rng.integers(20, 180, (6, 6, 3)).astype(np.uint8) + np.uint8(shift)
    return Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC)


def class_files(root: Path, labels: tuple[str, str], sizes: tuple[int, int]) -> Iterator[tuple[Path, str, int]]:
    """Create class folders in train and test; yield folder, label and number of each file to write."""
    for part, n in zip(("train", "test"), sizes, strict=True):
        for label in labels:
            folder = root / part / label
            folder.mkdir(parents=True)
            yield from ((folder, label, i) for i in range(n))


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Two classes of 30 images, in train and test, without faults."""
    rng = np.random.default_rng(0)
    for folder, _, i in class_files(tmp_path / "images", ("cat", "dog"), (30, 20)):
        # Names that reveal neither class nor order.
        image(rng).save(folder / f"{rng.integers(10**9):09d}-{i}.png")
    return tmp_path / "images"


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """Two classes of 30 recordings, in train and test, without faults."""
    import soundfile

    rng = np.random.default_rng(0)
    for folder, label, i in class_files(tmp_path / "recordings", ("low", "high"), (30, 20)):
        soundfile.write(folder / f"{rng.integers(10**9):09d}-{i}.wav", tone(rng, label), 8_000)
    return tmp_path / "recordings"


def tone(rng: np.random.Generator, label: str = "low") -> np.ndarray:
    """Return a melody of six random notes with a random envelope."""
    base = 200 if label == "low" else 900
    pitch = np.repeat(base * 2 ** rng.uniform(0, 1.5, 6), 1000)
    level = np.repeat(rng.uniform(0.1, 0.6, 12), 500)
    return np.asarray(level * np.sin(2 * np.pi * np.cumsum(pitch) / 8_000) + rng.normal(0, 0.003, 6000))


WORDS = [
    *("river", "stone", "cloud", "amber", "walk", "sing", "open", "narrow", "green", "seven", "under", "light"),
    *("table", "paper", "minor", "glass", "north", "winter", "quick", "salt", "engine", "garden", "mirror"),
    *("summer", "bridge", "yellow", "distant", "whisper", "copper", "meadow"),
]


def sentence(rng: np.random.Generator, label: str = "tea", n: int = 16) -> str:
    """Return random words, two of which reveal the class."""
    revealing = {"tea": ["kettle", "leaf"], "oil": ["drill", "barrel"]}[label]
    return " ".join(rng.permutation([*rng.choice(WORDS, n), *revealing]))


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Two classes of 80 texts, in train and test, without faults."""
    rng = np.random.default_rng(0)
    for folder, label, i in class_files(tmp_path / "texts", ("oil", "tea"), (50, 30)):
        (folder / f"{rng.integers(10**9):09d}-{i}.txt").write_text(sentence(rng, label))
    return tmp_path / "texts"
