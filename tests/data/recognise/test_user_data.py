"""What a folder or table is taken for, and what is asked or refused."""

import contextlib
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visiontk.data.recognise.folders import recognise_folder
from visiontk.data.recognise.kinds import kinds_in, mixed, only, survey
from visiontk.data.recognise.records import Overrides, Recognised
from visiontk.data.recognise.user_tables import recognise_table
from visiontk.errors import ConfigError, DataError, VisiontkError

Write = Callable[..., str]
WORDS = ("it barks all night", "it wants some milk", "it sleeps all day")


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., str]:
    """Empty files by their names: nothing opens them."""

    def make(*names: str) -> str:
        for name in names:
            path = tmp_path / "data" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return str(tmp_path / "data")

    return make


@pytest.fixture
def table(tmp_path: Path, files: Callable[..., str]) -> Write:
    """A CSV file with these columns, each of them cells or a function of the row's number."""

    def write(n: int = 60, **columns: Any) -> str:
        filled = {name: [cell(i) for i in range(n)] if callable(cell) else cell for name, cell in columns.items()}
        rows = zip(*filled.values(), strict=True)
        lines = [",".join(filled), *(",".join(f'"{cell}"' for cell in row) for row in rows)]
        path = Path(files()) / "a.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines))
        return str(path)

    return write


def folder(where: str, kind: str = "images", **answers: str) -> Recognised:
    return recognise_folder(survey(where), where, kind, Overrides(**answers))  # type: ignore[arg-type]


def say(i: int) -> str:
    return f"{WORDS[i % 3]} {i}"


def pets(i: int) -> str:
    return ("dog", "cat")[i % 2]


# Folders


def test_class_folders_have_labels_and_no_split(files: Write) -> None:
    """Files of other kinds are left aside."""
    path = files("cat/1.png", "cat/2.jpg", "dog/1.png", "dog/sub.txt", "cover.png")

    found = folder(path)

    assert (found.labels, found.y.tolist(), found.ids.tolist()) == (
        ("cat", "dog"), [0, 0, 1], ["cat/1.png", "cat/2.jpg", "dog/1.png"],
    )  # fmt: skip
    assert found.parts is None
    assert found.groups is None
    assert [choice.name for choice in found.settings] == ["labels", "group"]


def test_folders_of_a_split_are_the_split(files: Write) -> None:
    """Under our names of the parts."""
    path = files(*(f"{part}/{label}/{i}.wav" for part in ("train", "val", "test") for label in "ab" for i in range(3)))

    found = folder(path, "recordings")

    assert found.parts is not None
    assert set(found.parts.tolist()) == {"train", "valid", "test"}
    assert found.settings[-1].reason == "train and valid and test"


def test_groups_in_names_of_files_are_found(files: Write) -> None:
    """And shown with the option that says otherwise."""
    path = files(*(f"{d}/{d}_{who}_{i}.wav" for d in "012" for who in ("al", "bo", "cy", "di", "ed") for i in range(3)))

    found = folder(path, "recordings")

    assert found.columns == {"group": "name:2"}
    assert found.groups is not None
    assert set(found.groups.tolist()) == {"al", "bo", "cy", "di", "ed"}
    assert found.settings[1].option == "--group none"
    assert "5 groups" in found.settings[1].examples
    assert folder(path, "recordings", group="none").groups is None


def test_open_groups_are_asked_with_what_to_type(files: Write) -> None:
    """Every reading is an option, and none as well."""
    path = files(*(f"{d}/{s}-{r}-{i}.wav" for d in "ab" for s in range(3) for r in range(4) for i in range(3)))

    with pytest.raises(ConfigError) as caught:
        folder(path, "recordings")

    assert caught.value.error_id == "E-GUESS-GROUP"
    for option in ("--group name:1  (3 groups: 0, 1, 2)", "--group name:2", "--group none"):
        assert option in caught.value.message
    assert "0-0-0.wav" in caught.value.message
    assert folder(path, "recordings", group="name:2").columns == {"group": "name:2"}
    with pytest.raises(ConfigError) as quiet:
        recognise_folder(survey(path), path, "recordings", Overrides(private=True))
    assert "(3 groups)" in quiet.value.message
    assert "0-0-0" not in quiet.value.message


