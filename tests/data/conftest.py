from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

# With --import-mode=importlib a test cannot import its neighbours by itself.
_spec = importlib.util.spec_from_file_location("images", Path(__file__).with_name("images.py"))
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
sys.modules["images"] = _module
_spec.loader.exec_module(_module)

_spec = importlib.util.spec_from_file_location("scans", Path(__file__).with_name("scans.py"))
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
sys.modules["scans"] = _module
_spec.loader.exec_module(_module)
