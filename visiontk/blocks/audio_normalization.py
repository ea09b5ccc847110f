"""Keras layers that normalise each clip by its own statistics. Spectrograms have shape (n, frames, bands, channels).

Frames after the end of a clip have -100 dB (`visiontk.baselines.logmel`) and never count as audio.
"""

from __future__ import annotations

from typing import Any, Literal

import keras
from keras import ops

PADDING_DB = -100.0
FLOOR_DB = -80.0
_BETWEEN_DB = -90.0


def frame_mask(x: Any) -> Any:
    """1 in the frames of the clip and 0 in the padding, shape (n, frames, 1, 1), in the dtype of x."""
    return ops.cast(ops.max(x, axis=(2, 3), keepdims=True) > _BETWEEN_DB, x.dtype)


@keras.saving.register_keras_serializable("visiontk")
class ClipNormalisation(keras.layers.Layer):  # type: ignore[misc]
    """Zero mean over the frames of each clip, by statistics of that clip alone; padding becomes 0.

    Parameters
    ----------
    over : {"clip", "bands"}
        "clip" subtracts one mean and divides by one standard deviation, which preserves the timbre; "bands"
        subtracts the mean of each band, which removes what microphone and speaker add to all frames.

    References
    ----------
    .. [1] Atal (1974), Effectiveness of linear prediction characteristics of the speech wave for
       automatic speaker identification and verification, JASA 55, 1304: means over time removed.

    Examples
    --------
    >>> x = ops.reshape(ops.arange(-20.0, 0.0), (1, 5, 4, 1))
    >>> round(float(ops.mean(ClipNormalisation("bands")(x))), 5)
    0.0
    """

    def __init__(self, over: Literal["clip", "bands"] = "clip", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.over = over

    def call(self, x: Any) -> Any:
        """Spectrograms of the same shape."""
        # In float32: sums over a clip lose digits in half precision.
        mask = ops.cast(frame_mask(x), "float32")
        audible = ops.maximum(ops.cast(x, "float32"), FLOOR_DB) * mask
        n_frames = ops.maximum(ops.sum(mask, axis=1, keepdims=True), 1)
        mean = ops.sum(audible, axis=1, keepdims=True) / n_frames
        if self.over == "clip":
            mean = ops.mean(mean, axis=(2, 3), keepdims=True)
        centred = (audible - mean) * mask
        variance = ops.mean(ops.sum(ops.square(centred), axis=1, keepdims=True) / n_frames, axis=(2, 3), keepdims=True)
        return ops.cast(centred / ops.sqrt(variance + 1.0), self.compute_dtype)

    def compute_output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """The input shape."""
        return input_shape


@keras.saving.register_keras_serializable("visiontk")
class Loudness(keras.layers.Layer):  # type: ignore[misc]
    """Divide each waveform by its root mean square; silence stays silence.

    Examples
    --------
    >>> Loudness()(ops.ones((1, 4, 1)) * 0.5).numpy().ravel().tolist()
    [1.0, 1.0, 1.0, 1.0]
    """

    LEAST = 1e-4

    def call(self, x: Any) -> Any:
        """Waveforms of shape (n, time, 1)."""
        power = ops.mean(ops.square(ops.cast(x, "float32")), axis=1, keepdims=True)
        return ops.cast(ops.cast(x, "float32") / ops.maximum(ops.sqrt(power), self.LEAST), self.compute_dtype)

    def compute_output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """The input shape."""
        return input_shape
