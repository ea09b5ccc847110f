"""Verification of a run directory: its fits are repeated and compared with the stored predictions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from visiontk.api.predictions_task import is_predictions_run
from visiontk.api.run_result import must_be_run
from visiontk.errors import EXIT_CHECK, EXIT_DONE, ConfigError, ResumeError, unknown
from visiontk.executors import ExecutorName, executor_of
from visiontk.harness.environment import environment
from visiontk.harness.progress import Progress
from visiontk.harness.repeat import ORDER, repeat
from visiontk.harness.store import RunDirectory
from visiontk.registry import get_task

SENTENCES = {
    "identical": "Identical: every score of every fit equals the stored one, bit by bit.",
    "within tolerance": "Within tolerance: scores differ, but the metric of every fit by no more than {tolerance:g}.",
    "different": "Different: the metric of some fit differs by more than {tolerance:g}.",
    "failed": "Failed: some fits could not be repeated.",
}


@dataclass(frozen=True)
class Verification:
    """Result of repeating the fits of a run.

    Values are ``outcome`` of the whole run (identical, within tolerance, different or failed), ``tolerance``,
    ``trials`` with the outcome of each, and ``changed``: packages with another version, before and now.
    """

    path: Path
    values: Mapping[str, Any]

    @property
    def sentence(self) -> str:
        """The outcome in one sentence."""
        return SENTENCES[self.values["outcome"]].format(tolerance=self.values["tolerance"])

    @property
    def exit_code(self) -> int:
        """0 if the predictions are identical or within the tolerance, 8 otherwise."""
        return EXIT_DONE if ORDER.index(self.values["outcome"]) < ORDER.index("different") else EXIT_CHECK


def verify(
    path: str | Path,
    *,
    learners: Collection[str] | None = None,
    executor: ExecutorName = "processes",
    workers: int | None = None,
    show: Callable[[Progress], None] = lambda progress: None,
) -> Verification:
    """Repeat the fits of a run directory and compare the predictions.

    Nothing in the directory changes but its ledger, which counts that the test set is read again.

    Parameters
    ----------
    path : str or Path
        A run directory.
    learners : collection of str, optional
        Only these.
    executor : {"processes", "serial"}
        Worker processes, or this process.
    workers : int, optional
        By default as many as processors divided by threads.
    show : callable, optional
        Called with `Progress` about twice a second.

    Returns
    -------
    Verification
        The tolerance is the margin of the run: a difference of no practical importance.

    Raises
    ------
    ConfigError
        If it is not a run directory, or a learner has no finished fit there.
    ResumeError
        If nothing has finished, or files are missing or damaged.
    """
    must_be_run(Path(path))
    if is_predictions_run(path):
        raise ConfigError(
            f"{path}: holds predictions of models that were fitted elsewhere; nothing can be fitted again.",
            error_id="E-RUN-PATH",
            hint="visiontk report computes its results again.",
        )
    store = RunDirectory(Path(path))
    trials = [trial for trial in store.trials() if store.is_done(trial)]
    if not trials:
        raise ResumeError(f"{path}: no fit has finished.", error_id="E-RUN-DAMAGED", hint="Run visiontk compare first.")
    present = list(dict.fromkeys(trial.learner for trial in trials))
    for name in learners or ():
        if name not in present:
            raise unknown("learner", name, present, where="--learners")
    chosen = [trial for trial in trials if learners is None or trial.learner in learners]
    if not chosen:
        raise ConfigError(
            "--learners: no name given.", error_id="E-CONFIG-VALUE", hint=f"There are {', '.join(present)}."
        )
    margin = store.read_json("results.json")["margin"] if (store.path / "results.json").exists() else 0.01
    repeated = repeat(
        chosen,
        store,
        get_task(chosen[0].task),
        tolerance=margin,
        executor=executor_of(executor, workers=workers, threads=chosen[0].threads),
        show=show,
    )
    return Verification(
        store.path,
        {
            "schema": 1,
            "outcome": max((each.outcome for each in repeated), key=ORDER.index),
            "tolerance": margin,
            "trials": [
                {"trial": each.trial.name, "key": each.trial.key, "learner": each.trial.learner}
                | {name: value for name, value in each._asdict().items() if name != "trial"}
                for each in repeated
            ],
            "changed": _changed(store),
        },
    )


def _changed(store: RunDirectory) -> dict[str, list[str | None]]:
    """Return packages that have another version now: before and now."""
    before, now = store.read_json("environment.json").get("packages", {}), environment()["packages"]
    return {
        name: [before.get(name), now.get(name)] for name in sorted({*before, *now}) if before.get(name) != now.get(name)
    }
