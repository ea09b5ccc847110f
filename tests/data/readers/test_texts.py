"""Readers of texts: valid files, and the error for each kind of invalid file."""

import json
from pathlib import Path

import numpy as np
import pytest

from visiontk.core import Card
from visiontk.data.options import ClassOptions, TextOptions
from visiontk.data.readers.text_files import text_folder, text_lines, text_table
from visiontk.data.readers.texts import text_samples, visible
from visiontk.errors import ConfigError, DataError


def table(folder: Path, rows, header="text,label", encoding="utf-8") -> str:
    path = folder / "texts.csv"
    path.write_bytes("\n".join([header, *rows, ""]).encode(encoding))
    return str(path)


def pets(n=5):
    return [row for i in range(n) for row in (f"barks {i},dog", f"mews {i},cat")]


def tree(folder: Path, names, text="some words"):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{text} {name}")
    return str(folder)


def samples_of(texts, y=None, groups=None, parts=None, min_per_class=1, **options):
    y = np.arange(len(texts)) % 2 if y is None else np.array(y)
    names = [f"line {i}" for i in range(len(texts))]
    return text_samples(
        Card("demo", ""), texts, y, ("a", "b"), names=names, groups=groups, parts=parts,
        options=TextOptions(**options), classes=ClassOptions(min_per_class),
    )  # fmt: skip


def test_a_table_has_texts_classes_groups_and_parts(tmp_path):
    rows = [f'"{word}, {i}",{label},g{i},{part}' for i, part in enumerate(["train"] * 5 + ["test"])
            for word, label in (("barks", "dog"), ("mews", "cat"))]  # fmt: skip
    path = table(tmp_path, rows, "text,label,person,part")

    samples = text_table(path, group_column="person", part_column="part")

    assert samples.labels == ("cat", "dog")
    assert samples.take([0, 1]).tolist() == ["barks, 0", "mews, 0"]
    assert samples.y[:2].tolist() == [1, 0]
    assert samples.groups.tolist()[:3] == ["g0", "g0", "g1"]
    assert samples.parts.tolist().count("train") == 10
    assert samples.ids[0] == "2"


def test_json_lines_give_the_same_samples_as_a_table(tmp_path):
    path = tmp_path / "texts.jsonl"
    rows = [dict(zip(("text", "label"), row.split(","), strict=True)) for row in pets()]
    path.write_text("\n".join(map(json.dumps, rows)))

    lines, cells = text_lines(str(path)), text_table(table(tmp_path, pets()))

    assert lines.take(np.arange(10)).tolist() == cells.take(np.arange(10)).tolist()
    assert lines.y.tolist() == cells.y.tolist()
    assert lines.card.fingerprint == cells.card.fingerprint


def test_a_folder_has_one_text_per_file(tmp_path):
    samples = text_folder(tree(tmp_path, [f"{label}/{i}.txt" for label in ("dog", "cat") for i in range(5)]))

    assert samples.labels == ("cat", "dog")
    assert samples.ids[0] == "cat/0.txt"
    assert samples.take([0]).tolist() == ["some words cat/0.txt"]


def test_a_folder_may_contain_a_split(tmp_path):
    names = [f"{part}/{label}/{i}.txt" for part in ("train", "test") for label in "ab" for i in range(5)]

    samples = text_folder(tree(tmp_path, names))

    assert sorted(set(samples.parts.tolist())) == ["test", "train"]
    assert samples.counts().tolist() == [10, 10]


@pytest.mark.parametrize("blank", ["", "  \t", "\u200b\u202e", "\x00\x07", "\u3000"], ids=ascii)
def test_a_text_without_a_visible_character_is_refused_or_dropped(blank):
    """White space and control characters count as invisible."""
    with pytest.raises(DataError, match="1 of 4 texts are empty:\n  line 2") as caught:
        samples_of(["a", "b", blank, "d"])
    samples = samples_of(["a", "b", blank, "d"], on_empty="drop")

    assert caught.value.error_id == "E-TEXT-EMPTY"
    assert samples.ids.tolist() == ["0", "1", "3"]
    assert samples.y.tolist() == [0, 1, 1]
    assert "1 empty texts dropped" in samples.card.notes


