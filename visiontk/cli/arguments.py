"""Words of a command line and what they mean. Only the standard library: ``--help`` and mistakes answer at once."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from visiontk.cli.wrapping import width, wrapped
from visiontk.errors import ConfigError, unknown

QUESTION = (
    "Is a convolutional network worth it, against a well-tuned traditional method, and how sure are we? "
    "visiontk trains networks and traditional learners on the same splits with the same budget, and says "
    "who wins, by how much, how surely and at what cost."
)

EXIT_CODES = (
    ("0", "done"),
    ("1", "a fault of visiontk"),
    ("2", "usage or config"),
    ("3", "data refused"),
    ("5", "done, but some fits failed or are missing"),
    ("6", "something missing in the environment"),
    ("7", "run directory damaged or another run's"),
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


@dataclass(frozen=True)
class Command:
    """One command.

    Parameters
    ----------
    name : str
        The word that calls it.
    summary : str
        In the list of commands.
    about : tuple of str
        Paragraphs at the top of its help.
    options : callable
        Adds its arguments to a parser.
    after : str
        At the end of its help, as it is.
    takes : str
        Its arguments in the usage line, after a blank.
    """

    name: str
    summary: str
    options: Callable[[Parser], None]
    about: tuple[str, ...] = ()
    after: str = ""
    takes: str = ""


@dataclass
class ParsedCommand:
    """What a command line asks for: a command with its arguments, or only a text to print."""

    command: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    text: str = ""


class Parser(argparse.ArgumentParser):
    """A parser that raises a ConfigError instead of ending the program."""

    def __init__(self, command: Command) -> None:
        super().__init__(
            prog=f"visiontk {command.name}",
            usage=f"visiontk {command.name} [OPTIONS]{command.takes}",
            description="\n\n".join(wrapped(part) for part in (command.about or (command.summary,))),
            epilog=command.after,
            formatter_class=_formatter,
            allow_abbrev=False,
            add_help=False,
        )
        self._positionals.title = "arguments"
        self.command = command
        command.options(self)
        common = self.add_argument_group("reporting")
        common.add_argument("--json", action="store_true", help="Print one JSON value, also for an error.")
        common.add_argument("--debug", action="store_true", help="Show the Python traceback of an error.")
        common.add_argument("-h", "--help", action="store_true", help="Show this text.")

    def error(self, message: str) -> NoReturn:
        """Raise what argparse has to say."""
        text = re.sub(r"^argument (?:-\w/)?", "", message)
        text = text.replace("the following arguments are required: ", "missing: ").replace(
            ": expected one argument", ": a value is missing"
        )
        raise _usage(f"{self.prog}: {text}.".replace("..", "."), self.prog)

    def read(self, words: Sequence[str]) -> dict[str, Any]:
        """The arguments by name.

        Raises
        ------
        ConfigError
            If an option does not exist or a value is wrong.
        """
        known = self._option_string_actions
        for word in words:
            if word == "--":
                break
            name = word.partition("=")[0]
            if not re.match(r"--?[A-Za-z]", word) or name in known or (word[1] != "-" and word[:2] in known):
                continue
            # Without all forty names: the hint says where they stand, and a far one would mislead.
            near = difflib.get_close_matches(name, [each for each in known if each.startswith("--")], n=1, cutoff=0.7)
            question = f" Did you mean {near[0]!r}?" if near else ""
            raise _usage(f"{self.prog}: No option {name!r}.{question}", self.prog, "E-UNKNOWN-OPTION")
        found, surplus = self.parse_known_args(list(words))
        if surplus:
            names = {"--dataset", "--learners"} <= set(known)
            meant = f" Options have names, such as --dataset {surplus[0]}." if names else ""
            raise _usage(f"{self.prog}: {surplus[0]!r} is one argument too many.{meant}", self.prog)
        return vars(found)


def _formatter(prog: str) -> argparse.HelpFormatter:
    columns = width()
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=min(26, columns // 2), width=columns)


def _usage(message: str, prog: str, error_id: str = "E-USAGE") -> ConfigError:
    return ConfigError(message, error_id=error_id, hint=f"{prog} --help shows what there is.")


def whole(low: int, high: int) -> Callable[[str], int]:
    """A reader of whole numbers in a range."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[-+]?[0-9]{1,15}", text.strip()) or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r} given; expected a whole number from {low} to {high}")
        return int(text)

    return read


