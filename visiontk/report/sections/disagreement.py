"""Test samples on which the two families disagree: counts, what both would do together, and examples."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Floats, Ints
from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Figure, Galleries, Gallery, Heading, Text
from visiontk.report.charts import plots
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.learner import LearnerEvidence
from visiontk.report.exhibits.exhibit import MOST_BYTES, gallery_form, gallery_item
from visiontk.report.figures import figure, responsive
from visiontk.report.section import Page, Section
from visiontk.report.values import Disagreement, DisagreementItem

MOST_ITEMS = 24
Items = Literal["only_network_items", "only_classical_items"]
Prediction = Literal["network_predicted", "classical_predicted"]


def compute(evidence: Evidence) -> Disagreement | None:
    """Return where the two sides of the primary comparison disagree, by their first seed."""
    if evidence.primary is None:
        return None
    a, b = evidence.primary.network.learner, evidence.primary.classical.learner
    predicted_a, predicted_b = a.decided[0].argmax(axis=1), b.decided[0].argmax(axis=1)
    correct_a, correct_b = predicted_a == a.y, predicted_b == a.y
    labels = evidence.data["labels"]

    def items(chosen: NDArray[np.bool_]) -> list[DisagreementItem]:
        return _items(chosen, a, predicted_a, predicted_b, labels)

    return {
        "network": a.name,
        "classical": b.name,
        "seed": a.seeds[0],
        "n": len(a.y),
        "both_correct": int((correct_a & correct_b).sum()),
        "only_network": int((correct_a & ~correct_b).sum()),
        "only_classical": int((~correct_a & correct_b).sum()),
        "both_wrong": int((~correct_a & ~correct_b).sum()),
        "only_network_items": items(correct_a & ~correct_b),
        "only_classical_items": items(~correct_a & correct_b),
        "mean_correct": correct_by_mean(a.y, a.scores[0], b.scores[0]) if a.ranked and b.ranked else None,
    }


def _items(
    chosen: NDArray[np.bool_], learner: LearnerEvidence, network: Ints, classical: Ints, labels: list[str]
) -> list[DisagreementItem]:
    """Return examples spread over the test set: the first ones would often be of one class."""
    index = np.flatnonzero(chosen)
    if len(index):
        index = index[np.linspace(0, len(index) - 1, min(MOST_ITEMS, len(index))).astype(int)]
    return [
        {
            "id": str(learner.ids[i]),
            "label": labels[learner.y[i]],
            "network_predicted": labels[network[i]],
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
        f"{value['classical']} or {value['network']} predicted. Samples are examples, not a measurement."
    )
    return [_figure(value), Text(combined(value), "lead"), Galleries(galleries), Text(note, "note")]


def combined(value: Disagreement) -> str:
    """Return the accuracy of each learner, of the mean of both and of an oracle, in one sentence."""
    n = value["n"]
    both = value["both_correct"]
    oracle = both + value["only_network"] + value["only_classical"]
    alone = {value["network"]: both + value["only_network"], value["classical"]: both + value["only_classical"]}
    shares = ", ".join(f"{name} alone {fmt.value(correct / n, 'proportion')}" for name, correct in alone.items())
    mean = value["mean_correct"]
    of_mean = f", the mean of their standardised scores {fmt.value(mean / n, 'proportion')}" if mean is not None else ""
    return (
        f"Right of {n:,} test samples: {shares}{of_mean}, and an oracle that always chooses the right one "
        f"{fmt.value(oracle / n, 'proportion')}: the most that any combination could reach."
    )


def _figure(value: Disagreement) -> Figure:
    parts = [
        ("both right", value["both_correct"], "part agree"),
        (f"only {value['network']} right", value["only_network"], "part network"),
        (f"only {value['classical']} right", value["only_classical"], "part classical"),
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
        (f"{value['network']} right", f"{value['both_correct']:,}", f"{value['only_network']:,}"),
        (f"{value['network']} wrong", f"{value['only_classical']:,}", f"{value['both_wrong']:,}"),
    ]
    return figure("disagreement", chart, caption, head, rows)


def _galleries(value: Disagreement, page: Page) -> list[Gallery]:
    """Return two galleries, the network's first; images and audio beyond their room are left out."""
    stored, room = page.raw["disagreement"] or value, dict(MOST_BYTES)
    families: tuple[tuple[str, str, int, Items, Prediction], ...] = (
        ("network", value["network"], value["only_network"], "only_network_items", "classical_predicted"),
        ("classical", value["classical"], value["only_classical"], "only_classical_items", "network_predicted"),
    )
    galleries = []
    for family, name, n, key, predicted in families:
        items = [
            gallery_item(item["id"], item["label"], f"not {item[predicted]}", page.exhibits.get(as_stored["id"]), room)
            for item, as_stored in zip(value[key][:MOST_ITEMS], stored[key], strict=False)
        ]
        remark = f"{len(items)} of {fmt.plural(n, 'sample')}" if len(items) < n else fmt.plural(n, "sample")
        galleries.append(Gallery(items, gallery_form(items), Heading(f"Only {name} was right", family, remark)))
    return galleries


DISAGREEMENT = Section(
    "disagreement", "Where they disagree", blocks, compute,
    "of a network and a traditional learner, by their first seed",
)  # fmt: skip
