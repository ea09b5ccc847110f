"""Searches for parameters as trials that follow from trials: every learner alike, on each fold by its own valid part.

The first configuration is the default's own trial with the first seed. Each further one is a trial that leaves the test
part alone. What was best on valid is then fitted with every seed and predicts test. Nothing is remembered but the
trials themselves: where each search stands is read from the run directory.

A configuration replaces the default where its gain on valid exceeds one standard error of that gain, with groups as the
unit where the data have them. One group says nothing about others, so valid of one group ends a search at once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from visiontk.core import Floats, Task, Trial, about
from visiontk.errors import DataError
from visiontk.harness.experiment import Experiment
from visiontk.harness.search import SearchResult, best, chosen, proposal, stopped
from visiontk.harness.store import Predictions, RunDirectory
from visiontk.spaces import edges, searchable
from visiontk.stats import bootstrap_weights, difference

SEARCHES = "searches.json"

ONE_STANDARD_ERROR = 0.6827
"""Confidence of an interval that reaches one standard error to either side; few groups make it wider, by t."""

RESAMPLES = 400
"""Of valid, to know a standard error within some 4 %."""


class SearchState(NamedTuple):
    """Where one search stands.

    Parameters
    ----------
    tried : list of SearchResult
        So far, in order; the first is the default.
    trials : list of Trial
        Of these.
    next : Trial or None
        To be run before the search can go on; None if it is over.
    stopped : str
        Why it is over: ``configurations``, ``budget``, ``space`` (nothing new in it), ``group`` (valid is one group,
        by which nothing can be chosen for others) or ``failed`` (the default could not be fitted); empty while it
        goes on.
    """

    tried: list[SearchResult]
    trials: list[Trial]
    next: Trial | None
    stopped: str


class Tuning:
    """The searches of an experiment, one for each learner and fold.

    Parameters
    ----------
    experiment : Experiment
        Settled, with `trials` above 1.
    task : Task
        Whose first metric is maximised on valid.
    planned : sequence of Trial
        The trials of the given configurations.
    store : RunDirectory
        Where they are.
    """

    def __init__(self, experiment: Experiment, task: Task, planned: Sequence[Trial], store: RunDirectory) -> None:
        self.experiment = experiment
        self.task = task
        self.store = store
        self.known: dict[str, SearchResult] = {}
        self.groups = store.groups()
        self.planned: dict[tuple[str, int], list[Trial]] = {}
        for trial in planned:
            if trial.draw == 0 and about(task.learner(trial.learner)).family != "floor":
                self.planned.setdefault((trial.learner, trial.fold), []).append(trial)
        self.standings = {which: self._follow(which) for which in self.planned}

    def waiting(self) -> list[Trial]:
        """Trials that are next or final in any search and not done; those of given configurations are left out."""
        found = [trial for which in self.planned for trial in self._due(which)]
        return [trial for trial in found if not self._is_given(trial) and not self.store.is_done(trial)]

    def then(self, trial: Trial) -> list[Trial]:
        """What follows from a trial that is over."""
        which = (trial.learner, trial.fold)
        if which not in self.planned:
            return []
        before = self.standings[which]
        if before.next is None or before.next.key != trial.key:
            return []
        self.standings[which] = self._follow(which)
        self.write()
        return [each for each in self._due(which) if not self._is_given(each) and not self.store.is_done(each)]

    def n_ahead(self) -> Mapping[str, int]:
        """At most how many trials will follow by learner, beside those that are known."""
        found: dict[str, int] = {}
        for (learner, fold), standing in self.standings.items():
            if standing.next is not None:
                more = self.experiment.search - len(standing.tried) - 1 + len(self.planned[learner, fold])
                found[learner] = found.get(learner, 0) + more
        return found

    def finals(self) -> list[Trial]:
        """Trials of the chosen configurations, of every search that is over."""
        return [trial for which in self.planned for trial in self._finals(which)]

    def write(self) -> None:
        """Leave in the run directory what was tried, what was chosen and why each search ended."""
        self.store.write_json(SEARCHES, [self._as_value(which) for which in self.planned])

    def _follow(self, which: tuple[str, int]) -> SearchState:
        default = self.planned[which][0]
        spaces = searchable(self.task.learner(default.learner), default.parameters)
        given = {name: default.parameters[name] for name in spaces}
        tried: list[SearchResult] = []
        trials: list[Trial] = []
        while True:
            if trials and tried[0].score is None:
                return SearchState(tried, trials, None, "failed")
            if len(trials) == 1 and spaces and self._n_units(default) < 2:
                return SearchState(tried, trials, None, "group")
            if why := stopped(tried, n_most=self.experiment.search, budget_s=self.experiment.budget):
                return SearchState(tried, trials, None, why)
            values = proposal(spaces, given, tried, seed=default.fold)
            if values is None:
                return SearchState(tried, trials, None, "space")
            trial = default
            if tried:
                trial = dataclasses.replace(default, parameters={**default.parameters, **values}, test=False)
            outcome = self._outcome(trial, values, default)
            if outcome is None:
                return SearchState(tried, trials, trial, "")
            tried.append(outcome)
            trials.append(trial)

    def _outcome(self, trial: Trial, values: Mapping[str, Any], default: Trial) -> SearchResult | None:
        """What a trial reached on valid, None if it was not run yet."""
        if trial.key in self.known:
            return self.known[trial.key]
        if not self.store.is_done(trial):
            return SearchResult(values, None, 0.0) if self.store.failure(trial) else None
        metric = self.task.metrics[self.task.metric]
        found, cost = self.store.predictions(trial), self.store.cost(trial)
        value = metric(found.valid_y_true, self._adapted(found))
        low = None if trial.key == default.key else self._gain_low(found, self.store.predictions(default))
        tried = SearchResult(values, value if metric.higher_is_better else -value, cost.fit_cpu_s, cost.cut_off, low)
        self.known[trial.key] = tried
        return tried

    def _adapted(self, found: Predictions) -> Floats:
        metric = self.task.metrics[self.task.metric]
        return metric.adapted(found.valid_scores, found.valid_y_true, found.valid_scores)

    def _gain_low(self, found: Predictions, default: Predictions) -> float | None:
        """What is gained over the default on valid, less a standard error; None where the metric is undefined."""
        metric, y, groups = self.task.metrics[self.task.metric], found.valid_y_true, self._groups_of(found)
        weights = bootstrap_weights(len(y), groups=groups, n_resamples=RESAMPLES)
        mine, given = (self._adapted(each)[np.newaxis] for each in (found, default))
        n_units = len(y) if groups is None else len(np.unique(groups))
        try:
            gain = difference(metric, y, mine, given, weights, n_units, confidence=ONE_STANDARD_ERROR)
        except DataError:
            return None
        return gain.low if metric.higher_is_better else -gain.high

    def _groups_of(self, found: Predictions) -> Any:
        return None if self.groups is None else np.array([self.groups[name] for name in found.valid_ids.tolist()])

    def _n_units(self, trial: Trial) -> int:
        """Samples or groups in the valid part of a finished trial."""
        found = self.store.predictions(trial)
        groups = self._groups_of(found)
        return len(found.valid_ids) if groups is None else len(np.unique(groups))

    def _due(self, which: tuple[str, int]) -> list[Trial]:
        following = self.standings[which].next
        return self._finals(which) if following is None else [following]

    def _finals(self, which: tuple[str, int]) -> list[Trial]:
        standing = self.standings[which]
        place = chosen(standing.tried)
        if standing.next is not None or place is None:
            return []
        parameters = standing.trials[place].parameters
        return [dataclasses.replace(trial, parameters=parameters) for trial in self.planned[which]]

    def _is_given(self, trial: Trial) -> bool:
        return any(trial.key == planned.key for planned in self.planned[trial.learner, trial.fold])

    def _as_value(self, which: tuple[str, int]) -> dict[str, Any]:
        learner, fold = which
        standing = self.standings[which]
        default = self.planned[which][0]
        spaces = searchable(self.task.learner(learner), default.parameters)
        place = chosen(standing.tried)
        higher = self.task.metrics[self.task.metric].higher_is_better
        return {
            "learner": learner,
            "fold": fold,
            "space": {name: {"kind": type(stated).__name__.lower(), **dataclasses.asdict(stated)}
                      for name, stated in spaces.items()},
            "tried": [
                {
                    "values": dict(each.values),
                    "valid": each.score if higher or each.score is None else -each.score,
                    "gain_low": each.gain_low,
                    "cpu_s": each.cpu_s,
                    "cut_off": each.cut_off,
                    "trial": trial.key,
                }
                for each, trial in zip(standing.tried, standing.trials, strict=True)
            ],
            "best": best(standing.tried),
            "chosen": place,
            "edges": {} if place is None else edges(self.task.learner(learner), standing.tried[place].values),
            "stopped": standing.stopped,
            "n_most": self.experiment.search,
            "budget_s": self.experiment.budget,
            "finals": [trial.key for trial in self._finals(which)],
        }  # fmt: skip
