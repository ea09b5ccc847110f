"""Comparison across several finished runs: learners that ran in all of them, ranked and tested."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from visiontk.api.all_tasks_result import is_combined
from visiontk.api.run_result import must_be_run, open_single
from visiontk.errors import EXIT_DONE, EXIT_PARTIAL, ConfigError
from visiontk.harness.files import write_file
from visiontk.report.evidence.view import View
from visiontk.report.formatting import visible
from visiontk.report.pages.ranking import render_ranking
from visiontk.report.several.ranking import rank_learners
from visiontk.report.several.records import Ranking

if TYPE_CHECKING:
    import pandas as pd

PAIRS = ("learner", "other", "rank_difference", "n", "p_value", "p_adjusted", "verdict")


@dataclass(frozen=True, repr=False)
class RankingResult:
    """Ranks and tests of the learners that ran in all of several runs.

    Parameters
    ----------
    values : Ranking
        Sentence, ranks and tests; see ``docs/run-directory.md``.
    """

    values: Ranking

    def __repr__(self) -> str:
        return f"<RankingResult {len(self.values['runs'])} runs: {visible(self.sentence)}>"

    @property
    def sentence(self) -> str:
        """The outcome of the tests in one sentence."""
        return self.values["headline"]["sentence"]

    @property
    def exit_code(self) -> int:
        """0 if every trial of every run is done, 5 otherwise."""
        return EXIT_DONE if self.values["complete"] else EXIT_PARTIAL

    def table(self) -> pd.DataFrame:
        """One row per learner, by rising mean rank.

        Returns
        -------
        DataFrame
            Columns ``learner``, ``family``, ``mean_rank``, and for each run the name of its data, with the value there,
            and ``<name>_rank``.
        """
        import pandas as pd

        labels = [row["label"] for row in self.values["runs"]]
        rows = [
            {"learner": row["name"], "family": row["family"], "mean_rank": row["mean_rank"]}
            | dict(zip(labels, row["values"], strict=True))
            | {f"{label}_rank": rank for label, rank in zip(labels, row["ranks"], strict=True)}
            for row in self.values["learners"]
        ]
        return pd.DataFrame(rows)

    def verdicts(self) -> pd.DataFrame:
        """One row per pair of learners.

        Returns
        -------
        DataFrame
            Columns ``learner`` (the one with the smaller mean rank), ``other``, ``rank_difference``, ``n`` (datasets
            on which they differ), ``p_value`` (signed ranks), ``p_adjusted`` (Holm), ``verdict``.
        """
        import pandas as pd

        return pd.DataFrame(self.values["pairs"], columns=list(PAIRS))

    def report(self, path: str | Path = "across.html") -> Path:
        """Write the page, one HTML file."""
        target = Path(path)
        write_file(target, render_ranking(self.values))
        return target


def across(paths: Sequence[str | Path], *, metric: str = "") -> RankingResult:
    """Rank the learners of several finished runs and test whether they differ; nothing is trained.

    Parameters
    ----------
    paths : sequence of path-like
        Run directories on three or more datasets, with three or more learners that ran in all of them.
    metric : str
        For all runs; by default that of each.

    Raises
    ------
    ConfigError
        If a path is not a run directory, there are too few learners or datasets, two runs on the same data, or no
        such metric.
    ResumeError
        If files of a run directory are missing or damaged.
    """
    runs = []
    for path in map(Path, paths):
        if is_combined(path):
            raise ConfigError(
                f"{path}: holds several tasks.",
                error_id="E-REPORT-ALL",
                hint="Name the folders of the tasks in it, each of which is a dataset.",
            )
        must_be_run(path)
        try:
            runs.append((str(path), open_single(path, View(metric)).values))
        except ConfigError as error:
            raise ConfigError(f"{path}: {error.message}", error_id=error.error_id, hint=error.hint) from error
    words = ["visiontk", "report", *(folder for folder, _ in runs), *(["--metric", metric] if metric else [])]
    return RankingResult(rank_learners(runs, metric=metric, command=shlex.join(words)))
