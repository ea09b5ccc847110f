"""Results of a comparison of nine learners on ten classes of clothing, and images for its galleries."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from visiontk.report.exhibits.exhibit import Exhibit
from visiontk.report.exhibits.thumbnails import image_uri

LABELS = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
HARD = [0.85, 0.985, 0.89, 0.92, 0.88, 0.98, 0.77, 0.965, 0.985, 0.96]
N_TEST = 10_000

# name, family, accuracy, CPU seconds, ms a sample, parameters, bytes, summary, source
LEARNERS = [
    ("resnet8", "network", 0.9312, 548.0, 1.31, 78_042, 339_000, "Residual network of eight layers.",
     "He, Zhang, Ren and Sun (2016), Deep residual learning for image recognition, CVPR."),
    ("small_cnn", "network", 0.9236, 141.0, 0.42, 121_930, 497_000, "Three convolutions with batch normalisation.",
     "Ioffe and Szegedy (2015), Batch normalization, ICML."),
    ("hog_svm", "classical", 0.9051, 38.4, 0.61, 23_050, 186_000, "Histograms of gradients, then a kernel machine.",
     "Dalal and Triggs (2005), Histograms of oriented gradients for human detection, CVPR."),
    ("lenet5", "network", 0.9018, 62.5, 0.19, 61_706, 258_000, "LeNet-5 with rectified units.",
     "LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document recognition."),
    ("kmeans_patches", "classical", 0.8964, 96.2, 1.92, 64_010, 402_000, "A dictionary of patches, a linear model.",
     "Coates, Lee and Ng (2011), An analysis of single-layer networks in unsupervised feature learning, AISTATS."),
    ("pixels_svm", "classical", 0.8938, 210.7, 2.84, 1_210_400, 9_700_000, "Support vectors on pixels.",
     "Cortes and Vapnik (1995), Support-vector networks, Machine Learning 20, 273."),
    ("forest", "classical", 0.8761, 52.1, 0.08, None, 148_000_000, "A random forest on pixels.",
     "Breiman (2001), Random forests, Machine Learning 45, 5."),
    ("pixels_knn", "classical", 0.8545, 0.34, 6.20, 47_040_000, 47_100_000, "Five nearest neighbours on pixels.",
     "Cover and Hart (1967), Nearest neighbor pattern classification."),
    ("prior", "floor", 0.1, 0.004, 0.0004, 10, 820, "Predicts how frequent each class is.", "By definition."),
]  # fmt: skip


def _interval(p: float, n: int) -> dict[str, float]:
    half = 1.96 * (p * (1 - p) / n) ** 0.5
    return {"value": p, "low": max(0.0, p - half), "high": min(1.0, p + half)}


def _metric(kind: str, *, higher_is_better: bool = True, adapted: bool = False) -> dict[str, Any]:
    return {"kind": kind, "higher_is_better": higher_is_better, "by_class": kind == "bounded", "adapted": adapted,
            "n_excluded": 0, "package": None}  # fmt: skip


def _confusion(rng: random.Random, recall: list[float], n: int) -> list[list[int]]:
    near = {0: 6, 6: 0, 2: 4, 4: 2, 5: 7, 7: 9, 9: 7, 3: 0, 1: 3, 8: 0}
    rows = []
    for i, share in enumerate(recall):
        row = [0] * len(recall)
        row[i] = round(n * share)
        for _ in range(n - row[i]):
            j = near[i] if rng.random() < 0.55 else rng.randrange(len(recall))
            row[j if j != i else near[i]] += 1
        rows.append(row)
    return rows


def _history(rng: random.Random, seed: int, accuracy: float, epochs: int = 24) -> dict[str, Any]:
    falls = [0.9 * 0.82**e + 0.16 + rng.uniform(0, 0.015) for e in range(epochs)]
    rises = [accuracy - 0.22 * 0.76**e + rng.uniform(-0.006, 0.004) for e in range(epochs)]
    valid = [0.8 * 0.8**e + 0.22 + 0.0015 * e + rng.uniform(0, 0.03) for e in range(epochs)]
    columns = {"epoch": list(range(1, epochs + 1)), "loss": falls, "valid_loss": valid, "valid_accuracy": rises}
    return {"seed": seed, "fold": 0, "columns": columns}


def _learner(rng: random.Random, entry: tuple[Any, ...]) -> dict[str, Any]:
    name, family, accuracy, cpu, ms, n_parameters, n_bytes, summary, source = entry
    shift = accuracy - 0.9175
    recall = (
        [0.1] * 10 if family == "floor" else [min(0.997, max(0.4, h + shift + rng.uniform(-0.02, 0.02))) for h in HARD]
    )
    ranks = name in ("hog_svm", "pixels_svm")
    loss = {"value": 2.6 - 2.55 * accuracy, "low": 2.58 - 2.55 * accuracy, "high": 2.62 - 2.55 * accuracy}
    return {
        "name": name, "family": family, "summary": summary, "source": source, "package": None,
        "parameters": {"epochs": 24, "batch_size": 64} if family == "network" else {"c": 1.0}, "set_by_hand": {},
        "predict_ms_alone": 3 * ms, "layers": {"resnet8": 8, "small_cnn": 4, "lenet5": 5}.get(name), "n_trials": 3,
        "pretrained_on": "", "knew": "", "input_size": "",
        "metrics": {
            "accuracy": _interval(accuracy, N_TEST),
            "macro_f1": _interval(accuracy - 0.0013, N_TEST),
            "log_loss": {"value": None, "low": None, "high": None, "reason": "scores only rank"} if ranks else loss,
        },
        "valid": accuracy + 0.002, "fit_cpu_s": cpu, "fit_wall_s": cpu * 0.62, "predict_ms_per_sample": ms,
        "n_parameters": n_parameters, "size_bytes": n_bytes, "peak_memory_bytes": 900_000_000,
        "n_cut_off": 2 if name == "resnet8" else 0, "notes": ["stopped after 21 epochs"] if name == "lenet5" else [],
        "confusion": _confusion(rng, recall, 3000), "recall": [_interval(p, 1000) | {"n": 1000} for p in recall],
        "histories": [_history(rng, seed, accuracy) for seed in range(3)] if family == "network" else [],
        "by_seed": [{"seed": s, "value": accuracy + rng.uniform(-0.003, 0.003)} for s in range(3)],
        "by_group": [], "calibration": None,
        "selective": {"curve": [{"coverage": 1.0} | dict.fromkeys(("value", "low", "high"))],
                      "area": dict.fromkeys(("value", "low", "high"))},
    }  # fmt: skip


N_OTHERS = sum(family != "floor" for _, family, *_ in LEARNERS) - 2


def _comparison(entry: tuple[Any, ...]) -> dict[str, Any]:
    """Return the primary comparison, of resnet8, or one of the others, whose intervals are wider."""
    name, family, accuracy = entry[:3]
    k = 1 if name == "resnet8" else N_OTHERS
    gap = accuracy - 0.9051
    half = (0.0045 if family == "network" else 0.006) * (1 if k == 1 else 1.35)
    verdict = "undecided" if abs(gap) < half else "better" if gap > 0 else "worse"
    if abs(gap) + half < 0.01:
        verdict = "equivalent"
    p = 0.21 if abs(gap) < half else 0.0004
    chosen = {"families": ["network", "classical"], "learner": name, "reference": "hog_svm",
              "learner_by_fold": [name], "reference_by_fold": ["hog_svm"],
              "requested": [], "learner_value": accuracy, "reference_value": 0.9051}  # fmt: skip
    return {
        "learner": name, "reference": "hog_svm", "primary": chosen if k == 1 else None,
        "metric": "accuracy", "difference": gap, "low": gap - half, "high": gap + half, "confidence": 1 - 0.05 / k,
        "n_comparisons": k, "p_value": p, "p_adjusted": min(1.0, k * p), "test": "seeds and samples, bootstrap",
        "scope": "procedure" if family == "network" else "fitted models", "verdict": verdict,
        "reason": f"The {100 - 5 / k:.4g} % interval, {100 * (gap - half):+.1f} to {100 * (gap + half):+.1f} points, "
        + ("lies within the margin of 1.0 points." if verdict == "equivalent" else "excludes zero.")
        + (" A difference of 1.4 points could have been shown here (80 % power)." if verdict == "undecided" else ""),
        "uncertainty": None, "mcnemar_p": None, "fold_test": None, "second_opinion": "",
    }  # fmt: skip


def make_results() -> dict[str, Any]:
    """Return a complete, deterministic comparison of nine learners on ten classes with three seeds."""
    rng = random.Random(7)
    network_items = [{"id": f"test-{i:05d}", "label": LABELS[i % 10],
              "challenger_predicted": LABELS[(i + (i < 12)) % 10],
              "classical_predicted": LABELS[(i + 6) % 10]} for i in range(12)]  # fmt: skip
    for item in network_items:
        item["challenger_predicted"] = item["label"]
    classical_items = [{"id": f"test-{i:05d}", "label": LABELS[(i + 3) % 10],
             "challenger_predicted": LABELS[(i + 5) % 10],
             "classical_predicted": LABELS[(i + 3) % 10]} for i in range(20, 32)]  # fmt: skip
    return {
        "schema": 1, "visiontk": "0.1.0", "task": "image_classification", "created": "2026-11-22T15:00:00Z",
        "dataset": {
            "name": "fashion_mnist", "title": "fashion_mnist", "fingerprint": "9f3ac2d18b7e4410", "licence": "MIT",
            "citation": "Xiao, Rasul and Vollgraf (2017), Fashion-MNIST, arXiv:1708.07747.",
            "homepage": "https://github.com/zalandoresearch/fashion-mnist", "part_of": "", "origin": "public",
            "synthetic": False,
            "n_train": 54_000, "n_valid": 6_000, "n_test": N_TEST, "labels": list(LABELS),
            "counts": {"train": [5400] * 10, "valid": [600] * 10, "test": [1000] * 10}, "n_groups": None,
            "n_test_units": N_TEST, "test_units": [1000] * 10, "n_unknown": 0, "grouped_by": "", "package": None,
            "seen_in": [], "split": "official split", "caution": "",
            "notes": ["6,000 training images were set aside as the validation set."],
        },
        "metric": "accuracy",
        "metrics": {"accuracy": _metric("proportion"), "macro_f1": _metric("bounded"),
                    "log_loss": _metric("unbounded", higher_is_better=False)},
        "units": None, "reference": "hog_svm", "reference_reason": "best traditional learner on the validation set",
        "pair": None,
        "search": 1, "tuning": {}, "as_configured": [], "curve": None, "slices": [], "n_test_readings": None,
        "negative_control": None, "ceiling": None,
        "calibration": "none", "threshold": "largest", "audit": None, "probabilities": None,
        "preset": "standard", "seeds": [0, 1, 2], "n_folds": 1, "max_train": None, "budget_s": 600.0, "threads": 1,
        "margin": 0.01, "margin_reason": "by default", "confidence": 0.95, "complete": True, "n_planned": 27,
        "n_done": 27,
        "claim": None,
        "headlines": [{
            "sentence": "On fashion_mnist, resnet8 is better than the best traditional method, hog_svm, by 2.6 points "
            "of accuracy [+2.2, +3.1]; training it takes 14 times the CPU time.",
            "verdict": "better", "families": ["network", "classical"], "challenger": "resnet8", "classical": "hog_svm",
            "challenger_by_fold": ["resnet8"],
            "classical_by_fold": ["hog_svm"], "difference": 0.0261, "low": 0.0216, "high": 0.0306, "confidence": 0.95,
            "p_value": 0.0004, "error_ratio": 0.725, "scope": "procedure", "fit_cost_ratio": 14.27,
            "predict_cost_ratio": 2.15,
            "reason": "The interval excludes zero.", "second_opinion": "", "uncertainty": None,
        }],
        "learners": [_learner(rng, entry) for entry in LEARNERS],
        "comparisons": [_comparison(entry) for entry in LEARNERS if entry[0] not in ("hog_svm", "prior")],
        "disagreement": {
            "challenger": "resnet8", "classical": "hog_svm", "seed": 0, "n": N_TEST, "both_correct": 8_790,
            "only_challenger": 521, "only_classical": 262, "both_wrong": 427,
            "only_challenger_items": network_items, "only_classical_items": classical_items, "mean_correct": 9_400,
        },
        "failed": [],
        "warnings": ["resnet8: the budget of 600 s ended 2 of 3 fits; longer training may change its rank."],
        "environment": {"visiontk": "0.1.0",
                        "python": "3.12.4", "platform": "Linux 6.8 x86_64", "cpu": "AMD EPYC 7B13", "n_cpus": 2,
                        "packages": {"numpy": "2.4.0", "keras": "3.15.1", "scikit-learn": "1.9.1"}, "git": "4c1d2aa"},
        "signature": "vtk 0.1.0 | task image_classification/1 | data fashion_mnist 9f3a | standard | seeds 0,1,2",
        "reproduce": {"command": "visiontk compare image_classification --dataset fashion_mnist --seeds 3",
                      "config": "task: image_classification\ndataset: fashion_mnist\nseeds: [0, 1, 2]\n"},
    }  # fmt: skip


def make_extras(results: dict[str, Any]) -> dict[str, Any]:
    """Add six speakers, a caution, an operating point, probabilities and slices to the results."""
    rng = random.Random(11)
    names = [f"speaker {c}" for c in "abcdef"]
    results["dataset"] |= {"caution": "Not a medical device.", "n_groups": 6, "n_test_units": 6, "test_units": [6] * 10}
    results["units"] = {"kind": "group", "names": names, "n": [1000 + 10 * i for i in range(6)]}
    results["metrics"] |= {
        name: _metric("bounded", higher_is_better=name != "brier", adapted=name == "sensitivity")
        for name in ("sensitivity", "specificity", "brier")
    }
    for item in results["learners"]:
        p = item["metrics"]["accuracy"]["value"]
        for name in ("sensitivity", "specificity", "brier"):
            item["metrics"][name] = _interval(min(0.99, p * 0.9), 500)
        item["by_group"] = [
            {"name": name, "n": 1000} | _interval(min(0.99, p * rng.uniform(0.8, 1)), 1000) for name in names
        ]
        bins = []
        for i in range(10):
            share = _interval(min(0.95, (i + 0.5) / 10), 50)
            ends = {"observed": share["value"], "observed_low": share["low"], "observed_high": share["high"]}
            bins.append({"low": i / 10, "high": (i + 1) / 10, "n": 40.0 + i, "predicted": (i + 0.5) / 10} | ends)
        item["calibration"] = None if "svm" in item["name"] else {"of": "likeliest class", "bins": bins}
    results["slices"] = make_slices(results)
    results["claim"] = make_claim()
    return results


def make_claim(*, exploratory: bool = False) -> dict[str, Any]:
    """Return a claim that was not shown."""
    stated = "stated after the test set was read" if exploratory else "stated before the test set was read"
    begin = "Exploratory: the claim" if exploratory else "The claim"
    sentence = f"{begin} that resnet8 and hog_svm differ by less than 3 points of accuracy is not shown: resnet8 minus "
    return {
        "text": "resnet8 = hog_svm within 3", "kind": "equivalence", "stated": stated, "exploratory": exploratory,
        "learner": "resnet8", "reference": "hog_svm", "metric": "accuracy", "bound": 0.03, "confidence": 0.95,
        "difference": 0.0261, "low": 0.0216, "high": 0.0306, "p_value": 0.044, "answer": "not shown",
        "sentence": f"{sentence}hog_svm is +2.6 points [+2.2, +3.1] (p = 0.044).",
        "would_decide": "About 20,000 test samples instead of 10,000 would decide.",
    }  # fmt: skip


def make_slices(results: dict[str, Any]) -> list[dict[str, Any]]:
    """Return two columns: one added after the run, with a slice that is too small; one planned, with ranges."""

    def row(name: str, n: int, few: str = "", gap: float = 0.02, verdict: str = "undecided") -> dict[str, Any]:
        learners = [{"name": each["name"]} | _interval(0.8, n) for each in results["learners"]]
        known = {"difference": gap, "low": gap - 0.03, "high": gap + 0.03, "p_value": 0.2, "p_adjusted": 0.6,
                 "verdict": verdict, "reason": "The interval is wide."}  # fmt: skip
        unknown = dict.fromkeys(known) | {"reason": ""}
        counts = {"name": name, "n": n, "n_units": min(n, 6), "n_rarest": n // 20, "too_few": few}
        return counts | {"learners": [] if few else learners} | (unknown if few else known)

    few = row("(none)", 12, "fewer than 30 samples")
    return [
        {"column": "scanner", "table": "people.csv", "chosen": "after", "kind": "values", "unit": "group",
         "slices": [row("A", 3000), row("B", 2000, gap=-0.01), few]},
        {"column": "age", "table": None, "chosen": "before", "kind": "ranges", "unit": "group",
         "slices": [row("up to 40", 5000), row("above 40", 5000)]},
    ]  # fmt: skip


def make_exhibits(results: dict[str, Any]) -> dict[str, Exhibit]:
    """Return a synthetic image of 28 x 28 pixels for every sample of the galleries."""
    disagreement = results["disagreement"]
    ids = [item["id"] for key in ("only_challenger_items", "only_classical_items") for item in disagreement[key]]
    y, x = np.mgrid[-1:1:28j, -1:1:28j]
    exhibits_by_id: dict[str, Exhibit] = {}
    for k, name in enumerate(ids):
        rng = np.random.default_rng(k)
        body = (np.abs(x) < 0.35 + 0.3 * rng.random()) & (np.abs(y) < 0.75) | (np.abs(y + 0.4) < 0.2) & (
            np.abs(x) < 0.85
        )
        noise = 40 * rng.random((28, 28)) + 150 * (0.5 + 0.5 * np.sin(6 * y + k))
        exhibits_by_id[name] = {"image": image_uri((body * noise).astype(np.uint8))}
    return exhibits_by_id


@pytest.fixture
def results() -> dict[str, Any]:
    return make_results()


@pytest.fixture
def claim() -> dict[str, Any]:
    return make_claim()


@pytest.fixture
def exhibits(results: dict[str, Any]) -> dict[str, Exhibit]:
    return make_exhibits(results)


@pytest.fixture
def extras() -> dict[str, Any]:
    return make_extras(make_results())


Runs = list[tuple[str, dict[str, Any]]]


def make_runs(n: int, noise: float = 0.0, learners: Sequence[str] = ("resnet8", "hog_svm", "lenet5", "prior")) -> Runs:
    """Return comparisons of the same learners on n data sets; without noise they all agree."""
    rng = random.Random(5)
    runs = []
    for i in range(n):
        results = make_results()
        results["learners"] = [copy.deepcopy(row) for row in results["learners"] if row["name"] in learners]
        results["dataset"] |= {"name": f"data_{i}", "title": f"data_{i}", "fingerprint": f"{i:016x}"}
        for j, row in enumerate(results["learners"]):
            entry = row["metrics"]["accuracy"]
            entry["value"] = min(1.0, entry["value"] + rng.gauss(0, noise) - 0.0013 * i * (j + 1))
        runs.append((f"runs/run_{i}", results))
    return runs


@pytest.fixture
def runs() -> Callable[..., Runs]:
    return make_runs
