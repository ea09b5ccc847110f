"""Recommendation that follows from the verdict, the costs and the learning curve, in few sentences."""

from __future__ import annotations

import math

from visiontk.report import formatting as fmt
from visiontk.report.sections.curve import rounded
from visiontk.report.sections.headline import SIMILAR, Names, lead, names_of, primary_row, titles, training_cost
from visiontk.report.sections.tuning import switched
from visiontk.report.values import Headline, Results
from visiontk.stats.power import larger_tests


def recommendation(results: Results) -> list[str]:
    """Return sentences for a reader who must choose; empty where nothing can be recommended."""
    advice = [_advice(results, headline) for headline in results["headlines"]]
    if not any(advice):
        return []
    if results["negative_control"] and any(row["above"] for row in results["negative_control"]["families"]):
        return ["Find the leak first: a family beats chance on shuffled labels, so that no result here can be trusted."]
    first, *others = advice
    for lines in others:
        first += [f"Without pretrained weights: {line[:1].lower()}{line[1:]}" for line in lines[:1]] + lines[1:]
    return first


def _advice(results: Results, headline: Headline) -> list[str]:
    """Return what follows from the answer to one question; empty where nothing does."""
    challenger, classical = headline["challenger"], headline["classical"]
    known = None not in (headline["difference"], headline["low"], headline["high"])
    if headline["verdict"] == "invalid" or challenger is None or classical is None or not known:
        return []
    cost, (use_challenger, use_classical) = _cost(headline), _choices(results, headline)
    one, other = names_of(headline, *(f"the {title}" for title in titles(results, headline).values()))
    ahead = use_challenger if headline["verdict"] == "better" else use_classical
    if not cost and headline["verdict"] in ("better", "worse"):
        first = f"Use {ahead}: it is better by {lead(results, headline)}. What the two cost is not known."
    elif not cost and headline["verdict"] == "equivalent":
        first = "Use whichever costs less, which is not known: the two are equivalent."
    elif headline["verdict"] == "better" and _costs_no_more(headline):
        first = f"Use {use_challenger}: it is better by {lead(results, headline)} and costs no more."
    elif headline["verdict"] == "better":
        first = f"Use {use_challenger} if {lead(results, headline)} justify {cost} of {other}."
    elif headline["verdict"] == "worse":
        first = f"Use {use_classical}: {one} does not reach it here, at {cost}."
    elif headline["verdict"] == "equivalent":
        ratio, training = headline["fit_cost_ratio"], training_cost(headline)
        cheaper = use_challenger if ratio and ratio < 1 else use_classical
        first = f"Use {cheaper}: the two are equivalent" + (f", and {training}." if training else ".")
    else:
        first = f"{_meanwhile(results, headline)}{_needed(results, headline)}"
    opinion = [headline["second_opinion"]] if headline["second_opinion"] else []
    less = _with_less_data(results, challenger, classical)
    return [first, *opinion, *_without_search(results, headline), *less]


def _choices(results: Results, headline: Headline) -> Names:
    """Return what to use of either family: a learner, or the one that validation chooses where folds disagreed."""
    return names_of(
        headline,
        *(
            f"the {title} that does best on your validation data (mostly {headline[side]})"
            for side, title in titles(results, headline).items()
        ),
    )


def _cost(headline: Headline) -> str:
    """Return the costs, such as "40 times the training and 3 times the prediction cost"; empty if unknown."""
    ratios = (headline["fit_cost_ratio"], "training"), (headline["predict_cost_ratio"], "prediction")
    parts = [f"{fmt.times(ratio)} the {what}" for ratio, what in ratios if ratio]
    return f"{' and '.join(parts)} cost" if parts else ""


def _costs_no_more(headline: Headline) -> bool:
    """Return True if the challenger takes no longer than the traditional learner to train and to predict."""
    ratios = (headline["fit_cost_ratio"], headline["predict_cost_ratio"])
    return all(ratio is not None and ratio < SIMILAR for ratio in ratios)


def _meanwhile(results: Results, headline: Headline) -> str:
    """Return which of the two to use until more data decide: the cheaper one, else the one ahead."""
    ratio = headline["fit_cost_ratio"]
    if not ratio or 1 / SIMILAR < ratio < SIMILAR:
        return "These data do not decide between the two, and neither is clearly cheaper to train: use either."
    cheaper = _choices(results, headline)[0 if ratio < 1 else 1]
    return f"These data do not decide between the two: until more do, use {cheaper}, the cheaper one to train."


def _needed(results: Results, headline: Headline) -> str:
    """Return how many test units, or seeds, would show the difference that the reason of the verdict names."""
    row = primary_row(results, headline)
    known = row["uncertainty"] if row else None
    if row is None or known is None or row["difference"] is None:
        return ""
    units, seeds = (known["units_needed"], known["n_units"]), (known["seeds_needed"], known["n_seeds"])
    ways = larger_tests(*units, known["unit"], *seeds)
    measured = math.isclose(known["target"], abs(row["difference"]))
    size = "of the size that was measured" if measured else "as large as the margin"
    if ways:
        return f" To show a difference {size} takes {' or '.join(ways)}."
    if known["detectable"] is not None and known["detectable"] <= known["target"]:
        return f" The next {known['unit']}s may well decide: this test detects a difference {size} in 80 of 100 cases."
    return f" To show a difference {size} takes more test {known['unit']}s and more seeds; neither alone suffices."


def _without_search(results: Results, headline: Headline) -> list[str]:
    """Return a sentence if the verdict depends on the search."""
    return [
        f"This depends on the search: as configured, {new['learner']} against {new['reference']} is {old['verdict']}."
        for old, new in switched(results["as_configured"], results["comparisons"])
        if new is primary_row(results, headline)
    ]


def _with_less_data(results: Results, challenger: str, classical: str) -> list[str]:
    side = "higher" if results["metrics"][results["metric"]]["higher_is_better"] else "lower"
    return [
        f"With fewer than about {rounded(crossing['n'])} training samples the curve of {classical} is the {side} one."
        for crossing in (results["curve"]["crossovers"] if results["curve"] else [])
        if (crossing["challenger"], crossing["classical"]) == (challenger, classical) and crossing["n"]
    ]
