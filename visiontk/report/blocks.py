"""Blocks that every output of a report consists of: texts, tables, figures, galleries, folds.

A block is a plain value without markup; `visiontk.report.pages` renders blocks as HTML and
`visiontk.report.writers` writes tables as text, Markdown, LaTeX and CSV.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from markupsafe import Markup

MOST_LINES = 200
"""Lines of a list on a page."""


class Text(NamedTuple):
    """A paragraph; `style` is its role in the page: ``screen`` is a lead that is not printed."""

    text: str
    style: Literal["body", "lead", "note", "signature", "screen"] = "body"


class Note(NamedTuple):
    """A banner across the page: a caution, an alarm (such as a partial run), or the ribbon of synthetic data."""

    title: str
    text: str
    tone: Literal["caution", "alarm", "ribbon"] = "caution"


class Heading(NamedTuple):
    """A heading within a section, with the mark of a family if it names a learner."""

    text: str
    family: str = ""
    remark: str = ""


class Lines(NamedTuple):
    """A bulleted list; `bold` texts begin the lines if there are any."""

    lines: Sequence[str]
    hidden: int = 0
    bold: Sequence[str] = ()


class Code(NamedTuple):
    """A text to copy; `name` is unique on the page."""

    name: str
    text: str


class Term(NamedTuple):
    """An entry of a list of terms: a word, a learner (with its family) or verdicts, and its text."""

    term: str
    text: str = ""
    small: Sequence[str] = ()
    cite: str = ""
    family: str = ""
    verdicts: Sequence[str] = ()
    code: bool = False


class Terms(NamedTuple):
    """A list of terms: ``pairs`` of a name and a value, or ``cards`` with longer texts."""

    terms: Sequence[Term]
    style: Literal["pairs", "cards"] = "pairs"


class Cell(NamedTuple):
    """A cell of a table."""

    text: str = ""  # the number or words, ready to be shown
    small: Sequence[str] = ()  # lines in small type below, such as an interval or remarks
    sort: float | str | None = None  # by default verdict or text of a text column; numbers without it are last
    family: str = ""  # draws the mark of this family before the text
    verdict: str = ""  # better, worse, ...; `text` replaces its word
    bar: Markup | None = None  # a small chart before the text
    strong: bool = False  # bold
    quiet: bool = False  # in soft ink
    unit: str = ""  # after the text, never bold
    href: str = ""  # address that the text leads to
    tag: str = ""  # a label behind the text, such as synthetic
    shade: str = ""  # classes of the cell of a heat map
    span: int = 1  # columns that the cell covers


Direction = Literal["ascending", "descending"]


class Column(NamedTuple):
    """A column of a table; the first press of its heading sorts in the direction `first`.

    ``main`` and ``beside`` are numbers with a bar above or before them; ``wide`` holds sentences.
    """

    title: str
    kind: Literal["text", "number", "main", "beside", "wide", "nowrap"] = "text"
    first: Direction = "ascending"
    note: str = ""  # tooltip of the heading
    family: str = ""  # draws the mark of this family before the title
    small: str = ""  # a second line of the heading

    @property
    def is_number(self) -> bool:
        """True if the column is aligned to the right and sorted by value."""
        return self.kind in ("number", "main", "beside")


class Row(NamedTuple):
    """A row of a table: the first cell heads it; `marked` rows stand out, such as that of the reference."""

    cells: Sequence[Cell]
    marked: bool = False
    anchor: str = ""


class Table(NamedTuple):
    """A table; `look` ``stack`` turns rows into cards on narrow screens, ``heat`` is a matrix of shaded cells."""

    label: str  # read by screen readers
    columns: Sequence[Column]
    rows: Sequence[Row]
    foot: Sequence[Row] = ()  # never sorted
    name: str = ""  # identifier on the page; empty for none
    hidden: int = 0  # rows (or `hidden_noun`) that are not shown and are in results.json
    hidden_noun: str = "row"
    sortable: bool = False  # headings are buttons
    look: str = ""


class Figure(NamedTuple):
    """A drawing, what it shows, and its data as a table of texts."""

    name: str
    chart: Markup
    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    hidden: int = 0
    legend: Sequence[tuple[str, str]] = ()


class Panels(NamedTuple):
    """Small figures side by side, each below its heading."""

    panels: Sequence[tuple[Heading, Figure]]


class Item(NamedTuple):
    """A sample of a gallery: its id, two lines of words, and what may be shown of it."""

    id: str
    label: str
    remark: str
    image: str | None = None
    is_small: bool = False
    audio: str | None = None
    seconds: str | None = None
    text: str | None = None


class Gallery(NamedTuple):
    """Samples side by side; ``form`` decides their size."""

    items: Sequence[Item]
    form: Literal["image", "text", "audio", "none"] = "image"
    heading: Heading | None = None


class Galleries(NamedTuple):
    """Galleries side by side."""

    galleries: Sequence[Gallery]


class Fold(NamedTuple):
    """Blocks that are shown when their title is pressed."""

    title: str
    blocks: Sequence[Block]
    open: bool = False
    name: str = ""
    family: str = ""
    inner: bool = False


Block = Text | Note | Heading | Lines | Code | Terms | Table | Figure | Panels | Gallery | Galleries | Fold


def lines(texts: Sequence[str], most: int = MOST_LINES) -> Lines:
    """Return a list that is cut after `most` lines.

    Examples
    --------
    >>> lines(["a", "b", "c"], most=2)
    Lines(lines=['a', 'b'], hidden=1, bold=())
    """
    return Lines(texts[:most], max(0, len(texts) - most))


def texts_of(table: Table) -> list[list[str]]:
    """Return the texts of the head and of every row.

    Examples
    --------
    >>> texts_of(Table("t", [Column("learner"), Column("verdict")], [Row([Cell("cnn"), Cell(verdict="better")])]))
    [['learner', 'verdict'], ['cnn', 'better']]
    """
    rows = [[f"{cell.text or cell.verdict}{cell.unit}" for cell in row.cells] for row in table.rows]
    return [[column.title for column in table.columns], *rows]
