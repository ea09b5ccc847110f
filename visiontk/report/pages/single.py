"""The report of one run: one self-contained HTML file.

Nothing is computed here: verdicts and the headline come with the results, and every name in them is data, never markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Fold, Note, lines
from visiontk.report.charts import svg
from visiontk.report.evidence.evidence import PREDICTIONS
from visiontk.report.pages.document import fill_template
from visiontk.report.section import Page
from visiontk.report.sections import DETAILS, MAIN, Sections
from visiontk.report.sections.comparisons import MOST_COMPARISONS
from visiontk.report.sections.cost import cost_figure
from visiontk.report.sections.decision import recommendation
from visiontk.report.sections.headline import names_of
from visiontk.report.sections.learners import MOST_LEARNERS
from visiontk.report.sections.prior_knowledge import prior_knowledge
from visiontk.report.sections.settings import unsupervised_of
from visiontk.report.values import CHALLENGERS, Headline, Results

QUESTIONS = {"pretrained": "What should I use?", "network": "Is a network from scratch worth it?"}
SCOPES = {"fitted models": "as fitted here, on new samples", "procedure": "also when fitted anew"}
_INTERVALS = re.compile(r"(\[[^\[\]]{1,40}\])")  # not divided by a line break


class Answer(NamedTuple):
    """A headline at the top of the page: its sentence in parts that are not divided by a line break.

    `question` is empty where there is only one.
    """

    question: str
    sentence: Sequence[str]
    verdict: str
    families: Sequence[str]
    names: Sequence[str]


class Fact(NamedTuple):
    """A number at the top of the page."""

    label: str
    value: str
    remark: str


def render(
    results: Results, exhibits: Mapping[str, object], *, main: Sections = MAIN, details: Sections = DETAILS
) -> str:
    """Return the report as one HTML file that loads nothing.

    It has less than 10 MB for any number of classes, learners and exhibits: long lists are cut and say so. Exhibits are
    looked up by the ids of samples; `main` sections are shown at once, `details` are folded.
    """
    clean = cast(Results, fmt.clean(results))
    page = Page(told_apart(clean), results, exhibits)
    sections = [(section.name, section.heading(page), section.shown(page)) for section in main]
    folds = [
        Fold(section.heading(page), blocks, section.is_open(page), section.name)
        for section in details
        if (blocks := section.shown(page))
    ]
    shown = page.results
    return fill_template(
        "single.html",
        r=shown,
        synthetic=shown["dataset"]["synthetic"],
        date=fmt.date(shown["created"]),
        banners=_banners(shown),
        partial=_partial(page),
        claim=_INTERVALS.split(shown["claim"]["sentence"]) if shown["claim"] else [],
        answers=[
            Answer(
                QUESTIONS["".join(each["families"][:1])] if len(shown["headlines"]) > 1 else "",
                _INTERVALS.split(each["sentence"]),
                each["verdict"],
                each["families"] if each["challenger"] and each["classical"] else [],
                names_of(each),
            )
            for each in shown["headlines"]
        ],
        basis=" ".join(filter(None, (_basis(page), prior_knowledge(clean)))),
        recommendation=recommendation(shown),
        facts=_facts(page),
        cost=cost_figure(page),
        warnings=lines(shown["warnings"]),
        sections=[(name, title, blocks) for name, title, blocks in sections if blocks],
        folds=folds,
        data=_data(shown),
    )


def told_apart(results: Results) -> Results:
    """Return results in which the two that are compared look different where their families do not tell them apart."""
    pair, families = results["pair"], results["headlines"][0]["families"]
    if not pair or (len(set(families)) == 2 and set(families) <= {*CHALLENGERS, "classical"}):
        return results
    looks = {pair[0]: "first", pair[1]: "second"}
    rows = [
        {**row, "family": looks.get(row["name"], "floor" if row["family"] == "floor" else "unstated")}
        for row in results["learners"]
    ]
    headlines = [{**each, "families": list(svg.PAIR)} for each in results["headlines"]]
    return cast(Results, {**results, "learners": rows, "headlines": headlines})


def _banners(results: Results) -> list[Note]:
    dataset, banners = results["dataset"], []
    if dataset["synthetic"]:
        text = "A program made these samples; nothing here is measured on the real world."
        banners.append(Note("Synthetic data.", text, "ribbon"))
    if dataset["caution"]:
        banners.append(Note("CAUTION", dataset["caution"]))
    return banners


def _partial(page: Page) -> Note | None:
    r, n_failed = page.results, len(page.raw["failed"])
    if r["complete"] and not n_failed:
        return None
    pending = max(0, (r["n_planned"] or 0) - (r["n_done"] or 0) - n_failed)
    text = f"{r['n_done']} of {fmt.plural(r['n_planned'], 'trial')} done, {n_failed} failed"
    text += f", {pending} not run." if pending else "."
    if r["complete"]:
        return Note("FAILURES", text, "alarm")
    return Note("PARTIAL", f"{text} What follows may change when the rest is done.", "alarm")


def _basis(page: Page) -> str:
    r, dataset = page.results, page.results["dataset"]
    if dataset["origin"] == PREDICTIONS:
        n_fits = max(row["n_trials"] for row in r["learners"])
        return (
            f"Basis: {fmt.plural(n_fits, 'fit')} of each model, {fmt.plural(dataset['n_test'], 'test sample')}, "
            f"{_level(page)}. Fitted elsewhere: {unsupervised_of(r)}."
        )
    unknown = f" ({dataset['n_unknown']:,} more are unknown and excluded)" if dataset["n_unknown"] else ""
    most = r["max_train"]
    used = f" (at most {most:,} used)" if most and dataset["n_train"] > 0.9 * most else ""
    return (
        f"Basis: {fmt.plural(len(r['seeds']), 'seed')}, {dataset['split']}, "
        f"{fmt.plural(dataset['n_test'], 'test sample')}{unknown}, "
        f"{fmt.plural(dataset['n_train'], 'training sample')}{used}, preset {r['preset']}, {_level(page)}."
    )


def _level(page: Page) -> str:
    """Return the confidence of the intervals, and that of the answers where two comparisons share the 5 %."""
    answers = max((each["confidence"] or 0 for each in page.results["headlines"]), default=0)
    shared = f", {100 * answers:.4g} % for each of two answers" if answers > page.results["confidence"] else ""
    return f"{page.level} intervals{shared}"


def _facts(page: Page) -> list[Fact]:
    """Return the headline's numbers."""
    headlines = page.results["headlines"]
    facts = [fact for each in headlines for fact in _facts_of(each, page, several=len(headlines) > 1)]
    return list(dict.fromkeys(facts))


