"""Several networks that differ in their seed alone, asked together."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from visiontk.core import FitReport, Floats, Learner, Samples
from visiontk.learners.progress import tell, write_history

SEEDS_APART = 1_000_003
"""Between the seeds of two members, so that no two seeds of an experiment share a member."""


class DeepEnsemble:
    """A deep ensemble [1]_: the same network fitted several times, whose probabilities are averaged.

    The first member is the network as it would be alone. All of them share the budget: one that would begin after it
    is spent is left out, and the fit counts as cut off.

    Parameters
    ----------
    make : callable
        Gives a network that is not fitted yet.
    n : int
        How many, 1 or more.

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
        """Fit one after the other; each keeps its checkpoints in a folder of its own in `workdir`."""
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
            tell(workdir, i + 1, self.n, f"network {min(i + 2, self.n)}/{self.n}")
        write_history(workdir, _mean_history([folder / "history.csv" for folder in folders[: len(reports)]]))
        return FitReport(
            n_parameters=_sum([report.n_parameters for report in reports]),
            size_bytes=_sum([report.size_bytes for report in reports]),
            cut_off=len(reports) < self.n or any(report.cut_off for report in reports),
            cpu_s=sum(report.cpu_s for report in reports),
        )

    def predict(self, samples: Samples) -> Floats:
        """Means of the members' probabilities, rows sum to 1."""
        if not self.fitted:
            raise RuntimeError("predict was called before fit.")
        return np.asarray(np.mean([member.predict(samples) for member in self.fitted], axis=0))


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _mean_history(paths: Sequence[Path]) -> str:
    """Means over the members by epoch, of the epochs that all of them have; CPU seconds are added up."""
    tables = [list(csv.DictReader(io.StringIO(path.read_text()))) for path in paths]
    rows: list[Mapping[str, str]] = [
        {name: f"{_joined(name, [float(row[name]) for row in epoch]):.10g}" for name in epoch[0]}
        for epoch in zip(*tables, strict=False)
    ]
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def _joined(name: str, values: Sequence[float]) -> float:
    return sum(values) if name == "cpu_s" else float(np.mean(values))
