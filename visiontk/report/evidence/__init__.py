"""Evidence of a run: stored predictions, units of independence, settings; and the comparisons made on them."""

from visiontk.report.evidence.evidence import Evidence, read_evidence

__all__ = ["Evidence", "read_evidence"]
