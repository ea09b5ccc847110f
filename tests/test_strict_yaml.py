"""The strict YAML reader."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.errors import ConfigError
from visiontk.strict_yaml import MAX_BYTES, read


def problem(text: str | bytes) -> str:
    with pytest.raises(ConfigError) as caught:
        read(text, where="a.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3), ("1E5", 1e5), (".5", 0.5), ("-3", -3), ("+4", 4), ("010", 10), ("0x10", 16), ("0o17", 15),
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("true", True), ("False", False), ("12:30", "12:30"),
        ("2026-01-01", "2026-01-01"), ("~", None), ("null", None), ('"1"', "1"), ("'true'", "true"), ("1_000", "1_000"),
        (".inf", float("inf")), ("9" * 5000, "9" * 5000),
    ],
)  # fmt: skip
def test_scalars_follow_the_yaml_1_2_core_schema(text: str, value: object) -> None:
    """`no` is a text, there are no octal or sexagesimal numbers and no dates, and 1e-3 is a number."""
    result = read(f"key: {text}", where="a.yaml").value["key"]

    assert result == value
    assert type(result) is type(value)


def test_every_key_has_its_line() -> None:
    """Also inside lists."""
    document = read("task: a\nlearners:\n  cnn: {epochs: 3}\nseeds:\n  - 1\n", where="a.yaml")

    assert document.lines["learners", "cnn", "epochs"] == 3
    assert document.lines["seeds", "0"] == 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", "a.yaml:3: duplicate key 'a', first in line 1"),
        ("a: !!python/object/apply:os.system ['x']", "a.yaml:1: tags are not allowed"),
        ("a: &x 1\nb: *x\n", "a.yaml:1: anchors and aliases are not allowed"),
        ("a: [1, 2", "not readable as YAML"),
        ("? [1, 2]\n: 3", "a key must be a plain word"),
        ("", "empty"),
        ("# only a comment\n", "empty"),
        (b"\xff\xfe\x00", "not a UTF-8 text"),
        ("[" * 21 + "]" * 21, "nested deeper than 20"),
        ("a" * (MAX_BYTES + 1), "at most"),
        ("a: 1\n---\nb: 2\n", "not readable as YAML"),
    ],
)
def test_unsafe_or_invalid_documents_are_errors_with_their_line(text: str | bytes, expected: str) -> None:
    """Duplicate keys, tags, aliases, depth, size and encoding."""
    assert expected in problem(text)


def test_a_byte_order_mark_is_ignored() -> None:
    """Editors on Windows write one."""
    assert read(b"\xef\xbb\xbftask: a\n", where="a.yaml").value == {"task": "a"}


def test_a_bomb_of_aliases_is_an_error_before_expansion() -> None:
    """Ten levels of ten references each."""
    levels = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]

    assert "anchors and aliases" in problem("\n".join(levels))


@given(st.text(max_size=200))
def test_any_text_is_read_or_gives_a_config_error(text: str) -> None:
    with suppress(ConfigError):
        read(text, where="a.yaml")
