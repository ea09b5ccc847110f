"""Checks of the metrics of a task."""

from __future__ import annotations

import numpy as np

from visiontk.core import Floats, Ints, Task
from visiontk.testing.tiny_data import tiny_samples


def metrics_prefer_true_scores(task: Task) -> None:
    """A metric with a reversed sign or axis would rank the worst learner first."""
    samples = tiny_samples(task)
    n, k = len(samples), samples.n_classes
    right = np.full((n, k), 0.1 / max(k - 1, 1))
    right[np.arange(n), samples.y] = 0.9
    wrong = np.roll(right, 1, axis=1)
    for name, metric in task.metrics.items():
        good, bad = metric(samples.y, right), metric(samples.y, wrong)
        better = good > bad if metric.higher_is_better else good < bad
        assert better, f"{name} is {good} for true scores and {bad} for wrong ones"
        twice = metric.function(samples.y, right, np.full((2, n), 2.0))
        assert np.allclose(twice, good), f"{name} changes when every sample counts twice"
        if metric.kind != "unbounded":
            assert 0 <= bad <= 1, f"{name} is {bad}, outside [0, 1]"
            assert 0 <= good <= 1, f"{name} is {good}, outside [0, 1]"


def influence_functions_agree_with_the_jackknife(task: Task) -> None:
    """Intervals from a wrong influence function have the wrong width."""
    samples = tiny_samples(task)
    n = len(samples)
    scores = _noisy_scores(samples.y, samples.n_classes)
    for name, metric in task.metrics.items():
        if metric.influence is None:
            continue
        influence = np.asarray(metric.influence(samples.y, scores))
        assert influence.shape == (n,), f"the influence of {name} has shape {influence.shape}, expected {(n,)}"
        jackknife = (n - 1) * (metric(samples.y, scores) - metric.function(samples.y, scores, 1 - np.eye(n)))
        assert abs(influence.mean()) <= 0.05 * jackknife.std(), (
            f"the mean influence of {name} is {influence.mean():.3g}"
        )
        ratio = float(np.square(influence).sum() / np.square(jackknife - jackknife.mean()).sum())
        assert 0.8 <= ratio <= 1.25, f"the influence of {name} gives {ratio:.2f} times the variance of the jackknife"
        agreement = float(np.corrcoef(influence, jackknife)[0, 1])
        assert agreement > 0.95, f"the influence of {name} correlates with the jackknife by {agreement:.2f} only"


def _noisy_scores(y: Ints, n_classes: int) -> Floats:
    """Return probabilities of a mediocre learner."""
    scores = np.random.default_rng(0).random((len(y), n_classes))
    scores[np.arange(len(y)), y] += 0.4
    return np.asarray(scores / scores.sum(axis=1, keepdims=True))
