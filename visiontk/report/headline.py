"""The sentence at the top and the warnings under it: every claim follows from a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from visiontk.report import formatting as fmt
from visiontk.report.tuned import changed, remarks

FEW_TEST_SAMPLES = 200
FEW_OF_A_CLASS = 10
"""Test samples of a class below which intervals of averages over classes are too short (docs/statistics.md)."""


def headline(results: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to the question, in one sentence, with the numbers it rests on.

    The best network and the best traditional learner are chosen by their valid parts. Where the
    reference was named by the user, it takes the place of the best learner of its family.

    Parameters
    ----------
    results : mapping
        The value of ``results.json`` so far.

    Returns
    -------
    dict
        With ``sentence``, ``verdict``, ``network``, ``classical``, ``difference``, ``low``, ``high``
        (network less classical), ``scope``, the cost ratios network to classical, the ``reason`` of the verdict and
        what the ``uncertainty`` comes from, in a sentence.
    """
    learners = {row["name"]: row for row in results["learners"]}
    empty = dict.fromkeys(
        ("network", "classical", "difference", "low", "high", "scope", "fit_cost_ratio", "predict_cost_ratio",
         "reason", "uncertainty")
    )  # fmt: skip
    pair = _pair(results, learners)
    if isinstance(pair, str):
        return {**empty, "verdict": "invalid", "sentence": f"No verdict: {pair}."}
    row, turned = pair
    network, classical = (row["reference"], row["learner"]) if turned else (row["learner"], row["reference"])
    sign = -1 if turned else 1
    verdict = {"better": "worse", "worse": "better"}.get(row["verdict"], row["verdict"]) if turned else row["verdict"]
    value, low, high = row["difference"], row["low"], row["high"]
    ends = sorted(sign * end for end in (low, high)) if low is not None and high is not None else [None, None]
    found = {
        "verdict": verdict,
        "network": network,
        "classical": classical,
        "difference": None if value is None else sign * value,
        "low": ends[0],
        "high": ends[1],
        "scope": row["scope"],
        "fit_cost_ratio": _ratio(learners[network], learners[classical], "fit_cpu_s"),
        "predict_cost_ratio": _ratio(learners[network], learners[classical], "predict_ms_per_sample"),
        "reason": row["reason"],
        "uncertainty": (row.get("uncertainty") or {}).get("text"),
    }
    return {**found, "sentence": _sentence(results, found, row["reason"])}


def warnings_of(results: Mapping[str, Any]) -> list[str]:
    """What limits the conclusions, in plain words."""
    told = []
    if results["preset"] == "quick":
        told.append("Quick preset: a rough picture, not a result.")
    if results["max_train"] is not None and results["dataset"]["n_train"] > 0.9 * results["max_train"]:
        told.append(f"Every learner saw at most {results['max_train']:,} training samples.")
    if len(results["seeds"]) == 1:
        told.append("One seed: the verdict is about these fitted models, not about how they would do if fitted anew.")
    told += _from_packages(results)
    told += _search(results)
    told += _readings(results)
    n_test, n_groups = results["dataset"]["n_test"], results["dataset"]["n_groups"]
    if n_test < FEW_TEST_SAMPLES:
        told.append(f"Only {n_test} test samples: intervals are wide.")
    if n_groups is not None:
        by = f" by {fmt.words(name)}" if (name := results["dataset"].get("grouped_by")) else ""
        told.append(f"Samples come in {n_groups} groups{by}; intervals and tests count groups, not samples.")
    told += _rare(results)
    told += _second_on_test(results)
    # Where nothing can be judged, an interval that reaches down to the floor says nothing about a learner.
    test_set = [row for row in results["comparisons"] if row["verdict"] != "invalid"] or not results["comparisons"]
    floors = [row for row in results["learners"] if row["family"] == "floor" and test_set]
    metric = results["metric"]
    for row in results["learners"]:
        if row["n_cut_off"]:
            told.append(
                f"{row['name']}: {row['n_cut_off']} of {row['n_trials']} fits reached the budget and were ended."
            )
        told += [f"{row['name']}: {note}" for note in row["notes"][:3]]
        if floors and row["family"] != "floor" and not _above(row, floors[0], metric, results):
            told.append(f"{row['name']} is not above the floor ({floors[0]['name']}): it has learnt nothing useful.")
    return told


def _readings(results: Mapping[str, Any]) -> list[str]:
    """A remark where the test part was shown more often than there are fits that predict it."""
    n = results["n_test_readings"]
    if n is None or n <= results["n_done"]:
        return []
    return [
        f"The test part was read {n:,} times for {results['n_done']:,} fits: some fits were repeated in this folder."
    ]


