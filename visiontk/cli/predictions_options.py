"""Options of ``compare --predictions``: models that were fitted elsewhere."""

from __future__ import annotations

import argparse

from visiontk.cli.parser import Parser, names

SHARED = ("reference", "claim", "margin", "calibration", "threshold", "slices", "group")
"""Options of ``compare`` that mean the same for predictions."""

FOR_ALSO = ("column", "classes", "positive", "scale", "on_missing", "files")
"""Options for predictions, alone or beside a run."""

OWN = ("truth", "metric", "family", "valid", "valid_truth", *FOR_ALSO)
"""Options for predictions only."""


def add_predictions(parser: Parser) -> None:
    """Add the options for models that were fitted elsewhere."""
    group = parser.add_argument_group("models that were fitted elsewhere")
    parser.rare(
        group,
        "--predictions",
        nargs="+",
        metavar="FILE",
        help="In place of TARGET: compare models by their predictions, a table for each; the first two are the pair of "
        "the headline. CSV, TSV, JSON lines, JSON, Parquet, .npz, or a folder of JSON files; NAME=FILE names the "
        "model. docs/predictions.md describes columns and layouts.",
    )
    parser.rare(
        group,
        "--also",
        nargs="+",
        metavar="FILE",
        help="With TARGET: then put these models beside its learners, by predictions for the same test samples.",
    )
    parser.rare(group, "--truth", metavar="FILE", help="True classes by id. Default: a column of the tables.")
    parser.rare(group, "--metric", metavar="NAME", help="Metric to compare. Default: accuracy.")
    parser.rare(
        group,
        "--family",
        action="append",
        type=pair,
        metavar="NAME=FAMILY",
        help="network (from scratch), pretrained, classical or floor. Default: unstated. May be repeated.",
    )
    parser.rare(
        group,
        "--valid",
        nargs="+",
        metavar="FILE",
        help="Predictions for a validation set, in the order of the models.",
    )
    parser.rare(group, "--valid-truth", metavar="FILE", help="True classes of the validation set by id.")
    parser.rare(
        group,
        "--column",
        action="append",
        type=pair,
        metavar="ROLE=NAME",
        help="The column with a role: id, truth, prediction, score, scores, seed, fold, fit_s, predict_ms, "
        "n_parameters or size_bytes; none for no column. May be repeated.",
    )
    parser.rare(group, "--classes", type=names, metavar="A,B", help="All classes in order.")
    parser.rare(group, "--positive", metavar="CLASS", help="Class of one score for two classes. Default: the second.")
    parser.rare(
        group, "--scale", metavar="NAME", help="Of scores: probability, percent, logit or margin. Default: by value."
    )
    parser.rare(
        group, "--on-missing", metavar="WAY", help="Samples missing from a table: refuse (default) or drop, counted."
    )


def pair(text: str) -> tuple[str, str]:
    """Return the two sides of ``NAME=VALUE``.

    Examples
    --------
    >>> pair("resnet=network")
    ('resnet', 'network')
    """
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise argparse.ArgumentTypeError(f"{text!r} given; expected NAME=VALUE")
    return name, value
