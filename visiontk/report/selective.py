"""What learners would get wrong if a person took the samples they are least sure of."""

from __future__ import annotations

from typing import Any

from visiontk.report.evidence.record import Record, TestSet, finite
from visiontk.stats.intervals import Estimate
from visiontk.stats.selective import COVERAGES, risk_coverage


def selective(record: Record, test_set: TestSet) -> dict[str, Any]:
    """The risk-coverage curve of one learner: ``curve`` with a risk at each coverage, and the area under the whole."""
    found = risk_coverage(test_set.y, record.scores, test_set.weights, test_set.n_units)
    return {
        "curve": [{"coverage": share} | _ends(risk) for share, risk in zip(COVERAGES, found.risks, strict=True)],
        "area": _ends(found.area),
    }


def _ends(found: Estimate) -> dict[str, float | None]:
    return {"value": finite(found.value), "low": finite(found.low), "high": finite(found.high)}
