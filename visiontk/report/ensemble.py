"""What the two families would do together: an oracle that always asks the right one, and a plain average."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from visiontk.core import Floats, Ints
from visiontk.report import formatting as fmt


def average_right(y: Ints, ours: Floats, theirs: Floats) -> int:
    """How many samples the mean of two learners' scores gets right.

    Margins and probabilities have other scales, so the scores of each learner are centred within each sample and
    divided by their standard deviation over all.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
        True classes.
    ours, theirs : ndarray of float, shape (n, n_classes)
        Scores.

    Examples
    --------
    >>> y = np.array([0, 1])
    >>> average_right(y, np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([[-1.0, 1.0], [-9.0, 9.0]]))
    2
    """
    return int(((_standardised(ours) + _standardised(theirs)).argmax(axis=1) == y).sum())


def together(results: Mapping[str, Any]) -> str:
    """One sentence on what the two would do together, from counts; empty where they were not compared."""
    found = results["disagreement"]
    if not found or not found["n"] or found.get("average_right") is None:
        return ""
    n = found["n"]
    oracle = found["both_right"] + found["only_network"] + found["only_classical"]
    alone = {found[name]: found["both_right"] + found[f"only_{name}"] for name in ("network", "classical")}
    shares = ", ".join(f"{name} alone {fmt.value(right / n, 'proportion')}" for name, right in alone.items())
    return (
        f"Right of {n:,} test samples: {shares}, the mean of their standardised scores "
        f"{fmt.value(found['average_right'] / n, 'proportion')}, and an oracle that always asks the right one "
        f"{fmt.value(oracle / n, 'proportion')}: no way to put the two together can do more than that."
    )


def _standardised(scores: Floats) -> Floats:
    centred = np.asarray(scores - scores.mean(axis=1, keepdims=True), dtype=np.float64)
    spread = centred.std()
    return centred / spread if spread > 0 else centred
