"""Several learners on the same data sets: published examples, symmetries and error rates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import friedmanchisquare, rankdata, wilcoxon

from visiontk.stats.across import signed_rank
from visiontk.stats.friedman import cliques, critical_difference, datasets_needed, friedman, pairs

# Demsar (2006), table 6: AUC of C4.5 and of three variants, 14 data sets. Of the last two of the row before the last he
# prints the same 0.975 and ranks 2 and 3.
DEMSAR = np.array([
    [0.763, 0.768, 0.771, 0.798], [0.599, 0.591, 0.590, 0.569], [0.954, 0.971, 0.968, 0.967],
    [0.628, 0.661, 0.654, 0.657], [0.882, 0.888, 0.886, 0.898], [0.936, 0.931, 0.916, 0.931],
    [0.661, 0.668, 0.609, 0.685], [0.583, 0.583, 0.563, 0.625], [0.775, 0.838, 0.866, 0.875],
    [1.000, 1.000, 1.000, 1.000], [0.940, 0.962, 0.965, 0.962], [0.619, 0.666, 0.614, 0.669],
    [0.972, 0.981, 0.975, 0.9749], [0.957, 0.978, 0.946, 0.970],
])  # fmt: skip

tables = st.tuples(st.integers(3, 5), st.integers(3, 4)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(0, 5))
)
"""Small whole numbers: many ties."""


def test_the_example_of_demsar() -> None:
    """Tables 6 and section 3.2.2: mean ranks, chi-square 9.28, critical difference 1.25."""
    result = friedman(DEMSAR)

    assert result.mean_ranks == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=5e-4)
    assert 12 * 14 / 20 * (np.sum(result.mean_ranks**2) - 25) == pytest.approx(9.28, abs=0.01)
    assert critical_difference(14, 4) == pytest.approx(1.25, abs=0.005)
    assert result.p_value < 0.05


@pytest.mark.parametrize(
    ("k", "q"), [(2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728), (6, 2.850), (7, 2.949), (8, 3.031), (9, 3.102),
                 (10, 3.164)],
)  # fmt: skip
def test_critical_values_are_those_of_demsars_table(k: int, q: float) -> None:
    """Table 5 (a) at 0.05, with a number of data sets for which the critical difference is q."""
    assert critical_difference(k * (k + 1), k) * np.sqrt(6) == pytest.approx(q, abs=1.1e-3)


@given(tables)
def test_the_statistic_agrees_with_scipy(values: np.ndarray) -> None:
    """With and without ties."""
    if all(len(set(row)) == 1 for row in values.tolist()):
        assert friedman(values).statistic == 0
        return

    assert friedman(values).statistic == pytest.approx(friedmanchisquare(*values.T).statistic)


@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_data_sets_does_not_matter(values: np.ndarray, random: object) -> None:
    """With random or all permutations; the order of learners permutes the ranks."""
    order = np.random.default_rng(random.randrange(2**32)).permutation(len(values))  # type: ignore[attr-defined]

    one, other = friedman(values), friedman(values[order])

    assert other.ranks.tolist() == one.ranks[order].tolist()
    assert (other.p_value, other.smallest) == (one.p_value, one.smallest)
    assert other.mean_ranks == pytest.approx(one.mean_ranks)
    assert [pair.p_adjusted for pair in pairs(values[order])] == [pair.p_adjusted for pair in pairs(values)]


@given(tables)
def test_reversing_the_metric_mirrors_the_ranks(values: np.ndarray) -> None:
    """Signs of pairs change; losses equal gains with changed sign."""
    up, down = friedman(values), friedman(values, higher_is_better=False)

    k = values.shape[1]
    assert (up.ranks + down.ranks == k + 1).all()
    assert up.statistic == pytest.approx(down.statistic)
    assert [pair.sign for pair in pairs(values)] == [-pair.sign for pair in pairs(values, higher_is_better=False)]
    reversed_result = values * np.array([1, -1, 1, -1, 1])[: len(values), None]
    mixed = friedman(reversed_result, higher_is_better=[True, False, True, False, True][: len(values)])
    assert mixed.ranks.tolist() == up.ranks.tolist()


@given(tables)
def test_ties_share_their_ranks(values: np.ndarray) -> None:
    """Better values have smaller ranks, and the ranks of every data set have the same sum."""
    ranks = friedman(values).ranks

    k = values.shape[1]
    assert (ranks.sum(axis=1) == k * (k + 1) / 2).all()
    for row, of in zip(values, ranks, strict=True):
        assert (np.sign(row[:, None] - row) == -np.sign(of[:, None] - of)).all()


def test_the_p_value_is_the_share_of_arrangements() -> None:
    """For three data sets in full agreement, 6 of 6^3."""
    result = friedman([[3, 2, 1]] * 3)

    assert result.exact
    assert result.p_value == result.smallest == pytest.approx(1 / 36)


@given(tables)
def test_complete_agreement_has_the_smallest_p_value(values: np.ndarray) -> None:
    """Random permutations estimate it to about 0.01."""
    result = friedman(values)

    assert 0 < result.smallest <= result.p_value <= 1
    assert result.smallest == pytest.approx(friedman(np.sort(values, axis=1)).p_value, abs=0.02)


def test_random_permutations_agree_with_the_approximation_for_many_data_sets() -> None:
    """Against SciPy's chi-square."""
    values = np.random.default_rng(0).normal(size=(60, 6)) + 0.1 * np.arange(6)

    result = friedman(values)

    assert not result.exact
    assert result.p_value == pytest.approx(friedmanchisquare(*values.T).pvalue, abs=0.01)