def test_a_guess_that_contradicts_the_split_is_asked(files: Write) -> None:
    """One voice in train and test: the split, or the guess, is wrong."""
    names = [f"{d}_{who}_{i}.wav" for d in "012" for who in ("al", "bo", "cy", "di", "ed") for i in range(4)]
    path = files(*(f"{'test' if name[-5] == '0' else 'train'}/{name[0]}/{name}" for name in names))

    with pytest.raises(ConfigError, match=r"5 of 5 groups by 'name:2'.*are in several parts") as caught:
        folder(path, "recordings")

    assert caught.value.error_id == "E-GUESS-GROUP"
    assert "--group none" in caught.value.hint
    assert folder(path, "recordings", group="none").parts is not None
    assert folder(path, "recordings", group="name:2").groups is not None, "who names it is told by the split itself"


@pytest.mark.parametrize("name", ["label", "text", "path", "time", "split"])
def test_what_is_said_of_columns_is_refused_for_folders(files: Write, name: str) -> None:
    """Rather than forgotten."""
    with pytest.raises(ConfigError, match=f"--{name} x: a folder of class folders has no columns") as caught:
        folder(files("cat/1.png", "dog/1.png"), **{name: "x"})

    assert caught.value.error_id == "E-CONFIG-VALUE"


def test_a_few_files_of_another_kind_are_no_second_kind() -> None:
    """Captions beside every image are."""
    names = [f"{label}/{i}.png" for label in "ab" for i in range(20)]

    assert mixed([*names, "a/notes.txt", "b/notes.txt"]) == ["images"]
    assert mixed([*names, *(f"a/{i}.txt" for i in range(9))]) == ["images"], "one class cannot be compared"
    assert mixed([*names, *(name.replace("png", "txt") for name in names)]) == ["images", "texts"]
    assert kinds_in(names) == {"images": 40}


def test_a_listing_can_be_narrowed_to_one_kind(files: Write) -> None:
    """The rest counts as other files, which the note on them says."""
    listing = survey(files("cat/1.png", "dog/1.wav", "dog/2.xyz"))

    narrow = only(listing, "images")

    assert (narrow.files, narrow.others, narrow.what) == (("cat/1.png",), 2, "images")


# Tables


def test_columns_are_found_by_their_names(table: Write) -> None:
    """Each choice says why, and how to say otherwise."""
    path = table(text=say, label=pets, author=lambda i: f"a{i % 7}", split=lambda i: ("train", "test")[i % 7 > 4])

    found = recognise_table(path, Overrides())

    assert found.columns == {"text": "text", "label": "label", "group": "author", "part": "split", "time": ""}
    assert [choice.name for choice in found.settings] == ["text", "label", "group", "split"]
    assert all(choice.option for choice in found.settings)
    assert found.groups is not None
    assert found.parts is not None
    assert found.ids[0] == "2", "ids are those of the dataset: line numbers"


def test_columns_are_found_by_their_content(table: Write) -> None:
    """The names tell nothing."""
    found = recognise_table(table(a=lambda i: i * 1.7, b=pets, c=say), Overrides())

    assert (found.columns["text"], found.columns["label"]) == ("c", "b")
    assert "columns not used: a" in found.notes


def test_images_are_found_by_the_endings_of_their_names(table: Write, files: Write) -> None:
    """And their groups in their names, where no column has them."""
    names = [f"p{i // 4 % 10}_{'abcd'[i % 4]}x.png" for i in range(40)]
    files(*(f"images/{name}" for name in names))
    path = table(40, file=[f"images/{name}" for name in names], sick=lambda i: i % 2)

    with pytest.raises(ConfigError) as caught:
        recognise_table(path, Overrides())
    found = recognise_table(path, Overrides(group="name:1"))

    assert caught.value.error_id == "E-GUESS-GROUP"
    assert (found.kind, found.columns["path"], found.columns["label"]) == ("images", "file", "sick")
    assert found.groups is not None
    assert len(set(found.groups.tolist())) == 10


