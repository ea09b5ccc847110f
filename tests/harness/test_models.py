"""Fitted learners are saved, kept and checked before they are loaded."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visiontk.core import Floats, Samples, Task, Trial
from visiontk.errors import EnvironmentFault, ModelError, StoreError
from visiontk.executors import Serial
from visiontk.executors.attempt import attempt
from visiontk.harness import models
from visiontk.harness.drive import drive, prepare
from visiontk.harness.experiment import Experiment
from visiontk.harness.models import MANIFEST, is_candidate, keep_models, kept_models, load_model, save_model
from visiontk.harness.outcome import MODEL, UNSAVED
from visiontk.harness.store import RunDirectory
from visiontk.testing import tiny_images, tiny_task

EXPERIMENT = Experiment(
    "tiny", "synthetic", {"prior": {}, "centroid": {}, "noisy_centroid": {"noise": 5.0}}, seeds=(3, 1), folds=2
)
ARRAYS = "learner/arrays.safetensors"


def run(out: Path, **change: Any) -> tuple[RunDirectory, list[Trial]]:
    prepared = prepare(dataclasses.replace(EXPERIMENT, **change), tiny_task(), version="0")
    return drive(prepared, tiny_task(), out, executor=Serial()), prepared.fits


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A folder of a saved model, with its scores of the tiny images beside it."""
    return save(tmp_path / "saved")


def save(folder: Path) -> Path:
    data, trial = tiny_images(), tiny_trial()
    learner = tiny_task().learner(trial.learner)(**trial.parameters)
    learner.fit(data, data, seed=0, workdir=folder, budget_s=1.0)
    assert save_model(learner, trial, data.labels, folder) == ""
    np.save(folder.with_suffix(".npy"), learner.predict(data))
    return folder


def tiny_trial() -> Trial:
    return Trial("tiny", 1, "synthetic", "noisy_centroid", "f", "0", parameters={"noise": 5.0}, packages={})


def scores(folder: Path) -> Floats:
    return load_model(folder, task=tiny_task())[0].predict(tiny_images())


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def sign(folder: Path, **change: Any) -> None:
    """Write a manifest that fits the files of a folder, as somebody could who wants to deceive."""
    value = json.loads((folder / MANIFEST).read_bytes())
    members = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        for name, data in content(folder).items()
        if name != MANIFEST
    }
    del value["sha256"]
    value = {**value, "members": members, **change}
    write_manifest(folder, {**value, "sha256": hashlib.sha256(canonical(value)).hexdigest()})


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, indent=1).encode()


def write_manifest(folder: Path, value: Any) -> None:
    (folder / MANIFEST).write_bytes(canonical(value))


def test_a_loaded_model_gives_the_same_scores(saved: Path) -> None:
    """With its trial and the texts of its classes."""
    learner, manifest = load_model(saved, task=tiny_task())

    np.testing.assert_array_equal(learner.predict(tiny_images()), np.load(saved.with_suffix(".npy")))
    assert manifest.trial == tiny_trial()
    assert manifest.labels == tiny_images().labels


def test_a_manifest_does_not_repeat_the_path_of_the_data(tmp_path: Path) -> None:
    """It may name a patient, and a model may be passed on; the key of the trial is the same without it."""
    trial = dataclasses.replace(tiny_trial(), dataset_parameters={"path": "/home/jane_doe", "size": 8})

    save_model(tiny_task().learner("centroid")(), trial, ("a",), tmp_path / "saved")

    assert b"jane" not in b"".join(content(tmp_path / "saved").values())
    assert models.read_manifest(tmp_path / "saved").trial.key == trial.key


def only_first_fold_and_seed(trials: list[Trial]) -> set[str]:
    return {trial.key for trial in trials if trial.fold == 0 and trial.seed == 3 and trial.learner != "prior"}


@pytest.mark.parametrize("keep", ["best", "all", "none"])
def test_fits_that_may_be_kept_are_saved_with_their_trial(tmp_path: Path, keep: str) -> None:
    """For best those of the first fold and the first seed; a learner without save has a reason."""
    store, trials = run(tmp_path, keep=keep)

    with_model = {path.parent.name for path in store.path.glob(f"trials/*/{MODEL}")}
    savable = [trial for trial in trials if trial.learner != "prior"]
    expected = {"best": only_first_fold_and_seed(trials), "all": {trial.key for trial in savable}, "none": set()}
    reasons = {path.read_text() for path in store.path.glob(f"trials/*/{UNSAVED}")}
    assert with_model == expected[keep]
    assert reasons == (set() if keep == "none" else {"_Prior has no methods save and load"})
    assert not list(store.path.glob("work/*"))


