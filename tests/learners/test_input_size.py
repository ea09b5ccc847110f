"""The size at which learners see images is in their reports."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from visiontk.baselines.scaled_pixels import ScaledPixels
from visiontk.core import Card, Samples
from visiontk.learners.as_uint8 import AsUint8
from visiontk.learners.classical import Classical
from visiontk.learners.lazy_inputs import image_size
from visiontk.testing import tiny_images


def test_a_traditional_learner_reports_the_size_of_its_images(tmp_path: Path) -> None:
    """Also behind an adapter, and at another size."""
    for samples, expected in ((tiny_images(30), "12 x 12"), (tiny_images(30).at_size(20), "20 x 20")):
        for learner in (
            Classical(ScaledPixels(), LogisticRegression()),
            AsUint8(Classical(ScaledPixels(), LogisticRegression())),
        ):
            report = learner.fit(samples, samples, seed=0, workdir=tmp_path, budget_s=9)

            assert report.input_size == expected


def test_a_network_reports_the_size_of_its_images(make, parts, tmp_path: Path) -> None:
    report = make(epochs=1).fit(*parts, seed=0, workdir=tmp_path, budget_s=99)

    assert report.input_size == "12 x 12"


@pytest.mark.parametrize(
    "x", [np.zeros((3, 50, 1), np.float32), np.zeros((3, 98, 40, 1), np.float32), np.zeros((3, 4))]
)
def test_signals_and_spectrograms_have_no_size_of_images(x: np.ndarray) -> None:
    assert image_size(Samples.from_arrays(x, [0, 1, 0], ("a", "b"), Card("demo", "0"))) == ""
