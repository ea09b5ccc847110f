"""Data audit: duplicates, leaks, label errors, damaged files and shortcuts, before any learner is fitted.

One pass over the samples computes facts about each (`visiontk.audit.content_facts`). Each check is a small function of
these facts (listed in `visiontk.audit.run_audit`) and yields findings: frozen records with a stable code, a severity, a
count, examples and a remedy. ``docs/audit.md`` describes every code.

It runs in a separate process, ``python -m visiontk.audit.process``, as it needs scikit-learn.
"""

from visiontk.audit.findings import CODES, Finding

__all__ = ["CODES", "Finding"]
