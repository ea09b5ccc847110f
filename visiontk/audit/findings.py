"""Findings of an audit: stable codes, and frozen records."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

Severity = Literal["error", "warning", "note"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""An error invalidates results; a warning may mislead; a note is for information."""

VERSION = 3
"""Raised when a check changes its findings, so that cached audits are not used."""

MAX_EXAMPLES = 8
"""Examples per finding; the others are only counted."""


class Code(NamedTuple):
    """A kind of finding: its title, and a remedy."""

    title: str
    remedy: str


CODES = {
    "VTK001": Code("unreadable files", "Replace these files, or remove them with their rows."),
    "VTK002": Code("unusable data", "Correct what the message names, then audit again."),
    "VTK003": Code("wrong file names in a table", "Correct the names in the table, or remove its rows."),
    "VTK004": Code("files left out", "Convert or move them if they are samples; what is not read is in no result."),
    "VTK101": Code("exact duplicates", "Keep one of each, or give copies a common group."),
    "VTK102": Code("exact duplicates across parts", "Remove them from one part, or give copies a common group."),
    "VTK103": Code(
        "near duplicates across parts",
        "Check the pairs. Remove one of each, or give them a common group, such as the scene or the speaker.",
    ),
    "VTK104": Code("groups in several parts", "Correct the groups or the split: a group belongs to one part only."),
    "VTK105": Code("near duplicates", "Check the pairs. Remove one of each, or give them a common group."),
    "VTK201": Code("same content, different labels", "Decide which label is right, and remove the others."),
    "VTK202": Code("labels that differ only in spelling", "Give them one spelling."),
    "VTK203": Code("samples without a label", "Label them or remove them."),
    "VTK204": Code("rare classes", "Add samples, merge classes, or leave them out; check the recall of each."),
    "VTK205": Code(
        "imbalanced classes", "Compare by balanced accuracy or macro F1, and consider --imbalance balanced."
    ),
    "VTK206": Code("possibly wrong labels", "Check them, starting with the first; in some data sets most are right."),
    "VTK207": Code("classes missing from a part", "Split again, by class; a class that is not tested is not measured."),
    "VTK208": Code("class shares that differ between parts", "Split again, by class, or expect such a shift."),
    "VTK301": Code("samples without content", "Remove them, or find out how they were produced."),
    "VTK302": Code("images of several sizes", "Check that the size does not predict the class; see VTK401."),
    "VTK303": Code("images of several modes", "Convert all to one mode first; see the notes on conversions."),
    "VTK304": Code("several sample rates", "Resample all to one rate first: a low rate leaves a detectable trace."),
    "VTK305": Code("several numbers of channels", "Mix all down to mono."),
    "VTK306": Code("several file formats", "Convert all to one format: lossy formats leave traces."),
    "VTK307": Code("suffixes of another format", "Rename the files; some programs trust the suffix."),
    "VTK308": Code("clipped recordings", "Record again at a lower level, or leave them out."),
    "VTK309": Code("texts with damaged characters", "Find their original encoding, and decode them again."),
    "VTK310": Code("images rotated by EXIF data", "They are rotated upright here; other programs may not do so."),
    "VTK311": Code("widely differing lengths", "Check that cutting and padding do no harm, or set another length."),
    "VTK401": Code(
        "file properties that predict the class",
        "Save all files alike, or collect the classes in the same way: a learner may use these properties.",
    ),
    "VTK402": Code(
        "simple properties that predict the class",
        "Find out whether the property belongs to the class or to the recording. A model that scores near this may "
        "have learned nothing else.",
    ),
    "VTK403": Code(
        "train and test that differ",
        "Expect a different accuracy than on valid; find out what differs, and which part new data will resemble.",
    ),
    "VTK404": Code(
        "file names that predict the class", "Harmless for learners, which see no names; shuffle before splitting."
    ),
    "VTK501": Code(
        "classes of ImageNet",
        "Judge pretrained networks by photos that were never published, such as those taken for this purpose.",
    ),
    "VTK502": Code("photos of ImageNet", "Remove them from the test set, or judge no pretrained network by them."),
}
"""Every code; ``docs/audit.md`` explains each."""


@dataclass(frozen=True)
class Finding:
    """A problem in the data.

    Examples
    --------
    >>> Finding("VTK101", "note", "2 samples are copies.", 2).as_value()["title"]
    'exact duplicates'
    """

    code: str  # a key of `CODES`
    severity: Severity
    message: str  # one sentence with the numbers
    count: int  # samples, files, groups or classes
    share: float | None = None  # of all samples, if that makes sense
    lines: tuple[str, ...] = ()  # the first few, as text
    examples: tuple[tuple[str, ...], ...] = ()  # ids of samples to show together, such as both of a pair
    numbers: dict[str, float | int | str | None] | None = None  # measured values by name

    def __post_init__(self) -> None:
        if self.code not in CODES or self.severity not in SEVERITIES:
            raise ValueError(f"No finding {self.code!r} of severity {self.severity!r}.")

    def as_value(self) -> dict[str, Any]:
        """Return the finding as a JSON value, with its title and remedy."""
        value = asdict(self)
        title, remedy = CODES[self.code]
        return {
            **value, "title": title, "remedy": remedy, "lines": list(self.lines[:MAX_EXAMPLES]),
            "examples": [list(ids) for ids in self.examples[:MAX_EXAMPLES]], "numbers": dict(self.numbers or {}),
        }  # fmt: skip


def count_noun(n: int, noun: str, plural: str = "") -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> count_noun(1, "class", "classes"), count_noun(1200, "text")
    ('1 class', '1,200 texts')
    """
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"
