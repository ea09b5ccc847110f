"""Confidence intervals, paired tests and power analysis: arrays of predictions in, small records out.

`bootstrap_weights` draws resamples, `estimate` gives a metric of one learner with its interval, `difference` compares
two learners on the same samples, `holm` corrects p-values for several comparisons, `conclude` turns a difference into
a verdict with its reason, and `answer_claim` answers a claim that was stated beforehand. Metrics are in
`visiontk.metrics`; `visiontk.stats.variance` has the model of the variance.

Examples
--------
>>> import numpy as np
>>> from visiontk.metrics import accuracy
>>> rng = np.random.default_rng(0)
>>> y = rng.integers(2, size=500)
>>> strong = np.eye(2)[np.where(rng.random(500) < 0.9, y, 1 - y)][None]
>>> weak = np.eye(2)[np.where(rng.random(500) < 0.7, y, 1 - y)][None]
>>> weights = bootstrap_weights(500)
>>> conclude(difference(accuracy, y, strong, weak, weights)).verdict
'better'
"""

from visiontk.stats.claims import ClaimTest, answer_claim
from visiontk.stats.corrections import holm, simultaneous
from visiontk.stats.intervals import Estimate, Interval, estimate, wilson
from visiontk.stats.mcnemar import McNemar, mcnemar_exact
from visiontk.stats.paired import Difference, difference
from visiontk.stats.power import PowerAnalysis, VarianceShares, describe_uncertainty, power_analysis, variance_shares
from visiontk.stats.resample import bootstrap_weights
from visiontk.stats.verdict import Conclusion, Verdict, conclude, second_opinion

__all__ = [
    "ClaimTest",
    "Conclusion",
    "Difference",
    "Estimate",
    "Interval",
    "McNemar",
    "PowerAnalysis",
    "VarianceShares",
    "Verdict",
    "answer_claim",
    "bootstrap_weights",
    "conclude",
    "describe_uncertainty",
    "difference",
    "estimate",
    "holm",
    "mcnemar_exact",
    "power_analysis",
    "second_opinion",
    "simultaneous",
    "variance_shares",
    "wilson",
]
