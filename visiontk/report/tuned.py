"""What the searches for parameters found: which trials compete, what each learner tried, spent and gained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from visiontk.core import Trial
from visiontk.errors import ResumeError
from visiontk.harness.store import RunDirectory
from visiontk.harness.tuning import SEARCHES
from visiontk.report import formatting as fmt

LITTLE = 0.5
"""Share of the budget below which a search that ran out of configurations is mentioned."""


@dataclass(frozen=True)
class Searches:
    """The searches of a run, by learner and then by fold; without any if parameters were not searched for.

    Parameters
    ----------
    by_learner : mapping of str to list of mapping
        Entries of ``searches.json``.
    over : bool
        Whether none of them goes on.
    """

    by_learner: Mapping[str, Sequence[Mapping[str, Any]]]
    over: bool

    def competing(self, name: str, given: Mapping[str, Any], trials: Sequence[Trial]) -> list[Trial]:
        """The trials that stand for a learner: those of what its searches chose, once all searches are over."""
        if not self.over or name not in self.by_learner:
            return self.given(name, given, trials)
        finals = {key for search in self.by_learner[name] for key in search["finals"]}
        return [trial for trial in trials if trial.key in finals]

    def given(self, name: str, given: Mapping[str, Any], trials: Sequence[Trial]) -> list[Trial]:
        """The trials of a learner as the config has it."""
        mine = [trial for trial in trials if trial.learner == name and trial.draw == 0]
        return [trial for trial in mine if dict(trial.parameters) == dict(given)]

    def describe(self, name: str) -> dict[str, Any]:
        """What a learner tried, spent and chose, as in ``results.json``."""
        found = sorted(self.by_learner[name], key=lambda search: search["fold"])
        edges: dict[str, Counter[str]] = {}
        for search in found:
            for parameter, edge in search["edges"].items():
                edges.setdefault(parameter, Counter())[edge] += 1
        return {
            "n_most": found[0]["n_most"],
            "budget_s": found[0]["budget_s"],
            "n_tried": [len(search["tried"]) for search in found],
            "cpu_s": [sum(each["cpu_s"] for each in search["tried"]) for search in found],
            "stopped": [search["stopped"] for search in found],
            "n_failed": sum(each["valid"] is None for search in found for each in search["tried"]),
            "n_cut_off": sum(each["cut_off"] for search in found for each in search["tried"]),
            "edges": {parameter: dict(counts) for parameter, counts in edges.items()},
            "chosen": [None if (i := search["chosen"]) is None else search["tried"][i]["values"] for search in found],
            "n_default": sum(search["chosen"] == 0 for search in found),
            # Runs of earlier versions chose the best, however little it was ahead.
            "n_unsure": sum(search.get("best", search["chosen"]) != search["chosen"] for search in found),
            "space": found[0]["space"],
        }


def searches_of(store: RunDirectory, document: Mapping[str, Any]) -> Searches:
    """The searches of a run directory.

    Raises
    ------
    ResumeError
        If ``searches.json`` is damaged.
    """
    if document["search"] < 2 or not (store.path / SEARCHES).exists():
        return Searches({}, over=False)
    by_learner: dict[str, list[Mapping[str, Any]]] = {}
    try:
        for search in store.read_json(SEARCHES):
            by_learner.setdefault(search["learner"], []).append(search)
        competing = [search for name, each in by_learner.items() if name in document["learners"] for search in each]
        return Searches(by_learner, over=bool(competing) and all(search["stopped"] for search in competing))
    except (KeyError, TypeError) as error:
        raise ResumeError(
            f"{store.path / SEARCHES}: damaged.",
            error_id="E-RUN-DAMAGED",
            hint="The same command writes it again.",
        ) from error


def remarks(tuning: Mapping[str, Mapping[str, Any]], metric: str) -> list[str]:
    """What a reader must know of the searches: their size, spaces that were too small, budgets that were not used."""
    if not tuning:
        return []
    first = next(iter(tuning.values()))
    told = [
        f"Every learner searched for its parameters alike: up to {first['n_most']} configurations and "
        f"{fmt.seconds(first['budget_s'])} of CPU time on each fold, its default first. Valid chose "
        f"among them, by {fmt.words(metric)}; test had no say."
    ]
    told += _kept(tuning)
    for name, found in tuning.items():
        n_folds = len(found["n_tried"])
        for parameter, counts in found["edges"].items():
            for edge, n in counts.items():
                told.append(
                    f"{name}: the chosen {fmt.words(parameter)} lies at the {edge} edge of its space"
                    f"{f' on {n} of {n_folds} folds' if n_folds > 1 else ''}; a wider one might hold more."
                )
        if found["n_failed"]:
            told.append(f"{name}: {found['n_failed']} configurations could not be fitted and count as tried.")
        if found["n_cut_off"]:
            told.append(f"{name}: {found['n_cut_off']} fits of the search reached the budget and were ended.")
    idle = {name: share for name, found in tuning.items() if (share := _unused(found)) is not None}
    if idle:
        told.append(
            "The number of configurations ended the search before half of the time was used: "
            f"{', '.join(f'{name} ({100 * share:.0f} %)' for name, share in idle.items())}. More of them "
            "(--search) might find more."
        )
    return told


def _kept(tuning: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Where something seemed better than the default, but not surely, or where nothing could be judged."""
    told = []
    unsure = {name: found.get("n_unsure", 0) for name, found in tuning.items()}
    if any(unsure.values()):
        named = ", ".join(f"{name} ({n} of {len(tuning[name]['n_tried'])} folds)" for name, n in unsure.items() if n)
        told.append(
            "The default was kept where the best configuration was ahead on valid by no more than its standard error: "
            f"{named}."
        )
    alone = [name for name, found in tuning.items() if "group" in found["stopped"]]
    if alone:
        told.append(
            "Valid holds one group, from which nothing follows for others, so the default was kept: "
            f"{', '.join(alone)}. Fewer folds, or groups of your own choice, would leave more of them in valid."
        )
    return told


