"""Log-mel spectrograms as a preparation that can be saved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from visiontk.baselines.logmel import LogMel
from visiontk.core import Inputs, Samples
from visiontk.learners.state import read_state, write_state

MOST_HZ = 10_000_000
"""Largest saved sample rate: a larger one is a damaged file."""


@dataclass(frozen=True)
class Spectrograms:
    """Step from clips of a sample rate to log-mel spectrograms.

    Parameters
    ----------
    log_mel : LogMel
        Settings.
    sample_rate : int
        In Hz.
    """

    log_mel: LogMel
    sample_rate: int

    def __call__(self, clips: Inputs) -> Inputs:
        """Return clips of shape (n, time, 1) as spectrograms of shape (n, n_frames, n_mels, 1)."""
        return self.log_mel.step(self.sample_rate)(clips)


@dataclass(frozen=True)
class ToSpectrograms:
    """Preparation of audio for `Preprocessed`: spectrograms at the sample rate of the data.

    Parameters
    ----------
    log_mel : LogMel
        Settings.
    """

    log_mel: LogMel

    def __call__(self, train: Samples) -> Spectrograms:
        """Return the step for these data."""
        return Spectrograms(self.log_mel, train.card.sample_rate)

    def save(self, step: Spectrograms, folder: Path) -> None:
        """Write the sample rate of a step; the settings are parameters."""
        write_state(folder, {"sample_rate": step.sample_rate})

    def load(self, folder: Path) -> Spectrograms:
        """Read a step that was saved."""
        return Spectrograms(self.log_mel, read_state(folder).whole("sample_rate", MOST_HZ))