def _facts_of(headline: Headline, page: Page, *, several: bool) -> list[Fact]:
    kind, facts = page.kind, []
    if headline["difference"] is not None:
        value = fmt.difference(headline["difference"], kind, headline["low"], headline["high"]) + fmt.unit(kind)
        interval = fmt.interval(headline["low"], headline["high"], kind, signed=True)
        named = page.results["pair"] or several
        challenger = "pretrained" if "pretrained" in headline["families"] else "network"
        minus = " minus ".join(names_of(headline)) if named else f"{challenger} minus traditional"
        facts.append(Fact(f"{fmt.words(page.metric)}, {minus}", value, interval))
        tested = "times two, for two planned comparisons" if several else "tested alone, at 5 %"
        facts.append(Fact("p of no difference", fmt.p_value(headline["p_value"]), tested))
    rival = f"that of {headline['classical'] or 'the reference'}"
    of = f" {headline['challenger']}" if several else ""
    if headline["fit_cost_ratio"] is not None:
        facts.append(Fact(f"processor time to fit{of}", fmt.ratio(headline["fit_cost_ratio"]), rival))
    if headline["predict_cost_ratio"] is not None:
        facts.append(
            Fact(f"time to predict{' with' if of else ''}{of}", fmt.ratio(headline["predict_cost_ratio"]), rival)
        )
    if headline["scope"]:
        facts.append(Fact("scope of the claim", headline["scope"], SCOPES.get(headline["scope"], "")))
    return facts


def _data(results: Results) -> dict[str, object]:
    """Return what the tables show, as JSON for programs that read the page."""
    r, card = results, ("name", "fingerprint", "origin", "synthetic")
    fields = ("name", "family", "metrics", "fit_cpu_s", "predict_ms_per_sample", "n_parameters", "size_bytes")
    learners = [{key: value for key, value in row.items() if key in fields} for row in r["learners"][:MOST_LEARNERS]]
    top = ("schema", "visiontk", "task", "created", "metric", "reference", "seeds", "complete", "claim", "headlines",
           "signature")  # fmt: skip
    return {key: value for key, value in r.items() if key in top} | {
        "dataset": {key: value for key, value in r["dataset"].items() if key in card},
        "learners": learners,
        "comparisons": r["comparisons"][:MOST_COMPARISONS],
    }
