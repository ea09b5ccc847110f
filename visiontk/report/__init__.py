"""Evidence, results and reports of runs."""
