"""Files of samples of which only predictions are known, for the galleries of a report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from visiontk.data.formats.audio import SUFFIXES as AUDIO
from visiontk.data.formats.image import SUFFIXES as IMAGES
from visiontk.errors import ConfigError, DataError
from visiontk.messages import printable
from visiontk.report.exhibits.exhibit import LONGEST_EXCERPT, Exhibit, make_exhibits

TEXTS = (".txt",)
SAMPLE_RATE = 16_000
MAX_TEXT_BYTES = 1 << 20


def exhibits_of_files(folder: Path, results: Mapping[str, Any]) -> dict[str, Exhibit]:
    """Return what a report shows of the samples that it names, from the files that are called like their ids.

    `folder` holds a file ``ID``, or ``ID`` with the ending of an image, a recording or a text; nothing outside is read.
    """
    if not folder.is_dir():
        raise ConfigError(f"--files: {printable(str(folder))}: no such folder.", error_id="E-PREDICTIONS-FILES")
    disagreement = results["disagreement"] or {}
    ids = [
        item["id"] for kind in ("only_challenger_items", "only_classical_items") for item in disagreement.get(kind, ())
    ]
    paths = {name: path for name in ids if (path := file_of(folder, name)) is not None}
    if ids and not paths:
        raise ConfigError(
            f"--files: {printable(str(folder))} holds none of the {len(ids)} samples to be shown, such as "
            f"{printable(ids[0])!r}.",
            error_id="E-PREDICTIONS-FILES",
            hint=f"Files are called like the ids, with or without one of {', '.join((*IMAGES, *AUDIO, *TEXTS))}.",
        )
    shown: dict[str, Exhibit] = {}
    for name, path in paths.items():
        try:
            shown |= _shown(name, path)
        except DataError:  # a file that cannot be read is left out of the gallery: it decides nothing
            continue
    return shown


def file_of(folder: Path, name: str) -> Path | None:
    """Return the file of an id within a folder, or None."""
    root = folder.resolve()
    for path in _candidates(folder, name):
        try:
            if path.is_file() and path.resolve().is_relative_to(root):
                return path
        except (OSError, ValueError):  # an id that no file can have
            return None
    return None


def _candidates(folder: Path, name: str) -> Iterable[Path]:
    yield folder / name
    for suffix in (*IMAGES, *AUDIO, *TEXTS):
        yield folder / f"{name}{suffix}"


def _shown(name: str, path: Path) -> dict[str, Exhibit]:
    suffix = path.suffix.lower()
    if suffix in TEXTS:
        with path.open("rb") as file:
            text = file.read(MAX_TEXT_BYTES).decode("utf-8", "replace")
        return make_exhibits([name], np.array([text[: 4 * LONGEST_EXCERPT]], dtype=object))
    if suffix in AUDIO:
        from visiontk.data.formats.audio import decode_clip, read_audio_file

        clip = decode_clip(read_audio_file(path), str(path), SAMPLE_RATE)
        return make_exhibits([name], clip.signal[None, :, None], SAMPLE_RATE)
    from visiontk.data.formats.image import read_image

    return make_exhibits([name], read_image(path, depth="percentile").pixels[None])
