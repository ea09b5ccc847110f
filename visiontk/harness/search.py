"""Hyperparameter search: proposals, stopping rule and choice, as functions of the results so far.

The next proposal follows from the space, the seed and the results so far, so an interrupted search resumes where it
stopped. The default configuration is evaluated first and replaced only by one ahead by a standard error on
valid.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from visiontk.errors import EnvironmentFault
from visiontk.spaces import Categorical, Space

MAX_REPEATS = 25
"""Consecutive proposals already evaluated after which the space counts as exhausted."""

Values = Mapping[str, Any]


class SearchResult(NamedTuple):
    """An evaluated configuration: its values, its score on valid (higher is better), its cost.

    ``score`` is None if the fit failed. ``gain_low`` is the gain over the default on valid minus one standard error;
    None for the default itself and if the gain is unknown.
    """

    values: Values
    score: float | None
    cpu_s: float
    cut_off: bool = False
    gain_low: float | None = None


def best(results: Sequence[SearchResult]) -> int | None:
    """Return the index of the best result on valid, the first of equals; None if none has a score.

    Examples
    --------
    >>> scores = [0.8, 0.9, 0.9, None]
    >>> best([SearchResult({"c": c}, score, cpu_s=1.0) for c, score in enumerate(scores)])
    1
    """
    scored = [i for i, each in enumerate(results) if each.score is not None and math.isfinite(each.score)]
    return max(scored, key=lambda i: (results[i].score, -i), default=None)


def chosen(results: Sequence[SearchResult]) -> int | None:
    """Return the index of the result to test: the best one over a standard error above the default, else the default.

    The best of many is partly the luckiest: chosen by its score alone it often does worse on test than the default.
    This is the one-standard-error rule [1]_ for the paired difference. It breaks ties in favour of the default and is
    not a test: of 20 equally good configurations it replaces the default in about 64 % of searches. Without a score of
    the default, the best is chosen.

    References
    ----------
    .. [1] Breiman, Friedman, Olshen and Stone (1984), Classification and regression trees, Wadsworth, section 3.4.3.
    """
    top = best(results)
    if top is None or results[0].score is None or not math.isfinite(results[0].score):
        return top
    better = [i for i, each in enumerate(results) if each.gain_low is not None and each.gain_low > 0]
    top = best([results[i] for i in better])
    return 0 if top is None else better[top]


def stopped(results: Sequence[SearchResult], *, n_max: int, budget_s: float) -> str:
    """Return why the search stops, or an empty string.

    No configuration is started that would likely exceed the budget: the most expensive one so far must still fit in.

    Examples
    --------
    >>> results = [SearchResult({}, 0.8, 10.0)]
    >>> stopped(3 * results, n_max=3, budget_s=600), stopped(results, n_max=3, budget_s=15)
    ('configurations', 'budget')
    """
    if len(results) >= n_max:
        return "configurations"
    if results and sum(each.cpu_s for each in results) + max(each.cpu_s for each in results) > budget_s:
        return "budget"
    return ""


def proposal(
    spaces: Mapping[str, Space], defaults: Values, results: Sequence[SearchResult], *, seed: int
) -> Values | None:
    """Return the next configuration to evaluate; None if the space is exhausted.

    The default values come first, even if outside the space; then the tree-structured Parzen estimator [1]_ of Optuna
    [2]_, which starts with ten random configurations.

    References
    ----------
    .. [1] Bergstra, Bardenet, Bengio and Kegl (2011), Algorithms for hyper-parameter optimization, NIPS.
    .. [2] Akiba, Sano, Yanase, Ohta and Koyama (2019), Optuna: a next-generation hyperparameter optimization
       framework, KDD.

    Examples
    --------
    >>> spaces = {"kernel": Categorical(("linear", "rbf"))}
    >>> first = proposal(spaces, {"kernel": "linear"}, [], seed=0)
    >>> second = proposal(spaces, {"kernel": "linear"}, [SearchResult(first, 0.8, 1.0)], seed=0)
    >>> first, second
    ({'kernel': 'linear'}, {'kernel': 'rbf'})
    """
    if not results:
        return dict(defaults)
    if not spaces:
        return None
    optuna = _optuna()
    # Seeded by the number of results, so that the proposal follows from the arguments alone.
    sampler = optuna.samplers.TPESampler(seed=seed * 1_000_003 + len(results))
    study = optuna.create_study(direction="maximize", sampler=sampler)
    ranges = {name: _distribution(space) for name, space in spaces.items()}
    for each in results:
        study.add_trial(_as_trial(each, spaces, ranges))
    seen = {_key(each.values) for each in results}
    for _ in range(MAX_REPEATS):
        suggestion = study.ask(ranges)
        values = {name: _decoded(space, suggestion.params[name]) for name, space in spaces.items()}
        if _key(values) not in seen:
            return values
        study.tell(suggestion, state=optuna.trial.TrialState.FAIL)
    return None


def _optuna() -> Any:
    # Importing takes half a second, only spent in runs with a search.
    try:
        import optuna
    except ImportError as error:
        raise EnvironmentFault(
            "A hyperparameter search needs the package optuna.", error_id="E-ENV-PACKAGE", hint="pip install optuna"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _distribution(space: Space) -> Any:
    optuna = _optuna()
    if isinstance(space, Categorical):
        # By index: Optuna accepts no lists, and treats 1, 1.0 and True as equal.
        return optuna.distributions.CategoricalDistribution(tuple(range(len(space.values))))
    kind = optuna.distributions.IntDistribution if space.is_integer else optuna.distributions.FloatDistribution
    return kind(space.low, space.high, log=space.log)


def _as_trial(result: SearchResult, spaces: Mapping[str, Space], ranges: Mapping[str, Any]) -> Any:
    """Convert a result to a trial of Optuna, without values outside of the space, such as some defaults."""
    optuna = _optuna()
    inside = {name: result.values[name] for name, space in spaces.items() if result.values.get(name) in space}
    return optuna.trial.create_trial(
        params={name: _encoded(spaces[name], value) for name, value in inside.items()},
        distributions={name: ranges[name] for name in inside},
        value=result.score,
        state=optuna.trial.TrialState.FAIL if result.score is None else optuna.trial.TrialState.COMPLETE,
    )


def _encoded(space: Space, value: Any) -> Any:
    return space.values.index(value) if isinstance(space, Categorical) else value


def _decoded(space: Space, value: Any) -> Any:
    if isinstance(space, Categorical):
        return space.values[value]
    # Rounded to four digits, enough for a search and easy to copy into a config.
    return value if space.is_integer else min(max(float(f"{value:.4g}"), float(space.low)), float(space.high))


def _key(values: Values) -> str:
    return json.dumps(dict(values), sort_keys=True, default=repr)
