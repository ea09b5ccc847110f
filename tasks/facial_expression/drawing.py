"""Synthetic faces: lines and ovals moved by the action units of seven expressions.

A face has the action units of the Facial Action Coding System [1]_: its expression sets the typical
ones [2]_ with varying strength, and a few others move at random. Identity, pose, light and noise
vary too, so that no method is perfect.

References
----------
.. [1] Ekman and Friesen (1978), Facial action coding system, Consulting Psychologists Press.
.. [2] Lucey, Cohn, Kanade, Saragih, Ambadar and Matthews (2010), The extended Cohn-Kanade dataset
   (CK+), CVPR workshops, table 1.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from visiontk.core import Card, Samples
from visiontk.data import fingerprint

BASIC = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
"""Six basic emotions and none."""

UNITS = (1, 2, 4, 5, 6, 7, 9, 12, 15, 20, 23, 25, 26)
"""Action units by their numbers in the system."""

TYPICAL = {
    "anger": {4: 1.0, 5: 0.4, 7: 0.8, 23: 1.0},
    "disgust": {4: 0.4, 7: 0.5, 9: 1.0, 15: 0.6, 25: 0.3},
    "fear": {1: 1.0, 2: 0.6, 4: 0.6, 5: 0.9, 20: 1.0, 25: 0.6},
    "happiness": {6: 0.9, 12: 1.0, 25: 0.6},
    "neutral": {},
    "sadness": {1: 1.0, 4: 0.6, 15: 1.0},
    "surprise": {1: 0.9, 2: 1.0, 5: 0.9, 25: 0.8, 26: 1.0},
}
"""Strength of the units of each expression; the others are 0."""

BATCH = 64
Floats32 = NDArray[np.float32]


def synthetic(people: Annotated[int, Ge(10), Le(10_000)] = 170, size: Annotated[int, Ge(16), Le(128)] = 48) -> Samples:
    """Synthetic faces: every person shows each of seven expressions once.

    Parameters
    ----------
    people : int
        Identities; the group of an image is its person.
    size : int
        Side of the images in pixels.

    References
    ----------
    .. [1] Ekman and Friesen (1978), Facial action coding system, Consulting Psychologists Press.

    Examples
    --------
    >>> samples = synthetic(people=10, size=16)
    >>> len(samples), samples.n_classes, samples.take([0]).shape
    (70, 7, (1, 16, 16, 1))
    """
    rng = np.random.default_rng(20)
    person = np.repeat(np.arange(people), len(BASIC))
    y = np.tile(np.arange(len(BASIC)), people)
    face = _identities(rng, people, person)
    face.__dict__.update(_circumstances(rng, len(y)).__dict__)
    for number, strength in zip(UNITS, _strengths(rng, y).T, strict=True):
        setattr(face, f"au{number}", strength)
    x = np.concatenate([_draw(_part(face, i), size, rng) for i in range(0, len(y), BATCH)])
    names = np.array([f"person-{i:03d}" for i in range(people)])
    card = Card(
        "synthetic",
        fingerprint(x, y),
        origin="synthetic",
        mirror=True,
        grouped_by="person",
        notes=(
            "Synthetic faces: lines and ovals moved by action units, not photographs.",
            f"{people} identities, each with every expression once; pose, light, noise and strength vary.",
        ),
    )
    ids = [f"{names[p]}-{BASIC[k]}" for p, k in zip(person, y, strict=True)]
    return Samples.from_arrays(x, y, BASIC, card, ids=ids, groups=names[person])


def _strengths(rng: np.random.Generator, y: NDArray[Any]) -> NDArray[np.float64]:
    """Strength of each unit in each image, 0 to 1.3, shape (n, units)."""
    typical = np.array([[TYPICAL[name].get(unit, 0.0) for unit in UNITS] for name in BASIC])
    shown = rng.uniform(0.55, 1.1, (len(y), 1)) * rng.uniform(0.7, 1.2, (len(y), len(UNITS)))
    twitch = np.maximum(rng.normal(-0.15, 0.14, shown.shape), 0.0)
    return np.asarray(np.minimum(typical[y] * shown + twitch, 1.3))


def _identities(rng: np.random.Generator, people: int, person: NDArray[Any]) -> SimpleNamespace:
    """Properties of a person, one value for each image; lengths in half sides of the image."""

    def trait(mean: float, spread: float) -> NDArray[np.float64]:
        return np.asarray(rng.normal(mean, spread, people)[person])

    return SimpleNamespace(
        head_width=trait(0.66, 0.04),
        head_height=trait(0.88, 0.04),
        jaw=trait(0.25, 0.07),
        skin=rng.uniform(95, 215, people)[person],
        hair=rng.uniform(15, 120, people)[person],
        hairline=trait(-0.62, 0.06),
        eye_apart=trait(0.29, 0.02),
        eye_height=trait(-0.14, 0.025),
        eye_width=trait(0.15, 0.012),
        eye_open=trait(0.062, 0.008),
        brow_gap=trait(0.155, 0.018),
        brow_slope=trait(0.0, 0.025),
        brow_thickness=trait(0.034, 0.007),
        nose_length=trait(0.22, 0.03),
        nose_width=trait(0.1, 0.015),
        mouth_height=trait(0.47, 0.025),
        mouth_width=trait(0.25, 0.025),
        mouth_bend=trait(0.0, 0.02),
        lip=trait(0.045, 0.01),
        glasses=(rng.random(people) < 0.2)[person] * 1.0,
        beard=np.where(rng.random(people) < 0.2, rng.uniform(0.15, 0.5, people), 0.0)[person],
    )


def _circumstances(rng: np.random.Generator, n: int) -> SimpleNamespace:
    """Pose, light and noise of each image."""
    return SimpleNamespace(
        right=rng.normal(0, 0.05, n),
        down=rng.normal(0, 0.05, n),
        turn=rng.normal(0, 0.09, n),
        yaw=rng.normal(0, 0.22, n),
        scale=rng.normal(1.12, 0.05, n),
        background=rng.uniform(20, 235, n),
        light_right=rng.normal(0, 0.28, n),
        light_down=rng.normal(0, 0.15, n),
        brightness=rng.uniform(0.7, 1.1, n),
        noise=rng.uniform(2, 9, n),
    )


def _part(face: SimpleNamespace, start: int) -> SimpleNamespace:
    values = {name: value[start : start + BATCH, None, None].astype(np.float32) for name, value in vars(face).items()}
    return SimpleNamespace(**values)


class _Canvas:
    """Grey images with soft-edged shapes, shape (n, size, size)."""

    def __init__(self, background: Floats32, size: int) -> None:
        self.edge = np.float32(size / 2)
        self.grey = np.broadcast_to(background, (len(background), size, size)).astype(np.float32)

    def cover(self, outside: Floats32) -> Floats32:
        """Share of each pixel that a shape covers, from the distance to its border, positive outside."""
        return np.asarray(np.clip(np.float32(0.5) - outside * self.edge, 0, 1))

    def lay(self, cover: Floats32, grey: Any) -> None:
        """Paint in this grey."""
        self.grey += cover * (grey - self.grey)

    def shade(self, cover: Floats32, share: Any) -> None:
        """Darken by a share of the light."""
        self.grey *= 1 - cover * share


def _draw(f: SimpleNamespace, size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Images of faces, shape (n, size, size, 1)."""
    canvas = _Canvas(f.background, size)
    u, v = _face_coordinates(f, size)
    _head(canvas, f, u, v)
    # Features are in front of the head: rotation moves them and foreshortens the far side.
    u = u - f.yaw * np.float32(0.35) * (1 - np.minimum(u * u, 1))
    for side in (-1, 1):
        _brow(canvas, f, side * u, v)
        _eye(canvas, f, side * u, v)
    _nose(canvas, f, u, v)
    _mouth(canvas, f, u, v)
    light = f.brightness * (1 + f.light_right * u + f.light_down * v)
    noise = rng.standard_normal(canvas.grey.shape, dtype=np.float32) * f.noise
    return np.asarray(np.clip(np.rint(canvas.grey * light + noise), 0, 255)[..., None], dtype=np.uint8)


