"""The searches of a run: which trials represent each learner, as configured and as tuned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from visiontk.core import Trial
from visiontk.harness.store import RunDirectory
from visiontk.report.evidence.stored import Search, Settings, read_searches
from visiontk.report.values import Configured, Gain, Parameters, Tuning


@dataclass(frozen=True)
class Searches:
    """Searches by learner, in the order of folds; `complete` if there are some and none of them continues."""

    by_learner: Mapping[str, Sequence[Search]]
    complete: bool

    def tuned(self, name: str, parameters: Parameters, trials: Sequence[Trial]) -> list[Trial]:
        """Return the trials of what the searches of a learner chose, once all searches are complete."""
        if not self.complete or name not in self.by_learner:
            return configured(name, parameters, trials)
        finals = {key for search in self.by_learner[name] for key in search["finals"]}
        return [trial for trial in trials if trial.key in finals]

    def describe(self, name: str, gain: tuple[Configured, Gain]) -> Tuning:
        """Return what ``results.json`` holds of the searches of one learner."""
        searches = self.by_learner[name]
        edges: dict[str, Counter[str]] = {}
        for search in searches:
            for parameter, edge in search["edges"].items():
                edges.setdefault(parameter, Counter())[edge] += 1
        return {
            "configured": gain[0],
            "gain": gain[1],
            "n_most": searches[0]["n_most"],
            "budget_s": searches[0]["budget_s"],
            "n_tried": [len(search["tried"]) for search in searches],
            "cpu_s": [sum(each["cpu_s"] for each in search["tried"]) for search in searches],
            "stopped": [search["stopped"] for search in searches],
            "n_failed": sum(each["valid"] is None for search in searches for each in search["tried"]),
            "n_cut_off": sum(each["cut_off"] for search in searches for each in search["tried"]),
            "edges": {parameter: dict(counts) for parameter, counts in edges.items()},
            "chosen": list(map(_chosen, searches)),
            "n_default": sum(search["chosen"] == 0 for search in searches),
            "n_unsure": sum(search["best"] != search["chosen"] for search in searches),
            "space": searches[0]["space"],
        }


def _chosen(search: Search) -> Parameters | None:
    return None if search["chosen"] is None else search["tried"][search["chosen"]]["values"]


def configured(name: str, parameters: Parameters, trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials of a learner with the parameters of the config, on the whole training set."""
    own = [trial for trial in trials if trial.learner == name and trial.is_compared]
    return [trial for trial in own if dict(trial.parameters) == dict(parameters)]


def searches_of(store: RunDirectory, settings: Settings) -> Searches:
    """Read the searches of a run directory."""
    if settings.search < 2:
        return Searches({}, complete=False)
    searches = sorted(read_searches(store), key=itemgetter("learner", "fold"))
    by_learner = {name: list(each) for name, each in groupby(searches, key=itemgetter("learner"))}
    running = [each for each in searches if each["learner"] in settings.learners and not each["stopped"]]
    competing = settings.learners.keys() & by_learner.keys()
    return Searches(by_learner, complete=bool(competing) and not running)
