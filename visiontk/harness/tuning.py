"""Hyperparameter searches of an experiment, one for each learner and fold, on the validation set of the fold.

The first configuration is the trial of the default with the first seed. Each further one is a trial that does not read
the test set. The chosen configuration is then fitted with every seed and predicts test. All state is in the run
directory: the finished trials determine the state of each search.

Ties go to the default: a configuration replaces it if its gain on valid exceeds one standard error of that gain, with
groups as the unit if the data have them. That is no test, as the best of many gains is taken. One group says nothing
about others, so a search ends at once if valid is a single group.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from visiontk.core import Floats, Task, Trial, about
from visiontk.errors import DataError
from visiontk.harness.experiment import Experiment
from visiontk.harness.outcome import Predictions
from visiontk.harness.search import SearchResult, best, chosen, proposal, stopped
from visiontk.harness.store import RunDirectory
from visiontk.spaces import edges, searchable
from visiontk.stats import bootstrap_weights, difference

SEARCHES = "searches.json"

ONE_STANDARD_ERROR = 0.6827
"""Confidence of an interval of one standard error to either side; with few groups it is wider, by t."""

RESAMPLES = 400
"""Bootstrap resamples of valid: enough to estimate a standard error within about 4 %."""

SearchKey = tuple[str, int]
"""Learner and fold."""


class SearchState(NamedTuple):
    """State of one search.

    It stopped for ``configurations``, ``budget``, ``space`` (exhausted), ``group`` (valid is a single group) or
    ``failed`` (the default could not be fitted); empty while it runs.
    """

    results: list[SearchResult]  # so far, in order; the first is the default
    trials: list[Trial]  # of the results
    next: Trial | None  # must finish before the search continues; None if it is over
    stopped: str


class Tuning:
    """The searches of an experiment; `planned` are the trials of the configured parameters."""

    def __init__(self, experiment: Experiment, task: Task, planned: Sequence[Trial], store: RunDirectory) -> None:
        self.experiment = experiment
        self.task = task
        self.metric = task.metrics[task.metric]
        self.store = store
        self.known: dict[str, SearchResult] = {}
        self.groups = store.groups()
        self.planned: dict[SearchKey, list[Trial]] = {}
        for trial in planned:
            if trial.is_compared and about(task.learner(trial.learner)).family != "floor":
                self.planned.setdefault((trial.learner, trial.fold), []).append(trial)
        self.states = {key: self._state(key) for key in self.planned}

    def waiting(self) -> list[Trial]:
        """Return the unfinished next or final trials of all searches, without those already planned."""
        return [trial for key in self.planned for trial in self._due(key)]

    def then(self, trial: Trial) -> list[Trial]:
        """Return the trials that follow from one that has ended."""
        key = (trial.learner, trial.fold)
        if key not in self.planned:
            return []
        before = self.states[key]
        if before.next is None or before.next.key != trial.key:
            return []
        self.states[key] = self._state(key)
        self.write()
        return self._due(key)

    def n_expected(self) -> Mapping[str, int]:
        """Return the largest possible number of trials still to follow, by learner."""
        n_expected: Counter[str] = Counter()
        for (learner, fold), state in self.states.items():
            if state.next is not None:
                n_more = self.experiment.search - len(state.results) - 1
                n_expected[learner] += n_more + len(self.planned[learner, fold])
        return n_expected

    def finals(self) -> list[Trial]:
        """Return the trials of the chosen configurations of every search that is over."""
        return [trial for key in self.planned for trial in self._finals(key)]

    def write(self) -> None:
        """Write the results, choice and end of each search into the run directory."""
        self.store.write_json(SEARCHES, [self._as_value(key) for key in self.planned])

    def _state(self, key: SearchKey) -> SearchState:
        default = self.planned[key][0]
        spaces = searchable(self.task.learner(default.learner), default.parameters)
        defaults = {name: default.parameters[name] for name in spaces}
        results: list[SearchResult] = []
        trials: list[Trial] = []
        while True:
            if trials and results[0].score is None:
                return SearchState(results, trials, None, "failed")
            if len(trials) == 1 and spaces and self._n_units(self.store.predictions(default)) < 2:
                return SearchState(results, trials, None, "group")
            if reason := stopped(results, n_max=self.experiment.search, budget_s=self.experiment.budget):
                return SearchState(results, trials, None, reason)
            values = proposal(spaces, defaults, results, seed=default.fold)
            if values is None:
                return SearchState(results, trials, None, "space")
            trial = default
            if results:
                trial = dataclasses.replace(default, parameters={**default.parameters, **values}, asks=("valid",))
            result = self._result(trial, values, default)
            if result is None:
                return SearchState(results, trials, trial, "")
            results.append(result)
            trials.append(trial)

    def _result(self, trial: Trial, values: Mapping[str, Any], default: Trial) -> SearchResult | None:
        """Return the result of a trial on valid; None if it has not run."""
        if trial.key in self.known:
            return self.known[trial.key]
        if not self.store.is_done(trial):
            return SearchResult(values, None, 0.0) if self.store.failure(trial) else None
        predictions, cost = self.store.predictions(trial), self.store.cost(trial)
        score = self.metric(predictions.valid_y_true, self._adapted(predictions))
        if not self.metric.higher_is_better:
            score = -score
        low = None if trial.key == default.key else self._gain_low(predictions, self.store.predictions(default))
        self.known[trial.key] = SearchResult(values, score, cost.fit_cpu_s or 0.0, cost.cut_off, low)
        return self.known[trial.key]

    def _adapted(self, predictions: Predictions) -> Floats:
        return self.metric.adapted(predictions.valid_scores, predictions.valid_y_true, predictions.valid_scores)

    def _gain_low(self, predictions: Predictions, default: Predictions) -> float | None:
        """Return the gain over the default on valid minus one standard error; None if the metric is undefined."""
        y, groups = predictions.valid_y_true, self._groups_of(predictions)
        weights = bootstrap_weights(len(y), groups=groups, n_resamples=RESAMPLES)
        scores, default_scores = (self._adapted(each)[np.newaxis] for each in (predictions, default))
        # A choice, not a claim: it may rest on few samples of a class.
        metric = dataclasses.replace(self.metric, by_class=False)
        try:
            gain = difference(metric, y, scores, default_scores, weights, groups, confidence=ONE_STANDARD_ERROR)
        except DataError:
            return None
        return gain.low if self.metric.higher_is_better else -gain.high

    def _groups_of(self, predictions: Predictions) -> Any:
        if self.groups is None:
            return None
        return np.array([self.groups[name] for name in predictions.valid_ids.tolist()])

    def _n_units(self, predictions: Predictions) -> int:
        """Return the number of samples or groups in valid."""
        groups = self._groups_of(predictions)
        return len(predictions.valid_ids) if groups is None else len(np.unique(groups))

    def _due(self, key: SearchKey) -> list[Trial]:
        following = self.states[key].next
        trials = self._finals(key) if following is None else [following]
        planned = {trial.key for trial in self.planned[key]}
        return [trial for trial in trials if trial.key not in planned and not self.store.is_done(trial)]

    def _finals(self, key: SearchKey) -> list[Trial]:
        state = self.states[key]
        index = chosen(state.results)
        if state.next is not None or index is None:
            return []
        parameters = state.trials[index].parameters
        return [dataclasses.replace(trial, parameters=parameters) for trial in self.planned[key]]

    def _as_value(self, key: SearchKey) -> dict[str, Any]:
        state = self.states[key]
        factory = self.task.learner(key[0])
        spaces = searchable(factory, self.planned[key][0].parameters)
        index = chosen(state.results)
        higher = self.metric.higher_is_better
        return {
            "learner": key[0],
            "fold": key[1],
            "space": {name: {"kind": type(space).__name__.lower(), **dataclasses.asdict(space)}
                      for name, space in spaces.items()},
            "tried": [
                {
                    "values": dict(each.values),
                    "valid": each.score if higher or each.score is None else -each.score,
                    "gain_low": each.gain_low,
                    "cpu_s": each.cpu_s,
                    "cut_off": each.cut_off,
                    "trial": trial.key,
                }
                for each, trial in zip(state.results, state.trials, strict=True)
            ],
            "best": best(state.results),
            "chosen": index,
            "edges": {} if index is None else edges(factory, state.results[index].values),
            "stopped": state.stopped,
            "n_most": self.experiment.search,
            "budget_s": self.experiment.budget,
            "finals": [trial.key for trial in self._finals(key)],
        }  # fmt: skip