@given(arrays(np.float64, (7, 3), elements=st.floats(-1, 1, width=32), unique=True))
def test_pairs_agree_with_scipys_test_and_holm(values: np.ndarray) -> None:
    """Without ties."""
    result = pairs(values)

    for pair in result:
        difference = values[:, pair.first] - values[:, pair.second]
        if len(set(np.abs(difference).round(9)) | {0.0}) > len(difference):
            assert pair.p_value == pytest.approx(wilcoxon(difference, method="exact").pvalue)
        assert (pair.n, pair.p_value) == signed_rank(difference)[:2]
        assert pair.p_value <= pair.p_adjusted <= min(1.0, 3 * pair.p_value + 1e-12)
    assert min(pair.p_adjusted for pair in result) == pytest.approx(min(1, 3 * min(pair.p_value for pair in result)))


def test_the_favoured_learner_of_a_pair_has_the_larger_signed_ranks() -> None:
    """One large loss does not outweigh six gains."""
    values = np.array([[1.0, 0.9, 0.0]] * 6 + [[0.0, 0.95, 0.0]])

    first = pairs(values)[0]

    assert (first.first, first.second, first.sign) == (0, 1, 1)
    assert pairs(-values)[0].sign == -1


@given(st.lists(st.integers(2, 20).map(lambda n: n / 2), min_size=3, max_size=9), st.floats(0.1, 9))
def test_cliques_contain_exactly_the_pairs_below_the_critical_difference(means: list[float], critical: float) -> None:
    """No clique is part of another one."""
    result = [set(each) for each in cliques(means, critical)]

    together = {(i, j) for each in result for i in each for j in each if i != j}
    assert together == {
        (i, j)
        for i in range(len(means))
        for j in range(len(means))
        if i != j and abs(means[i] - means[j]) < critical - 1e-12
    }
    assert not any(one < other for one in result for other in result)


@pytest.mark.parametrize("k", range(3, 9))
def test_the_smallest_number_of_data_sets_for_significance(k: int) -> None:
    """In full agreement, one less is not significant."""
    n = datasets_needed(k)
    column = np.arange(k) * 0.1

    for size, tells in [(n, True), (n - 1, False)]:
        values = column + np.outer(np.arange(1, size + 1), column)
        assert (min(pair.p_adjusted for pair in pairs(values)) < 0.05) == tells
        assert (min(pair.smallest for pair in pairs(values)) < 0.05) == tells


@pytest.mark.parametrize("values", [
    [[1.0, 2.0, 3.0]] * 2, [[1.0, 2.0]] * 3, [1.0, 2.0, 3.0], [], np.ones((3, 3, 3)), [[1.0, 2.0, np.nan]] * 3,
    [[1.0, 2.0, np.inf]] * 3,
])  # fmt: skip
@pytest.mark.parametrize("test", [friedman, pairs])
def test_too_few_learners_or_data_sets_are_an_error(values: object, test: object) -> None:
    """With the required number."""
    with pytest.raises(ValueError, match=r"need 3 or more data sets and as many learners; got shape|needs a finite"):
        test(values)  # type: ignore[operator]


@pytest.mark.slow
@pytest.mark.parametrize(("n", "k", "ties"), [(3, 3, False), (5, 4, False), (5, 4, True), (8, 6, False)])
def test_equal_learners_are_significant_in_at_most_five_percent(n: int, k: int, ties: bool) -> None:
    """In 2,000 tables, for Friedman's test, any pair after Holm, and Nemenyi's test without ties."""
    rng = np.random.default_rng([n, k, ties])
    alarms = np.zeros(3)
    for _ in range(2000):
        values = rng.integers(0, 3, (n, k)) if ties else rng.normal(size=(n, k)) + 3 * rng.normal(size=(n, 1))
        result = friedman(values)
        alarms += (
            result.p_value < 0.05,
            np.ptp(result.mean_ranks) >= critical_difference(n, k),
            min(pair.p_adjusted for pair in pairs(values)) < 0.05,
        )
    most = 0.05 + 1.96 * np.sqrt(0.05 * 0.95 / 2000)

    assert (alarms / 2000 <= most).all(), alarms / 2000
    if not ties and n > 3:  # with ties, or three data sets, few p-values are possible
        assert alarms[0] / 2000 >= 0.03


@pytest.mark.slow
def test_pairs_hold_their_level_unlike_mean_ranks() -> None:
    """Two equal learners that are first or last, with three between them: Nemenyi's test fails."""
    rng = np.random.default_rng(3)
    fooled = alarms = 0
    for _ in range(2000):
        signs = np.where(rng.random(12) < 0.5, 1, -1)
        values = np.column_stack([signs * 2.0, -signs * 2.0, rng.normal(scale=0.1, size=(12, 3))])
        values[:, :2] += rng.normal(scale=0.1, size=(12, 2))
        first = pairs(values)[0]
        alarms += first.p_adjusted < 0.05
        means = rankdata(-values, axis=1).mean(axis=0)
        fooled += abs(means[0] - means[1]) >= critical_difference(12, 5)

    assert alarms / 2000 <= 0.05
    assert fooled / 2000 > 0.1


@pytest.mark.parametrize(
    "call",
    [
        lambda: critical_difference(0, 3),
        lambda: critical_difference(5, 1),
        lambda: critical_difference(5, 3, level=float("nan")),
        lambda: datasets_needed(1),
        lambda: datasets_needed(3, level=0.0),
        lambda: cliques([1.0, float("nan")], 1.0),
        lambda: cliques([1.0, 2.0], float("nan")),
    ],
)
def test_impossible_sizes_and_levels_are_errors(call) -> None:
    """They gave NaN, an empty list, or a bare error."""
    with pytest.raises(ValueError, match=r"(are|is|needs) .*; got"):
        call()
