"""The answer to the question in one sentence; every claim follows from a verdict."""

from __future__ import annotations

import math
from typing import cast

from visiontk.report import formatting as fmt
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.choice import in_folds
from visiontk.report.section import Section
from visiontk.report.sections.comparisons import COMPARISONS
from visiontk.report.sections.dataset import DATASET, metrics_of
from visiontk.report.sections.learners import LEARNERS
from visiontk.report.values import MIXED, Chosen, Comparison, Headline, Outcome, Verdict

FEW_OF_A_CLASS = 10
"""Test samples of a class below which intervals of averages over classes are too short (docs/statistics.md)."""

SIMILAR = 1.15
"""Ratio of costs or errors below which they are about the same."""

Names = tuple[str, str]
OPPOSITE: dict[Verdict, Verdict] = {"better": "worse", "worse": "better"}


def compute(evidence: Evidence) -> Headline:
    """Return the headline of a run."""
    reference, reason = evidence.reference
    dataset = evidence.value(DATASET)
    if dataset is None:
        raise AssertionError("the section of the dataset has a value")
    return headline_of(
        {
            "dataset": dataset,
            "metric": evidence.task.metric,
            "metrics": metrics_of(evidence),
            "margin": evidence.margin.value,
            "margin_reason": evidence.margin.reason,
            "reference": reference,
            "reference_reason": reason,
            "pair": list(evidence.named) if evidence.named else None,
            "learners": evidence.value(LEARNERS) or [],
            "comparisons": evidence.value(COMPARISONS) or [],
        }
    )


def headline_of(outcome: Outcome) -> Headline:
    """Return the answer to the question, in one sentence, with the numbers it rests on: the primary comparison.

    The best network and the best traditional learner are chosen on their validation sets, fold by fold. A reference
    that was named by the user takes the place of the choice of its family.
    """
    row = primary_comparison(outcome)
    if isinstance(row, str):
        unknown = dict.fromkeys(Headline.__annotations__)
        return cast(Headline, {**unknown, "verdict": "invalid", "sentence": f"No verdict: {row}."})
    learners, chosen = {each["name"]: each for each in outcome["learners"]}, row["primary"]
    assert chosen is not None
    sides = [(chosen["learner"], chosen["learner_by_fold"]), (chosen["reference"], chosen["reference_by_fold"])]
    turned = _is_turned(outcome, chosen["reference"])
    (network, network_by_fold), (classical, classical_by_fold) = sides[::-1] if turned else sides
    value, low, high = row["difference"], row["low"], row["high"]
    if turned:
        value, low, high = (None if end is None else -end for end in (value, high, low))
    ours, theirs = learners[network], learners[classical]
    headline: Headline = {
        "verdict": OPPOSITE.get(row["verdict"], row["verdict"]) if turned else row["verdict"],
        "network": network,
        "classical": classical,
        "network_by_fold": network_by_fold,
        "classical_by_fold": classical_by_fold,
        "difference": value,
        "low": low,
        "high": high,
        "p_value": row["p_value"],
        "error_ratio": _error_ratio(outcome, chosen, turned=turned),
        "scope": row["scope"],
        "fit_cost_ratio": _ratio(ours["fit_cpu_s"], theirs["fit_cpu_s"]),
        "predict_cost_ratio": _ratio(ours["predict_ms_per_sample"], theirs["predict_ms_per_sample"]),
        "reason": row["reason"],
        "second_opinion": row["second_opinion"],
        "uncertainty": row["uncertainty"]["text"] if row["uncertainty"] else None,
        "sentence": "",
    }
    headline["sentence"] = _sentence(outcome, headline)
    return headline


def primary_comparison(outcome: Outcome) -> Comparison | str:
    """Return the comparison that answers the question, or the reason why there is none."""
    row = next((row for row in outcome["comparisons"] if row["primary"]), None)
    if row is not None:
        return row
    reference, pair = outcome["reference"], outcome["pair"]
    if reference is None:
        return outcome["reference_reason"]
    if pair:
        return f"{' and '.join(pair)} were not compared"
    family = next(each["family"] for each in outcome["learners"] if each["name"] == reference)
    if family == "floor":
        return f"the reference, {reference}, is a floor, which ignores its input"
    return f"no {'traditional learner' if family == 'network' else 'network'} has finished"


