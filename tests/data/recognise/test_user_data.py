"""Recognition of the folders and tables of users: settings, questions and errors."""

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
    """Create empty files with these names; their content is never read."""

    def make(*names: str) -> str:
        for name in names:
            path = tmp_path / "data" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return str(tmp_path / "data")

    return make


@pytest.fixture
def table(tmp_path: Path, files: Callable[..., str]) -> Write:
    """Write a CSV file with these columns, each a list of cells or a function of the row number."""

    def write(n: int = 60, **columns: Any) -> str:
        filled = {name: [cell(i) for i in range(n)] if callable(cell) else cell for name, cell in columns.items()}
        rows = zip(*filled.values(), strict=True)
        lines = [",".join(filled), *(",".join(f'"{cell}"' for cell in row) for row in rows)]
        path = Path(files()) / "a.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines))
        return str(path)

    return write


def folder(where: str, kind: str = "images", **overrides: Any) -> Recognised:
    return recognise_folder(survey(where), where, kind, Overrides(**overrides))


def note(i: int) -> str:
    return f"{WORDS[i % 3]} {i}"


def pets(i: int) -> str:
    return ("dog", "cat")[i % 2]


# Folders


def test_class_folders_have_labels_and_no_split(files: Write) -> None:
    """Files of other kinds are ignored."""
    path = files("cat/1.png", "cat/2.jpg", "dog/1.png", "dog/sub.txt", "cover.png")

    result = folder(path)

    assert (result.labels, result.y.tolist(), result.ids.tolist()) == (
        ("cat", "dog"), [0, 0, 1], ["cat/1.png", "cat/2.jpg", "dog/1.png"],
    )  # fmt: skip
    assert result.parts is None
    assert result.groups is None
    assert [choice.name for choice in result.settings] == ["labels", "group"]


def test_split_folders_are_the_split(files: Write) -> None:
    """The names of the parts are normalised."""
    path = files(*(f"{part}/{label}/{i}.wav" for part in ("train", "val", "test") for label in "ab" for i in range(3)))

    result = folder(path, "recordings")

    assert result.parts is not None
    assert set(result.parts.tolist()) == {"train", "valid", "test"}
    assert result.settings[-1].reason == "train and valid and test"


def test_groups_in_file_names_are_recognised(files: Write) -> None:
    """The setting names the option that disables them."""
    path = files(*(f"{d}/{d}_{p}_{i}.wav" for d in "012" for p in ("al", "bo", "cy", "di", "ed") for i in range(3)))

    result = folder(path, "recordings")

    assert result.columns == {"group": "name:2"}
    assert result.groups is not None
    assert set(result.groups.tolist()) == {"al", "bo", "cy", "di", "ed"}
    assert result.settings[1].option == "--group none"
    assert "5 groups" in result.settings[1].examples
    assert folder(path, "recordings", group="none").groups is None


def test_ambiguous_groups_are_an_error_with_the_possible_options(files: Write) -> None:
    """Every interpretation is an option, including none."""
    path = files(*(f"{d}/{s}-{r}-{i}.wav" for d in "ab" for s in range(3) for r in range(4) for i in range(3)))

    with pytest.raises(ConfigError) as caught:
        folder(path, "recordings")

    assert caught.value.error_id == "E-GUESS-GROUP"
    for option in ("--group name:1  (3 groups: 0, 1, 2)", "--group name:2", "--group none"):
        assert option in caught.value.message
    assert "0-0-0.wav" in caught.value.message
    assert folder(path, "recordings", group="name:2").columns == {"group": "name:2"}
    with pytest.raises(ConfigError) as private_error:
        recognise_folder(survey(path), path, "recordings", Overrides(private=True))
    assert "(3 groups)" in private_error.value.message
    assert "0-0-0" not in private_error.value.message


def test_a_guess_that_contradicts_the_split_is_an_error(files: Write) -> None:
    """A speaker in the training and test set: the split or the guess is wrong."""
    names = [f"{d}_{p}_{i}.wav" for d in "012" for p in ("al", "bo", "cy", "di", "ed") for i in range(4)]
    path = files(*(f"{'test' if name[-5] == '0' else 'train'}/{name[0]}/{name}" for name in names))

    with pytest.raises(ConfigError, match=r"5 of 5 groups by 'name:2'.*are in several parts") as caught:
        folder(path, "recordings")

    assert caught.value.error_id == "E-GUESS-GROUP"
    assert "--group none" in caught.value.hint
    assert folder(path, "recordings", group="none").parts is not None
    assert folder(path, "recordings", group="name:2").groups is not None, "checked with the folds"


