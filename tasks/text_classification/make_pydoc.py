"""Make ``pydoc.jsonl.gz``: passages of the documentation of Python's standard library, by subject.

Run once, with the Python version `VERSION`; the result is shipped, so the data do not depend on the
installed Python::

    python tasks/text_classification/make_pydoc.py

A passage is the prose of one docstring of a module, class or function, in the pure-Python sources, which
are parsed, not executed: its first 80 words, if they are at least `LEAST`. Prose are the sentences that end
with a full stop, have 6 to 60 words, mostly words rather than code, and are outside of examples, tables, lists
of parameters and headings.

Words that reveal the subject are masked by ``_``: quoted code, names with a dot, an underscore or a
call, names in mixed or upper case, numbers and addresses; and every part of the name of its
module, in the singular or plural. Repeated passages are used once, and passages of
two subjects are left out. A module has at most `MOST` passages, so that none dominates its class.

The subjects were selected from more: with single sentences, or with further subjects such as "text" and
"maths", whose modules have little in common, a linear classifier was right for about half of the samples.
"""

from __future__ import annotations

import ast
import gzip
import json
import random
import re
import sys
import sysconfig
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

VERSION = (3, 11, 7)
TARGET = Path(__file__).with_name("pydoc.jsonl.gz")
LEAST = 14
"""Least number of words of a passage."""

MOST = 60
"""Greatest number of passages of a module."""

SUBJECTS = {
    "concurrency": "asyncio concurrent multiprocessing threading queue sched selectors _threading_local",
    "files": "os posixpath ntpath genericpath pathlib shutil glob fnmatch tempfile zipfile tarfile gzip bz2 lzma "
    "filecmp fileinput _pyio dbm shelve zipapp linecache aifc wave sunau chunk _compression zipimport",
    "network": "http urllib smtplib ftplib imaplib poplib nntplib telnetlib ssl socket xmlrpc ipaddress wsgiref cgi "
    "smtpd asyncore asynchat webbrowser socketserver email mailbox",
    "testing": "unittest doctest pdb bdb traceback trace timeit cProfile profile pstats tracemalloc "
    "warnings inspect cgitb",
    "windows": "tkinter turtle turtledemo idlelib",
}  # fmt: skip


def files(root: Path, package: str) -> Iterator[tuple[str, Path]]:
    """Modules of a package, without its tests, as (dotted name, file)."""
    single = root / f"{package}.py"
    if single.is_file():
        yield package, single
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if not {"test", "tests", "idle_test", "__pycache__"} & set(parts):
            yield ".".join(part for part in parts if part != "__init__"), path


def docstrings(path: Path) -> Iterator[str]:
    """All docstrings of a module, by its syntax tree."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield text


def sentences(docstring: str) -> Iterator[str]:
    """Sentences of plain paragraphs."""
    for paragraph in re.split(r"\n[ \t]*\n", docstring):
        lines = paragraph.splitlines()
        if any(re.match(r"\s*(>>>|\.\.\.|[-=*+~#|]|\w[\w, *]*\s*:\s|\w+\(.*\)\s*(->|$)|@)", line) for line in lines):
            continue
        if any(line.startswith("   ") for line in lines):
            continue  # an example, a table or a list
        text = " ".join(paragraph.split())
        yield from re.split(r"(?<=[a-z_)\]'\"`]\.) (?=[A-Z])", text)


def masked(sentence: str, module: str) -> str:
    """The sentence without code, numbers, addresses and the name of its module."""
    text = re.sub(r"``.*?``|`[^`]*`|\"[^\"]{1,30}\"|(?<!\w)'[^']{1,30}'(?!\w)|<[^>]*>", "_", sentence)
    text = re.sub(r"\b\w+://\S+", "_", text)
    text = re.sub(r"\*{0,2}\b\w*(?:\.\w+|_\w*|\(\S*\))+\S*?(?=[\s,;:.)]|$)", "_", text)
    text = re.sub(r"\b(?:\w*[a-z]\w*[A-Z]\w*|[A-Z]{2,}\w*|\w*\d\w*)\b", "_", text)
    own = {part.strip("_").lower().rstrip("s") for name in module.split(".") for part in name.split("_")} - {""}
    words = re.sub(r"[A-Za-z]+", lambda match: "_" if match[0].lower().rstrip("s") in own else match[0], text)
    words = re.sub(r"\*+_|_(?=\w)|(?<=\w)_", "_", words)
    return re.sub(r"_(?:\W?_)+", "_", words)


def good(sentence: str) -> bool:
    """True if a masked sentence consists mostly of words."""
    words = sentence.split()
    plain = [word for word in words if re.fullmatch(r"[(\"']?[A-Za-z][a-z'-]*[.,;:!?)\"']*", word)]
    return (
        6 <= len(words) <= 60
        and sentence.endswith(".")
        and sentence[0].isupper()
        and sentence.isascii()
        and len(plain) >= 0.7 * len(words)
        and not re.search(r"[=<>{}\\|@]|copyright|licen[cs]e", sentence, re.IGNORECASE)
    )


def main() -> None:
    """Read the sources, write the file and print its content."""
    if sys.version_info[:3] != VERSION:
        raise SystemExit(f"made with Python {'.'.join(map(str, VERSION))}, not {sys.version.split()[0]}")
    root = Path(sysconfig.get_path("stdlib"))
    subjects_of: dict[str, dict[str, str]] = defaultdict(dict)  # passage -> subject -> module
    for subject, packages in SUBJECTS.items():
        for package in packages.split():
            for module, path in files(root, package):
                for docstring in docstrings(path):
                    kept = [text for text in (masked(x, module) for x in sentences(docstring)) if good(text)]
                    text = " ".join(" ".join(kept).split()[:80])
                    if len(text.split()) >= LEAST:
                        subjects_of[text].setdefault(subject, module)
    by_module: dict[tuple[str, str], list[str]] = defaultdict(list)
    for text, subjects in subjects_of.items():
        if len(subjects) == 1:
            ((subject, module),) = subjects.items()
            by_module[subject, module].append(text)
    rows = []
    for (subject, module), texts in sorted(by_module.items()):
        kept = random.Random(module).sample(sorted(texts), min(MOST, len(texts)))
        rows += [{"text": text, "label": subject, "module": module} for text in sorted(kept)]
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    TARGET.write_bytes(gzip.compress(content, 9, mtime=0))
    for subject in SUBJECTS:
        modules = [row["module"] for row in rows if row["label"] == subject]
        sys.stdout.write(f"{subject:12} {len(modules):5} passages of {len(set(modules)):3} modules\n")
    sys.stdout.write(f"{len(rows)} passages, {TARGET.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
