"""Arguments, options and help of the command line."""

import argparse
from types import SimpleNamespace

import pytest

from visiontk.cli.arguments import COMMANDS, help_text, parser, read
from visiontk.errors import ConfigError
from visiontk.harness.experiment import PRESETS, SETTINGS, USER_DATA
from visiontk.report.formatting import seconds


def actions(command: str) -> list[argparse.Action]:
    return parser(command, full=True)._actions


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_every_command_is_explained(command: str) -> None:
    for action in actions(command):
        name = action.option_strings or action.dest
        assert action.help, f"{name} has no help"
        assert action.help.endswith("."), f"{name}: {action.help!r} is no sentence"


@pytest.mark.parametrize("columns", [40, 80, 100, 300])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_the_terminal(command: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only examples may be longer, since they are copied whole."""
    monkeypatch.setenv("COLUMNS", str(columns))

    text = read([command, "--help"] if command else ["--help"]).text

    prose = [line for line in text.splitlines() if not line.startswith(("  visiontk ", "usage: "))]
    assert max(map(len, prose)) <= min(columns, 100)
    assert "examples:" in text


@pytest.mark.parametrize("columns", [80, 100])
def test_help_of_compare_fits_on_one_screen(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the common options; --help-all has the others."""
    monkeypatch.setenv("COLUMNS", str(columns))

    short = read(["compare", "--help"]).text.rstrip()
    full = read(["compare", "--help-all"]).text

    assert len(short.splitlines()) <= 40
    assert "--preset NAME" in short
    assert "--help-all" in short
    for each in (SETTINGS | USER_DATA).values():
        assert (each.option in short) == each.setting.common or each.name in ("task", "time", "text", "path")
        assert f"  {each.option} " in full


def test_a_command_without_rare_options_has_no_second_help() -> None:
    """It has no --help-all."""
    assert "--help-all" not in read(["verify", "--help"]).text
    assert read(["verify", "--help-all"]).text == read(["verify", "--help"]).text


def test_the_help_of_presets_agrees_with_their_values() -> None:
    text = next(action.help or "" for action in actions("compare") if "--preset" in action.option_strings)

    quick, standard, thorough = (SimpleNamespace(**PRESETS[name]) for name in ("quick", "standard", "thorough"))
    assert f"from {len(quick.seeds)} seed, {quick.folds} fold, {quick.max_train:,} training samples" in text
    assert f"{quick.budget:g} CPU s per fit" in text
    assert f"{len(standard.seeds)} seeds, {standard.folds} folds, all samples, {standard.budget / 60:g} CPU min" in text
    assert (
        f"{len(thorough.seeds)} seeds, {thorough.folds} folds, and a search: {thorough.search} configurations and "
        f"{thorough.budget / 60:g} CPU min per learner and fold" in text
    )
    assert quick.search == standard.search == 1
    assert seconds(standard.budget) == "10 min"


def test_the_general_help_lists_every_command() -> None:
    """It also lists the exit codes."""
    assert all(f"\n  {name} " in help_text() for name in COMMANDS)
    assert "143" in help_text()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("config", "visiontk compare TARGET --dry-run --save FILE"),
        ("new", "visiontk task new NAME"),
        ("check", "visiontk task check NAME"),
    ],
)
def test_common_synonyms_lead_to_the_command(old: str, new: str) -> None:
    """The message gives the whole command."""
    with pytest.raises(ConfigError, match="Did you mean") as caught:
        read([old, "x"])

    assert new in caught.value.message


def test_commands_of_two_words_have_help_for_the_first() -> None:
    """It lists the second words; without one they are named in an error."""
    assert "data fetch" in read(["data", "--help"]).text
    assert "compare" not in read(["data", "--help"]).text
    with pytest.raises(ConfigError, match="visiontk task: missing: new or check"):
        read(["task"])
    with pytest.raises(ConfigError, match=r"No command 'data fech'\. Did you mean 'data fetch'"):
        read(["data", "fech", "mnist"])


@pytest.mark.parametrize("arguments", [["help"], ["-h"], ["--help"]])
def test_help_has_aliases(arguments: list[str]) -> None:
    assert read(arguments).text == help_text()


