"""Groups by the names of files, and their consistency with the split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from visiontk.core import PARTS, Strings
from visiontk.data.layouts.file_groups import groups_of, guess, is_spec
from visiontk.data.recognise.records import DetectedSetting, Overrides
from visiontk.errors import ConfigError
from visiontk.messages import printable

NO_GROUP = DetectedSetting(
    "group", "none", "no column or file name names groups; if persons or recordings recur, name them", "--group WHICH"
)


SURE_FROM = 10
"""Groups that no part of a given split divides, from which on that is no accident."""


def group_by_names(
    files: Sequence[str],
    classes: Sequence[str],
    overrides: Overrides,
    *,
    parts: Sequence[str] | None = None,
    outer: int = 0,
    where: str = "",
) -> tuple[str, DetectedSetting]:
    """Part of the file names that is the group, or ConfigError ``E-GUESS-GROUP`` if several could be.

    With the `parts` of a given split nothing is asked if a reading fits it: if no part divides its groups.
    """
    if overrides.group == "none":
        return "", DetectedSetting("group", "none", "as given", "")
    if overrides.group:
        if not is_spec(overrides.group):
            groups_of((), overrides.group, "")  # raises
        return overrides.group, DetectedSetting("group", overrides.group, "as given", "")
    by_part = classes if parts is None else [" ".join(pair) for pair in zip(classes, parts, strict=True)]
    guesses = guess(files, by_part, outer=outer)
    if not guesses:
        return "", NO_GROUP
    whole = [each for each in guesses if parts is not None and not _divided(each.groups.tolist(), parts)]
    best = max(whole or guesses[:1], key=lambda each: len(set(each.groups.tolist())))
    if not best.sure and whole:
        if len(set(best.groups.tolist())) < max(SURE_FROM, len(set(parts or ())) + 1):
            return "", DetectedSetting(
                "group", "none", f"the split is given; {best.spec} may name groups", "--group WHICH"
            )
        best = best._replace(sure=True, reason="no part of the given split divides these groups")
    if best.sure:
        examples = best.summary(private=overrides.private)
        return best.spec, DetectedSetting("group", best.spec, best.reason, "--group none", examples)
    options = [f"--group {each.spec}  ({each.summary(private=overrides.private)})" for each in guesses]
    example = "" if overrides.private else f" such as {printable(files[0].rsplit('/', 1)[-1])}"
    raise ConfigError(
        f"{where + ': ' if where else ''}file names{example} may name groups, such as the files of one person, which "
        "must not be in the training set and the test set. Which part names the group?\n"
        + "\n".join([*options, "--group none  (every file is independent)"]),
        error_id="E-GUESS-GROUP",
        hint="Repeat the command with one of these options.",
    )


def check_one_side(groups: Strings | None, parts: Strings | None, group: DetectedSetting, where: str) -> None:
    """Refuse a detected group that contradicts the split: one of them is wrong, and only the user knows which."""
    if groups is None or parts is None or group.option != "--group none":
        return
    straddling = _divided(groups.tolist(), parts.tolist())
    if straddling and PARTS & set(parts.tolist()):
        raise ConfigError(
            f"{where}: {straddling:,} of {len(set(groups.tolist())):,} groups by {group.value!r} ({group.reason}) are "
            "in several parts of the given split, so that similar samples are in the training set and the test set.",
            error_id="E-GUESS-GROUP",
            hint="--group none uses the given split, which says little about new groups; --split none makes a new one "
            "that keeps groups whole.",
        )


def _divided(groups: Sequence[str], parts: Sequence[str]) -> int:
    """Number of groups that are in several parts of a split."""
    return sum(n > 1 for n in Counter(name for name, _ in set(zip(groups, parts, strict=True))).values())
