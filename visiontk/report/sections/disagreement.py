"""Test samples on which the two of the first headline disagree: counts, what both would do together, and examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Floats, Ints
from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Figure, Galleries, Gallery, Heading, Text
from visiontk.report.charts import plots, svg
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.learner import LearnerEvidence
from visiontk.report.exhibits.exhibit import MOST_BYTES, gallery_form, gallery_item
from visiontk.report.figures import figure, responsive
from visiontk.report.section import Page, Section
from visiontk.report.values import Disagreement, DisagreementItem

MOST_ITEMS = 24
Items = Literal["only_challenger_items", "only_classical_items"]
Prediction = Literal["challenger_predicted", "classical_predicted"]


def compute(evidence: Evidence) -> Disagreement | None:
    """Return where the two sides of the primary comparison disagree, by their first seed."""
    if evidence.primary is None:
        return None
    a, b = evidence.primary.challenger.learner, evidence.primary.classical.learner
    predicted_a, predicted_b = a.decided[0].argmax(axis=1), b.decided[0].argmax(axis=1)
    correct_a, correct_b = predicted_a == a.y, predicted_b == a.y
    labels, families = evidence.data["labels"], evidence.primary.families

    def items(chosen: NDArray[np.bool_]) -> list[DisagreementItem]:
        return _items(chosen, a, predicted_a, predicted_b, labels)

    return {
        "challenger": evidence.primary.challenger.name(families[0]),
        "classical": evidence.primary.classical.name(families[1]),
        "seed": a.seeds[0],
        "n": len(a.y),
        "both_correct": int((correct_a & correct_b).sum()),
        "only_challenger": int((correct_a & ~correct_b).sum()),
        "only_classical": int((~correct_a & correct_b).sum()),
        "both_wrong": int((~correct_a & ~correct_b).sum()),
        "only_challenger_items": items(correct_a & ~correct_b),
        "only_classical_items": items(~correct_a & correct_b),
        "mean_correct": correct_by_mean(a.y, a.scores[0], b.scores[0]) if a.ranked and b.ranked else None,
    }


def _items(
    chosen: NDArray[np.bool_], learner: LearnerEvidence, challenger: Ints, classical: Ints, labels: list[str]
) -> list[DisagreementItem]:
    """Return examples spread over the test set: the first ones would often be of one class."""
    index = np.flatnonzero(chosen)
    if len(index):
        index = index[np.linspace(0, len(index) - 1, min(MOST_ITEMS, len(index))).astype(int)]
    return [
        {
            "id": str(learner.ids[i]),
            "label": labels[learner.y[i]],
            "challenger_predicted": labels[challenger[i]],
            "classical_predicted": labels[classical[i]],
        }
        for i in index
    ]


def correct_by_mean(y: Ints, ours: Floats, theirs: Floats) -> int:
    """Return how many samples the mean of two learners' standardised scores classifies correctly.

    Margins and probabilities have other scales, so the scores of each learner are centred within each sample and
    divided by their standard deviation over all. Scores have the shape (n, n_classes).
    """
    return int(((_standardised(ours) + _standardised(theirs)).argmax(axis=1) == y).sum())


def _standardised(scores: Floats) -> Floats:
    centred = np.asarray(scores - scores.mean(axis=1, keepdims=True), dtype=np.float64)
    spread = centred.std()
    return centred / spread if spread > 0 else centred


def blocks(value: Disagreement, page: Page) -> list[Block]:
    """Return counts as a figure, what both would do together, and two galleries."""
    if not value["n"]:
        return []
    galleries = _galleries(value, page)
    audio = (
        "Images of audio: time horizontally, frequency vertically, from 0 to half of the sample rate; bright is loud. "
    )
    note = (
        f"{audio if galleries[0].form == 'audio' else ''}Below each sample: its true class, and the class that "
        f"{value['classical']} or {value['challenger']} predicted. Samples are examples, not a measurement."
    )
    return [_figure(value, looks(page)), Text(combined(value), "lead"), Galleries(galleries), Text(note, "note")]


def combined(value: Disagreement) -> str:
    """Return the accuracy of each learner, of the mean of both and of an oracle, in one sentence."""
    n = value["n"]
    both = value["both_correct"]
    oracle = both + value["only_challenger"] + value["only_classical"]
    alone = {value["challenger"]: both + value["only_challenger"], value["classical"]: both + value["only_classical"]}
    shares = ", ".join(f"{name} alone {fmt.value(correct / n, 'proportion')}" for name, correct in alone.items())
    mean = value["mean_correct"]
    of_mean = f", the mean of their standardised scores {fmt.value(mean / n, 'proportion')}" if mean is not None else ""
    return (
        f"Right of {n:,} test samples: {shares}{of_mean}, and an oracle that always chooses the right one "
        f"{fmt.value(oracle / n, 'proportion')}: the most that any combination could reach."
    )


def looks(page: Page) -> Sequence[str]:
    """Return the looks of the two that disagree."""
    return page.results["headlines"][0]["families"] or ("network", "classical")


def _figure(value: Disagreement, families: Sequence[str]) -> Figure:
    one, other = (svg.family_class(family) for family in families)
    parts = [
        ("both right", value["both_correct"], "part agree"),
        (f"only {value['challenger']} right", value["only_challenger"], f"part {one}"),
        (f"only {value['classical']} right", value["only_classical"], f"part {other}"),
        ("both wrong", value["both_wrong"], "part wrong"),
    ]
    caption = (
        f"The {value['n']:,} test samples by which of the two was right, for seed {value['seed']}. Widths are "
        "proportional to counts; the lower bar enlarges the samples that at least one of the two got wrong."
    )
    chart = responsive(
        plots.share_bars, "disagreement", parts=parts, title="Which of the two was right",
        desc="; ".join(f"{label}: {n}" for label, n, _ in parts) + ".",
    )  # fmt: skip
    head = ("", f"{value['classical']} right", f"{value['classical']} wrong")
    rows = [
        (f"{value['challenger']} right", f"{value['both_correct']:,}", f"{value['only_challenger']:,}"),
        (f"{value['challenger']} wrong", f"{value['only_classical']:,}", f"{value['both_wrong']:,}"),
    ]
    return figure("disagreement", chart, caption, head, rows)


def _galleries(value: Disagreement, page: Page) -> list[Gallery]:
    """Return two galleries, the challenger's first; images and audio beyond their room are left out."""
    stored, room = page.raw["disagreement"] or value, dict(MOST_BYTES)
    one, other = looks(page)
    sides: tuple[tuple[str, str, int, Items, Prediction], ...] = (
        (one, value["challenger"], value["only_challenger"], "only_challenger_items", "classical_predicted"),
        (other, value["classical"], value["only_classical"], "only_classical_items", "challenger_predicted"),
    )
    galleries = []
    for family, name, n, key, predicted in sides:
        items = [
            gallery_item(item["id"], item["label"], f"not {item[predicted]}", page.exhibits.get(as_stored["id"]), room)
            for item, as_stored in zip(value[key][:MOST_ITEMS], stored[key], strict=False)
        ]
        remark = f"{len(items)} of {fmt.plural(n, 'sample')}" if len(items) < n else fmt.plural(n, "sample")
        galleries.append(Gallery(items, gallery_form(items), Heading(f"Only {name} was right", family, remark)))
    return galleries


DISAGREEMENT = Section(
    "disagreement", "Where they disagree", blocks, compute,
    "of the two of the first headline, by their first seed",
)  # fmt: skip
