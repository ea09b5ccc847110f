"""Limits of the conclusions, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from visiontk.report import formatting as fmt
from visiontk.report.evidence.choice import in_folds
from visiontk.report.evidence.evidence import PREDICTIONS
from visiontk.report.sections.audit import sentences
from visiontk.report.sections.ceiling import above_ceiling
from visiontk.report.sections.cells import SIDES
from visiontk.report.sections.claim import claim_warning
from visiontk.report.sections.headline import BY_FOLD, FEW_OF_A_CLASS, ahead_on_test, is_requested
from visiontk.report.sections.negative_control import alarm
from visiontk.report.sections.prior_knowledge import seen_in_pretraining
from visiontk.report.sections.slices import chosen_after
from visiontk.report.sections.tuning import switched
from visiontk.report.values import LearnerRow, Package, Results, Tuning
from visiontk.stats.units import FEWEST_OF_A_CLASS

FEW_TEST_SAMPLES = 200
FEW_GROUPS = 20
FEW_IN_FOLDS = 300
FEW_ERRORS = 2
LITTLE = 0.5
"""Share of the budget below which a search that ran out of configurations is mentioned."""


def all_warnings(results: Results, changes: Sequence[str], of_data: Sequence[str]) -> list[str]:
    """Return the warnings of the view, the data, the results and the audit."""
    late, audit = chosen_after(results["slices"]), results["audit"]
    leak = alarm(results["negative_control"], results["metric"], results["metrics"][results["metric"]]["kind"])
    return [
        *([leak] if leak else []),
        *changes,
        *filter(None, [claim_warning(results["claim"]), late]),
        *of_data,
        *warnings_of(results),
        *(sentences(audit, results["comparisons"]) if audit else []),
    ]


def warnings_of(results: Results) -> list[str]:
    """Return the warnings that follow from the results."""
    return [
        *seen_in_pretraining(results),
        *_effort(results),
        *_packages(results),
        *_search(results),
        *_readings(results),
        *_test_set(results),
        *_few_errors(results),
        *above_ceiling(results["ceiling"]),
        *_chosen_on_valid(results),
        *(warning for row in results["learners"] for warning in _learner(row)),
        *_floor(results),
    ]


def _effort(results: Results) -> list[str]:
    warnings = []
    if results["preset"] == "quick":
        warnings.append("Quick preset: a first impression, not a result.")
    if results["max_train"] is not None and results["dataset"]["n_train"] > 0.9 * results["max_train"]:
        warnings.append(f"Every learner saw at most {results['max_train']:,} training samples.")
    if len(results["seeds"]) == 1:
        one = "One fit of each model" if results["dataset"]["origin"] == PREDICTIONS else "One seed"
        warnings.append(f"{one}: the verdict is about these fitted models, not about how they would do if fitted anew.")
    elif any(row["scope"] == "procedure" for row in results["comparisons"]):
        unseen = 1 - 0.05 ** (1 / len(results["seeds"]))
        warnings.append(
            f"{len(results['seeds'])} seeds: nothing follows about failures of training that are rarer than "
            f"{100 * unseen:.0f} % of the fits."
        )
    return warnings


def _packages(results: Results) -> list[str]:
    """Return what other packages bring."""
    dataset = results["dataset"]
    parts: list[tuple[str, Package | None]] = [(row["name"], row["package"]) for row in results["learners"]]
    names: dict[tuple[str, str], list[str]] = {}
    for name, package in (*parts, (f"the data ({dataset['name']})", dataset["package"])):
        if package is not None:
            names.setdefault((package["name"], package["version"]), []).append(name)
    return [
        f"From package {name} {version}, not from visiontk: {', '.join(each)}."
        for (name, version), each in names.items()
    ]


def _search(results: Results) -> list[str]:
    """Return how parameters were chosen; what was tried before the run, nobody knows."""
    if results["dataset"]["origin"] == PREDICTIONS:
        return []
    if results["tuning"]:
        return [*_searched(results["tuning"], results["metric"]), *_switched(results)]
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


def _searched(tuning: Mapping[str, Tuning], metric: str) -> list[str]:
    """Return the size of the searches, the spaces that were too small, and the budgets that were not used."""
    first = next(iter(tuning.values()))
    warnings = [
        f"Every learner searched for its parameters alike: up to {first['n_most']} configurations and "
        f"{fmt.seconds(first['budget_s'])} of CPU time on each fold, its default first. The validation set chose among "
        f"them, by {fmt.words(metric)}; the test set had no say.",
        *_defaults(tuning),
    ]
    for name, each in tuning.items():
        n_folds = len(each["n_tried"])
        warnings += [
            f"{name}: the chosen {fmt.words(parameter)} lies at the {edge} edge of its space"
            f"{f' on {n} of {n_folds} folds' if n_folds > 1 else ''}; consider a wider one."
            for parameter, counts in each["edges"].items()
            for edge, n in counts.items()
        ]
        if each["n_failed"]:
            warnings.append(f"{name}: {each['n_failed']} configurations could not be fitted and count as tried.")
        if each["n_cut_off"]:
            warnings.append(f"{name}: {each['n_cut_off']} fits of the search reached the budget and were ended.")
    idle = {name: share for name, each in tuning.items() if (share := _unused(each)) is not None}
    if idle:
        warnings.append(
            "The number of configurations ended the search before half of the time was used: "
            f"{', '.join(f'{name} ({100 * share:.0f} %)' for name, share in idle.items())}. A larger number "
            "(--search) would use it."
        )
    return warnings


def _defaults(tuning: Mapping[str, Tuning]) -> list[str]:
    """Return where the default was retained although a configuration did better, or as nothing could be compared."""
    warnings = []
    unsure = [
        f"{name} ({n} of {len(each['n_tried'])} folds)" for name, each in tuning.items() if (n := each["n_unsure"])
    ]
    if unsure:
        warnings.append(
            "Ties went to the default, where no configuration was ahead of it on the validation set by more than a "
            f"standard error: {', '.join(unsure)}."
        )
    alone = [name for name, each in tuning.items() if "group" in each["stopped"]]
    if alone:
        warnings.append(
            "The validation set holds one group, from which nothing follows for others, so the default was retained: "
            f"{', '.join(alone)}. Fewer folds, or groups of your own choice, would leave more of them in it."
        )
    return warnings


def _unused(tuning: Tuning) -> float | None:
    """Return the share of the time that was used, if it is little on every fold for want of configurations."""
    little = all(
        reason in ("configurations", "space") and cpu_s < LITTLE * tuning["budget_s"]
        for cpu_s, reason in zip(tuning["cpu_s"], tuning["stopped"], strict=True)
    )
    return sum(tuning["cpu_s"]) / (len(tuning["cpu_s"]) * tuning["budget_s"]) if little else None


def _switched(results: Results) -> list[str]:
    """Return a warning if learners have another verdict as tuned than as configured."""
    changed = [
        f"{new['learner']} against {new['reference']} is {old['verdict']} as configured and {new['verdict']} as tuned"
        for old, new in switched(results["as_configured"], results["comparisons"])
    ]
    if not changed:
        return []
    return [
        f"The verdict depends on the search: {'; '.join(changed)}. The more configurations a learner tries, the "
        "luckier the chosen one is on the validation set; where that is small, it may do less well on the test set "
        "than the configured one."
    ]


def _readings(results: Results) -> list[str]:
    n = results["n_test_readings"]
    if n is None or n <= results["n_done"]:
        return []
    return [
        f"The test set was read {n:,} times for {results['n_done']:,} fits: some fits were repeated in this folder."
    ]


def _test_set(results: Results) -> list[str]:
    dataset, warnings = results["dataset"], []
    if dataset["n_test"] < FEW_TEST_SAMPLES:
        warnings.append(f"Only {dataset['n_test']} test samples: intervals are wide.")
    unit = "sample" if dataset["n_groups"] is None else "group"
    if dataset["n_groups"] is not None:
        by = f" by {fmt.words(dataset['grouped_by'])}" if dataset["grouped_by"] else ""
        warnings.append(
            f"Test samples come in {dataset['n_test_units']} groups{by}; intervals and tests count groups, not samples."
        )
        if dataset["n_test_units"] < FEW_GROUPS:
            warnings.append(
                f"Fewer than {FEW_GROUPS} groups in test: 95 % intervals of one learner may hold the true value in 91 "
                "to 99 of 100 cases; those of differences hold it in 95 or more (docs/statistics.md)."
            )
    elif results["n_folds"] > 1 and dataset["n_test"] < FEW_IN_FOLDS:
        warnings.append(
            f"Cross-validation of fewer than {FEW_IN_FOLDS} samples: how much fits differ is not in the interval. Of "
            "100 samples, equally good learners had a verdict in 8 of 100 cases instead of 5."
        )
    counts = [(n, label) for n, label in zip(dataset["test_units"], dataset["labels"], strict=False) if n]
    if results["metrics"][results["metric"]]["by_class"] and counts and min(counts)[0] < FEW_OF_A_CLASS:
        n, label = min(counts)
        metric = fmt.words(results["metric"])
        if n < FEWEST_OF_A_CLASS:
            effect = f"too few for an interval of {metric}"
        else:
            effect = f"little follows from so few, so intervals of {metric} are wide"
        warnings.append(f"Class {label} has {fmt.plural(n, f'test {unit}')}: {effect}.")
    return warnings


def _few_errors(results: Results) -> list[str]:
    """Return a warning for the learners of the headline whose accuracy rests on very few errors."""
    if results["metrics"][results["metric"]]["kind"] != "proportion":
        return []
    named = dict.fromkeys(each[side] for each in results["headlines"] for side in SIDES)
    values = {row["name"]: row["metrics"][results["metric"]]["value"] for row in results["learners"]}
    return [
        f"{name} makes fewer than {FEW_ERRORS} errors: of so few, the 95 % interval of one learner may hold the true "
        "value in 90 of 100 cases."
        for name in named
        if name in values
        and (value := values[name]) is not None
        and 0 < (1 - value) * results["dataset"]["n_test"] < FEW_ERRORS
    ]


def _chosen_on_valid(results: Results) -> list[str]:
    """Return a warning for each learner of the headline that is not the best of its family on the test set."""
    warnings = []
    sides = {each[side]: each[by_fold] for each in results["headlines"] for side, by_fold in BY_FOLD.items()}
    for name, by_fold in sides.items():
        if name is None or is_requested(results, name) or not (first := ahead_on_test(results, name)):
            continue
        often = f" {in_folds(name, by_fold)}" if by_fold and len(set(by_fold)) > 1 else ""
        warnings.append(
            f"{name} represents its family{often}, as chosen on the validation set; on the test set, {first} has the "
            "best value."
        )
    return warnings


def _learner(row: LearnerRow) -> list[str]:
    warnings = []
    if row["n_cut_off"]:
        warnings.append(
            f"{row['name']}: {row['n_cut_off']} of {row['n_trials']} fits reached the budget and were ended."
        )
    warnings += [f"{row['name']}: {note}" for note in row["notes"][:3]]
    return warnings


def _floor(results: Results) -> list[str]:
    """Return which learners are not above the floor, and which might not be as the test set is too small to say."""
    floor = next((each for each in results["learners"] if each["family"] == "floor"), None)
    rows = results["comparisons"]
    # Where nothing can be compared, an interval that reaches down to the floor says nothing about a learner.
    if floor is None or (rows and all(each["verdict"] == "invalid" for each in rows)):
        return []
    name, dataset = results["metric"], results["dataset"]
    least, sign = floor["metrics"][name]["value"], 1 if results["metrics"][name]["higher_is_better"] else -1
    below, unsure = [], []
    for row in results["learners"]:
        measured = row["metrics"][name]
        limit = measured["low"] if sign > 0 else measured["high"]
        if row["family"] == "floor" or least is None or limit is None or measured["value"] is None:
            continue
        if sign * (measured["value"] - least) <= 0:
            below.append(row["name"])
        elif sign * (limit - least) <= 0:
            unsure.append(row["name"])
    warnings = []
    if below:
        verb, pronoun = ("is", "it has") if len(below) == 1 else ("are", "they have")
        warnings.append(
            f"{fmt.listed(below)} {verb} not above the floor ({floor['name']}): nothing shows that {pronoun} learnt "
            "anything useful."
        )
    if unsure:
        units = fmt.plural(dataset["n_test_units"], "test sample" if dataset["n_groups"] is None else "test group")
        warnings.append(
            f"{units} {'is' if dataset['n_test_units'] == 1 else 'are'} too few to say whether {fmt.listed(unsure)} "
            f"{'is' if len(unsure) == 1 else 'are'} above the floor ({floor['name']}): the 95 % interval of "
            f"{fmt.words(name)} includes its value."
        )
    return warnings
