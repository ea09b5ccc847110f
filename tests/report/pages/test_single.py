"""The report as a file: escaping, gaps, size, and no claim without a verdict."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visiontk.report import formatting as fmt
from visiontk.report.exhibits.clips import wav_uri
from visiontk.report.exhibits.thumbnails import image_uri
from visiontk.report.pages import document
from visiontk.report.pages.single import render
from visiontk.report.sections.cost import OTHERS

Results = dict[str, Any]

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    '" onmouseover="alert(3)',
    "javascript:alert(4)",
    "{{ 7 * 7 }}{% raw %}",
    "red\x1b[31m",
    "abc\u202edcba",
    "nul\x00bel\x07",
    "]]></style><style>*{display:none}</style>",
]
CLAIMS = re.compile(r"\b(better|outperform\w*|wins?|winner|beats?|superior)\b", re.IGNORECASE)


class Reader(HTMLParser):
    """Count elements with their attribute names, and collect the text outside the glossary."""

    VOID = frozenset({"meta", "link", "img", "br"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Counter[tuple[str, ...]] = Counter()
        self.values: list[tuple[str, str]] = []
        self.stack: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[(tag, *sorted(name for name, _ in attrs))] += 1
        self.values += [(name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self.stack.append((tag, dict(attrs).get("id")))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop()[0] == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        inside = {tag for tag, _ in self.stack}
        if not inside & {"script", "style"} and "glossary" not in {name for _, name in self.stack}:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def poison(results: Results, exhibits: dict[str, Any], canary: str) -> tuple[Results, dict[str, Any]]:
    """Return the results with a hostile text in every field that a user, a file or an error can fill."""
    r = json.loads(json.dumps(results))
    r["dataset"]["labels"] = [f"{label}{canary}" for label in r["dataset"]["labels"]]
    for key in ("name", "licence", "citation", "homepage", "part_of", "fingerprint", "split"):
        r["dataset"][key] += canary
    r["dataset"]["notes"] = [canary]
    for item in r["learners"]:
        item["name"] += canary
        item["summary"] = item["source"] = canary
        item["parameters"] = {canary: canary}
    for c in r["comparisons"]:
        c["learner"] += canary
        c["reference"] += canary
        c["reason"] = c["test"] = c["scope"] = canary
    for key in ("sentence", "challenger", "classical", "scope"):
        r["headlines"][0][key] += canary
    r["reference"] += canary
    r["reference_reason"] = r["signature"] = r["task"] = canary
    if r["units"]:
        r["units"]["names"] = [f"{name}{canary}" for name in r["units"]["names"]]
        for item in r["learners"]:
            for each in item["by_group"]:
                each["name"] += canary
    for column in r["slices"]:
        column["column"] += canary
        column["table"] = canary
        for row in column["slices"]:
            row["name"] += canary
            row["reason"] = canary
            row["too_few"] = row["too_few"] and canary
            for each in row["learners"]:
                each["name"] += canary
    r["dataset"]["caution"] = canary if r["dataset"]["caution"] else ""
    r["disagreement"]["challenger"] += canary
    r["disagreement"]["classical"] += canary
    for key in ("only_challenger_items", "only_classical_items"):
        for item in r["disagreement"][key]:
            for field in ("id", "label", "challenger_predicted", "classical_predicted"):
                item[field] += canary
    if r["claim"]:
        for key in ("text", "learner", "reference", "sentence", "stated"):
            r["claim"][key] += canary
    r["warnings"] = [canary]
    r["reproduce"] = {"command": canary, "config": f"task: {canary}\nseeds: [0]\n"}
    r["environment"]["packages"] = {canary: canary}
    for key in ("python", "platform", "cpu", "git"):
        r["environment"][key] = canary
    return r, {f"{name}{canary}": uri for name, uri in exhibits.items()}


@pytest.mark.parametrize("canary", HOSTILE)
def test_hostile_texts_add_no_element_and_no_attribute(results: Results, exhibits: dict[str, Any], canary: str) -> None:
    """A page of hostile names has exactly the elements and attributes of the page of harmless ones."""
    harmless = "".join("x" if ord(c) > 31 and ord(c) != 0x202E else "\\u0000" for c in canary)

    clean, hostile = (Reader(render(*poison(results, exhibits, text))) for text in (harmless, canary))

    assert hostile.elements == clean.elements
    assert not [name for name, _ in hostile.values if name.startswith("on") or name == "style"]


def test_the_reader_notices_an_unescaped_name(results: Results, exhibits: dict[str, Any]) -> None:
    """The test above can fail."""
    html = render(results, exhibits)

    assert Reader(html.replace("T-shirt/top", HOSTILE[0])).elements != Reader(html).elements


@pytest.mark.parametrize("canary", HOSTILE)
def test_no_invisible_character_is_written(results: Results, exhibits: dict[str, Any], canary: str) -> None:
    """Control and direction characters become readable escapes."""
    html = render(*poison(results, exhibits, canary))

    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", html)
    if "\u202e" in canary:
        assert "abc\\u202edcba" in html


def test_escaping_hides_nothing(results: Results, exhibits: dict[str, Any]) -> None:
    """The reader gets the text of the canary."""
    seen = Reader(render(*poison(results, exhibits, HOSTILE[0]))).text

    assert f"T-shirt/top{HOSTILE[0]}" in seen


def test_a_claim_made_beforehand_is_answered_first(results: Results, claim: Results) -> None:
    """Above the verdict, with the time when it was made; the numbers are in the JSON of the page."""
    html = render(results | {"claim": claim}, {})
    text = " ".join(Reader(html).text.split())

    title = "Claim: resnet8 = hog_svm within 3 · stated before the test set was read"
    parts = [title, "not shown", claim["sentence"], claim["would_decide"], results["headlines"][0]["sentence"]]
    places = [text.index(part[:70]) for part in parts]  # an interval has an element of its own
    assert places == sorted(places)
    assert html.index('class="verdict v-not-shown"') < html.index("<h1>")
    assert '"answer": "not shown"' in html
    assert "xploratory" not in text


def test_an_exploratory_claim_is_marked_and_stands_below_the_verdict(results: Results, claim: Results) -> None:
    late = {"exploratory": True, "stated": "stated after the test set was read", "sentence": "Exploratory: the claim."}

    text = " ".join(Reader(render(results | {"claim": claim | late}, {})).text.split())

    title = "Claim (exploratory): resnet8 = hog_svm within 3 · stated after the test set was read"
    assert (
        text.index(results["headlines"][0]["sentence"][:70]) < text.index(title) < text.index("Exploratory: the claim.")
    )


def test_a_page_without_a_claim_mentions_none(results: Results) -> None:
    assert "Claim" not in Reader(render(results, {})).text


def test_only_base64_images_are_shown(results: Results, exhibits: dict[str, Any]) -> None:
    """Others are replaced by the id of their sample."""
    bad = ["https://example.org/a.png", "javascript:alert(1)", "data:text/html;base64,AAAA", 'data:image/png;base64,A"']
    for name, uri in zip(list(exhibits), bad, strict=False):
        exhibits[name] = {"image": uri}

    reader = Reader(render(results, exhibits))

    sources = [value for name, value in reader.values if name == "src"]
    assert len(sources) == len(exhibits) - len(bad)
    assert all(value.startswith("data:image/png;base64,") for value in sources)
    assert next(iter(exhibits)) in reader.text


def test_the_content_policy_allows_only_our_style_and_script(results: Results, exhibits: dict[str, Any]) -> None:
    """It names their hashes, and allows images in the file."""
    html = render(results, exhibits)
    reader = Reader(html)
    policy = next(value for name, value in reader.values if name == "content" and "default-src" in value)
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    script = re.search(r"<script>(.*?)</script>", html, re.DOTALL)

    assert style
    assert script
    assert document._digest(style[1]) in policy
    assert document._digest(script[1]) in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_the_page_refers_to_nothing_outside(results: Results, exhibits: dict[str, Any]) -> None:
    """No link, source or address leads out of the file, not even the homepage of the data."""
    reader = Reader(render(results, exhibits))

    targets = [value for name, value in reader.values if name in ("href", "src", "action", "srcset", "data")]
    assert all(target.startswith(("data:", "#")) for target in targets)
    assert results["dataset"]["homepage"] in reader.text


def test_templates_never_declare_data_safe() -> None:
    """No |safe and no autoescape switch in the template."""
    texts = [path.read_text() for path in Path(document.__file__).parent.glob("*.html")]

    assert len(texts) == 3
    assert not any(re.search(r"\|\s*safe|autoescape", text) for text in texts)


def test_ids_are_unique(results: Results, exhibits: dict[str, Any]) -> None:
    """Labels of figures therefore refer to one text."""
    ids = Counter(value for name, value in Reader(render(results, exhibits)).values if name == "id")

    assert [name for name, n in ids.items() if n > 1] == []


def test_embedded_data_can_be_read_back(results: Results, exhibits: dict[str, Any]) -> None:
    """The JSON in the page has the numbers of the tables, with null for unknown ones."""
    results["learners"][0]["fit_cpu_s"] = math.nan

    html = render(results, exhibits)
    match = re.search(r'<script type="application/json" id="results">(.*?)</script>', html, re.DOTALL)

    assert match
    data = json.loads(match[1], parse_constant=lambda name: pytest.fail(name))
    assert data["learners"][0]["name"] == "resnet8"
    assert data["learners"][0]["fit_cpu_s"] is None


def unknown_everywhere(value: Any, key: str = "") -> Any:
    """Return the value with NaN for every measured number."""
    if isinstance(value, dict):
        return {k: unknown_everywhere(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [unknown_everywhere(v, key) for v in value]
    return math.nan if isinstance(value, float) and key not in ("margin", "confidence") else value


def _nan(r: Results) -> None:
    r.update(unknown_everywhere(r))


def _infinite(r: Results) -> None:
    for item in r["learners"]:
        item["fit_cpu_s"] = item["predict_ms_per_sample"] = math.inf
        item["metrics"]["accuracy"]["high"] = math.inf


def _none(r: Results) -> None:
    for item in r["learners"]:
        item.update(dict.fromkeys(("valid", "fit_cpu_s", "fit_wall_s", "predict_ms_per_sample", "n_parameters",
                                   "size_bytes", "peak_memory_bytes", "layers", "summary", "source")))  # fmt: skip
        item["metrics"] = {"accuracy": {"value": None, "low": None, "high": None, "reason": "one class only"}}
        item["histories"], item["by_seed"], item["recall"], item["confusion"] = [], [], [], []
    for c in r["comparisons"]:
        c.update(dict.fromkeys(("difference", "low", "high", "p_value", "p_adjusted", "reason", "test", "scope")))
        c["verdict"] = "invalid"
    r["headlines"][0].update(dict.fromkeys(("challenger", "classical", "difference", "low", "high", "scope",
                                        "fit_cost_ratio", "predict_cost_ratio")))  # fmt: skip
    r["headlines"][0]["verdict"] = "invalid"
    r["disagreement"] = r["environment"]["git"] = r["margin"] = None


def _no_learners(r: Results) -> None:
    r.update(learners=[], comparisons=[], disagreement=None, complete=False, n_done=0, reference=None)
    r["headlines"][0].update(challenger=None, classical=None, families=[], difference=None, verdict="invalid")


def _one_class_missing(r: Results) -> None:
    for item in r["learners"]:
        item["recall"][3] = {"value": None, "low": None, "high": None, "n": 0}
        item["confusion"][3] = [0] * 10
    r["dataset"]["counts"]["test"][3] = 0


def _only_networks(r: Results) -> None:
    r["learners"] = [item for item in r["learners"] if item["family"] == "network"]
    r["headlines"][0]["classical"] = None


def _ragged_histories(r: Results) -> None:
    columns = r["learners"][0]["histories"][0]["columns"]
    columns["loss"] = columns["loss"][:3]
    columns["valid_loss"][2] = None
    del columns["valid_accuracy"], columns["epoch"]


def _zero(r: Results) -> None:
    for item in r["learners"]:
        item["fit_cpu_s"] = item["predict_ms_per_sample"] = 0.0
        item["metrics"]["accuracy"] = {"value": 0.5, "low": 0.5, "high": 0.5}
    for c in r["comparisons"]:
        c.update(difference=0.0, low=0.0, high=0.0)
    r["disagreement"].update(both_correct=r["disagreement"]["n"], only_challenger=0, only_classical=0, both_wrong=0,
                             only_challenger_items=[], only_classical_items=[])  # fmt: skip


def _unbounded(r: Results) -> None:
    r["metric"] = "log_loss"
    for c in r["comparisons"]:
        c["metric"] = "log_loss"


GAPS = [_nan, _infinite, _none, _no_learners, _one_class_missing, _only_networks, _ragged_histories, _zero, _unbounded]


@pytest.mark.parametrize("gap", GAPS, ids=lambda gap: gap.__name__.strip("_"))
def test_results_with_gaps_are_shown(
    results: Results, exhibits: dict[str, Any], gap: Callable[[Results], None]
) -> None:
    """With any number unknown the page is well formed and has no NaN, infinity or None."""
    gap(results)

    reader = Reader(render(results, exhibits))

    assert not re.search(r"\b(nan|inf|infinity|none|undefined)\b", reader.text, re.IGNORECASE)
    assert not re.search(r"\b(nan|inf)\b", " ".join(v for k, v in reader.values if k in ("d", "points", "x", "cx")))


def test_unknown_values_come_last(results: Results, exhibits: dict[str, Any]) -> None:
    """A learner without the metric is never first, and gives the reason."""
    results["learners"][0]["metrics"]["accuracy"] = {
        "value": math.nan,
        "low": None,
        "high": None,
        "reason": "one class",
    }

    reader = Reader(render(results, exhibits))
    table = reader.text.split("Learners")[1].split("Comparisons")[0]

    assert table.index("small_cnn") < table.index("prior") < table.index("resnet8")
    assert "n/a (one class)" in reader.text


def test_a_partial_run_begins_with_a_banner(results: Results, exhibits: dict[str, Any]) -> None:
    """It counts the finished, failed and missing fits, above the headline."""
    results.update(complete=False, n_done=20, failed=[{"learner": "a", "trial": "a seed 0", "reason": "MemoryError"}])

    text = Reader(render(results, exhibits)).text

    assert "PARTIAL 20 of 27 trials done, 1 failed, 6 not run." in text
    assert text.index("PARTIAL") < text.index("On fashion_mnist,")
    assert "MemoryError" in text


def test_a_complete_run_shows_no_banner(results: Results, exhibits: dict[str, Any]) -> None:
    """Nor does the page have one for synthetic data."""
    text = Reader(render(results, exhibits)).text

    assert "PARTIAL" not in text
    assert "Synthetic" not in text


def test_synthetic_data_are_named_at_every_figure(results: Results, exhibits: dict[str, Any]) -> None:
    """Also in the title and in a line above everything."""
    results["dataset"].update(synthetic=True, origin="synthetic")

    html = render(results, exhibits)

    assert "(synthetic data)</title>" in html
    assert html.index('class="ribbon"') < html.index("<h1>")
    assert html.count('<strong class="synthetic">') == html.count("<figcaption>")


@pytest.mark.parametrize("verdict", ["undecided", "equivalent", "invalid"])
def test_no_claim_without_a_verdict(results: Results, exhibits: dict[str, Any], verdict: str) -> None:
    """Outside the glossary no learner is called better unless a verdict says so."""
    results["headlines"][0].update(verdict=verdict, sentence="The difference is 0.2 points.")
    for c in results["comparisons"]:
        c["verdict"] = verdict

    assert CLAIMS.findall(Reader(render(results, exhibits)).text) == []


def test_every_verdict_is_shown(results: Results, exhibits: dict[str, Any]) -> None:
    """The test above can fail: each verdict appears as a word, not only as a colour."""
    n_better = sum(c["verdict"] == "better" for c in results["comparisons"])
    results["headlines"][0]["sentence"] = "A sentence."

    claims = CLAIMS.findall(Reader(render(results, exhibits)).text)

    assert claims == ["better"] * (1 + 2 * n_better)


def test_numbers_have_intervals_and_units(results: Results, exhibits: dict[str, Any]) -> None:
    """One decimal, an interval, and readable units."""
    text = Reader(render(results, exhibits)).text

    for expected in ("93.1 % [92.6, 93.6]", "+2.6 points", "9 min 8 s", "78k", "339 kB", "n/a (scores only rank)"):
        assert expected in text


def many_classes(results: Results, n: int) -> Results:
    """Return the same learners on `n` classes; rows of the matrices are shared to save memory."""
    labels = [f"class-{i:05d}" for i in range(n)]
    row = [0] * n
    results["dataset"].update(labels=labels, counts={part: [7] * n for part in ("train", "valid", "test")})
    for k, item in enumerate(results["learners"]):
        item["recall"] = [{"value": (i * (k + 3)) % 97 / 97, "low": 0.1, "high": 0.9, "n": 7} for i in range(n)]
        confused = list(row)
        confused[5] = 4
        item["confusion"] = [confused if i % 100 == 0 else row for i in range(n)]
    return results


@pytest.mark.slow
def test_ten_thousand_classes_stay_small(results: Results, exhibits: dict[str, Any]) -> None:
    """The page is below 10 MB and rendered in less than 30 s."""
    many = many_classes(results, 10_000)

    start = time.perf_counter()
    html = render(many, exhibits)

    assert time.perf_counter() - start < 30
    assert len(html.encode()) < 2_000_000
    assert "9,700 more rows are in results.json" in html


@pytest.mark.slow
def test_three_hundred_learners_stay_small(results: Results, exhibits: dict[str, Any]) -> None:
    """With long texts, the page is below 10 MB and well formed."""
    base = results["learners"]
    results["learners"] = [item | {"name": f"{item['name']}_{k}"} for k in range(40) for item in base]
    results["comparisons"] = [c | {"learner": f"{c['learner']}_{k}"} for k in range(40) for c in results["comparisons"]]
    results["warnings"] = ["w" * 5000] * 1000
    results["failed"] = [{"learner": "a", "trial": "t", "reason": "r" * 9000}] * 1000

    html = render(results, exhibits)

    assert len(html.encode()) < 10_000_000
    assert Reader(html).stack == []
    assert "60 more learners are in results.json" in html


def test_many_images_stay_small(results: Results) -> None:
    """Images beyond five megabytes are left out."""
    disagreement = results["disagreement"]
    items = [*disagreement["only_challenger_items"] * 2, *disagreement["only_classical_items"] * 2]
    disagreement["only_challenger_items"] = [item | {"id": f"p{i}"} for i, item in enumerate(items)]
    huge = "data:image/png;base64," + "A" * 299_000

    html = render(results, {item["id"]: {"image": huge} for item in disagreement["only_challenger_items"]})

    assert 15 * 299_000 < len(html) < 6_500_000


def test_the_same_results_give_the_same_page(results: Results, exhibits: dict[str, Any]) -> None:
    """Rendering is a pure function of its arguments."""
    before = json.dumps(results)

    assert render(results, exhibits) == render(results, exhibits)
    assert json.dumps(results) == before


@pytest.mark.slow
def test_importing_the_page_is_light() -> None:
    """Neither a framework nor a plotting library is imported."""
    heavy = ["keras", "tensorflow", "sklearn", "scipy", "matplotlib", "pandas"]
    code = f"import sys, visiontk.report.pages.single; print([m for m in {heavy} if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_caution_precedes_the_verdict(extras: Results, exhibits: dict[str, Any]) -> None:
    text = Reader(render(extras, exhibits)).text

    assert text.index("CAUTION Not a medical device.") < text.index("On fashion_mnist,")
    assert "CAUTION" not in Reader(render(extras | {"dataset": extras["dataset"] | {"caution": ""}}, exhibits)).text


def test_the_table_of_groups_has_every_group_and_learner(extras: Results, exhibits: dict[str, Any]) -> None:
    """Six speakers with counts and values, and the mean below."""
    text = Reader(render(extras, exhibits)).text
    table = text[text.index("Group by group") : text.index("Class by class")]

    for i, name in enumerate(extras["units"]["names"]):
        for item in extras["learners"]:
            assert fmt.with_interval(*(item["by_group"][i][k] for k in ("value", "low", "high")), "proportion") in table
        assert f"{name} {extras['units']['n'][i]:,}" in table
    assert "mean of groups" in table


def test_every_metric_of_every_learner_is_on_the_page_with_its_interval(extras: Results, exhibits: Any) -> None:
    """Six metrics do not fit into the first table, so a second one has them."""
    text = Reader(render(extras, exhibits)).text
    table = text[text.index("Every metric") : text.index("Recall of every class")]

    for item in extras["learners"]:
        for name, kind in ((n, m["kind"]) for n, m in extras["metrics"].items()):
            entry = item["metrics"][name]
            assert fmt.value(entry["value"], kind, entry["low"], entry["high"]) in table
            assert fmt.interval(entry["low"], entry["high"], kind) in table
    assert "chose on its validation set: sensitivity." in table


def test_unknown_test_samples_are_counted(extras: Results, exhibits: Any) -> None:
    """At the head and at every metric; without them, nothing is mentioned."""
    plain = render(extras, exhibits)
    metrics = {name: metric | {"n_excluded": 1234} for name, metric in extras["metrics"].items()}
    html = render(extras | {"metrics": metrics, "dataset": extras["dataset"] | {"n_unknown": 1234}}, exhibits)

    assert "unknown" not in plain[plain.index('class="basis"') :][:400]
    assert "(1,234 more are unknown and excluded)" in Reader(html).text
    assert html.count("; 1,234 unknown test samples excluded") >= len(metrics)


def test_recall_of_every_class_and_learner_is_on_the_page(extras: Results, exhibits: Any) -> None:
    """The class with the fewest samples is first."""
    for item in extras["learners"]:
        item["recall"][7]["n"] = 12
    text = Reader(render(extras, exhibits)).text
    table = text[text.index("Recall of every class") : text.index("Confusion matrices")]

    assert table.index("Sneaker 12") < table.index("T-shirt/top 1,000")
    for item in extras["learners"]:
        if item["family"] != "floor":
            assert all(fmt.interval(f["low"], f["high"], "proportion") in table for f in item["recall"])


def test_reliability_is_shown_for_learners_with_probabilities(extras: Results, exhibits: Any) -> None:
    """One panel each, with counts; none for learners whose scores only rank."""
    html = render(extras, exhibits)

    shown = set(re.findall(r"Reliability of (\w+)", html))
    assert shown == {item["name"] for item in extras["learners"] if item["calibration"] and item["family"] != "floor"}
    assert "Reliability of" not in render(json.loads(json.dumps(extras)) | {"learners": [
        item | {"calibration": None} for item in extras["learners"]]}, exhibits)  # fmt: skip


@pytest.mark.parametrize("canary", HOSTILE)
def test_hostile_samples_and_group_names_add_no_element(extras: Results, canary: str) -> None:
    harmless = "".join("x" if ord(c) > 31 and ord(c) != 0x202E else "\\u0000" for c in canary)
    ids = [
        item["id"] for key in ("only_challenger_items", "only_classical_items") for item in extras["disagreement"][key]
    ]

    def read(words: str) -> Reader:
        poisoned, _ = poison(extras, {}, words)
        return Reader(render(poisoned, {f"{name}{words}": {"text": f"spoken {words}"} for name in ids}))

    clean, hostile = read(harmless), read(canary)

    assert hostile.elements == clean.elements
    assert hostile.elements[("blockquote", "dir")] == len(ids)
    assert f"spoken {fmt.visible(canary)}".split("\n")[0] in " ".join(hostile.texts)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", " ".join(hostile.texts))


def test_only_embedded_audio_is_played(results: Results) -> None:
    """The content policy allows a clip; an address is not a clip."""
    ids = [item["id"] for item in results["disagreement"]["only_challenger_items"]]
    clip = wav_uri(np.zeros(800, np.float32), 8000)
    image = image_uri(np.zeros((8, 16), np.uint8))
    exhibits_by_id: dict[str, Any] = {name: {"image": image, "audio": clip, "seconds": 0.1} for name in ids}
    exhibits_by_id[ids[0]] = {"image": image, "audio": "https://example.org/a.wav", "seconds": "<b>"}

    reader = Reader(render(results, exhibits_by_id))

    sources = [value for name, value in reader.values if name == "src" and value.startswith("data:audio")]
    assert len(sources) == len(ids) - 1
    assert any("media-src data:" in value for _, value in reader.values)
    assert "example.org" not in " ".join(value for _, value in reader.values)


def test_many_recordings_stay_small(results: Results) -> None:
    """Clips are added until the page reaches its limit of 10 MB."""
    rng = np.random.default_rng(0)
    clip = wav_uri(rng.uniform(-1, 1, 3 * 44_100).astype(np.float32), 44_100)
    items = [{"id": f"s{i}", "label": "a", "challenger_predicted": "a", "classical_predicted": "b"} for i in range(200)]
    results["disagreement"].update(only_challenger_items=items, only_classical_items=items)

    html = render(results, {item["id"]: {"image": None, "audio": clip, "seconds": 3.0} for item in items})

    assert len(html) < 10_000_000
    assert 5 <= html.count("<audio") <= 12


def test_the_uncertainty_of_a_comparison_is_on_the_page(results: Results, exhibits: dict[str, Any]) -> None:
    """With the reason and the test over folds; every table is signed."""
    results["comparisons"][0] |= {
        "uncertainty": {"text": "Of the uncertainty, all is chance."},
        "fold_test": {"text": "Over the 5 folds, nothing else."},
    }

    text = Reader(render(results, exhibits)).text

    assert "Of the uncertainty, all is chance." in text
    assert "Over the 5 folds, nothing else." in text
    assert text.count(results["signature"]) >= 4


def test_second_opinions_qualify_the_verdict_on_the_page(results: Results) -> None:
    """Below the verdict, as part of what to do, and in the row of its comparison; McNemar's p is there in any case."""
    opinion = "A second opinion is less sure: the exact McNemar test has p = 0.07."
    results["headlines"][0]["second_opinion"] = opinion
    results["comparisons"][0] |= {"second_opinion": opinion, "mcnemar_p": 0.07}

    html = render(results, {})
    row = html[html.index('id="table-comparisons"') :].split("</tr>")[1]

    assert opinion in html[html.index("<h2>What to do") : html.index("<main")]
    assert opinion in row
    assert "Exact McNemar test: p = 0.07." in row


