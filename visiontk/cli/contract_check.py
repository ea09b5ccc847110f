"""The contract of a task, or of an addition to one, checked in a separate process with live results."""

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
from typing import IO, Any

from visiontk.cli.live_line import CLEAR, LiveLine
from visiontk.cli.wrapping import wrapped
from visiontk.harness.threads import process_environment
from visiontk.registry import rejected_additions
from visiontk.report import formatting as fmt
from visiontk.report.formatting import visible
from visiontk.testing.contract import Step, steps
from visiontk.testing.remedies import REMEDIES

WORDS = {"holds": "holds", "fails": "FAILS", "excused": "excused"}
INDENT = 20
POLL_S = 0.5
LAST_LINES = 3
"""Last lines of the output of a process that ended early, for the reason."""


class CheckDisplay(LiveLine):
    """Results of checks on standard output, the running one on standard error."""

    def __init__(self, *, quiet: bool) -> None:
        super().__init__(quiet=quiet)
        self.subject = ""

    def running(self, text: str) -> None:
        """Show the running check, in a terminal."""
        if self.live:
            self.overwrite(text)

    def result(self, row: dict[str, Any]) -> None:
        """Print the result of a check."""
        if self.quiet:
            return
        if self.live:
            self.write(CLEAR)
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


def check_contract(subject: str, *, only: str = "", speed: Any = None, display: CheckDisplay) -> dict[str, Any]:
    """Run the checks of a subject and return a row for each, the counts of their results, and ``holds``."""
    display.running(f"Looking for {subject} …")
    checks = steps(subject, only=only, speed=speed)
    rows = []
    if "." not in subject and not only and speed != "slow":
        rows += [_row(Step(f"{subject}.{name}", "it_can_be_used"), "fails", error.message, error.hint)
                 for (_, name), error in rejected_additions(subject).items()]  # fmt: skip
        for row in rows:
            display.result(row)
    for row in _run_steps(checks, display):
        display.result(row)
        rows.append(row)
    counts = {result: sum(row["result"] == result for row in rows) for result in WORDS}
    return {"name": subject, "checks": rows, **counts, "took_s": sum(row["took_s"] for row in rows),
            "holds": not counts["fails"]}  # fmt: skip


def print_summary(result: dict[str, Any]) -> None:
    """Print the number of checks that hold or fail."""
    n, n_failed = len(result["checks"]), result["fails"]
    summary = f"{n_failed} of {n} checks {'fails' if n_failed == 1 else 'fail'}" if n_failed else f"{n} checks hold"
    if result["excused"]:
        summary += f", {result['excused']} {'excused' if n_failed else 'of them excused'}"
    print(f"\n{summary}. Took {fmt.seconds(result['took_s'])}.")


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


def _run_steps(planned: list[Step], display: CheckDisplay) -> Iterator[dict[str, Any]]:
    """Yield the row of each step; a process that ends early is replaced for the remaining steps."""
    i = 0
    while i < len(planned):
        with tempfile.TemporaryFile() as output, _process(output) as process:
            while i < len(planned):
                step = planned[i]
                words = f"[{i + 1}/{len(planned)}] {step.subject}: {step.sentence.lower()} …"
                start = time.monotonic()
                answer = _receive(process, step, functools.partial(display.running, words))
                i += 1
                if answer is None:
                    reason = f"{_exit_reason(process)}{_last_lines(output)}"
                    yield _row(step, "fails", reason, "Find out why the process ends.", time.monotonic() - start)
                    break
                remedy = REMEDIES.get(step.check, "") if answer["result"] == "fails" else ""
                yield _row(step, answer["result"], answer["reason"], remedy, answer["took_s"])


@contextlib.contextmanager
def _process(output: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "visiontk.testing.check_process"],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=output,
        env=process_environment(1),
        start_new_session=True,  # Ctrl-C reaches this process alone, which ends the other
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


def _receive(process: subprocess.Popen[bytes], step: Step, tick: Callable[[], None]) -> dict[str, Any] | None:
    """Return the result of a step; None if the process ended."""
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
            tick()
            if not selector.select(POLL_S):
                continue
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                return None
            text += data
    value: dict[str, Any] = json.loads(text.splitlines()[1])
    return value


def _exit_reason(process: subprocess.Popen[bytes]) -> str:
    code = process.wait()
    return f"the process was killed by signal {-code}" if code < 0 else f"the process ended with code {code}"


def _last_lines(output: IO[bytes]) -> str:
    output.seek(0)
    lines = output.read().decode("utf-8", "replace").strip().splitlines()[-LAST_LINES:]
    return ": " + "\n".join(lines) if lines else ""