@pytest.mark.parametrize("name", ["label", "text", "path", "time", "split"])
def test_column_options_are_refused_for_folders(files: Write, name: str) -> None:
    """They would be ignored otherwise."""
    with pytest.raises(ConfigError, match=f'{name}="x": a folder of class folders has no columns') as caught:
        folder(files("cat/1.png", "dog/1.png"), **{name: "x"})

    assert caught.value.error_id == "E-CONFIG-VALUE"


@pytest.mark.parametrize("tops", [("train", "bus", "car"), ("fold 1", "dog"), ("Test", "cat", "dog")])
def test_a_class_with_the_name_of_a_part_is_never_used_unasked(files: Write, tops: tuple[str, ...]) -> None:
    """The option, as printed, works."""
    path = files(*(f"{top}/{top}{i}.png" for top in tops for i in range(3)))

    with pytest.raises(ConfigError) as caught:
        folder(path)

    assert caught.value.error_id == "E-GUESS-LABEL"
    assert "--label folder:1" in caught.value.message
    assert folder(path, label="folder:1").labels == tuple(sorted(tops))


@pytest.mark.parametrize("inner", [("cat", "dog"), ("split_1", "split_2"), ("p1", "p2", "p3", "p4", "p5", "p6")])
def test_class_folders_with_the_same_folders_in_them_are_a_question(files: Write, inner: tuple[str, ...]) -> None:
    """Hospitals around classes, folds in classes, persons in classes: every option, as printed, works."""
    path = files(*(f"{top}/{name}/{i}.png" for top in "AB" for name in inner for i in range(3)))

    with pytest.raises(ConfigError) as caught:
        folder(path)

    options = [line.split("  (")[0].split() for line in caught.value.message.splitlines()[1:]]
    assert caught.value.error_id == "E-GUESS-LABEL"
    assert len(options) >= 2
    for words in options:
        chosen = dict(zip((word.removeprefix("--") for word in words[::2]), words[1::2], strict=True))
        result = folder(path, **chosen)
        assert result.labels in {("A", "B"), inner}
        assert (result.groups is not None) == chosen.get("group", "none").startswith("folder")
        assert (result.parts is not None) == ("split" in chosen)
    with pytest.raises(ConfigError) as private_error:
        folder(path, private=True)
    assert not any(name in private_error.value.message for name in inner)


def test_patients_around_class_folders_are_a_question(files: Write) -> None:
    """Although not every patient has every class."""
    path = files(*(f"p{i}/{k}/x{j}.png" for i in range(9) for k in (0, 1) if i % 3 or k for j in range(3)))

    with pytest.raises(ConfigError, match='label="folder:2" group="folder:1"'):
        folder(path)


def test_splits_in_several_folders_with_the_same_classes_are_a_question(files: Write) -> None:
    """Both options, as printed, work, and use the split."""
    names = [f"{s}/{p}/{c}/{i}.png" for s in "AB" for p in ("train", "test") for c in ("cat", "dog") for i in range(3)]
    path = files(*names)

    with pytest.raises(ConfigError) as caught:
        folder(path)

    assert "--label folder:1 --group none" in caught.value.message
    assert "--label folder:3" in caught.value.message
    assert folder(path, label="folder:1", group="none").labels == ("A", "B")
    assert folder(path, label="folder:3").labels == ("cat", "dog")
    assert folder(path, label="folder:3").parts is not None


def test_a_folder_with_a_split_beside_others_is_no_class(files: Write) -> None:
    """The hint names the folder to compare."""
    path = files(*(f"data/{p}/{c}/1.png" for p in ("train", "test") for c in "ab"), "docs/1.png")

    with pytest.raises(ConfigError, match="holds a split of its own") as caught:
        folder(path)

    assert f"visiontk compare {path}/data" in caught.value.hint