def test_emoji_are_visible():
    assert visible("\U0001f600")


def test_a_long_text_is_truncated_and_counted():
    samples = samples_of(["x" * 1_000_000, "y"], max_chars=50)

    assert [len(text) for text in samples.take([0, 1])] == [50, 1]
    assert "1 texts of more than 50 characters cut" in samples.card.notes


def test_texts_are_normalised_to_nfc():
    composed, decomposed = samples_of(["caf\u00e9", "tea"]), samples_of(["cafe\u0301", "tea"])

    assert decomposed.take([0])[0] == "caf\u00e9"
    assert composed.card.fingerprint == decomposed.card.fingerprint


def test_bidirectional_marks_are_escaped_in_messages_only():
    """They are part of the text, but would reverse a line on a terminal."""
    samples = samples_of(["abc\u202edef", "x"])
    with pytest.raises(DataError) as caught:
        text_samples(Card("de\u202emo", ""), ["", "x"], np.array([0, 1]), ("a", "b"), names=["row\u202e", "2"])

    assert "\u202e" in samples.take([0])[0]
    assert "\u202e" not in str(caught.value)
    assert "\\u202e" in str(caught.value)


def test_lone_surrogates_are_refused():
    with pytest.raises(DataError, match="lone surrogates") as caught:
        samples_of(["ok", "\ud800"])

    assert caught.value.error_id == "E-TEXT-ENCODING"


def test_repeated_texts_are_counted_across_classes_and_parts():
    parts = np.array(["train", "train", "train", "test", "test", "test"])

    notes = samples_of(["same", "same", "b", "Same ", "d", "e"], parts=parts).card.notes

    assert "1 texts occur more than once, 3 samples in all" in notes
    assert "1 texts occur in more than one class" in notes
    assert "1 test texts are also in the training set" in notes


@pytest.mark.parametrize("change", ["text", "class", "group", "part", "cut"])
def test_every_change_of_the_samples_changes_the_fingerprint(change):
    parts = np.array(["train", "train", "test", "test"])
    arguments = {"texts": ["aa", "bb", "cc", "dd"], "y": [0, 1, 0, 1], "groups": np.array(list("wxyz")), "parts": parts}
    before = samples_of(**arguments).card.fingerprint
    arguments |= {
        "text": {"texts": ["aa", "bb", "cc", "de"]},
        "class": {"y": [1, 0, 0, 1]},
        "group": {"groups": np.array(list("wxyy"))},
        "part": {"parts": parts[::-1]},
        "cut": {"max_chars": 1},
    }[change]

    assert samples_of(**arguments).card.fingerprint != before