def _face_coordinates(f: SimpleNamespace, size: int) -> tuple[Floats32, Floats32]:
    """Position of every pixel in the upright face: rightward and downward, in half sides."""
    steps = ((np.arange(size) + 0.5) * (2 / size) - 1).astype(np.float32)
    x, y = (steps[None, None, :] - f.right) / f.scale, (steps[None, :, None] - f.down) / f.scale
    return x * np.cos(f.turn) + y * np.sin(f.turn), y * np.cos(f.turn) - x * np.sin(f.turn)


def _oval(u: Floats32, v: Floats32, width: Any, height: Any) -> Floats32:
    """About the distance to the border of an ellipse around the origin, positive outside."""
    return np.asarray((np.sqrt((u / width) ** 2 + (v / height) ** 2) - 1) * np.minimum(width, height))


def _head(canvas: _Canvas, f: SimpleNamespace, u: Floats32, v: Floats32) -> None:
    narrow = 1 - f.jaw * np.clip(v, 0, 1)
    drop = f.au26 * np.float32(0.05)
    head = _oval(u / narrow, v - drop / 2, f.head_width, f.head_height + drop / 2)
    canvas.lay(canvas.cover(_oval(u, v + np.float32(0.1), f.head_width * 1.12, f.head_height * 1.02)), f.hair)
    canvas.lay(canvas.cover(np.maximum(head, f.hairline - v + u * u * np.float32(0.4))), f.skin)
    # Cheeks turn away from the light.
    canvas.shade(canvas.cover(head), np.float32(0.25) * np.clip(u * u / f.head_width**2, 0, 1))
    canvas.shade(canvas.cover(np.maximum(head, np.float32(0.28) - v)), f.beard)