def test_answers_win_over_guesses(table: Write) -> None:
    """For every column."""
    path = table(
        text=say, other=say, label=pets, mood=lambda i: "ab"[i % 5 > 2], author=lambda i: i % 9,
        split=lambda i: "train",
        part2=lambda i: ("train", "test")[i > 40], day=lambda i: f"2020-01-{i % 28 + 1:02}",
    )  # fmt: skip

    found = recognise_table(path, Overrides(text="other", label="mood", group="none", split="part2"))
    by_time = recognise_table(path, Overrides(text="text", label="label", group="none", time="day"))

    assert found.columns == {"text": "other", "label": "mood", "group": "", "part": "part2", "time": ""}
    assert found.groups is None
    assert by_time.columns["time"] == "day"
    assert by_time.columns["part"] == ""
    assert by_time.parts is not None


def test_a_column_that_is_named_as_label_is_no_split(table: Write) -> None:
    """Whatever it is called, and whatever is in it."""
    found = recognise_table(table(text=say, split=lambda i: ("train", "test")[i % 2]), Overrides(label="split"))

    assert (found.columns["label"], found.parts) == ("split", None)


def test_a_column_of_dates_is_offered_never_taken(table: Write) -> None:
    """A split by time is another question."""
    found = recognise_table(table(text=say, label=pets, seen=lambda i: f"2020-01-{i % 28 + 1:02}"), Overrides())

    assert found.parts is None
    assert "column seen holds dates: --time seen tests on the latest fifth" in found.notes


def test_named_folds_are_each_test_in_turn(table: Write) -> None:
    """As in ESC-50."""
    found = recognise_table(table(text=say, label=pets, fold=lambda i: i % 5), Overrides())

    assert found.parts is not None
    assert set(found.parts.tolist()) == set("01234")


@pytest.mark.parametrize(
    "column", ["patient", "Patient ID", "subject_id", "speaker", "Person", "participant_no", "author_name"]
)
def test_columns_that_name_people_are_groups(table: Write, column: str) -> None:
    """Whatever is appended to the word."""
    path = table(text=say, label=pets, **{column: lambda i: i % 11})

    assert recognise_table(path, Overrides()).columns["group"] == column


@pytest.mark.parametrize(
    ("column", "cell"),
    [("patient", lambda i: i), ("speaker", pets), ("age", lambda i: i % 11), ("split", lambda i: "train")],
)
def test_columns_that_group_nothing_are_none(table: Write, column: str, cell: Any) -> None:
    """Everybody once, the class again, or a word that names nobody."""
    found = recognise_table(table(text=say, label=pets, **{column: cell}), Overrides())

    assert found.groups is None
    assert found.parts is None


ASKED: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"text": say, "a": pets, "b": lambda i: i % 4}, "E-GUESS-LABEL", ["--label a  (2 ", "--label b  (4 "]),
    ({"text": say, "size": lambda i: i * 0.5}, "E-GUESS-LABEL", ["no column looks like a label", "--label size"]),
    ({"text": say, "label": pets, "class": lambda i: i % 3}, "E-GUESS-LABEL", ["--label label", "--label class"]),
    ({"a": say, "b": say, "label": pets}, "E-GUESS-INPUT", ["a, b all hold texts"]),
    ({"a": lambda i: i, "label": pets}, "E-GUESS-INPUT", ["no column names files or holds texts", "Columns: a, label"]),
    ({"a": lambda i: f"{i}.png", "b": lambda i: f"{i}.jpg", "label": pets}, "E-GUESS-INPUT", ["a, b all name files"]),
    ({"f": lambda i: f"{i}.{('png', 'wav')[i % 2]}", "label": pets}, "E-GUESS-KIND", ["names images and recordings"]),
    ({"f": lambda i: f"{i}.txt", "label": pets}, "E-GUESS-INPUT", ["names text files"]),
    ({"text": say, "label": pets, "speaker": lambda i: i % 7, "patient": lambda i: i % 9}, "E-GUESS-GROUP",
     ["--group speaker  (7 groups)", "--group patient  (9 groups)", "--group none"]),
    ({"text": say, "label": pets, "user.id": lambda i: i % 7}, "E-GUESS-GROUP", ["--group user.id", "--group none"]),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "error_id", "words"), ASKED)