def test_a_few_files_of_another_kind_are_ignored() -> None:
    """A caption for every image describes it; other texts in every class are a second kind."""
    names = [f"{label}/{i}.png" for label in "ab" for i in range(20)]

    assert mixed([*names, "a/notes.txt", "b/notes.txt"]) == ["images"]
    assert mixed([*names, *(f"a/{i}.txt" for i in range(9))]) == ["images"], "one class cannot be compared"
    assert mixed([*names, *(name.replace("png", "txt") for name in names)]) == ["images"]
    assert mixed([*names, *(name.replace("/", "/text").replace("png", "txt") for name in names)]) == ["images", "texts"]
    assert kinds_in(names) == {"images": 40}


def test_a_listing_can_be_narrowed_to_one_kind(files: Write) -> None:
    """The remaining files are counted as other files."""
    listing = survey(files("cat/1.png", "dog/1.wav", "dog/2.xyz"))

    narrow = only(listing, "images")

    assert (narrow.files, narrow.others, narrow.what) == (("cat/1.png",), ("dog/1.wav", "dog/2.xyz"), "images")


# Tables


def test_columns_are_recognised_by_name(table: Write) -> None:
    """Each setting has its option."""
    path = table(text=note, label=pets, author=lambda i: f"a{i % 7}", split=lambda i: ("train", "test")[i % 7 > 4])

    result = recognise_table(path, Overrides())

    assert result.columns == {"text": "text", "label": "label", "group": "author", "part": "split", "time": ""}
    assert [choice.name for choice in result.settings] == ["text", "label", "group", "split"]
    assert all(choice.option for choice in result.settings)
    assert result.groups is not None
    assert result.parts is not None
    assert result.ids[0] == "2", "ids are those of the dataset: line numbers"


def test_columns_are_recognised_by_content(table: Write) -> None:
    """The names have no meaning."""
    result = recognise_table(table(a=lambda i: i * 1.7, b=pets, c=note), Overrides())

    assert (result.columns["text"], result.columns["label"]) == ("c", "b")
    assert "columns not used: a" in result.notes


def test_images_are_recognised_by_suffix(table: Write, files: Write) -> None:
    """Their groups come from the file names if no column has them."""
    names = [f"p{i // 4 % 10}_{'abcd'[i % 4]}x.png" for i in range(40)]
    files(*(f"images/{name}" for name in names))
    path = table(40, file=[f"images/{name}" for name in names], sick=lambda i: i % 2)

    with pytest.raises(ConfigError) as caught:
        recognise_table(path, Overrides())
    result = recognise_table(path, Overrides(group="name:1"))

    assert caught.value.error_id == "E-GUESS-GROUP"
    assert (result.kind, result.columns["path"], result.columns["label"]) == ("images", "file", "sick")
    assert result.groups is not None
    assert len(set(result.groups.tolist())) == 10


def test_options_override_guesses(table: Write) -> None:
    """For every column."""
    path = table(
        text=note, other=note, label=pets, mood=lambda i: "ab"[i % 5 > 2], author=lambda i: i % 9,
        split=lambda i: "train",
        part2=lambda i: ("train", "test")[i > 40], day=lambda i: f"2020-01-{i % 28 + 1:02}",
    )  # fmt: skip

    result = recognise_table(path, Overrides(text="other", label="mood", group="none", split="part2"))
    by_time = recognise_table(path, Overrides(text="text", label="label", group="none", time="day"))

    assert result.columns == {"text": "other", "label": "mood", "group": "", "part": "part2", "time": ""}
    assert result.groups is None
    assert by_time.columns["time"] == "day"
    assert by_time.columns["part"] == ""
    assert by_time.parts is not None


def test_a_column_selected_as_label_is_not_the_split(table: Write) -> None:
    """Whatever its name and content."""
    result = recognise_table(table(text=note, split=lambda i: ("train", "test")[i % 2]), Overrides(label="split"))

    assert (result.columns["label"], result.parts) == ("split", None)


def test_a_date_column_is_offered_but_not_used(table: Write) -> None:
    """A split by time must be requested."""
    result = recognise_table(table(text=note, label=pets, seen=lambda i: f"2020-01-{i % 28 + 1:02}"), Overrides())

    assert result.parts is None
    assert "column seen holds dates: --time seen tests on the latest fifth" in result.notes