@pytest.mark.parametrize("arguments", [["help", "report"], ["report", "-h"], ["report", "--bogus", "--help"]])
def test_help_is_shown_despite_other_errors(arguments: list[str]) -> None:
    assert read(arguments).text == parser("report").format_help()


@pytest.mark.parametrize(
    ("line", "error_id", "arguments"),
    [
        ("compar", "E-UNKNOWN-COMMAND", "No command 'compar'. Did you mean 'compare'?"),
        ("--verson", "E-UNKNOWN-OPTION", "No option '--verson'. Did you mean '--version'?"),
        ("help nothing", "E-UNKNOWN-COMMAND", "No command 'nothing'."),
        ("compare x --learner a", "E-UNKNOWN-OPTION", "No option '--learner'. Did you mean '--learners'?"),
        ("compare --learner=a", "E-UNKNOWN-OPTION", "No option '--learner'. Did you mean '--learners'?"),
        ("compare x -z", "E-UNKNOWN-OPTION", "No option '-z'."),
        ("compare x digits", "E-USAGE", "one argument too many. Options have names, such as --dataset digits."),
        ("compare x --pre quick", "E-UNKNOWN-OPTION", "Did you mean '--preset'?"),
        ("compare", "E-USAGE", "visiontk compare: missing: TARGET."),
        ("compare a b", "E-USAGE", "visiontk compare: 'b' is one argument too many."),
        ("compare x --workers", "E-USAGE", "visiontk compare: --workers: a value is missing."),
        ("compare x --workers 0", "E-USAGE", "--workers: '0' given; expected a whole number from 1 to 256."),
        ("compare x --workers 1e3", "E-USAGE", "--workers: '1e3' given; expected a whole number from 1 to 256."),
        ("compare x --folds 1.5", "E-USAGE", "--folds: '1.5' given; expected a whole number from 1 to 100."),
        ("compare x --max-train -3", "E-USAGE", "--max-train: '-3' given; expected a whole number from 2"),
        (f"compare x --threads {'9' * 5000}", "E-USAGE", "expected a whole number from 1 to 1024."),
        ("compare x --margin much", "E-USAGE", "--margin: 'much' given; expected a number, such as 0.01."),
        ("report", "E-USAGE", "visiontk report: missing: RUN."),
        ("doctor now", "E-USAGE", "visiontk doctor: 'now' is one argument too many."),
    ],
)
def test_every_usage_error_has_one_message_with_a_hint(line: str, error_id: str, arguments: str) -> None:
    """It names the argument, the expected form and the help."""
    with pytest.raises(ConfigError) as caught:
        read(line.split())

    assert caught.value.error_id == error_id
    assert arguments in caught.value.message
    assert caught.value.hint.endswith("--help shows what there is.")


def test_a_distant_option_is_not_suggested() -> None:
    """--zoom is near no option, and the message does not list all of them."""
    with pytest.raises(ConfigError) as caught:
        read(["compare", "x", "--zoom", "a"])

    assert caught.value.message == "visiontk compare: No option '--zoom'."


def test_arguments_after_two_dashes_are_not_options() -> None:
    """A folder may have any name."""
    assert read(["compare", "--", "--odd"]).arguments["target"] == "--odd"


@pytest.mark.parametrize(
    ("text", "value"), [("3", 3), ("0,1,5", [0, 1, 5]), ("x", "x"), ("-1", "-1"), ("", ""), ("1,,2", "1,,2")]
)
def test_seeds_are_a_count_or_a_list(text: str, value: object) -> None:
    """Other texts are left to the config, whose message has the expected form."""
    assert read(["compare", "x", f"--seeds={text}"]).arguments["seeds"] == value


def test_learners_are_separated_by_commas() -> None:
    """Blanks and a trailing comma are ignored."""
    assert read(["compare", "x", "--learners", " a, b ,"]).arguments["learners"] == ["a", "b"]


def test_set_may_be_repeated() -> None:
    assert read(["compare", "x", "--set", "a=1", "--set", "b=2"]).arguments["overrides"] == ["a=1", "b=2"]