def switched(results: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Learner, reference, verdict as configured and as tuned, of each comparison where the two verdicts differ.

    Examples
    --------
    >>> row = {"learner": "cnn", "reference": "svm", "verdict": "undecided"}
    >>> switched({"as_configured": [row], "comparisons": [row | {"verdict": "equivalent"}]})
    [('cnn', 'svm', 'undecided', 'equivalent')]
    """
    before = {row["learner"]: row["verdict"] for row in results.get("as_configured") or ()}
    return [
        (row["learner"], row["reference"], was, row["verdict"])
        for row in results.get("comparisons") or ()
        if (was := before.get(row["learner"])) not in (None, row["verdict"])
    ]


def changed(results: Mapping[str, Any]) -> list[str]:
    """A remark where tuned learners get another verdict than configured ones: then it hangs on the search.

    Examples
    --------
    >>> row = {"learner": "cnn", "reference": "svm", "verdict": "undecided"}
    >>> changed({"as_configured": [row], "comparisons": [row | {"verdict": "equivalent"}]})[0][:73]
    'The verdict depends on the search: cnn against svm is undecided as config'
    """
    told = [
        f"{learner} against {reference} is {was} as configured and {now} as tuned"
        for learner, reference, was, now in switched(results)
    ]
    if not told:
        return []
    return [
        f"The verdict depends on the search: {'; '.join(told)}. The more configurations a learner tries, the luckier "
        "on valid is the one that is chosen; where valid is small, it may do less well on test than the configured one."
    ]


def _unused(found: Mapping[str, Any]) -> float | None:
    """The share of its time that a learner used, where it is little on every fold for want of configurations."""
    little = all(
        why in ("configurations", "space") and spent < LITTLE * found["budget_s"]
        for spent, why in zip(found["cpu_s"], found["stopped"], strict=True)
    )
    return sum(found["cpu_s"]) / (len(found["cpu_s"]) * found["budget_s"]) if little else None
