"""Colours of the families, to eyes that see two instead of three primary colours."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import visiontk

CSS = (Path(visiontk.__file__).parent / "report/pages/page.css").read_text(encoding="utf-8")
FAMILIES = ("network", "pretrained", "classical")

# Machado, Oliveira and Fernandes (2009), A physiologically-based model for simulation of color vision deficiency,
# IEEE Trans. Visualization and Computer Graphics 15, 1291: severity 1.0, on linear RGB.
EYES = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
    "all three": np.eye(3).tolist(),
}
# Ottosson (2020), A perceptual color space for image processing.
TO_CONES = [
    [0.41222147, 0.53633254, 0.05144599],
    [0.2119035, 0.68069955, 0.10739696],
    [0.08830246, 0.28171884, 0.6299787],
]
TO_OKLAB = [
    [0.21045426, 0.79361778, -0.00407205],
    [1.9779985, -2.42859221, 0.45059371],
    [0.0259040, 0.78277177, -0.80867577],
]


def linear(name: str, mode: int) -> Any:
    """Return a colour of the style sheet as linear RGB, light (0) or dark (1)."""
    match = re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\)", CSS)
    assert match is not None
    code = match[mode + 1]
    values = np.array([int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def seen(colour: Any, eye: str) -> Any:
    """Return a colour as an eye sees it, in Oklab."""
    return np.array(TO_OKLAB) @ np.cbrt(np.array(TO_CONES) @ np.clip(np.array(EYES[eye]) @ colour, 0, 1))


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("eye", EYES)
def test_families_have_colours_that_every_eye_tells_apart(eye: str, mode: int) -> None:
    """A distance of 0.08 in Oklab, where 0.02 is just noticeable; shapes differ as well."""
    colours = {family: seen(linear(family, mode), eye) for family in FAMILIES}

    for one, other in itertools.combinations(FAMILIES, 2):
        assert np.linalg.norm(colours[one] - colours[other]) > 0.08, (one, other)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("family", FAMILIES)
def test_marks_stand_out_from_the_page(family: str, mode: int) -> None:
    """A contrast of 4.5 to 1, as the Web Content Accessibility Guidelines ask for text."""
    weights = np.array([0.2126, 0.7152, 0.0722])

    dark, light = sorted(float(weights @ linear(name, mode)) for name in (family, "page"))

    assert (light + 0.05) / (dark + 0.05) >= 4.5
