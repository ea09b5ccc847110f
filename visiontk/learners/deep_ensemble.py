"""Deep ensembles: several networks that differ in their seed alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from visiontk.core import FitReport, Floats, Learner, Samples, load_learner, save_learner
from visiontk.learners.progress import csv_text, write_history, write_progress
from visiontk.learners.state import read_state, write_state

SEEDS_APART = 1_000_003
"""Difference between the seeds of two members, so that no two seeds of an experiment share a member."""


class DeepEnsemble:
    """A deep ensemble [1]_: the same network fitted several times, with averaged probabilities.

    The first member equals the single network. All members share the budget: once it is spent, no further member
    is fitted, and the fit counts as cut off.

    Parameters
    ----------
    make : callable
        Returns an unfitted network.
    n : int
        Number of members, >= 1.

    References
    ----------
    .. [1] Lakshminarayanan, Pritzel and Blundell (2017), Simple and scalable predictive uncertainty estimation using
       deep ensembles, NeurIPS.
    """

    def __init__(self, make: Callable[[], Learner], n: int) -> None:
        if n < 1:
            raise ValueError(f"An ensemble has one member or more; got {n}.")
        self.make, self.n = make, n
        self.fitted: list[Learner] = []

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        """Fit the members one after the other, each with its checkpoints in a folder ``member-N`` of `workdir`."""
        self.fitted = []
        reports: list[FitReport] = []
        folders = [workdir / f"member-{i}" for i in range(self.n)]
        for i, folder in enumerate(folders):
            left = budget_s - sum(report.cpu_s for report in reports)
            if left <= 0:
                break
            folder.mkdir(parents=True, exist_ok=True)
            member = self.make()
            reports.append(member.fit(train, valid, seed=seed + i * SEEDS_APART, workdir=folder, budget_s=left))
            self.fitted.append(member)
            write_progress(workdir, i + 1, self.n, f"network {min(i + 2, self.n)}/{self.n}")
        write_history(workdir, _mean_history([folder / "history.csv" for folder in folders[: len(reports)]]))
        return FitReport(
            n_parameters=_sum([report.n_parameters for report in reports]),
            size_bytes=_sum([report.size_bytes for report in reports]),
            cut_off=len(reports) < self.n or any(report.cut_off for report in reports),
            cpu_s=sum(report.cpu_s for report in reports),
            knew=reports[0].knew if reports else "",
            input_size=reports[0].input_size if reports else "",
        )

    def predict(self, samples: Samples) -> Floats:
        """Return the mean probabilities of the members; rows sum to 1."""
        if not self.fitted:
            raise RuntimeError("predict was called before fit.")
        return np.asarray(np.mean([member.predict(samples) for member in self.fitted], axis=0))

    def save(self, folder: Path) -> None:
        """Write each fitted member into a folder ``member-N``."""
        write_state(folder, {"members": len(self.fitted)})
        for i, member in enumerate(self.fitted):
            save_learner(member, folder / f"member-{i}")

    def load(self, folder: Path) -> None:
        """Read the members."""
        members = [self.make() for _ in range(read_state(folder).whole("members", self.n))]
        for i, member in enumerate(members):
            load_learner(member, folder / f"member-{i}")
        self.fitted = members


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _mean_history(paths: Sequence[Path]) -> str:
    """Mean over the members of each epoch that all of them have; CPU seconds are summed."""
    tables = [list(csv.DictReader(io.StringIO(path.read_text()))) for path in paths]
    rows: list[Mapping[str, str]] = [
        {name: f"{_aggregate(name, [float(row[name]) for row in epoch]):.10g}" for name in epoch[0]}
        for epoch in zip(*tables, strict=False)
    ]
    return csv_text(rows)


def _aggregate(name: str, values: Sequence[float]) -> float:
    return sum(values) if name == "cpu_s" else float(np.mean(values))
