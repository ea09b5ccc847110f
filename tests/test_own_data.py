"""Public data in the formats of own data: each is compared by its path alone."""

import csv
import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

import visiontk
from visiontk.api import preview_of
from visiontk.api.request import Request
from visiontk.cli.print_preview import preview_lines

PAGE = Path(__file__).parents[1] / "docs" / "own_data.md"


def preview(target: Path) -> dict[str, Any]:
    return preview_of(Request(str(target), {})).as_json()


def read_legend(folder: Path) -> dict[str, str]:
    """Return the names and labels of images with one label."""
    labels: dict[str, set[str]] = {}
    with (folder / "legend.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            labels.setdefault(row["image"], set()).add(row["emotion"].lower())
    return {name: min(emotions) for name, emotions in labels.items() if len(emotions) == 1}


@pytest.mark.slow
def test_spoken_digits_in_class_folders(shared_data: Path, tmp_path: Path) -> None:
    """Six speakers are recognised in file names, without opening a file."""
    for path in (shared_data / "fsdd" / "recordings").glob("*.wav"):
        (tmp_path / "digits" / path.name[0]).mkdir(parents=True, exist_ok=True)
        (tmp_path / "digits" / path.name[0] / path.name).touch()

    plan = preview(tmp_path / "digits")

    assert (plan["task"], plan["n_samples"], plan["split"]["policy"]) == ("audio_classification", 3000, "grouped")
    assert plan["groups"] == {"n": 6, "smallest": 500, "largest": 500}
    assert set(plan["labels"].values()) == {300}


@pytest.mark.slow
def test_facial_expressions_as_a_table(shared_data: Path, tmp_path: Path) -> None:
    """With a column of persons."""
    source = shared_data / "facial_expressions"
    (tmp_path / "images").mkdir()
    there = {entry.name for entry in os.scandir(source / "images")}
    rows = [(name, label) for name, label in read_legend(source).items() if name in there]
    for name, _ in rows:
        (tmp_path / "images" / name).touch()
    with (tmp_path / "faces.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["image", "emotion", "person"])
        table.writerows((f"images/{name}", label, re.sub(r"(_\d+)?\.\w+$", "", name)) for name, label in rows)

    plan = preview(tmp_path / "faces.csv")

    assert (plan["task"], plan["dataset"], plan["split"]["policy"]) == ("image_classification", "csv", "grouped")
    assert plan["n_samples"] == len(rows)
    assert plan["groups"]["n"] > 5000
    assert "neutral" in plan["labels"]


def test_types_of_questions_as_json_lines(shared_data: Path, tmp_path: Path) -> None:
    """With a column of the published split."""
    rows = []
    for part in ("train", "test"):
        for line in (shared_data / "trec" / f"TREC.{part}").read_text("latin-1").splitlines():
            kind, _, question = line.partition(" ")
            rows.append({"question": question, "kind": kind.partition(":")[0], "split": part})
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)))

    plan = preview(tmp_path / "questions.jsonl")

    assert (plan["task"], plan["dataset"], plan["split"]["policy"]) == ("text_classification", "jsonl", "official")
    assert (len(plan["labels"]), plan["split"]["n_test"]) == (6, 500)


@pytest.mark.slow
def test_the_commands_of_the_page_prepare_all_examples(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their comparisons are planned instead of trained."""
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text().split("## Three examples")[1].split("\n## ")[0]
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    targets = []
    for language, block in blocks:
        if language == "text":
            continue
        if language == "python":
            exec(compile(block, "own_data.md", "exec"), {})
            continue
        targets += re.findall(r"^visiontk compare (\S+) --preset quick", block, re.MULTILINE)
        subprocess.run(["sh", "-ec", re.sub(r"^visiontk .*$", "", block, flags=re.MULTILINE)], check=True)

    plans = [preview(Path(target)) for target in targets]
    (shown,) = [block for language, block in blocks if language == "text"]
    first_plan = preview_of(Request(targets[0], {"preset": "quick", "folds": 6}))
    printed = " ".join("\n".join(preview_lines(first_plan.as_json(workers=2))).split())
    for fact in re.split(r"\n(?! )", shown.strip()):
        assert " ".join(fact.split()) in printed, fact

    assert [plan["task"] for plan in plans] == ["audio_classification", "image_classification", "text_classification"]
    assert [plan["split"]["policy"] for plan in plans] == ["grouped", "grouped", "official"]


PEOPLE = ("al", "bo", "cy", "di", "ed")


def recordings(root: Path) -> Path:
    """Two pitches by five speakers."""
    rng = np.random.default_rng(0)
    for label, pitch in (("low", 200), ("high", 1500)):
        (root / label).mkdir(parents=True)
        for person in PEOPLE:
            for i in range(4):
                wave = np.sin(2 * np.pi * pitch * np.arange(4000) / 8000) + rng.normal(0, 0.1, 4000)
                soundfile.write(root / label / f"{label}_{person}_{i}.wav", wave / 2, 8000)
    return root


def images(root: Path) -> Path:
    """Dark and bright images, in a table with patients."""
    rng = np.random.default_rng(0)
    root.mkdir()
    lines = ["file;finding;patient"]
    for i in range(60):
        pixels = rng.normal((60, 190)[i % 2], 10, (12, 12)).clip(0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(root / f"{i}.png")
        lines.append(f"{i}.png;{('dark', 'bright')[i % 2]};p{i // 4}")
    (root / "a.csv").write_text("\n".join(lines))
    return root / "a.csv"


def texts(root: Path) -> Path:
    """Two kinds of sentences in files."""
    for label, words in (("dog", "barks all night"), ("cat", "wants some milk")):
        (root / label).mkdir(parents=True)
        for i in range(30):
            (root / label / f"{i}.txt").write_text(f"it {words}, number {i}")
    return root


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "learners", "groups"),
    [(recordings, ["prior", "mfcc_svm"], 5), (images, ["prior", "logistic"], 15), (texts, ["prior", "nb_svm"], None)],
)
def test_each_kind_of_data_is_compared_by_its_path(
    make: Callable[[Path], Path], learners: list[str], groups: int | None, tmp_path: Path
) -> None:
    """With better results than the prior."""
    target = make(tmp_path / "own")

    result = visiontk.compare(target, learners=learners, preset="quick", out=tmp_path / "run", executor="serial")

    table = result.table().set_index("learner")
    assert result.exit_code == 0
    assert table.loc[learners[1], "accuracy"] > 0.9
    plan = preview_of(Request(str(target), {"preset": "quick", "learners": learners})).as_json()
    assert (plan["groups"] or {}).get("n") == groups
    assert json.loads((tmp_path / "run" / "data.json").read_bytes())["n_groups"] == groups