def test_what_is_open_is_asked_with_what_to_type(
    table: Write, columns: dict[str, Any], error_id: str, words: list[str]
) -> None:
    """One message, exit code 2."""
    with pytest.raises(ConfigError) as caught:
        recognise_table(table(**columns), Overrides())

    assert caught.value.error_id == error_id
    assert all(word in caught.value.message for word in words)
    assert caught.value.hint


REFUSED: list[tuple[dict[str, Any], Overrides, str, str]] = [
    ({"text": say, "label": lambda i: i * 17}, Overrides(), "E-LABEL-NUMBER", "60 different numbers, from 0 to 1003"),
    ({"text": say, "label": lambda i: i % 30 / 7}, Overrides(), "E-LABEL-NUMBER", "regression) is not supported"),
    ({"text": say, "label": lambda i: "dog"}, Overrides(), "E-LABEL-SINGLE", "only class 'dog'"),
    ({"text": say, "label": pets}, Overrides(label="lable"), "E-CSV-COLUMN", "Did you mean 'label'?"),
    ({"text": say, "label": pets}, Overrides(group="persn"), "E-CSV-COLUMN", "--group: no column 'persn'"),
    ({"text": say, "label": pets}, Overrides(group="name:2"), "E-CSV-COLUMN", "--group: no column 'name:2'"),
    ({"text": say, "label": pets}, Overrides(split="fold"), "E-CSV-COLUMN", "--split: no column 'fold'"),
    ({"text": say, "label": pets}, Overrides(time="day"), "E-CSV-COLUMN", "--time: no column 'day'"),
    ({"text": say, "label": pets}, Overrides(text="txt"), "E-CSV-COLUMN", "Did you mean 'text'?"),
    ({"text": say, "label": pets}, Overrides(path="file"), "E-CSV-COLUMN", "--path: no column 'file'"),
    ({"text": say, "label": pets, "day": say}, Overrides(text="text", time="day"), "E-TIME-FORMAT", "60 of 60 rows"),
    ({"path": lambda i: f"{i}.png", "label": pets}, Overrides(), "E-MANIFEST-MISSING", "60 of 60 files are missing"),
    ({"text": say, "label": pets}, Overrides(split="x", time="y"), "E-CONFIG-VALUE", "name one of them"),
    ({"text": say, "label": pets}, Overrides(text="x", path="y"), "E-CONFIG-VALUE", "not both"),
    ({"text": say, "label": pets}, Overrides(label="text"), "E-CONFIG-VALUE", "column 'text' cannot be text and label"),
    ({"text": say, "label": pets}, Overrides(group="label"), "E-CONFIG-VALUE", "cannot be label and group"),
    ({"text": say, "label": pets}, Overrides(split="label"), "E-GUESS-LABEL", "no column looks like a label"),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "answers", "error_id", "words"), REFUSED)
def test_what_cannot_be_is_refused(
    table: Write, columns: dict[str, Any], answers: Overrides, error_id: str, words: str
) -> None:
    """With the value, and the nearest name where there is one."""
    with pytest.raises(VisiontkError) as caught:
        recognise_table(table(**columns), answers)

    assert caught.value.error_id == error_id
    assert words in caught.value.message


