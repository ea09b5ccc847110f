"""Quantiles and tail probabilities."""

import math
import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from visiontk.stats.quantiles import half_binomial_cdf, t_quantile, two_sided_p


@pytest.mark.parametrize("df", [1, 2, 3.7, 39, 1e6, math.inf])
@pytest.mark.parametrize("p", [1e-200, 1e-9, 0.025, 0.5, 0.8, 0.975])
def test_t_quantile_agrees_with_scipy(p, df):
    """Against scipy.stats.t and scipy.stats.norm."""
    expected = stats.norm.ppf(p) if math.isinf(df) else stats.t.ppf(p, df)

    assert t_quantile(p, df) == pytest.approx(expected, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("df", [1, 2, 39, math.inf])
@pytest.mark.parametrize("t", [0.0, 1.3, -4.0, 60.0, 1e5])
def test_two_sided_p_agrees_with_scipy(t, df):
    """Twice the survival function, without an error in the far tails."""
    with np.errstate(all="ignore"):
        expected = 2 * (stats.norm.sf(abs(t)) if math.isinf(df) else stats.t.sf(abs(t), df))

    assert two_sided_p(t, df) == pytest.approx(expected, rel=1e-8, abs=1e-300)


@pytest.mark.parametrize(("k", "n"), [(0, 0), (0, 5), (3, 9), (400, 1000)])
def test_half_binomial_agrees_with_scipy(k, n):
    """Against scipy.stats.binom."""
    assert half_binomial_cdf(k, n) == pytest.approx(stats.binom.cdf(k, n, 0.5), rel=1e-9)


def test_importing_the_package_is_light():
    """SciPy is loaded for the first quantile, a framework never."""
    code = "import sys, visiontk.stats; print({m.split('.')[0] for m in sys.modules} & {'scipy', 'sklearn', 'keras'})"

    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert out.strip() == "set()"
