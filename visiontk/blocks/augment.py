"""Augmentation of images: layers that change their input in training and pass it on untouched otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le

from visiontk.core import Card
from visiontk.spaces import Range


@dataclass(frozen=True)
class ImageAugmentation:
    """How training images are varied.

    Parameters
    ----------
    shift : float
        Largest shift along each axis as a share of the side, 0 to 0.5; whole pixels, edges repeated.
    mirror : {"auto", "never"}
        "auto" exchanges left and right at random where the data say that this keeps the class.
    """

    shift: Annotated[float, Ge(0), Le(0.5), Range(0.0, 0.12)] = 0.07
    mirror: Literal["auto", "never"] = "auto"

    def __call__(self, card: Card, shape: tuple[int, ...]) -> Sequence[Any]:
        """Layers for images of shape (height, width, channels) of this data set."""
        from visiontk.blocks.augment_layers import RandomMirror, RandomShift

        layers: list[Any] = []
        pixels = round(self.shift * min(shape[0], shape[1]))
        if pixels:
            layers.append(RandomShift(pixels))
        if self.mirror == "auto" and card.mirror:
            layers.append(RandomMirror())
        return layers
