"""Pretrained networks and their weights, as arguments of learners, without importing a framework."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Le

SOURCE = "ImageNet-1k"
"""Source data of all networks here (Russakovsky et al. 2015, IJCV 115, 211)."""

LITE0 = "efficientnet_lite0"

Network = Literal[
    "efficientnet_lite0", "ConvNeXtTiny", "ConvNeXtSmall", "ConvNeXtBase", "ConvNeXtLarge", "ConvNeXtXLarge",
    "DenseNet121", "DenseNet169", "DenseNet201", "EfficientNetB0", "EfficientNetB1", "EfficientNetB2",
    "EfficientNetB3", "EfficientNetB4", "EfficientNetB5", "EfficientNetB6", "EfficientNetB7", "EfficientNetV2B0",
    "EfficientNetV2B1", "EfficientNetV2B2", "EfficientNetV2B3", "EfficientNetV2S", "EfficientNetV2M",
    "EfficientNetV2L", "InceptionResNetV2", "InceptionV3", "MobileNet", "MobileNetV2", "MobileNetV3Small",
    "MobileNetV3Large", "NASNetLarge", "NASNetMobile", "ResNet50", "ResNet50V2", "ResNet101", "ResNet101V2",
    "ResNet152", "ResNet152V2", "VGG16", "VGG19", "Xception",
]  # fmt: skip

_LARGER = {
    "EfficientNetB1": 240, "EfficientNetB2": 260, "EfficientNetB3": 300, "EfficientNetB4": 380, "EfficientNetB5": 456,
    "EfficientNetB6": 528, "EfficientNetB7": 600, "EfficientNetV2B1": 240, "EfficientNetV2B2": 260,
    "EfficientNetV2B3": 300, "EfficientNetV2S": 384, "EfficientNetV2M": 480, "EfficientNetV2L": 480,
    "InceptionResNetV2": 299, "InceptionV3": 299, "NASNetLarge": 331, "Xception": 299,
}  # fmt: skip

SIDES: dict[str, int] = {name: _LARGER.get(name, 224) for name in Network.__args__}  # type: ignore[attr-defined]
"""Side in pixels of the pictures that each network was trained on."""


@dataclass(frozen=True)
class PretrainedNetwork:
    """A network, its weights, and the size at which it sees pictures.

    Parameters
    ----------
    network : str
        ``efficientnet_lite0``, whose weights are those of the extra ``visiontk[pretrained]``, or a network of
        ``keras.applications``, such as ``MobileNetV2``.
    weights : str or None
        Of a network of ``keras.applications``, without its top: a file ``.h5``, or ``imagenet`` for those that Keras
        downloads. None: the file in the folder ``$VISIONTK_WEIGHTS`` whose name begins with that of the network.
    side : int or None
        Side in pixels of the pictures that the network sees. None: of those that it was trained on, 224 for most.
    """

    network: Network = "efficientnet_lite0"
    weights: str | None = None
    side: Annotated[int, Ge(32), Le(1024)] | None = None

    @property
    def pixels(self) -> int:
        """Side of the pictures that the network sees.

        Examples
        --------
        >>> PretrainedNetwork().pixels, PretrainedNetwork("Xception").pixels, PretrainedNetwork(side=96).pixels
        (224, 299, 96)
        """
        return self.side or SIDES[self.network]

    @property
    def knew(self) -> str:
        """Source data, network and size, for reports.

        Examples
        --------
        >>> PretrainedNetwork().knew
        'ImageNet-1k (1.28 million photos, 1,000 classes), EfficientNet-Lite0, 224 x 224 pixels'
        """
        title = "EfficientNet-Lite0" if self.network == LITE0 else self.network
        data = f"{SOURCE} (1.28 million photos, 1,000 classes)"
        if self.network != LITE0 and self.weights not in (None, "imagenet"):
            data = f"{SOURCE}, if so the file {Path(str(self.weights)).name} of weights"
        return f"{data}, {title}, {self.pixels} x {self.pixels} pixels"
