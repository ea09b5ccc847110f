"""How good, how much better and how surely: arrays of predictions in, small records out.

`bootstrap_weights` draws resamples once; `estimate` gives a metric of one learner with its interval, `difference`
compares two learners on the same samples, `holm` corrects the p-values of several comparisons and `judge` turns a
difference into a verdict with its reason. Metrics stand in `visiontk.metrics`. What varies, and how the intervals allow
for it, is explained in `visiontk.stats.variance`.

Examples
--------
>>> import numpy as np
>>> from visiontk.metrics import accuracy
>>> rng = np.random.default_rng(0)
>>> y = rng.integers(2, size=500)
>>> strong = np.eye(2)[np.where(rng.random(500) < 0.9, y, 1 - y)][None]
>>> weak = np.eye(2)[np.where(rng.random(500) < 0.7, y, 1 - y)][None]
>>> weights = bootstrap_weights(500)
>>> found = difference(accuracy, y, strong, weak, weights, 500)
>>> judge(found, holm([found.p_value])[0]).verdict
'better'
"""

from visiontk.stats.corrections import holm
from visiontk.stats.intervals import Estimate, Interval, estimate, wilson
from visiontk.stats.paired import Difference, McNemar, difference, mcnemar_exact
from visiontk.stats.power import Plan, Shares, plan, shares, sources
from visiontk.stats.resample import bootstrap_weights
from visiontk.stats.verdict import Judgement, Verdict, judge

__all__ = [
    "Difference",
    "Estimate",
    "Interval",
    "Judgement",
    "McNemar",
    "Plan",
    "Shares",
    "Verdict",
    "bootstrap_weights",
    "difference",
    "estimate",
    "holm",
    "judge",
    "mcnemar_exact",
    "plan",
    "shares",
    "sources",
    "wilson",
]
