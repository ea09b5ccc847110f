"""The items that a report shows: small pictures, excerpts of texts, spectrograms with clips to play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from visiontk.core import Inputs, Samples
from visiontk.report.exhibits.pictures import data_uri
from visiontk.report.exhibits.sounds import LONGEST_CLIP_S, spectrogram, trimmed, wav_uri, waveform

MAX_SIDE = 96
LONGEST_EXCERPT = 320
"""Characters of a text."""

Exhibit = str | dict[str, Any]
"""A picture's data address; ``{"text"}``; or ``{"picture", "sound", "seconds"}``."""


def exhibits(samples: Samples, results: Mapping[str, Any]) -> dict[str, Exhibit]:
    """The items that a result names, by id, where they are images, texts or signals.

    Parameters
    ----------
    samples : Samples
        The data of the run.
    results : mapping
        The value of ``results.json``.

    Returns
    -------
    dict of str to Exhibit
        Images as data addresses of PNG files; texts as excerpts; signals as a spectrogram (a waveform, where the
        sample rate is not known) and, up to 3 s, a clip. Empty for other inputs, and for data that a
        report must not show.
    """
    found = results["disagreement"] or {}
    wanted = {item["id"] for kind in ("only_network_items", "only_classical_items") for item in found.get(kind, [])}
    positions = np.flatnonzero(np.isin(samples.ids, sorted(wanted)))
    if not len(positions) or not samples.card.shown:
        return {}
    return shown_as([str(samples.ids[i]) for i in positions], samples.take(positions), samples.card.sample_rate)


def shown_as(ids: Sequence[str], inputs: Inputs, sample_rate: int = 0) -> dict[str, Exhibit]:
    """Some inputs as `exhibits` shows them, by id.

    Examples
    --------
    >>> shown_as(["a"], np.array(["some words"], dtype=object))
    {'a': {'text': 'some words'}}
    """
    if is_image(inputs):
        return {name: data_uri(eight_bits(x), largest=MAX_SIDE) for name, x in zip(ids, inputs, strict=True)}
    if is_text(inputs):
        return {name: {"text": excerpt(x)} for name, x in zip(ids, inputs, strict=True)}
    if is_signal(inputs):
        return {name: _signal(x[:, 0], sample_rate) for name, x in zip(ids, inputs, strict=True)}
    return {}


def is_image(inputs: Inputs) -> bool:
    """Whether these are images: uint8, uint16 or float of shape (n, height, width, 1 or 3).

    Examples
    --------
    >>> is_image(np.zeros((2, 8, 8, 1), np.uint8)), is_image(np.zeros((2, 8)))
    (True, False)
    """
    numbers = inputs.dtype in (np.uint8, np.uint16, np.float32, np.float64)
    return numbers and inputs.ndim == 4 and inputs.shape[3] in (1, 3) and 0 not in inputs.shape


def is_text(inputs: Inputs) -> bool:
    """Whether these are texts: an array of objects, all of them str."""
    return inputs.dtype == object and inputs.ndim == 1 and all(isinstance(x, str) for x in inputs)


def is_signal(inputs: Inputs) -> bool:
    """Whether these are signals: float of shape (n, time, 1)."""
    return inputs.dtype.kind == "f" and inputs.ndim == 3 and inputs.shape[2] == 1 and inputs.shape[1] > 0


def eight_bits(pixels: Inputs) -> Inputs:
    """An image as uint8: other depths are stretched from their own least to their own greatest value.

    Examples
    --------
    >>> eight_bits(np.array([[[100], [1100]]], np.uint16)).ravel().tolist()
    [0, 255]
    """
    if pixels.dtype == np.uint8:
        return pixels
    values = pixels.astype(np.float64)
    known = values[np.isfinite(values)]
    if not len(known) or known.min() == known.max():
        return np.full(pixels.shape, 128, np.uint8)
    low, high = known.min(), known.max()
    scaled = 255 * (np.nan_to_num(values, nan=low, posinf=high, neginf=low) - low) / (high - low)
    return np.asarray(np.round(scaled).astype(np.uint8))


def excerpt(text: str) -> str:
    """The first characters of a text, cut after a word where there is one.

    Examples
    --------
    >>> excerpt("short"), len(excerpt("word " * 1000)) <= LONGEST_EXCERPT
    ('short', True)
    """
    if len(text) <= LONGEST_EXCERPT:
        return text
    kept = text[: LONGEST_EXCERPT - 2]
    words = kept.rsplit(None, 1)
    return (words[0] if len(words) == 2 and len(words[0]) > LONGEST_EXCERPT // 2 else kept).rstrip() + " …"


def _signal(x: Inputs, sample_rate: int) -> Exhibit:
    kept = trimmed(x)
    if not sample_rate:
        return {"picture": data_uri(waveform(kept)), "sound": None, "seconds": None}
    seconds = len(kept) / sample_rate
    sound = wav_uri(kept, sample_rate) if seconds <= LONGEST_CLIP_S else None
    return {"picture": data_uri(spectrogram(kept)), "sound": sound, "seconds": round(seconds, 3)}
