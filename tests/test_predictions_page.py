"""The page about predictions: its example runs, and its table of roles agrees with the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from visiontk.predictions.roles import ROLES

PAGE = Path(__file__).parents[1] / "docs" / "predictions.md"

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="needs the repository, not an installed package")


@pytest.mark.slow
def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Two scikit-learn models, compared by their predictions."""
    (snippet,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)

    exec(compile(snippet, "predictions.md", "exec"), {})

    assert "forest" in capsys.readouterr().out
    assert (tmp_path / "cancer" / "report.html").is_file()


def test_every_role_is_described() -> None:
    """Its name is needed to state a column."""
    table = PAGE.read_text().split("## Layouts")[0]

    assert [role for role in ROLES if f"`{role}`" not in table] == []
