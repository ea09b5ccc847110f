"""Time and memory of an audit: ``make audit``.

Each data set is audited in a fresh process, as the command does it. Wall-clock seconds depend on the load of the
machine, CPU seconds less so. Public data sets are read from $VISIONTK_DATA. Names on the command line, such as
``fashion_mnist``, select data sets.
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


def measure(task: str, dataset: str) -> str:
    """Audit one data set and return a line with its time, memory and findings."""
    with tempfile.TemporaryDirectory() as folder:
        request: dict[str, object] = {"task": task, "dataset": dataset, "parameters": {}, "folds": None}
        Path(folder, "request.json").write_text(json.dumps(request))
        start = time.monotonic()
        process = subprocess.Popen([sys.executable, "-m", "visiontk.audit.process", folder])
        _, status, used = os.wait4(process.pid, 0)
        took = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        values = json.loads(Path(folder, "audit.json").read_bytes()) if process.returncode == 0 else {}
    if "counts" not in values:
        return f"{dataset:20} {values.get('error', {}).get('message', f'exit code {process.returncode}')}"
    counts = ", ".join(f"{n} {severity}s" for severity, n in values["counts"].items())
    cpu, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    return f"{dataset:20} {values['n']:>7,} samples  {took:6.1f} s  {cpu:6.1f} CPU s  {memory:6,.0f} MB  {counts}"


def main() -> None:
    """Measure the named data sets, or all."""
    chosen = sys.argv[1:] or [name for _, name in SETS]
    for task, dataset in SETS:
        if dataset in chosen:
            print(measure(task, dataset), flush=True)


if __name__ == "__main__":
    main()
