"""The answer to a claim about two learners, such as "network > traditional by 2"."""

from __future__ import annotations

from typing import NamedTuple

from visiontk.harness.claim import Claim
from visiontk.report import formatting as fmt
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.choice import Entrant, in_folds
from visiontk.report.evidence.claims import StatedClaim
from visiontk.report.evidence.comparing import difference_of, too_small
from visiontk.report.evidence.learner import finite
from visiontk.report.evidence.view import MULTIPLE_LOOKS
from visiontk.report.section import Section
from visiontk.report.values import ClaimAnswer
from visiontk.stats import ClaimTest, Difference, answer_claim, power_analysis
from visiontk.stats.power import larger_tests

UNSEEN = " The interval allows for whole groups on which one of the two fails and that were not seen."
TITLES = {"network": "network", "pretrained": "pretrained learner", "traditional": "traditional method"}


class _Scale(NamedTuple):
    """The metric that a claim is about, and the size of the claim in it."""

    metric: str
    kind: str
    higher_is_better: bool
    bound: float

    def size(self, claim: Claim) -> str:
        """Return the size of a claim with its unit."""
        if self.kind == "unbounded":
            return f"{claim.size:g} of {fmt.words(self.metric)}"
        return f"{claim.size:g} point{'s' * (claim.size != 1)} of {fmt.words(self.metric)}"


def compute(evidence: Evidence) -> ClaimAnswer | None:
    """Return the answer to the claim of a run, from the 95 % interval of the difference of the two learners."""
    stated = evidence.claim
    if stated is None:
        return None
    claim, metric = stated.claim, evidence.metric
    bound = claim.bound(evidence.task.metric, bounded=metric.kind != "unbounded")
    scale = _Scale(evidence.task.metric, metric.kind, metric.higher_is_better, bound)
    left, right = evidence.claim_sides
    if left is None or right is None:
        return _unanswered(stated, scale, _missing(evidence, claim.left if left is None else claim.right))
    reason = too_small(metric, evidence.test_set, evidence.data["labels"])
    result = reason or difference_of(evidence.task, left.learner, right.learner, evidence.test_set)
    if isinstance(result, str):
        return _unanswered(stated, scale, result.rstrip("."))
    test = answer_claim(result, claim.kind, bound, higher_is_better=metric.higher_is_better)
    allowance = (test.low, test.high) != (result.low, result.high)
    result = result._replace(low=test.low, high=test.high)
    return {
        **_what(stated, scale),
        "learner": left.learner.name,
        "reference": right.learner.name,
        "difference": finite(result.value),
        "low": finite(result.low),
        "high": finite(result.high),
        "p_value": finite(test.p_value),
        "answer": test.answer,
        "sentence": _sentence(stated, scale, (left, right), test, result) + (UNSEEN if allowance else ""),
        "would_decide": _would_decide(claim, scale, result, evidence.test_set.unit)
        if test.answer == "not shown"
        else "",
    }


def _what(stated: StatedClaim, scale: _Scale) -> ClaimAnswer:
    """Return a claim without its answer."""
    claim = stated.claim
    return {
        "text": str(claim),
        "kind": claim.kind,
        "stated": stated.stated,
        "exploratory": stated.exploratory,
        "learner": None,
        "reference": None,
        "metric": scale.metric,
        "bound": scale.bound,
        "confidence": 0.95,
        "difference": None,
        "low": None,
        "high": None,
        "p_value": None,
        "answer": "not shown",
        "sentence": "",
        "would_decide": "",
    }


def _unanswered(stated: StatedClaim, scale: _Scale, reason: str) -> ClaimAnswer:
    begin = _statement(stated.claim, scale, [stated.claim.left, stated.claim.right])
    return {**_what(stated, scale), "sentence": _marked(stated, f"the claim that {begin} has no answer: {reason}.")}


