"""Exhibits: thumbnails of images, excerpts of texts, spectrograms of signals with clips to play."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from typing_extensions import TypedDict

from visiontk.core import Inputs, Samples
from visiontk.report import formatting as fmt
from visiontk.report.blocks import Item
from visiontk.report.exhibits.clips import LONGEST_CLIP_S, is_wav_uri, spectrogram, trimmed, wav_uri, waveform
from visiontk.report.exhibits.thumbnails import image_uri, is_image_uri, is_low_resolution
from visiontk.report.values import Results

MAX_SIDE = 96
LONGEST_EXCERPT = 320
"""Characters of a text."""

MOST_BYTES = {"image": 5_000_000, "audio": 3_000_000}
"""Of all images and of all clips of one page."""


class Exhibit(TypedDict, total=False):
    """A sample as shown: an image or spectrogram and a clip as data URIs, the clip's length in seconds, or a text."""

    image: str
    audio: str | None
    seconds: float | None
    text: str


def exhibits_of(samples: Samples, results: Results) -> dict[str, Exhibit]:
    """Exhibits, by id, of the samples that only one of the two compared learners classifies correctly.

    Empty for inputs that are neither images nor texts nor signals, and for data that a report must not show.
    """
    disagreement = results["disagreement"]
    items = [*disagreement["only_challenger_items"], *disagreement["only_classical_items"]] if disagreement else []
    ids = {item["id"] for item in items}
    positions = np.flatnonzero(np.isin(samples.ids, sorted(ids)))
    if not len(positions) or not samples.card.shown:
        return {}
    return make_exhibits([str(samples.ids[i]) for i in positions], samples.take(positions), samples.card.sample_rate)


def make_exhibits(ids: Sequence[str], inputs: Inputs, sample_rate: int = 0) -> dict[str, Exhibit]:
    """Exhibits of inputs, by id.

    Images become PNG thumbnails, texts excerpts, signals a spectrogram (a waveform if the sample rate is unknown) and,
    up to 3 s, a clip.

    Examples
    --------
    >>> make_exhibits(["a"], np.array(["some words"], dtype=object))
    {'a': {'text': 'some words'}}
    """
    if is_image(inputs):
        return {name: {"image": image_uri(as_uint8(x), largest=MAX_SIDE)} for name, x in zip(ids, inputs, strict=True)}
    if is_text(inputs):
        return {name: {"text": excerpt(x)} for name, x in zip(ids, inputs, strict=True)}
    if is_signal(inputs):
        return {name: _signal(x[:, 0], sample_rate) for name, x in zip(ids, inputs, strict=True)}
    return {}


def is_image(inputs: Inputs) -> bool:
    """True if inputs are images: uint8, uint16 or float of shape (n, height, width, 1 or 3)."""
    numbers = inputs.dtype in (np.uint8, np.uint16, np.float32, np.float64)
    return numbers and inputs.ndim == 4 and inputs.shape[3] in (1, 3) and 0 not in inputs.shape


def is_text(inputs: Inputs) -> bool:
    """True if inputs are texts: an array of objects, all of them str."""
    return inputs.dtype == object and inputs.ndim == 1 and all(isinstance(x, str) for x in inputs)


def is_signal(inputs: Inputs) -> bool:
    """True if inputs are signals: float of shape (n, time, 1)."""
    return inputs.dtype.kind == "f" and inputs.ndim == 3 and inputs.shape[2] == 1 and inputs.shape[1] > 0


def as_uint8(pixels: Inputs) -> Inputs:
    """An image as uint8; other dtypes are stretched from their minimum to their maximum.

    Examples
    --------
    >>> as_uint8(np.array([[[100], [1100]]], np.uint16)).ravel().tolist()
    [0, 255]
    """
    if pixels.dtype == np.uint8:
        return pixels
    values = pixels.astype(np.float64)
    finite = values[np.isfinite(values)]
    if not len(finite) or finite.min() == finite.max():
        return np.full(pixels.shape, 128, np.uint8)
    low, high = finite.min(), finite.max()
    scaled = 255 * (np.nan_to_num(values, nan=low, posinf=high, neginf=low) - low) / (high - low)
    return np.asarray(np.round(scaled).astype(np.uint8))


def excerpt(text: str) -> str:
    """The beginning of a text, cut after a word if there is one.

    Examples
    --------
    >>> excerpt("short"), len(excerpt("word " * 1000)) <= LONGEST_EXCERPT
    ('short', True)
    """
    if len(text) <= LONGEST_EXCERPT:
        return text
    start = text[: LONGEST_EXCERPT - 2]
    words = start.rsplit(None, 1)
    return (words[0] if len(words) == 2 and len(words[0]) > LONGEST_EXCERPT // 2 else start).rstrip() + " …"


def _signal(x: Inputs, sample_rate: int) -> Exhibit:
    signal = trimmed(x)
    if not sample_rate:
        return {"image": image_uri(waveform(signal)), "audio": None, "seconds": None}
    seconds = len(signal) / sample_rate
    audio = wav_uri(signal, sample_rate) if seconds <= LONGEST_CLIP_S else None
    return {"image": image_uri(spectrogram(signal)), "audio": audio, "seconds": round(seconds, 3)}


def gallery_item(name: str, label: str, remark: str, exhibit: object, room: dict[str, int]) -> Item:
    """Return an item of a gallery.

    Anything but an `Exhibit` is left out, and so are images and clips that exceed `room`, the bytes left of
    `MOST_BYTES`, which is reduced by those of this item.
    """
    parts: Mapping[str, Any] = exhibit if isinstance(exhibit, Mapping) else {}
    text, seconds = parts.get("text"), parts.get("seconds")
    image = _fitting(parts.get("image"), "image", room, is_image_uri)
    return Item(
        name,
        label,
        remark,
        image,
        image is not None and is_low_resolution(image),
        _fitting(parts.get("audio"), "audio", room, is_wav_uri),
        f"{seconds:.1f} s" if isinstance(seconds, int | float) else "" if "audio" in parts else None,
        fmt.clean(text) if isinstance(text, str) else None,
    )


def gallery_form(items: Sequence[Item]) -> Literal["image", "text", "audio", "none"]:
    """Return the form of a gallery, which decides the size of its items."""
    if any(item.text is not None for item in items):
        return "text"
    if any(item.seconds is not None for item in items):
        return "audio"
    return "image" if any(item.image for item in items) else "none"


def _fitting(uri: object, kind: str, room: dict[str, int], is_allowed: Callable[[object], bool]) -> str | None:
    if not isinstance(uri, str) or not is_allowed(uri) or len(uri) > room[kind]:
        return None
    room[kind] -= len(uri)
    return uri
