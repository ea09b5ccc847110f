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


def group_by_names(
    files: Sequence[str], classes: Sequence[str], overrides: Overrides, *, outer: int = 0, where: str = ""
) -> tuple[str, DetectedSetting]:
    """Part of the file names that is the group, or ConfigError ``E-GUESS-GROUP`` if several could be."""
    if overrides.group == "none":
        return "", DetectedSetting("group", "none", "as given", "")
    if overrides.group:
        if not is_spec(overrides.group):
            groups_of((), overrides.group, "")  # raises
        return overrides.group, DetectedSetting("group", overrides.group, "as given", "")
    guesses = guess(files, classes, outer=outer)
    if not guesses:
        return "", NO_GROUP
    if guesses[0].sure:
        best = guesses[0]
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
    sides = Counter(name for name, _ in set(zip(groups.tolist(), parts.tolist(), strict=True)))
    straddling = sum(n > 1 for n in sides.values())
    if straddling and PARTS & set(parts.tolist()):
        raise ConfigError(
            f"{where}: {straddling:,} of {len(sides):,} groups by {group.value!r} ({group.reason}) are in "
            "several parts of the given split, so that similar samples are in the training set and the test set.",
            error_id="E-GUESS-GROUP",
            hint="--group none uses the given split, which says little about new groups; --split none makes a new one "
            "that keeps groups whole.",
        )
