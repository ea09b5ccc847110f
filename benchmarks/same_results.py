"""Comparison of two runs of ``visiontk compare all``: predictions bit for bit, results.json number for number.

``python benchmarks/same_results.py BEFORE AFTER`` matches trials by learner, fold, seed and draw. Costs, dates and the
machine are left out, keys may be renamed (`RENAMED`) and sentences reworded; both are listed. The exit status is 1 if
a prediction or a number differs or is gone; new ones are listed.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | None"
Arrays: TypeAlias = dict[str, NDArray[Any]]

# Old key: new key. A key with dots is a path from the root of results.json, where items of lists have no name.
RENAMED = {
    "average_right": "mean_correct", "both_right": "both_correct", "classical_says": "classical_predicted",
    "few": "too_few", "given": "configured", "network_by_fold": "challenger_by_fold",
    "network_predicted": "challenger_predicted", "only_network": "only_challenger",
    "only_network_items": "only_challenger_items", "second_opinion": "fold_test",
    "trials": "search", "twice": "extrapolation",
}  # fmt: skip

# Seconds, bytes, dates, the machine, hashes of settings, and commands that can be typed.
LEFT_OUT = {
    "cpu_s", "created", "environment", "fingerprint", "fit_cost_ratio", "fit_cpu_s", "fit_wall_s", "peak_memory_bytes",
    "predict_cost_ratio", "predict_ms_alone", "predict_ms_per_sample", "reproduce", "search_cpu_s", "seconds",
    "signature", "size_bytes", "visiontk",
}  # fmt: skip

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
COST = re.compile(r"; (?:training|predicting with) .*? takes .*?(?=\.(?:\s|$)|$)")  # the cost in a headline


class Difference(NamedTuple):
    """One difference between the runs.

    ``kind`` is ``number``, ``missing`` or ``added`` (a value on one side only), ``renamed``, ``reworded``, or
    ``figures`` (a sentence whose numbers changed).
    """

    kind: str
    path: str
    before: object
    after: object

    @property
    def changes_a_result(self) -> bool:
        """True if a number differs or is gone."""
        return self.kind == "number" or (self.kind == "missing" and _has_number(self.before))


def compare_values(before: Json, after: Json, renamed: dict[str, str], path: str = "") -> Iterator[Difference]:
    """Yield the differences of two JSON values, with keys of `before` translated by `renamed`."""
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _compare_objects(before, after, renamed, path)
    elif isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            yield from _compare_lengths(before, after, path)
        else:
            for one, other in zip(before, after, strict=True):
                yield from compare_values(one, other, renamed, f"{path}[]")
    elif isinstance(before, str) and isinstance(after, str):
        if COST.sub("", before) != COST.sub("", after):
            same = _numbers(before) == _numbers(after)
            yield Difference("reworded" if same else "figures", path, before, after)
    elif before != after or isinstance(before, bool) != isinstance(after, bool):
        yield Difference("number", path, before, after)


def _compare_objects(
    before: dict[str, Json], after: dict[str, Json], renamed: dict[str, str], path: str
) -> Iterator[Difference]:
    old = {name: value for name, value in before.items() if name not in LEFT_OUT}
    new = {name: value for name, value in after.items() if name not in LEFT_OUT}
    pairs: dict[str, str] = {}
    for name in old:
        translated = renamed.get(f"{path}.{name}".lstrip("."), renamed.get(name, name))
        for key in (translated, name):
            if key in new:
                pairs.setdefault(name, key)
    pairs |= _infer_renamed(
        {name: old[name] for name in old.keys() - pairs.keys()},
        {name: new[name] for name in new.keys() - set(pairs.values())},
        renamed,
    )
    for name in old:
        here = f"{path}.{name}".lstrip(".")
        if name not in pairs:
            yield Difference("missing", here, old[name], None)
            continue
        if pairs[name] != name:
            yield Difference("renamed", here, name, pairs[name])
        yield from compare_values(old[name], new[pairs[name]], renamed, here)
    for name in new.keys() - set(pairs.values()):
        yield Difference("added", f"{path}.{name}".lstrip("."), None, new[name])


def _infer_renamed(old: dict[str, Json], new: dict[str, Json], renamed: dict[str, str]) -> dict[str, str]:
    """Return pairs of left-over keys whose values have the same numbers, where exactly one pair is possible."""
    fits = {
        name: [
            other for other, after in new.items()
            if not any(each.changes_a_result or each.kind in ("figures", "missing", "added")
                       for each in compare_values(value, after, renamed))
        ]
        for name, value in sorted(old.items())
    }  # fmt: skip
    partners = [name for names in fits.values() for name in names]
    return {name: only[0] for name, only in fits.items() if len(only) == 1 and partners.count(only[0]) == 1}


def _compare_lengths(before: list[Json], after: list[Json], path: str) -> Iterator[Difference]:
    """Yield what is only in one of two lists of different lengths."""
    for kind, items, others in (("missing", before, after), ("added", after, before)):
        for item in items:
            if item not in others:
                yield Difference(kind, f"{path}[]", *((item, None) if kind == "missing" else (None, item)))


def compare_predictions(before: Arrays, after: Arrays) -> Iterator[Difference]:
    """Yield the differences of two predictions.npz; identifiers may be renamed one to one."""
    for name in sorted(before.keys() | after.keys()):
        if name not in before or name not in after:
            yield Difference("number", name, name in before, name in after)
        elif before[name].dtype.kind == "U":
            if before[name].shape != after[name].shape or not _one_to_one(before[name], after[name]):
                yield Difference("number", name, before[name].shape, after[name].shape)
            elif (before[name] != after[name]).any():
                row = int((before[name] != after[name]).argmax())
                yield Difference("reworded", name, str(before[name][row]), str(after[name][row]))
        elif before[name].dtype != after[name].dtype or before[name].tobytes() != after[name].tobytes():
            yield Difference("number", name, *_largest_difference(before[name], after[name]))


def compare_runs(before: Path, after: Path, renamed: dict[str, str]) -> Iterator[Difference]:
    """Yield the differences of one task: results.json, then predictions by learner, fold, seed and draw."""
    yield from compare_values(_read_json(before / "results.json"), _read_json(after / "results.json"), renamed)
    old, new = _trials(before), _trials(after)
    for key in sorted(old.keys() | new.keys()):
        name = "{}, fold {}, seed {}, draw {}".format(*key)
        if key not in old or key not in new:
            yield Difference("number", f"trial {name}", key in old, key in new)
            continue
        for each in compare_predictions(_arrays(old[key]), _arrays(new[key])):
            yield each._replace(path=f"{name}: {each.path}")


def main() -> int:
    """Compare every task of two runs; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    arguments = parser.parse_args()
    folders = {path.parent.name for each in (arguments.before, arguments.after) for path in each.glob("*/results.json")}
    if not folders:
        parser.error(f"{arguments.before}: no task with a results.json in it")
    status = 0
    listed: dict[tuple[str, str, str, str], int] = {}
    for task in sorted(folders):
        if not all((each / task / "results.json").is_file() for each in (arguments.before, arguments.after)):
            print(f"{task}: only in one of the runs")
            status = 1
            continue
        differences = list(compare_runs(arguments.before / task, arguments.after / task, RENAMED))
        changed = [each for each in differences if each.changes_a_result]
        status |= bool(changed)
        n = len(_trials(arguments.before / task))
        print(f"{task}: {'DIFFERENT' if changed else 'identical'} ({n} trials)")
        for each in changed[:20]:
            print(f"  {each.kind}: {each.path}: {_short(each.before)} -> {_short(each.after)}")
        if len(changed) > 20:
            print(f"  and {len(changed) - 20} more")
        for each in differences:
            if not each.changes_a_result:
                line = (each.kind, each.path.split(": ")[-1], _short(each.before), _short(each.after))
                listed[line] = listed.get(line, 0) + 1
    _print_listed(listed)
    return status