def number(text: str) -> float:
    """A number, of which the config says whether it is in range."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} given; expected a number, such as 0.01") from None


def words_of(text: str) -> list[str]:
    """Names with commas between them."""
    return [word.strip() for word in text.split(",") if word.strip()]


def seeds_of(text: str) -> Any:
    """How many seeds, or a list of them; anything else is left to the config, which says what is wrong."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() and len(word) < 12 for word in words):
        return text
    return int(words[0]) if len(words) == 1 else [int(word) for word in words]


def _list(parser: Parser) -> None:
    parser.add_argument(
        "what",
        nargs="?",
        default="tasks",
        metavar="WHAT",
        help="tasks, datasets, learners, metrics or presets. Default: tasks.",
    )
    parser.add_argument("--task", metavar="NAME", help="Only what this task has. Default: all tasks.")


def _compare(parser: Parser) -> None:
    parser.add_argument(
        "target",
        metavar="TARGET",
        help="A task, a config (.yaml), or your own data: a folder with one folder of pictures, sounds or texts per "
        "class, or train, test and perhaps valid with such folders in them; or a table (.csv, .tsv, .jsonl, .parquet) "
        "that names files or holds texts. Or all: every task on its first data set, one page over all.",
    )
    _what(parser)
    run = parser.add_argument_group("where and how it runs")
    run.add_argument(
        "--dry-run", action="store_true", help="Show what would be done: data, split, fits, time, disk. Write nothing."
    )
    run.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="The run directory. Default: runs/TASK-DATASET, or runs/all, with the preset at its end unless it is "
        "standard.",
    )
    run.add_argument(
        "--workers", type=whole(1, 256), metavar="N", help="Fits at a time. Default: processors divided by threads."
    )
    run.add_argument("--threads", type=whole(1, 1024), metavar="N", help="Per fit. Default: 1.")
    run.add_argument(
        "--executor",
        default="processes",
        metavar="NAME",
        help="processes (default), or serial: one after the other in this process, for debugging.",
    )
    run.add_argument(
        "--no-audit",
        action="store_true",
        help="Do not audit the data first. An audit is kept under the fingerprint of the data, so it costs once.",
    )


def _config(parser: Parser) -> None:
    parser.add_argument("target", nargs="?", metavar="TARGET", help="As for visiontk compare.")
    parser.add_argument(
        "--schema", action="store_true", help="Print the JSON Schema of configs instead, for editors to complete them."
    )
    _what(parser)
    parser.add_argument("--threads", type=whole(1, 1024), metavar="N", help="Per fit. Default: 1.")


def _what(parser: Parser) -> None:
    own = parser.add_argument_group("your own folder or table")
    own.add_argument("--label", metavar="COLUMN", help="The column of a table with the classes.")
    own.add_argument(
        "--group",
        metavar="WHICH",
        help="What belongs together, such as one person, and is never learnt and tested at once: a column of a table; "
        "or of the names of files, name:2 (their second part), name (without the last number) or folder; or none.",
    )
    own.add_argument("--split", metavar="COLUMN", help="The column with train, valid and test, or folds; or none.")
    own.add_argument("--time", metavar="COLUMN", help="The column with dates: the latest fifth is test.")
    own.add_argument("--text", metavar="COLUMN", help="The column with the texts.")
    own.add_argument("--path", metavar="COLUMN", help="The column with the names of the files.")
    own.add_argument(
        "--slice",
        action="append",
        dest="slices",
        metavar="COLUMN",
        help="Show results by this column of a table too, such as scanner or age; no learner sees it. May be repeated.",
    )
    what = parser.add_argument_group("what is compared")
    what.add_argument("--dataset", metavar="NAME", help="Default: the first of the task, which needs no download.")
    what.add_argument(
        "--learners", type=words_of, metavar="A,B", help="Names with commas between. Default: those the task chooses."
    )
    what.add_argument(
        "--task", metavar="NAME", help="For a folder or table: which task compares it. Default: by the kind of files."
    )
    what.add_argument(
        "--reference",
        metavar="NAME",
        help="The learner that the others are compared with. Default: the traditional one that does best on valid.",
    )
    what.add_argument(
        "--margin",
        type=number,
        metavar="X",
        help="A difference too small to matter, in the unit of the metric. Default: 0.01, one point of accuracy.",
    )
    effort = parser.add_argument_group("effort, the same for every learner")
    effort.add_argument(
        "--preset",
        metavar="NAME",
        help="quick: a rough picture from 1 seed, 1 fold, 2,000 training samples and 60 CPU s per fit. "
        "standard (default): 3 seeds, 5 folds, all samples, 10 CPU min. thorough: 5 seeds, 5 folds, and a search: "
        "20 configurations and 30 CPU min per learner and fold.",
    )
    effort.add_argument("--seeds", type=seeds_of, metavar="N", help="How many, or a list such as 0,1,5.")
    effort.add_argument(
        "--folds",
        type=whole(1, 100),
        metavar="N",
        help="1 holds out a fifth; data that their publisher split keep that split by default.",
    )
    effort.add_argument(
        "--budget",
        metavar="TIME",
        help="CPU time per fit, such as 90s, 10m or 1h; with a search, of all fits of a learner on a fold.",
    )
    effort.add_argument(
        "--trials",
        type=whole(1, 10_000),
        metavar="N",
        help="Search: every learner tries up to N configurations, its default first. The best on valid "
        "is tested if it is ahead of the default by more than its standard error. Default: 1, no search.",
    )
    effort.add_argument(
        "--curve",
        nargs="?",
        type=whole(1, 100),
        const=3,
        metavar="DRAWS",
        help="Learning curve: also fit on a half, a quarter, ... of train, each drawn so many times (3 if no number is "
        "given), and show where the families cross.",
    )
    effort.add_argument(
        "--max-train", type=whole(2, 10**9), metavar="N", help="At most so many training samples, drawn by class."
    )
    effort.add_argument(
        "--imbalance", metavar="POLICY", help="none, or balanced: the same total weight for every class. Default: none."
    )
    _judging(effort)
    effort.add_argument(
        "--set",
        action="append",
        default=[],
        dest="overrides",
        metavar="KEY=VALUE",
        help="Any key of a config, such as learners.lenet5.epochs=3 or dataset.size=96. May be repeated.",
    )


