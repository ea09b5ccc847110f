"""A package with a task of its own, written from templates: ``visiontk new task``.

The templates are the files of this folder: Python and TOML with ``$name`` where the name of the task stands.
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
    "pictures": ("hog_svm", "Cross, disc or square in a picture? Drawn."),
    "signals": ("spectrum", "Pulses, sine or square wave? Drawn."),
    "texts": ("tfidf_logistic", "Kitchen, travel or weather? Drawn."),
}
"""Folders of templates; the traditional learner in each, and a summary of what it draws."""

LIKE = {
    "image_classification": "pictures",
    "medical_imaging": "pictures",
    "facial_expression": "pictures",
    "audio_classification": "signals",
    "text_classification": "texts",
} | {kind: kind for kind in KINDS}
"""What ``--like`` takes: one of our tasks, or the kind of its inputs."""


def write_package(name: str, like: str = "image_classification", out: Path | None = None) -> Path:
    """Write a package with a task of this name, and say where it is.

    Parameters
    ----------
    name : str
        Of the task; lower case, an identifier, and not taken.
    like : str
        A key of `LIKE`: whether inputs are pictures, signals or texts.
    out : Path, optional
        The folder that is made; by default the name, in the current folder.

    Raises
    ------
    ConfigError
        If the name cannot be used, or there is something at `out` already.
    StoreError
        If it cannot be written; nothing is left half-written.
    """
    if like not in LIKE:
        raise unknown("kind of task", like, LIKE, where="--like")
    _check_name(name)
    folder = Path(name) if out is None else out.expanduser()
    if folder.exists() or folder.is_symlink():
        raise ConfigError(
            f"{folder}: is there already; nothing was written.",
            error_id="E-NEW-EXISTS",
            hint="Choose another place with --out.",
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
    proposal = re.sub(r"\W+", "_", name.strip().lower()).strip("_")
    if not re.fullmatch(r"[a-z][a-z0-9_]{,39}", name) or keyword.iskeyword(name):
        usable = re.fullmatch(r"[a-z][a-z0-9_]{,39}", proposal) and not keyword.iskeyword(proposal)
        raise ConfigError(
            f"{name!r} is no name of a task: expected at most 40 lower-case letters, digits and underscores, a letter "
            "first, and no word of Python's own.",
            error_id="E-NEW-NAME",
            hint=f"Such as {proposal if usable else 'my_domain'}.",
        )
    for found in installed_tasks():
        if _bare(found.name) == _bare(name):
            raise ConfigError(
                f"{name!r} is taken: there is a task {found.name!r} ({found.origin}).",
                error_id="E-NEW-TAKEN",
                hint="Choose another name; visiontk list shows those that are taken.",
            )
    if name in ("all", "folder") or find_spec(f"visiontk_{name}") is not None:
        raise ConfigError(
            f"{name!r} is taken: "
            + (f"visiontk compare {name} means something else." if name in ("all", "folder") else
               f"a package visiontk_{name} is installed."),
            error_id="E-NEW-TAKEN",
            hint="Choose another name.",
        )  # fmt: skip


def _bare(name: str) -> str:
    return name.lower().replace("_", "")


def _write(folder: Path, texts: dict[str, str]) -> None:
    """Under another name first, so that a folder of this name is complete."""
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
