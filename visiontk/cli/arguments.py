"""Parsing of the command line: words become a command with its arguments, or a text to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from visiontk.cli.command_list import COMMANDS, MOVED
from visiontk.cli.parser import Parser
from visiontk.cli.wrapping import wrapped
from visiontk.errors import ConfigError, unknown

QUESTION = (
    "Is a convolutional network worth it, against a well-tuned traditional method, and how sure are we? "
    "visiontk trains networks and traditional learners on the same splits with the same budget, and says "
    "which is best, by how much, how surely and at what cost."
)
EXIT_CODES = (
    ("0", "done"),
    ("1", "a bug of visiontk"),
    ("2", "usage or config"),
    ("3", "data refused"),
    ("4", "a saved model refused"),
    ("5", "done, but some fits failed or are missing"),
    ("6", "something missing in the environment"),
    ("7", "run directory damaged or of another run"),
    ("8", "a check of the contract fails, or a run does not repeat"),
    ("74", "disk full or not writable"),
    ("75", "run directory in use"),
    ("130, 143", "stopped by Ctrl-C, by SIGTERM"),
)
OPTIONS = (
    ("--json", "Print one JSON value, also for an error."),
    ("--debug", "Show the Python traceback of an error."),
    ("--version", "Print the version."),
    ("-h, --help", "Show this text; visiontk COMMAND --help shows more."),
)
HELP = ("-h", "--help")


@dataclass
class ParsedCommand:
    """A command with its arguments, or only a text to print."""

    command: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    text: str = ""


def parser(name: str, *, full: bool = False) -> Parser:
    """Return the parser of a command; its help shows every option if `full`."""
    return Parser(COMMANDS[name], full=full)


def help_text(first: str = "") -> str:
    """Return the help of all commands, or of those that begin with a word."""
    commands = [command for command in COMMANDS.values() if not first or command.name.split()[0] == first]
    lines = [f"usage: visiontk {f'{first} ' if first else ''}COMMAND ..."]
    if not first:
        lines += ["", wrapped(QUESTION)]
    parts: list[tuple[str, list[tuple[str, str]]]] = []
    for group in dict.fromkeys(command.group for command in commands):
        rows = [(command.name, command.summary) for command in commands if command.group == group]
        parts.append(("commands" if first else group, rows))
    if not first:
        parts += [("options", list(OPTIONS)), ("exit codes", list(EXIT_CODES))]
    examples = [example for command in commands for example in command.examples[:1]]
    parts.append(("examples", [(example, "") for example in (examples if first else examples[:1])]))
    for title, rows in parts:
        lines += ["", f"{title}:", *(wrapped(f"{name:11} {text}".rstrip(), 2, hanging=14) for name, text in rows)]
    return "\n".join(lines)


def read(words: Sequence[str]) -> ParsedCommand:
    """Parse the words of a command line."""
    words = list(words) or ["--help"]
    if words[0] == "help":
        words = [*words[1:], "--help"]
    if words[0] in (*HELP, "--help-all"):
        return ParsedCommand(text=help_text())
    name, rest = _command(words)
    if name not in COMMANDS:
        return ParsedCommand(text=help_text(name))
    options = rest[: rest.index("--")] if "--" in rest else rest
    for word, full in (("--help-all", True), *((word, False) for word in HELP)):
        if word in options:
            return ParsedCommand(text=parser(name, full=full).format_help())
    return ParsedCommand(name, parser(name).read(rest))


def _command(words: list[str]) -> tuple[str, list[str]]:
    """Return the name of the command and the words after it; only its first word where help on it is requested."""
    first, *rest = words
    second = {name.split()[1]: name for name in COMMANDS if name.startswith(f"{first} ")}
    if first in COMMANDS:
        return first, rest
    if not second:
        kind = "option" if first.startswith("-") else "command"
        known = ["--version", "--help", "--json", "--debug"] if kind == "option" else COMMANDS
        raise _unknown(kind, first, known)
    if rest and rest[0] in second:
        return second[rest[0]], rest[1:]
    if rest and (rest[0] in (*HELP, "--help-all")):
        return first, rest
    if not rest:
        raise ConfigError(
            f"visiontk {first}: missing: {' or '.join(second)}.",
            error_id="E-USAGE",
            hint=f"visiontk {first} --help shows what there is.",
        )
    raise _unknown("command", f"{first} {rest[0]}", second.values())


def _unknown(kind: str, name: str, known: Any) -> ConfigError:
    error = unknown(kind, name, known)
    message = f"No command {name!r}. Did you mean: {MOVED[name]}?" if name in MOVED else error.message
    return ConfigError(message, error_id=error.error_id, hint="visiontk --help shows what there is.")
