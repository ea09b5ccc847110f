"""Arguments of each command."""

from __future__ import annotations

import argparse
from pathlib import Path

from visiontk.cli.parser import Parser, names, whole
from visiontk.cli.predictions_options import add_predictions
from visiontk.cli.setting_options import add_setting, add_settings, reader
from visiontk.harness.experiment import SETTINGS, USER_DATA

KINDS = ("tasks", "datasets", "learners", "metrics", "presets", "settings")
"""Kinds of things that can be listed."""


def compare(parser: Parser) -> None:
    """Add the arguments of ``compare``."""
    parser.add_argument(
        "target",
        nargs="?",
        metavar="TARGET",
        help="A task; a config (.yaml); a folder with one folder per class; a table (.csv, .tsv, .jsonl, .parquet); "
        "or all."
        + (
            " Folders of classes hold images, audio or texts, and may lie in train, test and perhaps valid. A table "
            "names files or holds texts. For all, every task is compared on its first dataset, with one page over all."
            if parser.full
            else ""
        ),
    )
    parser.require_either("target", "predictions")
    add_settings(parser, (USER_DATA | SETTINGS).values())
    add_predictions(parser)
    run = parser.add_argument_group("run")
    run.add_argument("--dry-run", action="store_true", help="Show data, split, fits, time and disk; run nothing.")
    run.add_argument("--save", metavar="FILE", help="Write the comparison as a config; - prints it.")
    run.add_argument("--out", type=Path, metavar="FOLDER", help="Run directory. Default: runs/TASK-DATASET.")
    parser.rare(run, "--workers", type=whole(1, 256), metavar="N", help="Fits at a time. Default: CPUs / threads.")
    parser.rare(run, "--executor", default="processes", metavar="NAME", help=EXECUTOR)
    parser.rare(run, "--no-audit", action="store_true", help="Do not audit the data first. Audits are stored.")
    parser.rare(
        run,
        "--set",
        action="append",
        default=[],
        dest="overrides",
        metavar="KEY=VALUE",
        help="Any key of a config, such as learners.lenet5.epochs=3 or dataset.size=96. May be repeated.",
    )


EXECUTOR = "processes (default), or serial: in this process, for debugging."


def report(parser: Parser) -> None:
    """Add the arguments of ``report``."""
    parser.add_argument(
        "runs",
        nargs="+",
        type=Path,
        metavar="RUN",
        help="A run directory; or three or more, on different data, to rank the learners that ran in all of them.",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="Default: report.html in the run directory, report-NAME.html with other settings, across.html here for "
        "several runs; tables are printed.",
    )
    parser.add_argument("--metric", default="", metavar="NAME", help="Metric to compare. Default: that of the run.")
    parser.add_argument(
        "--group",
        default="",
        metavar="UNIT",
        help="Unit of independence: group (or its name, such as person), sample, fold, or FILE.csv:COLUMN, a table "
        "with the columns id and COLUMN. Default: the groups of the data, if any.",
    )
    for name in ("calibration", "threshold"):
        each = SETTINGS[name]
        parser.add_argument(
            each.option, type=reader(each.form), default="", metavar=each.setting.metavar,
            help=f"{each.setting.help} {each.setting.more}",
        )  # fmt: skip
    parser.add_argument(
        "--slice",
        action="append",
        default=[],
        dest="slices",
        metavar="FILE:COLUMN",
        help="Also show results by this column, such as people.csv:sex of a table with the columns id and sex; numbers "
        "are cut at their quartiles. May be repeated.",
    )
    parser.add_argument(
        "--claim",
        default="",
        metavar="CLAIM",
        help='Claim to answer, such as "network > traditional by 2"; it is marked as exploratory, as it was not stated '
        "beforehand. Default: that of the run.",
    )
    parser.add_argument(
        "--predictions",
        type=Path,
        metavar="FOLDER",
        help="Only write the predictions of the run as tables, which compare --predictions reads.",
    )
    parser.add_argument(
        "--format",
        default="html",
        dest="form",
        metavar="NAME",
        help="html (default), or only the table as text, markdown, latex or csv.",
    )


def show(parser: Parser) -> None:
    """Add the arguments of ``show``."""
    parser.add_argument("path", metavar="PATH", help="A run directory, or a folder or table of data.")
    _data_options(parser, "task")


def _data_options(parser: Parser, *settings: str) -> None:
    """Add the options about data, so that those which an error suggests can be typed after any command."""
    add_settings(parser, USER_DATA.values())
    for name in settings:
        add_setting(parser, parser, SETTINGS[name], rare=False)
    parser.add_argument(
        "--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE", help="As for visiontk compare."
    )


def verify(parser: Parser) -> None:
    """Add the arguments of ``verify``."""
    parser.add_argument("run", type=Path, metavar="RUN", help="A run directory that visiontk compare wrote.")
    parser.add_argument("--learners", type=names, metavar="A,B", help="Only these. Default: all with a finished fit.")
    parser.add_argument("--workers", type=whole(1, 256), metavar="N", help="Fits at a time. Default: CPUs / threads.")
    parser.add_argument("--executor", default="processes", metavar="NAME", help=EXECUTOR)


def list_(parser: Parser) -> None:
    """Add the arguments of ``list``."""
    kinds = f"{', '.join(KINDS[:-1])} or {KINDS[-1]}"
    parser.add_argument("what", nargs="?", default="tasks", metavar="WHAT", help=f"{kinds}. Default: tasks.")
    parser.add_argument("--task", metavar="NAME", help="Only of this task. Default: all tasks.")
    parser.add_argument("--schema", action="store_true", help="With settings: print the JSON Schema of configs.")


def data_list(parser: Parser) -> None:
    """Add the arguments of ``data list``."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="A dataset. Default: all.")


def data_fetch(parser: Parser) -> None:
    """Add the arguments of ``data fetch``."""
    parser.add_argument("name", metavar="NAME", help="A dataset; visiontk data list shows the names.")


def data_audit(parser: Parser) -> None:
    """Add the arguments of ``data audit``."""
    parser.add_argument("target", metavar="TARGET", help="As for visiontk compare: a task, config, folder or table.")
    _data_options(parser, "dataset", "task", "folds")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="Default: runs/TASK-DATASET/audit.html.")


def task_new(parser: Parser) -> None:
    """Add the arguments of ``task new``."""
    parser.add_argument("name", metavar="NAME", help="Of the task: lower case, an identifier, not in use.")
    parser.add_argument(
        "--like",
        default="image_classification",
        metavar="TASK",
        help="A task with the same kind of inputs: image_classification (default), audio_classification for signals of "
        "any kind, text_classification; or images, signals, texts.",
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="Folder to create. Default: NAME, here.")


def task_check(parser: Parser) -> None:
    """Add the arguments of ``task check``."""
    parser.add_argument(
        "subject",
        metavar="NAME",
        help="A task, with everything that packages add to it; or TASK.NAME, one learner, dataset or metric of a task.",
    )
    parser.add_argument("--only", default="", metavar="WORD", help="Only checks whose sentence contains this.")
    speed = parser.add_mutually_exclusive_group()
    speed.add_argument(
        "--fast", action="store_const", const="fast", dest="speed", help="Only checks that fit nothing: seconds."
    )
    speed.add_argument(
        "--slow", action="store_const", const="slow", dest="speed", help="Only checks that fit learners, on tiny data."
    )


def doctor(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``doctor``: none."""