def _report(parser: Parser) -> None:
    parser.add_argument(
        "runs",
        nargs="+",
        type=Path,
        metavar="RUN",
        help="A run directory that visiontk compare wrote; or three or more, on different data, to rank the learners "
        "that ran in all of them.",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="Default: report.html in the run directory, report-NAME.html for another look, across.html here for "
        "several runs; tables are printed.",
    )
    parser.add_argument("--metric", default="", metavar="NAME", help="Compare this one. Default: that of the run.")
    parser.add_argument(
        "--group",
        default="",
        metavar="UNIT",
        help="What is independent: group (or what a group is, such as person), sample, fold, or FILE.csv:COLUMN, a "
        "table with the columns id and COLUMN. Default: the groups of the data, where they have some.",
    )
    _judging(parser, "")
    parser.add_argument(
        "--slice",
        action="append",
        default=[],
        dest="slices",
        metavar="FILE:COLUMN",
        help="Show results by this column too, such as people.csv:sex of a table with the columns id and sex; numbers "
        "are cut at their quartiles. May be repeated.",
    )
    parser.add_argument(
        "--format",
        default="html",
        dest="form",
        metavar="NAME",
        help="html (default), or only the table as text, markdown, latex or csv.",
    )


def _number_or_name(word: str) -> float | str:
    try:
        return float(word)
    except ValueError:
        return word


def _judging(parser: argparse._ActionsContainer, unset: str | None = None) -> None:
    parser.add_argument(
        "--calibration",
        default=unset,
        metavar="METHOD",
        help="What is made of the scores of every learner, by valid: none, temperature or isotonic. Default: none; the "
        "report shows what each would do.",
    )
    parser.add_argument(
        "--threshold",
        type=_number_or_name,
        default=unset,
        metavar="WHERE",
        help="For two classes, where the second is called: largest, youden, or the sensitivity that is required on "
        "valid, such as 0.95. Default: largest.",
    )


def _verify(parser: Parser) -> None:
    parser.add_argument("run", type=Path, metavar="RUN", help="A run directory that visiontk compare wrote.")
    parser.add_argument("--learners", type=words_of, metavar="A,B", help="Only these. Default: all that have finished.")
    parser.add_argument(
        "--workers", type=whole(1, 256), metavar="N", help="Fits at a time. Default: processors divided by threads."
    )
    parser.add_argument(
        "--executor",
        default="processes",
        metavar="NAME",
        help="processes (default), or serial: in this process, for debugging.",
    )


def _data(parser: Parser) -> None:
    parser.add_argument("action", choices=("list", "fetch", "audit"), metavar="ACTION", help="list, fetch or audit.")
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="A data set; list shows all when none is named. For audit a target, as compare takes it: a task, a "
        "config (.yaml) or a folder.",
    )
    audit = parser.add_argument_group("audit only")
    audit.add_argument("--dataset", metavar="NAME", help="Default: the first of the task, which needs no download.")
    audit.add_argument("--task", metavar="NAME", help="For a folder: which task reads it. Default: the one that can.")
    audit.add_argument("--folds", type=whole(1, 100), metavar="N", help="As for compare. Default: 5 without a split.")
    audit.add_argument(
        "--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE", help="As for compare."
    )
    audit.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="The page. Default: runs/TASK-DATASET/audit.html."
    )


