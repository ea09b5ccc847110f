"""Findings for the errors that data readers collect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from visiontk.audit.findings import Finding, Severity, count_noun
from visiontk.data.checks.problems import LeftOut, Problem
from visiontk.errors import DataError, as_options

_CODES = {
    "E-LABEL-TWINS": "VTK202",
    "E-LABEL-MISSING": "VTK203",
    "E-TEXT-EMPTY": "VTK301",
    "E-TEXT-ENCODING": "VTK309",
    "E-MANIFEST-MISSING": "VTK003",
    "E-MANIFEST-TWICE": "VTK003",
}
_FILES = {"DATA", "DICOM", "NIFTI"}
_NOUNS = {
    "VTK001": ("file", "cannot be read"),
    "VTK003": ("row or file", "with a wrong name"),
    "VTK202": ("group of labels", "that differ only in spelling"),
    "VTK203": ("row", "without a label"),
    "VTK301": ("text", "without a visible character"),
    "VTK309": ("file", "in another encoding"),
}


def reader_findings(refusals: Sequence[Problem]) -> Iterator[Finding]:
    """Yield one finding for each kind of error, with all its lines.

    Examples
    --------
    >>> from visiontk.errors import DataError
    >>> bad = Problem(DataError("a.png: empty file", error_id="E-DATA-DECODE"), ("a.png: empty file",))
    >>> [finding.message for finding in reader_findings([bad, bad])]
    ['2 files cannot be read.']
    """
    by_code: dict[str, list[Problem]] = {}
    for refusal in refusals:
        by_code.setdefault(code_of(refusal.error.error_id), []).append(refusal)
    for code, errors in sorted(by_code.items()):
        lines = [line for refusal in errors for line in refusal.lines]
        if code == "VTK002":
            # The same error may be raised by folder names and again after reading the files.
            for refusal in {refusal.error.message: refusal for refusal in errors}.values():
                yield Finding(code, "error", message_of(refusal.error),
                              max(len(refusal.lines), 1), lines=refusal.lines)  # fmt: skip
            continue
        noun, how = _NOUNS[code]
        yield Finding(code, "error", f"{count_noun(len(lines), noun, _plural(noun))} {how}.", len(lines),
                      lines=tuple(lines))  # fmt: skip


def message_of(error: DataError) -> str:
    """Return the first line of an error, and its hint in the words of the command line.

    Examples
    --------
    >>> from visiontk.errors import DataError
    >>> message_of(DataError("a.csv: 2 rows:", error_id="E-X", hint="Use `leak: warn`."))
    'a.csv: 2 rows. Use --set dataset.leak=warn.'
    """
    return as_options(f"{error.message.splitlines()[0].rstrip(':.')}. {error.hint}".strip())


def left_out_findings(left_out: LeftOut) -> Iterator[Finding]:
    """Yield one finding for each remark on files that are not read.

    Examples
    --------
    >>> [finding.severity for finding in left_out_findings(LeftOut(notes=("3 hidden files ignored",)))]
    ['note']
    """
    severities: tuple[tuple[Severity, tuple[str, ...]], ...] = (
        ("warning", left_out.warnings),
        ("note", left_out.notes),
    )
    for severity, texts in severities:
        for text in texts:
            yield Finding("VTK004", severity, text.removesuffix(".") + ".", int(text.split()[0].replace(",", "")))


def code_of(error_id: str) -> str:
    """Return the code of a finding for the error of a reader.

    Examples
    --------
    >>> code_of("E-LABEL-TWINS"), code_of("E-DATA-DECODE"), code_of("E-SPLIT-PARTS")
    ('VTK202', 'VTK001', 'VTK002')
    """
    return _CODES.get(error_id, "VTK001" if error_id.split("-")[1] in _FILES else "VTK002")


def _plural(noun: str) -> str:
    return {"row or file": "rows or files", "group of labels": "groups of labels"}.get(noun, noun + "s")
