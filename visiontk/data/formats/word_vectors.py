"""Pretrained word vectors in the text format of word2vec or GloVe."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visiontk.errors import DataError
from visiontk.messages import printable

MAX_DIMENSION = 4096


def read_vectors(path: str | Path, words: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    r"""Vectors of some words, float32 of shape (n, dimension), and the words that have one, bool of shape (n,).

    The file is text of word2vec, whose first line has the number of words and of dimensions, or of GloVe, which has no
    such line. It is read line by line. The first vector of a repeated word counts; a word without one gets zeros.

    References
    ----------
    .. [1] Mikolov, Chen, Corrado and Dean (2013), Efficient estimation of word representations in vector space,
       arXiv:1301.3781.
    .. [2] Pennington, Socher and Manning (2014), GloVe: global vectors for word representation, EMNLP.
    """
    where, source = printable(str(path)), Path(path).expanduser()
    place = {word.encode(): i for i, word in enumerate(words)}
    rows: dict[int, NDArray[np.float32]] = {}
    dimension = 0
    try:
        if not source.is_file():
            raise DataError(f"vectors: {where}: no such file.", error_id="E-VECTORS-FILE", hint="Check the path.")
        with source.open("rb") as file:
            for number, line in enumerate(file, 1):
                fields = line.rstrip().split(b" ")
                if number == 1:
                    dimension = _dimension(fields, where)
                    if len(fields) == 2:
                        continue
                if not line.strip():
                    continue
                if len(fields) < dimension + 1:
                    raise _bad(where, number, f"{len(fields) - 1} numbers, expected {dimension}")
                # Some files have words with a blank in them.
                i = place.get(b" ".join(fields[:-dimension]))
                if i is not None and i not in rows:
                    rows[i] = _numbers(fields[-dimension:], where, number)
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError(f"vectors: {where}: {reason}.", error_id="E-VECTORS-FILE") from None
    if not rows:
        raise DataError(
            f"{where}: none of the {len(words)} words of the training set has a vector.", error_id="E-VECTORS-WORDS"
        )
    vectors = np.zeros((len(words), dimension), dtype=np.float32)
    for i, row in rows.items():
        vectors[i] = row
    return vectors, np.isin(np.arange(len(words)), list(rows))


def _dimension(fields: list[bytes], where: str) -> int:
    """Dimension of the vectors, from the fields of the first line."""
    if len(fields) == 2 and all(field.isdigit() for field in fields):
        dimension = int(fields[1])
    else:
        dimension = len(fields) - 1
        if dimension < 2 or not _is_number(fields[-1]):
            raise DataError(
                f"vectors: {where}: line 1 is neither a word and its numbers nor two counts.",
                error_id="E-VECTORS-FILE",
                hint="The binary form of word2vec must be saved as text.",
            )
    if not 1 <= dimension <= MAX_DIMENSION:
        raise DataError(
            f"vectors: {where}: line 1 says {dimension} dimensions, expected 1 to {MAX_DIMENSION}.",
            error_id="E-VECTORS-FILE",
        )
    return dimension


def _is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _numbers(fields: list[bytes], where: str, number: int) -> NDArray[np.float32]:
    try:
        values = np.array([float(field) for field in fields])
    except ValueError:
        raise _bad(where, number, "a value that is not a number") from None
    if not (np.abs(values) < 1e30).all():  # also false for NaN
        raise _bad(where, number, "a value that is not finite")
    return values.astype(np.float32)


def _bad(where: str, number: int, what: str) -> DataError:
    return DataError(
        f"{where}: line {number} has {what}.",
        error_id="E-VECTORS-LINE",
        hint="Each line has a word and its numbers, with blanks between; the binary form must be saved as text.",
    )
