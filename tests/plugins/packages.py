"""Packages as pip installs them: modules, and metadata with entry points."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

HOST = """
import dataclasses
from visiontk.testing import tiny_task

TASK = dataclasses.replace(tiny_task(), name="host")
"""

PLUGIN = '''
"""A learner, a metric and a dataset in one file."""

import dataclasses
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_types import Ge

from visiontk.core import About, FitReport, Learner, Metric, learner
from visiontk.testing import tiny_images


class Median:
    def __init__(self, jitter):
        self.jitter = jitter

    def fit(self, train, valid, *, seed, workdir, budget_s):
        x = self.seen(train)
        x = x + self.jitter * np.random.default_rng(seed).normal(size=x.shape)
        self.middle = np.stack([np.median(x[train.y == c], axis=0) for c in range(train.n_classes)])
        return FitReport()

    def predict(self, samples):
        distance = ((self.seen(samples)[:, None] - self.middle) ** 2).mean(axis=2) / 500
        scores = np.exp(distance.min(axis=1, keepdims=True) - distance)
        return scores / scores.sum(axis=1, keepdims=True)

    def seen(self, samples):
        return samples.take(np.arange(len(samples))).reshape(len(samples), -1).astype(np.float64)


@learner(About("classical"))
def medians(jitter: Annotated[float, Ge(0)] = 5.0) -> Learner:
    """Nearest class median [1]_.

    Parameters
    ----------
    jitter : float
        Standard deviation of noise in training.

    References
    ----------
    .. [1] Tukey (1977), Exploratory data analysis, Addison-Wesley.
    """
    return Median(jitter)


def errors(y, scores, weights):
    return (weights @ (scores.argmax(axis=1) != y)) / weights.sum(axis=1)


error_rate = Metric("error_rate", errors, "proportion", higher_is_better=False)


def more(n: int = 80):
    """More synthetic images.

    Parameters
    ----------
    n : int
        Number of images.
    """
    return tiny_images(n, 1)
'''


ALL = {
    "learners": {"host.medians": "median_plugin:medians"},
    "metrics": {"host.error_rate": "median_plugin:error_rate"},
    "datasets": {"host.more": "median_plugin:more"},
}
"""Entry points of `PLUGIN`."""

LEARNER = {"learners": {"host.medians": "median_plugin:medians"}}


def publish(
    site: Path, package: str, entries: Mapping[str, Mapping[str, str]], *, version: str = "1.0", text: str | None = None
) -> None:
    """Write a package of one module as pip does, replacing an earlier version."""
    site.mkdir(parents=True, exist_ok=True)
    if text is not None:
        (site / f"{package}.py").write_text(dedent(text))
    for old in site.glob(f"{package}-*.dist-info"):
        for file in old.iterdir():
            file.unlink()
        old.rmdir()
    folder = site / f"{package}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    lines = []
    for group, points in entries.items():
        lines += [f"[visiontk.{group}]", *(f"{name} = {value}" for name, value in points.items()), ""]
    (folder / "entry_points.txt").write_text("\n".join(lines))