def test_a_fold_column_defines_the_folds(table: Write) -> None:
    """As in ESC-50."""
    result = recognise_table(table(text=note, label=pets, fold=lambda i: i % 5), Overrides())

    assert result.parts is not None
    assert set(result.parts.tolist()) == set("01234")


@pytest.mark.parametrize(
    "column", ["patient", "Patient ID", "subject_id", "speaker", "Person", "participant_no", "author_name"]
)
def test_columns_of_people_are_groups(table: Write, column: str) -> None:
    """For any suffix of the word."""
    path = table(text=note, label=pets, **{column: lambda i: i % 11})

    assert recognise_table(path, Overrides()).columns["group"] == column


@pytest.mark.parametrize(
    ("column", "cell"),
    [("patient", lambda i: i), ("speaker", pets), ("age", lambda i: i % 11), ("split", lambda i: "train")],
)
def test_columns_without_repeated_people_are_not_groups(table: Write, column: str, cell: Any) -> None:
    """Unique values, a copy of the label, or a word that does not refer to people."""
    result = recognise_table(table(text=note, label=pets, **{column: cell}), Overrides())

    assert result.groups is None
    assert result.parts is None


AMBIGUOUS_TABLES: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"text": note, "a": pets, "b": lambda i: i % 4}, "E-GUESS-LABEL", ["--label a  (2 ", "--label b  (4 "]),
    ({"text": note, "kind": lambda i: f"k{i}"}, "E-GUESS-LABEL", ["no column looks like a label", "--label kind"]),
    ({"text": note, "label": pets, "class": lambda i: i % 3}, "E-GUESS-LABEL", ["--label label", "--label class"]),
    ({"a": note, "b": note, "label": pets}, "E-GUESS-INPUT", ["a, b all hold texts"]),
    ({"a": lambda i: i, "label": pets}, "E-GUESS-INPUT", ["no column names files or holds texts", "Columns: a, label"]),
    ({"a": lambda i: f"{i}.png", "b": lambda i: f"{i}.jpg", "label": pets}, "E-GUESS-INPUT", ["a, b all name files"]),
    ({"f": lambda i: f"{i}.{('png', 'wav')[i % 2]}", "label": pets}, "E-GUESS-KIND", ["names images and recordings"]),
    ({"f": lambda i: f"{i}.txt", "label": pets}, "E-GUESS-INPUT", ["names text files"]),
    ({"text": note, "label": pets, "speaker": lambda i: i % 7, "patient": lambda i: i % 9}, "E-GUESS-GROUP",
     ["--group speaker  (7 groups)", "--group patient  (9 groups)", "--group none"]),
    ({"text": note, "label": pets, "user.id": lambda i: i % 7}, "E-GUESS-GROUP", ["--group user.id", "--group none"]),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "error_id", "words"), AMBIGUOUS_TABLES)
def test_ambiguous_tables_are_an_error_with_the_possible_options(
    table: Write, columns: dict[str, Any], error_id: str, words: list[str]
) -> None:
    """The message lists the columns."""
    with pytest.raises(ConfigError) as caught:
        recognise_table(table(**columns), Overrides())

    assert caught.value.error_id == error_id
    assert all(word in caught.value.message for word in words)
    assert caught.value.hint


