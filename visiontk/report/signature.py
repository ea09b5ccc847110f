"""The line under every table: versions, data, effort and tests of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from visiontk.report.evidence import Evidence
from visiontk.report.evidence.stored import Settings
from visiontk.report.formatting import shorten
from visiontk.report.values import Comparison, Parameters

UNSUPERVISED = "split, tuning and number of looks at the test set not known, costs as stated or not known"


def unsupervised(learners: Mapping[str, Parameters]) -> str:
    """Return what is not known of the models that were fitted elsewhere, with their names if they are not all.

    Examples
    --------
    >>> unsupervised({"mine": {"fitted": "elsewhere"}, "hog_svm": {"fitted": "by visiontk"}})[:31]
    'of mine: split, tuning and numb'
    """
    elsewhere = [name for name, parameters in learners.items() if parameters["fitted"] == "elsewhere"]
    return UNSUPERVISED if len(elsewhere) == len(learners) else f"of {', '.join(elsewhere)}: {UNSUPERVISED}"


def signature_of(evidence: Evidence, comparisons: Sequence[Comparison]) -> str:
    """Return version, packages, task, data, split, seeds, effort, metric, tests and view of a run, in one line."""
    trial, settings = evidence.trials[0], evidence.settings
    packages = {name: version for each in evidence.trials for name, version in each.packages.items()}
    tests = " and ".join(sorted({row["test"] for row in comparisons})) or "none"
    n_unknown = evidence.data["n_unknown"]
    parts = [
        f"visiontk {trial.version}",
        *(f"{name} {version}" for name, version in sorted(packages.items())),
        f"{trial.task}/{trial.task_version}",
        f"{trial.dataset} {shorten(trial.fingerprint, 13)}",
        evidence.data["split"] if evidence.is_supervised else "",
        f"{n_unknown:,} unknown excluded from test" if n_unknown else "",
        f"seed{'s' * (len(settings.seeds) > 1)} {ranges(settings.seeds)}",
        _effort(settings) if evidence.is_supervised else unsupervised(settings.learners),
        f"{evidence.task.metric}: {tests}, {_correction(comparisons)}",
        f"claim {evidence.claim.stated}: {evidence.claim.claim}" if evidence.claim else "",
        evidence.policy.words(),
        "metric or unit chosen after the run" if evidence.changes else "",
        "slices chosen after the run" if any(column.chosen == "after" for column in evidence.columns) else "",
    ]
    return " | ".join(filter(None, parts))


def _correction(comparisons: Sequence[Comparison]) -> str:
    """Return which comparison is tested alone, and for how many the others are corrected."""
    n_others = sum(row["primary"] is None for row in comparisons)
    n_primary = max((row["n_comparisons"] for row in comparisons if row["primary"]), default=0)
    parts = {0: [], 1: ["primary comparison alone"]}.get(n_primary, [f"{n_primary} primary by Bonferroni"])
    parts += [f"{n_others} other{'s' * (n_others > 1)} by Bonferroni"] if n_others else []
    return ", ".join(parts) or "nothing compared"


def _effort(settings: Settings) -> str:
    search = settings.search > 1
    per = "learner and fold" if search else "fit"
    how = f"search of {settings.search} configurations per learner and fold by valid" if search else "no search"
    return f"budget {settings.budget_s:g} CPU s per {per}, {settings.threads} thread(s), {how}"


def ranges(seeds: Sequence[int]) -> str:
    """Return whole numbers, three or more in a row as a range.

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
