"""Signatures and descriptors of images, recordings and texts, for duplicates, label errors and drift.

*Signatures* have length 1, so that their product is a correlation: samples whose signatures correlate above a limit are
near duplicates. *Descriptors* are features for a classical learner.
"""

from __future__ import annotations

import functools
import unicodedata
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Inputs
from visiontk.core.scripts import spaced

Matrix = NDArray[np.float32]

THUMBNAIL = 16
"""Side in pixels of the thumbnail that is the signature of an image."""

BANDS, PIECES = 24, 16
"""Frequency bands and time segments of the signature of a recording."""

N_HASHES = 64
SHINGLE = 3
"""Words per shingle: short enough that one changed word leaves most shingles intact."""

_SIDE = 64
_FLAT = 1.0
_CELLS = 7
_ORIENTATIONS = 8
_AUDIBLE, _FLOOR = 1e-3, 1e-4
_FRAME_S, _HOP_S = 0.032, 0.016


@functools.cache
def averaging(n_in: int, n_out: int) -> Matrix:
    """Return the matrix that averages `n_in` values over `n_out` intervals of equal length.

    Examples
    --------
    >>> averaging(4, 2).tolist()
    [[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]]
    """
    edges = np.linspace(0, n_in, n_out + 1)
    low, high = edges[:-1, None], edges[1:, None]
    inside = np.minimum(high, np.arange(1, n_in + 1)) - np.maximum(low, np.arange(n_in))
    weights = np.clip(inside, 0, None)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def pooled(x: Matrix, height: int, width: int) -> Matrix:
    """Resize matrices of shape (n, h, w) to (n, height, width) by averaging or repeating."""
    return np.asarray(averaging(x.shape[1], height) @ x @ averaging(x.shape[2], width).T, np.float32)


def unit(rows: Matrix, least: float) -> Matrix:
    """Centre rows and scale them to length 1; rows with a standard deviation below `least` become zeros.

    Examples
    --------
    >>> unit(np.array([[0, 2], [5, 5]], np.float32), 0.1).astype(float).round(2).tolist()
    [[-0.71, 0.71], [0.0, 0.0]]
    """
    centred = rows - rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    flat = length < least * np.sqrt(rows.shape[1])
    return np.asarray(np.where(flat, 0, centred / np.where(flat, 1, length)), np.float32)


def grey(x: Inputs) -> Matrix:
    """Convert images of shape (n, height, width, channels) to grey ones of shape (n, height, width)."""
    return np.asarray(x[..., 0] if x.shape[3] == 1 else x.mean(axis=3, dtype=np.float32), np.float32)


def of_images(x: Inputs) -> tuple[Matrix, Matrix]:
    """Return signatures and descriptors of images.

    The signature is the grey thumbnail of 16 x 16 pixels without its mean and contrast, so it survives brightening,
    lossy compression and slight resizing. The descriptor holds gradients by orientation [1]_ in 7 x 7 cells, colour in
    4 x 4 cells, mean and contrast.

    References
    ----------
    .. [1] Dalal and Triggs (2005), Histograms of oriented gradients for human detection, CVPR.

    Examples
    --------
    >>> images = np.random.default_rng(0).integers(0, 200, (2, 28, 28, 1)).astype(np.uint8)
    >>> signatures, descriptors = of_images(images)
    >>> signatures.shape, descriptors.shape, bool(signatures[0] @ of_images(images + 50)[0][0] > 0.999)
    ((2, 256), (2, 410), True)
    """
    g = grey(x)
    signature = unit(pooled(g, THUMBNAIL, THUMBNAIL).reshape(len(g), -1), _FLAT)
    if max(g.shape[1:]) > _SIDE:
        g = pooled(g, _SIDE, _SIDE)
    cells = _gradients(np.asarray(g / 255, np.float32)).reshape(len(g), -1)
    cells /= np.linalg.norm(cells, axis=1, keepdims=True) + 1e-3
    colours = [pooled(np.asarray(x[..., c] / 255, np.float32), 4, 4).reshape(len(g), -1) for c in range(x.shape[3])]
    moments = np.stack([g.mean(axis=(1, 2)), g.std(axis=(1, 2))], axis=1) / 255
    return signature, np.concatenate([cells, *colours, moments], axis=1)


def _gradients(g: Matrix) -> Matrix:
    """Return gradient magnitudes of shape (n, orientations, cells, cells)."""
    dy, dx = np.zeros_like(g), np.zeros_like(g)
    dy[:, 1:-1], dx[:, :, 1:-1] = g[:, 2:] - g[:, :-2], g[:, :, 2:] - g[:, :, :-2]
    length = np.hypot(dx, dy)
    bin_of = (np.arctan2(dy, dx) % np.pi * (_ORIENTATIONS / np.pi)).astype(np.int8) % _ORIENTATIONS
    cells = [pooled(np.where(bin_of == o, length, 0), _CELLS, _CELLS) for o in range(_ORIENTATIONS)]
    return np.sqrt(np.stack(cells, axis=1))


