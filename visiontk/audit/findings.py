"""What an audit finds: stable codes, and frozen records."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

Severity = Literal["error", "warning", "note"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""An error makes a result worthless; a warning may mislead; a note is good to know."""

VERSION = 1
"""Raised when a check finds something else than before: what was kept of earlier audits is then not used."""

SHOWN = 8
"""Examples that a finding names; the rest are counted."""


class Code(NamedTuple):
    """A kind of finding: its title, and what to do about it."""

    title: str
    remedy: str


CODES = {
    "VTK001": Code("files that cannot be read", "Replace these files, or remove them with their rows."),
    "VTK002": Code("data that are refused", "Mend what the message names, then audit again."),
    "VTK003": Code("files that a table names wrongly", "Correct the names in the table, or remove its rows."),
    "VTK101": Code("exact duplicates", "Keep one of each, or give copies a common group."),
    "VTK102": Code("exact duplicates across parts", "Remove them from one part, or give copies a common group."),
    "VTK103": Code(
        "near duplicates across parts",
        "Look at the pairs. Remove one of each, or give them a common group, such as the scene or the speaker.",
    ),
    "VTK104": Code("groups that straddle parts", "Correct the groups or the split: a group belongs to one part only."),
    "VTK105": Code("near duplicates", "Look at the pairs. Remove one of each, or give them a common group."),
    "VTK201": Code("the same content under different labels", "Decide which label is right, and remove the others."),
    "VTK202": Code("labels that differ in spelling only", "Give one of each the name of the other."),
    "VTK203": Code("samples without a label", "Label them or remove them."),
    "VTK204": Code("rare classes", "Add samples, join classes, or leave them out; look at the recall of each."),
    "VTK205": Code(
        "imbalanced classes", "Compare by balanced accuracy or macro F1, and consider --imbalance balanced."
    ),
    "VTK206": Code(
        "samples that may be labelled wrongly", "Look at them, the first ones first; most are right in some data."
    ),
    "VTK207": Code("classes that a part lacks", "Split again, by class; what is not tested is not measured."),
    "VTK208": Code("classes in other shares from part to part", "Split again, by class, or expect such a shift."),
    "VTK301": Code("items without content", "Remove them, or find out what went wrong when they were made."),
    "VTK302": Code("pictures of several sizes", "Check that the size does not tell the class; see VTK401."),
    "VTK303": Code("pictures of several modes", "Convert them alike before; see the notes on what was converted."),
    "VTK304": Code("sounds of several sample rates", "Resample them alike: a low rate leaves a trace that tells it."),
    "VTK305": Code("sounds with several numbers of channels", "Mix them down alike."),
    "VTK306": Code("files of several formats", "Convert them alike: lossy formats leave traces."),
    "VTK307": Code("files whose name tells another format", "Rename them; some programs trust the name."),
    "VTK308": Code("sounds that are clipped", "Record again at a lower level, or leave them out."),
    "VTK309": Code(
        "texts with damaged characters", "Find the encoding that they were written in, and decode them again."
    ),
    "VTK310": Code("pictures turned by their EXIF data", "They are turned upright here; other programs may not do so."),
    "VTK311": Code(
        "lengths that differ widely", "Check that what is cut or filled up does not matter, or set another length."
    ),
    "VTK401": Code(
        "facts about files that tell the class",
        "Make the files alike, or collect the classes in the same way: a learner may use what it should not see.",
    ),
    "VTK402": Code(
        "simple properties that tell the class",
        "See whether the property belongs to the class, or to how it was recorded. A result close to it is no feat.",
    ),
    "VTK403": Code(
        "train and test that differ",
        "Expect another accuracy than on valid; find out what differs, and which of the two new data will be like.",
    ),
    "VTK404": Code(
        "an order of files that tells the class", "Harmless for learners, who see no names; shuffle before splitting."
    ),
}  # fmt: skip
"""Every code of a finding; ``docs/audit.md`` says of each what it means, why it matters and what to do."""


@dataclass(frozen=True)
class Finding:
    """Something that was found.

    Parameters
    ----------
    code : str
        A key of `CODES`.
    severity : {"error", "warning", "note"}
        How much it matters here.
    message : str
        What was found, with its numbers, in one sentence.
    count : int
        How many samples, files, groups or classes.
    share : float or None
        Of all samples, where that makes sense.
    lines : tuple of str
        The first few, in words.
    examples : tuple of tuple of str
        Ids of samples that are shown together, such as both of a pair.
    numbers : dict
        What was measured, by name.

    Raises
    ------
    ValueError
        If the code or the severity is unknown.

    Examples
    --------
    >>> Finding("VTK101", "note", "2 samples are copies.", 2).as_value()["title"]
    'exact duplicates'
    """

    code: str
    severity: Severity
    message: str
    count: int
    share: float | None = None
    lines: tuple[str, ...] = ()
    examples: tuple[tuple[str, ...], ...] = ()
    numbers: dict[str, float | int | str | None] | None = None

    def __post_init__(self) -> None:
        if self.code not in CODES or self.severity not in SEVERITIES:
            raise ValueError(f"No finding {self.code!r} of severity {self.severity!r}.")

    def as_value(self) -> dict[str, Any]:
        """The finding as a JSON value, with its title and remedy."""
        value = asdict(self)
        title, remedy = CODES[self.code]
        return {
            **value, "title": title, "remedy": remedy, "lines": list(self.lines[:SHOWN]),
            "examples": [list(ids) for ids in self.examples[:SHOWN]], "numbers": dict(self.numbers or {}),
        }  # fmt: skip


def several(n: int, noun: str, plural: str = "") -> str:
    """A count with its noun.

    Examples
    --------
    >>> several(1, "class", "classes"), several(1200, "text")
    ('1 class', '1,200 texts')
    """
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"
