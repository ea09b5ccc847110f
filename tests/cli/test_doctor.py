"""Checks of the installation."""

import tomllib
from pathlib import Path

import visiontk
from visiontk.cli.doctor import EXTRAS, examine

PYPROJECT = Path(visiontk.__file__).parents[1] / "pyproject.toml"


def test_every_extra_is_examined_by_its_packages() -> None:
    """Those for developers apart."""
    declared = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["optional-dependencies"]

    assert set(EXTRAS) == set(declared) - {"dev"}
    for name, packages in EXTRAS.items():
        assert all(any(entry.startswith(package) for entry in declared[name]) for package in packages)


def test_installed_extras_are_reported_as_installed() -> None:
    """The environment of the tests has all of them."""
    assert examine()["extras"] == dict.fromkeys(EXTRAS, True)