def _is_turned(outcome: Outcome, reference: str) -> bool:
    """Return True if the network is the reference."""
    if outcome["pair"]:
        return reference == outcome["pair"][0]
    return next(each["family"] for each in outcome["learners"] if each["name"] == reference) == "network"


def _error_ratio(outcome: Outcome, chosen: Chosen, *, turned: bool) -> float | None:
    """Return the errors of the network over those of the traditional learner, for metrics whose best value is 1."""
    info, values = outcome["metrics"][outcome["metric"]], (chosen["learner_value"], chosen["reference_value"])
    ours, theirs = values[::-1] if turned else values
    if info["kind"] == "unbounded" or not info["higher_is_better"] or ours is None or theirs is None or theirs >= 1:
        return None
    return (1 - ours) / (1 - theirs)


def _ratio(network: float | None, classical: float | None) -> float | None:
    # A time of 0 is one that the clock could not measure.
    return float(network / classical) if classical and network else None


def _sentence(outcome: Outcome, headline: Headline) -> str:
    dataset = outcome["dataset"]
    where = f"On {dataset['title']}"
    if dataset["synthetic"]:
        where = "On synthetic data" if dataset["title"] == "synthetic" else f"{where} (synthetic data)"
    if headline["verdict"] == "invalid" or None in (headline["difference"], headline["low"], headline["high"]):
        one, other = _short_names(headline)
        return f"{where}, no verdict on {one} and {other}: {(headline['reason'] or '').rstrip('.')}."
    cost = "".join(f"; {part}" for part in (_errors(outcome, headline), training_cost(headline)) if part)
    one, other = (_named(outcome, headline, str(headline[side])) for side in ("network", "classical"))
    if headline["verdict"] in ("better", "worse"):
        ahead, behind = (one, other) if headline["verdict"] == "better" else (other, one)
        return f"{where}, {ahead} is better than {behind} by {lead(outcome, headline)}{cost}."
    difference = _measured(outcome, headline)
    if headline["verdict"] == "equivalent":
        return (
            f"{where}, {one} and {other} are equivalent: {difference}, within the margin of {_margin(outcome)}{cost}."
        )
    return f"{where}, it is undecided whether {one} or {other} is better: {difference}{cost}."


def _measured(outcome: Outcome, headline: Headline) -> str:
    """Return the measured difference without calling either of the two better."""
    metric, info = fmt.words(outcome["metric"]), outcome["metrics"][outcome["metric"]]
    kind, low, high = info["kind"], headline["low"], headline["high"]
    size = fmt.difference(headline["difference"], kind, low, high)
    interval = fmt.interval(low, high, kind, signed=True)
    direction = "" if info["higher_is_better"] else " (lower is better)"
    if not size.strip("+0." + fmt.MINUS):
        return f"the measured {metric} of both is the same {interval}{direction}"
    side = "higher" if (headline["difference"] or 0) > 0 else "lower"
    size = size.lstrip("+" + fmt.MINUS)
    return (
        f"the measured {metric} of {_short_names(headline)[0]} is {size}{fmt.unit(kind)} {side} {interval}{direction}"
    )


def _named(outcome: Outcome, headline: Headline, name: str) -> str:
    """Return a learner with its title: the best of its family, or the one chosen on validation data."""
    if is_requested(outcome, name):
        return name
    title = "network" if name == headline["network"] else "traditional method"
    family = next(row["family"] for row in outcome["learners"] if row["name"] == name)
    by_fold = headline["network_by_fold" if name == headline["network"] else "classical_by_fold"] or []
    if len(set(by_fold)) > 1:
        return f"the {title} chosen on each fold ({name} {in_folds(name, by_fold)})"
    if sum(row["family"] == family for row in outcome["learners"]) == 1:
        return f"the {title}, {name},"
    if ahead_on_test(outcome, name):
        return f"the {title} chosen on validation data, {name},"
    return f"the best {title}, {name},"


