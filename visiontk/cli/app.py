"""The command line: words in, a command carried out, an exit code. Nothing heavy is imported until it is needed."""

from __future__ import annotations

import codecs
import errno
import io
import json
import os
import re
import shlex
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from visiontk.cli import arguments
from visiontk.errors import (
    EXIT_BUG,
    EXIT_CHECK,
    EXIT_DISK,
    EXIT_DONE,
    EXIT_ENVIRONMENT,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    ConfigError,
    DataError,
    ResumeError,
    VisiontkError,
    unknown,
)
from visiontk.version import VERSION

PLAIN = {"…": "...", "−": "-", "—": "-", "–": "-", "×": "x", "█": "#", "░": "-", "·": "-", "’": "'", "▲": "^", "▼": "v"}
"""What is printed for these where an encoding does not have them; others become escapes."""

KEPT = {
    "compare": "Finished fits are kept: the same command goes on where it stopped.",
    "data": "What was fetched is kept: the same command goes on where it stopped.",
}
"""What becomes of the work of a command that is interrupted."""

DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}


class Stopped(KeyboardInterrupt):
    """A signal asked the process to end.

    Parameters
    ----------
    number : int
        Of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main(words: list[str] | None = None) -> None:
    """Run the command line and end the process with an exit code of `visiontk.errors`."""
    given = list(sys.argv[1:] if words is None else words)
    end = given.index("--") if "--" in given else len(given)
    # --debug and --json may stand anywhere: they say how to report, not what to do.
    asked = {word for word in given[:end] if word in ("--debug", "--json")}
    rest = [word for word in given[:end] if word not in asked] + given[end:]
    as_json = "--json" in asked
    with _streams():
        code = _guarded(
            lambda: _run(rest, as_json=as_json),
            debug="--debug" in asked,
            as_json=as_json,
            kept=KEPT.get(rest[0], "") if rest else "",
        )
    sys.exit(code)


def _run(words: list[str], *, as_json: bool) -> int:
    if words[:1] == ["--version"]:
        _print(json.dumps({"visiontk": VERSION}) if as_json else f"visiontk {VERSION}")
        return EXIT_DONE
    if not words:
        if as_json:
            raise ConfigError("No command.", error_id="E-USAGE", hint="visiontk --help shows what there is.")
        print(arguments.help_text(), file=sys.stderr)
        return EXIT_USAGE
    asked = arguments.read(words)
    if asked.text:
        _print(asked.text.rstrip())
        return EXIT_DONE
    given = {name: value for name, value in asked.arguments.items() if name not in ("json", "debug", "help")}
    return _COMMANDS[asked.command](as_json=as_json, **given)


def _list(what: str, task: str | None, *, as_json: bool) -> int:
    from visiontk.cli.listing import listing, print_listing

    found = listing(what, task)
    if as_json:
        _print_json(found)
    else:
        print_listing(what, found)
    return EXIT_DONE


def _compare(
    target: str,
    *,
    out: Path | None,
    executor: str,
    workers: int | None,
    overrides: list[str],
    dry_run: bool,
    no_audit: bool,
    as_json: bool,
    **given: Any,
) -> int:
    if executor not in ("processes", "serial"):
        raise unknown("executor", executor, ("processes", "serial"), where="--executor")
    given = {name: value for name, value in given.items() if value is not None}
    if target == "all":
        if dry_run:
            raise ConfigError(
                "--dry-run: not for all tasks at once.",
                error_id="E-CONFIG-ALL",
                hint="visiontk compare TASK --dry-run plans one.",
            )
        return _compare_all(
            given, overrides, out=out, executor=executor, workers=workers, audit=not no_audit, as_json=as_json
        )
    _target_exists(target)

    import visiontk.api as api
    from visiontk.cli.terminal import Display, print_result
    from visiontk.harness.drive import prepare

    request = api.Request(target, given, overrides)
    if dry_run:
        from visiontk.cli.planned import print_plan

        value = api.as_value(api.look_ahead(request, out=out), executor=executor, workers=workers)
        _shown(lambda: _print_json(value) if as_json else print_plan(value))
        return EXIT_DONE
    chosen, experiment = request.read()
    api.own_columns(experiment)  # a misspelt column is refused before data are read
    display = Display(quiet=as_json)
    with display:
        display.recognised(request.own)
        display.say(f"Reading {experiment.dataset} …")
        try:
            prepared = prepare(experiment, chosen, version=VERSION)
        except DataError as error:
            raise _with_audit(error, target) from error
        folder = out or api.default_out(prepared.experiment)
        if request.own is not None:
            display.planned(
                api.as_value(api.planned(chosen, prepared, request.own, folder), executor=executor, workers=workers)
            )
        display.plan(prepared, folder, executor=executor, workers=workers)
        if not no_audit:
            display.say("Auditing the data …")
        result = api.carry_out(
            prepared,
            chosen,
            request,
            out=folder,
            executor=executor,  # type: ignore[arg-type]
            workers=workers,
            show=display.show,
            audit=not no_audit,
        )
    _shown(lambda: _print_json(dict(result.values)) if as_json else print_result(result, took_s=display.took_s()))
    return result.exit_code


def _config(target: str | None, *, schema: bool, overrides: list[str], as_json: bool, **given: Any) -> int:
    """A comparison as a config, or the schema of all configs."""
    if schema == (target is not None):
        raise ConfigError(
            "visiontk config: name a TARGET, or --schema without one.",
            error_id="E-USAGE",
            hint="visiontk config --help shows what there is.",
        )
    if target is not None:
        _target_exists(target)

    import visiontk.api as api

    if target is None:
        value = api.schema()
        _shown(lambda: _print_json(value))
        return EXIT_DONE
    given = {name: value for name, value in given.items() if value is not None}
    planned = api.look_ahead(api.Request(target, given, overrides))
    if as_json:
        document = planned.prepared.experiment.as_document()
        _shown(lambda: _print_json(document))
    else:
        text = api.written(planned)
        _shown(lambda: print(text, end=""))
    return EXIT_DONE


def _with_audit(error: DataError, target: str) -> DataError:
    """The error with the command that shows all that is wrong, not the first kind only; where there are data."""
    if error.error_id in ("E-DATA-MISSING", "E-DATA-EMPTY"):
        return error
    hint = f"{error.hint} visiontk data audit {shlex.quote(target)} shows everything that is wrong at once.".strip()
    return type(error)(error.message, error_id=error.error_id, hint=hint)


def _compare_all(
    given: dict[str, Any],
    overrides: list[str],
    *,
    out: Path | None,
    executor: str,
    workers: int | None,
    audit: bool,
    as_json: bool,
) -> int:
    """Every task on its first data set, and one page over all of them."""
    import visiontk.api as api
    from visiontk.cli.overview import print_overview, summary_lines
    from visiontk.cli.terminal import Display

    request = api.RequestAll(given, overrides)
    display = Display(quiet=as_json)
    with display:
        display.say("Reading the first data set of every task …")
        members = request.prepare()
        folder = out or request.default_out()
        for line in summary_lines(members, folder):
            display.say(line)
        result = api.carry_out_all(
            members,
            request,
            out=folder,
            executor=executor,  # type: ignore[arg-type]
            workers=workers,
            show=display.show,
            audit=audit,
        )
    _shown(lambda: _print_json(dict(result.values)) if as_json else print_overview(result, took_s=display.took_s()))
    return result.exit_code


def _target_exists(target: str) -> None:
    """A misspelt name is refused before anything is imported that takes time."""
    # Names of tasks have no ending: what has one is a file, of which the config says what is wrong.
    if Path(target).suffix or "/" in target or Path(target).exists() or target.startswith("~"):
        return
    from visiontk.registry import found_tasks

    names = {found.name for found in found_tasks()}
    if target not in names:
        error = unknown("task", target, names)
        raise ConfigError(
            error.message,
            error_id=error.error_id,
            hint=f"There is no folder {target!r} here either; configs and tables are named with their ending, such as "
            ".yaml or .csv.",
        )


def _report(runs: list[Path], output: Path | None, form: str, *, as_json: bool, **look: Any) -> int:
    if form not in ("html", "text", "markdown", "latex", "csv"):
        raise unknown("format", form, ("html", "text", "markdown", "latex", "csv"), where="--format")
    if len(runs) > 1:
        return _report_across(runs, output, form, as_json=as_json, **look)
    run = runs[0]

    import visiontk.api as api
    from visiontk.cli.overview import print_overview
    from visiontk.cli.terminal import print_result

    try:
        result = api.open_run(run, **look)
    except ResumeError as error:
        if run.is_dir():
            raise
        raise api.no_run(run) from error
    if form != "html":
        table = _table(result, form)
        if output is not None:
            from visiontk.harness.store import write_file

            write_file(output, table)
        _shown(lambda: _print_json(dict(result.values)) if as_json else _print(table.rstrip("\n")))
        return result.exit_code
    if output is None and any(look.values()):
        words = [str(word) for chosen in look.values() for word in (chosen if isinstance(chosen, list) else [chosen])]
        name = re.sub(r"[^A-Za-z0-9_]+", "-", "-".join(Path(word).name for word in words if word))
        output = run / f"report-{name[:100]}.html"  # a name of many columns would be longer than a file's may be
    path = result.report(output)

    def show() -> None:
        if as_json:
            _print_json(dict(result.values))
        elif isinstance(result, api.Combined):
            print_overview(result, report=path)
        else:
            print_result(result, report=path)

    _shown(show)
    return result.exit_code


def _report_across(
    runs: list[Path], output: Path | None, form: str, *, metric: str, as_json: bool, **one_run: Any
) -> int:
    """Several runs on one page, or as one table; what is for one run only is refused."""
    if given := [name for name, value in one_run.items() if value]:
        raise ConfigError(
            f"--{given[0].removesuffix('s')}: for one run only, not for {len(runs)}.",
            error_id="E-REPORT-SEVERAL",
            hint="Leave it out: each run is looked at as it was made.",
        )

    import visiontk.api as api
    from visiontk.cli.several import plain_across, print_across
    from visiontk.harness.store import write_file
    from visiontk.report import across_tables

    result = api.across(runs, metric=metric)
    if form != "html":
        write = {"text": plain_across, "markdown": across_tables.markdown, "latex": across_tables.latex,
                 "csv": across_tables.csv_text}  # fmt: skip
        table = write[form](result.values)
        if output is not None:
            write_file(output, table)
        _shown(lambda: _print_json(dict(result.values)) if as_json else _print(table.rstrip("\n")))
        return result.exit_code
    path = result.report(output or "across.html")
    _shown(lambda: _print_json(dict(result.values)) if as_json else print_across(result, path))
    return result.exit_code


def _verify(run: Path, learners: list[str] | None, workers: int | None, executor: str, *, as_json: bool) -> int:
    if executor not in ("processes", "serial"):
        raise unknown("executor", executor, ("processes", "serial"), where="--executor")

    import visiontk.api as api
    from visiontk.cli.terminal import Display
    from visiontk.cli.verified import print_verified

    display = Display(quiet=as_json)
    with display:
        found = api.verify(run, learners=learners, workers=workers, executor=executor, show=display.show)  # type: ignore[arg-type]
    _shown(lambda: _print_json(dict(found.values)) if as_json else print_verified(found))
    return found.exit_code


def _table(result: Any, form: str) -> str:
    """The table of learners alone."""
    import visiontk.api as api
    from visiontk.cli.terminal import plain_table
    from visiontk.report import tables

    if isinstance(result, api.Combined):
        raise ConfigError(
            f"{result.path}: holds several tasks; a table is of one of them.",
            error_id="E-REPORT-ALL",
            hint="Name the folder of the task in it.",
        )
    write = {"text": plain_table, "markdown": tables.markdown, "latex": tables.latex, "csv": tables.csv_text}
    return write[form](result.values)


def _doctor(*, as_json: bool) -> int:
    from visiontk.cli.doctor import examine, print_examination

    found = examine()
    code = EXIT_DONE if found["healthy"] else EXIT_ENVIRONMENT
    _shown(lambda: _print_json(found) if as_json else print_examination(found))
    return code


def _data(
    action: str,
    name: str | None,
    *,
    task: str | None,
    dataset: str | None,
    folds: int | None,
    overrides: list[str],
    output: Path | None,
    as_json: bool,
) -> int:
    if action == "audit":
        given = {"task": task, "dataset": dataset, "folds": folds}
        return _audit(name, given, overrides, output, as_json=as_json)
    from visiontk.cli.public import bring, print_sources, sources

    if task or dataset or folds or overrides or output:
        raise ConfigError(
            f"visiontk data {action}: takes no option of an audit.",
            error_id="E-USAGE",
            hint="visiontk data --help shows which belong to audit.",
        )
    if action == "fetch":
        if name is None:
            raise ConfigError(
                "visiontk data fetch: NAME is missing.", error_id="E-USAGE", hint="visiontk data list shows the names."
            )
        found = bring(name, quiet=as_json)
        _shown(lambda: _print_json(found) if as_json else print(f"{name} is in {found['folder']}"))
        return EXIT_DONE
    rows = sources(name)
    _shown(lambda: _print_json(rows) if as_json else print_sources(rows, whole=name is not None))
    return EXIT_DONE


def _new(what: str, name: str, like: str, out: Path | None, *, as_json: bool) -> int:
    from visiontk.cli.columns import wrapped
    from visiontk.report.text import visible
    from visiontk.scaffold import write_package

    folder = write_package(name, like, out).absolute()

    def show() -> None:
        if as_json:
            _print_json({"task": name, "folder": str(folder)})
            return
        print(f"{visible(str(folder))} holds the task {name}. Next:")
        for command in (f"pip install --editable {shlex.quote(str(folder))}", f"visiontk compare {name} --preset quick",
                        f"visiontk check {name}"):  # fmt: skip
            print(f"  {visible(command)}")
        print(wrapped("Then edit data.py and learners.py there: comments say what."))

    _shown(show)
    return EXIT_DONE


def _check(subject: str, only: str, speed: str | None, *, as_json: bool) -> int:
    from visiontk.cli.check import Telling, examined, print_summary

    with Telling(quiet=as_json) as telling:
        found = examined(subject, only=only, speed=speed, telling=telling)
    _shown(lambda: _print_json(found) if as_json else print_summary(found))
    return EXIT_DONE if found["holds"] else EXIT_CHECK


def _audit(
    target: str | None, given: dict[str, Any], overrides: list[str], output: Path | None, *, as_json: bool
) -> int:
    if target is None:
        raise ConfigError(
            "visiontk data audit: TARGET is missing.",
            error_id="E-USAGE",
            hint="Name a task, a config (.yaml) or a folder, as for visiontk compare.",
        )
    _target_exists(target)

    import visiontk.api as api
    from visiontk.cli.audit import print_audit
    from visiontk.cli.terminal import Display

    request = api.Request(target, {name: value for name, value in given.items() if value is not None}, overrides)
    _, experiment = request.read()
    display = Display(quiet=as_json)
    with display:
        display.say(f"Reading and auditing {experiment.dataset} …")
        found = api.audit_data(experiment)
        page = found.report(output or api.default_out(experiment) / "audit.html")
    _shown(lambda: _print_json(dict(found.values)) if as_json else print_audit(found, page))
    return found.exit_code


_COMMANDS: dict[str, Callable[..., int]] = {
    "list": _list,
    "compare": _compare,
    "config": _config,
    "report": _report,
    "verify": _verify,
    "data": _data,
    "new": _new,
    "check": _check,
    "doctor": _doctor,
}


def _print(text: str) -> None:
    print(text)


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=1, allow_nan=False))


def _shown(show: Callable[[], None]) -> None:
    """Print a result; who closes the pipe early changes nothing about it."""
    with suppress(BrokenPipeError):
        show()
        sys.stdout.flush()
        return
    _silence(sys.stdout)


def _guarded(call: Callable[[], int], *, debug: bool, as_json: bool, kept: str = "") -> int:
    """The exit code of a call, and one clear message for whatever it raises."""
    try:
        code = call()
        sys.stdout.flush()
    except VisiontkError as error:
        return _complain(error.as_dict()["error"], error, error.exit_code, debug=debug, as_json=as_json)
    except KeyboardInterrupt as error:
        number = error.number if isinstance(error, Stopped) else signal.SIGINT
        how = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name
        value = {
            "id": "E-INTERRUPTED",
            "message": f"Stopped by {how}.",
            "hint": kept,
        }
        code = EXIT_INTERRUPTED if number == signal.SIGINT else 128 + number
        return _complain(value, error, code, debug=debug, as_json=as_json)
    except BrokenPipeError:
        _silence(sys.stdout)  # the reader of a pipe has seen enough
        return EXIT_DONE
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            return _bug(error, debug=debug, as_json=as_json)
        where = f"{error.filename}: " if error.filename else ""
        value = {
            "id": "E-IO-FULL" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "E-IO-WRITE",
            "message": f"{where}{error.strerror}",
            "hint": kept,
        }
        if not where:  # it was standard output that could not be written: there is no use in writing more to it
            _silence(sys.stdout)
        return _complain(value, error, EXIT_DISK, debug=debug, as_json=as_json and bool(where))
    except Exception as error:
        return _bug(error, debug=debug, as_json=as_json)
    return code


def _bug(error: Exception, *, debug: bool, as_json: bool) -> int:
    kept = _save_crash()
    value = {
        "id": "E-BUG",
        "message": f"{type(error).__name__}: {error}",
        "hint": "This is a fault of visiontk; please report it. "
        + (f"The details are in {kept}." if kept else "The same command with --debug shows the details."),
    }
    return _complain(value, error, EXIT_BUG, debug=debug, as_json=as_json)


def _complain(value: dict[str, str], error: BaseException, code: int, *, debug: bool, as_json: bool) -> int:
    from visiontk.report.text import visible

    with suppress(BrokenPipeError):
        if debug:
            traceback.print_exception(error)
        if as_json:
            print(json.dumps({"error": value}))
            sys.stdout.flush()
            return code
        lines = visible(value["message"]).splitlines() or [""]
        # Several problems of one config stand below each other.
        print(f"visiontk: error[{value['id']}]: {lines[0]}", *lines[1:], sep="\n  ", file=sys.stderr)
        if value["hint"]:
            print(f"  hint: {visible(value['hint'])}", file=sys.stderr)
    return code


def _save_crash() -> str:
    """Where the traceback was written; empty if nowhere."""
    import tempfile

    with suppress(OSError):
        handle, name = tempfile.mkstemp(prefix="visiontk-crash-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(traceback.format_exc())
        return name
    return ""


@contextmanager
def _streams() -> Iterator[None]:
    """Signals and standard streams as the command line needs them, put back at the end for callers in Python."""
    codecs.register_error("visiontk", _plain)
    for name in ("stdout", "stderr"):
        stream: TextIO | None = getattr(sys, name)
        if stream is None:  # closed by the caller
            setattr(sys, name, io.StringIO())
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="visiontk")
    before = {}
    with suppress(ValueError):  # only the main thread may
        before = {number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            # Python's own handler would print a traceback for a Ctrl-C while the interpreter ends.
            signal.signal(number, signal.SIG_DFL if handler is signal.default_int_handler else handler)


def _stop(number: int, frame: FrameType | None) -> None:
    """Stop in good order; the second time at once. Workers end by themselves when their driver is gone."""
    signal.signal(signal.SIGINT, _at_once)
    signal.signal(signal.SIGTERM, _at_once)
    raise Stopped(number)


def _at_once(number: int, frame: FrameType | None) -> None:
    with suppress(OSError):
        os.write(2, b"\nvisiontk: stopped at once.\n")
    os._exit(128 + number)


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    """An error handler of codecs: a plain letter for what the encoding of a terminal lacks, or an escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    text = "".join(PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode() for c in lacking)
    return text, error.end


def _silence(stream: TextIO) -> None:
    """Send what is still to be written nowhere, so that the end of the interpreter does not complain."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    main()
