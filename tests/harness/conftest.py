"""An installed plugin with a learner that fails in several ways, also in worker processes."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from visiontk.core import Task, Trial
from visiontk.harness.outcome import Cost, Outcome, Predictions
from visiontk.registry import get_task
from visiontk.testing import tiny_images

PLUGIN = '''
"""The tiny task under another name, with a learner that misbehaves as requested."""
import dataclasses, os, subprocess, sys, time, warnings
from pathlib import Path

import numpy as np

from visiontk.core import HIDDEN, About, FitReport, learner
from visiontk.testing import tiny_task


class _Troubled:
    def __init__(self, what, marker, number):
        self.what, self.marker, self.number = what, Path(marker), number
        self.inner = tiny_task().learners["noisy_centroid"]()

    def fit(self, train, valid, *, seed, workdir, budget_s):
        first = not self.marker.exists()
        if self.marker.name:
            with self.marker.open("a") as file:
                file.write(f"{os.getpid()}\\n")
        report = getattr(self, self.what.replace(" ", "_"), lambda first: None)(first)
        normal = self.inner.fit(train, valid, seed=seed, workdir=workdir, budget_s=budget_s)
        return normal if report is None else report

    def die(self, first):
        os.kill(os.getpid(), 9)

    def die_once(self, first):
        if first:
            self.die(first)

    def fail(self, first):
        raise ValueError("no good\\nsecond line")

    def fail_once(self, first):
        if first:
            self.fail(first)

    def leave(self, first):
        sys.exit(3)

    def sleep(self, first):
        time.sleep(self.number)

    def burn(self, first):
        end = time.process_time() + self.number
        while time.process_time() < end:
            pass

    def allocate(self, first):
        self.block = np.ones(int(self.number) // 8)

    def forget(self, first):
        self.block = np.ones(int(self.number) // 8)
        del self.block

    def chatter(self, first):
        print('{"key": "x", "reason": "printed"}')
        os.write(1, b"raw\\n" * 100)
        subprocess.run(["sh", "-c", "echo loud; cat"], check=True)

    def wander(self, first):
        os.chdir("/")

    def warn(self, first):
        warnings.warn("take care")
        warnings.warn("take care")

    def leave_a_child(self, first):
        child = subprocess.Popen(["sleep", "300"])
        self.marker.with_suffix(".child").write_text(str(child.pid))
        time.sleep(self.number)

    def say_nothing(self, first):
        return "a text"

    def count_with_numpy(self, first):
        return FitReport(n_parameters=np.int64(7), size_bytes=np.int64(8), cut_off=np.bool_(False))

    def know(self, first):
        return FitReport(knew="ImageNet-1k", input_size="224 x 224")

    def predict(self, samples):
        if self.what == "peek" and (samples.y != HIDDEN).any():
            raise AssertionError("targets can be seen")
        if self.what == "prepare each time":
            time.sleep(self.number)
        scores = self.inner.predict(samples)
        if self.what == "nan":
            scores[0] = np.nan
        if self.what == "huge":
            scores[0] = 1e39
        if self.what == "complex":
            scores = scores + 1j
        return scores[:, :2] if self.what == "shape" else scores


@learner(About("network"))
def troubled(what: str = "", marker: str = "", number: float = 0.0):
    """Misbehaves as requested [1]_.

    References
    ----------
    .. [1] Murphy (1949), said at a test of a rocket sled.
    """
    return _Troubled(what, marker, number)


TASK = dataclasses.replace(tiny_task(), name="troubled", learners={**tiny_task().learners, "troubled": troubled})
'''


def install(site: Path, name: str, module: str, text: str) -> None:
    """Write a plugin of one module as pip does: the module and its metadata."""
    site.mkdir(parents=True, exist_ok=True)
    (site / f"{module}.py").write_text(text)
    folder = site / f"{module}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(f"[visiontk.tasks]\n{name} = {module}:TASK\n")


@pytest.fixture
def task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Task]:
    """The troubled task, installed for this process and workers."""
    install(tmp_path / "site", "troubled", "troubled_plugin", PLUGIN)
    monkeypatch.syspath_prepend(tmp_path / "site")
    yield get_task("troubled")
    sys.modules.pop("troubled_plugin", None)


@pytest.fixture
def trial() -> Callable[..., Trial]:
    """Return a function that makes trials of the troubled task, with this behaviour of the learner."""
    fingerprint = tiny_images().card.fingerprint

    def make(what: str = "", marker: Path | str = "", number: float = 0.0, **fields: object) -> Trial:
        plain = Trial("troubled", 1, "synthetic", "troubled", fingerprint, "0", parameters={
            "what": what, "marker": str(marker), "number": number,
        }, dataset_parameters={"n": 64, "seed": 0, "groups": 0}, packages={"troubled_plugin": "1.0"})  # fmt: skip
        return dataclasses.replace(plain, **fields)  # type: ignore[arg-type]

    return make


@pytest.fixture
def outcome() -> Outcome:
    """The outcome of a trial."""
    scores = np.random.default_rng(0).random((4, 3)).astype(np.float32).astype(np.float64)
    ids, y = np.array(["ä", "b", "c", "d"]), np.array([0, 1, 2, 0])
    predictions = Predictions(ids, y, scores, ids[:2], y[:2], scores[:2])
    return Outcome(predictions, Cost(1.5, 2.5, 0.25, 7, None, 99, True, ("UserWarning: ä",)), "epoch,loss\n1,0.5\n")
