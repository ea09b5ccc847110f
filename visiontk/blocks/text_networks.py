"""Convolutional networks over sequences of words or characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from visiontk.blocks.random_layer import RandomLayer
from visiontk.core import Inputs

SPREAD = 0.05
"""Range of random word vectors; 0.25 in the paper. With less, rare words start almost alike: better on MR."""


@keras.saving.register_keras_serializable("visiontk")
class WordDropout(RandomLayer):
    """Replace words by the unknown word at random, in training only [1]_.

    Parameters
    ----------
    rate : float
        Probability of each word, in [0, 1).
    unknown : int
        Index of the unknown word. Padding, 0, stays.

    References
    ----------
    .. [1] Iyyer, Manjunatha, Boyd-Graber and Daumé (2015), Deep unordered composition rivals syntactic methods
       for text classification, ACL.

    Examples
    --------
    >>> import numpy as np
    >>> layer = WordDropout(0.5, seed=0)
    >>> x = np.array([[5, 5, 5, 5, 5, 5, 5, 0]], "int32")
    >>> sorted(set(ops.convert_to_numpy(layer(x, training=True)).ravel().tolist()))
    [0, 1, 5]
    """

    def __init__(self, rate: float, unknown: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate
        self.unknown = unknown

    def augment(self, x: Any) -> Any:
        """Word indices of shape (n, length)."""
        dropped = keras.random.uniform(ops.shape(x), seed=self.generator) < self.rate
        return ops.where(ops.logical_and(dropped, x > 0), ops.cast(self.unknown, x.dtype), x)


def text_cnn(
    sample: Inputs,
    n_classes: int,
    *,
    n_words: int,
    dimension: int = 100,
    vectors: Inputs | None = None,
    widths: Sequence[int] = (3, 4, 5),
    filters: int = 100,
    embedding_dropout: float = 0.0,
    dropout: float = 0.5,
) -> keras.Model:
    """Kim's network [1]_: convolutions of several widths side by side, maximum over time, dropout, linear.

    Parameters
    ----------
    sample : ndarray of int32, shape (n, length)
        Word indices; 0 is padding. All inputs have this length.
    n_words : int
        Size of the vocabulary, with padding and the unknown word.
    dimension : int
        Of the word vectors; ignored with `vectors`.
    vectors : ndarray of float32, shape (n_words, dimension), optional
        Initial word vectors; random by default.
    widths : sequence of int
        Words spanned by the filters.
    filters : int
        Of each width.
    embedding_dropout : float
        Fraction of the dimensions of the word vectors dropped in training, the same for all words of a text.
    dropout : float
        Fraction of the pooled features dropped in training.

    References
    ----------
    .. [1] Kim (2014), Convolutional neural networks for sentence classification, EMNLP.

    Examples
    --------
    >>> import numpy as np
    >>> text_cnn(np.ones((2, 9), "int32"), 2, n_words=20, dimension=4, filters=5).output_shape
    (None, 2)
    """
    layers = keras.layers
    # Padding on both sides, so that every word meets every position of every filter.
    ends = max(widths) - 1
    inputs = keras.Input((sample.shape[1],), dtype="int32")
    x = layers.ZeroPadding1D(ends)(layers.Reshape((sample.shape[1], 1))(inputs))
    x = layers.Reshape((sample.shape[1] + 2 * ends,))(x)
    if vectors is None:
        initial: Any = keras.initializers.RandomUniform(-SPREAD, SPREAD)
    else:
        dimension = vectors.shape[1]
        initial = keras.initializers.Constant(vectors)
    x = layers.Embedding(n_words, dimension, embeddings_initializer=initial, name="words")(x)
    if embedding_dropout:
        x = layers.SpatialDropout1D(embedding_dropout)(x)
    pooled = [
        layers.GlobalMaxPooling1D()(layers.Conv1D(filters, width, activation="relu", name=f"width{width}")(x))
        for width in widths
    ]
    x = pooled[0] if len(pooled) == 1 else layers.Concatenate()(pooled)
    x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, layers.Dense(n_classes, name="output")(x))


def char_cnn(
    sample: Inputs,
    n_classes: int,
    *,
    n_characters: int,
    dimension: int = 16,
    filters: int = 64,
    dropout: float = 0.5,
) -> keras.Model:
    """Zhang, Zhao and LeCun's network over characters [1]_, scaled down.

    Four of the six convolutions of the paper, 7, 7, 3 and 3 wide, the first two followed by pooling over 3, and
    one of its two hidden layers. The maxima over time of all four convolutions replace the flattened last one, and
    learned character vectors the one-hot ones; batch normalisation is added.

    Parameters
    ----------
    sample : ndarray of int32, shape (n, length)
        Character indices; 0 is padding.
    n_characters : int
        Size of the vocabulary, with padding and the unknown character.
    dimension : int
        Of the character vectors.
    filters : int
        Of each convolution; the hidden layer has twice as many units.
    dropout : float
        Before and after the hidden layer.

    References
    ----------
    .. [1] Zhang, Zhao and LeCun (2015), Character-level convolutional networks for text classification, NeurIPS.

    Examples
    --------
    >>> import numpy as np
    >>> char_cnn(np.ones((2, 80), "int32"), 3, n_characters=30, filters=4).output_shape
    (None, 3)
    """
    layers = keras.layers
    inputs = keras.Input((sample.shape[1],), dtype="int32")
    x = layers.Embedding(n_characters, dimension, name="characters")(inputs)
    maxima = []
    for width, pooled in ((7, True), (7, True), (3, False), (3, False)):
        x = layers.Conv1D(filters, width, padding="same", use_bias=False)(x)
        if pooled:
            x = layers.MaxPooling1D(3, padding="same")(x)
        x = layers.Activation("relu")(layers.BatchNormalization(momentum=0.9)(x))
        maxima.append(layers.GlobalMaxPooling1D()(x))
    x = layers.Dropout(dropout)(layers.Concatenate()(maxima))
    x = layers.Dropout(dropout)(layers.Dense(2 * filters, activation="relu")(x))
    return keras.Model(inputs, layers.Dense(n_classes, name="output")(x))
