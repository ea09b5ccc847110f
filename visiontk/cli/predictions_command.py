"""The command ``compare --predictions``. Nothing heavy is imported until it is needed."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from visiontk.cli.predictions_options import FOR_ALSO, OWN, SHARED
from visiontk.cli.printing import print_json, shown
from visiontk.cli.wrapping import wrapped
from visiontk.errors import ConfigError
from visiontk.messages import printable

PASSED = (
    *("metric", "reference", "claim", "margin", "calibration", "threshold", "slices", "classes", "positive", "scale"),
    *("on_missing", "files"),
)
"""Options that are arguments of `compare_predictions` by the same name."""


def compare_files(
    predictions: Sequence[str], *, target: str | None, out: Path | None, as_json: bool, **arguments: Any
) -> int:
    """Run ``visiontk compare --predictions``."""
    values = {name: value for name, value in arguments.items() if value not in (None, [], False)}
    if target is not None:
        raise ConfigError(
            f"visiontk compare: TARGET {printable(target)!r} and --predictions: name one of them.",
            error_id="E-USAGE",
            hint="visiontk compare TARGET --also FILE puts a model beside the learners of a run.",
        )
    refused = sorted(set(values) - set(SHARED) - set(OWN) - {"executor"})
    if refused:
        raise ConfigError(
            f"--{refused[0].replace('_', '-')}: not with --predictions: nothing is fitted.",
            error_id="E-USAGE",
            hint="visiontk compare --help shows the options for models that were fitted elsewhere.",
        )
    sources = models(predictions)

    from visiontk.api.predicted import compare_predictions
    from visiontk.cli.display import Display
    from visiontk.cli.print_result import print_result

    result = compare_predictions(
        sources,
        y=values.get("truth"),
        groups=values.get("group"),
        valid=_valid(values.get("valid", ()), list(sources)),
        valid_y=values.get("valid_truth"),
        families=dict(values.get("family", ())),
        columns=dict(values.get("column", ())),
        out=out,
        command=_command(predictions, out, values),
        **{name: values[name] for name in PASSED if name in values},
    )
    if as_json:
        shown(lambda: print_json(dict(result.values)))
        return result.exit_code
    display = Display(quiet=False)
    for note in result.values["dataset"]["notes"]:
        display.say(wrapped(note, 0, hanging=2))
    shown(lambda: print_result(result))
    return result.exit_code


def models(files: Sequence[str], option: str = "--predictions") -> dict[str, str]:
    """Return the files by the name of the model: ``NAME=FILE``, or the name of the file without its ending.

    Examples
    --------
    >>> models(["runs/resnet.csv", "svm=b.npz"])
    {'resnet': 'runs/resnet.csv', 'svm': 'b.npz'}
    """
    sources: dict[str, str] = {}
    for text in files:
        name, sign, path = text.partition("=")
        if not sign or "/" in name or Path(text).expanduser().exists():
            name, path = Path(text).stem, text
        if name in sources:
            raise ConfigError(
                f"{option}: two models are called {printable(name)!r}.",
                error_id="E-PREDICTIONS-NAME",
                hint=f"Name them: {printable(name)}1={printable(sources[name])} {printable(name)}2={printable(path)}.",
            )
        sources[name] = path
    return sources


def _valid(files: Sequence[str], names: Sequence[str]) -> dict[str, str] | None:
    """Return the tables of the validation set by model: as named, or in the order of the models."""
    if not files:
        return None
    parts = [text.partition("=") for text in files]
    if all(sign and name in names for name, sign, _ in parts):
        by_name = {name: path for name, _, path in parts}
        if set(by_name) == set(names):
            return {name: by_name[name] for name in names}
    if len(files) != len(names):
        raise ConfigError(
            f"--valid: {len(files)} tables for {len(names)} models.",
            error_id="E-PREDICTIONS-VALID",
            hint="Name one for each, in the order of --predictions.",
        )
    return dict(zip(names, files, strict=True))


def _command(predictions: Sequence[str], out: Path | None, values: Mapping[str, Any]) -> str:
    """Return the command line that repeats the comparison."""
    words = ["visiontk", "compare", "--predictions", *predictions]
    for name, value in values.items():
        option = f"--{ {'slices': 'slice'}.get(name, name).replace('_', '-') }"
        if name in ("valid",):
            words += [option, *value]
        elif name in ("family", "column"):
            words += [word for left, right in value for word in (option, f"{left}={right}")]
        elif name == "slices":
            words += [word for each in value for word in (option, each)]
        elif name == "classes":
            words += [option, ",".join(value)]
        elif name != "executor":
            words += [option, str(value)]
    return shlex.join([*words, *([] if out is None else ["--out", str(out)])])


class Also(NamedTuple):
    """Models beside the learners of a run: files by name, arguments of `Options`, and the folder of the samples."""

    sources: dict[str, str]
    choices: dict[str, Any]
    files: Path | None


def also_of(arguments: dict[str, Any]) -> Also | None:
    """Take the options for predictions out of the arguments of ``compare TARGET``; None without ``--also``."""
    files = arguments.pop("also", None)
    # Without --also, --files names those of the table that is compared.
    own = {name: value for name in OWN if (files or name != "files") and (value := arguments.pop(name, None))}
    meaningless = [name for name in own if not files or name not in FOR_ALSO]
    if meaningless:
        raise ConfigError(
            f"--{meaningless[0].replace('_', '-')}: only with --predictions"
            f"{' or --also' if meaningless[0] in FOR_ALSO else ''}.",
            error_id="E-USAGE",
            hint="visiontk compare --predictions FILE FILE compares models that were fitted elsewhere.",
        )
    if not files:
        return None
    shown = Path(own.pop("files")) if "files" in own else None
    if "column" in own:
        own["columns"] = dict(own.pop("column"))
    if "classes" in own:
        own["classes"] = tuple(own["classes"])
    return Also(models(files, "--also"), own, shown)


def beside(run: Path, also: Also, *, as_json: bool) -> int:
    """Put models beside the learners of a finished run, and print the result."""
    from visiontk.api.beside import compare_beside
    from visiontk.cli.print_result import print_result
    from visiontk.predictions.table import Options

    words = ["visiontk", "compare", str(run / "experiment.yaml"), "--out", str(run), "--also", *also.sources.values()]
    options = Options(**also.choices)
    result = compare_beside(run, also.sources, options=options, files=also.files, command=shlex.join(words))
    shown(lambda: print_json(dict(result.values)) if as_json else print_result(result))
    return result.exit_code
