"""The sections of a report, in the order of the page; adding one is one file and one line here."""

from typing import Any

from visiontk.report.section import Section
from visiontk.report.sections.audit import AUDIT
from visiontk.report.sections.calibration_methods import PROBABILITIES
from visiontk.report.sections.ceiling import CEILING
from visiontk.report.sections.claim import CLAIM
from visiontk.report.sections.comparisons import COMPARISONS
from visiontk.report.sections.confusion import CONFUSION
from visiontk.report.sections.cost import COSTS
from visiontk.report.sections.curve import CURVE
from visiontk.report.sections.dataset import DATASET
from visiontk.report.sections.disagreement import DISAGREEMENT
from visiontk.report.sections.glossary import GLOSSARY
from visiontk.report.sections.headline import HEADLINE
from visiontk.report.sections.histories import HISTORIES
from visiontk.report.sections.learners import EVERY_METRIC, LEARNER_CARDS, LEARNERS
from visiontk.report.sections.negative_control import NEGATIVE_CONTROL
from visiontk.report.sections.recall import RECALL_FIGURE, RECALL_TABLE
from visiontk.report.sections.reliability import RELIABILITY
from visiontk.report.sections.seeds import SEEDS
from visiontk.report.sections.selective import SELECTIVE
from visiontk.report.sections.settings import FAILURES, REPRODUCE, SETTINGS
from visiontk.report.sections.slices import SLICES
from visiontk.report.sections.tuning import AS_CONFIGURED, TUNING
from visiontk.report.sections.units import UNITS

Sections = tuple[Section[Any], ...]

MAIN: Sections = (
    CLAIM,
    HEADLINE,
    LEARNERS,
    CEILING,
    TUNING,
    AS_CONFIGURED,
    COMPARISONS,
    CURVE,
    AUDIT,
    NEGATIVE_CONTROL,
    DISAGREEMENT,
    UNITS,
    SLICES,
    RECALL_FIGURE,
    SELECTIVE,
    RELIABILITY,
    PROBABILITIES,
)
"""Shown at once."""

DETAILS: Sections = (
    COSTS,
    EVERY_METRIC,
    RECALL_TABLE,
    CONFUSION,
    HISTORIES,
    SEEDS,
    LEARNER_CARDS,
    DATASET,
    FAILURES,
    SETTINGS,
    REPRODUCE,
    GLOSSARY,
)
"""Folded under "Details"."""

__all__ = ["DETAILS", "MAIN", "Sections"]