BAD_TABLES = {
    "a class with too few rows": (pets(2), "text,label", {}, "E-SPLIT-CLASS", "fewer than 5"),
    "one class": ([f"t{i},cat" for i in range(9)], "text,label", {}, "E-LABEL-SINGLE", "only class 'cat'"),
    "a missing label": ([*pets(), "x,NaN"], "text,label", {}, "E-LABEL-MISSING", "lines 12"),
    "twins": ([*pets(), *["x,Cat"] * 5], "text,label", {}, "E-LABEL-TWINS", "'Cat', 'cat'"),
    "a missing column": (pets(), "text,labl", {}, "E-CSV-COLUMN", "Did you mean 'labl'"),
    "a ragged row": ([*pets(), "a,b,c"], "text,label", {}, "E-CSV-RAGGED", "line 12"),
    "an unclosed quote": ([*pets(), '"a,b'], "text,label", {}, "E-CSV-SYNTAX", "line 12"),
    "an empty text": ([*pets(), ",cat"], "text,label", {}, "E-TEXT-EMPTY", "line 12"),
    "a split without test": (
        [f"{row},train" for row in pets()], "text,label,p", {"part_column": "p"}, "E-SPLIT-PARTS", "test",
    ),
    "a missing group": (
        [*[f"{row},g" for row in pets()], "x,cat,"], "text,label,g", {"group_column": "g"}, "E-GROUP-MISSING", "12",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_TABLES)
def test_an_invalid_table_is_refused_with_the_line(tmp_path, name):
    rows, header, options, error_id, words = BAD_TABLES[name]

    with pytest.raises(DataError) as caught:
        text_table(table(tmp_path, rows, header), **options)

    assert caught.value.error_id == error_id
    assert words in str(caught.value)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_is_reported_and_can_be_set(tmp_path, encoding):
    path = table(tmp_path, [*pets(), "caf\u00e9,cat"], encoding=encoding)

    with pytest.raises(DataError) as caught:
        text_table(path)
    samples = text_table(path, encoding=encoding)

    assert caught.value.error_id == "E-CSV-ENCODING"
    assert samples.take([10])[0] == "caf\u00e9"


def test_all_files_of_another_encoding_are_listed(tmp_path):
    tree(tmp_path, [f"{label}/{i}.txt" for label in "ab" for i in range(5)])
    for name in ("a/1.txt", "b/2.txt"):
        (tmp_path / name).write_bytes("caf\u00e9".encode("latin-1"))

    with pytest.raises(DataError) as caught:
        text_folder(str(tmp_path))

    assert caught.value.error_id == "E-TEXT-ENCODING"
    assert "a/1.txt: byte 4, 0xE9" in str(caught.value)
    assert "b/2.txt" in str(caught.value)
    assert text_folder(str(tmp_path), encoding="latin-1").take([1])[0] == "caf\u00e9"


def test_a_folder_without_texts_or_with_one_class_is_refused(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(DataError, match="no texts"):
        text_folder(str(tmp_path))
    tree(tmp_path, [f"a/{i}.txt" for i in range(5)])
    with pytest.raises(DataError, match="only class 'a'") as caught:
        text_folder(str(tmp_path))

    assert caught.value.error_id == "E-LABEL-SINGLE"


def test_an_empty_class_folder_is_refused(tmp_path):
    tree(tmp_path, [f"{label}/{i}.txt" for label in "ab" for i in range(5)])
    (tmp_path / "c").mkdir()

    with pytest.raises(DataError, match="c: 0") as caught:
        text_folder(str(tmp_path))

    assert caught.value.error_id == "E-SPLIT-CLASS"


@pytest.mark.parametrize("options", [{"on_empty": "ignore"}, {"max_chars": 0}, {"min_per_class": 0}], ids=str)
def test_an_argument_out_of_range_is_refused(options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        samples_of(["a", "b"], **options)


def test_an_unknown_encoding_is_refused(tmp_path):
    path = tree(tmp_path, [f"{label}/{i}.txt" for label in "ab" for i in range(5)])

    with pytest.raises(ConfigError, match="'klingon' is unknown"):
        text_folder(path, encoding="klingon")


def test_files_without_an_ending_are_texts_if_no_other_is_there(tmp_path):
    """As in 20 newsgroups, whose folders have dots in their names."""
    tree(tmp_path, [f"{label}/{49960 + i}" for label in ("alt.atheism", "comp.graphics") for i in range(5)])
    tree(tmp_path, ["alt.atheism/index.html"])

    samples = text_folder(str(tmp_path))

    assert samples.labels == ("alt.atheism", "comp.graphics")
    assert len(samples) == 10


def test_files_without_an_ending_that_hold_no_text_are_no_texts(tmp_path):
    tree(tmp_path, [f"{label}/{i}" for label in "ab" for i in range(5)], text="a\0b")

    with pytest.raises(DataError, match="no texts"):
        text_folder(str(tmp_path))


def test_texts_in_a_script_without_spaces_are_noted():
    """A plan and a report say how such texts are split."""
    samples = text_samples(Card("a", ""), ["这部电影很好看。", "很无聊。"], np.array([0, 1]), "ab", names=["1", "2"])

    assert any(note.startswith("2 of 2 texts are in a script without spaces") for note in samples.card.notes)