def test_the_primary_comparison_is_marked_and_has_an_interval_of_its_own(results: Results) -> None:
    """At 95 %, beside those that hold together."""
    html = render(results, {})
    text = Reader(html).text

    assert html[html.index('id="table-comparisons"') :].split("</table>")[0].count("the primary comparison") == 1
    assert (
        "that decides, at 95 % for the primary comparison, at 99.17 % for each of the 6 others, so that all 6" in text
    )
    assert "the band is the margin (±1 points, by default)" in text


def test_common_remarks_are_shown_once(results: Results) -> None:
    """Below the table; remarks about one comparison stay in its row."""
    for row in results["comparisons"]:
        row |= {"uncertainty": {"text": "All of it is chance."}, "test": "exact McNemar"}
    results["comparisons"][0]["fold_test"] = {"text": "Over the 5 folds, nothing else."}

    html = render(results, {})
    table = html[html.index('id="table-comparisons"') :].split("</table>")[0]

    text = Reader(html).text
    assert [text.count(sentence) for sentence in ("All of it is chance.", "Test: exact McNemar.")] == [1, 1]
    assert "chance" not in table
    assert "McNemar" not in table
    assert table.count("Over the 5 folds, nothing else.") == 1


@pytest.mark.parametrize(("limit", "shown_limit"), [(None, False), (10**6, False), (50_000, True)])
def test_a_limit_of_training_samples_is_shown_only_if_reached(
    results: Results, limit: int | None, shown_limit: bool
) -> None:
    """A limit of 2,000 does not matter for 1,259 samples."""
    results["max_train"], results["dataset"]["n_train"] = limit, 50_000

    assert ("used)" in Reader(render(results, {})).text) == shown_limit


