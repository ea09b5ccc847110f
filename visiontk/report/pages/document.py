"""A page of a header and sections of blocks, as one HTML file that loads nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from visiontk.report.blocks import Block, Code, Fold, Lines, Note, Term, Terms
from visiontk.report.pages.template import fill_template

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