def _print_listed(listed: dict[tuple[str, str, str, str], int]) -> None:
    titles = {
        "renamed": "Renamed keys",
        "missing": "Keys without numbers that are gone",
        "added": "New keys",
        "reworded": "Reworded",
        "figures": "Reworded, with other numbers in the text",
    }
    for kind, title in titles.items():
        lines = sorted(line for line in listed if line[0] == kind)
        if lines:
            print(f"\n{title}:")
        for line in lines:
            print(f"  {line[1]}: {line[2]} -> {line[3]} ({listed[line]} times)")


def _trials(run: Path) -> dict[tuple[str, int, int, int], Path]:
    """Return the folder of every finished trial by learner, fold, seed and draw."""
    trials = {}
    for path in run.glob("trials/*/predictions.npz"):
        trial = _read_json(path.with_name("trial.json"))
        trials[trial["learner"], trial["fold"], trial["seed"], trial["draw"]] = path.parent
    return trials


def _arrays(folder: Path) -> Arrays:
    with np.load(folder / "predictions.npz", allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _read_json(path: Path) -> Any:
    return json.loads(path.read_bytes())


def _one_to_one(before: NDArray[Any], after: NDArray[Any]) -> bool:
    pairs = set(zip(before.tolist(), after.tolist(), strict=True))
    return len(pairs) == len(set(before.tolist())) == len(set(after.tolist()))


def _largest_difference(before: NDArray[Any], after: NDArray[Any]) -> tuple[str, str]:
    if before.shape != after.shape or before.dtype != after.dtype:
        return f"{before.dtype} {before.shape}", f"{after.dtype} {after.shape}"
    apart = np.abs(before.astype(np.float64) - after.astype(np.float64))
    where = np.unravel_index(int(np.nanargmax(apart)), apart.shape)
    return f"{before[where]!s} (row {where[0]}, {int((apart > 0).sum())} of {apart.size} differ)", str(after[where])


def _numbers(text: str) -> list[str]:
    return sorted(NUMBER.findall(COST.sub("", text)))


def _has_number(value: object) -> bool:
    if isinstance(value, dict):
        return any(_has_number(each) for each in value.values())
    if isinstance(value, list):
        return any(_has_number(each) for each in value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 300 else f"{text[:297]}..."


if __name__ == "__main__":
    raise SystemExit(main())
