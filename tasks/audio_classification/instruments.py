"""Drawn recordings: six vibrating bodies as physical models, at random pitch, in rooms, with noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Card, Floats, Samples
from visiontk.data import fingerprint

RATE = 8_000
BLOCK, N_BLOCKS = 64, 75
N_TIME = BLOCK * N_BLOCKS
BODIES = ("bar", "bell", "membrane", "open tube", "reed", "string")
N_EACH = 100

# Frequencies relative to the lowest.
_MEMBRANE = (1, 1.594, 2.136, 2.296, 2.653, 2.918, 3.156, 3.501, 3.600, 3.652, 4.060, 4.154)
_BELL = (0.5, 1, 1.2, 1.5, 2, 2.5, 2.667, 3, 4, 5.33, 6.67, 8)
_BAR = tuple(((2 * k + 1) / 3.0112) ** 2 for k in range(1, 7))
_HARMONIC = tuple(range(1, 25))


def instruments() -> Samples:
    """600 synthetic recordings of at most 0.6 s at 8 kHz: six vibrating bodies, in rooms, with noise.

    Each body has the partials of its physics [1]_: a free bar, a bell [2]_, a circular membrane, a tube open at
    both ends, a tube with a reed, which is closed at one end, and a stiff string. Pitch, place and hardness of
    the stroke, decay, attack, room, noise and length are drawn for each recording.

    References
    ----------
    .. [1] Fletcher and Rossing (1998), The physics of musical instruments, 2nd edition, Springer: equations
       2.63 (bars), 2.67 (stiff strings), table 3.1 (membranes), sections 8.2 (tubes) and 21.1 (bells).
    .. [2] Rossing and Perrin (1987), Vibrations of bells, Applied Acoustics 20, 41.
    """
    rng = np.random.default_rng(20)
    clips = np.concatenate([_body(name, N_EACH, rng) for name in BODIES])
    x = _recorded(clips, rng)[..., None]
    y = np.repeat(np.arange(len(BODIES), dtype=np.int64), N_EACH)
    order = rng.permutation(len(y))
    x, y = np.ascontiguousarray(x[order]), y[order]
    card = Card(
        "instruments",
        fingerprint(x, y),
        origin="synthetic",
        citation="Drawn by visiontk after Fletcher and Rossing (1998), The physics of musical instruments.",
        sample_rate=RATE,
        notes=("Drawn recordings: what wins here need not win on recordings.",),
    )
    return Samples.from_arrays(x, y, BODIES, card, ids=[f"drawn-{i:03d}" for i in range(len(y))])


def _body(name: str, n: int, rng: np.random.Generator) -> Floats:
    """Dry recordings of one body, shape (n, N_TIME), each with a power of 1."""
    ratios = np.array({"bar": _BAR, "bell": _BELL, "membrane": _MEMBRANE}.get(name, _HARMONIC))[None, :]
    blown = name in ("open tube", "reed")
    if name == "string":
        ratios = ratios * np.sqrt(1 + 10 ** rng.uniform(-4, -3, (n, 1)) * ratios**2)
    # Bodies whose partials are no harmonics are mistuned a little, as no two are alike.
    ratios = ratios * (1 + (0 if blown else 0.01) * rng.normal(size=(n, ratios.shape[1])))
    lowest = 120 * 4 ** rng.uniform(0, 1, (n, 1))
    brightness = rng.uniform(0.7, 2.2, (n, 1))
    weights = ratios**-brightness * np.abs(np.sin(np.pi * ratios * rng.uniform(0.08, 0.5, (n, 1))))
    if blown:
        # A closed end leaves out the even harmonics, of which a real reed has a few.
        even = np.arange(ratios.shape[1]) % 2
        weights = ratios**-brightness * (np.where(even, rng.uniform(0.0, 0.4, (n, 1)), 1) if name == "reed" else 1)
    usual_s = {"bar": 0.25, "bell": 0.6, "membrane": 0.12, "string": 0.3}.get(name, 1.5)
    decay_s = usual_s * 2 ** rng.uniform(-1.3, 1.3, (n, 1)) / (1 + 0.1 * (1 if not blown else 0) * ratios)
    attack_s = rng.uniform(0.02, 0.08, (n, 1)) if blown else rng.uniform(0.001, 0.02, (n, 1))
    found = _partials(lowest * ratios, weights, decay_s, rng)
    found *= 1 - np.exp(-np.arange(N_TIME) / (RATE * attack_s))
    return np.asarray(found / np.sqrt((found**2).mean(axis=1, keepdims=True)))


def _partials(frequency: Floats, weights: Floats, decay_s: Floats, rng: np.random.Generator) -> Floats:
    """Sums of damped sines: exp(s (a + b)) = exp(s a) exp(s b), so blocks of time are a matrix product."""
    amplitude = np.where(frequency < 0.45 * RATE, weights, 0) * np.exp(2j * np.pi * rng.random(frequency.shape))
    exponent = (2j * np.pi * frequency - 1 / decay_s) / RATE
    coarse = np.exp(exponent[:, None, :] * (BLOCK * np.arange(N_BLOCKS))[None, :, None])
    fine = np.exp(exponent[:, :, None] * np.arange(BLOCK)[None, None, :])
    return np.asarray(((amplitude[:, None, :] * coarse) @ fine).imag.reshape(len(frequency), N_TIME))


def _recorded(clips: Floats, rng: np.random.Generator) -> NDArray[np.float32]:
    """The recordings after a pause, in a room, with noise, at some loudness, cut after a while; shape (n, N_TIME)."""
    from scipy.fft import irfft, rfft

    n = len(clips)
    t = np.arange(N_TIME)
    pause = rng.integers(0, N_TIME // 8, n)
    clips = np.where(t < pause[:, None], 0, np.take_along_axis(clips, (t - pause[:, None]) % N_TIME, axis=1))
    # Echoes: noise that fades by 60 dB within the reverberation time.
    reverberation = np.exp(-6.9 * t / (RATE * rng.uniform(0.1, 0.8, (n, 1)))) * rng.normal(size=clips.shape)
    room = 0.08 * rng.random((n, 1)) * reverberation
    room[:, 0] = 1
    wet = irfft(rfft(clips, 2 * N_TIME) * rfft(room, 2 * N_TIME), 2 * N_TIME)[:, :N_TIME]
    wet /= np.sqrt((wet**2).mean(axis=1, keepdims=True))
    noise = rng.normal(size=wet.shape)
    # Each noise has a colour between white and that of wind.
    colour = rng.uniform(0, 0.95, (n, 1))
    noise[:, 1:] += colour * noise[:, :-1]
    noise /= np.sqrt((noise**2).mean(axis=1, keepdims=True))
    found = wet + noise * 10 ** (-rng.uniform(*NOISE_DB, (n, 1)) / 20)
    found *= 10 ** (-rng.uniform(0.1, 1.5, (n, 1))) / np.abs(found).max(axis=1, keepdims=True)
    end = rng.integers(N_TIME // 2, N_TIME + 1, n)
    return np.where(t < end[:, None], found, 0).astype(np.float32)


NOISE_DB = (10.0, 35.0)
"""Level of the recording above the noise."""