def test_names_of_classes_may_be_numbers(table: Write) -> None:
    """Few of them, or many with many rows each: that is no regression."""
    assert len(recognise_table(table(text=say, label=lambda i: i % 10), Overrides()).labels) == 10
    assert len(recognise_table(table(2100, text=say, label=lambda i: i % 100), Overrides()).labels) == 100
    with pytest.raises(DataError, match="regression"):
        recognise_table(table(1900, text=say, label=lambda i: i % 100), Overrides())


def test_two_columns_of_one_name_are_refused(files: Write) -> None:
    """By the reader of tables."""
    path = Path(files("x.png")).parent / "data" / "a.csv"
    path.write_text("text,label,label\nit barks all night,dog,dog\n")

    with pytest.raises(DataError, match="names 'label' more than once"):
        recognise_table(str(path), Overrides())


def test_a_column_and_folders_that_split_in_two_ways_are_asked(table: Write, files: Write) -> None:
    """Where they agree nothing is asked."""
    names = [f"{('train', 'test')[i % 5 == 0]}/{i}.png" for i in range(60)]
    files(*names)

    agree = table(path=names, label=pets, split=[name.split("/")[0] for name in names])
    assert recognise_table(agree, Overrides()).parts is not None
    differ = table(path=names, label=pets, split=lambda i: ("train", "test")[i % 4 == 0])
    with pytest.raises(ConfigError, match="split in two ways") as caught:
        recognise_table(differ, Overrides())

    assert caught.value.error_id == "E-SPLIT-TWICE"
    assert "line 6" in caught.value.message
    for answer in ("split", "none"):
        assert f"--split {answer}" in caught.value.hint
        recognise_table(differ, Overrides(split=answer))


def test_json_lines_are_a_table_too(files: Write) -> None:
    """Of texts or of files."""
    path = Path(files("x.png")) / "a.jsonl"
    path.write_text("\n".join(json.dumps({"question": say(i), "kind": pets(i)}) for i in range(20)))

    found = recognise_table(str(path), Overrides())

    assert (found.columns["text"], found.columns["label"]) == ("question", "kind")


CELLS = st.sampled_from(
    ["", "a", "b", "1", "2.5", "x.png", "y.wav", "z.txt", "2020-01-01", "train", "test", "NaN", "é"]
)
NAMES = st.sampled_from(["text", "label", "path", "split", "patient", "user", "date", "c1", "", "Label", "fold"])


@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=4), st.data())
def test_any_table_is_recognised_or_refused_in_words(names: list[str], data: st.DataObject) -> None:
    """No other error ends a command, whatever lies in a file."""
    n = data.draw(st.integers(0, 12))
    long = data.draw(st.booleans())
    rows = [[data.draw(CELLS) + (" and so on" if long else "") for _ in names] for _ in range(n)]
    with tempfile.TemporaryDirectory() as where:
        path = Path(where, "a.csv")
        path.write_text("\n".join(",".join(row) for row in [names, *rows]), "utf-8")
        for answers in (Overrides(), Overrides(label=names[0], group="none"), Overrides(time=names[-1])):
            with contextlib.suppress(VisiontkError):
                found = recognise_table(str(path), answers)
                assert len(found.y) == len(found.ids) <= n
                assert len({*found.columns.values()} - {""}) == sum(map(bool, found.columns.values()))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.from_regex(
            r"(train|test|cat|dog|p1)(/[a-c]){0,2}/([a-c0-3]{1,2}[-_]){0,3}[0-9a-z]\.(png|wav|txt|xyz)", fullmatch=True
        ),
        max_size=14,
        unique=True,
    )
)
def test_any_folder_is_recognised_or_refused_in_words(names: list[str]) -> None:
    """Whatever the names."""
    with tempfile.TemporaryDirectory() as where:
        for name in names:
            Path(where, name).parent.mkdir(parents=True, exist_ok=True)
            Path(where, name).touch()
        with contextlib.suppress(VisiontkError):
            listing = survey(where)
            found = recognise_folder(listing, where, next(iter(kinds_in(listing.files))), Overrides())
            assert len(found.y) == len(found.ids)
            assert found.groups is None or len(found.groups) == len(found.y)
