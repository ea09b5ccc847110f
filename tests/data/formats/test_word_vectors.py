"""Reading of word vectors."""

import pytest

from visiontk.data.formats.word_vectors import read_vectors
from visiontk.errors import DataError


@pytest.fixture
def written(tmp_path):
    def write(content):
        path = tmp_path / "vectors.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize("head", ["", "3 2\n"], ids=["GloVe", "word2vec"])
def test_both_formats_give_the_vectors_of_the_requested_words(written, head):
    path = written(head + "cat 1 2\ncaf\u00e9 3 4\ndog 5 6\n")

    vectors, known = read_vectors(path, ["dog", "emu", "caf\u00e9"])

    assert vectors.tolist() == [[5, 6], [0, 0], [3, 4]]
    assert known.tolist() == [True, False, True]


def test_a_word_may_contain_a_blank_and_its_first_vector_is_used(written):
    path = written("a 0 0 1\n. . 1 2 3\ncat 4 5 6\ncat 7 8 9\n")

    vectors, _ = read_vectors(path, [". .", "cat"])

    assert vectors.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_a_file_without_any_requested_word_is_refused(written):
    with pytest.raises(DataError, match="none of the 1 words") as caught:
        read_vectors(written("cat 1 2\n"), ["chat"])

    assert caught.value.error_id == "E-VECTORS-WORDS"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("dog 1", "1 numbers, expected 2"),
        ("dog 1 x", "not a number"),
        ("dog 1 nan", "not finite"),
        ("dog 1 inf", "finite"),
    ],
)
def test_an_invalid_line_is_reported(written, line, words):
    with pytest.raises(DataError, match=f"line 2 .*{words}") as caught:
        read_vectors(written(f"cat 1 2\n{line}\n"), ["cat", "dog"])

    assert caught.value.error_id == "E-VECTORS-LINE"


@pytest.mark.parametrize("content", [b"", b"\x80\x00\x01", b"one line of words\n", b"3 0\n", b"9 99999\n"], ids=repr)
def test_other_files_are_refused(written, content):
    with pytest.raises(DataError) as caught:
        read_vectors(written(content), ["cat"])

    assert caught.value.error_id in ("E-VECTORS-FILE", "E-VECTORS-WORDS")


def test_the_binary_format_is_refused(written):
    """Its first line is the same as in the text format."""
    with pytest.raises(DataError, match=r"line 2|none of the") as caught:
        read_vectors(written(b"2 3\ncat " + bytes(12) + b"\ndog \x00\x00\x80\x3f" + bytes(8)), ["cat"])

    assert caught.value.error_id in ("E-VECTORS-LINE", "E-VECTORS-WORDS")


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_vectors(tmp_path / "none.txt", ["cat"])
