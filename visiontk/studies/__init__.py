"""Studies: questions about both families that need more fits than a comparison."""

from visiontk.harness.study import Study
from visiontk.studies.learning_curve import LEARNING_CURVE
from visiontk.studies.shuffled_labels import SHUFFLED_LABELS

__all__ = ["LEARNING_CURVE", "SHUFFLED_LABELS", "STUDIES"]

STUDIES: tuple[Study, ...] = (LEARNING_CURVE, SHUFFLED_LABELS)
"""All studies, in the order of their fits."""
