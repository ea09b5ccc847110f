"""The command ``compare``. Nothing heavy is imported until it is needed."""

from __future__ import annotations

import dataclasses
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from visiontk.cli.predictions_command import Also, also_of, beside, compare_files
from visiontk.cli.printing import print_json, shown
from visiontk.errors import EXIT_DONE, ConfigError, DataError, unknown
from visiontk.harness.experiment import USER_DATA
from visiontk.messages import printable
from visiontk.studies import STUDIES
from visiontk.version import VERSION

if TYPE_CHECKING:
    from visiontk.api import Request
    from visiontk.executors import ExecutorName

AUDITED = ("task", "dataset", "folds")
"""Settings of what is compared that an audit takes as well."""


@dataclass(frozen=True)
class RunOptions:
    """Options of ``compare`` that change no result: where and how it runs, what is printed."""

    out: Path | None
    executor: ExecutorName
    workers: int | None
    as_json: bool
    dry_run: bool = False
    save: str | None = None
    audit: bool = True
    overrides: list[str] = field(default_factory=list)
    also: Also | None = None


def compare(
    target: str | None, *, predictions: list[str] | None, no_audit: bool, as_json: bool, **arguments: Any
) -> int:
    """Run ``visiontk compare``."""
    if predictions:
        return compare_files(predictions, target=target, as_json=as_json, **arguments)
    assert target is not None
    also = also_of(arguments)
    from visiontk.executors import check_executor

    own = {each.name for each in dataclasses.fields(RunOptions)}
    options = RunOptions(
        **{name: value for name, value in arguments.items() if name in own},
        audit=not no_audit,
        as_json=as_json,
        also=also,
    )
    settings = {name: value for name, value in arguments.items() if name not in own and value is not None}
    check_executor(options.executor, options.workers)
    if also and (options.dry_run or target == "all"):
        raise ConfigError(
            f"--also: not with {'--dry-run' if options.dry_run else 'all tasks at once'}.",
            error_id="E-USAGE",
            hint="visiontk compare TARGET --also FILE runs one comparison first.",
        )
    if target == "all":
        return _compare_all(settings, options)
    must_exist(target)
    return _compare_one(target, settings, options)


def _compare_one(target: str, settings: dict[str, Any], options: RunOptions) -> int:
    import visiontk.api as api
    from visiontk.api.user_data import named_guesses
    from visiontk.cli.display import Display
    from visiontk.cli.print_result import print_result
    from visiontk.harness.drive import prepare

    request = api.Request(target, settings, options.overrides)
    if options.dry_run:
        return _dry_run(api.preview_of(request, out=options.out), options)
    task, experiment = request.read()
    api.slice_columns(experiment)  # a misspelt column is refused before data are read
    team = {"executor": options.executor, "workers": options.workers}
    display = Display(quiet=options.as_json)
    with display:
        display.recognised(request.user_data)
        display.say(f"Reading {experiment.dataset} …")
        try:
            with named_guesses(request.user_data):
                prepared = prepare(experiment, task, version=VERSION, studies=STUDIES)
        except DataError as error:
            raise _with_audit(error, target, request) from error
        preview = api.preview_prepared(task, prepared, request.user_data, options.out)
        if options.save:
            _save(preview, options.save)
        if request.user_data is not None:
            display.planned(preview.as_json(executor=options.executor, workers=options.workers))
        rough_s = preview.duration(options.executor, options.workers)["rough_s"]
        display.plan(prepared, preview.out, executor=options.executor, workers=options.workers, rough_s=rough_s)
        if options.audit:
            display.say("Auditing the data …")
        result = api.run_comparison(
            prepared, task, out=preview.out, show=display.show, audit=options.audit, **team  # type: ignore[arg-type]
        )  # fmt: skip
    if options.also:
        if not options.as_json:
            shown(lambda: print_result(result, took_s=display.took_s()))
        return beside(result.path, options.also, as_json=options.as_json)
    shown(lambda: print_json(dict(result.values)) if options.as_json else print_result(result, took_s=display.took_s()))
    return result.exit_code


def _dry_run(preview: Any, options: RunOptions) -> int:
    from visiontk.cli.print_preview import preview_lines

    value = preview.as_json(executor=options.executor, workers=options.workers)
    if options.save:
        _save(preview, options.save)

    def show() -> None:
        if options.as_json:
            print_json(value)
        elif options.save != "-":
            print(*preview_lines(value), sep="\n")
            if options.save:
                print(f"Config: {printable(options.save)}")

    shown(show)
    return EXIT_DONE


def _save(preview: Any, path: str) -> None:
    """Write the comparison as a config; to standard output for ``-``."""
    import visiontk.api as api
    from visiontk.harness.files import write_file

    text = api.config_text(preview)
    if path == "-":
        shown(lambda: print(text, end=""))
    else:
        write_file(Path(path), text)


def _with_audit(error: DataError, target: str, request: Request) -> DataError:
    """Add the command that shows every problem of the data, not only the first kind."""
    if error.error_id in ("E-DATA-MISSING", "E-DATA-EMPTY"):
        return error
    given = {name: value for name, value in request.settings.items() if name in (*USER_DATA, *AUDITED)}
    words = [target, *(f"--{name.replace('_', '-')}={value}" for name, value in given.items())]
    words += [f"--set={override}" for override in request.overrides if override.startswith("dataset.")]
    hint = f"{error.hint} visiontk data audit {shlex.join(words)} shows every problem at once.".strip()
    return type(error)(error.message, error_id=error.error_id, hint=hint, lines=error.lines)


def _compare_all(settings: dict[str, Any], options: RunOptions) -> int:
    """Compare every task on its first dataset, and write one page over all of them."""
    for name, value in (("--dry-run", options.dry_run), ("--save", options.save)):
        if value:
            raise ConfigError(
                f"{name}: not for all tasks at once.",
                error_id="E-CONFIG-ALL",
                hint=f"visiontk compare TASK {name} is for one.",
            )

    import visiontk.api as api
    from visiontk.cli.display import Display
    from visiontk.cli.print_all_tasks import plan_lines, print_all_tasks

    request = api.RequestAll(settings, options.overrides)
    display = Display(quiet=options.as_json)
    with display:
        display.say("Reading the first dataset of every task …")
        members = request.prepare()
        folder = options.out or request.default_out()
        for line in plan_lines(members, folder):
            display.say(line)
        result = api.run_all_tasks(
            members, request, out=folder, executor=options.executor, workers=options.workers, show=display.show,
            audit=options.audit,
        )  # fmt: skip
    shown(
        lambda: print_json(dict(result.values)) if options.as_json else print_all_tasks(result, took_s=display.took_s())
    )
    return result.exit_code


def must_exist(target: str) -> None:
    """Refuse a misspelt name before anything slow is imported."""
    # Names of tasks have no ending: a name with one is a file, which is checked later.
    if Path(target).suffix or "/" in target or Path(target).exists() or target.startswith("~"):
        return
    from visiontk.registry import installed_tasks

    names = {each.name for each in installed_tasks()}
    if target not in names:
        error = unknown("task", target, names)
        raise ConfigError(
            error.message,
            error_id=error.error_id,
            hint=f"There is no folder {target!r} here either; configs and tables are named with their ending, such as "
            ".yaml or .csv.",
        )
