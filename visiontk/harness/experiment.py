"""Settings of a comparison: the one declaration of type, range, default and help of each.

A new setting is a new field here; ``python -m visiontk.api.generate`` then rewrites the generated files.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt

from visiontk.harness.setting import Check, Setting, declared

MOST_SEEDS = 1000
SEED_LIMIT = 2**31
PRESET_NAMES = ("quick", "standard", "thorough")
DURATION = r"\s*([0-9]+(?:\.[0-9]+)?)\s*(s|m|h|)\s*"

DATA, COMPARED, EFFORT, JUDGED = (
    "your own folder or table", "what is compared", "effort, the same for every learner", "calibration and decisions",
)  # fmt: skip
"""Headings on the command line."""


def seconds(text: str | float) -> float:
    """Return the seconds of a duration such as ``90``, ``90s``, ``10m`` or ``1.5h``.

    Examples
    --------
    >>> seconds("10m"), seconds(90)
    (600.0, 90.0)
    """
    match = re.fullmatch(DURATION, str(text))
    duration = float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]] if match else 0.0
    if not 0 < duration < math.inf:
        raise ValueError(f"{text!r} is not a duration")
    return duration


def _is_duration(text: str) -> bool:
    try:
        return seconds(text) > 0
    except ValueError:
        return False


def _different(values: list[Any]) -> bool:
    return len(set(values)) == len(values)


def _seeds(value: int | list[int]) -> tuple[int, ...]:
    return tuple(range(value) if isinstance(value, int) else value)


def _presets(quick: Any, standard: Any, thorough: Any) -> dict[str, Any]:
    return dict(zip(PRESET_NAMES, (quick, standard, thorough), strict=True))


Duration = Annotated[
    str,
    Check("a duration such as 90s, 10m or 1h", _is_duration,
          {"pattern": rf"^(?!\s*0+(\.0+)?\s*[smh]?\s*$){DURATION}$"}),
]  # fmt: skip
Seeds = Annotated[
    list[Annotated[int, Ge(0), Lt(SEED_LIMIT)]],
    Check("a list of different whole numbers", lambda seeds: 1 <= len(seeds) <= MOST_SEEDS and _different(seeds),
          {"minItems": 1, "maxItems": MOST_SEEDS, "uniqueItems": True}),
]  # fmt: skip
ClaimText = Annotated[
    str,
    Check("a claim such as network > traditional by 2", bool, {"pattern": "^$|[<>=≥≤＜＞＝]"}),
]  # fmt: skip
Columns = Annotated[
    list[Annotated[str, Check("a name", bool, {"pattern": r"[\s\S]"})]],
    Check("a list of different names of columns", _different, {"uniqueItems": True}),
]


@dataclass(frozen=True)
class Experiment:
    """Settings of a comparison, complete: no default is left open but the number of folds until the data are read.

    Fields without `Setting` belong to the setting above them. `folds` is None until the data are read: then it is the
    number of their published folds, or that of the preset.
    """

    task: Annotated[str, Setting(
        "Task for a folder or table. Default: by the kind of files.", group=COMPARED, metavar="NAME",
    )]  # fmt: skip
    dataset: Annotated[str, Setting(
        "Name of a dataset. Default: the first of the task.",
        more="The first one needs no download.",
        form=str | dict[str, Any], group=COMPARED, metavar="NAME", common=True,
    )]  # fmt: skip
    learners: Annotated[Mapping[str, Mapping[str, Any]], Setting(
        "Learners to compare. Default: chosen by the task.",
        form=list[str] | dict[str, dict[str, Any] | None] | None, group=COMPARED, metavar="A,B", common=True,
    )]  # fmt: skip
    dataset_parameters: Mapping[str, Any] = field(default_factory=dict)
    seeds: Annotated[tuple[int, ...], Setting(
        "Number of seeds, or a list such as 0,1,5.",
        form=Annotated[int, Ge(1), Le(MOST_SEEDS)] | Seeds, convert=_seeds,
        presets=_presets((0,), (0, 1, 2), (0, 1, 2, 3, 4)),
        group=EFFORT, metavar="N", common=True, all_tasks=True,
    )] = (0,)  # fmt: skip
    folds: Annotated[Annotated[int, Ge(1), Le(100)] | None, Setting(
        "Number of folds; 1 holds out a fifth.",
        more="Default: the published split; without one 5 folds, or 1 with the preset quick.",
        presets=_presets(1, 5, 5), group=EFFORT, metavar="N", common=True, all_tasks=True,
    )] = None  # fmt: skip
    preset: Annotated[Literal["quick", "standard", "thorough"], Setting(
        "quick, standard (default) or thorough; sets the rest.",
        more="quick: a rough comparison from 1 seed, 1 fold, 2,000 training samples and 60 CPU s per fit. "
        "standard: 3 seeds, 5 folds, all samples, 10 CPU min. thorough: 5 seeds, 5 folds, and a search: "
        "20 configurations and 30 CPU min per learner and fold.",
        group=EFFORT, metavar="NAME", common=True, all_tasks=True,
    )] = "standard"  # fmt: skip
    budget: Annotated[float, Setting(
        "CPU time per fit, such as 90s, 10m or 1h.",
        more="With a search, of all fits of a learner on a fold.",
        form=Annotated[float, Gt(0)] | Duration, convert=seconds, presets=_presets(60.0, 600.0, 1800.0),
        group=EFFORT, metavar="TIME", common=True, all_tasks=True,
    )] = 600.0  # fmt: skip
    search: Annotated[int, Ge(1), Le(10_000), Setting(
        "Configurations each learner tries on a fold; 1 is none.",
        more="The default configuration is the first. On the validation set ties go to it: the best "
        "configuration is tested if it is ahead of it by more than a standard error. That is no test.",
        presets=_presets(1, 1, 20), group=EFFORT, metavar="N", common=True, all_tasks=True,
    )] = 1  # fmt: skip
    max_train: Annotated[Annotated[int, Ge(2), Le(10**9)] | None, Setting(
        "Largest number of training samples, drawn by class.",
        presets=_presets(2000, None, None), group=EFFORT, metavar="N", all_tasks=True,
    )] = None  # fmt: skip
    curve: Annotated[int, Ge(0), Le(100), Setting(
        "Learning curve: also fit on a half, a quarter, ... of the training set.",
        more="Each smaller training set is drawn N times (3 if no number is given).",
        group=EFFORT, metavar="N", bare=3, all_tasks=True,
    )] = 0  # fmt: skip
    negative_control: Annotated[bool, Setting(
        "Also fit every learner on shuffled labels, where none should be ahead of chance.",
        more="One more fit of each learner and fold, with the first seed; whole groups are shuffled together. A family "
        "ahead of chance is a sign that labels of the test set reach a learner.",
        group=EFFORT, all_tasks=True,
    )] = False  # fmt: skip
    threads: Annotated[int, Ge(1), Le(1024), Setting(
        "Threads per fit. Default: 1.", group=EFFORT, metavar="N", all_tasks=True,
    )] = 1  # fmt: skip
    imbalance: Annotated[Literal["none", "balanced"] | None, Setting(
        "none, or balanced: the same total weight for every class.",
        more="For every learner alike; by default as each learner has it.",
        group=JUDGED, metavar="POLICY", all_tasks=True,
    )] = None  # fmt: skip
    reference: Annotated[str, Setting(
        "Learner that the others are compared with.",
        more="Default: the traditional one that is best on the validation set.",
        group=COMPARED, metavar="NAME", common=True,
    )] = "best classical"  # fmt: skip
    claim: Annotated[str, Setting(
        'Claim to answer first, such as "network > traditional by 2".',
        more='"A > B by X": A is better by more than X. "A >= B within X": A is worse by less than X. "A = B within '
        'X": they differ by less than X. X is in points for metrics between 0 and 1; A and B are network, pretrained, '
        "traditional or learners. It is stored before the test set is read; one stated later is marked as exploratory.",
        form=ClaimText, group=COMPARED, metavar="CLAIM", common=True,
    )] = ""  # fmt: skip
    margin: Annotated[Annotated[float, Ge(0), Lt(1)] | None, Setting(
        "Difference too small to matter, such as 0.01.",
        more="Default: one point, but at most half of the reference's error on the validation set, and at least one "
        "test sample; of metrics that are not best at 1 what they state.",
        group=JUDGED, metavar="X", all_tasks=True,
    )] = None  # fmt: skip
    calibration: Annotated[Literal["none", "temperature", "isotonic"], Setting(
        "Calibration of the scores on the validation set: none, temperature or isotonic.",
        more="For every learner alike. Default: none; the report shows the effect of each.",
        group=JUDGED, metavar="METHOD", all_tasks=True,
    )] = "none"  # fmt: skip
    threshold: Annotated[Literal["largest", "youden"] | Annotated[float, Gt(0), Le(1)], Setting(
        "Decision threshold for two classes: largest, youden, or a sensitivity.",
        more="A number, such as 0.95, is the sensitivity required on the validation set. Default: largest.",
        group=JUDGED, metavar="WHERE",
    )] = "largest"  # fmt: skip
    keep: Annotated[Literal["best", "all", "none"], Setting(
        "Fitted models to keep: best (default), all or none.",
        more="best: of each family but floors the learner that was chosen most often, its fit of the first fold and "
        "seed. They are in the folder models of the run directory, as data that cannot run code.",
        group=EFFORT, metavar="WHICH", all_tasks=True,
    )] = "best"  # fmt: skip
    slices: Annotated[tuple[str, ...], Setting(
        "Also show results by this column, such as scanner. May be repeated.",
        more="No learner sees it.",
        form=Columns, convert=tuple, group=DATA, metavar="COLUMN", option="slice",
    )] = ()  # fmt: skip
    learners_named: bool = True  # False until the data are read, which then decide on further learners

    def as_document(self) -> dict[str, Any]:
        """Return the experiment as the YAML document that repeats it."""
        value = dataclasses.asdict(self)
        document: dict[str, Any] = {"task": value.pop("task")}
        document["dataset"] = {"name": value.pop("dataset"), **value.pop("dataset_parameters")}
        value.pop("learners_named")
        document["learners"] = {name: dict(parameters) for name, parameters in value.pop("learners").items()}
        return document | {**value, "seeds": list(self.seeds), "slices": list(self.slices)}


@dataclass(frozen=True)
class UserDataOptions:
    """Columns of a folder or table of the user; they become parameters of its dataset."""

    label: Annotated[str | None, Setting(
        "Column with the classes.", more="Of folders: folder:1 (the outermost ones), folder:2 (those in them).",
        group=DATA, metavar="COLUMN", common=True,
    )] = None  # fmt: skip
    group: Annotated[str | None, Setting(
        "Column of what belongs together, such as person; or none.",
        more="Samples of one group are never in both training and test set. Of the names of files: name:2 (their "
        "second part), name (without the last number), folder or folder:1.",
        group=DATA, metavar="COLUMN", common=True,
    )] = None  # fmt: skip
    split: Annotated[str | None, Setting(
        "Column with train, valid and test, or folds; or none.",
        more="Of folders: folder:1 (the outermost ones), folder:2 (those in them); none puts all parts together.",
        group=DATA, metavar="COLUMN", common=True,
    )] = None  # fmt: skip
    time: Annotated[str | None, Setting(
        "Column with dates: the latest fifth is the test set.", group=DATA, metavar="COLUMN",
    )] = None  # fmt: skip
    text: Annotated[str | None, Setting("Column with the texts.", group=DATA, metavar="COLUMN")] = None
    path: Annotated[str | None, Setting("Column with the names of the files.", group=DATA, metavar="COLUMN")] = None
    files: Annotated[str | None, Setting(
        "Folder of the files that a table names.",
        more="Default: that of the table; the folders in it, around it and beside it are tried. With --predictions or "
        "--also: of files called like the ids of the samples, to be shown.",
        group=DATA, metavar="DIR",
    )] = None  # fmt: skip


SETTINGS = declared(Experiment)
"""Settings of a config, by key."""

USER_DATA = declared(UserDataOptions)
"""Settings of a folder or table of the user, by name."""

PRESETS: dict[str, dict[str, Any]] = {
    preset: {name: each.setting.presets[preset] for name, each in SETTINGS.items() if each.setting.presets}
    for preset in PRESET_NAMES
}
"""Values that a preset sets, for all learners alike; its folds are for data without a published split."""

ALL_TASKS = tuple(name for name, each in SETTINGS.items() if each.setting.all_tasks)
"""Settings that mean the same for every task."""
