"""Questions about class folders whose names or contents say that they are something else."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from visiontk.data.layouts.class_folders import Layout
from visiontk.data.layouts.file_groups import SURE_FROM
from visiontk.data.layouts.part_names import folds_by_name, is_split_word, numbered_only, parts_by_name
from visiontk.errors import ConfigError
from visiontk.messages import printable

ALIKE = 0.5
"""Share of the inner folders that each outer one has on average, from which on the inner ones may be the classes."""


def ask_for_level(layout: Layout, where: str, *, private: bool = False) -> None:
    """Refuse class folders with the name of a part of a split, or which hold folders of the same names.

    Raises
    ------
    ConfigError
        ``E-GUESS-LABEL``, with the options to choose from; names of inner folders are not repeated if `private`.
        ``E-GUESS-INPUT`` for folders that are only numbered, such as images_001: a table may name the classes.
    """
    level = layout.levels.label
    inside = _below(layout, level)
    if layout.parts is None:
        _refuse_nested_splits(layout, where)
        _refuse_copies(inside, layout, where)
    words = sorted(name for name in inside if is_split_word(name))
    if words:
        deeper = set().union(*inside.values()) != {""}
        raise ConfigError(
            f"{where}: class folders {_some(sorted(inside))}: {_some(words)} may also be "
            f"{'a part' if len(words) == 1 else 'parts'} of a split. Which folders are the classes?\n"
            f"--label folder:{level}  (these {len(inside)})"
            + (f"\n--label folder:{level + 1}  (the folders in them)" if deeper else ""),
            error_id="E-GUESS-LABEL",
            hint="Repeat the command with one of these options, or put only class folders there.",
        )
    if layout.levels.split < level:
        inner = next((k for k in _levels_below(layout) if _alike(_below(layout, k - 1))), 0)
        if inner:
            raise _which_level(layout, inner, where, private=private)
        if numbered_only(inside):
            raise ConfigError(
                f"{where}: folders {_some(sorted(inside))} are only numbered. Are they the classes?\n"
                f"--label folder:{level}  (these {len(inside)})",
                error_id="E-GUESS-INPUT",
                hint="Repeat the command with this option if they are; else name the class of each file in a table.",
            )
    if layout.levels.split > level:
        _ask_below_parts(layout, where, private=private)


def _below(layout: Layout, level: int) -> dict[str, set[str]]:
    """Names of the folders below a level, by class folder; an empty one for files."""
    inside: dict[str, set[str]] = {}
    for name in layout.files:
        path = name.split("/")[:-1]
        inside.setdefault(path[layout.levels.label - 1], set()).add(path[level] if len(path) > level else "")
    return inside


def _levels_below(layout: Layout) -> range:
    """Levels of the folders in the class folders, down to the first of which one holds several."""
    level = layout.levels.label
    deepest = max(name.count("/") for name in layout.files)
    single = (k for k in range(level, deepest) if any(len(names) > 1 for names in _below(layout, k).values()))
    return range(level + 1, next(single, deepest - 1) + 2)


def _refuse_copies(inside: Mapping[str, set[str]], layout: Layout, where: str) -> None:
    """Refuse a class folder that holds folders with the names of the others: a copy of the data, or its beginning."""
    for name, inner in sorted(inside.items()):
        others = inside.keys() - {name}
        if len(others) > 1 and inner >= others:
            first = next(each for each in layout.files if each.split("/")[layout.levels.label - 1] == name)
            folder = "/".join(first.split("/")[: layout.levels.label])
            raise ConfigError(
                f"{where}: folder {printable(name)} holds folders called like those beside: {_some(sorted(others))}.",
                error_id="E-GUESS-LABEL",
                hint=f"Compare one of the two, or put only class folders there: visiontk compare "
                f"{shlex.quote(f'{where}/{printable(folder)}')}",
            )


def _ask_below_parts(layout: Layout, where: str, *, private: bool) -> None:
    """Refuse parts in class folders that hold folders of the same names, which may be the classes."""
    level, split = layout.levels.label, layout.levels.split
    below = _below(layout, split)
    if _alike(below):
        inner = sorted(set().union(*below.values()))
        names = (f"{len(below):,} folders", f"{len(inner):,} folders") if private else (
            _some(sorted(below)), _some(inner)
        )  # fmt: skip
        raise ConfigError(
            f"{where}: the folders {names[0]} all hold parts of a split with the folders {names[1]}. Which ones are "
            f"the classes?\n--label folder:{level} --group none  ({names[0]} are the classes)\n"
            f"--label folder:{split + 1}  ({names[1]} are the classes)",
            error_id="E-GUESS-LABEL",
            hint="Repeat the command with one of these options.",
        )


def _refuse_nested_splits(layout: Layout, where: str) -> None:
    """Refuse folders that hold a split of their own, such as fold1/train and data/test beside others."""
    inner: dict[str, set[str]] = {}
    for name in layout.files:
        path = name.split("/")[:-1]
        for k in range(layout.levels.label, len(path)):
            inner.setdefault("/".join(path[:k]), set()).add(path[k])
    parts = {folder: set(parts_by_name(names).values()) for folder, names in inner.items()}
    splits = sorted(folder for folder, each in parts.items() if "train" in each and len(each) > 1)
    if splits:
        raise ConfigError(
            f"{where}: {_some(splits)} "
            + ("holds a split of its own." if len(splits) == 1 else "hold splits of their own."),
            error_id="E-GUESS-LABEL",
            hint=f"Compare one of them: visiontk compare {shlex.quote(f'{where}/{printable(splits[0])}')}",
        )


def _alike(inside: Mapping[str, set[str]]) -> bool:
    """True if all folders hold the same at least two folders, or many of them mostly the same few."""
    names = set().union(*inside.values())
    if len(inside) < 2 or len(names) < 2 or "" in names:
        return False
    shared = sum(map(len, inside.values())) / (len(inside) * len(names))
    return shared == 1 or (len(names) < len(inside) and shared >= ALIKE)


def _which_level(layout: Layout, inner_level: int, where: str, *, private: bool) -> ConfigError:
    level, inside = layout.levels.label, _below(layout, inner_level - 1)
    outer, inner = sorted(inside), sorted(set().union(*inside.values()))
    folds = folds_by_name(inner, numbered=True)
    names = (f"{len(outer):,} folders", f"{len(inner):,} folders") if private else (_some(outer), _some(inner))
    options = [f"--label folder:{level} --group none  ({names[0]} are the classes)"]
    if folds:
        options.append(f"--label folder:{level} --split folder:{inner_level}  (and {names[1]} are folds)")
    elif layout.parts is None:
        options += [
            f"--label folder:{inner_level}  ({names[1]} are the classes)",
            f"--label folder:{inner_level} --split folder:{level}  (and each of {names[0]} is the test set in turn)",
            f"--label folder:{inner_level} --group folder:{level}  (and each of {names[0]} is one group, such as a "
            "person)",
        ]
    else:
        options.append(f"--label folder:{inner_level}  ({names[1]} are the classes)")
    if len(inner) >= SURE_FROM:
        options.append(f"--label folder:{level} --group folder:{inner_level}  (and each of {names[1]} is one group)")
    return ConfigError(
        f"{where}: the folders {names[0]} all hold the folders {names[1]}. Which ones are the classes?\n"
        + "\n".join(options),
        error_id="E-GUESS-LABEL",
        hint="Repeat the command with one of these options.",
    )


def _some(names: Sequence[str]) -> str:
    shown = [printable(name) for name in names[:4]]
    return ", ".join(shown) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
