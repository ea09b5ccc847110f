"""Stored predictions, units of independence and policies: what every section of a report computes from."""
