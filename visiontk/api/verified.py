"""A run directory verified: its fits are made again and compared with what is stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from visiontk.api.single import must_be_run
from visiontk.errors import EXIT_CHECK, EXIT_DONE, ConfigError, ResumeError, unknown
from visiontk.executors import ExecutorName, executor_of
from visiontk.harness.environment import environment
from visiontk.harness.progress import Progress
from visiontk.harness.repeat import ORDER, repeat
from visiontk.harness.store import RunDirectory
from visiontk.registry import get_task

SAID = {
    "identical": "Identical: every score of every fit came out as it is stored, bit by bit.",
    "within tolerance": "Within tolerance: scores differ, but the metric of every fit by no more than {tolerance:g}.",
    "different": "Different: the metric of some fit differs by more than {tolerance:g}.",
    "failed": "Not repeated: some fits failed this time.",
}


@dataclass(frozen=True)
class Verified:
    """What came of fitting everything again.

    Parameters
    ----------
    path : Path
        The run directory.
    values : mapping
        ``outcome`` of the whole run (identical, within tolerance, different or failed), ``tolerance``, ``trials`` with
        what came of each, and ``changed``: packages whose version is another one now, then and now.
    """

    path: Path
    values: Mapping[str, Any]

    @property
    def sentence(self) -> str:
        """The outcome in one sentence."""
        return SAID[self.values["outcome"]].format(tolerance=self.values["tolerance"])

    @property
    def exit_code(self) -> int:
        """0 if what came out is identical or within the tolerance, 8 otherwise."""
        return EXIT_DONE if ORDER.index(self.values["outcome"]) < ORDER.index("different") else EXIT_CHECK


def verify(
    path: str | Path,
    *,
    learners: Collection[str] | None = None,
    executor: ExecutorName = "processes",
    workers: int | None = None,
    show: Callable[[Progress], None] = lambda progress: None,
) -> Verified:
    """Fit again what a run directory holds, and say whether the same comes out.

    Nothing in the directory changes but its ledger: the test part is read again, and that counts.

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
    Verified
        The tolerance is the margin of the run: a difference of no practical importance.

    Raises
    ------
    ConfigError
        If it is no run directory, or a learner has no finished fit there.
    ResumeError
        If nothing has finished, or files are missing or damaged.

    Examples
    --------
    >>> import tempfile, visiontk
    >>> result = visiontk.compare("image_classification", learners=["prior", "logistic"], preset="quick",
    ...                           out=tempfile.mkdtemp(), executor="serial")
    >>> verify(result.path, executor="serial").values["outcome"]
    'identical'
    """
    must_be_run(Path(path))
    store = RunDirectory(Path(path))
    trials = [trial for trial in store.trials() if store.is_done(trial)]
    if not trials:
        raise ResumeError(f"{path}: no fit has finished.", error_id="E-RUN-DAMAGED", hint="Run visiontk compare first.")
    there = list(dict.fromkeys(trial.learner for trial in trials))
    for name in learners or ():
        if name not in there:
            raise unknown("learner", name, there, where="--learners")
    chosen = [trial for trial in trials if learners is None or trial.learner in learners]
    if not chosen:
        raise ConfigError(
            "--learners: nobody is named.", error_id="E-CONFIG-VALUE", hint=f"There are {', '.join(there)}."
        )
    margin = store.read_json("results.json")["margin"] if (store.path / "results.json").exists() else 0.01
    found = repeat(
        chosen,
        store,
        get_task(chosen[0].task),
        tolerance=margin,
        executor=executor_of(executor, workers=workers, threads=chosen[0].threads),
        show=show,
    )
    return Verified(
        store.path,
        {
            "schema": 1,
            "outcome": max((each.outcome for each in found), key=ORDER.index),
            "tolerance": margin,
            "trials": [
                {"trial": each.trial.name, "key": each.trial.key, "learner": each.trial.learner}
                | {name: value for name, value in each._asdict().items() if name != "trial"}
                for each in found
            ],
            "changed": _changed(store),
        },
    )


def _changed(store: RunDirectory) -> dict[str, list[str | None]]:
    """Packages that have another version now: then, now."""
    then, now = store.read_json("environment.json").get("packages", {}), environment()["packages"]
    return {name: [then.get(name), now.get(name)] for name in sorted({*then, *now}) if then.get(name) != now.get(name)}
