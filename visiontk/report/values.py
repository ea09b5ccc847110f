"""Types of ``results.json``; its JSON Schema and the table of its keys in the documentation are made from them.

The text of an `Annotated` field documents its key. Unknown numbers are None, never NaN.
"""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from typing_extensions import TypedDict

Kind = Literal["proportion", "bounded", "unbounded"]
Family = Literal["network", "classical", "floor", "unstated"]
Verdict = Literal["better", "worse", "equivalent", "undecided", "invalid"]
Parameters = dict[str, object]
MIXED: dict[Family, str] = {"network": "best network", "classical": "best traditional"}
"""Name in a comparison of a family of which not every fold chose the same learner."""


class Interval(TypedDict):
    """A number with its 95 % interval."""

    value: float | None
    low: float | None
    high: float | None


class Measurement(Interval):
    """A metric of one learner, or the reason why it has no value."""

    reason: NotRequired[Annotated[str, "where `value` is `null`"]]
    item_variance: NotRequired[float | None]
    seed_variance: NotRequired[float | None]


class Package(TypedDict):
    """A distribution that brings a dataset, learner or metric."""

    name: str
    version: str


class Counts(TypedDict):
    """Samples of each class."""

    train: list[int]
    valid: list[int]
    test: list[int]


class Dataset(TypedDict):
    """The data of a run."""

    name: str
    title: Annotated[str, "for people: of your own data, the name of the folder or table"]
    fingerprint: str
    licence: str
    citation: str
    homepage: str
    origin: str
    synthetic: bool
    labels: list[str]
    counts: Annotated[Counts, "by class"]
    n_train: int
    n_valid: int
    n_test: int
    n_unknown: Annotated[int, "more test samples, excluded by every metric as their class cannot be learnt"]
    n_groups: int | None
    n_test_units: Annotated[int, "groups in the test set, or test samples without groups"]
    test_units: Annotated[list[int], "the same by class"]
    grouped_by: Annotated[str, "what a group is, such as person; empty where unknown"]
    split: str
    package: Annotated[Package | None, "that brings the data; `null` for visiontk"]
    caution: str
    notes: list[str]


class MetricInfo(TypedDict):
    """Properties of a metric."""

    kind: Kind
    higher_is_better: bool
    by_class: Annotated[bool, "an average over classes"]
    adapted: Annotated[bool, "if an operating point is chosen on the validation set"]
    n_excluded: Annotated[int, "test samples that it excludes as unknown"]
    package: Package | None


class Units(TypedDict):
    """Groups or published folds of the test set."""

    kind: Literal["group", "fold"]
    names: list[str]
    n: Annotated[list[int], "test samples of each"]


class History(TypedDict):
    """Loss and metrics of one fit by epoch."""

    seed: int
    fold: int
    columns: dict[str, list[float | None]]


class SeedValue(TypedDict):
    """The metric that is compared, of one seed."""

    seed: int
    value: float | None


class UnitValue(Interval):
    """The metric that is compared, within one group or fold."""

    name: str
    n: int


class Recall(Interval):
    """Recall of one class."""

    n: Annotated[int, "test samples"]


class Bin(TypedDict):
    """A bin of a reliability diagram."""

    low: float
    high: float
    n: float
    predicted: float
    observed: float
    observed_low: float
    observed_high: float


class Calibration(TypedDict):
    """A reliability diagram."""

    of: Annotated[Literal["second class", "likeliest class"], "whose probability is predicted"]
    bins: list[Bin]


class Coverage(Interval):
    """The error rate among the surest answers."""

    coverage: Annotated[float, "share of the samples that is answered"]


class Selective(TypedDict):
    """The risk-coverage curve of a learner."""

    curve: list[Coverage]
    area: Interval


class LearnerRow(TypedDict):
    """All of one learner."""

    name: str
    family: Family
    summary: str
    source: str
    package: Package | None
    parameters: Parameters
    set_by_hand: Annotated[Parameters, "values that differ from the defaults"]
    layers: int | None
    n_trials: int
    metrics: Annotated[dict[str, Measurement], "by name, of the test set"]
    valid: Annotated[float | None, "the metric that is compared, of the validation sets"]
    fit_cpu_s: float | None
    fit_wall_s: float | None
    predict_ms_per_sample: Annotated[float | None, "the whole test set at once"]
    predict_ms_alone: Annotated[float | None, "one sample at a time"]
    n_parameters: int | None
    size_bytes: int | None
    peak_memory_bytes: int | None
    n_cut_off: Annotated[int, "fits that reached the budget"]
    notes: list[str]
    confusion: Annotated[list[list[int]], "true classes in rows, summed over seeds; empty above 1,000 classes"]
    recall: Annotated[list[Recall], "by class"]
    histories: list[History]
    by_seed: list[SeedValue]
    by_group: Annotated[list[UnitValue], "of each of `units`, with the interval for more samples of the same unit"]
    calibration: Annotated[Calibration | None, "`null` where scores are not probabilities"]
    selective: Selective


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
    """The learners of the primary comparison."""

    learner: Annotated[str, "chosen most often"]
    reference: str
    learner_by_fold: Annotated[list[str], "best of its family on the validation set of each fold, or as requested"]
    reference_by_fold: list[str]
    requested: Annotated[list[str], "those that were named by the user"]
    learner_value: Annotated[float | None, "of the metric, with the predictions of each fold's choice"]
    reference_value: float | None


