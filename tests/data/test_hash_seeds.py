from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stdout
from types import SimpleNamespace

from images import folder_of

CODE = """
from visiontk.data import fingerprint, image_folder, stratified_folds
samples = image_folder(sys.argv[1], size=8)
folds = stratified_folds(samples, 1, 0) + stratified_folds(samples, 3, 0)
print(samples.card.fingerprint, samples.ids.tolist(), samples.card.notes, samples.labels)
print(fingerprint(samples.take(range(len(samples))), *(part for fold in folds for part in fold)))
"""


def test_results_do_not_depend_on_the_hash_seed(tmp_path):
    folder_of(tmp_path, {"b": 6, "a": 7, "c": 5}, "RGB")

    other = subprocess.run(
        [sys.executable, "-c", f"import sys\n{CODE}", str(tmp_path)],
        env=os.environ | {"PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    with redirect_stdout(io.StringIO()) as here:  # this process has another seed, random or set
        exec(CODE, {"sys": SimpleNamespace(argv=["", str(tmp_path)])})
    assert other == here.getvalue()
    assert "a/000.png" in other
