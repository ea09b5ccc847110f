"""Reading of configs: YAML and command-line values become an `Experiment`, checked, with every default filled in."""

from visiontk.config.reader import experiment, read_config, read_settings

__all__ = ["experiment", "read_config", "read_settings"]
