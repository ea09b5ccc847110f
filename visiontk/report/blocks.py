"""Blocks that every output of a report consists of: texts, tables, figures, galleries, folds.

A block is a plain value without markup; `visiontk.report.pages` renders blocks as HTML and
`visiontk.report.writers` writes tables as text, Markdown, LaTeX and CSV.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    """A cell of a table.

    Parameters
    ----------
    text : str
        The number or words, ready to be shown.
    small : sequence of str
        Lines in small type below, such as an interval or remarks.
    sort : float or str, optional
        Sorted by; by default the verdict or the text of a text column. Numbers without it come last.
    family : str
        Draws the mark of this family before the text.
    verdict : str
        Shown as a verdict: better, worse, equivalent, undecided or invalid; `text` replaces its word.
    bar : Markup, optional
        A small chart before the text.
    strong, quiet : bool
        Set in bold, or in soft ink.
    unit : str
        After the text, never bold.
    href : str
        Address that the text leads to.
    tag : str
        A label behind the text, such as synthetic.
    shade : str
        Classes of the cell of a heat map.
    span : int
        Columns that the cell covers.
    """

    text: str = ""
    small: Sequence[str] = ()
    sort: float | str | None = None
    family: str = ""
    verdict: str = ""
    bar: Markup | None = None
    strong: bool = False
    quiet: bool = False
    unit: str = ""
    href: str = ""
    tag: str = ""
    shade: str = ""
    span: int = 1


Direction = Literal["ascending", "descending"]


class Column(NamedTuple):
    """A column of a table.

    Parameters
    ----------
    title : str
        Its heading.
    kind : {"text", "number", "main", "beside", "wide", "nowrap"}
        ``main`` and ``beside`` are numbers with a bar above or before them; ``wide`` holds sentences.
    first : {"ascending", "descending"}
        Direction in which the first press of the heading sorts.
    note : str
        Tooltip of the heading.
    family : str
        Draws the mark of this family before the title.
    small : str
        A second line of the heading.
    """

    title: str
    kind: Literal["text", "number", "main", "beside", "wide", "nowrap"] = "text"
    first: Direction = "ascending"
    note: str = ""
    family: str = ""
    small: str = ""

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
    """A table.

    Parameters
    ----------
    label : str
        Read by screen readers.
    columns, rows, foot : sequence of Column, Row and Row
        Rows of `foot` are never sorted.
    name : str
        Identifier on the page; empty for none.
    hidden : int
        Rows (or what `hidden_noun` says) that are not shown and stand in results.json.
    sortable : bool
        If True, headings are buttons.
    look : {"", "stack", "heat", "domains stack"}
        ``stack`` turns rows into cards on narrow screens; ``heat`` is a matrix of shaded cells.
    """

    label: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    foot: Sequence[Row] = ()
    name: str = ""
    hidden: int = 0
    hidden_noun: str = "row"
    sortable: bool = False
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


def texts_of(table: Table, columns: Iterable[int] | None = None) -> list[list[str]]:
    """Return the texts of the head and of every row, by default of all columns.

    Examples
    --------
    >>> texts_of(Table("t", [Column("learner"), Column("verdict")], [Row([Cell("cnn"), Cell(verdict="better")])]))
    [['learner', 'verdict'], ['cnn', 'better']]
    """
    chosen = list(range(len(table.columns)) if columns is None else columns)
    rows = [[_text(row.cells[i]) for i in chosen] for row in table.rows]
    return [[table.columns[i].title for i in chosen], *rows]


def _text(cell: Cell) -> str:
    return f"{cell.text or cell.verdict}{cell.unit}"
