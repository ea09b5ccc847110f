"""One pass over the inputs: for each sample a content hash, a signature, a descriptor and a few simple facts.

Inputs are read in batches and not kept; the facts of a sample take a few thousand bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.audit import signatures
from visiontk.core import Floats, Inputs, Ints, Samples

BATCH_BYTES = 16 << 20

MIN_FEATURES, MAX_FEATURES = 256, 2048
"""Hashed words and pairs of words that describe a text: about as many as there are texts."""


class ContentFacts(NamedTuple):
    """Facts about the content of n samples, k of which are compared.

    ``hashes`` (n,) of the decoded content, for texts of the words; ``blank`` (n,) is True for a single colour, silence
    or no word; ``signatures`` (k, d) and ``descriptors`` (k rows) as in `visiontk.audit.signatures`; ``shingles`` of k
    texts; ``facts`` are arrays (n,) of simple properties, such as brightness, by name.
    """

    hashes: NDArray[np.bytes_]
    blank: NDArray[np.bool_]
    signatures: NDArray[Any] | None = None
    descriptors: Any = None
    shingles: Sequence[Ints] = ()
    facts: Mapping[str, Floats] = {}


def _batches(samples: Samples) -> Iterator[tuple[int, Inputs]]:
    first = samples.take(np.arange(min(1, len(samples))))
    n_bytes = max(1, first.nbytes) if first.dtype != object else 4096
    size = int(np.clip(BATCH_BYTES // n_bytes, 1, 2048))
    start = 0
    for batch in samples.batches(size):
        yield start, batch
        start += len(batch)


def _hashes(contents: Iterable[bytes]) -> list[str]:
    # Hexadecimal: NumPy strips zero bytes from the end of a string.
    return [hashlib.blake2b(content, digest_size=16).hexdigest() for content in contents]


def _within(compared: Ints, start: int, n: int) -> Ints:
    """Return the positions of compared samples within a batch."""
    low, high = np.searchsorted(compared, (start, start + n))
    return compared[low:high] - start


def _image_facts(samples: Samples, compared: Ints) -> ContentFacts:
    hashes: list[str] = []
    blank, facts, described = [], [], []
    for start, x in _batches(samples):
        hashes += _hashes(bytes(image) for image in np.ascontiguousarray(x))
        flat = x.reshape(len(x), -1)
        blank.append(np.ptp(flat, axis=1) == 0 if x.shape[3] == 1 else (x == x[:, :1, :1]).all(axis=(1, 2, 3)))
        grey = signatures.grey(x)
        border = np.concatenate([grey[:, 0], grey[:, -1], grey[:, :, 0], grey[:, :, -1]], axis=1)
        facts.append(np.stack([grey.mean(axis=(1, 2)), grey.std(axis=(1, 2)), border.mean(axis=1)], axis=1))
        some = _within(compared, start, len(x))
        if len(some):
            described.append(signatures.of_images(x[some]))
    return _joined(hashes, blank, described, ("brightness", "contrast", "brightness of the border"), facts)


def _audio_facts(samples: Samples, compared: Ints) -> ContentFacts:
    hashes: list[str] = []
    blank, facts, described = [], [], []
    rate = samples.card.sample_rate
    for start, x in _batches(samples):
        length = signatures.n_before_padding(x)
        signals = [signal[:n] for signal, n in zip(x[..., 0], length, strict=True)]
        hashes += _hashes(signal.tobytes() for signal in signals)
        power = np.square(x[..., 0], dtype=np.float64).sum(axis=1) / np.maximum(length, 1)
        peak = np.abs(x[..., 0]).max(axis=1)
        spread = np.array([np.ptp(signal[: max(n, 1)]) for signal, n in zip(x[..., 0], length, strict=True)])
        blank.append((peak == 0) | (spread == 0))
        facts.append(np.stack([length / (rate or 1), 10 * np.log10(power + 1e-10), peak.astype(np.float64)], axis=1))
        some = _within(compared, start, len(x))
        if len(some):
            described.append(signatures.of_audio(x[some], rate))
    return _joined(hashes, blank, described, ("length", "loudness", "peak"), facts)


def _joined(
    hashes: list[str],
    blank: list[NDArray[np.bool_]],
    described: list[tuple[NDArray[Any], NDArray[Any]]],
    names: tuple[str, ...],
    facts: list[NDArray[Any]],
) -> ContentFacts:
    """Join the facts of all batches."""
    signs, descriptors = (np.concatenate(parts) for parts in zip(*described, strict=True))
    columns = np.concatenate(facts).astype(np.float64)
    return ContentFacts(
        np.array(hashes, "S32"),
        np.concatenate(blank),
        signs,
        descriptors,
        facts=dict(zip(names, columns.T, strict=True)),
    )


def _text_facts(samples: Samples, compared: Ints) -> ContentFacts:
    import scipy.sparse
    from sklearn.feature_extraction.text import HashingVectorizer

    n_features = int(np.clip(2 ** np.ceil(np.log2(max(len(compared), 1))), MIN_FEATURES, MAX_FEATURES))
    vectorizer = HashingVectorizer(
        n_features=n_features, ngram_range=(1, 2), norm=None, alternate_sign=False, token_pattern=r"\w+|[^\w\s]"
    )
    hashes: list[str] = []
    facts: list[tuple[int, int, int]] = []
    signs, described = [], []
    shingles: list[Ints] = []
    for start, batch in _batches(samples):
        texts: list[str] = batch.tolist()
        words = [signatures.words(text) for text in texts]
        hashes += _hashes(
            (" ".join(each) or text.strip()).encode("utf-8", "surrogatepass")
            for each, text in zip(words, texts, strict=True)
        )
        facts += [(len(text), len(each), n_damaged(text)) for text, each in zip(texts, words, strict=True)]
        some = _within(compared, start, len(texts))
        for i in some:
            shingles.append(signatures.shingles(texts[i]))
            signs.append(signatures.minhash(shingles[-1]).astype(np.uint32))
        if len(some):
            counts = vectorizer.transform([texts[i] for i in some])
            counts.data = 1 + np.log(np.maximum(counts.data, 1))
            described.append(counts.astype(np.float32))
    columns = np.array(facts, np.float64).reshape(-1, 3)
    return ContentFacts(
        np.array(hashes, "S32"), columns[:, 1] == 0, np.stack(signs), scipy.sparse.vstack(described).tocsr(), shingles,
        facts=dict(zip(("characters", "words", "damaged characters"), columns.T, strict=True)),
    )  # fmt: skip


_DAMAGED = frozenset("\ufffd\x7f" + "".join(map(chr, range(0x80, 0xA0))))
_MOJIBAKE = ("Ã©", "Ã¨", "Ã¼", "Ã¶", "Ã¤", "Ã±", "Ã§", "Ã¡", "Ã³", "â€™", "â€œ", "â€“", "â€\x9d", "Â£", "Â©", "Â°")


def n_damaged(text: str) -> int:
    """Return the number of replacement marks, control characters and letters that a wrong encoding produces.

    Examples
    --------
    >>> n_damaged("the"), n_damaged("th\u00c3\u00a9")
    (0, 1)
    """
    n_controls = sum(c in _DAMAGED or (ord(c) < 32 and c not in "\t\n\r\f") for c in text)
    return n_controls + sum(text.count(mark) for mark in _MOJIBAKE)


def _other_facts(samples: Samples, compared: Ints) -> ContentFacts:
    hashes: list[str] = []
    described = []
    for start, x in _batches(samples):
        hashes += _hashes(bytes(np.ascontiguousarray(row)) if x.dtype != object else repr(row).encode() for row in x)
        some = _within(compared, start, len(x))
        if x.dtype.kind in "fiub" and len(some):
            described.append(x[some].reshape(len(some), -1)[:, :2048].astype(np.float32))
    descriptors = np.nan_to_num(np.concatenate(described)) if described else None
    return ContentFacts(np.array(hashes, "S32"), np.zeros(len(samples), np.bool_), descriptors=descriptors)


CONTENT_FACTS: Mapping[str, Callable[[Samples, Ints], ContentFacts]] = {
    "image": _image_facts, "audio": _audio_facts, "text": _text_facts, "other": _other_facts,
}  # fmt: skip
"""By the kind of inputs: a function of the samples and the positions that are compared."""