def _new(parser: Parser) -> None:
    parser.add_argument("what", choices=("task",), metavar="task", help="The word task.")
    parser.add_argument("name", metavar="NAME", help="Of the task: lower case, an identifier, not taken.")
    parser.add_argument(
        "--like",
        default="image_classification",
        metavar="TASK",
        help="A task with the same kind of inputs: image_classification (default), audio_classification for signals of "
        "any kind, text_classification; or pictures, signals, texts.",
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="The folder that is made. Default: NAME, here.")


def _check(parser: Parser) -> None:
    parser.add_argument(
        "subject",
        metavar="NAME",
        help="A task, with all that packages add to it; or TASK.NAME, one learner, dataset or metric of a task.",
    )
    parser.add_argument("--only", default="", metavar="WORD", help="Only checks whose sentence has this in it.")
    speed = parser.add_mutually_exclusive_group()
    speed.add_argument(
        "--fast", action="store_const", const="fast", dest="speed", help="Only checks that fit nothing: seconds."
    )
    speed.add_argument(
        "--slow", action="store_const", const="slow", dest="speed", help="Only checks that fit learners, on tiny data."
    )


COMMANDS = {
    command.name: command
    for command in (
        Command(
            "list",
            "Show the tasks, datasets, learners, metrics and presets to choose from.",
            _list,
            takes=" [WHAT]",
            about=(
                "Show what there is: tasks, and the datasets, learners, metrics and presets to choose from.",
                "A task that cannot be imported is listed as broken, with its reason.",
            ),
            after="examples:\n  visiontk list\n  visiontk list learners\n  visiontk list datasets --json",
        ),
        Command(
            "compare",
            "Train every learner on the same splits and say who wins.",
            _compare,
            takes=" TARGET",
            about=(
                "Train every learner on the same splits, then say who wins, by how much, how surely, at what cost.",
                "The same command goes on where an earlier one stopped: finished fits are not repeated. The run "
                "directory then holds report.html, one file to send around, and results.json, the numbers.",
                "Names and parameters are shown by visiontk list learners, list datasets and list presets.",
            ),
            after="examples:\n"
            "  visiontk compare image_classification --preset quick\n"
            "  visiontk compare image_classification --learners hog_svm,lenet5 --seeds 3\n"
            "  visiontk compare configs/fashion_mnist.yaml --out runs/a \\\n"
            "      --set learners.lenet5.epochs=3\n"
            "  visiontk compare path/to/folder --preset quick\n"
            "  visiontk compare path/to/folder --dry-run\n"
            "  visiontk compare all --preset quick",
        ),
        Command(
            "config",
            "Write a comparison as a config to edit.",
            _config,
            takes=" TARGET",
            about=(
                "Print the config of a comparison: every default filled in, every key explained. Running it gives the "
                "same fits as the command.",
            ),
            after="examples:\n"
            "  visiontk config path/to/folder --preset quick > my.yaml\n"
            "  visiontk config image_classification\n"
            "  visiontk config --schema > visiontk.schema.json",
        ),
        Command(
            "report",
            "Compute results and report anew from stored predictions.",
            _report,
            takes=" RUN...",
            about=(
                "Compute results and report anew from the stored predictions. Nothing is trained, and the data "
                "are not needed; the run directory may have been moved.",
                "Several runs give one page: the ranks of all learners that ran in each of them, Friedman's test, a "
                "critical-difference diagram, and signed-rank tests of every two learners.",
            ),
            after="examples:\n  visiontk report runs/image_classification-digits\n"
            "  visiontk report runs/a --output ~/a.html\n"
            "  visiontk report runs/a --slice people.csv:sex --slice people.csv:age\n"
            "  visiontk report runs/a --metric macro_f1 --format latex\n"
            "  visiontk report runs/a runs/b runs/c --output across.html",
        ),
        Command(
            "verify",
            "Fit again what a run holds, and say whether the same comes out.",
            _verify,
            takes=" RUN",
            about=(
                "Fit again what a run directory holds, elsewhere, and compare the predictions: identical, within "
                "tolerance (the metric of every fit within the margin of the run) or different. It takes as long as "
                "the run did.",
                "Nothing in the directory changes but its ledger, as the test part is read again. The exit code is 0, "
                "or 8 where something is different or fails.",
            ),
            after="examples:\n  visiontk verify runs/demo\n  visiontk verify runs/demo --learners hog_svm",
        ),
        Command(
            "data",
            "Show public data sets, fetch one from its publisher, or audit data.",
            _data,
            takes=" ACTION",
            about=(
                "Show the public data sets that tasks know: size, licence and whether they are here; or fetch one "
                "from its publisher into the data folder ($VISIONTK_DATA).",
                "A transfer that broke off goes on where it stopped. What arrives is checked and unpacked, and "
                "becomes the data set in one step. Nothing that is there already is changed.",
                "audit looks for what is wrong with data before anybody learns from them: duplicates and leaks, "
                "wrong labels, damaged files, facts that tell the class. It ends with 3 if there is an error.",
            ),
            after="examples:\n  visiontk data list\n  visiontk data list fashion_mnist\n"
            "  visiontk data fetch fashion_mnist\n  visiontk data audit image_classification\n"
            "  visiontk data audit path/to/folder",
        ),
        Command(
            "new",
            "Write a package with a task of your own, ready to run.",
            _new,
            takes=" task NAME",
            about=(
                "Write a package with a task of your own: drawn data that need no download, a network, a traditional "
                "method, the floor, and tests. It installs, is listed, compared and checked as it is; comments say "
                "what to edit.",
                "Nothing that exists is overwritten.",
            ),
            after="examples:\n  visiontk new task bird_songs --like audio_classification\n"
            "  visiontk new task plankton --out ~/code/plankton",
        ),
        Command(
            "check",
            "Hold a task, or what a package adds to one, to the contract.",
            _check,
            takes=" NAME",
            about=(
                "Carry out the checks that every task and every learner must pass, in a process of its own: splits "
                "that do not leak, scores that do not depend on neighbours or targets, seeds that are obeyed, sources "
                "that are cited. Each is a sentence, with what to do where it does not hold.",
                "Learners are fitted on at most 200 samples of the first dataset. The exit code is 0 if everything "
                "holds and 8 if something does not.",
            ),
            after="examples:\n  visiontk check image_classification --fast\n"
            "  visiontk check image_classification.hog_svm\n"
            "  visiontk check text_classification --only seed",
        ),
        Command(
            "doctor",
            "Look at this installation and say what is wrong with it.",
            lambda parser: None,
            about=("Look at versions, processors, data folder and tasks; say what to do about faults.",),
            after="examples:\n  visiontk doctor\n  visiontk doctor --json",
        ),
    )
}


