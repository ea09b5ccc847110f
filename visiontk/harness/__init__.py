"""From experiments to run directories: plan, run, store, search."""