def _sentence(
    stated: StatedClaim, scale: _Scale, sides: tuple[Entrant, Entrant], test: ClaimTest, result: Difference
) -> str:
    claim, kind, low, high = stated.claim, scale.kind, finite(result.low), finite(result.high)
    named = list(zip(sides, (claim.left, claim.right), strict=True))
    begin = _statement(claim, scale, [_named(side, name) for side, name in named])
    minus = " minus ".join(f"the {TITLES[name]}" if side.is_mixed else side.learner.name for side, name in named)
    size = fmt.difference(result.value, kind, low, high) + fmt.unit(kind)
    measured = f"{minus} is {size} {fmt.interval(low, high, kind, signed=True)}".rstrip()
    lower = "" if scale.higher_is_better else ", where lower is better"
    return _marked(
        stated, f"the claim that {begin} is {test.answer}: {measured}{lower} (p {fmt.equals(test.p_value)})."
    )


def _marked(stated: StatedClaim, text: str) -> str:
    return f"Exploratory: {text}" if stated.exploratory else fmt.capitalized(text)


def _statement(claim: Claim, scale: _Scale, names: list[str]) -> str:
    """Return a claim in words."""
    left, right = names
    if claim.kind == "equivalence":
        return f"{left} and {right} differ by less than {scale.size(claim)}"
    if claim.kind == "non-inferiority":
        return f"{left} is worse than {right} by at most {scale.size(claim)}"
    return f"{left} is better than {right}" + (
        f" by more than {scale.size(claim)}" if claim.size else f" in {fmt.words(scale.metric)}"
    )


def _named(side: Entrant, name: str) -> str:
    """Return a learner, with its title if it was chosen as the best of its family."""
    if side.requested:
        return side.learner.name
    if side.is_mixed:
        return (
            f"the {TITLES[name]} chosen on each fold ({side.learner.name} {in_folds(side.learner.name, side.by_fold)})"
        )
    return f"the best {TITLES[name]}, {side.learner.name},"


def _missing(evidence: Evidence, name: str) -> str:
    if name in evidence.settings.learners:
        return f"{name} has no finished trials"
    return f"the best {TITLES[name]} is not known"


def _would_decide(claim: Claim, scale: _Scale, result: Difference, unit: str) -> str:
    """Return the sizes of a test that would show on which side of the limit the measured difference lies."""
    gain = result.value if scale.higher_is_better else -result.value
    limits = {"superiority": [scale.bound], "non-inferiority": [-scale.bound]}
    distances = sorted(abs(gain - limit) for limit in limits.get(claim.kind, [scale.bound, -scale.bound]))
    # Two limits that are about as far miss about as often: 10 % each leave a power of 80 %.
    power = 0.9 if abs(gain) < scale.bound and distances[-1] < 1.5 * distances[0] and len(distances) > 1 else 0.8
    distance = distances[0]
    needed = power_analysis(result._replace(value=distance), margin=0.0, power=power)
    ways = larger_tests(needed.units, result.n_units, unit, needed.seeds, result.n_seeds)
    away = f"{fmt.difference(distance, scale.kind, result.low, result.high).lstrip('+')}{fmt.unit(scale.kind)}"
    begin = f"The measured difference lies {away} from the limit of the claim"
    if not ways and needed.units is not None:
        return f"{begin}; {result.n_units:,} test {unit}s are too few to exclude rare failures; more may decide."
    if not ways:
        return f"{begin}, too near for any number of test {unit}s or of seeds alone to decide."
    return f"{begin}; if that is the true one, {' or '.join(ways)} would decide."


def claim_warning(answer: ClaimAnswer | None) -> str:
    """Return the warning about a claim that was not made beforehand, or an empty text."""
    if answer is None or not answer["exploratory"]:
        return ""
    return f"The claim was {answer['stated']}, so that its answer is exploratory: {MULTIPLE_LOOKS}"


CLAIM = Section("claim", "Claim", compute=compute, holds="the claim to answer first; `null` without one")
