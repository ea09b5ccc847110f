"""The line under every table: by which version, on which data, with which effort and which test it was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from visiontk.core import Trial
from visiontk.report.formatting import shorten


def signature_of(
    trials: Sequence[Trial],
    data: Mapping[str, Any],
    document: Mapping[str, Any],
    comparisons: Sequence[Mapping[str, Any]],
    metric: str,
) -> str:
    """Version, packages, task, data, split, seeds, effort, metric and tests of a run, in one line."""
    trial = trials[0]
    packages = {name: version for each in trials for name, version in each.packages.items()}
    tests = " and ".join(sorted({row["test"] for row in comparisons})) or "none"
    return " | ".join(
        [
            f"visiontk {trial.version}",
            *(f"{name} {version}" for name, version in sorted(packages.items())),
            f"{trial.task}/{trial.task_version}",
            f"{trial.dataset} {shorten(trial.fingerprint, 13)}",
            str(data["split"]),
            *([f"{n:,} unknown excluded from test"] if (n := data.get("n_unknown", 0)) else []),
            f"seed{'s' * (len(document['seeds']) > 1)} {ranges(document['seeds'])}",
            _effort(document),
            f"{metric}: {tests}, Holm",
        ]
    )


def _effort(document: Mapping[str, Any]) -> str:
    trials = document["search"]
    per = "fit" if trials < 2 else "learner and fold"
    search = "no search" if trials < 2 else f"search of {trials} configurations per learner and fold by valid"
    return f"budget {document['budget']:g} CPU s per {per}, {document['threads']} thread(s), {search}"


def ranges(seeds: Sequence[int]) -> str:
    """Whole numbers, three or more in a row as a range.

    Examples
    --------
    >>> ranges([4, 0, 1, 2])
    '0-2,4'
    """
    runs: list[list[int]] = []
    for seed in sorted(seeds):
        if runs and seed == runs[-1][-1] + 1:
            runs[-1].append(seed)
        else:
            runs.append([seed])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(map(str, run)) for run in runs)