INVALID_SETTINGS: list[tuple[dict[str, Any], Overrides, str, str]] = [
    ({"text": note, "label": lambda i: i * 17}, Overrides(), "E-LABEL-NUMBER", "60 different numbers, from 0 to 1003"),
    ({"text": note, "label": lambda i: i % 30 / 7}, Overrides(), "E-LABEL-NUMBER", "regression) is not supported"),
    ({"text": note, "size": lambda i: i * 0.5}, Overrides(), "E-LABEL-NUMBER", "'size' holds 60 different numbers"),
    ({"text": note, "label": lambda i: "dog"}, Overrides(), "E-LABEL-SINGLE", "only class 'dog'"),
    ({"text": note, "label": pets}, Overrides(label="lable"), "E-CSV-COLUMN", "Did you mean 'label'?"),
    ({"text": note, "label": pets}, Overrides(group="persn"), "E-CSV-COLUMN", "--group: no column 'persn'"),
    ({"text": note, "label": pets}, Overrides(group="name:2"), "E-CSV-COLUMN", "--group: no column 'name:2'"),
    ({"text": note, "label": pets}, Overrides(split="fold"), "E-CSV-COLUMN", "--split: no column 'fold'"),
    ({"text": note, "label": pets}, Overrides(time="day"), "E-CSV-COLUMN", "--time: no column 'day'"),
    ({"text": note, "label": pets}, Overrides(text="txt"), "E-CSV-COLUMN", "Did you mean 'text'?"),
    ({"text": note, "label": pets}, Overrides(path="file"), "E-CSV-COLUMN", "--path: no column 'file'"),
    ({"text": note, "label": pets, "day": note}, Overrides(text="text", time="day"), "E-TIME-FORMAT", "60 of 60 rows"),
    ({"path": lambda i: f"{i}.png", "label": pets}, Overrides(), "E-MANIFEST-MISSING", "60 of 60 files are missing"),
    ({"text": note, "label": pets}, Overrides(split="x", time="y"), "E-CONFIG-VALUE", "name one of them"),
    ({"text": note, "label": pets}, Overrides(text="x", path="y"), "E-CONFIG-VALUE", "not both"),
    ({"text": note, "label": pets}, Overrides(label="text"), "E-CONFIG-VALUE",
     "column 'text' cannot be text and label"),
    ({"text": note, "label": pets}, Overrides(group="label"), "E-CONFIG-VALUE", "cannot be label and group"),
    ({"text": note, "label": pets}, Overrides(split="label"), "E-GUESS-LABEL", "no column is left"),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "overrides", "error_id", "words"), INVALID_SETTINGS)
def test_impossible_settings_are_refused(
    table: Write, columns: dict[str, Any], overrides: Overrides, error_id: str, words: str
) -> None:
    """With the value and the nearest name, if there is one."""
    with pytest.raises(VisiontkError) as caught:
        recognise_table(table(**columns), overrides)

    assert caught.value.error_id == error_id
    assert words in caught.value.message


def test_class_names_may_be_numbers(table: Write) -> None:
    """Few numbers, or many with many rows each, are not a regression target."""
    assert len(recognise_table(table(text=note, label=lambda i: i % 10), Overrides()).labels) == 10
    assert len(recognise_table(table(2100, text=note, label=lambda i: i % 100), Overrides()).labels) == 100
    with pytest.raises(DataError, match="regression"):
        recognise_table(table(1900, text=note, label=lambda i: i % 100), Overrides())


def test_two_columns_of_one_name_are_refused(files: Write) -> None:
    """The error is that of the table reader."""
    path = Path(files("x.png")).parent / "data" / "a.csv"
    path.write_text("text,label,label\nit barks all night,dog,dog\n")

    with pytest.raises(DataError, match="names 'label' more than once"):
        recognise_table(str(path), Overrides())


def test_split_folders_of_files_in_a_table_are_mentioned(table: Write, files: Write) -> None:
    """They are not used, as the table has no column for them."""
    names = [f"{('Training', 'Testing')[i % 5 == 0]}/{i}.png" for i in range(60)]
    files(*names)

    result = recognise_table(table(path=names, label=pets), Overrides())

    assert result.parts is None
    assert any("in folders Testing, Training, which are not used as a split" in note for note in result.notes)


def test_a_split_column_that_contradicts_split_folders_is_an_error(table: Write, files: Write) -> None:
    """If they agree there is no error."""
    names = [f"{('train', 'test')[i % 5 == 0]}/{i}.png" for i in range(60)]
    files(*names)

    agree = table(path=names, label=pets, split=[name.split("/")[0] for name in names])
    assert recognise_table(agree, Overrides()).parts is not None
    differ = table(path=names, label=pets, split=lambda i: ("train", "test")[i % 4 == 0])
    with pytest.raises(ConfigError, match="split in two ways") as caught:
        recognise_table(differ, Overrides())

    assert caught.value.error_id == "E-SPLIT-TWICE"
    assert "line 6" in caught.value.message
    for option in ("split", "none"):
        assert f"--split {option}" in caught.value.hint
        recognise_table(differ, Overrides(split=option))


