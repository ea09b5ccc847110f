"""Claims are read, spelt as the learners are, and refused if they cannot be tested."""

import string
from collections.abc import Callable
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.errors import ConfigError
from visiontk.harness.claim import Claim, ClaimKind, claim_of, named, parse
from visiontk.testing import tiny_task

FAMILIES = {"lenet5": "network", "convnet": "network", "hog_svm": "classical", "prior": "floor"}
NAMES = st.text(string.ascii_letters + string.digits + "_-. é", min_size=1).filter(
    lambda name: " ".join(name.split()) == name and not {"by", "within"} & {word.lower() for word in name.split()}
)
SIZES = st.floats(0, 1e6, exclude_min=True)
CLAIMS = st.builds(Claim, st.sampled_from(get_args(ClaimKind)), NAMES, NAMES, SIZES, st.booleans()) | st.builds(
    Claim, st.just("superiority"), NAMES, NAMES
)


@given(CLAIMS)
def test_the_text_of_a_claim_states_the_same_claim(claim: Claim) -> None:
    again = parse(str(claim))

    assert (again, again.in_points) == (claim, claim.in_points)


@given(CLAIMS, st.sampled_from([" ", "   ", "\t", "\n "]), st.sampled_from([str.upper, str.title, str.lower]))
def test_case_and_spaces_do_not_matter(claim: Claim, space: str, change: Callable[[str], str]) -> None:
    words = str(claim).split()
    text = space + space.join(change(w) if w in ("by", "within", "points", "point") else w for w in words) + space

    assert parse(text) == claim


@given(CLAIMS)
def test_a_claim_that_is_turned_round_is_the_same(claim: Claim) -> None:
    sign = {"superiority": ">", "non-inferiority": ">=", "equivalence": "="}[claim.kind]
    turned = {">": "<", ">=": "<=", "=": "="}[sign]
    end = str(claim).removeprefix(f"{claim.left} {sign} {claim.right}")

    result = parse(f"{claim.right} {turned} {claim.left}{end}")

    if claim.kind == "equivalence":
        assert {result.left, result.right} == {claim.left, claim.right}
    else:
        assert result == claim


@given(st.text())
def test_any_other_text_is_refused_with_the_id_of_claims(text: str) -> None:
    try:
        claim = parse(text)
    except ConfigError as error:
        raised = error
    else:
        claim, raised = parse(str(claim)), ConfigError("", error_id="E-CONFIG-CLAIM", hint="none")

    assert (raised.error_id, bool(raised.hint)) == ("E-CONFIG-CLAIM", True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("network>traditional", "network > traditional"),
        ("network > traditional by 2", "network > traditional by 2"),
        ("network > traditional by 0", "network > traditional"),
        ("network > traditional by 1 Point", "network > traditional by 1 point"),
        ("a ≥ b within .5points", "a >= b within 0.5 points"),
        ("a ≤ b within 1e-3", "b >= a within 0.001"),
        ("a < b by 2", "b > a by 2"),
        ("a = b within 1.", "a = b within 1"),
    ],
)
def test_forms_of_a_claim(text: str, expected: str) -> None:
    assert str(parse(text)) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no comparison"),
        ("network beats traditional", "no comparison"),
        ("a > b > c", "more than one comparison"),
        ("a => b within 1", "more than one comparison"),
        ("> b", "no name before >"),
        ("a >", "no name after >"),
        ("a > by 2", "no name after >"),
        ("a >= b", '>= needs "within X"'),
        ("a >= b by 1", '>= needs "within X"'),
        ("a = b", '= needs "within X"'),
        ("a > b within 1", '> takes "by X"'),
        ("a > b by", "nothing given"),
        ("a > b by two", "'two' given"),
        ("a > b by 2 %", "'2 %' given"),
        ("a > b by 0,5", "'0,5' given"),
        ("a > b by -2", "-2 given"),
        ("a > b by nan", "nan given"),
        ("a > b by inf", "inf given"),
        ("a > b by 1e999", "1e999 given"),
        ("a = b within 0", "a number above 0"),
        ("a = b within -1", "at least 0"),
    ],
)
def test_a_text_that_is_no_claim_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, where="--claim")

    assert caught.value.error_id == "E-CONFIG-CLAIM"
    assert caught.value.message.startswith("--claim: ")
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lenet > hog_svm", "Did you mean 'lenet5'?"),
        ("networks > hog_svm", "Did you mean 'network'?"),
        ("lenet5 > lenet5 by 2", "compared with itself"),
        ("network = Network within 1", "compared with itself"),
        ("LENET5 > lenet5", "compared with itself"),
        ("lenet5 > network", "lenet5 is a network learner itself"),
        ("traditional >= hog_svm within 1", "hog_svm is a traditional learner itself"),
    ],
)
def test_a_claim_that_cannot_be_tested_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        named(parse(text), FAMILIES)

    assert (caught.value.error_id, words in caught.value.message) == ("E-CONFIG-CLAIM", True)


def test_two_floors_are_refused_and_one_is_not() -> None:
    families = {"prior": "floor", "uniform": "floor", "lenet5": "network"}

    assert named(parse("network > prior by 5"), families).right == "prior"
    with pytest.raises(ConfigError, match="prior and uniform are floors"):
        named(parse("prior > uniform"), families)


def test_a_family_without_a_learner_is_refused() -> None:
    with pytest.raises(ConfigError, match="no learner that is compared is a traditional one"):
        named(parse("network > traditional"), {"lenet5": "network"})


def test_a_learner_that_is_called_like_a_family_is_meant() -> None:
    claim = named(parse("network > svm"), {"network": "unstated", "svm": "unstated"})

    assert claim == Claim("superiority", "network", "svm")


def test_points_are_of_metrics_between_0_and_1() -> None:
    assert parse("a > b by 2").bound("accuracy", bounded=True) == 0.02
    assert parse("a > b by 2 points").bound("accuracy", bounded=True) == 0.02
    assert parse("a > b by 2").bound("log loss", bounded=False) == 2.0
    with pytest.raises(ConfigError, match="log loss is not measured in points"):
        parse("a > b by 2 points").bound("log loss", bounded=False)
    with pytest.raises(ConfigError, match="100 points is the whole range of accuracy or more"):
        parse("a > b by 100").bound("accuracy", bounded=True)


def test_learners_of_a_task_are_named_as_they_are_spelt() -> None:
    claim = claim_of("NOISY_centroid >= Traditional within 1", tiny_task(), ["centroid", "noisy_centroid"])

    assert str(claim) == "noisy_centroid >= traditional within 1"
    with pytest.raises(ConfigError, match="'prior' is not compared"):
        claim_of("network > prior", tiny_task(), ["centroid", "noisy_centroid"])
