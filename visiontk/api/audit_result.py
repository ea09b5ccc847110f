"""Audits of data: run in a separate process and cached by the fingerprint of the data."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from visiontk import errors
from visiontk.audit.findings import VERSION as AUDIT
from visiontk.data.cache import cache_dir
from visiontk.errors import EXIT_DATA, EXIT_DONE, EnvironmentFault, VisiontkError
from visiontk.harness.drive import Prepared
from visiontk.harness.experiment import Experiment
from visiontk.harness.files import write_file
from visiontk.harness.threads import n_cpus, process_environment
from visiontk.report.exhibits.exhibit import make_exhibits
from visiontk.report.pages.audit import render_audit
from visiontk.version import VERSION


@dataclass(frozen=True)
class AuditResult:
    """Result of an audit."""

    values: Mapping[str, Any]  # as ``visiontk data audit --json`` prints it; see ``docs/audit.md``
    exhibits: Mapping[str, Any]  # images, texts and audio of the samples that findings name

    @property
    def exit_code(self) -> int:
        """3 if a finding is an error, else 0."""
        return EXIT_DATA if self.values["counts"]["error"] else EXIT_DONE

    def report(self, path: Path) -> Path:
        """Write the page: one HTML file that loads nothing."""
        write_file(path, render_audit(self.values, self.exhibits))
        return path


def audit(experiment: Experiment) -> AuditResult:
    """Audit the data of an experiment, without using the cache.

    Raises
    ------
    VisiontkError
        If there are no data, or the process fails.
    """
    with tempfile.TemporaryDirectory(prefix="visiontk-audit-") as folder:
        result = _run_process(experiment, Path(folder))
        if "fingerprint" in result.values:
            _store(Path(folder), _cached(experiment, result.values["fingerprint"]))
        return result


def audit_of(prepared: Prepared) -> AuditResult | None:
    """Return the audit of the data of a comparison, from the cache or run now; None if it fails.

    A failed audit does not fail the comparison.
    """
    place = _cached(prepared.experiment, prepared.samples.card.fingerprint)
    if place is not None and (place / "audit.json").is_file():
        with contextlib.suppress(OSError, ValueError, KeyError):
            return _read(place, prepared.experiment)
    with contextlib.suppress(VisiontkError, OSError):
        result = audit(prepared.experiment)
        if result.values.get("fingerprint") == prepared.samples.card.fingerprint:
            return result
    return None


def _run_process(experiment: Experiment, folder: Path) -> AuditResult:
    request = {
        "task": experiment.task,
        "dataset": experiment.dataset,
        "parameters": dict(experiment.dataset_parameters),
        "folds": experiment.folds,
    }
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
    with (folder / "log.txt").open("wb") as log:
        ended = subprocess.run(
            [sys.executable, "-P", "-m", "visiontk.audit.process", str(folder)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=process_environment(n_cpus()), check=False,
        )  # fmt: skip
    if ended.returncode or not (folder / "audit.json").is_file():
        log_lines = (folder / "log.txt").read_text("utf-8", errors="replace").strip().splitlines()
        raise EnvironmentFault(
            f"The audit failed (exit code {ended.returncode}): {log_lines[-1] if log_lines else 'no message'}",
            error_id="E-ENV-AUDIT",
            hint="visiontk doctor checks the installation; visiontk compare --no-audit runs without an audit.",
        )
    return _read(folder, experiment)


def _read(folder: Path, experiment: Experiment) -> AuditResult:
    value = json.loads((folder / "audit.json").read_bytes())
    if "error" in value:
        error = value["error"]
        kind = getattr(errors, error["class"], VisiontkError)
        raise kind(error["message"], error_id=error["id"], hint=error["hint"])
    exhibits: dict[str, Any] = {}
    if texts := value.pop("texts", {}):
        array = np.empty(len(texts), dtype=object)
        array[:] = list(texts.values())
        exhibits = dict(make_exhibits(list(texts), array))
    if (folder / "examples.npz").is_file():
        with np.load(folder / "examples.npz", allow_pickle=False) as file:
            exhibits = dict(make_exhibits(file["ids"].tolist(), file["inputs"], value["sample_rate"]))
    value |= {"visiontk": VERSION, "task": experiment.task, "dataset": experiment.dataset}
    return AuditResult(value, exhibits)


def _cached(experiment: Experiment, fingerprint: str) -> Path | None:
    """Return the cache folder of the audit of these data with this split; None without a cache."""
    root = cache_dir()
    # Identified by the content, not by the path.
    parameters = {name: value for name, value in experiment.dataset_parameters.items() if name != "path"}
    key = json.dumps(
        [VERSION, AUDIT, experiment.task, experiment.dataset, parameters, experiment.folds, fingerprint], default=str
    )
    return None if root is None else root / "audits" / hashlib.sha256(key.encode()).hexdigest()[:24]


def _store(folder: Path, place: Path | None) -> None:
    if place is None:
        return
    with contextlib.suppress(OSError):  # without a cache the audit only takes longer
        place.mkdir(parents=True, exist_ok=True)
        for name in ("examples.npz", "audit.json"):  # the value is last: if it exists, the audit is complete
            if (folder / name).is_file():
                temporary = place / f".{name}-{os.getpid()}"
                shutil.copyfile(folder / name, temporary)
                temporary.replace(place / name)