def test_json_lines_are_recognised_as_a_table(files: Write) -> None:
    """As for CSV."""
    path = Path(files("x.png")) / "a.jsonl"
    path.write_text("\n".join(json.dumps({"question": note(i), "kind": pets(i)}) for i in range(20)))

    result = recognise_table(str(path), Overrides())

    assert (result.columns["text"], result.columns["label"]) == ("question", "kind")


CELLS = st.sampled_from(
    ["", "a", "b", "1", "2.5", "x.png", "y.wav", "z.txt", "2020-01-01", "train", "test", "NaN", "é"]
)
NAMES = st.sampled_from(["text", "label", "path", "split", "patient", "user", "date", "c1", "", "Label", "fold"])


@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=4), st.data())
def test_any_table_is_recognised_or_refused_with_an_error_message(names: list[str], data: st.DataObject) -> None:
    """No other exception is raised, for any content."""
    n = data.draw(st.integers(0, 12))
    long = data.draw(st.booleans())
    rows = [[data.draw(CELLS) + (" and so on" if long else "") for _ in names] for _ in range(n)]
    with tempfile.TemporaryDirectory() as where:
        path = Path(where, "a.csv")
        path.write_text("\n".join(",".join(row) for row in [names, *rows]), "utf-8")
        for overrides in (Overrides(), Overrides(label=names[0], group="none"), Overrides(time=names[-1])):
            with contextlib.suppress(VisiontkError):
                result = recognise_table(str(path), overrides)
                assert len(result.y) == len(result.ids) <= n
                assert len({*result.columns.values()} - {""}) == sum(map(bool, result.columns.values()))


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
def test_any_folder_is_recognised_or_refused_with_an_error_message(names: list[str]) -> None:
    """For any file names."""
    with tempfile.TemporaryDirectory() as where:
        for name in names:
            Path(where, name).parent.mkdir(parents=True, exist_ok=True)
            Path(where, name).touch()
        with contextlib.suppress(VisiontkError):
            listing = survey(where)
            result = recognise_folder(listing, where, next(iter(kinds_in(listing.files))), Overrides())
            assert len(result.y) == len(result.ids)
            assert result.groups is None or len(result.groups) == len(result.y)


def test_a_table_without_a_column_for_the_classes_is_refused(tmp_path: Path) -> None:
    """No question with an empty list of answers."""
    (tmp_path / "a.csv").write_text("text\nit is so\nit is not so\n")

    with pytest.raises(ConfigError, match="no column is left for the classes") as caught:
        recognise_table(str(tmp_path / "a.csv"), Overrides())

    assert "Which" not in str(caught.value)


def test_a_column_of_lists_is_not_denied(tmp_path: Path) -> None:
    """It exists, and its cells are not read."""
    rows = [f'{{"text": "it is so {i}", "tags": ["a"], "label": "{"ab"[i % 2]}"}}' for i in range(9)]
    (tmp_path / "a.jsonl").write_text("\n".join(rows))

    notes = recognise_table(str(tmp_path / "a.jsonl"), Overrides()).notes
    assert "column tags is ignored, as it holds lists or objects" in notes
    with pytest.raises(DataError, match="column 'tags' holds lists or objects, which are not read"):
        recognise_table(str(tmp_path / "a.jsonl"), Overrides(label="tags"))


def test_options_are_printed_as_they_can_be_typed(tmp_path: Path) -> None:
    """Names with blanks are quoted."""
    (tmp_path / "a.csv").write_text("text,kind of pet,the house\n" + "it is so,a,x\nit is not,b,y\nit may be,c,z\n" * 9)

    with pytest.raises(ConfigError) as caught:
        recognise_table(str(tmp_path / "a.csv"), Overrides())

    assert "--label 'kind of pet'  (3 different values)" in caught.value.message


def test_a_column_of_chinese_sentences_holds_texts(tmp_path: Path) -> None:
    """Without a single space; the plan says how they are split."""
    rows = [
        f"这部电影的故事{'很精彩' if i % 2 else '很无聊'}{chr(0x4E00 + i)},{'好' if i % 2 else '差'}" for i in range(30)
    ]
    (tmp_path / "a.csv").write_text("\n".join(["评论,标签", *rows]))

    result = recognise_table(str(tmp_path / "a.csv"), Overrides())

    assert (result.columns["text"], result.columns["label"]) == ("评论", "标签")
    assert any("script without spaces" in note for note in result.notes)
