"""Recognition of a folder or table: its task and dataset."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from visiontk.api.preview import preview_of
from visiontk.api.request import Request
from visiontk.api.user_data import UserData, is_own, recognise
from visiontk.errors import ConfigError, DataError, VisiontkError

Make = Callable[..., str]
SENTENCES = {"dog": "it barks all night", "cat": "it wants some milk"}


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return a function that creates empty files and a table, and returns the path of the latter, if any."""

    def write(*names: str, table: dict[str, list[Any]] | None = None, name: str = "a.csv", delimiter: str = ",") -> str:
        root = tmp_path / "own"
        for file in names:
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).touch()
        if table is None:
            return str(root)
        root.mkdir(exist_ok=True)
        rows = zip(*table.values(), strict=True)
        (root / name).write_text("\n".join(delimiter.join(map(str, row)) for row in [tuple(table), *rows]))
        return str(root / name)

    return write


def pets(n: int = 20) -> dict[str, list[Any]]:
    labels = [("dog", "cat")[i % 2] for i in range(n)]
    return {"text": [f"{SENTENCES[label]} {i}" for i, label in enumerate(labels)], "label": labels}


def task_and_dataset(own: UserData) -> tuple[str, str]:
    return own.document["task"], own.document["dataset"]["name"]


IMAGES = [f"{label}/{i}.png" for label in ("cat", "dog") for i in range(6)]
RECORDINGS = [f"{label}/{i}.wav" for label in ("cat", "dog") for i in range(6)]


def test_the_kind_of_files_chooses_the_task(make: Make) -> None:
    """Other tasks that read such files are named."""
    own = recognise(make(*IMAGES), {})

    assert task_and_dataset(own) == ("image_classification", "folder")
    (task,) = [choice for choice in own.settings if choice.name == "task"]
    assert task.option == "--task facial_expression or medical_imaging"
    assert own.settings[0].value == "12 images"


def test_the_task_may_be_requested(make: Make) -> None:
    assert task_and_dataset(recognise(make(*IMAGES), {"task": "facial_expression"})) == ("facial_expression", "folder")
    with pytest.raises(ConfigError, match="Did you mean 'facial_expression'"):
        recognise(make(*IMAGES), {"task": "facial_expresion"})


def test_two_kinds_of_files_are_an_error_with_both_options(make: Make) -> None:
    """Each option works."""
    folder = make(*IMAGES, *RECORDINGS)

    with pytest.raises(ConfigError, match="12 images and 12 recordings") as caught:
        recognise(folder, {})

    assert caught.value.error_id == "E-GUESS-KIND"
    for task, kind in (("image_classification", "images"), ("audio_classification", "recordings")):
        assert f"--task {task} for the {kind}" in caught.value.hint
        own = recognise(folder, {"task": task})
        assert own.recognised is not None
        assert (own.recognised.kind, len(own.recognised.y)) == (kind, 12)


@pytest.mark.parametrize(
    ("name", "delimiter", "dataset"),
    [("a.csv", ",", "csv"), ("a.csv", ";", "csv"), ("a.tsv", "\t", "csv"), ("A.CSV", "|", "csv")],
)
def test_tables_of_texts_may_have_any_delimiter(make: Make, name: str, delimiter: str, dataset: str) -> None:
    """It becomes a parameter."""
    own = recognise(make(table=pets(), name=name, delimiter=delimiter), {})

    assert task_and_dataset(own) == ("text_classification", dataset)
    assert own.document["dataset"].get("delimiter", ",") == delimiter


def test_json_lines_of_texts_have_a_separate_dataset(make: Make, tmp_path: Path) -> None:
    """JSON lines of files are read as a table."""
    texts, files = tmp_path / "t.jsonl", Path(make(*IMAGES)) / "f.jsonl"
    rows = pets()
    texts.write_text("\n".join(json.dumps({"text": t, "label": k}) for t, k in zip(*rows.values(), strict=True)))
    files.write_text("\n".join(json.dumps({"file": name, "label": name[:3]}) for name in IMAGES))

    assert task_and_dataset(recognise(str(texts), {})) == ("text_classification", "jsonl")
    assert task_and_dataset(recognise(str(files), {})) == ("image_classification", "csv")


def test_columns_become_parameters_of_the_dataset(make: Make) -> None:
    """Except those with default names."""
    table = {"file": IMAGES, "animal": [name[:3] for name in IMAGES], "person": list(range(6)) * 2}
    target = make(*IMAGES, table=table)

    own = recognise(target, {})
    _, experiment = Request(target, {}).read()

    assert own.document["dataset"] == {
        "name": "csv", "path": target, "path_column": "file", "label_column": "animal", "group_column": "person",
    }  # fmt: skip
    assert experiment.dataset_parameters["part_column"] == ""


