"""Files in class folders that are not read: counted by suffix and class, and refused where they are a whole class."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from visiontk.data.checks.problems import LeftOut, Problems, refuse
from visiontk.errors import DataError
from visiontk.messages import printable, refusal

if TYPE_CHECKING:
    from visiontk.data.layouts.class_folders import Layout, Listing

PICTURES = {".heic", ".heif", ".avif", ".jp2", ".jxl", ".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".rw2", ".raf",
            ".psd", ".svg", ".ico", ".tga", ".eps"}  # fmt: skip
SOUNDS = {".m4b", ".wv", ".ape", ".mka", ".mp2", ".ra", ".dsf"}
DOCUMENTS = {".pdf", ".doc", ".docx", ".odt", ".rtf", ".html", ".htm", ".epub"}
"""Endings of files that are not read as they are, but might be samples."""
DESCRIPTIONS = {".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson", ".parquet", ".xlsx", ".xls", ".xml", ".yaml",
                ".yml", ".txt", ".md", ".rst", ".log", ".mat", ".m", ".py", ".ipynb", ".sqlite", ".db"}  # fmt: skip
"""Endings of files that describe samples."""

FEW = 0.01
"""Share of the files of a class up to which it is only noted that they are left out."""

NAMED = 6
"""Suffixes, and classes of each, that are named; the rest are counted."""

NO_SUFFIX = "without a suffix"
LINKED, LINKED_FOLDER = "linked ", "linked as a folder"


def left_out(listing: Listing, layout: Layout, root: str) -> LeftOut:
    """Return the files that are not read, by suffix and class; a warning if a class loses many of them."""
    notes = [
        f"{n:,} {what}"
        for n, what in (
            (listing.hidden, "hidden or system files and folders ignored"),
            (layout.outside, f"{listing.what} outside any class folder ignored"),
        )
        if n
    ]
    notes += layout.left_out
    lost = _lost(listing, layout)
    n_lost = sum(lost.values())
    n_elsewhere = len(listing.others) + len(listing.links) - n_lost
    if n_elsewhere:
        what = "file or link" if n_elsewhere == 1 else "files or links"
        notes.append(f"{n_elsewhere:,} other {what} ignored, outside of the classes or beside a file of the same name")
    if not lost:
        return LeftOut(tuple(notes), ())
    files = "file" if n_lost == 1 else "files"
    text = f"{n_lost:,} {files} in class folders left out, as not read: {_by_suffix(lost)}"
    read, gone = Counter(layout.classes), Counter[str]()
    for (_, name), n in lost.items():
        gone[name] += n
    if all(n <= FEW * read[name] for name, n in gone.items()):
        return LeftOut((*notes, text), ())
    return LeftOut(tuple(notes), (f"{text}. {_remedy({suffix for suffix, _ in lost}, root)}".removesuffix("."),))


def refuse_unread_classes(
    listing: Listing, layout: Layout, root: str, least: int, on_problem: Problems | None = None
) -> None:
    """Refuse classes that lack training samples, but have files that are not read: ``E-CLASS-UNREAD``."""
    trained = Counter(
        name
        for name, part in zip(layout.classes, layout.parts or ["train"] * len(layout.classes), strict=True)
        if part not in ("valid", "test")
    )
    lost = _lost(listing, layout, train_only=True)
    # A folder of tables is no class of samples: it describes the others.
    lacking = sorted({name for suffix, name in lost if trained[name] < least and suffix not in DESCRIPTIONS})
    if not lacking:
        return
    of_these = {key: n for key, n in lost.items() if key[1] in lacking}
    lines = []
    for name in lacking:
        suffixes = Counter({suffix: n for (suffix, other), n in of_these.items() if other == name})
        lines.append(f"{printable(name)}: {trained[name]:,} {listing.what}, and {listed_suffixes(suffixes)}")
    have = "1 class has" if len(lacking) == 1 else f"{len(lacking)} classes have"
    present = {suffix for suffix, _ in of_these}
    hint = _remedy(present, root)
    if not (present & (PICTURES | SOUNDS | DOCUMENTS) or any("link" in suffix for suffix in present)):
        hint += " If these are no classes, move them out of the folder, or leave them out with `on_rare_class: drop`."
    text = f"{root}: {have} hardly any file that is read" if any(trained[name] for name in lacking) else (
        f"{root}: {have} no file that is read"
    )  # fmt: skip
    refuse(refusal(text, lines, "E-CLASS-UNREAD", hint), lines, on_problem)


def samples_among(others: Iterable[str], files: Iterable[str]) -> list[str]:
    """Return the files that may be samples although they are not read: neither tables and notes, nor twins of `files`.

    Examples
    --------
    >>> samples_among(["dog/1.heic", "notes/a.txt", "boxes/cat/1"], ["images/cat/1.png"])
    ['dog/1.heic']
    """
    known = {_twin(name) for name in files}
    return [
        name
        for name in others
        if (suffix := suffix_of(name)) not in DESCRIPTIONS
        and (suffix in PICTURES | SOUNDS | DOCUMENTS or _twin(name) not in known)
    ]


def _twin(name: str) -> tuple[str, ...]:
    """Folder and name without endings, alike for an image and a file about it."""
    path = name.split("/")
    return (*path[-2:-1], path[-1].partition(".")[0])


def unread_folders(listing: Listing) -> list[str]:
    """Return folders without files of the kind that may be classes: empty, linked, or with possible samples."""
    holding = {folder for name in listing.files for folder in _around(name)}
    described = {folder for name in listing.others for folder in _around(name)}
    possible = {
        folder
        for name in (*listing.links, *samples_among(listing.others, listing.files))
        for folder in _around(name.rstrip("/"))
    }
    return [each for each in listing.folders if each not in holding and (each in possible or each not in described)]


def _around(name: str) -> list[str]:
    """Return the folders around a file, from the outermost."""
    path = name.split("/")[:-1]
    return ["/".join(path[: k + 1]) for k in range(len(path))]


def nothing_to_read(listed: Sequence[str], links: Sequence[str], what: str, expected: str, root: str) -> DataError:
    """Return the error of a folder without a file of the kind, with what is there instead."""
    counts = Counter(map(suffix_of, listed))
    present = [listed_suffixes(counts)] if counts else []
    present += [f"{len(links):,} link{'s' * (len(links) > 1)}, which are not followed"] if links else []
    suffixes = set(counts) | ({LINKED_FOLDER} if links else set())
    known = counts.keys() & (PICTURES | SOUNDS | DOCUMENTS)
    return DataError(
        f"{root}: no {what}; looked for {expected}, found {' and '.join(present) or 'no files'}.",
        error_id="E-DATA-EMPTY",
        hint=_remedy(suffixes, root) if links or known else "",
    )


def suffix_of(name: str) -> str:
    """Return the ending of a file name in lower case.

    Examples
    --------
    >>> suffix_of("a/B.HEIC"), suffix_of("a/scan.nii.gz"), suffix_of("a.b/README")
    ('.heic', '.nii.gz', 'without a suffix')
    """
    stem, dot, suffix = name.rpartition("/")[2].lower().rpartition(".")
    if suffix == "gz" and "." in stem:
        suffix = f"{stem.rpartition('.')[2]}.gz"
    return f".{printable(suffix)}" if dot and stem and len(suffix) <= 10 else NO_SUFFIX


def listed_suffixes(counts: Counter[str]) -> str:
    """Return counts of suffixes as an enumeration, the most frequent first.

    Examples
    --------
    >>> listed_suffixes(Counter({".heic": 30, ".cr2": 4}))
    '30 .heic and 4 .cr2'
    """
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    parts = [f"{n:,} {suffix}" for suffix, n in ordered[:NAMED]]
    if rest := sum(n for _, n in ordered[NAMED:]):
        parts.append(f"{rest:,} others")
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _lost(listing: Listing, layout: Layout, *, train_only: bool = False) -> dict[tuple[str, str], int]:
    """Return numbers of files in class folders that are not read, by suffix and class.

    A file beside one that is read, with the same name but for the suffix, describes it and is no sample.
    """
    depth, split = layout.levels.label - 1, layout.levels.split
    parts = layout.levels.parts
    known = {*layout.classes, *layout.empty}
    stems = {_stem(name) for name in layout.files}
    around = {tuple(name.split("/")[:depth]) for name in layout.files}
    named = {(label, _stem(name).rpartition("/")[2]) for name, label in zip(layout.files, layout.classes, strict=True)}
    counts: Counter[tuple[str, str]] = Counter()
    for name, linked in (*((name, False) for name in listing.others), *((name, True) for name in listing.links)):
        folder, inside = name.endswith("/"), name.rstrip("/").split("/")
        if len(inside) <= depth + (not folder) or (not folder and _stem(name) in stems and not linked):
            continue
        if tuple(inside[:depth]) not in around:
            continue
        part = parts.get(inside[split - 1], "") if 0 < split <= len(inside) else ""
        if train_only and part in ("valid", "test"):
            continue
        at = inside[depth]
        if not linked and suffix_of(name) in DESCRIPTIONS and (at, _stem(name).rpartition("/")[2]) in named:
            continue
        if at in known or (folder and len(inside) == depth + 1):
            suffix = LINKED_FOLDER if folder else f"{LINKED}{suffix_of(name)}" if linked else suffix_of(name)
            counts[suffix, at] += 1
    return counts


def _stem(name: str) -> str:
    folder, _, file = name.rpartition("/")
    return f"{folder}/{file.partition('.')[0]}"


def _by_suffix(lost: dict[tuple[str, str], int]) -> str:
    totals: Counter[str] = Counter()
    classes: dict[str, list[tuple[int, str]]] = {}
    for (suffix, name), n in lost.items():
        totals[suffix] += n
        classes.setdefault(suffix, []).append((-n, name))
    parts = []
    ordered = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    for suffix, total in ordered[:NAMED]:
        named = [f"{printable(name)} {-n:,}" for n, name in sorted(classes[suffix])]
        more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
        parts.append(f"{total:,} {suffix} ({', '.join(named[:NAMED])}{more})")
    rest = sum(n for _, n in ordered[NAMED:])
    return ", ".join(parts) + (f" and {rest:,} others" if rest else "")


def _remedy(suffixes: Iterable[str], root: str) -> str:
    """Return the commands that turn these files into ones that are read."""
    present, where = set(suffixes), shlex.quote(root)
    hints = []
    if any("link" in suffix for suffix in present):
        copy = shlex.quote(f"{root}-copy")
        hints.append(f"Links are not followed; a copy holds their files: cp -rL {where} {copy}")
    for suffix in sorted(present & PICTURES):
        hints.append(f"With ImageMagick: find {where} -iname '*{suffix}' -exec mogrify -format png {{}} +")
    for suffix in sorted(present & SOUNDS):
        hints.append(
            f"With ffmpeg: find {where} -iname '*{suffix}' -exec sh -c 'ffmpeg -i \"$1\" \"${{1%.*}}.wav\"' _ {{}} \\;"
        )
    if present & DOCUMENTS:
        hints.append(f"Save {' '.join(sorted(present & DOCUMENTS))} as .txt")
    return ". ".join(hints) + "." if hints else "Convert them to a format that is read."