class Comparison(TypedDict):
    """A learner compared with the reference."""

    learner: Annotated[str, "`best network` or `best traditional` where folds chose different ones"]
    reference: str
    primary: Annotated[Chosen | None, "`null` for the comparisons of the secondary family"]
    metric: str
    difference: Annotated[float | None, "learner minus reference"]
    low: Annotated[float | None, "of the interval that decides, at `confidence`"]
    high: float | None
    confidence: Annotated[float | None, "0.95 of the primary comparison, 1 - 0.05/k of k others"]
    n_comparisons: Annotated[int, "k: 1 for the primary comparison"]
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
    """The answer to the question."""

    sentence: str
    verdict: Annotated[Verdict, "on the network"]
    network: Annotated[str | None, "chosen most often"]
    classical: str | None
    network_by_fold: Annotated[list[str] | None, "chosen on the validation set of each fold"]
    classical_by_fold: list[str] | None
    difference: Annotated[float | None, "network minus classical"]
    low: float | None
    high: float | None
    p_value: float | None
    error_ratio: Annotated[float | None, "errors of the network to those of classical, where 1 is a perfect metric"]
    scope: Literal["fitted models", "procedure"] | None
    fit_cost_ratio: Annotated[float | None, "network to classical"]
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
    network_predicted: str
    classical_predicted: str


class Disagreement(TypedDict):
    """Test samples by which of the two in the headline is correct."""

    network: str
    classical: str
    seed: int
    n: int
    both_correct: int
    only_network: int
    only_classical: int
    both_wrong: int
    only_network_items: Annotated[list[DisagreementItem], "at most 24"]
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
    difference: Annotated[float | None, "network minus classical of the headline"]
    low: float | None
    high: float | None
    p_value: float | None
    p_adjusted: Annotated[float | None, "times the number of slices of all columns that were compared, at most 1"]
    verdict: Annotated[Verdict | None, "on the network"]
    reason: str


class SliceColumn(TypedDict):
    """Results by one column."""

    column: str
    table: Annotated[str | None, "name of the file; `null` for the table that was compared"]
    chosen: Annotated[Literal["before", "after"], "the run"]
    kind: Annotated[Literal["values", "ranges"], "ranges lie between quartiles of the test samples"]
    unit: Literal["sample", "group"]
    slices: list[Slice]


class Configured(Interval):
    """Result of a learner with its configured parameters."""

    valid: float


class Gain(Interval):
    """Tuned minus configured, on the same samples."""

    reason: Annotated[str, "why there is no interval"]


class Tuning(TypedDict):
    """Searches of one learner; lists are by fold."""

    configured: Annotated[Configured, "with the parameters of the config"]
    gain: Annotated[Gain, "tuned minus configured; 0 without an interval where both are the same fits"]
    n_most: Annotated[int, "configurations allowed"]
    budget_s: float
    n_tried: list[int]
    cpu_s: list[float]
    stopped: list[str]
    chosen: list[Parameters | None]
    n_failed: int
    n_cut_off: int
    n_default: Annotated[int, "folds that retained the default"]
    n_unsure: Annotated[
        int,
        "folds on which the default was retained as the leading configuration was ahead by at most one standard error",
    ]
    edges: Annotated[dict[str, dict[str, int]], "parameters whose chosen value lies at an end of its space"]
    space: dict[str, object]


class CurvePoint(Interval):
    """A learner at one size of the training set."""

    n: float
    fit_cpu_s: float
    n_fits: int


class Extrapolation(TypedDict):
    """CPU time of a fit on twice the data, extrapolated."""

    n: float
    fit_cpu_s: float | None
    exponent: float | None


class Crossover(TypedDict):
    """Size of the training set at which two curves cross."""

    network: str
    classical: str
    n: float | None
    low: Annotated[float | None, "0: below the smallest size; `null`: beyond the largest"]
    high: float | None
    reached: bool
    smallest: float
    largest: float
    sizes: list[float]
    differences: list[float]