def _brow(canvas: _Canvas, f: SimpleNamespace, u: Floats32, v: Floats32) -> None:
    along = np.clip((u - f.eye_apart) / (f.eye_width * np.float32(1.3)), -1, 1)  # -1 at the nose
    inner, outer = (1 - along) / 2, (1 + along) / 2
    height = f.eye_height - f.brow_gap - f.brow_slope * along + np.float32(0.03) * along * along
    height = height - np.float32(0.085) * (f.au1 * inner + f.au2 * outer)
    height = height + f.au4 * (np.float32(0.085) * inner + np.float32(0.02) * outer) + np.float32(0.04) * f.au9 * inner
    toward = np.float32(0.03) * f.au4  # the brows come together
    ends = np.abs(u + toward - f.eye_apart) - f.eye_width * np.float32(1.3)
    stroke = np.maximum(np.abs(v - height) - f.brow_thickness * (np.float32(1.1) - np.float32(0.4) * outer), ends)
    canvas.lay(canvas.cover(stroke) * np.float32(0.9), np.minimum(f.hair, f.skin * np.float32(0.55)))
    furrow = np.maximum(np.abs(u - np.float32(0.06)) - 0.014, np.abs(v - f.eye_height + f.brow_gap) - np.float32(0.07))
    canvas.shade(canvas.cover(furrow), np.float32(0.45) * np.minimum(f.au4, 1))
    forehead = np.abs(v - f.hairline - np.float32(0.14)) - np.float32(0.014)
    canvas.shade(
        canvas.cover(np.maximum(forehead, np.abs(u) - np.float32(0.36))), np.float32(0.16) * np.minimum(f.au2, 1)
    )


def _eye(canvas: _Canvas, f: SimpleNamespace, u: Floats32, v: Floats32) -> None:
    across, down = u - f.eye_apart, v - f.eye_height
    arc = 1 - np.minimum((across / f.eye_width) ** 2, 1)
    upper = np.maximum(f.eye_open * (1 + np.float32(0.8) * f.au5 - np.float32(0.25) * f.au7), 0.015)
    lower = np.maximum(f.eye_open * (1 - np.float32(0.65) * f.au6 - np.float32(0.6) * f.au7), 0.005)
    inside = np.where(down < 0, -down - upper * arc, down - lower * arc)
    inside = np.maximum(inside, np.abs(across) - f.eye_width)
    canvas.shade(canvas.cover(inside - np.float32(0.03)), 0.45)
    canvas.lay(canvas.cover(inside), 225.0)
    canvas.lay(canvas.cover(np.maximum(_oval(across, down, 0.065, 0.065), inside)), 35.0)
    # Raised cheeks make a fold under the eye, a wrinkled nose one beside it.
    fold = np.abs(down - np.float32(0.13) + np.float32(0.05) * arc) - np.float32(0.016)
    canvas.shade(canvas.cover(np.maximum(fold, np.abs(across) - f.eye_width)), np.float32(0.4) * np.minimum(f.au6, 1))
    rim = np.abs(_oval(across, down, f.eye_width * np.float32(1.25), 0.15)) - np.float32(0.02)
    canvas.lay(canvas.cover(rim) * f.glasses, 40.0)


