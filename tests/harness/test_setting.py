"""Declarations of settings: a new field adds a key, an option and a line of help."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge, Gt, Le, Lt
from pydantic import TypeAdapter

from visiontk.api.generate import settings_source
from visiontk.cli.parser import Command, Parser
from visiontk.cli.setting_options import add_settings
from visiontk.config import read_settings
from visiontk.core import BEST_CLASSICAL
from visiontk.errors import ConfigError
from visiontk.harness.experiment import PRESETS, SETTINGS, USER_DATA, Experiment
from visiontk.harness.setting import Setting, declared, members, names, words
from visiontk.metrics.operating import THRESHOLDS
from visiontk.stats.recalibration import METHODS


@dataclass(frozen=True)
class WithDepth(Experiment):
    """An experiment with one more setting."""

    depth: Annotated[int, Ge(1), Le(9), Setting(
        "Layers of every network.", more="Deeper is slower.", presets={"quick": 2}, group="networks", common=True,
    )] = 4  # fmt: skip


@pytest.fixture
def with_depth() -> dict[str, Any]:
    return declared(WithDepth)


def help_of(settings: dict[str, Any], *, full: bool) -> str:
    command = Command("compare", "ask", "Compare.", lambda parser: add_settings(parser, settings.values()))
    return " ".join(Parser(command, full=full).format_help().split())


def test_the_reader_knows_a_new_field(with_depth: dict[str, Any]) -> None:
    """With its default, the value of its preset, its range and its name for misspelt keys."""
    assert read_settings({}, with_depth)[0]["depth"] == 4
    assert read_settings({"preset": "quick"}, with_depth)[0]["depth"] == 2
    assert read_settings({"depth": 7}, with_depth)[0]["depth"] == 7
    values, problems = read_settings({"depth": 10, "dept": 1}, with_depth)
    assert values["depth"] == 4
    assert "unknown key. Did you mean 'depth'?" in problems[0].text
    assert problems[1].text == "10 given; expected a whole number from 1 to 9."


def test_the_command_line_has_an_option_for_a_new_field(with_depth: dict[str, Any]) -> None:
    """With its range, its heading and its help."""
    command = Command("compare", "ask", "Compare.", lambda parser: add_settings(parser, with_depth.values()))

    assert Parser(command).read(["--depth", "3"])["depth"] == 3
    assert Parser(command).read([])["depth"] is None
    with pytest.raises(ConfigError, match=r"--depth: '0' given; expected a whole number from 1 to 9\."):
        Parser(command).read(["--depth", "0"])
    assert "networks: --depth DEPTH Layers of every network. reporting:" in help_of(with_depth, full=False)
    assert "--depth DEPTH Layers of every network. Deeper is slower." in help_of(with_depth, full=True)


def test_editors_and_schema_have_a_new_field(with_depth: dict[str, Any]) -> None:
    """It has a type, as a keyword argument and as a key."""
    assert '    depth: int\n    """Layers of every network. Deeper is slower."""\n' in settings_source(with_depth)
    assert TypeAdapter(with_depth["depth"].form).json_schema() == {"maximum": 9, "minimum": 1, "type": "integer"}


def test_choices_of_settings_agree_with_the_code_that_uses_them() -> None:
    """The declaration imports neither metrics nor statistics, so that help is fast."""
    assert names(SETTINGS["calibration"].form) == METHODS
    assert names(SETTINGS["preset"].form) == tuple(PRESETS)
    assert {name for kind, _ in members(SETTINGS["threshold"].form) for name in getattr(kind, "__args__", ())} == {
        *THRESHOLDS
    }
    assert SETTINGS["reference"].default == BEST_CLASSICAL


@pytest.mark.parametrize("name", SETTINGS | USER_DATA)
def test_every_setting_has_a_help_sentence(name: str) -> None:
    """In one line."""
    setting = (SETTINGS | USER_DATA)[name].setting

    assert setting.help.endswith(".")
    assert len(setting.help) < 90
    assert not setting.more or setting.more.endswith(".")
    assert setting.group
    is_flag = any(kind is bool for kind, _ in members((SETTINGS | USER_DATA)[name].form))
    assert bool(setting.metavar) is not is_flag


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Annotated[int, Ge(0), Le(3)], "a whole number from 0 to 3"),
        (Annotated[float, Gt(0), Lt(1)] | None, "a number above 0 to below 1, or null"),
        (Literal["a", "b", "c"], "a, b or c"),
        (list[str] | dict[str, int] | None, "a list, a mapping, or null"),
        (SETTINGS["seeds"].form, "a whole number from 1 to 1000, or a list of different whole numbers"),
        (SETTINGS["threshold"].form, "largest or youden, or a number above 0 to 1"),
    ],
)
def test_types_are_described_in_words(form: Any, text: str) -> None:
    """For messages and lists of settings."""
    assert words(form) == text
