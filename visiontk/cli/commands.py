"""What each command does. Nothing heavy is imported until it is needed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from visiontk.cli.printing import print_json, print_text, shown
from visiontk.errors import (
    EXIT_CHECK,
    EXIT_DONE,
    EXIT_ENVIRONMENT,
    ConfigError,
    DataError,
    StoreError,
    unknown,
)
from visiontk.version import VERSION


def _list(what: str, task: str | None, *, as_json: bool) -> int:
    from visiontk.cli.listing import listing, print_listing

    found = listing(what, task)
    if as_json:
        print_json(found)
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
        shown(lambda: print_json(value) if as_json else print_plan(value))
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
    shown(lambda: print_json(dict(result.values)) if as_json else print_result(result, took_s=display.took_s()))
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
        shown(lambda: print_json(value))
        return EXIT_DONE
    given = {name: value for name, value in given.items() if value is not None}
    planned = api.look_ahead(api.Request(target, given, overrides))
    if as_json:
        document = planned.prepared.experiment.as_document()
        shown(lambda: print_json(document))
    else:
        text = api.written(planned)
        shown(lambda: print(text, end=""))
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
    from visiontk.cli.all_tasks import print_all_tasks, summary_lines
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
    shown(lambda: print_json(dict(result.values)) if as_json else print_all_tasks(result, took_s=display.took_s()))
    return result.exit_code


def _target_exists(target: str) -> None:
    """A misspelt name is refused before anything is imported that takes time."""
    # Names of tasks have no ending: what has one is a file, of which the config says what is wrong.
    if Path(target).suffix or "/" in target or Path(target).exists() or target.startswith("~"):
        return
    from visiontk.registry import installed_tasks

    names = {found.name for found in installed_tasks()}
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
    from visiontk.cli.all_tasks import print_all_tasks
    from visiontk.cli.terminal import print_result

    result = api.open_run(run, **look)
    if form != "html":
        table = _table(result, form)
        if output is not None:
            from visiontk.harness.files import write_file

            write_file(output, table)
        shown(lambda: print_json(dict(result.values)) if as_json else print_text(table.rstrip("\n")))
        return result.exit_code
    if output is None and any(look.values()):
        words = [str(word) for chosen in look.values() for word in (chosen if isinstance(chosen, list) else [chosen])]
        name = re.sub(r"[^A-Za-z0-9_]+", "-", "-".join(Path(word).name for word in words if word))
        output = run / f"report-{name[:100]}.html"  # a name of many columns would be longer than a file's may be
    try:
        path = result.report(output)
    except StoreError as error:
        if output is not None and output.parent != run:
            raise
        raise StoreError(
            error.message, error_id=error.error_id, hint="-o FILE writes the report elsewhere; --format text prints it."
        ) from error

    def show() -> None:
        if as_json:
            print_json(dict(result.values))
        elif isinstance(result, api.Combined):
            print_all_tasks(result, report=path)
        else:
            print_result(result, report=path)

    shown(show)
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
    from visiontk.cli.ranking import plain_ranking, print_ranking
    from visiontk.harness.files import write_file
    from visiontk.report.several import ranking_table

    result = api.across(runs, metric=metric)
    if form != "html":
        write = {"text": plain_ranking, "markdown": ranking_table.markdown, "latex": ranking_table.latex,
                 "csv": ranking_table.csv_text}  # fmt: skip
        table = write[form](result.values)
        if output is not None:
            write_file(output, table)
        shown(lambda: print_json(dict(result.values)) if as_json else print_text(table.rstrip("\n")))
        return result.exit_code
    path = result.report(output or "across.html")
    shown(lambda: print_json(dict(result.values)) if as_json else print_ranking(result, path))
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
    shown(lambda: print_json(dict(found.values)) if as_json else print_verified(found))
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
    shown(lambda: print_json(found) if as_json else print_examination(found))
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
        shown(lambda: print_json(found) if as_json else print(f"{name} is in {found['folder']}"))
        return EXIT_DONE
    rows = sources(name)
    shown(lambda: print_json(rows) if as_json else print_sources(rows, whole=name is not None))
    return EXIT_DONE


def _new(what: str, name: str, like: str, out: Path | None, *, as_json: bool) -> int:
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
                        f"visiontk check {name}"):  # fmt: skip
            print(f"  {visible(command)}")
        print(wrapped("Then edit data.py and learners.py there: comments say what."))

    shown(show)
    return EXIT_DONE


def _check(subject: str, only: str, speed: str | None, *, as_json: bool) -> int:
    from visiontk.cli.check import Telling, examined, print_summary

    with Telling(quiet=as_json) as telling:
        found = examined(subject, only=only, speed=speed, telling=telling)
    shown(lambda: print_json(found) if as_json else print_summary(found))
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
    shown(lambda: print_json(dict(found.values)) if as_json else print_audit(found, page))
    return found.exit_code


COMMANDS: dict[str, Callable[..., int]] = {
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
