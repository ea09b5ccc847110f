"""Make `schema_subset` importable: with --import-mode=importlib, tests cannot import their neighbours."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

# With --import-mode=importlib a test cannot import its neighbours by itself.
_spec = importlib.util.spec_from_file_location("schema_subset", Path(__file__).with_name("schema_subset.py"))
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
sys.modules["schema_subset"] = _module
_spec.loader.exec_module(_module)
