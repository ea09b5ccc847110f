"""Pages as one HTML file each, with our style, our script and a policy that allows nothing else."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
from markupsafe import Markup

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Code, Fold, Lines, Note, Term, Terms
from visiontk.report.charts import svg

HERE = Path(__file__).parent
VERDICTS = {"better": "▲", "worse": "▼", "equivalent": "=", "undecided": "?", "invalid": "✕", "supported": "✓",
            "refuted": "✕", "not shown": "?"}  # fmt: skip
SEVERITIES = {"error": "invalid", "warning": "warning", "note": "undecided"}
"""Look of a severity of the audit: an alarm, a caution, a remark."""

PARTIAL = "The results may change when the rest is done."


class DocumentSection(NamedTuple):
    """A section: its anchor, heading and blocks; `severity` is shown before the heading."""

    name: str
    title: str
    blocks: Sequence[Block]
    severity: str = ""
    can_unfold: bool = False


class Document(NamedTuple):
    """A page: its header, sections of blocks, and `data` embedded as JSON for programs that read the page.

    `eyebrow` is the line above the heading, `banner` a note such as that of a partial run, `lead` stands below the
    heading. If `synthetic` is True, every figure says that its data are synthetic. `version` is that of visiontk.
    """

    title: str
    eyebrow: Sequence[str]
    heading: str
    notes: Sequence[Note]
    banner: Note | None
    lead: Sequence[Block]
    warnings: Sequence[str]
    sections: Sequence[DocumentSection]
    footer: str
    version: str
    synthetic: bool = False
    data: Mapping[str, object] | None = None


def render_document(page: Document) -> str:
    """Return the page as HTML."""
    return fill_template(
        "document.html",
        page=page,
        r={"visiontk": page.version},
        synthetic=page.synthetic,
        warnings=Lines(page.warnings),
    )


def cautions(rows: Sequence[tuple[str, str]]) -> list[Note]:
    """A note for each pair of a name and its caution, if it has one."""
    return [Note("CAUTION", f"{name}: {caution}") for name, caution in rows if caution]


def details(command: str, glossary: Sequence[Term]) -> DocumentSection:
    """The last section: the command that repeats it, and a glossary."""
    folds = [
        Fold("Reproduce", [Code("command", command)], open=True),
        Fold("Glossary", [Terms(glossary, "cards")], name="glossary"),
    ]
    return DocumentSection("details", "Details", folds, can_unfold=True)


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
