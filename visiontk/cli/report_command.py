"""The commands that look at runs: ``report`` and ``show``. Nothing heavy is imported until it is needed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from visiontk.cli.printing import print_json, shown
from visiontk.errors import EXIT_DONE, ConfigError, StoreError, unknown
from visiontk.report.sections.headline import answer

FORMATS = ("html", "text", "markdown", "latex", "csv")
LONGEST_NAME = 100
"""Characters of the name of a report: that of many columns would be longer than a file name may be."""


def report(
    runs: list[Path], output: Path | None, form: str, *, predictions: Path | None, as_json: bool, **view: Any
) -> int:
    """Run ``visiontk report``."""
    if predictions is not None:
        return _export(runs, predictions, as_json=as_json)
    if form not in FORMATS:
        raise unknown("format", form, FORMATS, where="--format")
    if len(runs) > 1:
        return _report_across(runs, output, form, as_json=as_json, **view)

    import visiontk.api as api

    result = api.load(runs[0], **view)
    if form != "html":
        return _table(result, form, output, as_json=as_json)
    path = _write_report(result, runs[0], output, view)
    shown(lambda: print_json(dict(result.values)) if as_json else _print_run(result, path))
    return result.exit_code


def _export(runs: list[Path], folder: Path, *, as_json: bool) -> int:
    """Write the predictions of a run as tables."""
    if len(runs) > 1:
        raise ConfigError(
            f"--predictions: for one run only, not for {len(runs)}.",
            error_id="E-REPORT-SEVERAL",
            hint="Write one folder for each run.",
        )

    from visiontk.api.exported_predictions import export_run

    paths = [str(path) for path in export_run(runs[0], folder)]
    shown(lambda: print_json({"files": paths}) if as_json else print("\n".join(paths)))
    return EXIT_DONE


def _write_report(result: Any, run: Path, output: Path | None, view: dict[str, Any]) -> Path:
    if output is None and any(view.values()):
        words = [str(word) for value in view.values() for word in (value if isinstance(value, list) else [value])]
        name = re.sub(r"[^A-Za-z0-9_]+", "-", "-".join(Path(word).name for word in words if word))
        output = run / f"report-{name[:LONGEST_NAME]}.html"
    try:
        return Path(result.report(output))
    except StoreError as error:
        if output is not None and output.parent != run:
            raise
        raise StoreError(
            error.message, error_id=error.error_id, hint="-o FILE writes the report elsewhere; --format text prints it."
        ) from error


def _print_run(result: Any, path: Path | None = None) -> None:
    import visiontk.api as api
    from visiontk.cli.print_all_tasks import print_all_tasks
    from visiontk.cli.print_result import print_result

    if isinstance(result, api.AllTasksResult):
        print_all_tasks(result, report=path)
    else:
        print_result(result, report=path)


def _table(result: Any, form: str, output: Path | None, *, as_json: bool) -> int:
    """Print or write only the table of learners."""
    import visiontk.api as api
    from visiontk.cli.print_result import plain_table
    from visiontk.report import writers
    from visiontk.report.tables import full_table, readable_table

    if isinstance(result, api.AllTasksResult):
        raise ConfigError(
            f"{result.path}: holds several tasks; a table is of one of them.",
            error_id="E-REPORT-ALL",
            hint="Name the folder of the task in it.",
        )
    values = result.values
    if form == "text":
        table = plain_table(values)
    elif form == "csv":
        table = writers.csv_text(full_table(values), values["signature"])
    else:
        write = writers.markdown if form == "markdown" else writers.latex
        table = write(readable_table(values), answer(values), values["signature"])
    return _print_table(result, table, output, as_json=as_json)


def _print_table(result: Any, table: str, output: Path | None, *, as_json: bool) -> int:
    from visiontk.harness.files import write_file

    if output is not None:
        write_file(output, table)
    shown(lambda: print_json(dict(result.values)) if as_json else print(table.rstrip("\n")))
    return int(result.exit_code)


def _report_across(runs: list[Path], output: Path | None, form: str, *, metric: str, as_json: bool, **view: Any) -> int:
    """Write several runs on one page, or as one table; options for one run only are refused."""
    if refused := [name for name, value in view.items() if value]:
        raise ConfigError(
            f"--{refused[0].removesuffix('s')}: for one run only, not for {len(runs)}.",
            error_id="E-REPORT-SEVERAL",
            hint="Leave it out: each run is reported with its own settings.",
        )

    import visiontk.api as api
    from visiontk.cli.print_ranking import plain_ranking, print_ranking
    from visiontk.report.several import ranking_table

    result = api.across(runs, metric=metric)
    if form != "html":
        write = {"text": plain_ranking, "markdown": ranking_table.markdown, "latex": ranking_table.latex,
                 "csv": ranking_table.csv_text}  # fmt: skip
        return _print_table(result, write[form](result.values), output, as_json=as_json)
    path = result.report(output or "across.html")
    shown(lambda: print_json(dict(result.values)) if as_json else print_ranking(result, path))
    return result.exit_code


def show(path: str, *, overrides: list[str], as_json: bool, **arguments: Any) -> int:
    """Run ``visiontk show``."""
    import visiontk.api as api
    from visiontk.api.user_data import is_own

    settings = {name: value for name, value in arguments.items() if value is not None}
    if api.is_run(path) or api.is_combined(path) or not is_own(path):
        if settings or overrides:
            raise ConfigError(
                f"--{next(iter(settings), 'set')}: not for a run directory, which has its data already.",
                error_id="E-USAGE",
                hint="visiontk show PATH shows it.",
            )
        result = api.stored(path)
        shown(lambda: print_json(dict(result.values)) if as_json else _print_run(result))
        return result.exit_code

    from visiontk.cli.print_preview import print_data

    value = api.preview_of(api.Request(path, settings, overrides)).as_json()
    shown(lambda: print_json(value) if as_json else print_data(value))
    return EXIT_DONE