def test_only_fits_of_a_comparison_are_candidates(tmp_path: Path) -> None:
    """Not those of a search, a learning curve, shuffled labels, or a folder without an experiment."""
    store, trials = run(tmp_path / "run", keep="all")

    assert is_candidate(trials[0], store)
    assert not is_candidate(dataclasses.replace(trials[0], asks=("valid",)), store)
    assert not is_candidate(dataclasses.replace(trials[0], study="curve", draw=1, max_train=20), store)
    assert not is_candidate(trials[0], RunDirectory(tmp_path / "elsewhere"))


def test_the_key_of_a_trial_does_not_depend_on_the_kept_models() -> None:
    keys = [
        [fit.key for fit in prepare(dataclasses.replace(EXPERIMENT, keep=keep), tiny_task(), version="0").fits]
        for keep in ("best", "all", "none")
    ]

    assert keys[0] == keys[1] == keys[2]


def test_kept_models_are_moved_and_the_others_removed_once_all_fits_have_ended(tmp_path: Path) -> None:
    store, trials = run(tmp_path)
    selected = next(trial for trial in trials if trial.learner == "centroid")

    partly = keep_models(store, [selected], complete=False)
    n_left = len(list(store.path.glob(f"trials/*/{MODEL}")))
    finally_ = keep_models(store, [selected], complete=True)

    assert partly == finally_ == kept_models(store)
    assert (partly[0]["kept"], partly[0]["reason"], partly[0]["trial"]) == (True, "", selected.key)
    assert partly[0]["bytes"] == sum(map(len, content(store.path / "models" / selected.key).values()))
    assert n_left == 1
    assert not list(store.path.glob(f"trials/*/{MODEL}"))
    assert store.is_done(selected)
    assert load_model(store.path / "models" / selected.key, task=tiny_task())[1].trial == selected


def test_a_model_that_is_not_there_has_a_reason(tmp_path: Path) -> None:
    """It could not be saved; or its fit ended when another one was kept, and finished trials are not fitted again."""
    store, trials = run(tmp_path)
    prior, noisy = (next(trial for trial in trials if trial.learner == name) for name in ("prior", "noisy_centroid"))
    keep_models(store, [], complete=True)

    entries = keep_models(store, [prior, noisy], complete=True)

    assert [each["kept"] for each in entries] == [False, False]
    assert entries[0]["reason"] == "_Prior has no methods save and load"
    assert "it was fitted earlier" in entries[1]["reason"]


def test_resuming_neither_fits_again_nor_removes_kept_models(tmp_path: Path) -> None:
    """Another choice adds to them."""
    store, trials = run(tmp_path)
    first = {trial.learner: trial for trial in reversed(trials)}
    keep_models(store, [first["centroid"]], complete=True)
    before = content(store.path / "models")

    run(tmp_path, keep="none")
    keep_models(store, [], complete=True)

    assert content(store.path / "models") == before
    assert store.n_readings() == len(trials)


def test_an_interrupted_save_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trial is not done before its model is complete; the next run saves it anew."""
    prepared = prepare(EXPERIMENT, tiny_task(), version="0")
    trial = prepared.fits[1]
    store, _ = run(tmp_path, learners={"prior": {}})
    store.workdir(trial).mkdir(parents=True)
    write = models._write_manifest

    def interrupted(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(models, "_write_manifest", interrupted)
    with pytest.raises(KeyboardInterrupt):
        attempt(trial, store, task=tiny_task())
    assert not store.is_done(trial)
    assert not (store.path / "models").exists()
    monkeypatch.setattr(models, "_write_manifest", write)

    assert attempt(trial, store, task=tiny_task()) == ""

    assert load_model(store.folder(trial) / MODEL, task=tiny_task())[1].trial == trial


class Troubled:
    """A learner that saves as requested."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def save(self, folder: Path) -> None:
        (folder / "half").write_text("written")
        raise self.error

    def load(self, folder: Path) -> None: ...
    def fit(self, *arguments: Any, **options: Any) -> Any: ...
    def predict(self, samples: Samples) -> Any: ...


