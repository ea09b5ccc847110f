"""Checks of single samples and their files: blank, damaged or clipped ones; mixed sizes, modes, rates and formats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from visiontk.audit.audit_view import AuditView
from visiontk.audit.findings import Finding, Severity, count_noun
from visiontk.core import Ints

_BLANK = {"image": "a single colour", "audio": "silent or constant", "text": "without a word", "other": ""}
_MIXED = (
    ("VTK303", "mode", "image", "mode", "modes"),
    ("VTK304", "sample_rate", "recording", "sample rate", "sample rates"),
    ("VTK305", "channels", "recording", "number of channels", "numbers of channels"),
    ("VTK306", "format", "file", "format", "formats"),
)
_FLAGS: tuple[tuple[str, str, str, str, Severity], ...] = (
    ("VTK307", "misnamed", "file", "with the suffix of another format", "note"),
    ("VTK308", "clipped", "recording", "with more than 0.1 % of the values at full scale", "note"),
    ("VTK310", "rotated", "image", "rotated or flipped according to EXIF data", "note"),
)
_WIDE = 4.0
_LINES = 20
_ALIASES = {".jpeg": ".jpg", ".jfif": ".jpg", ".tiff": ".tif", ".oga": ".ogg"}


def without_content(view: AuditView) -> Iterator[Finding]:
    """VTK301: images of a single colour, silent recordings, texts without a word."""
    blank = np.flatnonzero(view.content.blank)
    if len(blank):
        share = len(blank) / len(view.side)
        yield Finding(
            "VTK301", "warning",
            f"{count_noun(len(blank), 'sample')} ({share:.2%}) {'is' if len(blank) == 1 else 'are'} "
            f"{_BLANK[view.kind]}.", len(blank), share,
            lines=tuple(f"{view.id(i)} ({view.label(i)})" for i in blank[:_LINES]), examples=_examples(view, blank),
        )  # fmt: skip


def mixed_sizes(view: AuditView) -> Iterator[Finding]:
    """VTK302: image files of different widths or heights."""
    if "width" not in view.files:
        return
    sizes = Counter(zip(view.files["width"].tolist(), view.files["height"].tolist(), strict=True))
    if len(sizes) > 1:
        by_area = sorted(sizes, key=lambda size: size[0] * size[1])
        (w0, h0), (w1, h1) = by_area[0], by_area[-1]
        (w, h), n = sizes.most_common(1)[0]
        wide = w1 * h1 >= _WIDE * w0 * h0
        yield Finding(
            "VTK302", "note", f"The images have {len(sizes):,} sizes, {w0}x{h0} to {w1}x{h1}"
            f"{'' if wide else ', which are similar'}; most often {w}x{h} ({n / len(view.side):.0%}).", len(sizes),
            lines=tuple(f"{w}x{h}: {n:,}" for (w, h), n in sizes.most_common(_LINES)),
        )  # fmt: skip


def mixed_files(view: AuditView) -> Iterator[Finding]:
    """VTK303 to VTK306: modes, sample rates, channels and formats that differ between files."""
    for code, column, what, noun, nouns in _MIXED:
        if column not in view.files:
            continue
        values = [_ALIASES.get(str(value), str(value)) for value in view.files[column].tolist()]
        counts = Counter(values)
        if len(counts) < 2:
            continue
        common, n = counts.most_common(1)[0]
        rest = len(view.side) - n
        severity: Severity = "warning" if code == "VTK304" else "note"
        yield Finding(
            code, severity, f"{count_noun(len(counts), noun, nouns)} of {what}s: most have {common}, "
            f"{count_noun(rest, what)} another.", rest, rest / len(view.side),
            lines=tuple(f"{value}: {k:,}" for value, k in counts.most_common(_LINES)),
            examples=tuple((view.id(values.index(value)),) for value, _ in counts.most_common()[1:5]),
        )  # fmt: skip


def flagged_files(view: AuditView) -> Iterator[Finding]:
    """VTK307, VTK308, VTK310: misnamed, clipped and rotated files."""
    for code, column, what, how, severity in _FLAGS:
        flagged = np.flatnonzero(view.files.get(column, np.empty(0)))
        if len(flagged):
            yield Finding(
                code, severity, f"{count_noun(len(flagged), what)} {how}.",
                len(flagged), len(flagged) / len(view.side),
                lines=view.ids(flagged[:_LINES]), examples=_examples(view, flagged),
            )  # fmt: skip


def damaged_texts(view: AuditView) -> Iterator[Finding]:
    """VTK309: replacement marks, control characters, and letters that a wrong encoding produces."""
    damage = view.content.facts.get("damaged characters", np.empty(0))
    damaged = np.flatnonzero(damage)
    if len(damaged):
        worst = damaged[np.argsort(-damage[damaged], kind="stable")]
        yield Finding(
            "VTK309", "warning" if len(damaged) >= 0.01 * len(damage) else "note",
            f"{count_noun(len(damaged), 'text')} ({len(damaged) / len(damage):.2%}) with characters that a wrong "
            "encoding produces.", len(damaged), len(damaged) / len(damage),
            lines=tuple(f"{view.id(i)}: {damage[i]:.0f}" for i in worst[:_LINES]), examples=_examples(view, worst),
        )  # fmt: skip


def lengths(view: AuditView) -> Iterator[Finding]:
    """VTK311: recordings or texts of which some are ten times as long as others."""
    column = {"audio": "length", "text": "words"}.get(view.kind, "")
    values = view.files.get("seconds", view.content.facts.get(column, np.empty(0))) if column else np.empty(0)
    usable = np.asarray(values, np.float64)[~view.content.blank] if len(values) else np.empty(0)
    if not len(usable):
        return
    low, middle, high = np.percentile(usable, [1, 50, 99])
    if low > 0 and high / low >= 10:
        unit = "s" if view.kind == "audio" else "words"
        yield Finding(
            "VTK311", "note", f"Lengths range from {low:.3g} to {high:.3g} {unit} (1st and 99th percentile; median "
            f"{middle:.3g}).", len(usable), numbers={"low": float(low), "median": float(middle), "high": float(high)},
        )  # fmt: skip


def _examples(view: AuditView, positions: Ints) -> tuple[tuple[str, ...], ...]:
    return tuple((name,) for name in view.ids(positions[:_LINES]))
