"""The audit command, its page, the cache, and the audit before a comparison."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import visiontk.api as api
from visiontk.api import audit_result
from visiontk.audit.process import answer
from visiontk.cli import main
from visiontk.cli.print_audit import print_audit
from visiontk.errors import EnvironmentFault
from visiontk.harness.drive import prepare
from visiontk.report.pages.audit import render_audit, sentence
from visiontk.report.pages.document import SEVERITIES


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISIONTK_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Images of two classes; one image is in both the training and the test set."""
    rng = np.random.default_rng(0)
    for part in ("train", "test"):
        for label in ("cat", "dog"):
            (tmp_path / "pets" / part / label).mkdir(parents=True)
            for i in range(25):
                pixels = rng.integers(0, 200 if label == "cat" else 100, (12, 12)).astype(np.uint8)
                Image.fromarray(pixels).save(tmp_path / "pets" / part / label / f"{rng.integers(10**9):09d}-{i}.png")
    first = sorted((tmp_path / "pets" / "train" / "cat").iterdir())[0]
    shutil.copy(first, tmp_path / "pets" / "test" / "cat" / "again.png")
    return tmp_path / "pets"


def run(arguments: list[str], capsys: Any) -> tuple[int, str]:
    with pytest.raises(SystemExit) as exit_info:
        main(arguments)
    return int(exit_info.value.code or 0), capsys.readouterr().out


@pytest.mark.slow
def test_the_command_prints_findings_and_writes_a_page(pets: Path, tmp_path: Path, capsys: Any) -> None:
    code, out = run(["data", "audit", str(pets), "--set", "dataset.leak=warn", "-o", str(tmp_path / "a.html")], capsys)

    page = (tmp_path / "a.html").read_text()

    assert code == 3  # one of 51 is more than 0.5 %
    assert "error VTK102: 1 test sample" in out
    assert "again.png" in out
    assert page.count("data:image/png;base64,") >= 2
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.slow
def test_the_audit_prints_json_and_continues_after_an_unreadable_file(pets: Path, tmp_path: Path, capsys: Any) -> None:
    (pets / "train" / "dog" / "bad.png").write_bytes(b"GIF")

    code, out = run(["data", "audit", str(pets), "--json", "-o", str(tmp_path / "a.html")], capsys)
    codes = [finding["code"] for finding in json.loads(out)["findings"]]

    assert code == 3
    assert {"VTK001", "VTK102"} <= set(codes)


def test_data_that_cannot_be_read_completely_have_a_page(tmp_path: Path) -> None:
    """It shows the errors, without samples."""
    for label in ("cat", "dog"):  # too few, and none can be read
        (tmp_path / "pets" / label).mkdir(parents=True)
        (tmp_path / "pets" / label / "1.png").touch()
    request = {"task": "image_classification", "dataset": "folder", "parameters": {"path": str(tmp_path / "pets")},
               "folds": None}  # fmt: skip

    answer(request, tmp_path)

    value = json.loads((tmp_path / "audit.json").read_text())
    page = render_audit(value | {"visiontk": "0", "task": "image_classification", "dataset": "folder"}, {})
    assert "The data could not be read to the end." in page
    assert "fewer than 5 training samples" in page