def n_before_padding(signals: Inputs) -> NDArray[np.int64]:
    """Return the number of values before trailing zeros, for signals of shape (n, time, 1)."""
    loud = signals[:, ::-1, 0] != 0
    return np.where(loud.any(axis=1), signals.shape[1] - loud.argmax(axis=1), 0).astype(np.int64)


def of_audio(x: Inputs, sample_rate: int) -> tuple[Matrix, Matrix]:
    """Return signatures and descriptors of signals of shape (n, time, 1).

    Log power, down to 40 dB below the maximum, in 24 mel bands [1]_ and 16 segments of equal length, between the first
    and last frames within 30 dB of the loudest one: it survives changes of volume and lossy compression. The signature
    is centred and of length 1.

    References
    ----------
    .. [1] Stevens, Volkmann and Newman (1937), A scale for the measurement of the psychological magnitude pitch,
       JASA 8, 185.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(0, 0.1, (1, 8000, 1)).astype(np.float32)
    >>> quiet = of_audio(noise / 3, 8000)[0] @ of_audio(noise, 8000)[0].T
    >>> bool(quiet[0, 0] > 0.999)
    True
    """
    rate = sample_rate or 8_000
    n = max(int(_FRAME_S * rate), 16)
    hop = max(int(_HOP_S * rate), 8)
    bank = _mel_bank(n, rate)
    window = np.hanning(n).astype(np.float32)
    rows = np.zeros((len(x), PIECES, BANDS), np.float32)
    extra = np.zeros((len(x), 2), np.float32)
    for i, length in enumerate(n_before_padding(x)):
        signal = x[i, : max(int(length), n), 0]
        signal = np.pad(signal, (0, max(0, n - len(signal))))
        frames = np.lib.stride_tricks.sliding_window_view(signal, n)[::hop] * window
        power = (np.abs(np.fft.rfft(frames, axis=1)) ** 2).astype(np.float32) @ bank
        total = power.sum(axis=1)
        loudest = float(total.max())
        if loudest > 0:
            audible = np.flatnonzero(total > _AUDIBLE * loudest)
            trimmed = power[audible[0] : audible[-1] + 1]
            level = np.log(np.maximum(trimmed / trimmed.max(), _FLOOR))
            rows[i] = averaging(len(level), PIECES) @ level
            extra[i] = len(trimmed) * hop / rate, np.log(loudest)
    flat = rows.reshape(len(x), -1)
    return unit(flat, 1e-3), np.concatenate([flat / 8, extra[:, :1]], axis=1)


@functools.cache
def _mel_bank(n: int, sample_rate: int) -> Matrix:
    def mel(hertz: Any) -> Any:
        return 2595 * np.log10(1 + hertz / 700)

    frequency = np.fft.rfftfreq(n, 1 / sample_rate)
    edges = np.linspace(mel(40), mel(sample_rate / 2), BANDS + 2)
    position = mel(frequency)[:, None]
    rising = (position - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - position) / (edges[2:] - edges[1:-1])
    bank = np.clip(np.minimum(rising, falling), 0, None)
    nearest = np.abs(position - edges[1:-1]).argmin(axis=0)
    bank[nearest, np.arange(BANDS)] += bank.sum(axis=0) == 0  # a low band narrower than a frequency bin
    return np.asarray(bank, np.float32)


def words(text: str) -> list[str]:
    """Split a text into lower-case words of letters and digits, without punctuation; Chinese into its characters.

    Examples
    --------
    >>> words("It's -- fine , NOW.")
    ['it', 's', 'fine', 'now']
    """
    plain = spaced(unicodedata.normalize("NFKC", text).casefold())
    return "".join(c if c.isalnum() else " " for c in plain).split()


def shingles(text: str) -> NDArray[np.int64]:
    """Return the distinct hashes of all runs of three words; of the whole text if it is shorter."""
    tokens = words(text)
    runs = {" ".join(tokens[i : i + SHINGLE]) for i in range(max(1, len(tokens) - SHINGLE + 1))}
    return np.sort(np.fromiter((zlib.crc32(run.encode("utf-8", "surrogatepass")) for run in runs), np.int64, len(runs)))


def minhash(hashes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the MinHash [1]_ of a set of hashes: each value agrees with a probability equal to the Jaccard similarity.

    References
    ----------
    .. [1] Broder (1997), On the resemblance and containment of documents, SEQUENCES.

    Examples
    --------
    >>> a, b = shingles("one two three four five six"), shingles("one two three four five seven")
    >>> bool(0.2 < (minhash(a) == minhash(b)).mean() < 0.9)
    True
    """
    factors, shifts = _permutations()
    # 32-bit hashes times 29-bit factors stay within 63 bits.
    return np.asarray(((hashes[:, None] * factors + shifts) % 4_294_967_291).min(axis=0), np.int64)


@functools.cache
def _permutations() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rng = np.random.default_rng(0)
    return rng.integers(1, 1 << 29, N_HASHES), rng.integers(0, 1 << 31, N_HASHES)