def test_groups_are_patients_in_medical_imaging(make: Make) -> None:
    table = {"path": IMAGES, "label": [name[:3] for name in IMAGES], "person": list(range(6)) * 2}
    target = make(*IMAGES, table=table)

    own = recognise(target, {"task": "medical_imaging"})
    _, experiment = Request(target, {"task": "medical_imaging"}).read()

    assert own.document["dataset"]["patient_column"] == "person"
    assert experiment.dataset_parameters["patient_column"] == "person"


def test_messages_about_patients_contain_no_name(make: Make) -> None:
    """Neither of files nor of groups."""
    names = [
        f"{label}/CANARY{s}-{r}-{i}.png" for label in ("ill", "well") for s in "abc" for r in range(4) for i in (1, 2)
    ]
    folder = make(*names)
    missing = make(table={"path": [f"CANARY/{i}.png" for i in range(20)], "label": ["ill", "well"] * 10})

    for target in (folder, missing):
        with pytest.raises(VisiontkError) as caught:
            recognise(target, {"task": "medical_imaging"})
        assert "CANARY" not in caught.value.message + caught.value.hint
    own = recognise(folder, {"task": "medical_imaging", "group": "name:1"})
    assert "CANARY" not in str(own.settings)


def test_scans_need_a_table(make: Make) -> None:
    """For a folder of scans, the error shows how."""
    names = [f"{label}/{i}.dcm" for label in ("ill", "well") for i in range(6)]
    folder = make(*names)

    with pytest.raises(ConfigError, match="12 DICOM files") as caught:
        recognise(folder, {})
    own = recognise(make(table={"path": names, "label": [name[:3] for name in names]}), {})

    assert caught.value.error_id == "E-GUESS-INPUT"
    assert "write them into a table: cd " in caught.value.hint
    with pytest.raises(ConfigError) as flat:
        recognise(f"{folder}/ill", {})
    assert "table with columns path, label and patient" in flat.value.hint
    assert task_and_dataset(own) == ("medical_imaging", "dicom")


@pytest.mark.parametrize("suffix", ["dcm", "nii.gz"])
def test_scans_are_treated_as_private(make: Make, suffix: str) -> None:
    """Messages contain no file name, and patients are read from DICOM files."""
    names = [f"CANARY{i // 4}-{i % 4}-{i % 2}.{suffix}" for i in range(20)]
    table = {"path": names, "label": [("ill", "well")[i % 2] for i in range(20)]}
    missing = make(table=table)

    with pytest.raises(VisiontkError) as caught:
        recognise(missing, {})
    assert "CANARY" not in caught.value.message + caught.value.hint

    group = {} if suffix == "dcm" else {"group": "none"}
    (choice,) = [one for one in recognise(make(*names, table=table), group).settings if one.name == "group"]
    assert choice.value == ("the patient" if suffix == "dcm" else "none")
    assert "CANARY" not in str(choice)


def test_a_table_beside_images_is_suggested(make: Make) -> None:
    """If the folders are not classes."""
    make(table={"path": ["images/1.png"], "label": ["a"]}, name="labels.csv")

    for names in (["images/1.png", "images/2.png"], ["1.png"]):
        with pytest.raises(DataError) as caught:
            recognise(make(*names), {})
        assert "own/labels.csv" in caught.value.hint


def test_files_in_a_subfolder_are_read_from_there(make: Make) -> None:
    """Tables often omit the folder of their images."""
    table = {"image": [f"{i}.png" for i in range(20)], "label": ["a", "b"] * 10}
    target = make(*(f"images/{name}" for name in table["image"]), table=table)

    own = recognise(target, {})

    assert own.recognised is not None
    assert own.recognised.ids[0] == "images/0.png"
    assert "files are in images" in own.recognised.notes


def test_hints_are_command_line_options(make: Make, tmp_path: Path) -> None:
    """Not only keys of a config."""
    (tmp_path / "latin.csv").write_bytes("text,label\nein früher Vogel singt,a\n".encode("latin-1"))
    (tmp_path / "wide.csv").write_bytes("text,label\nit is so,a\nit is not,b\n".encode("utf-16"))
    single = make(table={**pets(), "label": ["dog"] * 20})

    with pytest.raises(DataError) as encoding:
        recognise(str(tmp_path / "latin.csv"), {})
    with pytest.raises(DataError) as wide:
        recognise(str(tmp_path / "wide.csv"), {})
    with pytest.raises(DataError) as label:
        recognise(single, {})

    assert "--set dataset.encoding=latin-1" in encoding.value.as_dict()["error"]["hint"]
    assert "--set dataset.encoding=utf-16" in wide.value.as_dict()["error"]["hint"]
    assert 'dataset={"encoding": "utf-16"}' in str(wide.value)
    assert "--label" in label.value.hint


def test_parameters_set_by_hand_are_used(make: Make) -> None:
    table = {**pets(), "other": ["x", "y", "y", "x"] * 5}
    target = make(table=table, delimiter=";")

    own = recognise(target, {}, ["dataset.label_column=other", "dataset.delimiter=;", "seeds=3"])
    _, experiment = Request(target, {}, ["dataset.label_column=other", "dataset.max_chars=50"]).read()

    assert own.document["dataset"]["label_column"] == "other"
    assert experiment.dataset_parameters["label_column"] == "other"
    assert experiment.dataset_parameters["max_chars"] == 50


