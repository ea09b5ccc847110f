"""The contract of a task, or of what a package adds to one, carried out in a process of its own and told as it goes."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import IO, Any

from visiontk.cli.terminal import CLEAR
from visiontk.cli.wrapping import columns_of, cut, is_live, wrapped
from visiontk.harness.threads import process_environment
from visiontk.registry import rejected_additions
from visiontk.report import formatting as fmt
from visiontk.report.formatting import visible
from visiontk.testing.contract import Step, steps
from visiontk.testing.remedies import REMEDIES

WORDS = {"holds": "holds", "fails": "FAILS", "excused": "excused"}
INDENT = 20
LOOK_S = 0.5
MOST_SAID = 3
"""Last lines of what a process said before it died that are shown."""


class Telling:
    """Checks told one after the other: results on standard output, the running one on standard error.

    Parameters
    ----------
    quiet : bool
        Say nothing.
    """

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self.live = is_live(sys.stderr) and not quiet
        self.subject = ""

    def __enter__(self) -> Telling:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress("")

    def running(self, text: str) -> None:
        """What is going on, where a terminal shows it."""
        self._progress(cut(visible(text), columns_of(sys.stderr) - 1))

    def result(self, row: dict[str, Any]) -> None:
        """One check that has ended."""
        if self.quiet:
            return
        self._progress("")
        if row["subject"] != self.subject:
            self.subject = row["subject"]
            print(f"{visible(self.subject)}:")
        head = f"{WORDS[row['result']]:8} {row['took_s']:6.1f} s  {row['sentence']}"
        print(wrapped(head, 2, hanging=INDENT))
        for text in (row["reason"], f"To do: {row['remedy']}" if row["remedy"] else ""):
            for line in text.splitlines():
                print(wrapped(visible(line), INDENT))
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.flush()

    def _progress(self, text: str) -> None:
        if self.live:
            with contextlib.suppress(BrokenPipeError, ValueError):
                sys.stderr.write(CLEAR + text)
                sys.stderr.flush()


def examined(subject: str, *, only: str = "", speed: Any = None, telling: Telling) -> dict[str, Any]:
    """Carry out the checks of a subject.

    Returns
    -------
    dict
        With ``name``, ``checks`` (each with ``subject``, ``check``, ``sentence``, ``result``, ``reason``, ``remedy``
        and ``took_s``), counts of results, and ``holds``.

    Raises
    ------
    ConfigError, EnvironmentFault
        If there is no such subject or check, or the subject cannot be imported.
    """
    telling.running(f"Looking for {subject} …")
    planned = steps(subject, only=only, speed=speed)
    rows = []
    if "." not in subject and not only and speed != "slow":
        rows += [_row(Step(f"{subject}.{name}", "it_can_be_used"), "fails", error.message, error.hint)
                 for (_, name), error in rejected_additions(subject).items()]  # fmt: skip
        for row in rows:
            telling.result(row)
    for row in _conducted(planned, telling):
        telling.result(row)
        rows.append(row)
    counts = {result: sum(row["result"] == result for row in rows) for result in WORDS}
    return {"name": subject, "checks": rows, **counts, "took_s": sum(row["took_s"] for row in rows),
            "holds": not counts["fails"]}  # fmt: skip


def print_summary(found: dict[str, Any]) -> None:
    """How many checks hold."""
    n, n_failed = len(found["checks"]), found["fails"]
    told = f"{n_failed} of {n} checks {'fails' if n_failed == 1 else 'fail'}" if n_failed else f"{n} checks hold"
    if found["excused"]:
        told = f"{told}, {found['excused']} of them excused" if not n_failed else f"{told}, {found['excused']} excused"
    print(f"\n{told}. Took {fmt.seconds(found['took_s'])}.")


def _row(step: Step, result: str, reason: str, remedy: str, took_s: float = 0.0) -> dict[str, Any]:
    return {
        "subject": step.subject,
        "check": step.check,
        "sentence": step.sentence,
        "result": result,
        "reason": reason,
        "remedy": remedy,
        "took_s": took_s,
    }


def _conducted(planned: list[Step], telling: Telling) -> Iterator[dict[str, Any]]:
    """The rows of all steps; a process that dies is replaced by a new one for the steps that are left."""
    i = 0
    while i < len(planned):
        with tempfile.TemporaryFile() as said, _process(said) as process:
            while i < len(planned):
                step = planned[i]
                words = f"[{i + 1}/{len(planned)}] {step.subject}: {step.sentence.lower()} …"
                start = time.monotonic()
                found = _answer(process, step, functools.partial(telling.running, words))
                i += 1
                if found is None:
                    reason = f"{_death(process)}{_last_words(said)}"
                    yield _row(step, "fails", reason, "Find out what ends the process.", time.monotonic() - start)
                    break
                remedy = REMEDIES.get(step.check, "") if found["result"] == "fails" else ""
                yield _row(step, found["result"], found["reason"], remedy, found["took_s"])


@contextlib.contextmanager
def _process(said: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "visiontk.testing.check_process"],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        env=process_environment(1),
        start_new_session=True,  # Ctrl-C reaches this process alone, and it ends the other
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _answer(process: subprocess.Popen[bytes], step: Step, tell: Callable[[], None]) -> dict[str, Any] | None:
    """What the process says about a step; None if it ended."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(step).encode() + b"\n")
    except BrokenPipeError:
        return None
    text = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while text.count(b"\n") < 2:
            tell()
            if not selector.select(LOOK_S):
                continue
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                return None
            text += data
    value: dict[str, Any] = json.loads(text.splitlines()[1])
    return value


def _death(process: subprocess.Popen[bytes]) -> str:
    code = process.wait()
    return f"the process was killed by signal {-code}" if code < 0 else f"the process ended with code {code}"


def _last_words(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read().decode("utf-8", "replace").strip().splitlines()[-MOST_SAID:]
    return ": " + "\n".join(lines) if lines else ""
