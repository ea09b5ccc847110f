"""The command line ``visiontk``."""

from visiontk.cli.app import main

__all__ = ["main"]
