"""Errors: the hint in the words of the command line and of Python, and few of many near-identical lines."""

from __future__ import annotations

import pickle
import shlex
from pathlib import Path

import pytest

import visiontk
from visiontk.api.preview import preview_of
from visiontk.api.request import Request
from visiontk.cli.arguments import read
from visiontk.errors import ConfigError, DataError, StoreError, as_options, in_python
from visiontk.messages import refusal


def test_an_error_shows_its_hint_in_python() -> None:
    """As arguments of `visiontk.compare`; an OSError too."""
    error = DataError("a.csv: bad", error_id="E-X", hint="Repeat with --group 'the site', or `leak: warn`.")

    assert str(error) == 'a.csv: bad\n  hint: Repeat with group="the site", or dataset={"leak": "warn"}.'
    assert str(StoreError("x: full", error_id="E-X", hint="Free some space.")) == "x: full\n  hint: Free some space."
    assert str(ConfigError("x: bad", error_id="E-X")) == "x: bad"


def test_an_error_survives_pickling() -> None:
    """As when it crosses processes."""
    error = refusal("x", ["a: 1", "b: 2"], "E-X", "Mend it.")

    again = pickle.loads(pickle.dumps(error))

    assert (str(again), again.lines) == (str(error), ("a: 1", "b: 2"))


@pytest.mark.parametrize(
    ("hint", "option", "argument"),
    [
        ("use `min_per_class: 2`.", "use --set dataset.min_per_class=2.", 'use dataset={"min_per_class": 2}.'),
        ("use `delimiter: ;`.", "use --set 'dataset.delimiter=;'.", 'use dataset={"delimiter": ";"}.'),
        ("--group none or --group=-x", "--group none or --group=-x", 'group="none" or group="-x"'),
        ("with --label, or --text COLUMN.", "with --label, or --text COLUMN.", 'with label, or text="COLUMN".'),
        ("Name it with --label or --path.", "Name it with --label or --path.", "Name it with label or path."),
        ("visiontk compare --predictions A.csv", "visiontk compare --predictions A.csv", ""),
    ],
)
def test_a_hint_speaks_to_the_command_line_and_to_python(hint: str, option: str, argument: str) -> None:
    assert as_options(hint) == option
    assert in_python(hint) == (argument or hint)


def test_few_of_many_near_identical_lines_are_listed() -> None:
    """Three of each reason; lines of other reasons are not hidden by them."""
    lines = [*(f"a/{i}.png: {i} bytes are missing" for i in range(20)), "b.png: empty file"]

    error = refusal("pets: 21 of 30 files cannot be read", lines, "E-DATA-DECODE")

    assert error.message.splitlines()[1:] == [
        "  a/0.png: 0 bytes are missing",
        "  a/1.png: 1 bytes are missing",
        "  a/2.png: 2 bytes are missing",
        "  b.png: empty file",
        "  and 17 more",
    ]
    assert error.as_dict()["error"]["lines"] == lines
    outside = [f"line {i}: ../c{i % 7}/{'abcdefg'[i % 7]}.png" for i in range(20)]
    assert refusal("t.csv: 20 files lie outside", outside, "E-X").message.endswith("  and 17 more")


@pytest.fixture
def rare(tmp_path: Path) -> str:
    """A table with three rows of a class."""
    rows = [f"it barks {i} times,dog\nit wants {i} meals,cat" for i in range(20)]
    rows += [f"it sleeps for {i} days,owl" for i in range(3)]
    (tmp_path / "pets.csv").write_text("\n".join(["text,label", *rows]))
    return str(tmp_path / "pets.csv")


def n_classes(path: str, words: str) -> int:
    """Return the number of classes of a comparison with these words on the command line."""
    typed = read(["compare", path, *shlex.split(words), "--learners", "prior"]).arguments
    settings = {name: typed[name] for name in ("learners", "folds") if typed[name] is not None}
    return preview_of(Request(path, settings, typed["overrides"])).prepared.samples.n_classes


def test_hints_about_a_rare_class_work_as_they_are_printed(rare: str) -> None:
    """Typed on the command line, and as arguments in Python."""
    with pytest.raises(DataError, match="owl: 3") as caught:
        n_classes(rare, "")

    hint = caught.value.as_dict()["error"]["hint"]
    typed = ["--set dataset.on_rare_class=drop", "--set dataset.min_per_class=3"]
    assert all(words in hint for words in (typed[0], f"{typed[1]} and --folds 3."))
    assert n_classes(rare, typed[0]) == 2
    with pytest.raises(DataError, match="5 folds need at least 5 of each class") as few:
        n_classes(rare, typed[1])
    assert (
        "--set dataset.on_rare_class=drop and --set dataset.min_per_class=5, or use --folds 3."
        in (few.value.as_dict()["error"]["hint"])
    )
    assert n_classes(rare, f"{typed[1]} --folds 3") == 3
    assert n_classes(rare, "--set dataset.on_rare_class=drop --set dataset.min_per_class=5") == 2
    assert 'dataset={"on_rare_class": "drop"}' in str(caught.value)
    python = preview_of(
        Request(rare, {"learners": ["prior"], "dataset": {"on_rare_class": "drop", "min_per_class": 5}})
    )
    assert python.prepared.samples.n_classes == 2


def test_a_hint_about_rare_classes_leads_to_a_comparison(tmp_path: Path) -> None:
    """To drop every class, or to make folds of two samples, would only be the next error."""
    rows = [f"it barks {i} times,dog\nit wants {i} meals,cat" for i in range(2)]
    (tmp_path / "pets.csv").write_text("\n".join(["text,label", *rows]))

    with pytest.raises(DataError) as caught:
        n_classes(str(tmp_path / "pets.csv"), "")

    assert caught.value.hint.startswith("Add samples. ")
    assert "per_class" not in caught.value.hint
    assert "rare_class" not in caught.value.hint


def test_the_data_of_a_folder_cannot_be_named_again(rare: str) -> None:
    """Its parameters can be set, not its name."""
    with pytest.raises(ConfigError, match="is the data already"):
        visiontk.compare(rare, dataset={"name": "table", "min_per_class": 2})
