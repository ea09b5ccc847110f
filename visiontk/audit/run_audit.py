"""The list of checks, and the audit that runs them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from visiontk.audit import duplicate_checks, item_checks, label_checks, pretraining_checks, shortcut_checks
from visiontk.audit.audit_view import AuditView, view_of
from visiontk.audit.findings import SEVERITIES, VERSION, Finding
from visiontk.audit.near_pairs import near_pairs
from visiontk.audit.reader_errors import left_out_findings, message_of, reader_findings
from visiontk.core import PARTS, Fold, Samples, Task, read_dataset
from visiontk.data.checks.problems import Problems
from visiontk.errors import DataError, VisiontkError

Check = Callable[[AuditView], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    duplicate_checks.exact_duplicates,
    duplicate_checks.conflicts,
    duplicate_checks.straddling_groups,
    label_checks.rare_classes,
    label_checks.imbalance,
    label_checks.missing_from_parts,
    label_checks.label_shift,
    label_checks.likely_wrong,
    item_checks.without_content,
    item_checks.mixed_sizes,
    item_checks.mixed_files,
    item_checks.flagged_files,
    item_checks.damaged_texts,
    item_checks.lengths,
    shortcut_checks.file_properties,
    shortcut_checks.content_properties,
    shortcut_checks.file_names,
    shortcut_checks.drift,
    pretraining_checks.classes_of_imagenet,
    pretraining_checks.known_pictures,
)
"""Functions of a view that yield findings; near duplicates are separate, as their pairs also determine the leaks."""

_ABSENT = ("E-DATA-MISSING", "E-DATA-EMPTY")
"""Errors that leave no data to audit."""

FOLD_SEED = 0
"""As in the harness."""


def audit(
    task: Task, dataset: str, parameters: Mapping[str, Any], n_folds: int | None
) -> tuple[dict[str, Any], Samples | None]:
    """Audit a data set; return the result, and the samples if they could be read.

    The result is of JSON values: ``findings``, the most severe first; ``leaks``, ids of test samples by kind; numbers
    of samples, the split, and seconds. `n_folds` is as in a comparison; None for the official number, or 5.
    """
    start = time.monotonic()
    collected = Problems()
    try:
        samples = read_dataset(task.dataset(dataset), parameters, collected)
    except DataError as error:
        if error.error_id in _ABSENT:
            raise
        fatal = Finding("VTK002", "error", message_of(error), 1,
                        lines=tuple(line.strip() for line in error.message.splitlines()[1:]))  # fmt: skip
        findings = [*reader_findings(collected.problems), *left_out_findings(collected.left_out), fatal]
        return _value(findings, None, {}, start), None
    return audit_samples(samples, task.folds, n_folds, collected, start), samples


def audit_samples(
    samples: Samples,
    folds: Callable[[Samples, int, int], list[Fold]],
    n_folds: int | None = None,
    collected: Problems | None = None,
    start: float | None = None,
) -> dict[str, Any]:
    """Audit samples that were read already; see `audit`.

    Examples
    --------
    >>> from visiontk.data import stratified_folds
    >>> from visiontk.testing import tiny_images
    >>> value = audit_samples(tiny_images(60), stratified_folds, 3)
    >>> value["n"], value["split"]
    (60, '3 folds')
    """
    start = time.monotonic() if start is None else start
    collected = Problems() if collected is None else collected
    findings = [*reader_findings(collected.problems), *left_out_findings(collected.left_out)]
    usable, reason = folds_or_reason(samples, folds, n_folds)
    view = view_of(samples, usable, collected.files)
    pairs = near_pairs(view)
    for check in CHECKS:
        findings += check(view)
    findings += duplicate_checks.near_duplicates(view, pairs)
    if reason is not None and not any(f.code in ("VTK104", "VTK202", "VTK207", "VTK002") for f in findings):
        findings.append(Finding("VTK002", "error", reason, 1))
    exact, near = duplicate_checks.exact_leaks(view), duplicate_checks.near_leaks(view, pairs)
    leaks = {"exact": view.ids(exact), "near": view.ids(np.setdiff1d(near, exact))}
    return _value(findings, view, leaks, start)


def folds_or_reason(
    samples: Samples, folds: Callable[[Samples, int, int], list[Fold]], n_folds: int | None
) -> tuple[list[Fold], str | None]:
    """Return the folds of a comparison; if they are invalid, the official parts as folds, and the reason."""
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
    findings: list[Finding], view: AuditView | None, leaks: Mapping[str, tuple[str, ...]], start: float
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
            "n_compared": len(view.compared),
            "kind": view.kind,
            "split": ("official split" if n_sides == 1 else f"{n_sides} official folds")
            if view.split == "official"
            else ("hold-out" if n_sides == 1 else f"{n_sides} folds"),
        }
    return value
