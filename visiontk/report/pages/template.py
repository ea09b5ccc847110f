"""HTML of pages: a template of this package with our style, our script and a policy that allows nothing else."""

from __future__ import annotations

import base64
import functools
import hashlib
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from visiontk.report import formatting as fmt
from visiontk.report.charts import svg

HERE = Path(__file__).parent
VERDICTS = {"better": "▲", "worse": "▼", "equivalent": "=", "undecided": "?", "invalid": "✕"}
SEVERITIES = {"error": "invalid", "warning": "warning", "note": "undecided"}
"""Look of a severity of the audit: an alarm, a caution, a remark."""


def fill_template(template: str, **context: Any) -> str:
    """Return the HTML of a template; its context is data and escaped, except `Markup`."""
    css, js = _own("page.css"), _own("page.js")
    policy = (
        f"default-src 'none'; style-src {_digest(css)}; script-src {_digest(js)}; img-src data:; media-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return _environment().get_template(template).render(css=css, js=js, policy=policy, **context)


def _own(name: str) -> Markup:
    return Markup((HERE / name).read_text(encoding="utf-8"))


def _digest(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: fmt.UNKNOWN if value is None else value,
    )
    for name in ("seconds", "short", "size", "milliseconds", "ratio", "p_value", "plural", "shorten", "words"):
        environment.filters[name] = getattr(fmt, name)
    environment.filters["kind"] = lambda block: type(block).__name__.lower()
    environment.globals.update(
        key_mark=svg.key_mark, family_class=svg.family_class, icons=VERDICTS, severities=SEVERITIES
    )
    return environment
