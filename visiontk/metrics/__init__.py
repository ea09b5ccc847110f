"""Metrics: numbers computed from targets and predictions, for many weightings of the samples at once."""

from visiontk.metrics.auc import auc, auc_influences
from visiontk.metrics.classification import accuracy, balanced_accuracy, log_loss, macro_f1
from visiontk.metrics.operating import (
    balanced_accuracy_at_youden,
    brier,
    sensitivity,
    sensitivity_at_95,
    specificity,
    specificity_at_95,
)

__all__ = [
    "accuracy",
    "auc",
    "auc_influences",
    "balanced_accuracy",
    "balanced_accuracy_at_youden",
    "brier",
    "log_loss",
    "macro_f1",
    "sensitivity",
    "sensitivity_at_95",
    "specificity",
    "specificity_at_95",
]
