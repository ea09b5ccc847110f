"""Synthetic chest phantoms: lungs, heart, spine, ribs and diaphragm of many people, some with an opacity."""

from __future__ import annotations

import numpy as np

from visiontk.core import Card, Floats, Inputs, Ints, Samples
from visiontk.data import fingerprint

CAUTION = "Not a medical device: for research and teaching only, not for diagnosis or treatment."

N_PATIENTS = 300
SIDE = 28
SEED = 20_240_501
SICK_SHOWS, WELL_SHOWS = 0.9, 0.05
"""Probability of an opacity in an image of a sick and of a healthy person."""


def phantoms() -> Samples:
    """Synthetic chest phantoms of 28 x 28 pixels, with or without an opacity in a lung; no real patient.

    Each of 300 synthetic people has an individual anatomy and one to three images, which differ in position,
    exposure, breath and noise. Opacities are of three kinds: a diffuse patch, a nodule, a veil over the lower
    lung. Some images have a tube, a skin fold or an implant, so that a dark lung alone is not informative.

    Returns
    -------
    Samples
        Groups are the synthetic people. The positive class is ``opacity``.
    """
    rng = np.random.default_rng(SEED)
    n_images = rng.integers(1, 4, N_PATIENTS)
    patient = np.repeat(np.arange(N_PATIENTS), n_images)
    sick = rng.random(N_PATIENTS) < 0.5
    y = (rng.random(len(patient)) < np.where(sick, SICK_SHOWS, WELL_SHOWS)[patient]).astype(np.int64)
    x = draw(rng, patient, y)
    groups = np.array([f"drawn{i:04d}" for i in patient])
    card = Card(
        "phantoms",
        fingerprint(x, y, groups),
        origin="synthetic",
        licence="Apache-2.0",
        caution=CAUTION,
        grouped_by="patient",
        notes=(
            "Synthetic: no image shows a person, and no result on them says anything about real patients.",
            f"{len(x)} images of {N_PATIENTS} synthetic people; a split keeps the images of one together.",
        ),
    )
    return Samples.from_arrays(
        x, y, ("clear", "opacity"), card, ids=[f"phantom-{i:04d}" for i in range(len(x))], groups=groups
    )


def draw(rng: np.random.Generator, patient: Ints, y: Ints) -> Inputs:
    """Images of shape (n, 28, 28, 1), uint8, for people by number, with an opacity where `y` is 1."""
    n, n_people = len(y), int(patient.max()) + 1

    def person(low: float, high: float) -> Floats:
        return rng.uniform(low, high, n_people)[patient][:, None, None]

    def image(low: float, high: float) -> Floats:
        return rng.uniform(low, high, n)[:, None, None]

    place = (np.arange(SIDE) + 0.5) / SIDE * 2 - 1
    # Position, size and rotation of the whole person in this image.
    u0, v0 = place[None, None, :] - image(-0.06, 0.06), place[None, :, None] - image(-0.06, 0.06)
    angle, size = image(-0.06, 0.06), image(0.94, 1.08)
    u = (np.cos(angle) * u0 + np.sin(angle) * v0) / size
    v = (np.cos(angle) * v0 - np.sin(angle) * u0) / size

    width, top = person(0.72, 0.95), person(-0.95, -0.7)
    breath = image(-0.08, 0.1)
    body = _inside(1 - (u / width) ** 4 - (v / 1.3) ** 4, 0.15)
    shoulders = _inside(v - top - 0.35 * np.abs(u), 0.1)
    image_of = 0.62 * body * (0.35 + 0.65 * shoulders)

    middle, half_width = person(0.34, 0.46) * width / 0.85, person(0.24, 0.33)
    floor = person(0.42, 0.6) + breath
    lungs = []
    for side in (-1, 1):
        oval = 1 - ((u - side * middle) / half_width) ** 2 - ((v + 0.1) / person(0.62, 0.78)) ** 2
        dome = floor - 0.25 * (u - side * middle) ** 2 + (0.06 if side < 0 else 0.0)
        lungs.append(_inside(oval, 0.25) * _inside(dome - v, 0.06))
    lung = np.maximum(*lungs)
    image_of -= lung * person(0.33, 0.4)

    of_heart = ((u - person(0.05, 0.16)) / person(0.2, 0.34)) ** 2 + ((v - 0.22) / person(0.26, 0.36)) ** 2
    heart = _inside(1 - of_heart, 0.3)
    image_of += 0.3 * heart * lung + 0.06 * heart
    image_of += person(0.08, 0.2) * np.exp(-((u / 0.09) ** 2)) * body
    curve = v + person(0.25, 0.5) * np.abs(u) ** 1.5
    image_of += person(0.02, 0.07) * (1 + np.sin(2 * np.pi * (curve * person(2.6, 3.6) + person(0, 1)))) / 2 * body
    vessels = np.sin(9 * u + person(0, 6)) * np.sin(11 * v + person(0, 6)) + np.sin(17 * (u + v) + person(0, 6))
    image_of += person(0.01, 0.035) * vessels * lung * np.exp(-np.abs(u) * 1.2)

    image_of += lung * _opacity(rng, u, v, y, middle, half_width, floor)
    image_of += _distractor(rng, u, v, n)
    return _exposed(rng, image_of)