def is_requested(outcome: Outcome, name: str) -> bool:
    """Return True if the user named this learner to be compared."""
    return any(name in row["primary"]["requested"] for row in outcome["comparisons"] if row["primary"])


def ahead_on_test(outcome: Outcome, name: str) -> str | None:
    """Return the best learner of the same family on the test set, None if it is this one."""
    family, metric = next(row["family"] for row in outcome["learners"] if row["name"] == name), outcome["metric"]
    sign = 1 if outcome["metrics"][metric]["higher_is_better"] else -1
    values = {
        row["name"]: sign * value
        for row in outcome["learners"]
        if row["family"] == family and (value := row["metrics"][metric]["value"]) is not None
    }
    first = max(values, key=lambda other: values[other], default=name)
    return first if name in values and values[first] > values[name] else None


def _margin(outcome: Outcome) -> str:
    margin = outcome["margin"]
    if outcome["metrics"][outcome["metric"]]["kind"] == "unbounded":
        return f"{margin:g}"
    return f"{100 * margin:.2g} point{'' if math.isclose(margin, 0.01) else 's'}"


def _errors(outcome: Outcome, headline: Headline) -> str:
    """Return how many times the errors of one are those of the other; empty where they are about as many."""
    ratio, (network, classical) = headline["error_ratio"], _short_names(headline)
    if not ratio or 1 / SIMILAR < ratio < SIMILAR:
        return ""
    more, fewer = (network, classical) if ratio > 1 else (classical, network)
    times = fmt.times(max(ratio, 1 / ratio))
    if outcome["metrics"][outcome["metric"]]["kind"] == "proportion":
        return f"{more} makes {times} as many errors as {fewer}"
    return f"{more} is {times} as far from the best {fmt.words(outcome['metric'])}, 1, as {fewer}"


def _short_names(headline: Headline) -> tuple[str, str]:
    """Return the names of the two; of a family of which folds chose several, its title."""
    return names_of(headline, "the network", "the traditional method")


def names_of(headline: Headline, network: str = MIXED["network"], classical: str = MIXED["classical"]) -> Names:
    """Return the names of the two; of a family of which folds chose several, the words for it."""
    one, other = (len(set(headline[key] or [])) > 1 for key in ("network_by_fold", "classical_by_fold"))
    return network if one else str(headline["network"]), classical if other else str(headline["classical"])


def training_cost(headline: Headline) -> str:
    """Return which of the two takes more processor time to train, and how much; empty where it is not known.

    Where folds chose several learners, it is that of the one that was chosen most often.
    """
    ratio, network, classical = headline["fit_cost_ratio"], headline["network"], headline["classical"]
    if ratio is None:
        return ""
    if ratio >= SIMILAR:
        return f"training {network} takes {fmt.times(ratio)} the CPU time of {classical}"
    if ratio <= 1 / SIMILAR:
        return f"training {classical} takes {fmt.times(1 / ratio)} the CPU time of {network}"
    return "training them takes about the same CPU time"


def lead(outcome: Outcome, headline: Headline) -> str:
    """Return by how much the better one is ahead, positive whichever way the metric runs."""
    info = outcome["metrics"][outcome["metric"]]
    sign = 1 if (headline["verdict"] == "better") == info["higher_is_better"] else -1
    low, high = sorted(sign * (end or 0.0) for end in (headline["low"], headline["high"]))
    size = fmt.difference(sign * (headline["difference"] or 0.0), info["kind"], low, high).lstrip("+")
    interval = fmt.interval(low, high, info["kind"], signed=True)
    return f"{size}{fmt.unit(info['kind'])} of {fmt.words(outcome['metric'])} {interval}"


HEADLINE = Section("headline", "Headline", compute=compute, holds="the answer to the question")
