"""Reports over several runs: all tasks side by side, and learners ranked over data sets."""
