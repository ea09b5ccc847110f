from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

# With --import-mode=importlib a test cannot import the modules of its folder.
for _name in ("making", "typist", "layouts_of_images", "layouts_of_forms", "layouts_of_sounds", "layouts_of_texts"):
    _spec = importlib.util.spec_from_file_location(_name, Path(__file__).with_name(f"{_name}.py"))
    assert _spec is not None
    assert _spec.loader is not None
    sys.modules[_name] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules[_name])