def test_the_heading_of_differences_names_both_terms(results: Results) -> None:
    assert "network minus traditional" in Reader(render(results, {})).text


def test_every_figure_names_its_axes(extras: Results) -> None:
    """In the drawing, not only in the caption."""
    html = render(extras, {})
    figures = {part.split('"')[0]: part.split("</figure>")[0] for part in html.split('id="figure-')[1:]}
    titles = {name: set(re.findall(r'class="axis-title"[^>]*>([^<]+)<', part)) for name, part in figures.items()}

    assert titles["recall"] == {"recall →"}
    assert titles["cost"] == {"accuracy ↑", "processor time of one fit, log scale →"}
    assert "observed frequency ↑" in titles["reliability-0"]
    assert [name for name, matches in titles.items() if not matches] == ["disagreement"]  # a bar of counts has no axis


def test_every_cost_has_a_figure(results: Results) -> None:
    """Fit time at the top, the other costs below; one that was not measured is left out."""
    kinds = ("cost", *(f"cost-{key}" for key in OTHERS))
    shown = render(results, {})
    for item in results["learners"]:
        item["predict_ms_alone"] = None
    without = render(results, {})

    assert [name for name in kinds if f'id="figure-{name}"' in shown] == list(kinds)
    assert [name for name in kinds if f'id="figure-{name}"' not in without] == ["cost-predict_ms_alone"]


def test_the_table_of_calibrations_has_every_learner(results: Results) -> None:
    """One row each with three methods and two metrics; scores that only rank are marked."""
    ends = {"value": 0.1, "low": 0.08, "high": 0.12}
    both = {"brier": ends, "log_loss": ends | {"value": 0.3}}
    names = [item["name"] for item in results["learners"]]
    ways = {"none": both, "temperature": both, "isotonic": both}
    results |= {
        "calibration": "none",
        "probabilities": {
            "learners": dict.fromkeys(names, ways) | {"hog_svm": ways | {"none": None}},
            "pair": ["resnet8", "hog_svm"],
            "difference": {"none": dict.fromkeys(both), "temperature": both, "isotonic": both},
        },
    }
    text = render(results, {})

    assert text.count("scores only rank") >= 2 * 2
    assert "resnet8 minus hog_svm" in text
    assert "Brier score, temperature" in text
