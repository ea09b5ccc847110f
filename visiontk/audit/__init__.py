"""The audit: what is wrong with data before anybody learns from them.

One pass over the samples computes a row of facts for each (`visiontk.audit.facts`); every check is a small function of
these facts (`visiontk.audit.checks` has the table) and gives findings: frozen records with a stable code, a severity,
a count, examples and what to do. ``docs/audit.md`` describes every code.

It runs in a process of its own, ``python -m visiontk.audit.process``, as it needs scikit-learn.
"""

from visiontk.audit.findings import CODES, Finding

__all__ = ["CODES", "Finding"]
