"""The public API: every public name with its signature, as `tests/public_api.txt` lists it.

A change of the list is a change for users. ``python tests/test_public_api.py`` writes it again.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

SNAPSHOT = Path(__file__).with_name("public_api.txt")
EXPORTING = ("visiontk", "visiontk.core", "visiontk.data", "visiontk.metrics", "visiontk.stats", "visiontk.testing")
"""Packages whose `__all__` is public."""

WHOLE = ("visiontk.errors", "visiontk.spaces", "visiontk.baselines", "visiontk.blocks", "visiontk.learners")
"""Modules, and packages of modules, of which every function and class without an underscore is public."""


def public() -> Iterator[tuple[str, object]]:
    """Yield each public name with its value."""
    for name in EXPORTING:
        module = importlib.import_module(name)
        yield from ((f"{name}.{each}", getattr(module, each)) for each in sorted(module.__all__))
    for name in WHOLE:
        for module in _modules(name):
            for each, value in sorted(vars(module).items()):
                is_own = getattr(value, "__module__", "") == module.__name__
                if is_own and not each.startswith("_") and (inspect.isclass(value) or inspect.isroutine(value)):
                    yield f"{module.__name__}.{each}", value


def _modules(name: str) -> Iterator[ModuleType]:
    module = importlib.import_module(name)
    yield module
    for each in pkgutil.iter_modules(getattr(module, "__path__", ())):
        yield importlib.import_module(f"{name}.{each.name}")


def public_names() -> str:
    """Return one line for each public name: module, name, and parameters with their defaults."""
    return "".join(f"{name}{_parameters(value)}\n" for name, value in public())


def _parameters(value: object) -> str:
    if not (inspect.isclass(value) or inspect.isroutine(value)):
        return ""
    parameters = inspect.signature(value).parameters.values()
    text = ", ".join(str(parameter.replace(annotation=inspect.Parameter.empty)) for parameter in parameters)
    return f"({re.sub(r' at 0x[0-9a-f]+', '', text)})"


def test_the_public_api_agrees_with_its_list() -> None:
    """A name or parameter that disappears breaks programs of users."""
    assert public_names() == SNAPSHOT.read_text(encoding="utf-8"), f"run: python {Path(__file__).name}"


def test_every_public_function_and_class_is_documented() -> None:
    """Each has its own docstring."""
    documentable = [(name, value) for name, value in public() if inspect.isclass(value) or inspect.isroutine(value)]

    assert [name for name, value in documentable if not inspect.getdoc(value)] == []


if __name__ == "__main__":
    SNAPSHOT.write_text(public_names(), encoding="utf-8")
