"""The answer to each question in one sentence; every claim follows from a verdict."""

from __future__ import annotations

import math
from typing import Literal, cast

from visiontk.report import formatting as fmt
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.choice import in_folds
from visiontk.report.section import Section
from visiontk.report.sections.cells import SIDES
from visiontk.report.sections.comparisons import COMPARISONS
from visiontk.report.sections.dataset import DATASET, metrics_of
from visiontk.report.sections.learners import LEARNERS
from visiontk.report.values import CHALLENGERS, MIXED, Chosen, Comparison, Headline, Outcome, Results, Verdict

FEW_OF_A_CLASS = 10
"""Test samples of a class below which intervals of averages over classes are too short (docs/statistics.md)."""

SIMILAR = 1.15
"""Ratio of costs or errors below which they are about the same."""

Names = tuple[str, str]
Side = Literal["challenger", "classical"]
BY_FOLD: dict[Side, Literal["challenger_by_fold", "classical_by_fold"]] = {
    "challenger": "challenger_by_fold", "classical": "classical_by_fold",
}  # fmt: skip
OPPOSITE: dict[Verdict, Verdict] = {"better": "worse", "worse": "better"}


def compute(evidence: Evidence) -> list[Headline]:
    """Return the headlines of a run."""
    reference, reason = evidence.reference
    dataset = evidence.value(DATASET)
    if dataset is None:
        raise AssertionError("the section of the dataset has a value")
    return headlines_of(
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


def headlines_of(outcome: Outcome) -> list[Headline]:
    """Return the answers to the questions, each in one sentence, with the numbers it rests on: a primary comparison.

    The best pretrained learner, the best network from scratch and the best traditional learner are chosen on their
    validation sets, fold by fold. A reference that was named by the user takes the place of the choice of its family.
    Where nothing was compared, the only headline says why.
    """
    rows = [row for row in outcome["comparisons"] if row["primary"]]
    if rows:
        return [_headline(outcome, row, row["primary"]) for row in rows if row["primary"]]
    unknown = dict.fromkeys(Headline.__annotations__)
    return [
        cast(
            Headline, {**unknown, "families": [], "verdict": "invalid", "sentence": f"No verdict: {_missing(outcome)}."}
        )
    ]


def _headline(outcome: Outcome, row: Comparison, chosen: Chosen) -> Headline:
    learners = {each["name"]: each for each in outcome["learners"]}
    sides = [(chosen["learner"], chosen["learner_by_fold"]), (chosen["reference"], chosen["reference_by_fold"])]
    turned = _is_turned(outcome, chosen)
    (challenger, by_fold), (classical, classical_by_fold) = sides[::-1] if turned else sides
    value, low, high = row["difference"], row["low"], row["high"]
    if turned:
        value, low, high = (None if end is None else -end for end in (value, high, low))
    ours, theirs = learners[challenger], learners[classical]
    headline: Headline = {
        "verdict": OPPOSITE.get(row["verdict"], row["verdict"]) if turned else row["verdict"],
        "families": chosen["families"],
        "challenger": challenger,
        "classical": classical,
        "challenger_by_fold": by_fold,
        "classical_by_fold": classical_by_fold,
        "difference": value,
        "low": low,
        "high": high,
        "confidence": row["confidence"],
        "p_value": row["p_adjusted"],
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


def answer(results: Results) -> str:
    """Return the sentences of all headlines."""
    return " ".join(each["sentence"] for each in results["headlines"])


def _missing(outcome: Outcome) -> str:
    """Return the reason why there is no primary comparison."""
    reference, pair = outcome["reference"], outcome["pair"]
    if reference is None:
        return outcome["reference_reason"]
    if pair:
        return f"{' and '.join(pair)} were not compared"
    family = next(each["family"] for each in outcome["learners"] if each["name"] == reference)
    if family == "floor":
        return f"the reference, {reference}, is a floor, which ignores its input"
    return f"no {'traditional learner' if family in CHALLENGERS else 'network'} has finished"


def _is_turned(outcome: Outcome, chosen: Chosen) -> bool:
    """Return True if the challenger is the reference."""
    if outcome["pair"]:
        return chosen["reference"] == outcome["pair"][0]
    family = next(each["family"] for each in outcome["learners"] if each["name"] == chosen["reference"])
    return family == chosen["families"][0]


def _error_ratio(outcome: Outcome, chosen: Chosen, *, turned: bool) -> float | None:
    """Return the errors of the challenger over those of the traditional learner, for metrics whose best value is 1."""
    info, values = outcome["metrics"][outcome["metric"]], (chosen["learner_value"], chosen["reference_value"])
    ours, theirs = values[::-1] if turned else values
    if info["kind"] == "unbounded" or not info["higher_is_better"] or ours is None or theirs is None or theirs >= 1:
        return None
    return (1 - ours) / (1 - theirs)


def _ratio(challenger: float | None, classical: float | None) -> float | None:
    # A time of 0 is one that the clock could not measure.
    return float(challenger / classical) if classical and challenger else None


def _sentence(outcome: Outcome, headline: Headline) -> str:
    dataset = outcome["dataset"]
    where = f"On {dataset['title']}"
    if dataset["synthetic"]:
        where = "On synthetic data" if dataset["title"] == "synthetic" else f"{where} (synthetic data)"
    if headline["verdict"] == "invalid" or None in (headline["difference"], headline["low"], headline["high"]):
        one, other = _short_names(outcome, headline)
        return f"{where}, no verdict on {one} and {other}: {(headline['reason'] or '').rstrip('.')}."
    cost = "".join(f"; {part}" for part in (_errors(outcome, headline), training_cost(headline)) if part)
    one, other = (_named(outcome, headline, side) for side in SIDES)
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
    name, _ = _short_names(outcome, headline)
    return f"the measured {metric} of {name} is {size}{fmt.unit(kind)} {side} {interval}{direction}"


def _named(outcome: Outcome, headline: Headline, side: Side) -> str:
    """Return a learner with its title: the best of its family, or the one chosen on validation data."""
    name, title, by_fold = str(headline[side]), titles(outcome, headline)[side], headline[BY_FOLD[side]] or []
    if is_requested(outcome, name):
        return name
    family = next(row["family"] for row in outcome["learners"] if row["name"] == name)
    if len(set(by_fold)) > 1:
        return f"the {title} chosen on each fold ({name} {in_folds(name, by_fold)})"
    if sum(row["family"] == family for row in outcome["learners"]) == 1:
        return f"the {title}, {name},"
    if ahead_on_test(outcome, name):
        return f"the {title} chosen on validation data, {name},"
    return f"the best {title}, {name},"


def titles(outcome: Outcome, headline: Headline) -> dict[Side, str]:
    """Return what the two sides are; a network is one from scratch where a pretrained learner takes part, too."""
    scratch = " from scratch" if any(row["family"] == "pretrained" for row in outcome["learners"]) else ""
    of = {"pretrained": "pretrained learner", "network": f"network{scratch}"}
    return {
        side: of.get(family, "traditional method") for side, family in zip(SIDES, headline["families"], strict=True)
    }


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
    ratio, (challenger, classical) = headline["error_ratio"], _short_names(outcome, headline)
    if not ratio or 1 / SIMILAR < ratio < SIMILAR:
        return ""
    more, fewer = (challenger, classical) if ratio > 1 else (classical, challenger)
    times = fmt.times(max(ratio, 1 / ratio))
    if outcome["metrics"][outcome["metric"]]["kind"] == "proportion":
        return f"{more} makes {times} as many errors as {fewer}"
    return f"{more} is {times} as far from the best {fmt.words(outcome['metric'])}, 1, as {fewer}"


def _short_names(outcome: Outcome, headline: Headline) -> Names:
    """Return the names of the two; of a family of which folds chose several, its title."""
    challenger, classical = (f"the {title}" for title in titles(outcome, headline).values())
    return names_of(headline, challenger, classical)


def primary_row(outcome: Outcome, headline: Headline) -> Comparison | None:
    """Return the comparison that a headline follows from."""
    rows = (row for row in outcome["comparisons"] if row["primary"])
    return next((row for row in rows if row["primary"] and row["primary"]["families"] == headline["families"]), None)


def names_of(headline: Headline, *words: str) -> Names:
    """Return the names of the two; of a family of which folds chose several, the words for it."""
    if not headline["families"]:
        return "", ""
    words = words or tuple(MIXED.get(family, "") for family in headline["families"])
    mixed = (len(set(headline[by_fold] or [])) > 1 for by_fold in BY_FOLD.values())
    one, other = (
        word if several else str(headline[side]) for side, several, word in zip(SIDES, mixed, words, strict=False)
    )
    return one, other


def training_cost(headline: Headline) -> str:
    """Return which of the two takes more processor time to train, and how much; empty where it is not known.

    Where folds chose several learners, it is that of the one that was chosen most often.
    """
    ratio, challenger, classical = headline["fit_cost_ratio"], headline["challenger"], headline["classical"]
    if ratio is None:
        return ""
    if ratio >= SIMILAR:
        return f"training {challenger} takes {fmt.times(ratio)} the CPU time of {classical}"
    if ratio <= 1 / SIMILAR:
        return f"training {classical} takes {fmt.times(1 / ratio)} the CPU time of {challenger}"
    return "training them takes about the same CPU time"


def lead(outcome: Outcome, headline: Headline) -> str:
    """Return by how much the better one is ahead, positive whichever way the metric runs."""
    info = outcome["metrics"][outcome["metric"]]
    sign = 1 if (headline["verdict"] == "better") == info["higher_is_better"] else -1
    low, high = sorted(sign * (end or 0.0) for end in (headline["low"], headline["high"]))
    size = fmt.difference(sign * (headline["difference"] or 0.0), info["kind"], low, high).lstrip("+")
    interval = fmt.interval(low, high, info["kind"], signed=True)
    return f"{size}{fmt.unit(info['kind'])} of {fmt.words(outcome['metric'])} {interval}"


HEADLINE = Section(
    "headlines", "Headline", compute=compute,
    holds="the answer to each question: what to use, where a pretrained learner takes part; is a network worth it",
)  # fmt: skip
