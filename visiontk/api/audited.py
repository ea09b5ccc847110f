"""Audits as values: asked for in a process of their own, and kept under the fingerprint of the data."""

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
class Audited:
    """What an audit found.

    Parameters
    ----------
    values : mapping
        As ``visiontk data audit --json`` prints it; see ``docs/audit.md``.
    exhibits : mapping
        Pictures, texts and sounds of the samples that findings name.
    """

    values: Mapping[str, Any]
    exhibits: Mapping[str, Any]

    @property
    def exit_code(self) -> int:
        """3 if a finding is an error, else 0."""
        return EXIT_DATA if self.values["counts"]["error"] else EXIT_DONE

    def report(self, path: Path) -> Path:
        """Write the page: one HTML file that loads nothing."""
        write_file(path, render_audit(self.values, self.exhibits))
        return path


def audit(experiment: Experiment) -> Audited:
    """Audit the data of an experiment, whatever was kept of earlier audits.

    Raises
    ------
    VisiontkError
        If there are no data, or the process cannot do its work.
    """
    with tempfile.TemporaryDirectory(prefix="visiontk-audit-") as folder:
        found = _asked(experiment, Path(folder))
        if "fingerprint" in found.values:
            _keep(Path(folder), _kept(experiment, found.values["fingerprint"]))
        return found


def audit_of(prepared: Prepared) -> Audited | None:
    """The audit of data that were read for a comparison: as kept, or asked for now; None if it cannot be had.

    A comparison does not fail because its audit does.
    """
    place = _kept(prepared.experiment, prepared.samples.card.fingerprint)
    if place is not None and (place / "audit.json").is_file():
        with contextlib.suppress(OSError, ValueError, KeyError):
            return _read(place, prepared.experiment)
    with contextlib.suppress(VisiontkError, OSError):
        found = audit(prepared.experiment)
        if found.values.get("fingerprint") == prepared.samples.card.fingerprint:
            return found
    return None


def _asked(experiment: Experiment, folder: Path) -> Audited:
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
        said = (folder / "log.txt").read_text("utf-8", errors="replace").strip().splitlines()
        raise EnvironmentFault(
            f"The audit ended by itself (exit code {ended.returncode}): {said[-1] if said else 'it says nothing'}",
            error_id="E-ENV-AUDIT",
            hint="visiontk doctor looks at the installation; visiontk compare --no-audit goes on without.",
        )
    return _read(folder, experiment)


def _read(folder: Path, experiment: Experiment) -> Audited:
    value = json.loads((folder / "audit.json").read_bytes())
    if "error" in value:
        found = value["error"]
        kind = getattr(errors, found["class"], VisiontkError)
        raise kind(found["message"], error_id=found["id"], hint=found["hint"])
    exhibits: dict[str, Any] = {}
    if texts := value.pop("texts", {}):
        held = np.empty(len(texts), dtype=object)
        held[:] = list(texts.values())
        exhibits = dict(make_exhibits(list(texts), held))
    if (folder / "examples.npz").is_file():
        with np.load(folder / "examples.npz", allow_pickle=False) as file:
            exhibits = dict(make_exhibits(file["ids"].tolist(), file["inputs"], value["sample_rate"]))
    value |= {"visiontk": VERSION, "task": experiment.task, "dataset": experiment.dataset}
    return Audited(value, exhibits)


def _kept(experiment: Experiment, fingerprint: str) -> Path | None:
    """Where the audit of these data, split in this way, is kept."""
    root = cache_dir()
    # The content decides, not where it lies.
    given = {name: value for name, value in experiment.dataset_parameters.items() if name != "path"}
    key = json.dumps(
        [VERSION, AUDIT, experiment.task, experiment.dataset, given, experiment.folds, fingerprint], default=str
    )
    return None if root is None else root / "audits" / hashlib.sha256(key.encode()).hexdigest()[:24]


def _keep(folder: Path, place: Path | None) -> None:
    if place is None:
        return
    with contextlib.suppress(OSError):  # a cache that cannot be written costs time only
        place.mkdir(parents=True, exist_ok=True)
        for name in ("examples.npz", "audit.json"):  # the value comes last: what is there is complete
            if (folder / name).is_file():
                temporary = place / f".{name}-{os.getpid()}"
                shutil.copyfile(folder / name, temporary)
                temporary.replace(place / name)
