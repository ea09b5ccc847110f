"""Versions, processor and source of a run, read without importing a framework."""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
from pathlib import Path
from typing import Any

from visiontk.harness.threads import n_cpus
from visiontk.version import VERSION

PACKAGES = ("tensorflow", "keras", "scikit-learn", "librosa", "pandas", "numpy", "scipy", "pillow")


def environment() -> dict[str, Any]:
    """Return versions, processor and source of this process as a JSON value.

    Examples
    --------
    >>> sorted(environment())
    ['cpu', 'git', 'n_cpus', 'packages', 'platform', 'python', 'visiontk']
    """
    return {
        "visiontk": VERSION,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu": _cpu(),
        "n_cpus": n_cpus(),
        "packages": {name: version(name) for name in PACKAGES},
        "git": _git(Path(__file__).parents[1]),
    }


def version(package: str) -> str:
    """Return the installed version, or "missing"."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _cpu() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _git(folder: Path) -> str | None:
    """Return the commit of the source, marked if files differ from it; None outside a checkout."""
    if not (folder.parent / ".git").exists():
        return None

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=10, check=False)
        return done.stdout.strip()

    try:
        commit = git("rev-parse", "--short=12", "HEAD")
        changed = git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.TimeoutExpired):
        return None
    return f"{commit} (with uncommitted changes)" if commit and changed else commit or None
