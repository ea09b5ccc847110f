"""Audio augmentation as arguments of learners; the layers are imported when they are used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Ge, Le

from visiontk.core import Card


@dataclass(frozen=True)
class SpectrogramAugmentation:
    """Random warping, filtering, noise and masking of spectrograms.

    The defaults were chosen on the validation speakers of two folds of FSDD; stronger warping and noise were worse.

    Parameters
    ----------
    time_stretch : float
        Largest change of speed, 0 to 1.
    time_shift : float
        Largest shift in time as a fraction of all frames, 0 to 0.5.
    band_stretch, band_shift : float
        Largest stretch and shift along the mel axis, 0 to 0.5: another vocal tract, another pitch.
    filter_db : float
        Standard deviation of a smooth frequency response: another microphone.
    noise_db : float
        Largest noise, in dB above the floor of -80 dB.
    mask_frames, mask_bands : float
        Longest masked run along each axis, as a fraction of it, 0 to 0.5; there are two along each.
    """

    time_stretch: Annotated[float, Ge(0), Le(1)] = 0.1
    time_shift: Annotated[float, Ge(0), Le(0.5)] = 0.05
    band_stretch: Annotated[float, Ge(0), Le(0.5)] = 0.05
    band_shift: Annotated[float, Ge(0), Le(0.5)] = 0.05
    filter_db: Annotated[float, Ge(0), Le(40)] = 2.0
    noise_db: Annotated[float, Ge(0), Le(80)] = 20.0
    mask_frames: Annotated[float, Ge(0), Le(0.5)] = 0.15
    mask_bands: Annotated[float, Ge(0), Le(0.5)] = 0.15

    def __call__(self, card: Card, shape: tuple[int, ...]) -> Sequence[Any]:
        """Layers for spectrograms of shape (frames, bands, channels)."""
        from visiontk.blocks import audio_augmentation_layers as augmentation

        layers: list[Any] = []
        if self.time_stretch or self.time_shift:
            layers.append(augmentation.RandomTime(self.time_stretch, self.time_shift))
        if self.band_stretch or self.band_shift:
            layers.append(augmentation.RandomBands(self.band_stretch, self.band_shift))
        if self.filter_db or self.noise_db:
            layers.append(augmentation.RandomChannel(self.filter_db, self.noise_db))
        if self.mask_frames or self.mask_bands:
            layers.append(augmentation.RandomMasks(self.mask_frames, self.mask_bands))
        return layers


@dataclass(frozen=True)
class WaveformAugmentation:
    """Random speed, shift and noise of waveforms.

    Parameters
    ----------
    speed : float
        Largest change of speed, 0 to 0.5; pitch and timbre change with it.
    shift : float
        Largest shift in time as a fraction of the clip, 0 to 0.5.
    noise : float
        Largest standard deviation of white noise, as a fraction of the root mean square of the clip, 0 to 1.
    """

    speed: Annotated[float, Ge(0), Le(0.5)] = 0.15
    shift: Annotated[float, Ge(0), Le(0.5)] = 0.05
    noise: Annotated[float, Ge(0), Le(1)] = 0.1

    def __call__(self, card: Card, shape: tuple[int, ...]) -> Sequence[Any]:
        """Layers for waveforms of shape (time, 1)."""
        from visiontk.blocks.audio_augmentation_layers import RandomSpeed

        return [RandomSpeed(self.speed, self.shift, self.noise)] if self.speed or self.shift or self.noise else []
