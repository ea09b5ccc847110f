"""Values of the sections that compare learners."""

from __future__ import annotations

from typing import Annotated, Literal

from typing_extensions import TypedDict

from visiontk.report.values.basic import Family, Interval, Verdict


class VarianceShares(TypedDict):
    """Sources of the variance of a difference; they sum to 1."""

    items: float
    groups: float
    interaction: float
    seeds: float


class Uncertainty(TypedDict):
    """Sources of the uncertainty of a difference, and what would decide it."""

    unit: Annotated[Literal["sample", "group"], "what is independent"]
    n_units: int
    n_seeds: int
    standard_error: float | None
    shares: Annotated[VarianceShares | None, "of the variance"]
    detectable: Annotated[float | None, "smallest difference shown in 80 of 100 cases"]
    target: Annotated[float, "the measured difference, or the margin where that is more"]
    units_needed: Annotated[int | None, "to show `target`; `null`: no number of units alone"]
    seeds_needed: int | None
    text: str


class FoldTest(TypedDict):
    """Corrected resampled t test over the folds."""

    test: str
    n_folds: int
    value: float
    low: float
    high: float
    p_value: float
    text: str


class Chosen(TypedDict):
    """The learners of a primary comparison."""

    families: Annotated[list[Family], "of the challenger, which is a network or pretrained, and of the other"]
    learner: Annotated[str, "chosen most often"]
    reference: str
    learner_by_fold: Annotated[list[str], "best of its family on the validation set of each fold, or as requested"]
    reference_by_fold: list[str]
    requested: Annotated[list[str], "those that were named by the user"]
    learner_value: Annotated[float | None, "of the metric, with the predictions of each fold's choice"]
    reference_value: float | None


class Comparison(TypedDict):
    """A learner compared with the reference."""

    learner: Annotated[str, "`best network`, `best pretrained` or `best traditional` where folds chose different ones"]
    reference: str
    primary: Annotated[Chosen | None, "`null` for the comparisons of the secondary family"]
    metric: str
    difference: Annotated[float | None, "learner minus reference"]
    low: Annotated[float | None, "of the interval that decides, at `confidence`"]
    high: float | None
    confidence: Annotated[float | None, "1 - 0.05/k, where k is `n_comparisons`"]
    n_comparisons: Annotated[int, "k: primary comparisons, or all others"]
    p_value: float | None
    p_adjusted: Annotated[float | None, "k times `p_value`, at most 1"]
    test: str
    scope: Literal["fitted models", "procedure"] | None
    verdict: Verdict
    reason: str
    uncertainty: Uncertainty | None
    mcnemar_p: Annotated[float | None, "exact McNemar test, a second opinion on accuracies of one seed"]
    fold_test: Annotated[FoldTest | None, "a second opinion; `null` below three folds"]
    second_opinion: Annotated[str, "a sentence, if a second opinion disagrees with the verdict"]


class Headline(TypedDict):
    """The answer to one question."""

    sentence: str
    verdict: Annotated[Verdict, "on the challenger"]
    families: Annotated[list[Family], "of challenger and classical; empty if nothing was compared"]
    challenger: Annotated[str | None, "the network or pretrained learner, as chosen most often"]
    classical: Annotated[str | None, "the traditional method"]
    challenger_by_fold: Annotated[list[str] | None, "chosen on the validation set of each fold"]
    classical_by_fold: list[str] | None
    difference: Annotated[float | None, "challenger minus classical"]
    low: float | None
    high: float | None
    confidence: Annotated[float | None, "of the interval: 0.95, or 0.975 of each of two"]
    p_value: Annotated[float | None, "times the number of primary comparisons"]
    error_ratio: Annotated[float | None, "errors of the challenger to those of classical, where 1 is a perfect metric"]
    scope: Literal["fitted models", "procedure"] | None
    fit_cost_ratio: Annotated[float | None, "challenger to classical"]
    predict_cost_ratio: float | None
    reason: str | None
    second_opinion: Annotated[str | None, "a sentence, if a second opinion disagrees"]
    uncertainty: Annotated[str | None, "a sentence"]


