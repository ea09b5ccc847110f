"""Reading predictions loads no framework: a page on predictions takes seconds."""

import subprocess
import sys

FRAMEWORKS = ("tensorflow", "keras", "sklearn", "torch", "jax", "pandas", "matplotlib")

PROGRAM = """
import sys
from visiontk.predictions.align import align
align({"a": sys.argv[1], "b": sys.argv[1]})
print(*(name for name in sys.argv[2:] if name in sys.modules))
"""


def test_reading_predictions_loads_no_framework(tmp_path):
    (tmp_path / "a.csv").write_text("id,truth,prob\na,0,0.2\nb,1,0.7\n")

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path / "a.csv", *FRAMEWORKS], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == ""