def _nose(canvas: _Canvas, f: SimpleNamespace, u: Floats32, v: Floats32) -> None:
    tip = f.eye_height + np.float32(0.1) + f.nose_length - np.float32(0.04) * f.au9
    ridge = np.maximum(np.abs(u - np.float32(0.05)) - 0.018, np.abs(v - tip + f.nose_length / 2) - f.nose_length / 2)
    canvas.shade(canvas.cover(ridge), 0.18)
    wide = f.nose_width * (1 + np.float32(0.2) * f.au9)
    canvas.shade(canvas.cover(_oval(np.abs(u) - wide * np.float32(0.6), v - tip, 0.035, 0.025)), 0.6)
    for up in (0.1, 0.16):
        wrinkle = np.abs(v - tip + np.float32(up) + np.abs(u) * np.float32(0.5)) - np.float32(0.014)
        canvas.shade(canvas.cover(np.maximum(wrinkle, np.abs(u) - wide)), np.float32(0.4) * np.minimum(f.au9, 1))
    crease = np.abs(np.abs(u) - wide - (v - tip) * np.float32(0.7) - np.float32(0.03)) - np.float32(0.016)
    crease = np.maximum(crease, np.abs(v - tip - np.float32(0.08)) - np.float32(0.1))
    canvas.shade(canvas.cover(crease), np.float32(0.3) * np.minimum(f.au9 + np.float32(0.8) * f.au12, 1))


def _mouth(canvas: _Canvas, f: SimpleNamespace, u: Floats32, v: Floats32) -> None:
    wider = 1 + np.float32(0.3) * f.au12 + np.float32(0.28) * f.au20 - np.float32(0.25) * f.au26 * (1 - f.au12)
    width = f.mouth_width * np.clip(wider - np.float32(0.15) * f.au23, 0.5, 2)
    along = np.minimum((u / width) ** 2, 1)
    bend = f.mouth_bend + np.float32(0.13) * (f.au15 - f.au12) + np.float32(0.02) * f.au20
    down = v - f.mouth_height - bend * along + np.float32(0.03) * (f.au9 - f.au12)
    arc = 1 - along
    gap = np.float32(0.05) * f.au25 + np.float32(0.14) * f.au26
    down = down - gap * np.float32(0.5)
    lip = f.lip * np.clip(1 - np.float32(0.65) * f.au23 - np.float32(0.3) * f.au12 - np.float32(0.2) * f.au20, 0.2, 1)
    ends = np.abs(u) - width
    canvas.lay(
        canvas.cover(np.maximum(np.abs(down) - (gap + lip) * np.sqrt(arc), ends)) * np.float32(0.8),
        f.skin * np.float32(0.62),
    )
    inside = np.maximum(np.abs(down) - gap * arc - np.float32(0.012), ends)
    canvas.lay(canvas.cover(inside), 25.0)
    teeth = np.maximum(inside, down + gap * np.float32(0.1))
    shown = np.clip(2 * f.au25 * (f.au12 + np.float32(0.7) * f.au20), 0, 1) * (gap > 0.02)
    canvas.lay(canvas.cover(teeth + np.float32(0.012)) * shown, 225.0)
    chin = np.maximum(np.abs(down - np.float32(0.2) - np.float32(0.05) * arc) - 0.014, np.abs(u) - np.float32(0.12))
    canvas.shade(canvas.cover(chin), np.float32(0.35) * np.minimum(f.au15, 1))
