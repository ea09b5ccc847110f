"""The value of ``results.json``: the sections' values and a few fields of the run."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from visiontk.core import Task
from visiontk.errors import ResumeError
from visiontk.harness.store import RunDirectory
from visiontk.report.evidence import Evidence, read_evidence
from visiontk.report.evidence.view import View
from visiontk.report.formatting import now
from visiontk.report.sections import DETAILS, MAIN, Sections
from visiontk.report.sections.dataset import metrics_of
from visiontk.report.sections.warnings import all_warnings
from visiontk.report.signature import signature_of
from visiontk.report.values import Environment, Results

SCHEMA = 1


def compute_results(
    store: RunDirectory,
    task: Task,
    *,
    command: str = "",
    view: View | None = None,
    sections: Sections = MAIN + DETAILS,
    evidence: Evidence | None = None,
) -> Results:
    """Compute the value of ``results.json`` from a run directory; `command` is the one that repeats the run.

    `evidence` is that of the run under the view, if it was read before.
    """
    evidence = evidence or read_evidence(store, task, view or View())
    values = {section.name: evidence.value(section) for section in sections if section.compute}
    results = cast(Results, {**_fields(evidence, command), **values})
    results["signature"] = signature_of(evidence, results["comparisons"])
    results["warnings"] = all_warnings(results, evidence.changes, evidence.data["warnings"])
    return results


def _fields(evidence: Evidence, command: str) -> dict[str, object]:
    """Return the fields that belong to no section."""
    settings, task = evidence.settings, evidence.task
    reference, reason = evidence.reference
    environment: Environment = evidence.store.read_json("environment.json")
    return {
        "schema": SCHEMA,
        "visiontk": evidence.trials[0].version,
        "task": task.name,
        "created": now(),
        "metric": task.metric,
        "metrics": metrics_of(evidence),
        "reference": reference,
        "reference_reason": reason,
        "pair": list(evidence.named) if evidence.named else None,
        "preset": settings.preset,
        "seeds": settings.seeds,
        "max_train": settings.max_train,
        "budget_s": settings.budget_s,
        "threads": settings.threads,
        "margin": evidence.margin.value,
        "margin_reason": evidence.margin.reason,
        "search": settings.search,
        "n_folds": settings.n_folds,
        "calibration": evidence.policy.calibration,
        "threshold": evidence.policy.threshold,
        "confidence": 0.95,
        "complete": evidence.n_done == len(evidence.trials) and (evidence.searches.complete or settings.search < 2),
        "n_planned": len(evidence.trials),
        "n_done": evidence.n_done,
        "n_test_readings": evidence.store.n_readings() if evidence.is_supervised else None,
        "environment": environment,
        "reproduce": {"command": command, "config": settings.config(hide_path=task.is_private)},
    }


def read_results(path: Path) -> Results:
    """Read ``results.json``; ResumeError if it is missing, damaged, or does not match its schema."""
    from pydantic import TypeAdapter, ValidationError

    value = RunDirectory(path).read_json("results.json")
    try:
        TypeAdapter(Results).validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ResumeError(
            f"{path / 'results.json'}: {place}: {first['msg']}.",
            error_id="E-RUN-DAMAGED",
            hint="visiontk report computes it again from the stored predictions.",
        ) from error
    return cast(Results, value)
