"""Public and embedded datasets: list, show and fetch."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from visiontk.cli.live_line import LiveLine
from visiontk.cli.wrapping import aligned, cut, width, wrapped
from visiontk.core import about_data
from visiontk.errors import EnvironmentFault
from visiontk.registry import get_task, installed_tasks
from visiontk.report.formatting import visible

MB = 1_000_000
_LIVE_S, _PIPE_S = 0.2, 30.0


def sources(name: str | None = None) -> list[dict[str, Any]]:
    """Return rows about embedded and public datasets, as JSON values.

    Examples
    --------
    >>> sources("mnist")[0]["licence"]
    'CC BY-SA 3.0'
    """
    from visiontk.data.public.fetch import present
    from visiontk.data.public.sources import SOURCES, published

    place = data_folder()
    embedded = [row for row in _embedded() if name in (None, row["dataset"])]
    if name and embedded:
        return embedded
    return embedded + [
        {
            "dataset": source.name,
            "tasks": list(source.tasks),
            "embedded": False,
            "here": place is not None and present(source, place / source.name),
            "folder": None if place is None else str(place / source.name),
            "size_bytes": source.size or None,
            "licence": source.licence or None,
            "citation": source.citation,
            "homepage": source.homepage,
            "files": [
                {"name": remote.name, "addresses": list(remote.addresses), "checksum": remote.checksum or None}
                for remote in source.remotes
            ],
            "checksums_by": source.checksums_by or None,
            "registration": source.instructions or None,
        }
        for source in ([published(name)] if name else SOURCES.values())
    ]


def _embedded() -> list[dict[str, Any]]:
    """Return rows about the data that are shipped in packages of tasks, as far as they can be imported."""
    rows = []
    for installed in installed_tasks():
        try:
            datasets = get_task(installed.name).datasets
        except EnvironmentFault:
            continue
        rows += [
            {
                "dataset": name, "tasks": [installed.name], "embedded": True, "here": True, "folder": None,
                "size_bytes": None, "licence": declared.licence, "citation": declared.citation,
                "homepage": declared.homepage, "files": [], "checksums_by": None, "registration": None,
            }
            for name, declared in ((name, about_data(function)) for name, function in datasets.items())
            if declared.licence
        ]  # fmt: skip
    return rows


def fetch_source(name: str, *, quiet: bool) -> dict[str, Any]:
    """Fetch a dataset with progress on standard error; return its folder, and if it is new."""
    from visiontk.data.public.fetch import fetch

    if any(row["dataset"] == name for row in _embedded()):
        return {"dataset": name, "folder": None, "new": False}

    with _TransferDisplay(quiet=quiet) as display:
        fetched = fetch(name, progress=display.show)
    return {"dataset": name, "folder": str(fetched.folder), "new": fetched.new}


def fetched_sentence(result: dict[str, Any]) -> str:
    """Return where the data of `fetch_source` are.

    Examples
    --------
    >>> fetched_sentence({"dataset": "digits", "folder": None, "new": False})
    'digits is embedded: there is nothing to fetch.'
    """
    name, folder = result["dataset"], result["folder"]
    return f"{name} is embedded: there is nothing to fetch." if folder is None else f"{name} is in {folder}"


def print_sources(rows: list[dict[str, Any]], *, whole: bool) -> None:
    """Print rows for people: a table, or everything known about one."""
    if whole:
        for row in rows:
            _print_one(row)
        return
    heads = ("dataset", "task", "here", "size", "licence")
    table = [
        (
            row["dataset"],
            ", ".join(row["tasks"]),
            "embedded" if row["embedded"] else "yes" if row["here"] else "no",
            _size(row["size_bytes"]) if row["size_bytes"] else "" if row["embedded"] else "register",
            row["licence"] or "not stated",
        )
        for row in rows
    ]
    for line in aligned([heads, *table], right=[3]):
        print(cut(line, width()))
    place = visible(str(Path(rows[-1]["folder"] or "").parent))
    print(
        f"\n{wrapped(f'Those that are not embedded are read from {place} (VISIONTK_DATA sets another folder).')}"
        f"\n{wrapped('visiontk data list NAME shows source and citation; visiontk data fetch NAME fetches one.')}"
    )


def _print_one(row: dict[str, Any]) -> None:
    print(row["dataset"])
    facts = (
        ("task", ", ".join(row["tasks"])),
        ("here", "embedded" if row["embedded"] else f"{'yes' if row['here'] else 'no'}, {row['folder']}"),
        ("size", _size(row["size_bytes"]) if row["size_bytes"] else ""),
        ("licence", row["licence"] or "not stated by the publisher"),
        ("cite", row["citation"]),
        ("homepage", row["homepage"]),
        *(("from", " or ".join(file["addresses"])) for file in row["files"]),
        ("checked", f"by the sums of {row['checksums_by']}" if row["checksums_by"] else ""),
        ("how", row["registration"] or ""),
    )
    for head, text in facts:
        if text:
            print(wrapped(f"{head:9} {visible(text)}", 2, hanging=12))


def _size(n: int) -> str:
    return f"{n / MB:,.0f} MB" if n >= 10 * MB else f"{n / MB:,.1f} MB"


def data_folder() -> Path | None:
    """Return the folder of public data; None if it cannot be used."""
    from visiontk.data.public.locations import data_dir

    try:
        return data_dir()
    except EnvironmentFault:
        return None


class _TransferDisplay(LiveLine):
    """Progress of a transfer."""

    def __init__(self, *, quiet: bool) -> None:
        super().__init__(quiet=quiet)
        self.shown_at = time.monotonic()

    def show(self, name: str, there: int, total: int | None) -> None:
        now = time.monotonic()
        if self.quiet or (now - self.shown_at < (_LIVE_S if self.live else _PIPE_S) and there != total):
            return
        self.shown_at = now
        line = f"{visible(name)}  {_size(there)}{f' of {_size(total)}' if total else ''}"
        if self.live:
            self.overwrite(line)
        else:
            self.write(f"{line}\n")
