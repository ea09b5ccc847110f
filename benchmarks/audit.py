"""How long an audit takes and how much memory: ``make audit``.

Each data set is audited in a fresh process, as the command does it. Seconds by the clock depend on who else uses the
processors; CPU seconds do less. Embedded sets need nothing; public ones are left out where they are not under
$VISIONTK_DATA. Names on the command line choose among them, such as ``fashion_mnist``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SETS = (
    ("image_classification", "fashion_mnist"),
    ("facial_expression", "facial_expressions"),
    ("medical_imaging", "pneumoniamnist"),
    ("audio_classification", "fsdd"),
    ("text_classification", "trec"),
    ("text_classification", "mr"),
    ("image_classification", "digits"),
)


def measured(task: str, dataset: str) -> str:
    """A line about one audit."""
    with tempfile.TemporaryDirectory() as folder:
        request = {"task": task, "dataset": dataset, "parameters": {}, "folds": None}
        Path(folder, "request.json").write_text(json.dumps(request))
        start = time.monotonic()
        process = subprocess.Popen([sys.executable, "-m", "visiontk.audit.process", folder])
        _, status, used = os.wait4(process.pid, 0)
        took = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        found = json.loads(Path(folder, "audit.json").read_bytes()) if process.returncode == 0 else {}
    if "counts" not in found:
        return f"{dataset:20} {found.get('error', {}).get('message', f'exit code {process.returncode}')}"
    counts = ", ".join(f"{n} {severity}s" for severity, n in found["counts"].items())
    cpu, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    return f"{dataset:20} {found['n']:>7,} samples  {took:6.1f} s  {cpu:6.1f} CPU s  {memory:6,.0f} MB  {counts}"


def main() -> None:
    """Measure those that are named, or all."""
    chosen = sys.argv[1:] or [name for _, name in SETS]
    for task, dataset in SETS:
        if dataset in chosen:
            print(measured(task, dataset), flush=True)


if __name__ == "__main__":
    main()
