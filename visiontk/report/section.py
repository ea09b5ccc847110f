"""A section of a report: a key of ``results.json``, and the blocks that show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from visiontk.report.blocks import Block

if TYPE_CHECKING:
    from visiontk.report.evidence import Evidence
    from visiontk.report.values import Kind, Results

V = TypeVar("V")


@dataclass(frozen=True)
class Page:
    """Context of the blocks of a section, besides its own value."""

    results: Results  # with visible texts and finite numbers
    raw: Results  # as stored; exhibits are looked up by its ids
    exhibits: Mapping[str, object] = field(default_factory=dict)  # by id

    @property
    def metric(self) -> str:
        """Name of the metric that is compared."""
        return self.results["metric"]

    @property
    def kind(self) -> Kind:
        """Kind of the metric that is compared."""
        return self.kind_of(self.metric)

    def kind_of(self, metric: str) -> Kind:
        """Return the kind of a metric."""
        return self.results["metrics"][metric]["kind"]

    @property
    def level(self) -> str:
        """The confidence level, such as 95 %."""
        return f"{100 * self.results['confidence']:.3g} %"


@dataclass(frozen=True)
class Section(Generic[V]):
    """A part of the results and of the page.

    `compute` returns a JSON-ready value or None; its annotation is the schema of the key. Without it the section has no
    key, and the value of its blocks is None. Without `blocks` it is not on the page.
    """

    name: str  # key in ``results.json``, and anchor on the page
    title: str | Callable[[Page], str]  # the heading
    blocks: Callable[[V, Page], Sequence[Block]] = lambda value, page: ()
    compute: Callable[[Evidence], V | None] | None = None
    holds: str = ""  # content of the key, for the documentation
    is_open: Callable[[Page], bool] = lambda page: False  # if folds are open at first
    targets: tuple[str, ...] = ("classes",)  # kinds of targets that it exists for

    def heading(self, page: Page) -> str:
        """Return the heading on this page."""
        return self.title if isinstance(self.title, str) else self.title(page)

    def shown(self, page: Page) -> Sequence[Block]:
        """Return the blocks on this page; empty where its value is None."""
        value: Any = page.results.get(self.name) if self.compute else None
        return [] if self.compute and value is None else self.blocks(value, page)
