"""Execution of commands. Nothing heavy is imported until it is needed."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from visiontk.cli.compare_command import compare, must_exist
from visiontk.cli.printing import print_json, shown
from visiontk.cli.report_command import report, show
from visiontk.errors import EXIT_CHECK, EXIT_DONE, EXIT_ENVIRONMENT, ConfigError


def _list(what: str, task: str | None, *, schema: bool, as_json: bool) -> int:
    if schema:
        return _schema(what)
    from visiontk.cli.listing import listing, print_listing

    rows = listing(what, task)
    shown(lambda: print_json(rows) if as_json else print_listing(what, rows))
    return EXIT_DONE


def _schema(what: str) -> int:
    if what != "settings":
        raise ConfigError(
            f"--schema: not for {what}; visiontk list settings --schema prints the schema of configs.",
            error_id="E-USAGE",
            hint="visiontk list --help shows what there is.",
        )
    from visiontk.api.config_schema import schema

    value = schema()
    shown(lambda: print_json(value))
    return EXIT_DONE


def _verify(run: Path, learners: list[str] | None, workers: int | None, executor: str, *, as_json: bool) -> int:
    from visiontk.executors import check_executor

    check_executor(executor, workers)

    import visiontk.api as api
    from visiontk.cli.display import Display
    from visiontk.cli.print_verification import verification_lines

    display = Display(quiet=as_json)
    with display:
        result = api.verify(run, learners=learners, workers=workers, executor=executor, show=display.show)  # type: ignore[arg-type]
    shown(lambda: print_json(dict(result.values)) if as_json else print(*verification_lines(result), sep="\n"))
    return result.exit_code


def _doctor(*, as_json: bool) -> int:
    from visiontk.cli.doctor import examine, print_examination

    examination = examine()
    shown(lambda: print_json(examination) if as_json else print_examination(examination))
    return EXIT_DONE if examination["healthy"] else EXIT_ENVIRONMENT


def _data_list(name: str | None, *, as_json: bool) -> int:
    from visiontk.cli.public_data import print_sources, sources

    rows = sources(name)
    shown(lambda: print_json(rows) if as_json else print_sources(rows, whole=name is not None))
    return EXIT_DONE


def _data_fetch(name: str, *, as_json: bool) -> int:
    from visiontk.cli.public_data import fetch_source, fetched_sentence

    result = fetch_source(name, quiet=as_json)
    shown(lambda: print_json(result) if as_json else print(fetched_sentence(result)))
    return EXIT_DONE


def _data_audit(target: str, output: Path | None, *, overrides: list[str], as_json: bool, **settings: Any) -> int:
    must_exist(target)

    import visiontk.api as api
    from visiontk.cli.display import Display
    from visiontk.cli.print_audit import print_audit

    request = api.Request(target, {name: value for name, value in settings.items() if value is not None}, overrides)
    _, experiment = request.read()
    display = Display(quiet=as_json)
    with display:
        display.say(f"Reading and auditing {experiment.dataset} …")
        result = api.audit_data(experiment)
        page = result.report(output or api.default_out(experiment) / "audit.html")
    shown(lambda: print_json(dict(result.values)) if as_json else print_audit(result, page))
    return result.exit_code


def _task_new(name: str, like: str, out: Path | None, *, as_json: bool) -> int:
    from visiontk.cli.wrapping import wrapped
    from visiontk.report.formatting import visible
    from visiontk.scaffold import write_package

    folder = write_package(name, like, out).absolute()

    def show() -> None:
        if as_json:
            print_json({"task": name, "folder": str(folder)})
            return
        print(f"{visible(str(folder))} holds the task {name}. Next:")
        for command in (f"pip install --editable {shlex.quote(str(folder))}", f"visiontk compare {name} --preset quick",
                        f"visiontk task check {name}"):  # fmt: skip
            print(f"  {visible(command)}")
        print(wrapped("Then edit data.py and learners.py there: comments say what."))

    shown(show)
    return EXIT_DONE


def _task_check(subject: str, only: str, speed: str | None, *, as_json: bool) -> int:
    from visiontk.cli.contract_check import CheckDisplay, check_contract, print_summary

    with CheckDisplay(quiet=as_json) as display:
        result = check_contract(subject, only=only, speed=speed, display=display)
    shown(lambda: print_json(result) if as_json else print_summary(result))
    return EXIT_DONE if result["holds"] else EXIT_CHECK


RUN: dict[str, Callable[..., int]] = {
    "compare": compare,
    "report": report,
    "show": show,
    "verify": _verify,
    "list": _list,
    "data list": _data_list,
    "data fetch": _data_fetch,
    "data audit": _data_audit,
    "doctor": _doctor,
    "task new": _task_new,
    "task check": _task_check,
}
"""The function of each command."""