class ClaimAnswer(TypedDict):
    """A claim about two learners, and its answer."""

    text: str
    kind: Literal["superiority", "non-inferiority", "equivalence"]
    stated: Annotated[str, "when the claim was made"]
    exploratory: Annotated[bool, "unless the claim was made before the test set was read"]
    learner: Annotated[str | None, "the left one of the claim; `null`: no answer"]
    reference: Annotated[str | None, "the right one"]
    metric: str
    bound: Annotated[float, "in the unit of the metric"]
    confidence: Annotated[float, "level of the interval that decides"]
    difference: Annotated[float | None, "learner minus reference"]
    low: float | None
    high: float | None
    p_value: Annotated[float | None, "one-sided, of the claim's null; of equivalence the larger of two"]
    answer: Annotated[Literal["supported", "refuted", "not shown"], "refuted: the whole interval contradicts it"]
    sentence: str
    would_decide: Annotated[str, "a sentence; empty where the claim is supported or refuted"]


class DisagreementItem(TypedDict):
    """A test sample that only one of the two classifies correctly."""

    id: str
    label: str
    challenger_predicted: str
    classical_predicted: str


class Disagreement(TypedDict):
    """Test samples by which of the two in the first headline is correct."""

    challenger: str
    classical: str
    seed: int
    n: int
    both_correct: int
    only_challenger: int
    only_classical: int
    both_wrong: int
    only_challenger_items: Annotated[list[DisagreementItem], "at most 24"]
    only_classical_items: list[DisagreementItem]
    mean_correct: Annotated[
        int | None, "correct by the mean of their standardised scores; null if scores only name a class"
    ]


class SliceValue(Interval):
    """The metric that is compared, of one learner on one slice."""

    name: str


class Slice(TypedDict):
    """Test samples of one value or range of a column."""

    name: str
    n: int
    n_units: Annotated[int, "groups, where there are some"]
    n_rarest: Annotated[int, "groups, or samples without groups, of the rarest class"]
    too_few: Annotated[str, "why there is no number; empty where there is one"]
    learners: list[SliceValue]
    difference: Annotated[float | None, "challenger minus classical of the first headline"]
    low: float | None
    high: float | None
    p_value: float | None
    p_adjusted: Annotated[float | None, "times the number of slices of all columns that were compared, at most 1"]
    verdict: Annotated[Verdict | None, "on the challenger"]
    reason: str


class SliceColumn(TypedDict):
    """Results by one column."""

    column: str
    table: Annotated[str | None, "name of the file; `null` for the table that was compared"]
    chosen: Annotated[Literal["before", "after"], "the run"]
    kind: Annotated[Literal["values", "ranges"], "ranges lie between quartiles of the test samples"]
    unit: Literal["sample", "group"]
    slices: list[Slice]


class ControlledFamily(TypedDict):
    """A family on shuffled labels: the learner that validation chose on each fold, pooled."""

    family: Family
    by_fold: Annotated[list[str], "the learner chosen on each fold, by its validation set with shuffled labels"]
    value: Annotated[float | None, "the metric that is compared, on the shuffled labels of the test set"]
    chance: Annotated[float | None, "the same of these predictions dealt out to the test samples at random"]
    difference: Annotated[float | None, "`value` less `chance`"]
    low: float | None
    high: float | None
    above: Annotated[bool, "if the interval is ahead of chance: a sign of a leak"]
    reason: Annotated[str, "where `difference` is `null`"]


class NegativeControl(TypedDict):
    """Learners fitted on shuffled labels, with the first seed."""

    by: Annotated[Literal["sample", "group"], "the labels that were shuffled together"]
    confidence: Annotated[float, "of each interval, for 95 % of all of them together"]
    floor: Annotated[str | None, "the floor, chosen on the validation sets as well"]
    floor_value: float | None
    families: list[ControlledFamily]
