"""A user who types a command, and then each hint of a refusal exactly as it is printed."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from visiontk.cli import main

DEEPEST = 4
"""Hints that are followed one after the other."""

NEVER = {"E-USAGE", "E-BUG", "E-CONFIG-VALUE", "E-CONFIG-KEY", "E-UNKNOWN-TASK", "E-UNKNOWN-OPTION"}
"""Errors to which a printed hint must not lead."""

_VALUE = r"(?:'[^']*'|\"[^\"]*\"|(?:[^\s,;:()'\"]|:(?=\w))+)"
_OPTION = re.compile(rf"--[a-z-]+(?:[ =]{_VALUE})")
_TOGETHER = re.compile(rf"{_OPTION.pattern}(?: and {_OPTION.pattern}| {_OPTION.pattern})*")
_COMMAND = re.compile(rf"visiontk compare ({_VALUE}(?: {_OPTION.pattern})*)")
_SHELL = re.compile(r"(?:python3 -m|cp|cd|gunzip|find) .*")
_PYTHON = re.compile(r"files = sorted|for i, \(c|numpy\.savez")
"""Beginnings of lines of Python, which end with the bracket that closes the last call."""


class End(NamedTuple):
    """End of a command: a plan, as JSON, or an error as printed."""

    words: tuple[str, ...]
    plan: dict[str, Any] | None
    error: str = ""  # its id
    text: str = ""

    @property
    def says(self) -> str:
        """All that is said: facts of the plan, or message and hint, in one line."""
        if self.plan is None:
            return " ".join(self.text.split())
        settings = (f"{each['name']}: {each['value']} ({each['reason']})" for each in self.plan["recognised"])
        return " ".join([*settings, *self.plan["notes"], *self.plan["warnings"]])


def typed(*words: str) -> End:
    """Run ``visiontk compare WORDS --dry-run`` in this process."""
    code, out, _ = _run("compare", *words, "--dry-run", "--json")
    if code == 0:
        return End(words, json.loads(out))
    code, _, printed = _run("compare", *words, "--dry-run")
    match = re.match(r"visiontk: error\[(.*?)\]", printed)
    assert match, printed
    return End(words, None, match[1], printed)


def _run(*words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(list(words))
        except SystemExit as stop:
            code = int(stop.code or 0)
    return code, out.getvalue(), err.getvalue()


def ways_out(end: End) -> dict[str, tuple[str, ...]]:
    """Return what an error says to type, as printed; and the words of the next command."""
    ways: dict[str, tuple[str, ...]] = {}
    target, *given = end.words
    lines = [line.strip() for line in end.text.splitlines()]
    for line in lines:
        text = line.split("  (")[0]
        if line.startswith("--"):
            ways[text] = (target, *_without(given, text), *shlex.split(text))
        elif line.startswith("visiontk compare "):
            ways[text] = tuple(shlex.split(text)[2:])
    hint = next((line.removeprefix("hint: ") for line in lines if line.startswith("hint: ")), "")
    if shell := _SHELL.search(hint):
        ways[shell[0]] = ("$", shell[0])
        hint = hint.replace(shell[0], "")
    for line in _lines_of_python(hint):
        ways[line] = (">>>", line)
        hint = hint.replace(line, "")
    hint = re.sub(r"then visiontk compare data\b(\.npz)?", "", hint)
    for command in _COMMAND.finditer(hint):
        ways[command[0].rstrip(".")] = tuple(shlex.split(command[1].rstrip(".")))
    for options in _TOGETHER.finditer(_COMMAND.sub("", hint)):
        text = options[0].rstrip(".")
        if text.endswith((" or", " and")):  # an option without a value, in a sentence
            continue
        ways[text] = (target, *_without(given, text), *shlex.split(text.replace(" and --", " --")))
    return ways


def _lines_of_python(hint: str) -> list[str]:
    """Return the lines of Python in a hint."""
    lines: list[str] = []
    end = 0
    for begin in (match.start() for match in _PYTHON.finditer(hint)):
        if begin < end:
            continue
        depth = 0
        for end in range(begin, len(hint)):
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(hint[end], 0)
            if hint[end] == ")" and depth == 0 and not re.match(r":|; (?!then)| in ", hint[end + 1 :]):
                break
        lines.append(hint[begin : end + 1])
    return lines


def _without(given: list[str], text: str) -> list[str]:
    """Return the options that were given but for those that are typed anew; ``--set`` may be repeated."""
    new = {word.partition("=")[0] for word in shlex.split(text) if word.startswith("--")} - {"--set"}
    kept: list[str] = []
    words = iter(given)
    for word in words:
        if word.partition("=")[0] in new:
            if "=" not in word:
                next(words, None)
        else:
            kept.append(word)
    return kept


def follow(words: tuple[str, ...], folder: Path) -> End | None:
    """Type the next command; None where a program that it needs is not installed here."""
    if words[0] == "$":
        return _in_shell(words[1], folder)
    if words[0] == ">>>":
        return _in_python(words[1], folder)
    return typed(*words)


def _in_shell(line: str, folder: Path) -> End | None:
    first, _, compared = line.rstrip(".").partition(" && visiontk compare ")
    if "mogrify" in first or "ffmpeg" in first or (first[:3] != "cd " and shutil.which(first.split()[0]) is None):
        return None
    subprocess.run(["sh", "-ec", first], check=True, cwd=folder, capture_output=True)
    place = shlex.split(first.split(" && ")[0])[1] if first.startswith("cd ") else ""
    if not compared:  # the copy of a folder
        return typed(shlex.split(first)[-1])
    return typed(str(Path(place) / shlex.split(compared)[0]))


def _in_python(line: str, folder: Path) -> End:
    import h5py
    import scipy.io.wavfile

    arrays = {name: array for each in folder.glob("*.npz") for name, array in np.load(each).items()}
    for each in sorted(folder.glob("*_train_?.h5")):
        with h5py.File(each, "r") as file:
            arrays |= {name: file[name][...] for name in file}
    before = Path.cwd()
    (folder / "saved").mkdir(exist_ok=True)
    os.chdir(folder / "saved")
    try:
        exec(line, {"numpy": np, "os": os, "pathlib": pathlib, "scipy": scipy, **arrays})
        return typed("data.npz" if "savez" in line else "data")
    finally:
        os.chdir(before)


def check_hints(end: End, folder: Path, depth: int = 0) -> bool:
    """Type all hints of an error, and theirs; True if one leads to a plan, or the first error has nothing to type.

    Raises
    ------
    AssertionError
        For hints with a word to be replaced, such as COLUMN, and those that lead to the same error or to a wrong usage.
    """
    if end.plan is not None:
        check_plan(end.plan)
        return True
    assert "hint: " in end.text, f"no hint: {end.text}"
    ways = ways_out(end)
    if not ways:
        return depth == 0
    ends = []
    for text, words in ways.items():
        assert not re.search(r"--[a-z]+[ =](?:COLUMN|WHICH|DIR|KEY)\b", text), f"cannot be typed: {text}"
        after = follow(words, folder)
        if after is None:
            return True
        assert after.error not in NEVER, f"{text} leads to\n{after.text}"
        assert after.text != end.text, f"{text} changes nothing:\n{end.text}"
        ends.append(depth >= DEEPEST or check_hints(after, folder, depth + 1))
    return any(ends)


def check_plan(plan: dict[str, Any]) -> None:
    """Check that a plan is not surely wrong: classes that are parts of a split, groups that are classes."""
    words = {"train", "test", "val", "valid", "training", "testing", "unsup", "images", "masks"}
    given = any(each["reason"] == "as given" or "as given" in each["reason"] for each in plan["recognised"])
    assert given or not words & {label.casefold() for label in plan["labels"]}, plan["labels"]
    if plan["groups"] and not given:
        assert plan["groups"]["n"] != len(plan["labels"]), plan["groups"]
        assert plan["groups"]["largest"] <= plan["n_samples"] / 2, plan["groups"]
