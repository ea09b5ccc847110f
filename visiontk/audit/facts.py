"""One pass over the samples: for each a hash of its content, a signature, a descriptor and a few plain facts.

Inputs go by in batches and are not kept; what is kept of a sample are a few thousand bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from visiontk.audit import signatures
from visiontk.core import Floats, Fold, Inputs, Ints, Samples, Strings

Kind = Literal["image", "sound", "text", "other"]

BATCH_BYTES = 16 << 20
MOST_COMPARED = 150_000
"""Samples that are compared with each other and learnt from; of more, so many are drawn. Hashes are of all."""

FEWEST_WORDS, MOST_WORDS = 256, 2048
"""Hashed words and pairs of words that describe a text: about as many as there are texts."""


@dataclass(frozen=True, eq=False)
class View:
    """What checks look at.

    Parameters
    ----------
    samples : Samples
        The data; checks read no inputs again.
    kind : {"image", "sound", "text", "other"}
        What the inputs are.
    side : ndarray of int64, shape (n,)
        The fold in which a sample is tested; -1 for those that are only learnt from. Two samples of different sides
        meet as learnt and tested.
    split : {"official", "folds"}
        Whether the publisher made the split, or visiontk will.
    hashes : ndarray of bytes, shape (n,)
        Of the decoded content; of the words, for texts.
    plain : ndarray of bool, shape (n,)
        Items without content: one colour, silence, no visible word.
    drawn : ndarray of int64
        Positions of the samples that `signatures` and `descriptors` are of.
    signatures : ndarray of float32, shape (len(drawn), d); of uint32 (MinHash) for texts
        See `visiontk.audit.signatures`.
    descriptors : matrix, len(drawn) rows
        What a classical learner sees; None for inputs of another kind.
    shingles : list of ndarray
        Of texts.
    facts : mapping of str to ndarray of float64, shape (n,)
        Plain properties of content, such as brightness.
    files : mapping of str to sequence of length n
        Facts about files, such as the size in bytes; empty where the samples do not come from files of their own.
    """

    samples: Samples
    kind: Kind
    side: Ints
    split: Literal["official", "folds"]
    hashes: NDArray[np.bytes_]
    plain: NDArray[np.bool_]
    drawn: Ints
    signatures: NDArray[Any] | None = None
    descriptors: Any = None
    shingles: Sequence[Ints] = ()
    facts: Mapping[str, Floats] = field(default_factory=dict)
    files: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def tested(self) -> NDArray[np.bool_]:
        """Which samples are ever tested."""
        return self.side >= 0

    def ids(self, *positions: int) -> tuple[str, ...]:
        """Ids of samples."""
        return tuple(str(self.samples.ids[i]) for i in positions)

    def label(self, position: int) -> str:
        """The label of a sample."""
        return self.samples.labels[int(self.samples.y[position])]


def look(
    samples: Samples, folds: Sequence[Fold], files: Sequence[tuple[str, Mapping[str, Any]]] = (), *, seed: int = 0
) -> View:
    """The view of some samples.

    Parameters
    ----------
    samples : Samples
        Read once, in batches.
    folds : sequence of Fold
        As learners get them.
    files : sequence of (str, mapping)
        Names of files and facts about them, in the order in which they were read.
    seed : int
        Of the draw, where there are more samples than are compared.

    Examples
    --------
    >>> from visiontk.testing import tiny_images
    >>> view = look(tiny_images(40), [])
    >>> view.kind, len(view.hashes), view.signatures.shape
    ('image', 40, (40, 256))
    """
    side = np.full(len(samples), -1, np.int64)
    for number, fold in enumerate(folds):
        side[fold.test] = number
    some = np.arange(len(samples), dtype=np.int64)
    if len(some) > MOST_COMPARED:
        some = np.sort(np.random.default_rng(seed).permutation(some)[:MOST_COMPARED])
    kind = kind_of(samples.take(np.arange(min(len(samples), 4))))
    official = samples.parts is not None
    return View(
        samples, kind, side, "official" if official else "folds", drawn=some, files=_by_sample(samples, files),
        **_PASSES[kind](samples, some),
    )  # fmt: skip


def kind_of(inputs: Inputs) -> Kind:
    """What these inputs are.

    Examples
    --------
    >>> kind_of(np.zeros((2, 8, 8, 3), np.uint8)), kind_of(np.zeros((2, 8)))
    ('image', 'other')
    """
    if inputs.dtype == object and inputs.ndim == 1 and all(isinstance(x, str) for x in inputs):
        return "text"
    if inputs.ndim == 4 and inputs.shape[3] in (1, 3) and inputs.dtype.kind in "uif" and 0 not in inputs.shape:
        return "image"
    if inputs.ndim == 3 and inputs.shape[2] == 1 and inputs.dtype.kind == "f" and inputs.shape[1]:
        return "sound"
    return "other"


def _batches(samples: Samples) -> Iterator[tuple[int, Inputs]]:
    first = samples.take(np.arange(min(1, len(samples))))
    each = max(1, first.nbytes) if first.dtype != object else 4096
    size = int(np.clip(BATCH_BYTES // each, 1, 2048))
    start = 0
    for batch in samples.batches(size):
        yield start, batch
        start += len(batch)


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


def _hashes(found: list[bytes]) -> NDArray[np.bytes_]:
    # Hexadecimal: NumPy strips zero bytes from the end of a text.
    return np.array([each.hex() for each in found], dtype="S32")


def _here(some: Ints, start: int, n: int) -> Ints:
    """Places within a batch of those samples that were drawn."""
    low, high = np.searchsorted(some, (start, start + n))
    return some[low:high] - start


def _images(samples: Samples, some: Ints) -> dict[str, Any]:
    hashes: list[bytes] = []
    plain, facts, signs, described = [], [], [], []
    for start, x in _batches(samples):
        hashes += [_digest(bytes(picture)) for picture in np.ascontiguousarray(x)]
        flat = x.reshape(len(x), -1)
        plain.append(np.ptp(flat, axis=1) == 0 if x.shape[3] == 1 else (x == x[:, :1, :1]).all(axis=(1, 2, 3)))
        g = signatures.grey(x)
        border = np.concatenate([g[:, 0], g[:, -1], g[:, :, 0], g[:, :, -1]], axis=1)
        facts.append(np.stack([g.mean(axis=(1, 2)), g.std(axis=(1, 2)), border.mean(axis=1)], axis=1))
        here = _here(some, start, len(x))
        if len(here):
            sign, description = signatures.of_images(x[here])
            signs.append(sign)
            described.append(description)
    columns = np.concatenate(facts).astype(np.float64)
    names = ("brightness", "contrast", "brightness of the border")
    return {
        "hashes": _hashes(hashes), "plain": np.concatenate(plain), "signatures": np.concatenate(signs),
        "descriptors": np.concatenate(described), "facts": dict(zip(names, columns.T, strict=True)),
    }  # fmt: skip


def _sounds(samples: Samples, some: Ints) -> dict[str, Any]:
    hashes: list[bytes] = []
    plain, facts, signs, described = [], [], [], []
    rate = samples.card.sample_rate
    for start, x in _batches(samples):
        length = signatures.sounding(x)
        hashes += [_digest(signal[:n].tobytes()) for signal, n in zip(x[..., 0], length, strict=True)]
        power = np.square(x[..., 0], dtype=np.float64).sum(axis=1) / np.maximum(length, 1)
        peak = np.abs(x[..., 0]).max(axis=1)
        ends = np.array([np.ptp(signal[: max(n, 1)]) for signal, n in zip(x[..., 0], length, strict=True)])
        plain.append((peak == 0) | (ends == 0))
        facts.append(np.stack([length / (rate or 1), 10 * np.log10(power + 1e-10), peak.astype(np.float64)], axis=1))
        here = _here(some, start, len(x))
        if len(here):
            sign, description = signatures.of_sounds(x[here], rate)
            signs.append(sign)
            described.append(description)
    columns = np.concatenate(facts)
    return {
        "hashes": _hashes(hashes), "plain": np.concatenate(plain), "signatures": np.concatenate(signs),
        "descriptors": np.concatenate(described),
        "facts": dict(zip(("length", "loudness", "peak"), columns.T, strict=True)),
    }  # fmt: skip


def _texts(samples: Samples, some: Ints) -> dict[str, Any]:
    import scipy.sparse
    from sklearn.feature_extraction.text import HashingVectorizer

    n_words = int(np.clip(2 ** np.ceil(np.log2(max(len(some), 1))), FEWEST_WORDS, MOST_WORDS))
    vectorizer = HashingVectorizer(
        n_features=n_words, ngram_range=(1, 2), norm=None, alternate_sign=False, token_pattern=r"\w+|[^\w\s]"
    )
    hashes: list[bytes] = []
    plain, facts, signs, described = [], [], [], []
    shingled: list[Ints] = []
    for start, batch in _batches(samples):
        texts: list[str] = batch.tolist()
        found = [signatures.words(text) for text in texts]
        hashes += [
            _digest((" ".join(each) or text.strip()).encode("utf-8", "surrogatepass"))
            for each, text in zip(found, texts, strict=True)
        ]
        plain += [not each for each in found]
        odd = [sum(c in _DAMAGE or (ord(c) < 32 and c not in "\t\n\r\f") for c in text) for text in texts]
        odd = [n + sum(text.count(mark) for mark in _MOJIBAKE) for n, text in zip(odd, texts, strict=True)]
        facts += [(len(text), len(each), n) for text, each, n in zip(texts, found, odd, strict=True)]
        for i in _here(some, start, len(texts)):
            shingled.append(signatures.shingles(texts[i]))
            signs.append(signatures.minhash(shingled[-1]).astype(np.uint32))
        here = _here(some, start, len(texts))
        if len(here):
            counts = vectorizer.transform([texts[i] for i in here])
            counts.data = 1 + np.log(np.maximum(counts.data, 1))
            described.append(counts.astype(np.float32))
    columns = np.array(facts, np.float64).reshape(-1, 3)
    return {
        "hashes": _hashes(hashes), "plain": np.array(plain, np.bool_), "signatures": np.stack(signs),
        "descriptors": scipy.sparse.vstack(described).tocsr(), "shingles": shingled,
        "facts": dict(zip(("characters", "words", "damaged characters"), columns.T, strict=True)),
    }  # fmt: skip


_DAMAGE = frozenset("\ufffd\x7f" + "".join(map(chr, range(0x80, 0xA0))))
_MOJIBAKE = ("Ã©", "Ã¨", "Ã¼", "Ã¶", "Ã¤", "Ã±", "Ã§", "Ã¡", "Ã³", "â€™", "â€œ", "â€“", "â€\x9d", "Â£", "Â©", "Â°")


def _others(samples: Samples, some: Ints) -> dict[str, Any]:
    hashes: list[bytes] = []
    described = []
    for start, x in _batches(samples):
        hashes += [_digest(bytes(np.ascontiguousarray(row)) if x.dtype != object else repr(row).encode()) for row in x]
        here = _here(some, start, len(x))
        if x.dtype.kind in "fiub" and len(here):
            described.append(x[here].reshape(len(here), -1)[:, :2048].astype(np.float32))
    return {
        "hashes": _hashes(hashes), "plain": np.zeros(len(samples), np.bool_),
        "descriptors": np.nan_to_num(np.concatenate(described)) if described else None,
    }  # fmt: skip


_PASSES = {"image": _images, "sound": _sounds, "text": _texts, "other": _others}


def _by_sample(samples: Samples, files: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, NDArray[Any]]:
    """Facts about files as columns in the order of the samples; none where it is open which file is whose."""
    ids = samples.ids.tolist()
    for shorten in (_whole, _base, _stem):
        by_name = {shorten(name): facts for name, facts in files}
        if len(by_name) == len(files) and all(name in by_name for name in ids):
            rows, names = [by_name[name] for name in ids], ids
            break
    else:
        if len(files) != len(ids):
            return {}
        rows, names = [facts for _, facts in files], [name for name, _ in files]
    if not rows or len({frozenset(row) for row in rows}) != 1:
        return {}
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return columns | {"name": np.array([_stem(name) for name in names], dtype=np.str_)}


def _whole(name: str) -> str:
    from visiontk.data.readers.labelled_files import identifier

    return identifier(name)


def _base(name: str) -> str:
    return _whole(name).rsplit("/", 1)[-1]


def _stem(name: str) -> str:
    base = _base(name)
    return base.rsplit(".", 1)[0] if "." in base else base


__all__ = ["MOST_COMPARED", "Kind", "Strings", "View", "kind_of", "look"]
