"""The command line: words in, a command carried out, an exit code."""

from __future__ import annotations

import json
import sys

from visiontk.cli import arguments
from visiontk.cli.commands import COMMANDS
from visiontk.cli.guard import guarded, streams
from visiontk.cli.printing import print_text
from visiontk.errors import EXIT_DONE, EXIT_USAGE, ConfigError
from visiontk.version import VERSION

KEPT = {
    "compare": "Finished fits are kept: the same command goes on where it stopped.",
    "data": "What was fetched is kept: the same command goes on where it stopped.",
}
"""What becomes of the work of a command that is interrupted."""


def main(words: list[str] | None = None) -> None:
    """Run the command line and end the process with an exit code of `visiontk.errors`."""
    given = list(sys.argv[1:] if words is None else words)
    end = given.index("--") if "--" in given else len(given)
    # --debug and --json may stand anywhere: they say how to report, not what to do.
    asked = {word for word in given[:end] if word in ("--debug", "--json")}
    rest = [word for word in given[:end] if word not in asked] + given[end:]
    as_json = "--json" in asked
    with streams():
        code = guarded(
            lambda: _run(rest, as_json=as_json),
            debug="--debug" in asked,
            as_json=as_json,
            kept=KEPT.get(rest[0], "") if rest else "",
        )
    sys.exit(code)


def _run(words: list[str], *, as_json: bool) -> int:
    if words[:1] == ["--version"]:
        print_text(json.dumps({"visiontk": VERSION}) if as_json else f"visiontk {VERSION}")
        return EXIT_DONE
    if not words:
        if as_json:
            raise ConfigError("No command.", error_id="E-USAGE", hint="visiontk --help shows what there is.")
        print(arguments.help_text(), file=sys.stderr)
        return EXIT_USAGE
    asked = arguments.read(words)
    if asked.text:
        print_text(asked.text.rstrip())
        return EXIT_DONE
    given = {name: value for name, value in asked.arguments.items() if name not in ("json", "debug", "help")}
    return COMMANDS[asked.command](as_json=as_json, **given)


if __name__ == "__main__":
    main()