def test_a_setting_that_the_task_lacks_is_an_error(make: Make) -> None:
    table = {
        "path": IMAGES,
        "label": [name[:3] for name in IMAGES],
        "day": [f"2020-01-{i + 1:02}" for i in range(12)],
    }
    target = make(*IMAGES, table=table)

    with pytest.raises(ConfigError, match="has no setting for time 'day'") as caught:
        recognise(target, {"task": "medical_imaging", "time": "day"})

    assert caught.value.error_id == "E-CONFIG-TASK"
    with pytest.raises(DataError, match="no texts, which text_classification compares, but 12 images"):
        recognise(str(Path(target).parent), {"task": "text_classification"})
    with pytest.raises(ConfigError, match="reads no tables of texts"):
        recognise(make(table=pets()).replace("a.csv", "a.csv"), {"task": "image_classification"} | {"text": "text"})


@pytest.mark.parametrize("setting", ["label", "group", "split", "time", "text", "path"])
def test_column_settings_are_for_own_data_only(setting: str) -> None:
    """A dataset of a task has its own parameters."""
    with pytest.raises(ConfigError, match=f"{setting}: 'x' given, which is for your own folder or table") as caught:
        Request("image_classification", {setting: "x"}).read()

    assert caught.value.error_id == "E-CONFIG-VALUE"


def test_an_empty_column_name_is_an_error(make: Make) -> None:
    with pytest.raises(ConfigError, match="label: empty"):
        recognise(make(table=pets()), {"label": ""})


def test_own_data_are_existing_folders_and_tables(make: Make) -> None:
    """Everything else is a name or a config."""
    assert is_own(make(*IMAGES))
    assert is_own(make(table=pets()))
    assert not any(map(is_own, ["", "image_classification", "nowhere.csv", "\0", "x" * 5000, "~nobody/a"]))


@pytest.mark.parametrize(
    ("pattern", "settings", "error_id", "guess", "way"),
    [
        ("{c}/patient_{p}_{i}.png", {}, "E-SPLIT-CLASS", "group is a guess: name:2", {"group": "none"}),
        (
            "{c}/patient{p}/{i}.png",
            {"label": "folder:1"},
            "E-SPLIT-CLASS",
            "The group is a guess: folder",
            {"group": "none"},
        ),
        (
            "{s}/{c}/{p}{i}.png",
            {"folds": 3},
            "E-SPLIT-OFFICIAL",
            "The split is a guess: the folders",
            {"split": "none"},
        ),
    ],
)
def test_an_error_that_follows_from_a_guess_names_it(
    make: Make, pattern: str, settings: dict[str, Any], error_id: str, guess: str, way: dict[str, str]
) -> None:
    """Once, with the option that says otherwise, which works."""
    names = {
        pattern.format(c=c, p=p, i=i, s=s) for c in "ab" for p in range(3) for i in range(9) for s in ("train", "test")
    }
    path = make(*names)

    with pytest.raises(VisiontkError) as caught:
        preview_of(Request(path, settings))

    (option,) = [f"--{name} {value}" for name, value in way.items()]
    assert caught.value.error_id == error_id
    assert caught.value.hint.count(guess) == 1
    assert f"Otherwise: {option}." in caught.value.hint
    assert preview_of(Request(path, settings | way)).folds


def test_a_given_group_is_no_guess(make: Make) -> None:
    path = make(*(f"{c}/patient_{p}_{i}.png" for c in "ab" for p in range(3) for i in range(9)))

    with pytest.raises(VisiontkError) as caught:
        preview_of(Request(path, {"group": "name:2"}))

    assert "guess" not in caught.value.hint


def test_levels_of_folders_become_parameters_of_the_dataset(make: Make) -> None:
    """So that a saved config reads the same classes and folds."""
    path = make(*(f"{site}/{c}/{i}.png" for site in ("north", "south") for c in ("cat", "dog") for i in range(6)))

    own = recognise(path, {"label": "folder:2", "split": "folder:1"})
    by_parameter = recognise(path, {}, ["dataset.label=folder:2", "dataset.split=folder:1"])

    assert own.document["dataset"]["label"] == "folder:2"
    assert own.document["dataset"]["split"] == "folder:1"
    assert own.recognised is not None
    assert by_parameter.recognised is not None
    assert own.recognised.labels == by_parameter.recognised.labels == ("cat", "dog")


def test_a_folder_that_holds_only_a_table_is_that_table(make: Make) -> None:
    path = make(table=pets())

    of_folder, of_table = recognise(str(Path(path).parent), {}), recognise(str(path), {})

    assert task_and_dataset(of_folder) == task_and_dataset(of_table) == ("text_classification", "csv")
    assert of_folder.recognised is not None
    assert of_folder.recognised.labels == ("cat", "dog")
