"""The search for parameters: one engine for both families, a function of what was tried so far.

A search proposes a configuration, sees what it reached on valid, proposes the next. It has no memory of its own: given
the space, the seed and the list of what was tried, the next proposal is always the same, so an interrupted search goes
on where it stopped. The default configuration is always the first, and is left only for what is surely better on valid.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from visiontk.errors import EnvironmentFault
from visiontk.spaces import Among, Space

REPEATS = 25
"""Proposals in a row that were tried before, after which the space counts as exhausted."""

Values = Mapping[str, Any]


class SearchResult(NamedTuple):
    """A configuration that was tried: its searched values, its score on valid (more is better), its cost.

    ``score`` is None where the fit failed. ``gain_low`` is the lower end of the gain over the default on valid, one
    standard error below what was measured; None for the default itself and where the gain is not known.
    """

    values: Values
    score: float | None
    cpu_s: float
    cut_off: bool = False
    gain_low: float | None = None


def best(tried: Sequence[SearchResult]) -> int | None:
    """Position of the best on valid, the first of equals; None if nothing could be scored.

    Examples
    --------
    >>> scores = [0.8, 0.9, 0.9, None]
    >>> best([SearchResult({"c": c}, score, cpu_s=1.0) for c, score in enumerate(scores)])
    1
    """
    scored = [i for i, each in enumerate(tried) if each.score is not None and math.isfinite(each.score)]
    return max(scored, key=lambda i: (tried[i].score, -i), default=None)


def chosen(tried: Sequence[SearchResult]) -> int | None:
    """Position of what is tested: the default, or the best that surpasses it by more than a standard error on valid.

    The best of many is partly the luckiest: chosen by its score alone it often does worse on test than the
    default. The threshold is that of the rule of one standard error [1]_, for the paired difference; where the default
    could not be scored, the best is taken.

    References
    ----------
    .. [1] Breiman, Friedman, Olshen and Stone (1984), Classification and regression trees, Wadsworth, section 3.4.3.

    Examples
    --------
    >>> tried = [SearchResult({}, 0.8, 1.0), SearchResult({"c": 2}, 0.82, 1.0, gain_low=-0.01)]
    >>> chosen(tried), chosen([*tried, SearchResult({"c": 3}, 0.81, 1.0, gain_low=0.002)])
    (0, 2)
    """
    found = best(tried)
    if found is None or tried[0].score is None or not math.isfinite(tried[0].score):
        return found
    sure = [i for i, each in enumerate(tried) if each.gain_low is not None and each.gain_low > 0]
    among = best([tried[i] for i in sure])
    return 0 if among is None else sure[among]


def stopped(tried: Sequence[SearchResult], *, n_most: int, budget_s: float) -> str:
    """Why no further configuration is tried, or an empty text.

    None is begun that would likely overrun the budget: the dearest so far must still fit.

    Examples
    --------
    >>> tried = [SearchResult({}, 0.8, 10.0)]
    >>> stopped(3 * tried, n_most=3, budget_s=600), stopped(tried, n_most=3, budget_s=15)
    ('configurations', 'budget')
    """
    if len(tried) >= n_most:
        return "configurations"
    if tried and sum(each.cpu_s for each in tried) + max(each.cpu_s for each in tried) > budget_s:
        return "budget"
    return ""


def proposal(
    spaces: Mapping[str, Space], defaults: Values, tried: Sequence[SearchResult], *, seed: int
) -> Values | None:
    """The next configuration to try, None where the space has nothing new.

    A tree-structured Parzen estimator [1]_ as Optuna [2]_ has it, which begins with ten random draws.

    Parameters
    ----------
    spaces : mapping of str to Space
        What is searched for.
    defaults : mapping
        Value of each of these by default; tried first, whether or not it lies in its space.
    tried : sequence of SearchResult
        So far, in order.
    seed : int
        Of the draws.

    Raises
    ------
    EnvironmentFault
        ``E-ENV-PACKAGE`` without Optuna.

    References
    ----------
    .. [1] Bergstra, Bardenet, Bengio and Kegl (2011), Algorithms for hyper-parameter optimization, NIPS.
    .. [2] Akiba, Sano, Yanase, Ohta and Koyama (2019), Optuna: a next-generation hyperparameter optimization
       framework, KDD.

    Examples
    --------
    >>> spaces = {"kernel": Among(("linear", "rbf"))}
    >>> first = proposal(spaces, {"kernel": "linear"}, [], seed=0)
    >>> second = proposal(spaces, {"kernel": "linear"}, [SearchResult(first, 0.8, 1.0)], seed=0)
    >>> first, second
    ({'kernel': 'linear'}, {'kernel': 'rbf'})
    """
    if not tried:
        return dict(defaults)
    if not spaces:
        return None
    optuna = _optuna()
    # Seeded by how much is known, so that the proposal follows from the arguments alone.
    sampler = optuna.samplers.TPESampler(seed=seed * 1_000_003 + len(tried))
    study = optuna.create_study(direction="maximize", sampler=sampler)
    ranges = {name: _distribution(stated) for name, stated in spaces.items()}
    for each in tried:
        study.add_trial(_as_trial(each, spaces, ranges))
    seen = {_key(each.values) for each in tried}
    for _ in range(REPEATS):
        asked = study.ask(ranges)
        values = {name: _decoded(stated, asked.params[name]) for name, stated in spaces.items()}
        if _key(values) not in seen:
            return values
        study.tell(asked, state=optuna.trial.TrialState.FAIL)
    return None


def _optuna() -> Any:
    # Half a second, which a run without a search need not wait for.
    try:
        import optuna
    except ImportError as error:
        raise EnvironmentFault(
            "A search for parameters needs the package optuna.", error_id="E-ENV-PACKAGE", hint="pip install optuna"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _distribution(stated: Space) -> Any:
    optuna = _optuna()
    if isinstance(stated, Among):
        # By position: Optuna takes no lists, and compares 1, 1.0 and True as equals.
        return optuna.distributions.CategoricalDistribution(tuple(range(len(stated.values))))
    kind = optuna.distributions.IntDistribution if stated.whole else optuna.distributions.FloatDistribution
    return kind(stated.low, stated.high, log=stated.log)


def _as_trial(each: SearchResult, spaces: Mapping[str, Space], ranges: Mapping[str, Any]) -> Any:
    """What was tried as Optuna knows it; values outside of the space, as a default may have, are left out."""
    optuna = _optuna()
    inside = {name: each.values[name] for name, stated in spaces.items() if each.values.get(name) in stated}
    return optuna.trial.create_trial(
        params={name: _encoded(spaces[name], value) for name, value in inside.items()},
        distributions={name: ranges[name] for name in inside},
        value=each.score,
        state=optuna.trial.TrialState.FAIL if each.score is None else optuna.trial.TrialState.COMPLETE,
    )


def _encoded(stated: Space, value: Any) -> Any:
    return stated.values.index(value) if isinstance(stated, Among) else value


def _decoded(stated: Space, value: Any) -> Any:
    if isinstance(stated, Among):
        return stated.values[value]
    # Seventeen digits say nothing that four do not; whoever copies them into a config is thankful.
    return value if stated.whole else min(max(float(f"{value:.4g}"), float(stated.low)), float(stated.high))


def _key(values: Values) -> str:
    return json.dumps(dict(values), sort_keys=True, default=repr)