def parser(name: str) -> Parser:
    """The parser of one command."""
    return Parser(COMMANDS[name])


def help_text() -> str:
    """What ``visiontk --help`` prints."""
    parts = [
        ("commands", [(command.name, command.summary) for command in COMMANDS.values()]),
        ("options", OPTIONS),
        (
            "examples",
            [("visiontk compare image_classification --preset quick", ""), ("visiontk compare path/to/folder", "")],
        ),
        ("exit codes", EXIT_CODES),
    ]
    lines = ["usage: visiontk COMMAND ...", "", wrapped(QUESTION)]
    for title, rows in parts:
        lines += ["", f"{title}:", *(wrapped(f"{name:11} {text}".rstrip(), 2, hanging=14) for name, text in rows)]
    return "\n".join(lines)


def read(words: Sequence[str]) -> ParsedCommand:
    """What these words ask for, without carrying anything out.

    Raises
    ------
    ConfigError
        If they cannot be understood.

    Examples
    --------
    >>> asked = read(["report", "runs/a"])
    >>> asked.command, asked.arguments["runs"][0].name
    ('report', 'a')
    """
    first, *rest = words or ["--help"]
    if first == "help":
        first, rest = (rest[0], ["--help"]) if rest else ("--help", [])
    if first in ("-h", "--help"):
        return ParsedCommand(text=help_text())
    if first not in COMMANDS:
        kind = "option" if first.startswith("-") else "command"
        names = ["--version", "--help", "--json", "--debug"] if kind == "option" else COMMANDS
        error = unknown(kind, first, names)
        raise ConfigError(error.message, error_id=error.error_id, hint="visiontk --help shows what there is.")
    made = parser(first)
    options = rest[: rest.index("--")] if "--" in rest else rest
    if "-h" in options or "--help" in options:
        return ParsedCommand(text=made.format_help())
    return ParsedCommand(first, made.read(rest))