def _from_packages(results: Mapping[str, Any]) -> list[str]:
    """What visiontk did not bring itself, and who did."""
    brought: dict[tuple[str, str], list[str]] = {}
    things = [(row["name"], row.get("package")) for row in results["learners"]]
    things += [(f"the data ({results['dataset']['name']})", results["dataset"].get("package"))]
    for name, package in things:
        if package is not None:
            brought.setdefault((package["name"], package["version"]), []).append(name)
    return [
        f"From package {name} {version}, not from visiontk: {', '.join(names)}."
        for (name, version), names in brought.items()
    ]


def _search(results: Mapping[str, Any]) -> list[str]:
    """How parameters were found; what somebody may have tried before, a run does not know."""
    if results["tuning"]:
        return remarks(results["tuning"], results["metric"]) + changed(results)
    if results["search"] > 1:
        return ["The search for parameters is not over: the table shows each learner as the config has it."]
    by_hand = [
        f"{row['name']} ({', '.join(fmt.words(key) for key in row['set_by_hand'])})"
        for row in results["learners"]
        if row["set_by_hand"]
    ]
    if not by_hand:
        return ["No search for parameters: each learner ran with its defaults."]
    return [
        "No search for parameters: each learner ran with its defaults, but for what was set by hand: "
        f"{'; '.join(by_hand)}. If that was chosen on these data, its learner is at an advantage."
    ]


def _rare(results: Mapping[str, Any]) -> list[str]:
    """A remark where a class has too few test samples for the interval of one learner to be as sure as it says."""
    metric = results["metrics"][results["metric"]]
    counts = (results["dataset"].get("counts") or {}).get("test") or []
    rare = [(n, label) for n, label in zip(counts, results["dataset"].get("labels", ()), strict=False) if n]
    if metric["kind"] != "bounded" or not rare or min(rare)[0] >= FEW_OF_A_CLASS:
        return []
    n, label = min(rare)
    return [
        f"Class {label} has {n} test sample{'s' * (n > 1)}: 95 % intervals of {fmt.words(results['metric'])} then "
        "hold the true value in about 90 of 100 cases; those of differences in 94."
    ]


def _second_on_test(results: Mapping[str, Any]) -> list[str]:
    """A remark where the learner that valid chose is not the one that a reader of the table would choose."""
    found, told = results["headline"], []
    for name in (found["network"], found["classical"]):
        if name is None or (name == results["reference"] and results["reference_reason"] == "as asked for"):
            continue
        if first := _ahead_on_test(results, name):
            told.append(f"{name} stands for its family as it did best on valid; on test, {first} has the best value.")
    return told


def _above(row: Mapping[str, Any], floor: Mapping[str, Any], metric: str, results: Mapping[str, Any]) -> bool:
    mine, least = row["metrics"][metric], floor["metrics"][metric]
    if None in (mine["low"], mine["high"], least["value"]):
        return True
    if results["metrics"][metric]["higher_is_better"]:
        return bool(mine["low"] > least["value"])
    return bool(mine["high"] < least["value"])


def _pair(results: Mapping[str, Any], learners: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool] | str:
    """The comparison that answers the question, and whether its reference is the network; or why there is none."""
    reference = results["reference"]
    if reference is None:
        return str(results["reference_reason"])
    family = learners[reference]["family"]
    wanted = {"classical": "network", "network": "classical"}.get(family)
    if wanted is None:
        return f"the reference, {reference}, is a floor, which looks at no sample"
    rows = [row for row in results["comparisons"] if learners[row["learner"]]["family"] == wanted]
    if not rows:
        return f"no {'network' if wanted == 'network' else 'traditional learner'} has finished"
    # By name first: of equals on valid the order of the rows, which is that of test, has no say.
    rows = sorted(rows, key=lambda row: str(row["learner"]))
    return max(rows, key=lambda row: _valid(results, learners[row["learner"]])), family == "network"


def _valid(results: Mapping[str, Any], row: Mapping[str, Any]) -> float:
    """How well a learner did on valid, more being better."""
    value = row["valid"]
    if value is None or not math.isfinite(value):
        return -math.inf
    return float(value) if results["metrics"][results["metric"]]["higher_is_better"] else -float(value)


def _ratio(network: Mapping[str, Any], classical: Mapping[str, Any], cost: str) -> float | None:
    # A time of 0 is one that the clock could not measure.
    return float(network[cost] / classical[cost]) if classical[cost] and network[cost] else None


