"""The galleries of the page: samples that only one of the two got right, with what may be shown of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visiontk.report import formatting as fmt
from visiontk.report.exhibits import clips, thumbnails

MOST_ITEMS = 24
MOST_IMAGE_BYTES = 5_000_000
MOST_AUDIO_BYTES = 3_000_000


def galleries(shown: Mapping[str, Any], raw: Mapping[str, Any], exhibits: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Two galleries, the network's first; empty without a pair.

    Parameters
    ----------
    shown, raw : mapping
        The results with visible texts, and as given: exhibits are found by the ids as given.
    exhibits : mapping
        By id, as `visiontk.report.exhibits.exhibit` makes them. What is no base64 picture, no text and no WAV clip is
        left out, and so is what would make the page too large.
    """
    found = shown["disagreement"]
    if not found:
        return []
    made, room = [], {"image": MOST_IMAGE_BYTES, "audio": MOST_AUDIO_BYTES}
    for family, count, key in (
        ("network", "only_network", "only_network_items"),
        ("classical", "only_classical", "only_classical_items"),
    ):
        items = [
            item | _contents(exhibits.get(as_given["id"]), room)
            for item, as_given in zip(found[key][:MOST_ITEMS], raw["disagreement"][key], strict=False)
        ]
        kinds = {item["kind"] for item in items}
        kind = next((kind for kind in ("text", "sound", "picture") if kind in kinds), "none")
        made.append({"family": family, "name": found[family], "n": found[count], "items": items, "kind": kind})
    return made


def _contents(exhibit: Any, room: dict[str, int]) -> dict[str, Any]:
    """What of one exhibit can be shown; takes its size from the room that is left."""
    parts = exhibit if isinstance(exhibit, Mapping) else {}
    words = parts.get("text")
    seconds = parts.get("seconds")
    picture = _fitting(parts.get("image"), "image", room, thumbnails.is_image_uri)
    return {
        "kind": "text" if isinstance(words, str) else "sound" if "audio" in parts else "picture" if picture else "none",
        "picture": picture,
        "small": bool(picture) and thumbnails.is_low_resolution(str(picture)),
        "sound": _fitting(parts.get("audio"), "audio", room, clips.is_wav_uri),
        "seconds": f"{seconds:.1f} s" if isinstance(seconds, int | float) else None,
        "text": fmt.clean(words) if isinstance(words, str) else None,
    }


def _fitting(uri: Any, kind: str, room: dict[str, int], is_allowed: Any) -> str | None:
    if not is_allowed(uri) or len(uri) > room[kind]:
        return None
    room[kind] -= len(uri)
    return str(uri)
