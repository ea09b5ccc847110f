"""Program that runs checks in a separate process: ``python -m visiontk.testing.check_process``.

It reads steps, one JSON value per line, and answers each with ``{"begins"}`` and then ``{"result", "reason",
"took_s"}``. A plugin may print, hang, crash or be slow to import without affecting the caller.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from visiontk.errors import VisiontkError
from visiontk.testing.contract import Step, run_check


def check_result(step: Step) -> dict[str, str | float]:
    """Run one check; return its result (holds, excused or fails), the reason and the seconds it took."""
    start = time.perf_counter()
    result, reason = "fails", ""
    try:
        run_check(step)
        result = "holds"
    except AssertionError as error:
        reason = str(error).split("\nassert ")[0] or f"{type(error).__name__} without a message"
    except VisiontkError as error:
        reason = f"{error.error_id}: {error.message}"
    except (Exception, SystemExit) as error:  # a plugin may fail in any way
        reason = f"{type(error).__name__}: {error}"
    except BaseException as error:
        if type(error).__name__ != "Skipped":  # pytest's, which is imported only if a task is excused
            raise
        result, reason = "excused", str(error)
    return {"result": result, "reason": reason, "took_s": time.perf_counter() - start}


def main() -> None:
    """Run steps until standard input ends."""
    # Plugins may print and read; neither must get between steps and answers.
    requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w", buffering=1)
    with Path(os.devnull).open() as null:
        os.dup2(null.fileno(), 0)
    os.dup2(2, 1)
    for line in requests:
        step = Step(*json.loads(line))
        answers.write(json.dumps({"begins": step.check}) + "\n")
        answers.write(json.dumps(check_result(step)) + "\n")


if __name__ == "__main__":
    main()
