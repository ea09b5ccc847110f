"""Pretrained networks as feature extractors, frozen or to be trained."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from visiontk.blocks.efficientnet_lite import efficientnet_lite0, load_lite0
from visiontk.core import Inputs, Samples
from visiontk.errors import ModelError
from visiontk.learners.keras_applications import DOWNLOAD, application, weights_file
from visiontk.learners.pretrained_source import LITE0, PretrainedNetwork
from visiontk.learners.published_weights import LITE0_SHA256, read_lite0
from visiontk.learners.state import read_state, write_state
from visiontk.learners.tensorflow_threads import pin_threads

VERSION = 1
"""To be raised when features change."""

BATCH = 32
"""Pictures at once; larger batches are not faster on a CPU (measured)."""

MIDDLE = ("block10_add", "block14_add")
"""Feature maps of EfficientNet-Lite0 below the last one, whose quadrants say where in the picture things are."""


def trainable_backbone(source: PretrainedNetwork) -> keras.Model:
    """A network with its weights, from uint8 pictures to the means of its last feature map.

    Normalisation keeps the statistics of the source data: few photos make poor ones, and training takes half the time.
    """
    side = source.pixels
    if source.network == LITE0:
        model = efficientnet_lite0((side, side, 3), include_top=False, folded=True)
        load_lite0(model, read_lite0())
        return model
    model = application(source.network, source.weights, side)
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    return keras.Model(model.input, _float32(keras.layers.GlobalAveragePooling2D()(model.output)))


def frozen_features(source: PretrainedNetwork) -> keras.Model:
    """A network from uint8 pictures to one vector: means of the last feature map, and of quadrants of earlier ones."""
    if source.network != LITE0:
        return trainable_backbone(source)
    model = trainable_backbone(source)
    parts = [model.output]
    for name in MIDDLE:
        x = model.get_layer(name).output
        parts += [keras.layers.GlobalAveragePooling2D()(x), *_quadrants(x)]
    return keras.Model(model.input, keras.layers.Concatenate(dtype="float32")([_float32(part) for part in parts]))


def _quadrants(x: Any) -> list[Any]:
    """Means of the four quadrants, which overlap by a pixel where a side is odd."""
    height, width = x.shape[1:3]
    if min(height, width) < 2:
        return []
    pool, strides = ((height + 1) // 2, (width + 1) // 2), (height // 2, width // 2)
    return [keras.layers.Flatten()(keras.layers.AveragePooling2D(pool, strides=strides)(x))]


def _float32(x: Any) -> Any:
    return keras.layers.Activation("linear", dtype="float32")(x)


@dataclass(frozen=True)
class Frozen:
    """Preparation of `FrozenFeatures`: saved is which weights they are, not the weights themselves.

    Parameters
    ----------
    features : FrozenFeatures
        Made from the parameters of a learner.
    """

    features: FrozenFeatures

    def __call__(self, train: Samples) -> FrozenFeatures:
        """Return the features."""
        return self.features

    def save(self, step: FrozenFeatures, folder: Path) -> None:
        """Write the name of the features, with a hash of the weights."""
        write_state(folder, {"features": step.name})

    def load(self, folder: Path) -> FrozenFeatures:
        """Return the features; ModelError if the weights here are others."""
        saved = read_state(folder).value.get("features")
        if saved != self.features.name:
            raise ModelError(
                f"fitted on the features {saved}, those here are {self.features.name}.",
                error_id="E-MODEL-VERSION",
                hint="Install the weights that it was fitted with, or fit it again.",
            )
        return self.features


class FrozenFeatures:
    """Features of pictures by a frozen network, a function of each picture alone; built on first use.

    Parameters
    ----------
    source : PretrainedNetwork
        Network, weights and size.
    precision : {"float32", "mixed_bfloat16"}
        Arithmetic.
    last : bool
        If True, the means of the last feature map only.
    """

    def __init__(self, source: PretrainedNetwork, *, precision: str = "float32", last: bool = False) -> None:
        pin_threads()
        self.source, self.precision, self.last = source, precision, last
        self.model: keras.Model | None = None

    def __call__(self, pictures: Inputs) -> Inputs:
        """Features of pictures of shape (n, side, side, 3), uint8; shape (n, n_features), float32."""
        if self.model is None:
            self.model = self._built()
        size = 1 if len(pictures) == 1 else BATCH
        rows = []
        for start in range(0, len(pictures), size):
            batch = pictures[start : start + size]
            # All batches have one shape, so that the graph is traced once; the padding is cut off again.
            padding = [(0, size - len(batch))] + [(0, 0)] * (batch.ndim - 1)
            rows.append(self.model.predict_on_batch(np.pad(batch, padding, mode="edge"))[: len(batch)])
        return np.concatenate(rows)

    def _built(self) -> keras.Model:
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(self.precision)
        try:
            return trainable_backbone(self.source) if self.last else frozen_features(self.source)
        finally:
            keras.config.set_dtype_policy(before)

    @property
    def name(self) -> str:
        """Name in the cache of features: all that determines them but the pictures."""
        source = self.source
        if source.network == LITE0:
            weights = LITE0_SHA256
        elif source.weights == DOWNLOAD:
            weights = DOWNLOAD
        else:
            weights = hashlib.sha256(weights_file(source.network, source.weights).read_bytes()).hexdigest()
        return f"pretrained {VERSION} {source.network} {weights} {self.precision} {self.last}"

    @property
    def size_bytes(self) -> int:
        """Bytes of the weights, as float32."""
        if self.model is None:
            self.model = self._built()
        return 4 * int(self.model.count_params())
