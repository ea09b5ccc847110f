"""`visiontk show`: runs and data, without training and without writing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from visiontk import api

Call = Callable[..., Any]


@pytest.fixture
def run(call: Call) -> Path:
    """A finished run of two learners."""
    result = call(
        "compare", "image_classification", "--preset", "quick", "--learners", "prior,logistic", "--executor", "serial",
        "--out", "run",
    )  # fmt: skip
    assert result.code == 0
    return Path("run")


def test_a_run_is_shown_from_its_stored_results(call: Call, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Table, verdict and warnings as after the comparison, without computation."""
    monkeypatch.setattr("visiontk.api.run_result.compute_results", None)

    result = call("show", "run")

    values = json.loads((run / "results.json").read_bytes())
    assert result.code == 0
    assert values["headlines"][0]["sentence"].split()[0] in result.out
    assert "logistic" in result.out
    assert "prior" in result.out
    assert json.loads(call("show", "run", "--json").out) == values


def test_outdated_results_are_computed_again(call: Call, run: Path) -> None:
    """Damaged, or of fewer fits than are finished."""
    whole = (run / "results.json").read_bytes()
    for change in (b"", json.dumps(json.loads(whole) | {"n_done": 1}).encode()):
        (run / "results.json").write_bytes(change)

        result = call("show", "run")

        assert result.code == 0
        assert json.loads((run / "results.json").read_bytes())["n_done"] == 2


def test_a_claim_of_a_report_is_answered_and_not_stored(call: Call, run: Path) -> None:
    """It is exploratory, and its page has a name of its own."""
    before = (run / "results.json").read_bytes()

    result = call("report", "run", "--claim", "logistic > prior by 10")

    assert result.code == 0
    text = " ".join(result.out.split())
    assert text.startswith("claim, stated after the test set was read: logistic > prior by 10: SUPPORTED Exploratory: ")
    assert "Claim (exploratory): logistic &gt; prior by 10" in (run / "report-logistic-prior-by-10.html").read_text()
    assert (run / "results.json").read_bytes() == before
    assert call("report", "run", "--claim", "logistic > piror").code == 2


def test_a_claim_is_stated_in_the_command_and_shown_again(call: Call) -> None:
    words = ("--preset", "quick", "--executor", "serial", "--out", "run")

    result = call(
        "compare", "image_classification", "--learners", "prior,logistic", "--claim", "Logistic>prior by 10", *words
    )
    shown = call("show", "run")

    for text in (result.out, shown.out):
        assert text.lstrip().startswith("claim, stated before the test set was read: logistic > prior by 10: SUPPORTED")
        assert text.index("The claim that logistic is better than prior by more than 10 points") < text.index("fit CPU")
    assert "Claim: logistic &gt; prior by 10" in (Path("run") / "report.html").read_text()


def test_a_claim_that_cannot_be_tested_writes_no_folder(call: Call, tmp_path: Path) -> None:
    result = call("compare", "image_classification", "--learners", "prior,logistic", "--claim", "network > traditional")

    assert result.code == 2
    assert "error[E-CONFIG-CLAIM]: claim: 'network > traditional': no learner that is compared is a n" in result.err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_data_is_shown_as_it_is_recognised(call: Call, tmp_path: Path) -> None:
    """Kind, classes, groups and split as in a dry run, without learners."""
    for label in ("cat", "dog"):
        for i in range(10):
            path = tmp_path / "pets" / label / f"{i}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    result = call("show", "pets")

    assert result.code == 0
    assert "task: audio_classification" in result.out
    assert "samples: 20 of 2 classes: cat 10, dog 10." in result.out
    assert "split policy: " in result.out
    assert "learners" not in result.out
    assert {path.name for path in tmp_path.iterdir()} == {"pets"}


def test_options_of_an_error_can_be_typed_after_show(call: Call, tmp_path: Path) -> None:
    """A question about the columns of a table is answered with its own words; a run has its data already."""
    rows = [f"it barks {i} times,{'ab'[i % 2]},{'xy'[i // 2 % 2]}" for i in range(40)]
    (tmp_path / "pets.csv").write_text("\n".join(["text,kind of pet,house", *rows]))
    question = call("show", "pets.csv")
    assert "\n  --label 'kind of pet'  (2 different values)\n" in question.err

    answer = call("show", "pets.csv", "--label", "kind of pet", "--group", "none")
    call("compare", "pets.csv", "--label", "kind of pet", "--learners", "prior", "--preset", "quick", "--out", "run",
         "--executor", "serial", "--no-audit")  # fmt: skip
    refused = call("show", "run", "--label", "house")

    assert (answer.code, refused.code) == (0, 2)
    assert "samples: 40 of 2 classes: a 20, b 20." in answer.out
    assert "--label: not for a run directory" in refused.err


def test_a_path_that_is_neither_run_nor_data_is_an_error(call: Call) -> None:
    """With what can be shown."""
    result = call("show", "nowhere")

    assert result.code == 2
    assert "error[E-RUN-PATH]: nowhere: no such folder." in result.err


def test_a_saved_config_runs(call: Call, run: Path) -> None:
    """A dry run and a run save the same config."""
    options = ("--preset", "quick", "--learners", "prior,logistic")
    planned = call("compare", "image_classification", *options, "--dry-run", "--save", "planned.yaml")
    ran = call(
        "compare", "image_classification", *options, "--executor", "serial", "--out", "run", "--save", "ran.yaml"
    )

    assert (planned.code, ran.code) == (0, 0)
    assert "Config: planned.yaml" in planned.out
    assert Path("planned.yaml").read_text() == Path("ran.yaml").read_text()
    experiment = api.Request("planned.yaml", {}).read()[1]
    assert experiment == api.Request("run/experiment.yaml", {}).read()[1]
