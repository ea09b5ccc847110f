"""Files that repeat the declaration of settings: ``python -m visiontk.api.generate`` rewrites them.

``api/settings.py`` lets editors complete the arguments of `compare`, ``config.schema.json`` the keys of configs.
"""

from __future__ import annotations

import json
import textwrap
import types
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import visiontk
from visiontk.harness.setting import Declared, members

PACKAGE = Path(visiontk.__file__).parent
SHIPPED = ("audio_classification", "facial_expression", "image_classification", "medical_imaging",
           "text_classification")  # fmt: skip
"""Tasks that the shipped schema knows."""

HEAD = '''"""Arguments of ``compare`` for editors; written by ``python -m visiontk.api.generate`` from `Experiment`."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from typing_extensions import TypedDict


class Settings(TypedDict, total=False):
    """Settings of a comparison, each optional."""
'''


def settings_source(settings: Mapping[str, Declared]) -> str:
    """Return the Python source of a TypedDict with these settings."""
    return HEAD + "".join(
        f"\n    {name}: {type_source(each.form)}\n{_docstring(each)}\n" for name, each in settings.items()
    )


def type_source(form: Any) -> str:
    """Return a type as Python source, without ranges; arguments are read only, so any mapping or sequence serves.

    Examples
    --------
    >>> type_source(list[str] | dict[str, float] | None)
    'Sequence[str] | Mapping[str, float] | None'
    """
    return " | ".join(dict.fromkeys(_one(kind) for kind, _ in members(form)))


def _one(kind: Any) -> str:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return f"Literal[{', '.join(json.dumps(name) for name in arguments)}]"
    if origin in (list, dict):
        name = "Sequence" if origin is list else "Mapping"
        return f"{name}[{', '.join(type_source(each) for each in arguments)}]"
    return {Any: "Any", types.NoneType: "None"}.get(kind) or str(kind.__name__)


def _docstring(each: Declared) -> str:
    text = f'"""{each.setting.help} {each.setting.more}'.strip()
    return textwrap.fill(f'{text}"""', 120, initial_indent="    ", subsequent_indent="    ")


def schema_text(names: Iterable[str] = SHIPPED) -> str:
    """Return the JSON Schema of configs of these tasks as text."""
    from visiontk.api.config_schema import schema

    return json.dumps(schema(names), indent=1) + "\n"


def main() -> None:
    """Rewrite the generated files."""
    from visiontk.harness.experiment import SETTINGS, USER_DATA

    (PACKAGE / "api" / "settings.py").write_text(settings_source(SETTINGS | USER_DATA), encoding="utf-8")
    (PACKAGE / "config.schema.json").write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
