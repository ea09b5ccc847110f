"""Scripts that are written without spaces between words: Chinese, Japanese, Thai, Lao, Khmer and Burmese.

A sentence would be a single word there. Instead each character is one, with the signs above and below it. N-grams of
characters are about as good for classification as those of segmented words, and need no dictionary [1]_.

References
----------
.. [1] Zhang and LeCun (2017), Which encoding is the best for text classification in Chinese, English, Japanese and
   Korean?, arXiv:1708.02657.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable

_RANGES = (
    (0x0E01, 0x0E5B), (0x0E81, 0x0EDF), (0x1000, 0x109F), (0x1780, 0x17D3),  # Thai, Lao, Burmese, Khmer
    (0x3005, 0x3007), (0x3041, 0x30FA), (0x30FC, 0x312F), (0x31A0, 0x31FF),  # kana, bopomofo
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x20000, 0x3FFFF),  # Han, narrow kana
)  # fmt: skip
_SPACELESS = re.compile("[" + "".join(f"{chr(low)}-{chr(high)}" for low, high in _RANGES) + "]")

MOST, SOME = 0.5, 0.1
"""Share of the characters of a text, and of the texts, from which on they are mentioned."""


@functools.cache
def marks() -> str:
    """Return all combining marks, such as accents and vowel signs, for a character class of a regular expression."""
    return "".join(chr(i) for i in range(0x300, 0x10000) if unicodedata.category(chr(i))[0] == "M")


def is_spaceless(text: str) -> bool:
    """Return True if a text has a character of a script without spaces.

    Examples
    --------
    >>> is_spaceless("Kyoto"), is_spaceless("京都"), is_spaceless("서울")
    (False, True, False)
    """
    return _SPACELESS.search(text) is not None


def spaced(text: str) -> str:
    """Return the text with spaces around every character of a script without them.

    Examples
    --------
    >>> spaced("Python很好。").split()
    ['Python', '很', '好', '。']
    """
    return _cluster().sub(r" \g<0> ", text) if is_spaceless(text) else text


@functools.cache
def _cluster() -> re.Pattern[str]:
    return re.compile(f"{_SPACELESS.pattern}[{marks()}]*")


def n_words(text: str) -> float:
    """Return the approximate number of words, which are about two characters long in scripts without spaces.

    Examples
    --------
    >>> n_words("so it is"), n_words("这部电影很好看"), n_words("")
    (3, 3.5, 0)
    """
    n = len(_SPACELESS.findall(text))
    return n / 2 + len(_SPACELESS.sub(" ", text).split()) if n else len(text.split())


def spaceless_note(texts: Iterable[str]) -> list[str]:
    """Return a note on texts without spaces, if there are many."""
    all_texts = list(texts)
    n = sum(len(_SPACELESS.findall(text)) > MOST * len("".join(text.split())) for text in all_texts)
    if n < SOME * len(all_texts) or not n:
        return []
    return [
        f"{n:,} of {len(all_texts):,} texts are in a script without spaces, such as Chinese or Thai: for every learner "
        "of words each of its characters is a word, and n-grams span twice as many"
    ]
