"""Plans and configs on the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from visiontk.cli.print_preview import preview_lines, recognised_lines
from visiontk.config import read_config

Call = Callable[..., Any]


@pytest.fixture
def recordings(tmp_path: Path) -> str:
    """Names of recordings of five speakers; the files are never opened."""
    for digit in "012":
        (tmp_path / "clips" / digit).mkdir(parents=True)
        for speaker in ("al", "bo", "cy", "di", "ed"):
            for i in range(4):
                (tmp_path / "clips" / digit / f"{digit}_{speaker}_{i}.wav").touch()
    (tmp_path / "clips.tar.gz").touch()
    return "clips"


def test_a_dry_run_prints_the_plan_and_writes_nothing(call: Call, recordings: str) -> None:
    """Data, split with its reason, fits, time and disk; exit code 0."""
    before = sorted(Path().rglob("*"))

    result = call("compare", recordings, "--dry-run", "--learners", "prior,mfcc_svm", "--preset", "quick")

    assert result.code == 0
    for sentence in (
        "data: 60 recordings (a folder).",
        "task: audio_classification (for recordings).",
        "group: name:2 (these words recur in the file names; 5 groups: al, bo, cy, di, …).",
        "Otherwise: --group none.",
        "samples: 60 of 3 classes: 0 20, 1 20, 2 20.",
        "groups: 5 of 12 samples each.",
        "split policy: grouped: every sample is tested once in 5 folds, and each of 5 groups is on one side only",
        "fits: 10 (2 learners, 5 folds, 1 seed; quick preset).",
        "can show: a difference of 13 points of accuracy or more on 60 test samples of 5 groups if all samples were "
        "independent, of 79 points if each group were one sample; 5 points would take between 320 samples and ",
        "320 groups (power 80 %, if the learners disagree on 10 % of the samples).",
        "time: roughly 10 s, as such fits took on other data; at most ",
        "results: runs/audio_classification-folder-clips-quick",
        "Nothing was trained, and no run directory was written (dry run).",
    ):
        assert sentence in " ".join(result.out.split()), sentence
    assert max(map(len, result.out.splitlines())) <= 100
    assert sorted(Path().rglob("*")) == before


def test_a_comparison_begins_with_how_the_data_were_read(call: Call, tmp_path: Path) -> None:
    """Warnings are printed while it can still be stopped."""
    rows = [f"it barks {i} times,{'ab'[i % 2]},p{i // 8},{i / 7}" for i in range(40)]
    (tmp_path / "pets.csv").write_text("\n".join(["text,label,author,weight", *rows]))

    result = call(
        "compare", "pets.csv", "--learners", "prior", "--preset", "quick", "--folds", "1", "--executor", "serial"
    )

    text = " ".join(result.err.split())
    assert result.code == 0
    assert text.startswith("data: 40 texts (a table). task: text_classification (for texts). text: text (by its name).")
    assert "group: author (by its name; 5 groups). Otherwise: --group none." in text
    assert "note: columns not used: weight." in text
    assert "split policy: grouped: a fifth is the test set" in text
    assert "warning: 1 of 5 groups is tested, too few to say who is better: --folds 5 tests all of them." in text
    assert text.index("warning: ") < text.index("1/1 fits")
    (results,) = Path("runs").glob("*/results.json")
    assert json.loads(results.read_bytes())["dataset"]["title"] == "pets (your data)"
    assert "pets (your data)" in results.with_name("report.html").read_text().split("</title>")[0]


def test_a_dry_run_is_available_as_json(call: Call, recordings: str) -> None:
    """With the documented keys."""
    value = json.loads(call("compare", recordings, "--dry-run", "--json", "--out", "here", "--workers", "3").out)

    page = (Path(__file__).parents[2] / "docs" / "own_data.md").read_text()
    assert all(f"`{key}`" in page for key in value)
    assert all(f"`{key}`" in page for inner in ("time", "disk", "split", "groups") for key in value[inner])
    assert value["split"]["policy"] == "grouped"
    assert value["out"] == "here"
    assert value["time"]["n_workers"] == 3


def test_a_task_can_be_planned(call: Call) -> None:
    """Its data are read, and no file is written."""
    result = call("compare", "image_classification", "--dry-run", "--preset", "quick")

    assert result.code == 0
    assert "samples: 1,797 of 10 classes" in result.out
    assert "split policy: stratified" in result.out
    assert not list(Path().rglob("*"))


def test_a_printed_config_runs_like_the_command(call: Call, recordings: str) -> None:
    """Standard output has nothing else."""
    result = call("compare", recordings, "--preset", "quick", "--dry-run", "--save", "-")
    Path("my.yaml").write_text(result.out)

    document = json.loads(call("compare", recordings, "--preset", "quick", "--dry-run", "--json").out)["config"]

    _, experiment = read_config(Path("my.yaml"))
    assert (result.code, result.err) == (0, "")
    assert experiment.as_document() == document
    assert document["dataset"]["group"] == "name:2"


def test_the_schema_is_printed(call: Call) -> None:
    """It is JSON and needs no target."""
    value = json.loads(call("list", "settings", "--schema").out)

    assert value["title"] == "visiontk config"
    assert "image_classification" in value["properties"]["task"]["enum"]


def test_a_class_without_training_samples_is_excluded_on_request(call: Call, tmp_path: Path) -> None:
    """The plan counts its samples as unknown; without the option it is an error with a hint."""
    for part, names in (("train", "cat dog"), ("test", "cat dog fox")):
        for name in names.split():
            for i in range(5):
                path = tmp_path / "pets" / part / name / f"{i}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()

    refused = call("compare", "pets", "--dry-run", "--learners", "prior")
    result = call("compare", "pets", "--dry-run", "--learners", "prior", "--set", "dataset.on_rare_class=drop")

    assert (refused.code, result.code) == (3, 0)
    assert "--set dataset.on_rare_class=drop" in " ".join(refused.err.split())
    text = " ".join(result.out.split())
    assert "samples: 20 of 2 classes: cat 10, dog 10." in text
    assert "(fox 5); 5 of them are test samples, unknown to every learner and excluded by every metric. time:" in text


ERRORS = [
    (["compare", "image_clasification", "--dry-run"], 2, "E-UNKNOWN-TASK", "Did you mean 'image_classification'?"),
    (["list", "tasks", "--schema"], 2, "E-USAGE", "--schema: not for tasks"),
    (["compare", "all", "--save", "all.yaml"], 2, "E-CONFIG-ALL", "--save: not for all tasks at once"),
    (["compare", "all", "--dry-run"], 2, "E-CONFIG-ALL", "--dry-run: not for all tasks at once"),
    (["compare", "nowhere.csv"], 2, "E-CONFIG-PATH", "nowhere.csv: no such file. hint"),
    (["compare", "clip"], 2, "E-UNKNOWN-TASK", "There is no folder 'clip' here either"),
    (["compare", "./clip"], 2, "E-CONFIG-PATH", "./clip: no such folder. Did you mean clips?"),
    (["compare", "./nowhere.csv"], 2, "E-CONFIG-PATH", "no such file"),
    (["compare", "clips.tar.gz"], 2, "E-CONFIG-PATH", "unpacked first: python3 -m tarfile -e clips.tar.gz clips &&"),
    (["compare", "clips", "--label", "x"], 2, "E-CONFIG-VALUE", "a folder of class folders has no columns"),
    (["compare", "clips", "--group", "speaker"], 2, "E-GROUP-NAME", "expected name:2"),
    (["compare", "clips", "--group", "name:9"], 3, "E-GROUP-MISSING", "60 of 60 files have no group"),
    (["compare", "clips", "--task", "text_classification"], 3, "E-DATA-EMPTY", "no texts, which text_classification"),
    (["compare", "image_classification", "--group", "x"], 2, "E-CONFIG-VALUE", "your own folder or table only"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "code", "error_id", "message"), ERRORS, ids=lambda value: str(value)[:60])
def test_every_error_has_one_message(
    arguments: list[str], code: int, error_id: str, message: str, call: Call, recordings: str
) -> None:
    """With its identifier and a hint."""
    result = call(*arguments)

    assert result.code == code
    assert f"visiontk: error[{error_id}]: " in result.err
    assert message in " ".join(result.err.split())
    assert "hint: " in result.err


def test_alternative_options_are_on_separate_lines(call: Call, tmp_path: Path) -> None:
    for label in "ab":
        for session in range(4):
            for i in range(3):
                path = tmp_path / "own" / label / f"IMG-{session}-{i}-{i}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()

    result = call("compare", "own")

    assert "error[E-GUESS-GROUP]" in result.err
    assert "\n  --group name:2  (4 groups: 0, 1, 2, 3)\n" in result.err
    assert "\n  --group none  (every file is independent)\n" in result.err


def test_control_characters_in_names_do_not_reach_the_terminal() -> None:
    """Names of folders are user input."""
    (line,) = recognised_lines(
        [{"name": "group", "value": "\x1b[31m", "reason": "a", "option": "", "examples": "\x07"}]
    )

    assert not any(character in line for character in "\x1b\x07")


def test_many_labels_are_counted() -> None:
    value = {
        "task": "t", "dataset": "d", "recognised": [], "notes": [], "n_samples": 40, "groups": None,
        "labels": {f"c{i}": 2 for i in range(20)}, "learners": ["prior"], "seeds": [0], "preset": "quick",
        "n_fits": 1, "n_study_fits": {}, "fitted_once": [],
        "config": {"claim": ""}, "search": 1, "n_search_fits_at_most": 0,
        "split": {"policy": "official", "why": "so", "folds": 1, "n_train": 1, "n_valid": 1, "n_test": 1}, "out": "x",
        "warnings": [], "can_show": {"detectable": None, "reason": "the test set has one class only"},
        "time": {"n_done": 1, "n_workers": 1, "at_most_s": 0.0, "expected_s": 0.0, "rough_s": 0.0, "measured_s": {},
                 "unknown_for": []},
        "disk": {"predictions_at_most_bytes": 10, "free_bytes": None},
    }  # fmt: skip

    text = " ".join("\n".join(preview_lines(value)).split())

    assert "c11 2 and 8 more." in text
    assert "time: every fit is done already." in text
    assert "are free" not in text
    assert "claim" not in text


def test_a_preview_shows_the_claim_as_it_would_be_stored(call: Call) -> None:
    result = call("compare", "image_classification", "--claim", "LENET5>Hog_svm by 2", "--dry-run")

    assert "claim: lenet5 > hog_svm by 2; it is stored before the test set is read." in result.out


def test_the_number_of_fits_is_the_sum_of_its_terms(call: Call) -> None:
    """Learners that ignore the seed are fitted once; curves and controls are terms of their own."""
    words = ["--learners", "prior,hog_svm,mlp,convnet", "--folds", "3", "--seeds", "2", "--curve", "1"]
    result = call("compare", "image_classification", *words, "--negative-control", "--dry-run")
    value = json.loads(call("compare", "image_classification", *words, "--dry-run", "--json").out)

    curve = value["n_study_fits"]["learning_curve"]
    assert curve > 0
    assert value["n_fits"] == 2 * 3 * 2 + 2 * 3 + curve
    assert (
        f"fits: {value['n_fits'] + 12} (2 learners, 3 folds, 2 seeds; 2 learners (prior, hog_svm), 3 folds, once as "
        f"they ignore the seed; {curve} on smaller training sets; 12 on shuffled labels; standard preset)."
    ) in " ".join(result.out.split())
