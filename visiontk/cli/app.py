"""The command line: parse, run, exit with a code."""

from __future__ import annotations

import json
import sys

from visiontk.cli import arguments
from visiontk.cli.commands import RUN
from visiontk.cli.guard import guarded, streams
from visiontk.errors import EXIT_DONE, EXIT_USAGE, ConfigError
from visiontk.version import VERSION

RESUMED = {
    "compare": "Finished fits are stored: the same command resumes.",
    "data": "Files fetched so far are stored: the same command resumes.",
}
"""Hint for a command that is interrupted, by its first word."""


def main(words: list[str] | None = None) -> None:
    """Run the command line and end the process with an exit code of `visiontk.errors`."""
    line = list(sys.argv[1:] if words is None else words)
    end = line.index("--") if "--" in line else len(line)
    # --debug and --json may stand anywhere: they concern reporting only.
    reporting = {word for word in line[:end] if word in ("--debug", "--json")}
    rest = [word for word in line[:end] if word not in reporting] + line[end:]
    as_json = "--json" in reporting
    with streams():
        code = guarded(
            lambda: _run(rest, as_json=as_json),
            debug="--debug" in reporting,
            as_json=as_json,
            resume_hint=RESUMED.get(rest[0], "") if rest else "",
        )
    sys.exit(code)


def _run(words: list[str], *, as_json: bool) -> int:
    if words[:1] == ["--version"]:
        print(json.dumps({"visiontk": VERSION}) if as_json else f"visiontk {VERSION}")
        return EXIT_DONE
    if not words:
        if as_json:
            raise ConfigError("No command.", error_id="E-USAGE", hint="visiontk --help shows what there is.")
        print(arguments.help_text(), file=sys.stderr)
        return EXIT_USAGE
    parsed = arguments.read(words)
    if parsed.text:
        print(parsed.text.rstrip())
        return EXIT_DONE
    reporting = ("json", "debug", "help", "help_all")
    values = {name: value for name, value in parsed.arguments.items() if name not in reporting}
    return RUN[parsed.command](as_json=as_json, **values)


if __name__ == "__main__":
    main()
