"""Versions, processor and source of a run."""

from __future__ import annotations

import json
import subprocess
import sys

from visiontk.harness.environment import environment, version


def test_the_environment_is_a_json_value() -> None:
    """It is stored with every run."""
    assert json.loads(json.dumps(environment(), allow_nan=False)) == environment()


def test_reading_the_environment_imports_no_framework() -> None:
    """Versions come from metadata."""
    code = (
        "import sys; from visiontk.harness.environment import environment; environment(); "
        "print(*{'tensorflow', 'keras', 'sklearn', 'skimage', 'librosa', 'pandas', 'scipy'} & set(sys.modules))"
    )

    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert process.stdout.strip() == ""


def test_a_package_that_is_not_installed_is_missing() -> None:
    """Not an error: the report shows it."""
    assert version("no-such-package-anywhere") == "missing"