def _inside(x: Floats, softness: float) -> Floats:
    """1 where x is above 0, 0 below, with a soft edge."""
    return np.asarray(1 / (1 + np.exp(-np.clip(x * 4 / softness, -60, 60))))


def _opacity(
    rng: np.random.Generator, u: Floats, v: Floats, y: Ints, middle: Floats, half_width: Floats, floor: Floats
) -> Floats:
    n = len(y)

    def draws(low: float, high: float) -> Floats:
        return rng.uniform(low, high, n)[:, None, None]

    side = np.where(rng.random(n) < 0.5, -1, 1)[:, None, None]
    about_u = u - side * (middle + half_width * draws(-0.45, 0.45))
    about_v = v - draws(-0.45, 0.35)
    patch = np.exp(-((about_u / draws(0.16, 0.36)) ** 2) - (about_v / draws(0.16, 0.36)) ** 2)
    mottle = 1 + 0.5 * np.sin(12 * about_u + draws(0, 6)) * np.sin(12 * about_v + draws(0, 6))
    nodule = np.exp(-((about_u**2 + about_v**2) / draws(0.08, 0.13) ** 2))
    veil = _inside(v - floor + draws(0.15, 0.4), 0.3) * _inside(side * u, 0.1)
    kind = rng.choice(3, n, p=(0.6, 0.12, 0.28))[:, None, None]
    shape = np.select([kind == 0, kind == 1], [patch * mottle, 1.4 * nodule], veil)
    return np.asarray(y[:, None, None] * draws(0.1, 0.36) * shape)


def _distractor(rng: np.random.Generator, u: Floats, v: Floats, n: int) -> Floats:
    """In a third of all images, whatever their class: a tube, a fold of skin or a small implant."""

    def draws(low: float, high: float) -> Floats:
        return rng.uniform(low, high, n)[:, None, None]

    along = u * np.cos(draws(-0.6, 0.6)) + v * np.sin(draws(-0.6, 0.6))
    tube = np.exp(-(((along - draws(-0.5, 0.5)) / 0.035) ** 2)) * draws(0.08, 0.2)
    fold = _inside(along - draws(-0.6, 0.6), 0.04) * draws(-0.08, 0.08)
    implant = _inside(0.12 - np.maximum(np.abs(u - draws(-0.7, 0.7)), np.abs(v - draws(-0.8, -0.3))), 0.05) * 0.3
    kind = rng.random(n)[:, None, None]
    return np.asarray(np.select([kind < 0.15, kind < 0.27, kind < 0.33], [tube, fold, implant], 0.0))


def _exposed(rng: np.random.Generator, drawn: Floats) -> Inputs:
    """Individual gain, offset, gamma, blur by scatter and noise; uint8."""
    n = len(drawn)

    def draws(low: float, high: float) -> Floats:
        return rng.uniform(low, high, n)[:, None, None]

    spread = draws(0.0, 0.2)
    padded = np.pad(drawn, ((0, 0), (1, 1), (1, 1)), mode="edge")
    near = padded[:, :-2, 1:-1] + padded[:, 2:, 1:-1] + padded[:, 1:-1, :-2] + padded[:, 1:-1, 2:]
    seen = np.clip((1 - spread) * drawn + spread * near / 4, 0, None)
    seen = (seen * draws(0.88, 1.14)) ** draws(0.85, 1.2) + draws(0.0, 0.12)
    noise = rng.normal(size=seen.shape) * draws(0.01, 0.035) * np.sqrt(0.3 + np.clip(seen, 0, 1))
    return np.rint(np.clip(seen + noise, 0, 1) * 255).astype(np.uint8)[..., None]
