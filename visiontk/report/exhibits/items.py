"""Items of galleries. Exhibits come from files, so that only what a page may show is taken from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Item
from visiontk.report.exhibits.clips import is_wav_uri
from visiontk.report.exhibits.thumbnails import is_image_uri, is_low_resolution

MOST_BYTES = {"image": 5_000_000, "audio": 3_000_000}
"""Of all images and of all clips of one page."""


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
