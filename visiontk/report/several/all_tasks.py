"""The value of ``all.json``: one row per task, one sentence over all, and warnings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from visiontk.report.formatting import now, plural, words
from visiontk.report.several.records import AllTasks, FamilyTest, Outcome, TaskRow
from visiontk.report.several.task_rows import family_test
from visiontk.version import VERSION

SCHEMA = 1
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


def all_tasks(rows: Sequence[TaskRow], *, preset: str, settings: Mapping[str, Any], command: str) -> AllTasks:
    """The value of ``all.json``; `settings` are those of all runs but the preset, `command` repeats it."""
    counts = Counter(row["outcome"] for row in rows)
    synthetic = Counter(row["outcome"] for row in rows if row["synthetic"])
    families = family_test(rows, "domain")
    return {
        "schema": SCHEMA,
        "visiontk": VERSION,
        "created": now(),
        "preset": preset,
        "settings": dict(settings),
        "complete": all(row["status"] == "done" for row in rows),
        "counts": {name: counts[name] for name in OUTCOMES},
        "n_planned": sum(row["n_planned"] for row in rows),
        "n_done": sum(row["n_done"] for row in rows),
        "n_failed": sum(row["n_failed"] for row in rows),
        "tasks": list(rows),
        "families": families,
        "headline": {"sentence": sentence(counts, synthetic)},
        "warnings": _warnings(rows, preset, families),
        "reproduce": {"command": command},
    }


def sentence(counts: Mapping[Outcome, int], synthetic: Mapping[Outcome, int] | None = None) -> str:
    """The number of domains with each outcome, and how many of them have synthetic data."""
    n: dict[Outcome, int] = {name: counts.get(name, 0) for name in OUTCOMES}
    of_synthetic = synthetic or {}
    ahead = (
        f"In {n['network']} of {plural(sum(n.values()), 'domain')} the network is better"
        f"{_on_synthetic(n['network'], of_synthetic.get('network', 0))}"
    )
    words: dict[Outcome, str] = {"pretrained": "the pretrained learner", "classical": "the traditional method"}
    for outcome, side in words.items():
        if n[outcome] or outcome == "classical":
            ahead += f", in {n[outcome]} {side}{_on_synthetic(n[outcome], of_synthetic.get(outcome, 0))}"
    others = [
        (n["equivalent"], f"in {n['equivalent']} they are equivalent"),
        (n["undecided"], f"{n['undecided']} {'is' if n['undecided'] == 1 else 'are'} undecided"),
        (n["none"], f"{n['none']} {'has' if n['none'] == 1 else 'have'} no verdict"),
        (n["failed"], f"{n['failed']} failed"),
        (n["waiting"], f"{n['waiting']} {'has' if n['waiting'] == 1 else 'have'} not run yet"),
    ]
    rest = ", ".join(clause for count, clause in others if count)
    return ahead + (f"; {rest}" if rest else "") + "."


def progress(value: AllTasks) -> str:
    """The number of fits and domains that are done, failed or missing."""
    parts = [f"{value['n_done']} of {plural(value['n_planned'], 'planned fit')} done, {value['n_failed']} failed"]
    for outcome, state in (("failed", "without results"), ("waiting", "not run yet")):
        if n := value["counts"][outcome]:
            parts.append(f"{plural(n, 'domain')} {state}")
    return f"{'; '.join(parts)}."


def _on_synthetic(n: int, n_synthetic: int) -> str:
    if not n_synthetic:
        return ""
    return " (all on synthetic data)" if n_synthetic == n > 1 else f" ({n_synthetic} on synthetic data)"


def _warnings(rows: Sequence[TaskRow], preset: str, families: FamilyTest) -> list[str]:
    warnings = ["Quick preset: a first impression, not a result."] if preset == "quick" else []
    known = [row for row in rows if row["dataset"]]
    if synthetic := [words(row["task"]) for row in known if row["synthetic"]]:
        warnings.append(f"Synthetic data, which say nothing about the real world: {', '.join(synthetic)}.")
    warnings.append("Each domain is represented by one data set; another data set may give another verdict.")
    if families["text"]:
        warnings.append(families["text"])
    if len({row["metric"] for row in known}) > 1:
        warnings.append("Metrics differ between domains, so that their points are not comparable.")
    warnings += [
        f"{words(row['task'])}: {row['n_failed']} of {row['n_planned']} fits failed; its report gives the reasons."
        for row in rows
        if row["n_failed"]
    ]
    return warnings
