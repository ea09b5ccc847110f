"""Copies among samples: in two parts of a split they inflate scores, under two labels they are label errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from visiontk.core import Ints
from visiontk.data.checks.problems import Problems
from visiontk.messages import printable, refusal

Leak = Literal["refuse", "warn"]

_FEW_CONFLICTS = 0.01
_NAMED = 3


def check_copies(
    copies: Sequence[Sequence[int]],
    names: Sequence[str],
    y: Ints,
    parts: Sequence[str] | None,
    where: str,
    *,
    leak: Leak = "refuse",
    what: str = "images",
    on_problem: Problems | None = None,
) -> list[str]:
    """Notes about copies, or an error if they invalidate a result.

    `copies` are positions of identical samples. With ``leak="refuse"``, copies in two parts of the split are
    ``E-LEAK-EXACT``, with "warn" a note; copies under different labels in more than 1 % of the samples are
    ``E-LABEL-CONFLICT``. `on_problem` turns both into notes: an audit searches for copies itself, in all parts.

    References
    ----------
    .. [1] Northcutt, Athalye and Mueller (2021), Pervasive label errors in test sets destabilize machine
       learning benchmarks, NeurIPS Datasets and Benchmarks.
    """
    if not copies:
        return []
    conflicts = [group for group in copies if len({int(y[i]) for i in group}) > 1]
    n_conflicts = sum(map(len, conflicts))
    strict = on_problem is None
    if strict and n_conflicts > _FEW_CONFLICTS * len(names):
        raise refusal(
            f"{where}: {n_conflicts} of {len(names)} {what} are copies under different labels",
            [_equal(group, names) for group in conflicts],
            "E-LABEL-CONFLICT",
            "Decide which label is right and remove the other copies.",
        )
    leaks = [group for group in copies if parts is not None and len({parts[i] for i in group}) > 1]
    if strict and leaks and leak == "refuse":
        raise refusal(
            f"{where}: {sum(map(len, leaks))} {what} are copies in two parts of the split",
            [_equal(group, names) for group in leaks],
            "E-LEAK-EXACT",
            "Remove them from one of the parts; or use `leak: warn`, which adds a note to the report.",
        )
    return [
        f"{n} {what} are copies {how}: {', '.join(_equal(group, names) for group in groups[:_NAMED])}"
        + (f" and {len(groups) - _NAMED} more" if len(groups) > _NAMED else "")
        for n, how, groups in (
            (sum(len(group) - 1 for group in copies), "of another", list(copies)),
            (n_conflicts, "under different labels", conflicts),
            (sum(map(len, leaks)), "in two parts of the split", leaks),
        )
        if n
    ]


def _equal(group: Sequence[int], names: Sequence[str]) -> str:
    return " = ".join(printable(names[i]) for i in group)