class Curve(TypedDict):
    """Learning curves."""

    draws: int
    learners: dict[str, list[CurvePoint]]
    extrapolation: Annotated[dict[str, Extrapolation], "to twice the data"]
    crossover: Crossover | None


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


class Finding(TypedDict):
    """A finding of the audit, without its examples."""

    severity: Literal["error", "warning", "note"]
    code: str
    title: str
    message: str
    count: int
    share: float | None
    remedy: str
    lines: list[str]
    numbers: dict[str, object]


class NamedMeasurement(Measurement):
    """A metric of a learner, by name."""

    name: str


class WithoutLeaks(TypedDict):
    """Results without the test samples that leaked."""

    n_removed: int
    n_left: int
    metric: str
    learners: list[NamedMeasurement]
    comparisons: list[Comparison]


class Audit(TypedDict):
    """Summary of the audit of the data."""

    counts: dict[str, int]
    findings: list[Finding]
    n_leaked: dict[str, int]
    without_leaks: WithoutLeaks | None


Calibrated = dict[str, dict[str, Measurement] | None]
"""By calibration method, then by metric; None where scores are not probabilities."""


class Probabilities(TypedDict):
    """Brier score and log loss after each calibration."""

    learners: Annotated[
        dict[str, Calibrated], "by name: `none`, `temperature` and `isotonic`, each `brier` and `log_loss`"
    ]
    difference: Annotated[dict[str, dict[str, Interval | None]], "of `pair`, by calibration and metric"]
    pair: list[str] | None


class Ceiling(Interval):
    """Accuracy of the best possible answers, from repeated labels; too high rather than too low."""

    rule: Annotated[Literal["majority", "single"], "that made the label of the votes"]
    n: Annotated[int, "test samples with repeated labels"]
    n_votes: Annotated[float, "votes on each of them, on average"]
    above: Annotated[list[str], "learners whose accuracy is above `high`"]


class Failure(TypedDict):
    """A trial that failed."""

    learner: str
    trial: str
    reason: str


class Environment(TypedDict):
    """The machine and the versions of a run."""

    visiontk: str
    python: str
    platform: str
    cpu: str
    n_cpus: int
    packages: dict[str, str]
    git: str | None


class Reproduce(TypedDict):
    """The command that repeats a run, and its config."""

    command: str
    config: Annotated[str, "of data about patients with `PATH` in place of theirs"]


class Outcome(TypedDict):
    """Results that the headline follows from."""

    dataset: Annotated[Dataset, "the data"]
    metric: Annotated[str, "that is compared"]
    metrics: Annotated[dict[str, MetricInfo], "of each metric"]
    margin: Annotated[float, "largest difference of no practical importance"]
    margin_reason: Annotated[str, "where the margin comes from"]
    reference: Annotated[str | None, "learner that all others are compared with"]
    reference_reason: Annotated[str, "why it is this one"]
    pair: Annotated[list[str] | None, "the two that were named to be compared; `null`: chosen by family"]
    learners: Annotated[list[LearnerRow], "in the order of the table"]
    comparisons: Annotated[list[Comparison], "the primary one, then every other learner but floors with the reference"]


class Results(Outcome):
    """The value of ``results.json``."""

    schema: Annotated[int, "version of this format"]
    visiontk: Annotated[str, "version of visiontk"]
    task: Annotated[str, "name"]
    created: Annotated[str, "time in UTC"]
    preset: Annotated[str, "setting"]
    seeds: Annotated[list[int], "setting"]
    n_folds: Annotated[int, "setting"]
    max_train: Annotated[int | None, "setting"]
    budget_s: Annotated[float, "setting"]
    search: Annotated[int, "configurations of a search; 1: no search"]
    threads: Annotated[int, "setting"]
    calibration: Annotated[Literal["none", "temperature", "isotonic"], "setting"]
    threshold: Annotated[str | float, "setting"]
    confidence: Annotated[float, "level of intervals"]
    complete: Annotated[bool, "if every trial is done"]
    n_planned: Annotated[int, "trials"]
    n_done: Annotated[int, "trials"]
    n_test_readings: Annotated[int | None, "how often a fit was shown the test set in this folder"]
    claim: ClaimAnswer | None
    headline: Headline
    units: Units | None
    ceiling: Ceiling | None
    slices: list[SliceColumn]
    tuning: dict[str, Tuning]
    as_configured: list[Comparison]
    curve: Curve | None
    negative_control: NegativeControl | None
    audit: Audit | None
    disagreement: Disagreement | None
    probabilities: Probabilities | None
    failed: Annotated[list[Failure], "trials without a result"]
    warnings: Annotated[list[str], "limits of the conclusions"]
    environment: Annotated[Environment, "of the run"]
    signature: Annotated[str, "data, effort and tests of the run, on one line"]
    reproduce: Annotated[Reproduce, "how to repeat the run"]
