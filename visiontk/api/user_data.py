"""A folder or table of the user's: its task and dataset, as the beginning of a config."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from visiontk import strict_yaml
from visiontk.api.folder_tables import choose_form
from visiontk.api.other_files import other_forms_in, table_of_folders, tables_in
from visiontk.api.user_readers import UserReader, choose, kinds_of, private_kinds, user_readers
from visiontk.core import Card, Samples, parameters
from visiontk.data.formats import tables
from visiontk.data.layouts.class_folders import Listing
from visiontk.data.privacy import numbered_errors
from visiontk.data.recognise.folders import recognise_folder
from visiontk.data.recognise.kinds import Kinds, is_table, kinds_in, mixed, survey
from visiontk.data.recognise.records import DetectedSetting, Overrides, Recognised
from visiontk.data.recognise.user_tables import recognise_table
from visiontk.errors import ConfigError, DataError, VisiontkError
from visiontk.harness.experiment import USER_DATA
from visiontk.messages import printable
from visiontk.registry import get_task

_OPTION_OF = {"label_column": "label", "group_column": "group", "part_column": "split", "time_column": "time",
              "text_column": "text", "path_column": "path", "files_folder": "files", "group": "group",
              "encoding": "encoding", "delimiter": "delimiter", "header": "header", "on_rare_class": "on_rare_class",
              "label": "label", "split": "split"}  # fmt: skip
"""Options by the parameters of datasets."""

_FOLLOWS = {
    "E-SPLIT-CLASS": ("group", "split", "label"),
    "E-SPLIT-GROUP": ("group", "split"),
    "E-SPLIT-PARTS": ("split",),
    "E-SPLIT-OFFICIAL": ("split",),
    "E-GROUP-MISSING": ("group",),
}
"""Settings that may cause an error, by its id."""

GIVEN = "as given"


class UserData(NamedTuple):
    """A folder or table, recognised."""

    document: dict[str, Any]  # the beginning of a config: task and dataset
    recognised: Recognised | None  # None for files of a kind that only the task knows
    settings: tuple[DetectedSetting, ...]  # of task and data, for messages

    def samples(self) -> Samples:
        """Samples without inputs, for a plan."""
        assert self.recognised is not None
        data = self.recognised
        return Samples(
            ids=data.ids,
            y=data.y,
            labels=data.labels,
            read=_unread,
            card=Card(
                printable(Path(self.document["dataset"]["path"]).name),
                "not read yet",
                notes=data.notes,
                warnings=data.warnings,
            ),
            groups=data.groups,
            parts=data.parts,
        )


@contextlib.contextmanager
def named_guesses(data: UserData | None) -> Iterator[None]:
    """Let errors that follow from a guess name it, and the option that says otherwise."""
    try:
        yield
    except VisiontkError as error:
        names = _FOLLOWS.get(error.error_id, ())
        guesses = [
            each
            for each in (data.settings if data else ())
            if each.name in names and each.option.startswith(f"--{each.name}") and each.value not in ("", "none")
        ]
        for each in guesses:
            way = f"Otherwise: {each.option}." if each.option.islower() else f"--{each.name} names another."
            guess = f"The {each.name} is a guess: {each.value} ({each.reason}). {way}"
            if guess not in error.hint:
                error.hint = f"{error.hint} {guess}".strip()
        raise


class Unread(Exception):
    """A plan needs inputs that are not read yet."""


def is_own(target: str) -> bool:
    """True if a target is a folder or a table; configs and tasks have precedence elsewhere."""
    if not target:
        return False
    path = Path(target).expanduser()
    with contextlib.suppress(OSError, ValueError):
        return path.is_dir() or (is_table(path) and path.is_file())
    return False


def recognise(target: str, settings: Mapping[str, Any], overrides: Sequence[str] = ()) -> UserData:
    """Task and dataset for a folder or table; ConfigError or DataError with the options to choose from if unclear."""
    path = Path(target).expanduser().resolve()
    if "dataset" in settings:
        form = "folder" if path.is_dir() else "table"
        raise ConfigError(
            f"dataset: {settings['dataset']!r} given, but the {form} {target!r} is the data already.",
            error_id="E-CONFIG-VALUE",
            hint="Leave one of them out.",
        )
    task = settings.get("task")
    private = task is not None and get_task(task).is_private
    readers = user_readers()
    known = _overrides(path, settings, overrides, readers)._replace(private=private)

    def by_table(table: Path) -> UserData:
        own = _overrides(table, settings, overrides, readers)._replace(private=private)
        return _table(table, task, own, readers)

    with numbered_errors() if private else contextlib.nullcontext():
        if path.is_file():
            return _table(path, task, known, readers)
        return choose_form(
            path, known, lambda by_names: _folder(path, task, known, readers, by_names=by_names), by_table
        )


def _folder(
    path: Path, task: str | None, overrides: Overrides, readers: Sequence[UserReader], *, by_names: bool
) -> UserData:
    kinds = kinds_of(readers)
    folders = [reader for reader in readers if reader.about.form == "folder" and task in (None, reader.task)]
    if not folders and not any(reader.task == task for reader in readers):
        raise _wrong_task(f"Task {task!r} reads no folders." if task else "No task reads folders.", folders)
    unknown = [reader for reader in folders if task and reader.about.reads not in kinds]
    if unknown and unknown == folders:
        return _unknown_files(path, unknown[0])
    try:
        listing = survey(str(path), kinds)
    except DataError as error:
        if error.error_id == "E-DATA-EMPTY" and unknown:
            return _unknown_files(path, unknown[0])
        if error.error_id == "E-DATA-EMPTY":
            tasks = ", ".join(dict.fromkeys(reader.task for reader in folders))
            other = f"; for files of another kind, a task that reads them with --task: {tasks}." if tasks else "."
            remedy = error.hint or other_forms_in(path)
            error.hint = remedy or f"Name a folder of class folders, or a table{other}"
        raise
    kind, reason = _kind(path, listing, task, readers, kinds)
    able = [reader for reader in folders if reader.about.reads == kind]
    if not able:
        table_readers = [reader for reader in readers if reader.about.reads == kind]
        group = choose(kind, table_readers).about.group_parameter.removesuffix("_column")
        raise ConfigError(
            f"{printable(str(path))}: {len(listing.files)} {kind}, which are compared by a table that names them.",
            error_id="E-GUESS-INPUT",
            hint=table_of_folders(listing, path)
            or f"Write a table with columns path, label and {group} into the folder.",
        )
    try:
        data = recognise_folder(listing, str(path), kind, overrides, kinds=kinds, by_names=by_names)
    except DataError as error:
        if error.error_id in ("E-DATA-EMPTY", "E-LABEL-SINGLE") and (remedy := tables_in(path)):
            error.hint = f"{error.hint} {remedy}"
        raise
    return _user_data(path, choose(kind, able), data, reason, able, overrides)


def _unknown_files(path: Path, reader: UserReader) -> UserData:
    """A folder of files of a kind that only the task knows."""
    document = {"task": reader.task, "dataset": {"name": reader.dataset, "path": str(path)}}
    return UserData(document, None, (DetectedSetting("task", reader.task, "which knows its files", ""),))


def _table(path: Path, task: str | None, overrides: Overrides, readers: Sequence[UserReader]) -> UserData:
    try:
        data = recognise_table(str(path), overrides, kinds=kinds_of(readers), private=private_kinds(readers))
    except DataError as error:
        raise _with_remedy(error, path) from None
    forms = ("lines", "table") if str(path).lower().endswith(tables.JSON_LINES) else ("table",)
    able = [r for form in forms for r in readers if r.about.reads == data.kind and r.about.form == form]
    own = [reader for reader in able if reader.task == task]
    if task and not own:
        raise _wrong_task(f"Task {task!r} reads no tables of {data.kind}.", able)
    reader = own[0] if task else choose(data.kind, able)
    return _user_data(path, reader, data, GIVEN if task else f"for {data.kind}", able, overrides)


def _wrong_task(message: str, able: Sequence[UserReader]) -> ConfigError:
    tasks = ", ".join(dict.fromkeys(reader.task for reader in able))
    hint = f"Name another task with --task: {tasks}." if tasks else "visiontk list shows the tasks."
    return ConfigError(message, error_id="E-CONFIG-TASK", hint=hint)


def _user_data(
    path: Path, reader: UserReader, data: Recognised, reason: str, able: Sequence[UserReader], overrides: Overrides
) -> UserData:
    dataset = {"name": reader.dataset, "path": str(path), **_parameters(reader, data, overrides)}
    others = dict.fromkeys(other.task for other in able if other.task != reader.task)
    option = f"--task {' or '.join(others)}" if others and reason != GIVEN else ""
    settings = (
        DetectedSetting("data", f"{len(data.y):,} {data.kind}", f"a {data.form}", ""),
        DetectedSetting("task", reader.task, reason, option),
        *data.settings,
    )
    return UserData({"task": reader.task, "dataset": dataset}, data, settings)


def _parameters(reader: UserReader, data: Recognised, overrides: Overrides) -> dict[str, Any]:
    """Recognised columns as arguments of the dataset function, without those that have the default value."""
    known = parameters(get_task(reader.task).datasets[reader.dataset])
    group = reader.about.group_parameter
    names = {group: data.columns["group"]}
    if data.form == "table":
        names |= {f"{name}_column": value for name, value in data.columns.items() if name not in ("group", "files")}
        names |= {"files_folder": data.columns.get("files", "")}
        names |= {name: getattr(overrides, name) for name in ("encoding", "delimiter", "header")}
    else:
        names |= {name: data.columns.get(name, "") for name in ("label", "split")}
    defaults = {"encoding": "utf-8", "delimiter": ",", "header": "auto"}
    missing = [name for name, value in names.items() if name not in known and value != defaults.get(name, "")]
    if missing:
        name = missing[0]
        option = {group: "group", **_OPTION_OF}.get(name, name)
        raise ConfigError(
            f"Task {reader.task!r} has no setting for {option} {names[name]!r}: its dataset {reader.dataset!r} has no "
            f"parameter {name!r}.",
            error_id="E-CONFIG-TASK",
            hint="Leave --time out, or name another task."
            if option == "time"
            else f"Continue without it: --{option} none."
            if option in ("group", "split")
            else "Save the table as CSV with commas, in UTF-8.",
        )
    return {name: value for name, value in names.items() if name in known and value != known[name]}


def _overrides(
    path: Path, settings: Mapping[str, Any], overrides: Sequence[str], readers: Sequence[UserReader]
) -> Overrides:
    values: dict[str, Any] = {name: str(settings[name]) for name in USER_DATA if settings.get(name) is not None}
    option_of = {**{reader.about.group_parameter: "group" for reader in readers}, **_OPTION_OF}
    for override in overrides:
        key, _, text = override.partition("=")
        outer, _, name = key.strip().partition(".")
        if outer == "dataset" and name in option_of:
            value = strict_yaml.read(text, where=f"--set {key}").value if text.strip() else "none"
            values.setdefault(option_of[name], str(value) or "none")
    if values.get("files"):
        values["files"] = str(Path(values["files"]).expanduser().resolve())
    empty = [name for name, value in values.items() if not value]
    if empty:
        raise ConfigError(f"--{empty[0]}: empty; name a column.", error_id="E-CONFIG-VALUE")
    if path.is_file() and "delimiter" not in values:
        values["delimiter"] = tables.delimiter_of(path, values.get("encoding", "utf-8"))
    return Overrides(**values, slices=tuple(settings.get("slices") or ()))


def _kind(
    path: Path, listing: Listing, task: str | None, readers: Sequence[UserReader], kinds: Kinds
) -> tuple[str, str]:
    """Kind of the files to compare, and the reason."""
    counts = kinds_in(listing.files, kinds) or Counter({listing.what: len(listing.files)})  # texts without an ending
    if task is not None:
        forms = {reader.about.reads: reader.about.form for reader in readers if reader.task == task}
        forms |= {r.about.reads: "folder" for r in readers if r.task == task and r.about.form == "folder"}
        present = [kind for kind in forms if counts[kind]]
        if not present:
            raise DataError(
                f"{printable(str(path))}: no {' or '.join(forms)}, which {task} compares, but "
                f"{', '.join(f'{n:,} {kind}' for kind, n in counts.most_common())}.",
                error_id="E-DATA-EMPTY",
                hint="Leave --task out, or name another.",
            )
        return max(present, key=lambda kind: (forms[kind] == "folder", counts[kind])), GIVEN
    several = mixed(listing.files, kinds) or list(counts)
    if len(several) > 1:
        options = [f"--task {choose(kind, readers).task} for the {kind}" for kind in several]
        raise ConfigError(
            f"{printable(str(path))}: {' and '.join(f'{counts[kind]:,} {kind}' for kind in several)}; one comparison "
            "is about one kind of files.",
            error_id="E-GUESS-KIND",
            hint=f"Choose one: {', '.join(options)}.",
        )
    return several[0], f"for {several[0]}"


def _with_remedy(error: DataError, path: Path) -> DataError:
    """The error about a table, with the option that helps."""
    if error.error_id == "E-LABEL-SINGLE":
        error.hint = "Name another column of classes with --label."
    return error


def _unread(index: object) -> Any:
    raise Unread
