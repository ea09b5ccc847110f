"""The table of checks, and the audit that carries them out."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from visiontk.audit import duplicates, items, labels, shortcuts
from visiontk.audit.facts import View, look
from visiontk.audit.findings import SEVERITIES, VERSION, Finding
from visiontk.audit.refused import refused
from visiontk.core import Fold, Samples, Task, read_dataset
from visiontk.data.checks.problems import Problems
from visiontk.errors import DataError, VisiontkError

log = logging.getLogger(__name__)

Check = Callable[[View], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    duplicates.exact_duplicates,
    duplicates.conflicts,
    duplicates.straddling_groups,
    labels.rare_classes,
    labels.imbalance,
    labels.missing_from_parts,
    labels.label_shift,
    labels.likely_wrong,
    items.without_content,
    items.mixed_sizes,
    items.mixed_files,
    items.flagged_files,
    items.damaged_texts,
    items.lengths,
    shortcuts.telling_files,
    shortcuts.telling_contents,
    shortcuts.telling_names,
    shortcuts.drift,
)
"""Each takes a view and gives findings; near duplicates stand apart, as their pairs are needed for the leaks too."""

_ABSENT = ("E-DATA-MISSING", "E-DATA-EMPTY")
"""Where there are no data there is nothing to audit."""

FOLD_SEED = 0
"""As of the harness: the folds that learners get."""


def audit(
    task: Task, dataset: str, parameters: Mapping[str, Any], n_folds: int | None
) -> tuple[dict[str, Any], Samples | None]:
    """The value of an audit, and the samples if they could be read at all.

    Parameters
    ----------
    task : Task
        Whose datasets and folds are meant.
    dataset : str
        By name.
    parameters : mapping
        Keyword arguments of the dataset function.
    n_folds : int or None
        As a comparison would use; None for as many as the publisher made, or 5.

    Returns
    -------
    dict, Samples or None
        JSON values: ``findings``, the most severe first; ``leaks``, ids of tested samples by kind; how many samples,
        how they were split, and seconds.
    """
    start = time.monotonic()
    problems = Problems()
    try:
        samples = read_dataset(task.dataset(dataset), parameters, problems)
    except DataError as error:
        if error.error_id in _ABSENT:
            raise
        fatal = Finding("VTK002", "error", error.message.splitlines()[0], 1,
                        lines=tuple(line.strip() for line in error.message.splitlines()[1:]))  # fmt: skip
        return _value([*refused(problems.problems), fatal], None, {}, start), None
    return audit_samples(samples, task.folds, n_folds, problems, start), samples


def audit_samples(
    samples: Samples,
    folds: Callable[[Samples, int, int], list[Fold]],
    n_folds: int | None = None,
    problems: Problems | None = None,
    start: float | None = None,
) -> dict[str, Any]:
    """As `audit`, of samples that were read already.

    Examples
    --------
    >>> from visiontk.data import stratified_folds
    >>> from visiontk.testing import tiny_images
    >>> value = audit_samples(tiny_images(60), stratified_folds, 3)
    >>> value["n"], value["split"]
    (60, '3 folds')
    """
    start = time.monotonic() if start is None else start
    problems = Problems() if problems is None else problems
    findings = list(refused(problems.problems))
    made, reason = folds_or_reason(samples, folds, n_folds)
    view = look(samples, made, problems.files)
    pairs = duplicates.near_pairs(view)
    for check in CHECKS:
        findings += check(view)
    findings += duplicates.near_duplicates(view, pairs)
    if reason is not None and not any(f.code in ("VTK104", "VTK202", "VTK207", "VTK002") for f in findings):
        findings.append(Finding("VTK002", "error", reason, 1))
    exact, near = duplicates.leaked_exactly(view), duplicates.leaked_nearly(view, pairs)
    leaks = {"exact": view.ids(*exact), "near": view.ids(*np.setdiff1d(near, exact))}
    return _value(findings, view, leaks, start)


def folds_or_reason(
    samples: Samples, folds: Callable[[Samples, int, int], list[Fold]], n_folds: int | None
) -> tuple[list[Fold], str | None]:
    """The folds of a comparison; or, where they are refused, the parts as they are, and why."""
    from visiontk.core import PARTS

    parts = set() if samples.parts is None else set(samples.parts.tolist())
    n = n_folds or (5 if not parts else 1 if parts & PARTS else len(parts))
    try:
        return folds(samples, n, FOLD_SEED), None
    except VisiontkError as error:
        reason = error.message.splitlines()[0]
    if samples.parts is None:
        return [], reason
    names = [{"test"}] if parts & PARTS else [{name} for name in sorted(parts)]
    none = np.empty(0, np.int64)
    return [
        Fold(np.flatnonzero(~tested).astype(np.int64), none, np.flatnonzero(tested).astype(np.int64))
        for tested in (np.isin(samples.parts, sorted(name)) for name in names)
    ], reason


def _value(
    findings: list[Finding], view: View | None, leaks: Mapping[str, tuple[str, ...]], start: float
) -> dict[str, Any]:
    order = {severity: i for i, severity in enumerate(SEVERITIES)}
    findings = sorted(findings, key=lambda finding: (order[finding.severity], finding.code))
    counts = {severity: sum(f.severity == severity for f in findings) for severity in SEVERITIES}
    value: dict[str, Any] = {
        "audit": VERSION,
        "findings": [finding.as_value() for finding in findings],
        "counts": counts,
        "leaks": {kind: list(ids) for kind, ids in leaks.items()},
        "n": 0,
        "n_compared": 0,
        "kind": None,
        "split": None,
        "seconds": round(time.monotonic() - start, 2),
    }
    if view is not None:
        n_sides = len(np.unique(view.side[view.side >= 0]))
        value |= {
            "n": len(view.side),
            "n_compared": len(view.drawn),
            "kind": view.kind,
            "split": ("official split" if n_sides == 1 else f"{n_sides} official folds")
            if view.split == "official"
            else ("hold-out" if n_sides == 1 else f"{n_sides} folds"),
        }
    return value
