"""Checks in a process of their own: ``python -m visiontk.testing.conduct`` reads steps, one JSON value a line.

For each it answers ``{"begins"}`` and then ``{"result", "reason", "took_s"}``. A plugin may print, hang, crash or be
slow to import; whoever asks is not affected.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from visiontk.errors import VisiontkError
from visiontk.testing.contract import Step, carry_out


def answer(step: Step) -> dict[str, str | float]:
    """What came of one check: holds, excused or fails, with the reason and the seconds that it took."""
    start = time.perf_counter()
    result, reason = "fails", ""
    try:
        carry_out(step)
        result = "holds"
    except AssertionError as error:
        reason = str(error).split("\nassert ")[0] or f"{type(error).__name__} without a word"
    except VisiontkError as error:
        reason = f"{error.error_id}: {error.message}"
    except (Exception, SystemExit) as error:  # a plugin may fail in any way
        reason = f"{type(error).__name__}: {error}"
    except BaseException as error:
        if type(error).__name__ != "Skipped":  # pytest's, which is imported only where a task is excused
            raise
        result, reason = "excused", str(error)
    return {"result": result, "reason": reason, "took_s": time.perf_counter() - start}


def main() -> None:
    """Answer steps until standard input ends."""
    # Whatever a plugin prints or reads must not get between steps and answers.
    requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w", buffering=1)
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    for line in requests:
        step = Step(*json.loads(line))
        answers.write(json.dumps({"begins": step.check}) + "\n")
        answers.write(json.dumps(answer(step)) + "\n")


if __name__ == "__main__":
    main()