def test_a_learner_that_fails_to_save_keeps_its_predictions(tmp_path: Path) -> None:
    """The reason is said and no file left; a full disk is an error, as it is for predictions."""
    reason = save_model(Troubled(ZeroDivisionError("by zero")), tiny_trial(), ("a",), tmp_path / "saved")

    assert reason == "ZeroDivisionError: by zero"
    assert not (tmp_path / "saved").exists()
    with pytest.raises(StoreError, match="cannot be written"):
        save_model(Troubled(OSError(28, "No space left on device")), tiny_trial(), ("a",), tmp_path / "saved")


def mutate(folder: Path, rng: np.random.Generator) -> str:
    """Change one file of a folder, and return its name."""
    name = str(rng.choice(sorted(content(folder))))
    path, other = folder / name, folder / str(rng.choice(sorted(content(folder))))
    data = bytearray(path.read_bytes())
    place = int(rng.integers(len(data)))
    match int(rng.integers(9)):
        case 0:
            data[place] ^= 1 << int(rng.integers(8))
            path.write_bytes(data)
        case 1:
            path.write_bytes(data[:place])
        case 2:
            path.write_bytes(bytes(data) + rng.bytes(int(rng.integers(1, 99))))
        case 3:
            path.unlink()
        case 4:
            path.rename(path.with_name(f"{path.name}~"))
        case 5:
            path.write_bytes(pickle.dumps(Executed(folder)))
        case 6:
            (path.parent / "more.bin").write_bytes(rng.bytes(9))
            return str((path.parent / "more.bin").relative_to(folder))
        case 7:
            path.rename(folder.parent / "aside")
            path.symlink_to(folder.parent / "aside")
        case _:
            data[place : place + 8] = rng.bytes(8)
            path.write_bytes(data if bytes(data) != path.read_bytes() else data + other.read_bytes())
    return name


