"""A report calls a learner better only if a verdict does: in every output and in every text of the code."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

import visiontk
from visiontk.api import Result
from visiontk.cli.print_result import plain_table, print_result
from visiontk.report import writers
from visiontk.report.pages.single import render
from visiontk.report.sections.headline import answer, headlines_of
from visiontk.report.tables import full_table, readable_table

Value = dict[str, Any]
WORDS = re.compile(
    r"\b(better|worse|win(?:s|ner|ning)?|won|beats?|beaten|outperform\w*|superior\w*|inferior\w*|significant(?:ly)?|"
    r"state of the art|best)\b",
    re.IGNORECASE,
)
NO_CLAIM = re.compile(
    r"(?:higher|lower|more) is better|it is undecided whether [^.]{1,120} or [^.]{1,120} is better"
    r"|best (?:network|traditional|on (?:your )?valid|of their family)|has the best value",
    re.IGNORECASE,
)
"""Directions of metrics, open questions, and titles: best of a family by valid is how a learner was chosen."""


def claims(text: str) -> list[str]:
    return WORDS.findall(NO_CLAIM.sub("", " ".join(text.split())))


def with_verdict(results: Value, verdict: str) -> Value:
    """Return the results with this verdict in every comparison, and the headline computed again."""
    for row in results["comparisons"]:
        row |= {"verdict": verdict, "reason": "The interval is wide."}
    results["headlines"] = headlines_of(results)
    return results


def output_texts(results: Value, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return the text of each output, by its name; the page without its glossary, which explains all verdicts."""
    page = render(results, {})
    body = re.sub(r"<(style|script)\b.*?</\1>", " ", page, flags=re.DOTALL).split("<body>")[1]
    body = re.sub(r"<details class=\"fold\" id=\"glossary\">.*?</details>", " ", body, flags=re.DOTALL)
    print_result(Result(Path("run"), results))
    return {
        "page": re.sub(r"<[^>]*>", " ", body),
        "terminal": capsys.readouterr().out,
        "text": plain_table(results),
        "markdown": writers.markdown(readable_table(results), answer(results), results["signature"]),
        "latex": writers.latex(readable_table(results), answer(results), results["signature"]),
        "csv": writers.csv_text(full_table(results), results["signature"]),
    }


@pytest.mark.parametrize("verdict", ["undecided", "equivalent", "invalid"])
def test_no_output_claims_a_winner_without_a_verdict(
    results: Value, verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A large difference alone is not a claim."""
    texts = output_texts(with_verdict(results, verdict), capsys)

    assert {where: claims(text) for where, text in texts.items()} == {where: [] for where in texts}


@pytest.mark.parametrize(("verdict", "word"), [("better", "better"), ("worse", "worse")])
def test_every_output_states_the_verdict(
    results: Value, verdict: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The test above can fail: each output has the word of the verdict."""
    texts = output_texts(with_verdict(results, verdict), capsys)

    assert [where for where, text in texts.items() if word not in claims(text)] == []


PACKAGE = Path(visiontk.__file__).parent
LISTED = {
    # Chosen by Friedman's test and Holm's p-values.
    "report/several/ranking.py": {" is better than ", "better", "worse", "), but no two of them differ significantly."},
    "report/several/ranking_table.py": {"lower is better"},
    "report/sections/decision.py": {
        "better", "worse", ": it is better by ",  # verdicts that it reads
        # Follows from the intervals of the negative control.
        "Find the leak first: a family beats chance on shuffled labels, so that no result here can be trusted.",
        " that does best on your validation data (mostly ",
    },
    # The words of a claim, which is the user's, before the answer.
    "report/sections/claim.py": {" is better than ", "non-inferiority", "superiority", " is worse than ", "the best ",
                                 ", where lower is better"},
    "stats/claims.py": {"superiority", "non-inferiority"},
    "report/sections/headline.py": {" is better than ", " (lower is better)", " is better: ", "better", "worse",
                                    "the best ", " as far from the best "},
    "report/sections/warnings.py": {" has the best value."},
    "report/values/basic.py": {"better", "worse", "best network", "best pretrained", "best traditional"},
    "report/values/comparing.py": {
        "non-inferiority", "superiority",
        "`best network`, `best pretrained` or `best traditional` where folds chose different ones",
        "best of its family on the validation set of each fold, or as requested",
    },
    "report/several/all_tasks.py": {" the network is better"},
    "report/several/task_rows.py": {"better", "network better", "pretrained better", "traditional better", "worse"},
    "report/several/records.py": {"better", "worse"},
    "report/charts/ranks.py": {": no significant difference"},
    "report/pages/document.py": {"better", "worse"},
    # Titles, directions, rules and entries of the glossary.
    "report/pages/all_tasks.py": {
        "better", "best", "lower is better", "network better, pretrained better, traditional better",
        "Each name leads to a report. The learners of a row are the best of their families on the validation set.",
        "Lead of the best ", " over the best traditional method, in points of the metric of each domain, with ",
    },
    "report/pages/ranking.py": {
        "better", " data sets; a lower rank is better.",
        "The place of a learner on one data set: 1 for the best value. A mean rank is the mean over all data sets.",
        "The probability of mean ranks at least this different by chance, if no learner tends to be better than "
        "another.",
        "Of each run, the best learner of each family on the validation set counts.",
        "Ranks in brackets: 1 is the best value on a data set; ties share the mean of their ranks. Each data set "
        "counts as one observation, whatever its size and the uncertainty of its values. Friedman's test of equal "
        "ranks: p ",
    },
    "report/sections/learners.py": {"higher is better", "lower is better"},
    "report/sections/glossary.py": {
        "better", "worse",
        "The best network against the best traditional learner, as the validation set of each fold chose them, or as "
        "you named them: the question that was asked. It is tested alone, at 5 %. Where a pretrained learner takes "
        "part, there are two: what should be used, and is a network from scratch worth it. They share the 5 %.",
    },
    "report/evidence/choice.py": {"best traditional learner on the validation set"},
    "report/evidence/searches.py": {"best"},  # a key of searches.json
    "stats/verdict.py": {"better", "worse"},
}  # fmt: skip
"""Each chosen by a verdict, or a direction, a title or a rule. A new one needs a reason."""


def literals(path: Path) -> set[str]:
    """Return the string constants of a file that contain a word of a claim, without docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documentation
        and WORDS.search(node.value)
    }


@pytest.mark.parametrize(
    "path", sorted([*PACKAGE.glob("report/**/*.py"), *PACKAGE.glob("stats/*.py")]), ids=lambda p: p.name
)
def test_every_claim_in_the_code_is_listed(path: Path) -> None:
    """A new one needs a verdict, a direction, a title or a rule that it follows from."""
    assert literals(path) == LISTED.get(path.relative_to(PACKAGE).as_posix(), set())


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("report/**/*.html")), ids=lambda p: p.name)
def test_templates_contain_no_claim(path: Path) -> None:
    """Verdicts reach templates as data; the glossary and tags are ignored."""
    text = re.sub(r"\{[%#{].*?[%#}]\}", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"<details class=\"fold\" id=\"glossary\">.*?</details>", " ", text, flags=re.DOTALL)

    assert claims(re.sub(r"<[^>]*>", " ", text)) == []
