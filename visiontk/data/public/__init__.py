"""Public data sets: sources, downloads, archives, where they lie."""
