"""Scripts without spaces between words."""

from __future__ import annotations

import pytest

from visiontk.core.scripts import is_spaceless, n_words, spaced, spaceless_note


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("这部电影", ["这", "部", "电", "影"]),
        ("コーヒーです", ["コ", "ー", "ヒ", "ー", "で", "す"]),
        ("ที่นี่", ["ที่", "นี่"]),
        ("ខ្មែរ", ["ខ្", "មែ", "រ"]),
        ("GPU很快", ["GPU", "很", "快"]),
        ("한국어 영화", ["한국어", "영화"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("plain words", ["plain", "words"]),
    ],
)
def test_characters_of_scripts_without_spaces_are_separated(text: str, tokens: list[str]) -> None:
    """With the signs that belong to them; texts with spaces stay as they are."""
    assert spaced(text).split() == tokens
    assert is_spaceless(text) == (spaced(text) != text)


def test_words_are_counted_without_spaces() -> None:
    assert n_words("这部电影很好看 ok") == 4.5


def test_many_texts_without_spaces_are_noted() -> None:
    """Not a foreign name in a text."""
    foreign = "The restaurant is called 京都 and lies in the old town"

    assert spaceless_note(["很好看。"] * 3 + [foreign] * 7)[0].startswith(
        "3 of 10 texts are in a script without spaces"
    )
    assert spaceless_note([foreign] * 10) == spaceless_note([]) == []
