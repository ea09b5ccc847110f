"""Audio classification: readers on small files in the published layouts, synthetic data, and declared network sizes."""

import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from visiontk.tasks.audio_classification.data import ESC10, ESC50
from visiontk.tasks.audio_classification.speech_commands import COMMANDS

from visiontk.core import about
from visiontk.errors import DataError
from visiontk.registry import get_task

TASK = get_task("audio_classification")
NETWORKS = [name for name, make in TASK.learners.items() if about(make).family == "network"]
SPEAKERS = ("ann", "bob", "cid")


def write(path: Path, seconds: float = 0.1, rate: int = 8_000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(sum(map(ord, path.name)))
    soundfile.write(path, rng.uniform(-0.5, 0.5, round(seconds * rate)), rate)


def write_fsdd(folder: Path) -> None:
    for digit in range(10):
        for speaker in SPEAKERS:
            for index in (0, 4, 5, 11):
                write(folder / f"{digit}_{speaker}_{index}.wav")


@pytest.mark.parametrize("inner", ["recordings", ""], ids=["as published", "flat"])
def test_each_speaker_of_the_digits_is_left_out_in_turn(data, inner):
    write_fsdd(data / "fsdd" / inner)

    samples = TASK.datasets["fsdd"]()

    assert samples.labels == tuple("0123456789")
    assert samples.ids[0] == "0_ann_0"
    assert samples.y[0] == 0
    assert samples.take([0]).shape == (1, 8_000, 1)
    assert (samples.card.origin, samples.card.sample_rate, samples.card.licence) == ("public", 8_000, "CC BY-SA 4.0")
    folds = TASK.folds(samples, 3, 0)
    for fold, speaker in zip(folds, SPEAKERS, strict=True):
        assert set(samples.groups[fold.test]) == {speaker}
        assert len(set(samples.groups[fold.valid])) == 1
        assert len(set(samples.groups[fold.train])) == 1


def test_the_official_split_of_the_digits_tests_the_first_five_recordings(data):
    """The card notes that all speakers are on both sides."""
    write_fsdd(data / "fsdd" / "recordings")

    samples = TASK.datasets["fsdd"](protocol="official")

    index = np.array([int(name.split("_")[2]) for name in samples.ids])
    np.testing.assert_array_equal(samples.parts == "test", index < 5)
    assert samples.groups is None
    assert "share all six speakers" in samples.card.notes[0]
    assert samples.card.fingerprint != TASK.datasets["fsdd"]().card.fingerprint


def test_other_files_in_the_folder_of_the_digits_are_ignored(data):
    write_fsdd(data / "fsdd" / "recordings")
    write(data / "fsdd" / "recordings" / "noise.wav")

    assert len(TASK.datasets["fsdd"]()) == 120


def write_esc50(folder: Path, classes=range(50)) -> None:
    for fold in range(1, 6):
        for k in classes:
            write(folder / f"{fold}-{1000 * fold + k}-A-{k}.wav", rate=44_100)
        write(folder / f"{fold}-{1000 * fold}-B-0.wav", rate=44_100)


@pytest.mark.slow
def test_esc_50_has_the_published_folds_and_groups_clips_by_recording(data):
    write_esc50(data / "esc50" / "audio")

    samples = TASK.datasets["esc50"](sample_rate=8_000, duration_s=0.2)

    assert (len(samples), samples.n_classes) == (255, 50)
    assert samples.labels[samples.y[list(samples.ids).index("1-1005-A-5")]] == "cat"
    assert "255 clips resampled from 44100 to 8000 Hz" in samples.card.notes
    groups = samples.groups[[list(samples.ids).index(name) for name in ("2-2000-A-0", "2-2000-B-0")]]
    assert groups[0] == groups[1]
    folds = TASK.folds(samples, 5, 0)
    for number, fold in enumerate(folds, 1):
        assert set(samples.parts[fold.test]) == {f"fold {number}"}


def test_esc_10_is_a_subset_of_esc_50(data):
    write_esc50(data / "esc50" / "audio")

    samples = TASK.datasets["esc10"](sample_rate=8_000, duration_s=0.2)

    assert samples.labels == tuple(sorted(ESC50[i] for i in ESC10))
    assert (len(samples), samples.card.name) == (55, "esc10")


def test_the_older_layout_of_esc_has_class_folders(data):
    for fold in range(1, 6):
        for folder in ("001 - Dog bark", "002 - Rain"):
            write(data / "esc10" / folder / f"{fold}-{fold}0-A.ogg")

    samples = TASK.datasets["esc10"](sample_rate=8_000, duration_s=0.2)

    assert samples.labels == ("Dog bark", "Rain")
    assert samples.counts().tolist() == [5, 5]
    assert set(samples.parts) == {f"fold {i}" for i in range(1, 6)}


WORDS = (*COMMANDS, "bed", "cat", "tree")


def write_commands(folder: Path) -> None:
    lists: dict[str, list[str]] = {"validation_list.txt": [], "testing_list.txt": [], "": []}
    for word in WORDS:
        for speaker, split_list in (
            ("aa11", "validation_list.txt"),
            ("bb22", "testing_list.txt"),
            ("cc33", ""),
            ("dd44", ""),
        ):
            for i in range(2):
                name = f"{word}/{speaker}_nohash_{i}.wav"
                write(folder / name, rate=16_000)
                lists[split_list].append(name)
    for name, lines in lists.items():
        if name:
            (folder / name).write_text("\n".join(lines))
    for noise in ("rain", "tap"):
        write(folder / "_background_noise_" / f"{noise}.wav", 20.0, rate=16_000)


def test_speech_commands_have_the_classes_of_ten_words_unknown_and_silence(data):
    write_commands(data / "speech_commands")

    samples = TASK.datasets["speech_commands"](duration_s=0.5)

    assert samples.labels == tuple(sorted([*COMMANDS, "unknown", "silence"]))
    for part, n in (("train", 4), ("valid", 2), ("test", 2)):
        assert set(np.bincount(samples.y[samples.parts == part], minlength=12)) == {n}
    (fold,) = TASK.folds(samples, 1, 0)
    assert [len(part) for part in fold] == [48, 24, 24]


def test_silence_excerpts_of_different_parts_do_not_overlap(data):
    write_commands(data / "speech_commands")

    samples = TASK.datasets["speech_commands"](duration_s=0.5)

    ends = {"train": (0.0, 16.0), "valid": (16.0, 18.0), "test": (18.0, 20.0)}
    silence = np.flatnonzero(samples.y == samples.labels.index("silence"))
    for i in silence:
        start = float(samples.ids[i].split("@")[1])
        low, high = ends[samples.parts[i]]
        assert low - 1e-3 <= start
        assert start + 0.5 <= high + 1e-3


def test_all_words_of_speech_commands_can_be_classes(data):
    write_commands(data / "speech_commands")

    samples = TASK.datasets["speech_commands"](labels=35, duration_s=0.5)

    assert samples.labels == tuple(sorted(WORDS))
    assert len(samples) == 104
    assert set(samples.groups[samples.parts == "test"]) == {"bb22"}


def test_the_selected_excerpts_are_deterministic(data):
    write_commands(data / "speech_commands")

    one, two = (TASK.datasets["speech_commands"](duration_s=0.5) for _ in range(2))

    assert one.ids.tolist() == two.ids.tolist()
    assert one.card.fingerprint == two.card.fingerprint


@pytest.mark.parametrize("name", ["fsdd", "esc50", "esc10", "speech_commands"])
def test_missing_data_are_reported_with_their_publisher(data, name):
    with pytest.raises(DataError, match=r"not found in .*") as caught:
        TASK.datasets[name]()

    assert caught.value.error_id == "E-DATA-MISSING"
    assert "http" in caught.value.hint


def test_a_folder_with_other_file_names_is_refused(data):
    write(data / "fsdd" / "recordings" / "hello.wav")

    with pytest.raises(DataError, match=r"fsdd: none of 1 files .* is named as published, such as hello\.wav"):
        TASK.datasets["fsdd"]()


@pytest.mark.slow
def test_synthetic_recordings_are_generated_quickly_and_marked():
    start = time.process_time()

    samples = TASK.datasets["instruments"]()

    assert time.process_time() - start < 5  # a second on an idle core
    assert samples.card.synthetic
    assert samples.counts().tolist() == [100] * 6
    x = samples.take(np.arange(600))
    assert (x.dtype, x.shape) == (np.float32, (600, 4800, 1))
    assert np.abs(x).max() <= 1
    assert np.isfinite(x).all()


@pytest.mark.slow
def test_loudness_and_length_of_synthetic_recordings_hardly_depend_on_the_class():
    """No class is louder or longer than another."""
    samples = TASK.datasets["instruments"]()
    x = samples.take(np.arange(600))[..., 0]
    length = (x != 0)[:, ::-1].argmax(axis=1)
    peak = np.log10(np.abs(x).max(axis=1))

    for values in (length, peak):
        means = [values[samples.y == k].mean() for k in range(6)]
        assert np.ptp(means) < 0.75 * values.std()


@pytest.mark.slow
def test_the_published_digits_are_complete(shared_data):
    """There are 3,000 recordings, 50 of each digit and speaker."""
    if not (shared_data / "fsdd").is_dir():
        pytest.skip("needs fsdd")
    samples = TASK.datasets["fsdd"]()

    assert samples.counts().tolist() == [300] * 10
    assert sorted(set(samples.groups)) == ["george", "jackson", "lucas", "nicolas", "theo", "yweweler"]
    assert len(TASK.folds(samples, 6, 0)) == 6
    assert "20 clips longer than 1 s cut" in samples.card.notes


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_has_the_declared_weights_and_layers(one_thread, name):
    """The default network is built for the declared input."""
    from visiontk.baselines.logmel import LogMel
    from visiontk.blocks.audio_networks import spectrogram_network, waveform_network

    declared = about(TASK.learners[name])
    assert declared.at == "1 s at 8 kHz, 10 classes"
    x = np.random.default_rng(0).uniform(-1, 1, (4, 8_000, 1)).astype(np.float32)
    build = waveform_network
    if name == "spectrogram_cnn":
        x, build = LogMel().step(8_000)(x), spectrogram_network

    model = build(x, 10)

    weights = int(sum(np.prod(v.shape) for v in model.trainable_variables))
    kernels = [v for v in model.trainable_variables if v.name == "kernel"]
    assert (weights, len(kernels)) == (declared.weights, declared.layers)
