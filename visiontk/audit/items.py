"""Single items and their files: without content, of mixed sizes, modes, rates or formats, damaged or clipped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from visiontk.audit.facts import View
from visiontk.audit.findings import Finding, Severity, several

_WORDS = {"image": "of one colour", "sound": "silent, or of one constant value", "text": "without a word", "other": ""}
_MIXED = (
    ("VTK303", "mode", "picture", "mode", "modes"),
    ("VTK304", "sample_rate", "sound", "sample rate", "sample rates"),
    ("VTK305", "channels", "sound", "number of channels", "numbers of channels"),
    ("VTK306", "format", "file", "format", "formats"),
)
_FLAGS = (
    ("VTK307", "misnamed", "file", "whose suffix is that of another format", "note"),
    ("VTK308", "clipped", "sound", "with more than one value in a thousand at full scale", "note"),
    ("VTK310", "rotated", "picture", "turned or mirrored as EXIF data say", "note"),
)
_WIDE = 4.0
_SAME = {".jpeg": ".jpg", ".jfif": ".jpg", ".tiff": ".tif", ".oga": ".ogg"}


def without_content(view: View) -> Iterator[Finding]:
    """VTK301: pictures of one colour, silent sounds, texts without a word."""
    found = np.flatnonzero(view.plain)
    if len(found):
        share = len(found) / len(view.plain)
        yield Finding(
            "VTK301", "warning", f"{several(len(found), 'item')} ({share:.2%}) {'is' if len(found) == 1 else 'are'} "
            f"{_WORDS[view.kind]}.", len(found), share,
            lines=tuple(f"{view.ids(i)[0]} ({view.label(i)})" for i in found[:20]),
            examples=tuple(view.ids(i) for i in found[:20]),
        )  # fmt: skip


def mixed_sizes(view: View) -> Iterator[Finding]:
    """VTK302: pictures whose files differ in width or height."""
    if "width" not in view.files:
        return
    sizes = Counter(zip(view.files["width"].tolist(), view.files["height"].tolist(), strict=True))
    if len(sizes) > 1:
        by_area = sorted(sizes, key=lambda size: size[0] * size[1])
        (w0, h0), (w1, h1) = by_area[0], by_area[-1]
        (w, h), n = sizes.most_common(1)[0]
        wide = w1 * h1 >= _WIDE * w0 * h0
        yield Finding(
            "VTK302", "note", f"Pictures have {len(sizes):,} sizes, {w0}x{h0} to {w1}x{h1}"
            f"{'' if wide else ', which are much alike'}; most often {w}x{h} ({n / len(view.plain):.0%}).", len(sizes),
            lines=tuple(f"{w}x{h}: {n:,}" for (w, h), n in sizes.most_common(20)),
        )  # fmt: skip


def mixed_files(view: View) -> Iterator[Finding]:
    """VTK303 to VTK306: modes, sample rates, channels and formats that differ from file to file."""
    for code, column, what, noun, nouns in _MIXED:
        if column not in view.files:
            continue
        counts = Counter(_SAME.get(str(value), str(value)) for value in view.files[column].tolist())
        if len(counts) < 2:
            continue
        common, n = counts.most_common(1)[0]
        rest = len(view.plain) - n
        severity: Severity = "warning" if code == "VTK304" else "note"
        yield Finding(
            code, severity, f"{several(len(counts), noun, nouns)} of {what}s: most have {common}, "
            f"{several(rest, what)} another.", rest, rest / len(view.plain),
            lines=tuple(f"{value}: {k:,}" for value, k in counts.most_common(20)),
            examples=tuple(view.ids(*np.flatnonzero([_SAME.get(str(v), str(v)) == value
                                                     for v in view.files[column].tolist()])[:1])
                           for value, _ in counts.most_common()[1:5]),
        )  # fmt: skip


def flagged_files(view: View) -> Iterator[Finding]:
    """VTK307, VTK308, VTK310: misnamed, clipped and turned files."""
    for code, column, what, how, severity in _FLAGS:
        found = np.flatnonzero(view.files.get(column, np.empty(0)))
        if len(found):
            yield Finding(
                code, severity, f"{several(len(found), what)} {how}.",  # type: ignore[arg-type]
                len(found), len(found) / len(view.plain),
                lines=view.ids(*found[:20]), examples=tuple(view.ids(i) for i in found[:20]),
            )  # fmt: skip


def damaged_texts(view: View) -> Iterator[Finding]:
    """VTK309: replacement marks, control characters, and letters that a wrong encoding leaves."""
    damage = view.facts.get("damaged characters", np.empty(0))
    found = np.flatnonzero(damage)
    if len(found):
        worst = found[np.argsort(-damage[found], kind="stable")]
        yield Finding(
            "VTK309", "warning" if len(found) >= 0.01 * len(damage) else "note",
            f"{several(len(found), 'text')} ({len(found) / len(damage):.2%}) hold characters that a wrong encoding "
            "leaves.", len(found), len(found) / len(damage),
            lines=tuple(f"{view.ids(i)[0]}: {damage[i]:.0f}" for i in worst[:20]),
            examples=tuple(view.ids(i) for i in worst[:20]),
        )  # fmt: skip


def lengths(view: View) -> Iterator[Finding]:
    """VTK311: sounds or texts of which some are ten times as long as others."""
    column = {"sound": "length", "text": "words"}.get(view.kind, "")
    values = view.files.get("seconds", view.facts.get(column, np.empty(0))) if column else np.empty(0)
    usable = np.asarray(values, np.float64)[~view.plain] if len(values) else np.empty(0)
    if not len(usable):
        return
    low, middle, high = np.percentile(usable, [1, 50, 99])
    if low > 0 and high / low >= 10:
        name = "s" if view.kind == "sound" else "words"
        yield Finding(
            "VTK311", "note", f"Lengths go from {low:.3g} to {high:.3g} {name} (1st and 99th percentile; median "
            f"{middle:.3g}).", len(usable), numbers={"low": float(low), "median": float(middle), "high": float(high)},
        )  # fmt: skip
