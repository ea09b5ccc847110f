"""The commands in their groups, with the text of their help."""

from __future__ import annotations

from visiontk.cli import command_options as options
from visiontk.cli.parser import Command

ASK, LOOK, SET_UP, EXTEND = "ask", "look", "set up", "extend"

COMMANDS = {
    command.name: command
    for command in (
        Command(
            "compare",
            ASK,
            "Train every learner on the same splits and say which is best.",
            options.compare,
            takes="TARGET",
            about=("Train every learner on the same splits; say which is best. Repeat it to resume.",),
            examples=(
                "visiontk compare image_classification --preset quick",
                "visiontk compare path/to/folder --dry-run --save my.yaml",
                "visiontk compare --predictions resnet.csv svm.csv --truth truth.csv",
            ),
        ),
        Command(
            "report",
            LOOK,
            "Compute results and report again from stored predictions.",
            options.report,
            takes="RUN...",
            about=(
                "Compute results and report again from the stored predictions. Nothing is trained, and the data are "
                "not needed; the run directory may have been moved.",
                "Several runs give one page: the ranks of all learners that ran in each of them, Friedman's test, a "
                "critical-difference diagram, and signed-rank tests of every two learners.",
            ),
            examples=(
                "visiontk report runs/image_classification-digits",
                "visiontk report runs/a --output ~/a.html",
                "visiontk report runs/a --slice people.csv:sex --slice people.csv:age",
                "visiontk report runs/a --metric macro_f1 --format latex",
                "visiontk report runs/a runs/b runs/c --output across.html",
            ),
        ),
        Command(
            "show",
            LOOK,
            "Show a run, or what a folder or table is recognised as.",
            options.show,
            takes="PATH",
            about=(
                "Show the table, the verdict and the warnings of a run directory; or, of a folder or table of data, "
                "what it is recognised as: kind, classes, groups and split. Nothing is written.",
            ),
            examples=("visiontk show runs/image_classification-digits", "visiontk show path/to/folder"),
        ),
        Command(
            "verify",
            LOOK,
            "Repeat the fits of a run and compare the predictions.",
            options.verify,
            takes="RUN",
            about=(
                "Repeat the fits of a run directory elsewhere and compare the predictions: identical, within "
                "tolerance (the metric of every fit within the margin of the run) or different. It takes as long as "
                "the run did.",
                "Nothing in the directory changes but its ledger, as the test set is read again. The exit code is 0, "
                "or 8 if a fit differs or fails.",
            ),
            examples=("visiontk verify runs/demo", "visiontk verify runs/demo --learners hog_svm"),
        ),
        Command(
            "list",
            SET_UP,
            "List tasks, datasets, learners, metrics, presets and settings.",
            options.list_,
            takes="[WHAT]",
            about=(
                "List tasks, or the datasets, learners, metrics, presets and settings to choose from.",
                "A task that cannot be imported is listed as broken, with its reason.",
            ),
            examples=(
                "visiontk list",
                "visiontk list learners",
                "visiontk list datasets --json",
                "visiontk list settings --schema > visiontk.schema.json",
            ),
        ),
        Command(
            "data list",
            SET_UP,
            "List embedded and public datasets, or show one.",
            options.data_list,
            takes="[NAME]",
            about=("List the embedded and public datasets: size, licence and whether they are here; or show one.",),
            examples=("visiontk data list", "visiontk data list fashion_mnist"),
        ),
        Command(
            "data fetch",
            SET_UP,
            "Download a public dataset from its publisher.",
            options.data_fetch,
            takes="NAME",
            about=(
                "Download a public dataset from its publisher into the data folder ($VISIONTK_DATA).",
                "An interrupted transfer is resumed. Files are checked and unpacked, then moved into place in one "
                "step. Nothing that exists is changed.",
            ),
            examples=("visiontk data fetch fashion_mnist",),
        ),
        Command(
            "data audit",
            SET_UP,
            "Look for problems of data before training.",
            options.data_audit,
            takes="TARGET",
            about=(
                "Look for problems of data before training: duplicates and leaks, wrong labels, damaged files, "
                "properties that reveal the class. The exit code is 3 if there is an error.",
            ),
            examples=("visiontk data audit image_classification", "visiontk data audit path/to/folder"),
        ),
        Command(
            "doctor",
            SET_UP,
            "Check this installation.",
            options.doctor,
            about=("Check versions, processors, data folder and tasks; say what to do about problems.",),
            examples=("visiontk doctor", "visiontk doctor --json"),
        ),
        Command(
            "task new",
            EXTEND,
            "Write a package with your own task, ready to run.",
            options.task_new,
            takes="NAME",
            about=(
                "Write a package with your own task: synthetic data that need no download, a network, a traditional "
                "method, the floor, and tests. It installs, is listed, compared and checked as it is; comments say "
                "what to edit.",
                "Nothing that exists is overwritten.",
            ),
            examples=(
                "visiontk task new bird_songs --like audio_classification",
                "visiontk task new plankton --out ~/code/plankton",
            ),
        ),
        Command(
            "task check",
            EXTEND,
            "Check the contract of a task, or of an addition to one.",
            options.task_check,
            takes="NAME",
            about=(
                "Run the checks that every task and every learner must pass, in a separate process: splits that do not "
                "leak, scores that do not depend on neighbours or targets, seeds that are respected, sources that are "
                "cited. Each is a sentence, with a remedy if it fails.",
                "Learners are fitted on at most 200 samples of the first dataset. The exit code is 0 if every check "
                "passes, else 8.",
            ),
            examples=(
                "visiontk task check image_classification --fast",
                "visiontk task check image_classification.hog_svm",
                "visiontk task check text_classification --only seed",
            ),
        ),
    )
}

MOVED = {
    "config": "visiontk compare TARGET --dry-run --save FILE",
    "new": "visiontk task new NAME",
    "check": "visiontk task check NAME",
    "fetch": "visiontk data fetch NAME",
    "audit": "visiontk data audit TARGET",
}
"""Commands that users may expect, and the commands that do their work."""
