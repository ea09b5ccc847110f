"""Strong augmentation of pictures whose makers differ: position, size, turn, exposure, and parts out of sight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le

from visiontk.core import Card
from visiontk.spaces import Range


@dataclass(frozen=True)
class StrongAugmentation:
    """How training pictures are varied, all at once and each by its own draw.

    Parameters
    ----------
    shift : float
        Largest shift along each axis as a share of the side, 0 to 0.5; edges are repeated.
    zoom : float
        Largest change of size, 0 to 0.5: 0.1 gives 0.9 to 1.1 times the size.
    rotation : float
        Largest turn either way in degrees, 0 to 180.
    exposure : float
        Strength of changes of contrast, brightness and gamma, 0 to 1; 0.3 multiplies contrast by 0.7 to 1.3.
    cutout : float
        Largest side of a square that is replaced by the mean [1]_, as a share of the side, 0 to 0.9.
    mirror : {"auto", "always", "never"}
        Exchange left and right at random: where the data say that this keeps the class, everywhere, nowhere.

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
        from visiontk.blocks.augment_layers import RandomMirror
        from visiontk.blocks.vary_layers import Cutout, RandomAffine, RandomGammaContrast

        layers: list[Any] = []
        if self.shift or self.zoom or self.rotation:
            layers.append(RandomAffine(self.shift, self.zoom, self.rotation))
        if self.mirror == "always" or (self.mirror == "auto" and card.mirror):
            layers.append(RandomMirror())
        if self.exposure:
            layers.append(RandomGammaContrast(self.exposure))
        if self.cutout:
            layers.append(Cutout(self.cutout))
        return layers
