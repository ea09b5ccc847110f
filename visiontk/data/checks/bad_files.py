"""Unreadable files: all are named at once, a few may be skipped, many point to another cause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from visiontk.data.checks.problems import Problems, refuse
from visiontk.errors import DataError
from visiontk.messages import LISTED, refusal

FEW = 0.01
"""Share of the files that may be skipped."""

SYSTEMIC = 0.05
SYSTEMIC_AT_LEAST = 10
"""From this number of bad files (and this share of all) the files are not the cause."""


class FailureKind(NamedTuple):
    """Description of files that fail in one way, such as "are too large", and the remedy."""

    text: str
    hint: str = "Replace or remove these files."


def usable_files(
    failures: Mapping[int, DataError],
    n: int,
    root: str,
    on_bad_file: str,
    kinds: Mapping[str, FailureKind],
    on_problem: Problems | None = None,
) -> list[int]:
    """Positions of the readable files, or one error for all unreadable ones, by their positions in `failures`.

    With ``on_bad_file="skip"`` at most 1 % may be bad. `kinds` are the error ids that are reported as such if all bad
    files share one; otherwise it is ``E-DATA-PERM``, ``E-DATA-SYSTEMIC`` (too many failed) or ``E-DATA-DECODE``.

    Examples
    --------
    >>> bad = {1: DataError("b.png: empty file", error_id="E-DATA-DECODE")}
    >>> usable_files(bad, 200, "pets", "skip", {})[:3]
    [0, 2, 3]
    """
    n_bad = len(failures)
    if failures and n_bad < n and on_problem is not None:
        for error in failures.values():
            refuse(error, on_problem=on_problem)
        return [i for i in range(n) if i not in failures]
    denied = [error.message for error in failures.values() if error.error_id == "E-DATA-PERM"]
    if denied:
        raise refusal(f"{root}: {len(denied)} of {n} files may not be read", denied, "E-DATA-PERM")
    if not failures or (on_bad_file == "skip" and n_bad <= FEW * n):
        return [i for i in range(n) if i not in failures]
    lines = [error.message for error in failures.values()]
    ids = {error.error_id for error in failures.values()}
    common = ids.pop() if len(ids) == 1 else ""
    if common not in kinds and (n_bad == n or (n_bad > SYSTEMIC * n and n_bad >= SYSTEMIC_AT_LEAST)):
        text = f"{root}: {n_bad} of {n} files failed; suspect the decoder, the mount or an interrupted copy"
        raise refusal(text, lines, "E-DATA-SYSTEMIC")
    error_id = common if common in kinds else "E-DATA-DECODE"
    kind = kinds.get(common, FailureKind("cannot be read"))
    limit = f"; at most {FEW:.0%} may be skipped" if on_bad_file == "skip" else ""
    hint = kind.hint if limit else kind.hint.removesuffix(".") + ", or use `on_bad_file: skip` (at most 1 %)."
    raise refusal(f"{root}: {n_bad} of {n} files {kind.text}{limit}", lines, error_id, hint)


def skipped_note(failures: Mapping[int, DataError]) -> list[str]:
    """A note on the skipped files, if any."""
    if not failures:
        return []
    reasons = [error.message for error in failures.values()]
    more = f"; and {len(reasons) - LISTED} more" if len(reasons) > LISTED else ""
    return [f"{len(reasons)} unreadable files skipped: {'; '.join(reasons[:LISTED])}{more}"]


def changed_error(name: str) -> DataError:
    """The error for a file that changed since it was first read; `name` as printed."""
    return DataError(
        f"{name}: changed since it was first read.",
        error_id="E-DATA-CHANGED",
        hint="Start again, and do not change the folder meanwhile.",
    )
