"""Learners ranked over several data sets: ranks, tests, verdicts and warnings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visiontk.errors import ConfigError
from visiontk.report.evidence.stored import audit_summary
from visiontk.report.several import ranking_table
from visiontk.report.several.ranking import labels_of, rank_learners, sentence

Value = dict[str, Any]
Runs = Callable[..., list[tuple[str, Value]]]
CLAIMS = re.compile(r"\b(better|worse|best|beats?|wins?)\b", re.IGNORECASE)


def audited(exact: int, near: int) -> Value:
    """Return the summary of an audit with this many leaked test samples."""
    leaks = {"exact": [f"e{i}" for i in range(exact)], "near": [f"n{i}" for i in range(near)]}
    return audit_summary({"findings": [], "counts": {}, "leaks": leaks})


def set_value(results: Value, name: str, **changes: Any) -> None:
    next(row for row in results["learners"] if row["name"] == name)["metrics"][results["metric"]] |= changes


def test_ranks_are_those_of_the_values(runs: Runs) -> None:
    """Three learners with the same order everywhere; the floor is not ranked."""
    value = rank_learners(runs(7))

    assert [(row["name"], row["mean_rank"]) for row in value["learners"]] == [
        ("resnet8", 1.0), ("hog_svm", 2.0), ("lenet5", 3.0),
    ]  # fmt: skip
    assert value["learners"][1]["ranks"] == [2.0] * 7
    assert value["left_out"] == []
    assert (value["families"]["n"], value["complete"]) == (7, True)


def test_the_sentence_names_the_better_learners_if_tests_show_it(runs: Runs) -> None:
    """Three learners in full agreement need seven data sets; six are too few."""
    seven, six = rank_learners(runs(7)), rank_learners(runs(6))

    assert seven["headline"]["sentence"] == (
        "Over 7 data sets, resnet8 is better than hog_svm and lenet5; hog_svm is better than lenet5 (signed ranks, "
        "Holm; Friedman's test, p < 0.001)."
    )
    assert six["headline"]["sentence"] == (
        "Over 6 data sets, the ranks of the 3 learners differ (Friedman's test, p < 0.001), but no two of them differ "
        "significantly."
    )
    assert six["warnings"][0] == (
        "6 data sets are too few to show which of 3 learners differ: even in full agreement, signed-rank tests would "
        "give p = 0.094 after Holm's correction for 3 pairs. It takes 7 or more data sets without ties."
    )
    assert {pair["verdict"] for pair in six["pairs"]} == {"undecided"}


def test_without_friedmans_test_no_pair_has_a_verdict(runs: Runs) -> None:
    """One learner always leads another, while a third varies from above both to below both."""
    some = runs(7)
    for i, (_, results) in enumerate(some):
        set_value(results, "hog_svm", value=0.5)
        set_value(results, "resnet8", value=0.51 + 0.01 * i)
        set_value(results, "lenet5", value=(0.2, 0.9)[i % 2])

    value = rank_learners(some)

    assert min(pair["p_adjusted"] for pair in value["pairs"]) < 0.05 < value["friedman"]["p_value"]
    assert {pair["verdict"] for pair in value["pairs"]} == {"undecided"}
    assert value["headline"]["sentence"] == (
        "Over 7 data sets, no difference between the 3 learners is shown (Friedman's test, p = 0.19)."
    )
    value["pairs"][0]["verdict"] = "better"
    assert sentence(value) == value["headline"]["sentence"], "a damaged verdict is no claim"


@pytest.mark.parametrize("n", [3, 5, 8, 12])
@pytest.mark.parametrize("noise", [0.005, 0.05, 0.3])
def test_every_claim_has_a_pair_below_the_level(runs: Runs, n: int, noise: float) -> None:
    """Sentence, verdicts and p-values agree."""
    value = rank_learners(runs(n, noise))

    verdicts = [pair for pair in value["pairs"] if pair["verdict"] != "undecided"]
    assert all(pair["p_adjusted"] < 0.05 and value["friedman"]["p_value"] < 0.05 for pair in verdicts)
    assert bool(CLAIMS.search(value["headline"]["sentence"])) == bool(verdicts)


def test_a_verdict_goes_to_the_learner_with_the_signed_ranks(runs: Runs) -> None:
    """Reversing the metric reverses the verdict."""
    some = runs(8)
    for _, results in some:
        results["metrics"]["accuracy"]["higher_is_better"] = False

    value = rank_learners(some)

    assert [row["name"] for row in value["learners"]] == ["lenet5", "hog_svm", "resnet8"]
    assert value["headline"]["sentence"].startswith("Over 8 data sets, lenet5 is better than hog_svm and resnet8;")


def test_the_order_of_runs_only_changes_the_order_of_columns(runs: Runs) -> None:
    """Sentence, ranks and tests stay."""
    some = runs(5, 0.02)

    one, other = rank_learners(some), rank_learners(some[::-1])

    assert {key: one[key] for key in ("friedman", "nemenyi", "headline", "families")} == {
        key: other[key] for key in ("friedman", "nemenyi", "headline", "families")
    }
    assert [row["ranks"][::-1] for row in one["learners"]] == [row["ranks"] for row in other["learners"]]


def test_a_long_list_of_learners_is_cut_with_a_count(runs: Runs) -> None:
    names = ("resnet8", "small_cnn", "hog_svm", "lenet5", "kmeans_patches", "pixels_svm")

    text = rank_learners(runs(14, learners=names))["headline"]["sentence"]

    assert "resnet8 is better than all 5 others; small_cnn is better than 4 of the other 5 learners; 6 more" in text
    assert "6 more pairs differ" in text


def test_incomplete_learners_are_left_out_with_the_reason(runs: Runs) -> None:
    """Missing in a run, without a value, or of another family; a warning names them."""
    some = runs(4, learners=("resnet8", "hog_svm", "lenet5", "forest", "small_cnn", "pixels_knn"))
    some[1][1]["learners"] = [row for row in some[1][1]["learners"] if row["name"] != "forest"]
    set_value(some[2][1], "small_cnn", value=None, reason="diverged")
    next(row for row in some[3][1]["learners"] if row["name"] == "pixels_knn")["family"] = "network"

    value = rank_learners(some)

    assert value["left_out"] == [
        {"name": "forest", "family": "classical", "reason": "has not run on data_1"},
        {"name": "pixels_knn", "family": "classical", "reason": "is of another family in another run"},
        {"name": "small_cnn", "family": "network", "reason": "has no value on data_2"},
    ]
    assert any("small_cnn has no value on data_2" in text for text in value["warnings"])


@pytest.mark.parametrize(
    ("n", "learners", "words"),
    [(2, ("resnet8", "hog_svm", "lenet5"), "3 learners ran on each of 2 data sets: hog_svm, lenet5, resnet8."),
     (4, ("resnet8", "hog_svm", "prior"), "2 learners ran on each of 4 data sets: hog_svm, resnet8."),
     (3, ("prior",), "0 learners ran on each of 3 data sets. Ranks need at least 3 learners and 3 data sets.")],
)  # fmt: skip
def test_too_few_learners_or_data_sets_are_an_error(runs: Runs, n: int, learners: tuple[str, ...], words: str) -> None:
    """The message names the learners that are left."""
    with pytest.raises(ConfigError, match=re.escape(words)) as raised:
        rank_learners(runs(n, learners=learners))

    assert raised.value.error_id == "E-REPORT-FEW"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"fingerprint": "f" * 16}, {"fingerprint": "f" * 16}),
        ({}, {"name": "data_0"}),
        ({}, {"part_of": "data_0"}),
        ({"part_of": "data_0"}, {"name": "data_0"}),
        ({"name": "a", "part_of": "data_0"}, {"name": "b", "part_of": "data_0"}),
    ],
    ids=["fingerprint", "name", "whole and part", "part and whole", "two parts"],
)
def test_no_data_set_counts_twice(runs: Runs, one: Value, other: Value) -> None:
    """Neither with the same fingerprint nor, for published data, with the same name and labels in another split."""
    some = runs(4)
    some[0][1]["dataset"] |= one
    some[1][1]["dataset"] |= other

    with pytest.raises(ConfigError, match=r"runs/run_0 and runs/run_1: both are of the data data_0") as raised:
        rank_learners(some)

    assert raised.value.error_id == "E-REPORT-SAME"


def test_own_data_sets_of_one_name_are_distinct(runs: Runs) -> None:
    """Their names then include the run directories."""
    some = runs(3)
    for _, results in some:
        results["dataset"] |= {"name": "folder", "title": "images (your data)", "origin": "own"}

    assert [row["label"] for row in rank_learners(some)["runs"]] == [f"images (your data) (run_{i})" for i in range(3)]
    some[1] = ("elsewhere/run_0", some[1][1])
    assert labels_of(some)[0] != labels_of(some)[1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: r.update(preset="quick"), "Quick preset, a first impression and not a result: data_1."),
        (lambda r: r.update(complete=False, n_done=20), "Not finished: data_1 (20 of 27 fits done, 0 failed)."),
        (lambda r: r["dataset"].update(synthetic=True), "Synthetic data, which say nothing about the real"),
        (lambda r: r.update(seeds=[0]), "One seed: data_1."),
        (lambda r: r.update(seeds=[0, 1]), "The number of seeds varies from 2 to 3"),
        (lambda r: r.update(budget_s=60.0, search=20), "Settings differ between runs: budget, search;"),
        (lambda r: r["learners"][0].update(set_by_hand={"epochs": 3}), "with other settings, or from another "
         "package, in some runs: resnet8."),
        (lambda r: r["learners"][0].update(package={"name": "other", "version": "1"}), "in some runs: resnet8."),
        (lambda r: r.update(audit=audited(3, 1)), "Leaked test samples are included, as in the runs: data_1 (4)."),
        (lambda r: r.update(metric="macro_f1"), "Metrics differ: data_0 accuracy; data_1 macro f1;"),
        (lambda r: r.update(metric="log_loss"), "Metrics differ: data_0 accuracy; data_1 log loss;"),
    ],
)  # fmt: skip
def test_limits_of_the_conclusions_are_warnings(runs: Runs, change: Callable[[Value], None], words: str) -> None:
    """Each is caused by one run of seven; otherwise the only warning is that of the families."""
    some, plain = runs(7, learners=("resnet8", "lenet5", "small_cnn", "forest")), runs(7)
    change(some[1][1])

    assert any(words in text for text in rank_learners(some)["warnings"])
    assert [text for text in rank_learners(plain)["warnings"] if "signed-rank" not in text] == []


def test_an_audit_without_leaks_gives_no_warning(runs: Runs) -> None:
    some = runs(7)
    for _, results in some:
        results["audit"] = audited(0, 0)

    assert not any("Leaked" in text for text in rank_learners(some)["warnings"])


def test_a_chosen_metric_gives_a_warning(runs: Runs) -> None:
    warnings = rank_learners(runs(3), metric="accuracy")["warnings"]

    assert any("The metric, accuracy, was chosen for this report" in text for text in warnings)


def test_metrics_without_a_common_unit_are_ranked_and_not_subtracted(runs: Runs) -> None:
    """For nats and points no pair is tested, and a warning gives the reason."""
    some = runs(8, learners=("resnet8", "lenet5", "small_cnn"))
    some[0][1]["metric"] = "log_loss"

    value = rank_learners(some)

    assert {(pair["p_adjusted"], pair["verdict"]) for pair in value["pairs"]} == {(None, "undecided")}
    assert value["warnings"][0].startswith("No pair of learners was tested")
    assert value["learners"][0]["ranks"] == [1.0] * 8, "less loss is better"


def test_ties_everywhere_give_no_verdict(runs: Runs) -> None:
    """The first warning gives the reason."""
    some = runs(4)
    for _, results in some:
        for name in ("resnet8", "hog_svm", "lenet5"):
            set_value(results, name, value=1.0)

    value = rank_learners(some)

    assert value["friedman"]["p_value"] == 1.0
    assert value["warnings"][0].startswith("With so many ties, 4 data sets cannot show a difference")
    assert not CLAIMS.search(value["headline"]["sentence"])


def test_the_value_is_json_and_documented(runs: Runs) -> None:
    """Every key is in docs/run-directory.md."""
    value = rank_learners(runs(4), command="visiontk report a b c d")
    words = (Path(__file__).parents[3] / "docs" / "run-directory.md").read_text()

    json.dumps(value, allow_nan=False)
    for part in (value, value["friedman"], value["nemenyi"], value["pairs"][0], value["learners"][0], value["runs"][0],
                 value["families"]):  # fmt: skip
        assert [name for name in part if f"`{name}`" not in words] == []


def test_tables_contain_values_ranks_and_all_signatures(runs: Runs) -> None:
    """In every format; names are escaped."""
    some = runs(4, 0.01)
    value = rank_learners(some)
    value["learners"][0]["name"] = "=a|b & c_d,\x1b[31m"

    tables = {
        form.__name__: form(value) for form in (ranking_table.markdown, ranking_table.latex, ranking_table.csv_text)
    }

    assert r"\|b &amp; c\_d" in tables["markdown"]
    assert r"\& c\_d" in tables["latex"]
    assert '"\'=a|b & c_d,\\u001b[31m"' in tables["csv_text"]
    for text in tables.values():
        assert "\x1b" not in text
        assert text.count("image_classification/1") == 4 or text.count(r"image\_classification/1") == 4
    assert np.isclose(float(tables["csv_text"].splitlines()[1].split(",")[-8]), value["learners"][0]["values"][0])
