"""All tasks: one row each, one sentence over all, and warnings."""

from __future__ import annotations

import json
from typing import Any

import pytest

from visiontk.report.several.all_tasks import OUTCOMES, all_tasks, sentence
from visiontk.report.several.task_rows import empty_row, task_row

Value = dict[str, Any]


def row(results: Value, verdict: str = "better", **changes: Any) -> Value:
    results["headlines"][0]["verdict"] = verdict
    return task_row(results, summary="Clothes.", folder="image_classification") | changes


def whole(*rows: Value, preset: str = "quick") -> Value:
    return all_tasks(rows, preset=preset, settings={}, command="visiontk compare all")


def test_a_row_is_the_headline_of_its_results(results: Value) -> None:
    """Same numbers, same learners, same verdict."""
    result = row(results)

    assert (result["network"]["name"], result["classical"]["name"]) == ("resnet8", "hog_svm")
    assert result["network"]["value"] == results["learners"][0]["metrics"]["accuracy"]["value"]
    assert {key: result[key] for key in ("difference", "low", "high")} == {
        key: results["headlines"][0][key] for key in ("difference", "low", "high")
    }
    assert (result["metric"], result["kind"], result["status"]) == ("accuracy", "proportion", "done")


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [("better", "network"), ("worse", "classical"), ("equivalent", "equivalent"), ("undecided", "undecided"),
     ("invalid", "none")],
)  # fmt: skip
def test_the_outcome_is_the_verdict_of_the_headline(results: Value, verdict: str, outcome: str) -> None:
    """It is not computed again."""
    result = row(results, verdict)

    assert result["outcome"] == outcome
    assert whole(result)["counts"] == {name: int(name == outcome) for name in OUTCOMES}


def test_both_families_are_named_in_the_same_words() -> None:
    """Swapping the families only swaps the numbers."""
    none = dict.fromkeys(OUTCOMES, 0)

    one = sentence(none | {"network": 3, "classical": 1, "undecided": 1})
    other = sentence(none | {"network": 1, "classical": 3, "undecided": 1})

    assert one == "In 3 of 5 domains the network is better, in 1 the traditional method; 1 is undecided."
    assert other == "In 1 of 5 domains the network is better, in 3 the traditional method; 1 is undecided."


def test_the_sentence_counts_synthetic_data(results: Value) -> None:
    """For both families, so that they are not mistaken for real data."""
    results["dataset"]["synthetic"] = True
    better = row(results)
    worse = better | {"task": "b", "outcome": "classical"}
    real = better | {"task": "c", "synthetic": False}

    assert (
        "the network is better (all on synthetic data), in 1 the traditional method (1 on synthetic data)."
        in (whole(better, better | {"task": "a"}, worse)["headline"]["sentence"])
    )
    assert (
        "is better (1 on synthetic data), in 0 the traditional method." in whole(better, real)["headline"]["sentence"]
    )
    assert "synthetic" not in whole(real)["headline"]["sentence"]


def test_every_domain_is_counted_once(results: Value) -> None:
    """Including domains without results."""
    rows = [row(results), empty_row("a", summary="", folder="a", status="failed", reason="broken"),
            empty_row("b", summary="", folder="b", status="waiting")]  # fmt: skip

    value = whole(*rows)

    assert sum(value["counts"].values()) == 3
    assert value["headline"]["sentence"] == (
        "In 1 of 3 domains the network is better, in 0 the traditional method; 1 failed, 1 has not run yet."
    )
    assert not value["complete"]


@pytest.mark.parametrize("status", ["partial", "failed", "waiting"])
def test_a_missing_fit_makes_the_comparison_partial(results: Value, status: str) -> None:
    assert whole(row(results))["complete"]
    assert not whole(row(results), row(results, status=status))["complete"]


def test_limits_of_the_conclusions_are_warnings(results: Value) -> None:
    """Synthetic data, the preset, one data set a domain, unlike metrics, failures."""
    results["dataset"]["synthetic"] = True
    synthetic = row(results, n_failed=2)

    warnings = " ".join(
        whole(synthetic, row(results, synthetic=False, metric="auc", task="medical_imaging"))["warnings"]
    )

    for words in ("Quick preset", "Synthetic data", "image classification.", "one data set", "Metrics differ",
                  "2 of 27 fits failed"):  # fmt: skip
        assert words in warnings
    assert "Quick" not in " ".join(whole(synthetic, preset="standard")["warnings"])


def test_without_a_pair_the_first_of_each_family_is_shown(results: Value) -> None:
    """Values are shown without a verdict; a family without learners has none."""
    results["headlines"][0] |= {"challenger": None, "classical": None, "families": []}
    results["learners"] = [item for item in results["learners"] if item["family"] != "network"]

    result = row(results, "invalid")

    assert result["network"] is None
    assert result["classical"]["name"] == "hog_svm"


def test_the_value_is_json_and_documented(results: Value) -> None:
    """Every key is in docs/run-directory.md."""
    from pathlib import Path

    value = whole(row(results), empty_row("a", summary="", folder="a", status="failed"))
    words = (Path(__file__).parents[3] / "docs" / "run-directory.md").read_text()

    json.dumps(value, allow_nan=False)
    for part in (value, value["tasks"][0]):
        assert [name for name in part if f"`{name}`" not in words] == []
    assert set(value["tasks"][0]) == set(value["tasks"][1])


@pytest.mark.parametrize(
    ("n", "text"), [(1, ""), (5, "5 domains are too few"), (7, "Over 7 domains, a signed-rank test")]
)
def test_few_domains_allow_no_general_conclusion(results: Value, n: int, text: str) -> None:
    """Even if the network is better in all of them."""
    rows = []
    for i in range(n):
        results["headlines"][0]["difference"] = 0.01 * (i + 1)
        rows.append(task_row(results, summary="", folder="a"))

    value = all_tasks(rows, preset="standard", settings={}, command="")

    assert value["families"]["text"].startswith(text)
    assert any("signed-rank" in warning for warning in value["warnings"]) == bool(text)
    assert value["families"]["p_value"] == pytest.approx(2.0 ** (1 - n))
