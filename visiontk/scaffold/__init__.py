"""New task packages from templates: ``visiontk task new``.

The templates are the files of this folder, with placeholders such as ``$name``.
"""

from __future__ import annotations

import keyword
import re
import secrets
import shutil
import string
from importlib.util import find_spec
from pathlib import Path

from visiontk.errors import ConfigError, disk_errors, unknown
from visiontk.registry import installed_tasks
from visiontk.version import VERSION

HERE = Path(__file__).parent
KINDS = {
    "images": ("hog_svm", "Images of a cross, disc or square (synthetic)."),
    "audio": ("spectrum", "Pulses, sine or square waves (synthetic)."),
    "texts": ("tfidf_logistic", "Notes about kitchen, travel or weather (synthetic)."),
}
"""Folders of templates, with the classical learner and the summary of each."""

LIKE = {
    "image_classification": "images",
    "medical_imaging": "images",
    "facial_expression": "images",
    "audio_classification": "audio",
    "text_classification": "texts",
} | {kind: kind for kind in KINDS}
"""Values of ``--like``: a task of visiontk or a kind of inputs, with the folder of templates."""


def write_package(name: str, like: str = "image_classification", out: Path | None = None) -> Path:
    """Write a package with a task of this name and return its folder.

    Parameters
    ----------
    name : str
        Of the task: a lower-case identifier that is not taken.
    like : str
        A key of `LIKE`.
    out : Path, optional
        The new folder; by default the name, in the current folder.

    Raises
    ------
    ConfigError
        If the name is not valid, or `out` exists.
    StoreError
        If it cannot be written; no partial package remains.
    """
    if like not in LIKE:
        raise unknown("kind of task", like, LIKE, where="--like")
    _check_name(name)
    folder = Path(name) if out is None else out.expanduser()
    if folder.exists() or folder.is_symlink():
        raise ConfigError(
            f"{folder}: exists already; nothing was written.",
            error_id="E-NEW-EXISTS",
            hint="Choose another folder with --out.",
        )
    kind = LIKE[like]
    classical, summary = KINDS[kind]
    package = f"visiontk_{name}"
    values = {"name": name, "package": package, "distribution": package.replace("_", "-"), "version": VERSION,
              "classical": classical, "summary": summary}  # fmt: skip
    files = {
        "pyproject.toml": "common/pyproject.toml",
        "README.md": "common/README.md",
        f"{package}/__init__.py": "common/init.py",
        f"{package}/data.py": f"{kind}/data.py",
        f"{package}/learners.py": f"{kind}/learners.py",
        f"tests/test_{name}.py": "common/test_task.py",
    }
    texts = {
        path: string.Template((HERE / f"{template}.in").read_text("utf-8")).substitute(values)
        for path, template in files.items()
    }
    _write(folder, texts | {f"{package}/py.typed": ""})
    return folder


def _check_name(name: str) -> None:
    suggestion = re.sub(r"\W+", "_", name.strip().lower()).strip("_")
    if not re.fullmatch(r"[a-z][a-z0-9_]{,39}", name) or keyword.iskeyword(name):
        usable = re.fullmatch(r"[a-z][a-z0-9_]{,39}", suggestion) and not keyword.iskeyword(suggestion)
        raise ConfigError(
            f"{name!r} is not a valid task name: expected at most 40 lower-case letters, digits and underscores, a "
            "letter first, and no Python keyword.",
            error_id="E-NEW-NAME",
            hint=f"Such as {suggestion if usable else 'my_domain'}.",
        )
    for task in installed_tasks():
        if _normalized(task.name) == _normalized(name):
            raise ConfigError(
                f"{name!r} is taken: there is a task {task.name!r} ({task.origin}).",
                error_id="E-NEW-TAKEN",
                hint="Choose another name; visiontk list shows the taken ones.",
            )
    if name in ("all", "folder") or find_spec(f"visiontk_{name}") is not None:
        raise ConfigError(
            f"{name!r} is taken: "
            + (f"visiontk compare {name} means something else." if name in ("all", "folder") else
               f"a package visiontk_{name} is installed."),
            error_id="E-NEW-TAKEN",
            hint="Choose another name.",
        )  # fmt: skip


def _normalized(name: str) -> str:
    return name.lower().replace("_", "")


def _write(folder: Path, texts: dict[str, str]) -> None:
    """Write into a temporary folder, then rename it: the final folder is complete."""
    staging = folder.parent / f".{folder.name}-{secrets.token_hex(4)}"
    with disk_errors(folder):
        try:
            for path, text in texts.items():
                target = staging / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
            staging.rename(folder)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