def _sentence(results: Mapping[str, Any], found: Mapping[str, Any], reason: str) -> str:
    dataset = results["dataset"]
    kind = results["metrics"][results["metric"]]["kind"]
    where = f"On {dataset.get('title', dataset['name'])}{' (drawn data)' if dataset['synthetic'] else ''}"
    network, classical = found["network"], found["classical"]
    if found["verdict"] == "invalid" or None in (found["difference"], found["low"], found["high"]):
        return f"{where}, no verdict on {network} and {classical}: {reason.rstrip('.')}."
    cost = training_cost(found)
    cost = f"; {cost}" if cost else ""
    if found["verdict"] in ("better", "worse"):
        ahead, behind = (network, classical) if found["verdict"] == "better" else (classical, network)
        return (
            f"{where}, {_named(results, ahead, found)} is better than {_named(results, behind, found)} by "
            f"{lead(results, found)}{cost}."
        )
    difference = _measured(results, found)
    one, other = _named(results, network, found), _named(results, classical, found)
    if found["verdict"] == "equivalent":
        margin = _margin(results, kind)
        return f"{where}, {one} and {other} are equivalent: {difference}, within the margin of {margin}{cost}."
    return f"{where}, it is undecided whether {one} or {other} is better: {difference}{cost}."


def _measured(results: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Which of the two has the higher value and by how much, where nobody is called ahead: network minus classical."""
    metric, measured = fmt.words(results["metric"]), results["metrics"][results["metric"]]
    kind, network = measured["kind"], found["network"]
    size = fmt.difference(found["difference"], kind, found["low"], found["high"])
    interval = fmt.interval(found["low"], found["high"], kind, signed=True)
    direction = "" if measured["higher_is_better"] else " (lower is better)"
    if not size.strip("+0." + fmt.MINUS):
        return f"the measured {metric} of both is the same {interval}{direction}"
    side = "higher" if found["difference"] > 0 else "lower"
    size = size.lstrip("+" + fmt.MINUS)
    return f"the measured {metric} of {network} is {size}{fmt.unit(kind)} {side} {interval}{direction}"


def _named(results: Mapping[str, Any], name: str, found: Mapping[str, Any]) -> str:
    """A learner with its title: the best of its family, or the one that valid chose; none if it was asked for."""
    if name == results["reference"] and results["reference_reason"] == "as asked for":
        return name
    title = "network" if name == found["network"] else "traditional method"
    family = [row for row in results["learners"] if row["family"] == _row(results, name)["family"]]
    if len(family) == 1:
        return f"the {title}, {name},"
    if _ahead_on_test(results, name):
        return f"the {title} chosen on validation data, {name},"
    return f"the best {title}, {name},"


def _row(results: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return next(row for row in results["learners"] if row["name"] == name)


def _ahead_on_test(results: Mapping[str, Any], name: str) -> str | None:
    """The first of the same family that has more on test than the learner that valid chose; None if there is none."""
    chosen, metric = _row(results, name), results["metric"]
    sign = 1 if results["metrics"][metric]["higher_is_better"] else -1
    values = {
        row["name"]: sign * row["metrics"][metric]["value"]
        for row in results["learners"]
        if row["family"] == chosen["family"] and row["metrics"][metric]["value"] is not None
    }
    first = max(values, key=lambda other: values[other], default=name)
    return first if name in values and values[first] > values[name] else None


def _margin(results: Mapping[str, Any], kind: str) -> str:
    margin = results["margin"]
    if kind == "unbounded":
        return f"{margin:g}"
    return f"{100 * margin:.6g} point{'' if math.isclose(margin, 0.01) else 's'}"


def training_cost(found: Mapping[str, Any]) -> str:
    """Which of the two in a headline takes more processor time to train, and how much; empty where it is not known."""
    ratio = found["fit_cost_ratio"]
    if ratio is None:
        return ""
    if ratio >= 1.15:
        return f"training {found['network']} takes {fmt.times(ratio)} the CPU time of {found['classical']}"
    if ratio <= 1 / 1.15:
        return f"training {found['classical']} takes {fmt.times(1 / ratio)} the CPU time of {found['network']}"
    return "training them takes about the same CPU time"


def lead(results: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """By how much the winner of a headline is ahead, with its interval: positive whichever way the metric runs."""
    metric = results["metrics"][results["metric"]]
    kind = metric["kind"]
    sign = 1 if (found["verdict"] == "better") == metric["higher_is_better"] else -1
    low, high = sorted(sign * end for end in (found["low"], found["high"]))
    size = fmt.difference(sign * found["difference"], kind, low, high).lstrip("+")
    interval = fmt.interval(low, high, kind, signed=True)
    return f"{size}{fmt.unit(kind)} of {fmt.words(results['metric'])} {interval}"
