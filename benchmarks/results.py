"""Measured results beside published ones: runs configs, and writes docs/results.md and docs/results/NAME.md.

``make results``, ``make results NAME=fsdd`` or ``python benchmarks/results.py [NAME ...] [--out FOLDER] [--write]``.
Fits that are in the folder already are not run again, so an interrupted run is resumed and a finished one only writes
its page. Rows and pages of other data sets are unchanged: their run directories may be on another machine. ``--write``
runs nothing, and writes what is in the folder.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import visiontk
from visiontk.api import Result, load
from visiontk.errors import VisiontkError
from visiontk.harness.progress import Progress
from visiontk.report import formatting as fmt

sys.path.append(str(Path(__file__).parent))  # also where another program imports this one
from index_of_results import index
from published_results import ENTRIES, FLATTERED, RECALL
from tables_of_runs import by_unit, comparisons, flattery, learners, recalls, set_by_hand
from tables_of_searches import curve, searched

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "results.md"

Values = Mapping[str, Any]


def main() -> None:
    """Run the missing comparisons and write their pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"Of {', '.join(ENTRIES)}. Default: all.")
    parser.add_argument("--out", type=Path, default=ROOT / "runs" / "results")
    parser.add_argument("--write", action="store_true", help="run nothing; write the pages of what is in --out")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(ENTRIES)
    if unknown:
        parser.error(f"unknown {', '.join(sorted(unknown))}; known are {', '.join(ENTRIES)}.")
    for name in arguments.names or ENTRIES:
        values = stored(arguments.out / name) if arguments.write else measured(name, arguments.out / name)
        if values is not None:
            write(name, values)
            print(f"Wrote {PAGE.relative_to(ROOT)} and {_page_of(name).relative_to(ROOT)}.")


def stored(folder: Path) -> Values | None:
    """Return the results of a finished run; None if it is not there or not finished."""
    if not (folder / "plan.json").exists():
        return None
    values = load(folder).values
    return values if values["complete"] else None


def measured(name: str, folder: Path) -> Values:
    """Run or resume the config of this name and return its results."""
    try:
        result = visiontk.compare(str(ROOT / ENTRIES[name].config), out=folder, show=show)
    except VisiontkError as error:
        sys.exit(f"{name}: {error.message}\n{error.hint}")
    assert isinstance(result, Result)
    print(f"\n{name}: {result.sentence}\n{result.path / 'report.html'}")
    return result.values


def show(progress: Progress) -> None:
    """Print progress on one line."""
    left = f", about {fmt.seconds(progress.left_s)} left" if progress.left_s else ""
    line = f"{progress.n_done}/{progress.n_planned} trials{left}: {'; '.join(progress.running)}"
    print(f"\r\x1b[K{line}"[:160], end="", file=sys.stderr, flush=True)


def write(name: str, values: Values) -> None:
    """Write the page of one data set, and its rows of docs/results.md."""
    _page_of(name).parent.mkdir(exist_ok=True)
    _page_of(name).write_text("\n".join(section(name, values)), encoding="utf-8")
    for honest, flattering in FLATTERED:
        paths = [_page_of(each) for each in (honest, flattering)]
        if name in (honest, flattering) and all(path.exists() for path in paths):
            one, other = (path.read_text(encoding="utf-8") for path in paths)
            paths[1].write_text(flattery(honest, one, flattering, other), encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    PAGE.write_text(index(page, {name: values}), encoding="utf-8")


def _page_of(name: str) -> Path:
    return PAGE.parent / "results" / f"{name}.md"


def section(name: str, values: Values) -> list[str]:
    """Return the section of one data set."""
    entry = ENTRIES[name]
    lines = [f"# {name}", "", f"`visiontk compare {entry.config}`: {entry.protocol}.", ""]
    if not values["complete"]:
        lines += [f"**PARTIAL: {values['n_done']} of {values['n_planned']} fits done.**", ""]
    lines += [f"**{' '.join(each['sentence'] for each in values['headlines'])}**", ""]
    lines += [entry.remark, ""] if entry.remark else []
    lines += [*learners(values, entry), "", *set_by_hand(values), *comparisons(values), ""]
    lines += [*searched(values), *curve(values)]
    lines += [*by_unit(values), ""] if values.get("units") else []
    lines += [*recalls(values), ""] if name in RECALL else []
    if entry.published:
        lines += [
            "Published, on the same data (protocols differ in tuning and repetitions):",
            "",
            "| method | reached | source | beware |",
            "|---|---|---|---|",
            *(f"| {p.method} | {p.reached} | {p.source} | {p.beware} |" for p in entry.published),
            "",
        ]
    return [*lines, machine(values), ""]


def machine(values: Values) -> str:
    """Return the date, machine, versions and signature of a run."""
    here = values["environment"]
    packages = ", ".join(
        f"{name} {here['packages'][name]}"
        for name in ("tensorflow", "keras", "scikit-learn", "librosa", "numpy")
        if here["packages"].get(name)
    )
    return (
        f"Measured on {values['created'][:10]}: {here['cpu']}, {here['n_cpus']} processors, Python {here['python']}, "
        f"{packages}. `{values['signature']}`"
    )


if __name__ == "__main__":
    main()