class Executed:
    """Writes a file when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> Any:
        return Path.touch, (self.folder.parent / "executed",)


@pytest.mark.parametrize("seed", range(100))
def test_a_changed_folder_is_refused(saved: Path, seed: int) -> None:
    """One error names the file; nothing is executed or written."""
    name = mutate(saved, np.random.default_rng(seed))
    before = content(saved)

    with pytest.raises(ModelError) as caught:
        load_model(saved, task=tiny_task())

    assert caught.value.error_id == "E-MODEL-DAMAGED"
    assert caught.value.exit_code == 4
    assert name in caught.value.message
    assert content(saved) == before
    assert not (saved.parent / "executed").exists()


@pytest.mark.parametrize("seed", range(100))
def test_a_changed_folder_with_hashes_to_match_runs_nothing(saved: Path, seed: int) -> None:
    """It is refused, or holds other numbers."""
    mutate(saved, np.random.default_rng(seed))
    if not (saved / MANIFEST).is_file() or (saved / MANIFEST).is_symlink():
        return
    try:
        sign(saved)
        assert scores(saved).shape == (64, 3)
    except (ModelError, ValueError, UnicodeDecodeError):
        pass

    assert not (saved.parent / "executed").exists()


def test_several_faults_are_named_at_once(saved: Path) -> None:
    (saved / ARRAYS).write_bytes(b"x")
    (saved / "learner/state.json").unlink()
    (saved / "more").write_text("more")

    with pytest.raises(ModelError) as caught:
        load_model(saved, task=tiny_task())

    assert len(caught.value.lines) == 3
    assert "learner/arrays.safetensors: 1 bytes, expected" in caught.value.message
    assert "learner/state.json: missing" in caught.value.message
    assert "more: not in the manifest" in caught.value.message


def test_a_folder_of_another_version_is_refused(saved: Path) -> None:
    """Of visiontk or of the format."""
    for change, words in (
        ({"visiontk": "9.9"}, "made by visiontk 9.9, format 1"),
        ({"format": 2}, "format 2; this is"),
    ):
        sign(saved, **change)
        with pytest.raises(ModelError, match=words) as caught:
            load_model(saved, task=tiny_task())
        assert caught.value.error_id == "E-MODEL-VERSION"


class OtherVersion:
    """A learner that another version of a library saved."""

    def load(self, folder: Path) -> None:
        raise ModelError("fitted with leaves 1, installed is 2.", error_id="E-MODEL-VERSION")

    def save(self, folder: Path) -> None: ...
    def fit(self, *arguments: Any, **options: Any) -> Any: ...
    def predict(self, samples: Samples) -> Any: ...


def test_a_learner_says_which_version_it_needs(saved: Path) -> None:
    """The folder is named, too."""
    task = dataclasses.replace(tiny_task(), learners={"noisy_centroid": lambda noise: OtherVersion()})

    with pytest.raises(ModelError, match="saved: fitted with leaves 1, installed is 2") as caught:
        load_model(saved, task=task)
    assert caught.value.error_id == "E-MODEL-VERSION"


MANIFESTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a list": lambda value: [value],
    "no members": lambda value: {**value, "members": None},
    "a trial with other fields": lambda value: {**value, "trial": {**value["trial"], "run": "rm"}},
    "no labels": lambda value: {**value, "labels": 3},
    "a member outside": lambda value: {**value, "members": {"../x": {"sha256": "", "bytes": 0}}},
    "a size as text": lambda value: {**value, "members": {ARRAYS: {"sha256": "", "bytes": "many"}}},
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_crafted_manifest_is_refused(saved: Path, name: str) -> None:
    """Also one that is signed."""
    value = json.loads((saved / MANIFEST).read_bytes())
    del value["sha256"]
    value = MANIFESTS[name](value)
    signed = {**value, "sha256": hashlib.sha256(canonical(value)).hexdigest()} if isinstance(value, dict) else value
    write_manifest(saved, signed)

    with pytest.raises(ModelError, match="changed or cut"):
        load_model(saved, task=tiny_task())


@pytest.mark.parametrize("data", [b"", b"null", b"{", b"[" * 10**6, b"\xff\xfe", b'{"a": NaN}'])
def test_a_manifest_that_is_no_manifest_is_refused(saved: Path, data: bytes) -> None:
    (saved / MANIFEST).write_bytes(data)

    with pytest.raises(ModelError, match=r"manifest\.json"):
        load_model(saved, task=tiny_task())


def test_a_folder_that_is_missing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    for path in (tmp_path / "none", tmp_path / "file", tmp_path):
        with pytest.raises(ModelError, match=r"manifest\.json"):
            load_model(path, task=tiny_task())


def test_arrays_of_another_learner_are_refused(saved: Path, tmp_path: Path) -> None:
    """One error names the learner and what it missed."""
    (saved / ARRAYS).unlink()
    shutil.copy(save_other(tmp_path / "other") / ARRAYS, saved / ARRAYS)
    sign(saved)

    with pytest.raises(ModelError, match="learner: noisy_centroid cannot be filled from it: ValueError: no array"):
        load_model(saved, task=tiny_task())


def save_other(folder: Path) -> Path:
    from visiontk.learners.state import write_state

    (folder / "learner").mkdir(parents=True)
    write_state(folder / "learner", arrays={"frequencies": np.ones(3)})
    return folder


def test_a_model_of_a_package_that_changed_is_refused(saved: Path) -> None:
    sign(saved, trial={**json.loads(tiny_trial().to_json()), "packages": {"leaves": "1.0"}})

    with pytest.raises(EnvironmentFault, match=r"leaves 1\.0"):
        load_model(saved, task=tiny_task())


def test_a_task_installed_elsewhere_is_found_by_name(task: Task, trial: Callable[..., Trial], tmp_path: Path) -> None:
    """Without the task at hand the installed one is taken."""
    planned = trial()
    learner = task.learner("centroid")()
    learner.fit(tiny_images(), tiny_images(), seed=0, workdir=tmp_path, budget_s=1.0)
    centroid = dataclasses.replace(planned, learner="centroid", parameters={})
    assert save_model(learner, centroid, tiny_images().labels, tmp_path / "saved") == ""

    loaded, _ = load_model(tmp_path / "saved")

    np.testing.assert_array_equal(loaded.predict(tiny_images()), learner.predict(tiny_images()))