@pytest.mark.slow
@pytest.mark.audits
def test_compare_audits_once_and_scores_again_without_leaks(
    pets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second comparison uses the cached audit."""
    settings: dict[str, Any] = {
        "task": "image_classification",
        "dataset": {"name": "folder", "path": str(pets), "leak": "warn"},
    }
    config = tmp_path / "pets.yaml"
    config.write_text(json.dumps(settings | {"learners": ["prior", "logistic"], "preset": "quick"}))

    first = api.compare(config, out=tmp_path / "a", executor="serial")
    monkeypatch.setattr(audit_result, "_run_process", lambda *_: pytest.fail("run again"))
    second = api.compare(config, out=tmp_path / "b", executor="serial")

    for result in (first, second):
        assert result.values["audit"]["n_leaked"] == {"exact": 1, "near": 0}
        assert result.values["audit"]["without_leaks"]["n_removed"] == 1
    assert (tmp_path / "b" / "audit.html").is_file()
    assert api.compare(config, out=tmp_path / "c", executor="serial", audit=False).values["audit"] is None


def test_an_audit_that_crashes_is_reported_and_does_not_stop_a_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command ends with an error; a comparison continues without an audit."""
    chosen, experiment = api.Request("image_classification", {"learners": ["prior"], "preset": "quick"}).read()
    prepared = prepare(experiment, chosen, version="0")

    class Ended:
        returncode = 9

    monkeypatch.setattr(audit_result.subprocess, "run", lambda *_, **__: Ended)

    with pytest.raises(EnvironmentFault, match="exit code 9"):
        audit_result.audit(experiment)
    assert audit_result.audit_of(prepared) is None


def test_file_names_and_texts_are_escaped_on_the_page() -> None:
    finding = {"code": "VTK101", "severity": "note", "title": "exact duplicates", "message": "<b>m</b>", "count": 1,
               "share": None, "remedy": "r", "lines": ["<script>x</script>"], "examples": [["<i>id</i>"]],
               "numbers": {}}  # fmt: skip
    value = {"findings": [finding], "counts": {"error": 0, "warning": 0, "note": 1}, "n": 3, "n_compared": 3,
             "split": "5 folds", "visiontk": "0", "task": "t", "dataset": "<u>d</u>", "caution": "",
             "synthetic": False, "labelled": {"<i>id</i>": "<s>label</s>"}}  # fmt: skip

    page = render_audit(value, {"<i>id</i>": {"text": "<em>text</em>"}})

    assert sentence(value) == "The audit found 1 note."
    for tag in ("<b>m", "<script>x", "<i>id", "<u>d", "<s>label", "<em>text"):
        assert tag not in page
        assert tag.replace("<", "&lt;").replace(">", "&gt;") in page


def test_an_audit_shows_licence_and_citation_of_published_data(tmp_path: Path, capsys: Any) -> None:
    """In the terminal and on the page; of the user's data there is nothing to show."""
    value: dict[str, Any] = {
        "visiontk": "0", "task": "a", "dataset": "b", "n": 1, "n_compared": 1, "split": "", "findings": [],
        "counts": {"error": 0, "warning": 0, "note": 0}, "licence": "CC BY-SA 4.0", "citation": "Jackson (2018), FSDD.",
    }  # fmt: skip
    terms = "Licence: CC BY-SA 4.0. Cite: Jackson (2018), FSDD."

    print_audit(api.AuditResult(value, {}), tmp_path / "page.html")
    printed = capsys.readouterr().out
    print_audit(api.AuditResult(value | {"licence": "", "citation": ""}, {}), tmp_path / "page.html")

    assert terms in printed
    assert terms in render_audit(value, {})
    assert "Licence" not in capsys.readouterr().out


def test_severities_have_different_colours() -> None:
    """Error, warning and note differ in the colour of the frame."""
    css = (Path(api.__file__).parents[1] / "report" / "pages" / "page.css").read_text()

    colours = [
        re.search(rf"\.v-{SEVERITIES[severity]}\b[^{{}}]*{{([^}}]*)", css)[1]  # type: ignore[index]
        for severity in ("error", "warning", "note")
    ]

    assert [name in colour for colour, name in zip(colours, ("--alarm", "--caution", "--soft"), strict=True)] == [
        True
    ] * 3


def test_an_audit_takes_the_options_of_a_comparison(tmp_path: Path, capsys: Any) -> None:
    """The columns, groups and split of a folder or table: what an error of either command suggests can be typed."""
    rows = [f"it barks {i} times,{'ab'[i % 2]},p{i // 4},u{i // 8}" for i in range(40)]
    (tmp_path / "pets.csv").write_text("\n".join(["text,kind,user,site", *rows]))
    words = ["data", "audit", str(tmp_path / "pets.csv"), "--json", "-o", str(tmp_path / "a.html")]

    code, out = run(words, capsys)
    assert code == 2
    assert "--group user  (10 groups)" in json.loads(out)["error"]["message"]

    code, out = run([*words, "--group", "user", "--label", "kind", "--split", "none"], capsys)
    assert json.loads(out)["n"] == 40


def test_the_command_that_shows_every_problem_repeats_the_options(tmp_path: Path, capsys: Any) -> None:
    """So that it reads the same data."""
    path = tmp_path / "my pets.csv"
    path.write_text(
        "\n".join(["text,kind,user", *(f"it barks {i} times,{'ab'[i % 2]},u{i // 4}" for i in range(40)), ",a,u9"])
    )

    code, out = run(
        ["compare", str(path), "--group=none", "--label=kind", "--set", "dataset.max_chars=99", "--json"], capsys
    )

    hint = json.loads(out)["error"]["hint"]
    assert code == 3
    command = f"visiontk data audit '{path}' --label=kind --group=none --set=dataset.max_chars=99"
    assert f"{command} shows every problem at once." in hint
