"""Parser of one command: argparse that raises errors, with a short and a full help."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from visiontk.cli.wrapping import width, wrapped
from visiontk.errors import ConfigError


@dataclass(frozen=True)
class Command:
    """A command."""

    name: str  # one or two words
    group: str  # heading in the list of commands
    summary: str  # in the list of commands
    options: Callable[[Parser], None]  # adds its arguments to a parser
    about: tuple[str, ...] = ()  # paragraphs at the top of its help
    examples: tuple[str, ...] = ()  # at the end of its help
    takes: str = ""  # its arguments in the usage line


class Parser(argparse.ArgumentParser):
    """A parser that raises a ConfigError instead of ending the program; its help shows every option if `full`."""

    def __init__(self, command: Command, *, full: bool = False) -> None:
        self.full = full
        self.n_hidden = 0
        self.alternatives: list[tuple[str, str]] = []
        super().__init__(
            prog=f"visiontk {command.name}",
            usage=f"visiontk {command.name} [OPTIONS] {command.takes}".rstrip(),
            description="\n\n".join(wrapped(part) for part in (command.about or (command.summary,))),
            formatter_class=_formatter,
            allow_abbrev=False,
            add_help=False,
        )
        self._positionals.title = "arguments"
        self.command = command
        command.options(self)
        common = self.add_argument_group("reporting")
        common.add_argument("--json", action="store_true", help="Print one JSON value, also for an error.")
        add_debug = partial(self.rare, common) if self.n_hidden else common.add_argument
        add_debug("--debug", action="store_true", help="Show the Python traceback of an error.")
        common.add_argument("-h", "--help", action="store_true", help="Show this text.")
        if self.n_hidden:
            common.add_argument("--help-all", action="store_true", help="Show every option.")
        self.epilog = "\n".join(["examples:", *(f"  {line}" for line in command.examples)])

    def rare(self, group: argparse._ActionsContainer, *names: str, help: str, **settings: Any) -> None:
        """Add an option that only the full help shows."""
        self.n_hidden += 1
        group.add_argument(*names, help=help if self.full else argparse.SUPPRESS, **settings)

    def require_either(self, name: str, other: str) -> None:
        """Refuse a command line that has neither of two arguments."""
        self.alternatives.append((name, other))

    def error(self, message: str) -> NoReturn:
        """Raise the message of argparse as a ConfigError."""
        text = re.sub(r"^argument (?:-\w/)?", "", message)
        text = text.replace("the following arguments are required: ", "missing: ").replace(
            ": expected one argument", ": a value is missing"
        )
        raise usage_error(f"{self.prog}: {text}.".replace("..", "."), self.prog)

    def read(self, words: Sequence[str]) -> dict[str, Any]:
        """Return the arguments by name; ConfigError if an option does not exist or a value is wrong."""
        known = self._option_string_actions
        for word in words:
            if word == "--":
                break
            name = word.partition("=")[0]
            if not re.match(r"--?[A-Za-z]", word) or name in known or (word[1] != "-" and word[:2] in known):
                continue
            # Without the list of forty names; a far name would mislead.
            near = difflib.get_close_matches(name, [each for each in known if each.startswith("--")], n=1, cutoff=0.7)
            question = f" Did you mean {near[0]!r}?" if near else ""
            raise usage_error(f"{self.prog}: No option {name!r}.{question}", self.prog, "E-UNKNOWN-OPTION")
        values, surplus = self.parse_known_args(list(words))
        if surplus:
            names = {"--dataset", "--learners"} <= set(known)
            suggestion = f" Options have names, such as --dataset {surplus[0]}." if names else ""
            raise usage_error(f"{self.prog}: {surplus[0]!r} is one argument too many.{suggestion}", self.prog)
        for name, other in self.alternatives:
            if getattr(values, name) is None and not getattr(values, other):
                raise usage_error(f"{self.prog}: missing: {name.upper()}.", self.prog)
        return vars(values)


def _formatter(prog: str) -> argparse.HelpFormatter:
    columns = width()
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=min(22, columns // 2), width=columns)


def usage_error(message: str, prog: str, error_id: str = "E-USAGE") -> ConfigError:
    """Return the error of a command line that cannot be parsed."""
    return ConfigError(message, error_id=error_id, hint=f"{prog} --help shows what there is.")


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers in a range."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[-+]?[0-9]{1,15}", text.strip()) or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r} given; expected a whole number from {low} to {high}")
        return int(text)

    return read


def number(text: str) -> float:
    """Return a number; the config checks its range."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} given; expected a number, such as 0.01") from None


def names(text: str) -> list[str]:
    """Return names that are separated by commas."""
    return [word.strip() for word in text.split(",") if word.strip()]
