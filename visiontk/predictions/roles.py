"""Recognition of columns by name and content: id, truth, classes or scores, group, fits and costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from visiontk.errors import ConfigError, did_you_mean
from visiontk.messages import printable
from visiontk.predictions.frame import Frame
from visiontk.predictions.role_names import CONFIDENCES, EITHER, GROUPS, NAMES, PREFIXES, base, class_in, plain, suffix

COSTS = ("fit_s", "predict_ms", "n_parameters", "size_bytes")
ROLES = ("id", "truth", "prediction", "scores", "score", "group", "seed", "fold", *COSTS)
NONE = "none"
_PEEK = 1000


class Choice(NamedTuple):
    """A recognised or stated column: its role, name, the reason, and the option that overrides it."""

    what: str
    value: str
    why: str
    option: str = ""


@dataclass(frozen=True)
class Roles:
    """The columns of a table by role.

    Parameters
    ----------
    id, truth, prediction, score, group, seed, fold : str
        Name of the column; empty if there is none.
    scores : tuple of (str, str)
        Column and class of each score. A column of two dimensions stands alone, with an empty class.
    positive : str
        Class that `score` belongs to, where its name says so.
    is_confidence : bool
        True if `score` belongs to the predicted class.
    costs : mapping of str to str
        Column by kind of cost.
    choices : tuple of Choice
        All of this, to be listed.
    """

    id: str = ""
    truth: str = ""
    prediction: str = ""
    scores: tuple[tuple[str, str], ...] = ()
    score: str = ""
    positive: str = ""
    is_confidence: bool = False
    group: str = ""
    seed: str = ""
    fold: str = ""
    costs: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()


def recognise(frame: Frame, stated: Mapping[str, str], *, labels: Sequence[str] = (), has_truth: bool = False) -> Roles:
    """Return the columns of a table by role.

    Parameters
    ----------
    frame : Frame
        The table.
    stated : mapping of str to str
        Columns by role as the user states them; ``none`` for no such column; ``scores`` names several, separated by
        commas, or the beginning of their names. A column that this table does not have is passed over.
    labels : sequence of str
        Classes, if they are known from elsewhere.
    has_truth : bool
        True if the true classes are in another table.

    Raises
    ------
    ConfigError
        ``E-PREDICTIONS-COLUMN`` if no column or several could be the predictions, the truth or the group.

    Examples
    --------
    >>> frame = Frame("a.csv", {"image": ["a", "b"], "label": ["0", "1"], "prob": ["0.2", "0.9"]}, [2, 3])
    >>> roles = recognise(frame, {})
    >>> roles.id, roles.truth, roles.score
    ('image', 'label', 'prob')
    """
    for role in stated:
        if role not in ROLES:
            raise ConfigError(
                f"column {role}: no such role. {did_you_mean(role, ROLES)}", error_id="E-PREDICTIONS-COLUMN"
            )
    return _Recogniser(frame, stated, labels, has_truth).roles()


def recognise_truth(frame: Frame, stated: Mapping[str, str]) -> Roles:
    """Return the columns of a table of true classes: id, truth, group.

    Raises
    ------
    ConfigError
        ``E-PREDICTIONS-COLUMN`` if no column or several could be the truth.

    Examples
    --------
    >>> recognise_truth(Frame("truth.csv", {"id": ["a", "b"], "class": ["0", "1"]}, [2, 3]), {}).truth
    'class'
    """
    return _Recogniser(frame, stated, (), has_truth=False).truth_roles()


class _Recogniser:
    """State of the recognition of one table: the columns that are still free, and the choices made."""

    def __init__(self, frame: Frame, stated: Mapping[str, str], labels: Sequence[str], has_truth: bool) -> None:
        self.frame = frame
        self.stated = stated
        self.labels = labels
        self.has_truth = has_truth
        self.free = dict.fromkeys(frame.columns)
        self.choices: list[Choice] = []

    def roles(self) -> Roles:
        seed, fold = self.simple("seed"), self.simple("fold")
        ident = self.simple("id")
        if not ident and self.stated.get("id") != NONE and "name" in self.free and self.is_unique("name"):
            ident = self.take("id", "name", "its values are unique")
        truth = self.simple("truth")
        self.refuse_several_labels(truth)
        costs = {kind: name for kind in COSTS if (name := self.simple(kind))}
        group = self.group()
        prediction = self.simple("prediction")
        scores = self.scores(truth)
        score, positive = ("", "") if scores else self.single_score(truth)
        truth, prediction = self.either(truth, prediction, scores, score)
        is_confidence = bool(score and prediction and self.is_confidence(score, prediction))
        if not (prediction or scores or score):
            raise self.unrecognised()
        self.describe(ident)
        if self.free:
            self.choices.append(Choice("columns not used", _listed(self.free), "no role", ""))
        return Roles(
            ident, truth, prediction, scores, score, positive, is_confidence, group, seed, fold, costs,
            tuple(self.choices),
        )  # fmt: skip

    def truth_roles(self) -> Roles:
        ident, truth = self.simple("id"), self.simple("truth")
        self.refuse_several_labels(truth)
        if not truth:
            names = [name for name in self.free if plain(name) in EITHER]
            names.sort(key=lambda name: EITHER.index(plain(name)))
            names = names or (list(self.free) if len(self.free) == 1 else [])
            if not names:
                raise ConfigError(
                    f"{self.frame.where}: no column looks like the true class. Columns: {_listed(self.frame.columns)}.",
                    error_id="E-PREDICTIONS-COLUMN",
                    hint="Name it with --column truth=NAME.",
                )
            truth = self.take("truth", names[0], "by its name")
        group = self.group()
        self.describe(ident)
        return Roles(ident, truth, group=group, choices=tuple(self.choices))

    def take(self, role: str, name: str, why: str) -> str:
        """Give a free column its role."""
        self.free.pop(name, None)
        self.choices.append(Choice(role, name, why, "" if why == "as stated" else f"--column {role}=NAME"))
        return name

    def simple(self, role: str) -> str:
        """Return the column that is stated for a role, or the first one with a known name; empty for none."""
        name = self.stated.get(role, "")
        if name:
            return self.take(role, name, "as stated") if name != NONE and name in self.free else ""
        by_name = sorted(
            (name for name in self.free if plain(name) in NAMES[role]),
            key=lambda name: NAMES[role].index(plain(name)),
        )
        if role == "score":
            by_name = [name for name in by_name if self.is_numeric(name)]
        if role in ("seed", "fold"):
            by_name = [name for name in by_name if len(set(self.frame.texts(name))) > 1]
        if role == "prediction" and len(by_name) > 1 and self.labels:
            by_name = [name for name in by_name if set(self.frame.texts(name)) <= set(self.labels)] or by_name
        return self.take(role, by_name[0], "by its name") if by_name else ""

    def group(self) -> str:
        name = self.stated.get("group", "")
        if name:
            return self.take("group", name, "as stated") if name != NONE and name in self.free else ""
        names = [name for name in self.free if base(name) in GROUPS and not self.is_unique(name)]
        if len(names) > 1:
            raise self.ambiguous("group", names, "belong together, so that they count once")
        if not names:
            return ""
        n = len(set(self.frame.texts(names[0])))
        return self.take("group", names[0], f"by its name; {n:,} groups")

    def scores(self, truth: str) -> tuple[tuple[str, str], ...]:
        """Return the columns with the score of one class each."""
        stated = self.stated.get("scores", "")
        if stated == NONE or self.stated.get("score", NONE) in self.free:
            return ()
        if stated:
            return self.stated_scores(stated)
        wide = [name for name in self.free if getattr(self.frame.columns[name], "ndim", 1) == 2]
        if wide:
            wide.sort(key=lambda name: "score" not in name and "prob" not in name)
            return ((self.take("scores", wide[0], "one row of scores per sample"), ""),)
        for prefix in PREFIXES:
            parts = {name: suffix(name, prefix) for name in self.free}
            named = [(name, part) for name, part in parts.items() if part and self.is_numeric(name)]
            if len(named) > 1:
                return self.take_scores(named, "the names end with the classes")
        labels = self.labels or (sorted(set(self.frame.texts(truth))) if truth else ())
        named = [(name, name) for name in self.free if name in labels and self.is_numeric(name)]
        if len(named) > 1 and len(named) == len(labels):
            return self.take_scores(named, "they are called like the classes")
        return ()

    def stated_scores(self, stated: str) -> tuple[tuple[str, str], ...]:
        names = [name for name in stated.split(",") if name in self.free]
        why = "as stated"
        if len(names) == 1 and getattr(self.frame.columns[names[0]], "ndim", 1) == 2:
            return ((self.take("scores", names[0], why), ""),)
        if len(names) < 2:
            named = [(name, name.removeprefix(stated)) for name in self.free if name.startswith(stated)]
            return self.take_scores([pair for pair in named if pair[1]], why) if len(named) > 1 else ()
        return self.take_scores([(name, class_in(name)) for name in names], why)

    def take_scores(self, named: Sequence[tuple[str, str]], why: str) -> tuple[tuple[str, str], ...]:
        for name, _ in named:
            del self.free[name]
        option = "" if why == "as stated" else "--column scores=NAME,NAME"
        self.choices.append(Choice("scores per class", _listed(name for name, _ in named), why, option))
        return tuple(named)

    def single_score(self, truth: str) -> tuple[str, str]:
        """Return the column of one score for two classes, and the class that its name ends with."""
        name = self.simple("score")
        if name or self.stated.get("score") == NONE:
            return name, ""
        labels = set(self.labels or (self.frame.texts(truth) if truth else ()))
        for prefix in PREFIXES:
            for name in self.free:
                part = suffix(name, prefix)
                if part in labels and self.is_numeric(name):
                    return self.take("score", name, f"its name ends with class {printable(part)}"), part
        return "", ""

    def either(self, truth: str, prediction: str, scores: tuple[tuple[str, str], ...], score: str) -> tuple[str, str]:
        """Return truth and prediction, with the roles of a column such as label settled."""
        names = [name for name in self.free if plain(name) in EITHER]
        names.sort(key=lambda name: EITHER.index(plain(name)))
        if not names:
            return truth, prediction
        if not (prediction or scores or score):
            return truth, self.take("prediction", names[0], "the only column that can hold classes")
        if truth or self.has_truth:
            if score and not prediction:
                prediction = self.take("prediction", names[0], f"beside {printable(score)}; the truth is known")
            return truth, prediction
        if score and not prediction and not scores and self.could_be_confidence(score):
            raise ConfigError(
                f"{self.frame.where}: column {printable(names[0])!r} may hold the true or the predicted class, beside "
                f"the score {printable(score)!r}, which is 0.5 or more everywhere.",
                error_id="E-PREDICTIONS-COLUMN",
                hint=f"--column truth={printable(names[0])}, or --column prediction={printable(names[0])} with "
                "--truth FILE.",
            )
        if self.stated.get("truth") == NONE:
            return truth, prediction
        return self.take("truth", names[0], "by its name"), prediction

    def could_be_confidence(self, score: str) -> bool:
        values = self.frame.numbers(score)
        return values is not None and bool((values >= 0.5).all())

    def is_confidence(self, score: str, prediction: str) -> bool:
        """True if a score belongs to the predicted class: by its name, or as it is 0.5 or more for both classes."""
        if plain(score) in CONFIDENCES:
            return True
        values = self.frame.numbers(score)
        if values is None:
            return False
        predicted = np.array(self.frame.texts(prediction))
        lowest = [values[predicted == label].min() for label in np.unique(predicted)]
        return bool(min(lowest) >= 1 / max(2, len(lowest)) - 1e-9 and values.max() <= 1)

    def is_numeric(self, name: str) -> bool:
        """True if most of the first cells are numbers; a bad cell further down is refused with its row."""
        column = self.frame.columns[name]
        if isinstance(column, np.ndarray):
            return column.ndim == 1 and column.dtype.kind in "fiu"
        cells = column[:_PEEK]
        return sum(map(_is_number, cells)) > len(cells) / 2

    def is_unique(self, name: str) -> bool:
        cells = self.frame.texts(name)
        return len(set(cells)) == len(cells)

    def refuse_several_labels(self, truth: str) -> None:
        if plain(truth) == "true_0" and (more := [name for name in self.free if plain(name).startswith("true_")]):
            raise ConfigError(
                f"{self.frame.where}: columns {printable(truth)}, {_listed(more)}: several true labels per sample, "
                "which is not supported.",
                error_id="E-PREDICTIONS-COLUMN",
                hint="Compare one label at a time: one table per label, with columns id, true_0, score_0 and score_1.",
            )

    def describe(self, ident: str) -> None:
        if not ident:
            self.choices.insert(0, Choice("id", "", "none: samples are matched by position", "--column id=NAME"))
        if self.frame.layout:
            self.choices.insert(0, Choice("layout", self.frame.layout, "by its content", ""))
        for note in self.frame.notes:
            self.choices.append(Choice("note", note, "", ""))

    def ambiguous(self, role: str, names: Sequence[str], what: str) -> ConfigError:
        options = "\n".join(f"  --column {role}={printable(name)}" for name in names)
        return ConfigError(
            f"{self.frame.where}: several columns may say which samples {what}. Which is it?\n{options}\n"
            f"  --column {role}=none",
            error_id="E-PREDICTIONS-COLUMN",
            hint="Repeat the command with one of these options.",
        )

    def unrecognised(self) -> ConfigError:
        texts = [name for name in self.free if plain(name) in NAMES["score"] and len(self.frame)]
        why = f" Column {printable(texts[0])} holds {printable(self.frame.texts(texts[0])[0])!r}." if texts else ""
        return ConfigError(
            f"{self.frame.where}: no column with predicted classes or scores. Columns: {_listed(self.frame.columns)}."
            f"{why}",
            error_id="E-PREDICTIONS-COLUMN",
            hint="Name it: --column prediction=NAME for classes, --column score=NAME for one score, "
            "--column scores=NAME,NAME for one score per class.",
        )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return not cell.strip()
    return True


def _listed(names: Iterable[str]) -> str:
    shown = [printable(name) for name in names]
    return ", ".join(shown[:10]) + (f" and {len(shown) - 10} more" if len(shown) > 10 else "")
