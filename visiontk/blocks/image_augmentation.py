"""Image augmentation as arguments of learners; the layers are imported when they are used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le

from visiontk.core import Card
from visiontk.spaces import Range


@dataclass(frozen=True)
class ImageAugmentation:
    """Random shifts and horizontal flips.

    Parameters
    ----------
    shift : float
        Largest shift along each axis as a fraction of the shorter side, 0 to 0.5; whole pixels, edges repeated.
    mirror : {"auto", "never"}
        "auto" flips half of the images horizontally if the data set declares that a flip preserves the class.
    """

    shift: Annotated[float, Ge(0), Le(0.5), Range(0.0, 0.12)] = 0.07
    mirror: Literal["auto", "never"] = "auto"

    def __call__(self, card: Card, shape: tuple[int, ...]) -> Sequence[Any]:
        """Layers for images of shape (height, width, channels) of this data set."""
        from visiontk.blocks.image_augmentation_layers import RandomHorizontalFlip, RandomShift

        layers: list[Any] = []
        pixels = round(self.shift * min(shape[0], shape[1]))
        if pixels:
            layers.append(RandomShift(pixels))
        if self.mirror == "auto" and card.mirror:
            layers.append(RandomHorizontalFlip())
        return layers


@dataclass(frozen=True)
class StrongAugmentation:
    """Random affine transforms, horizontal flips, exposure and cutout [1]_, all sampled per image.

    Parameters
    ----------
    shift : float
        Largest shift along each axis as a fraction of the side, 0 to 0.5; edges are repeated.
    zoom : float
        Largest relative change of scale, 0 to 0.5: 0.1 scales by 0.9 to 1.1.
    rotation : float
        Largest rotation in either direction in degrees, 0 to 180.
    exposure : float
        Strength of changes of contrast, brightness and gamma, 0 to 1; 0.3 multiplies contrast by 0.7 to 1.3.
    cutout : float
        Largest side of a square that is replaced by the mean, as a fraction of the side, 0 to 0.9.
    mirror : {"auto", "always", "never"}
        Random horizontal flips: if the data set declares that a flip preserves the class, always, or never.

    References
    ----------
    .. [1] DeVries and Taylor (2017), Improved regularization of convolutional neural networks with cutout,
       arXiv:1708.04552.
    """

    shift: Annotated[float, Ge(0), Le(0.5), Range(0.0, 0.15)] = 0.1
    zoom: Annotated[float, Ge(0), Le(0.5)] = 0.1
    rotation: Annotated[float, Ge(0), Le(180)] = 10.0
    exposure: Annotated[float, Ge(0), Le(1)] = 0.3
    cutout: Annotated[float, Ge(0), Le(0.9), Range(0.0, 0.5)] = 0.0
    mirror: Literal["auto", "always", "never"] = "auto"

    def __call__(self, card: Card, shape: tuple[int, ...]) -> Sequence[Any]:
        """Layers for images of shape (height, width, channels) of this data set."""
        from visiontk.blocks import image_augmentation_layers as augmentation

        layers: list[Any] = []
        if self.shift or self.zoom or self.rotation:
            layers.append(augmentation.RandomAffine(self.shift, self.zoom, self.rotation))
        if self.mirror == "always" or (self.mirror == "auto" and card.mirror):
            layers.append(augmentation.RandomHorizontalFlip())
        if self.exposure:
            layers.append(augmentation.RandomGammaContrast(self.exposure))
        if self.cutout:
            layers.append(augmentation.Cutout(self.cutout))
        return layers
