"""Recordings of the user, in folders and tables."""

import dataclasses
import pickle
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from visiontk.core import parameters
from visiontk.data import official_or, stratified_folds
from visiontk.data.options import AudioOptions
from visiontk.data.readers import audio_files
from visiontk.data.readers.audio_files import read_clips
from visiontk.data.readers.audio_folder import audio_folder, audio_table
from visiontk.errors import ConfigError, DataError

RATE = 8_000


def write(path: Path, seconds: float = 0.2, rate: int = RATE, seed: int = 0, x=None, **options) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).uniform(-0.5, 0.5, round(seconds * rate))
    soundfile.write(path, noise if x is None else x, rate, **options)
    return path


def folder_of(root: Path, classes: dict[str, int], seed: int = 0) -> Path:
    for k, (name, count) in enumerate(classes.items()):
        for i in range(count):
            write(root / name / f"{i:03d}.wav", seed=seed + 100 * k + i)
    return root


def read(path: Path, **options):
    return audio_folder(str(path), **({"sample_rate": RATE, "duration_s": 0.25} | options))


def refused(path: Path, **options) -> DataError:
    with pytest.raises(DataError) as caught:
        read(path, **options)
    return caught.value


def test_folders_are_classes_and_ids_are_relative_paths(tmp_path):
    samples = read(folder_of(tmp_path / "pets", {"dog": 6, "cat": 5}))

    assert samples.labels == ("cat", "dog")
    assert samples.ids[[0, 5]].tolist() == ["cat/000.wav", "dog/000.wav"]
    assert samples.y.tolist() == [0] * 5 + [1] * 6
    assert (samples.card.name, samples.card.origin, samples.card.sample_rate) == ("pets", "own", RATE)
    x = samples.take(np.arange(11))
    assert (x.shape, x.dtype) == ((11, 2000, 1), np.float32)
    written, _ = soundfile.read(tmp_path / "pets" / "dog" / "000.wav", dtype="float32")
    np.testing.assert_array_equal(x[5, :1600, 0], written)
    assert not x[:, 1600:].any()


def test_its_arguments_are_the_config_schema():
    names = ["path", "sample_rate", "duration_s", "channels", "resample", "on_bad_file", "min_per_class"]

    assert parameters(audio_folder).keys() == {*names, "label", "split", "group", "on_rare_class", "leak"}
    assert set(names) <= parameters(audio_table).keys()


def test_conversions_are_counted(tmp_path):
    """Sample rates, channels, lengths, silence and clipping."""
    folder_of(tmp_path, {"cat": 5, "dog": 5})
    write(tmp_path / "cat" / "a.wav", 0.4)
    write(tmp_path / "cat" / "b.flac", 0.25, rate=44_100)
    write(tmp_path / "cat" / "c.wav", x=np.zeros((2000, 2)))
    write(tmp_path / "dog" / "d.wav", x=np.sign(np.sin(np.arange(2000))))
    write(tmp_path / "dog" / "e.wav", x=np.full(2000, 0.5))
    write(tmp_path / "dog" / "f.wav", x=3 * np.sin(np.arange(2000)), subtype="FLOAT")
    write(tmp_path / "dog" / "g.wav", 0.01)
    (tmp_path / "readme.txt").write_text("noise")

    notes = read(tmp_path).card.notes

    assert set(notes) == {
        "1 other file or link ignored, outside of the classes or beside a file of the same name",
        "1 clips resampled from 44100 to 8000 Hz",
        "mean of all channels of 1 clips with 2 channels",
        "1 clips longer than 0.25 s cut",
        "11 clips shorter than 0.25 s padded with zeros",
        "1 clips shorter than 25 ms",
        "1 clips of digital silence",
        "1 clips of one constant value",
        "2 clips with more than one sample in a thousand at full scale",
        "1 clips with values beyond full scale divided by the largest",
    }


def test_split_folders_become_parts(tmp_path):
    for n, part in enumerate(("train", "val", "test")):
        folder_of(tmp_path / part, {"cat": 5, "dog": 6}, seed=1000 * n)

    samples = read(tmp_path)

    (fold,) = official_or(stratified_folds)(samples, 1, 0)
    assert [len(part) for part in fold] == [11, 11, 11]


@pytest.mark.parametrize(
    ("damage", "error_id", "words"),
    [
        (lambda p: p.write_bytes(p.read_bytes()[:1000]), "E-DATA-TRUNC", "are shorter than they declare"),
        (lambda p: p.write_bytes(b""), "E-DATA-DECODE", "cannot be read"),
        (lambda p: write(p, x=np.zeros(0)), "E-DATA-EMPTY", "have no samples"),
        (lambda p: write(p, x=np.full(9, np.nan), subtype="FLOAT"), "E-DATA-NONFINITE", "not finite"),
        (lambda p: write(p, rate=1_000), "E-DATA-RATE", "sample rate that is not allowed"),
        (lambda p: write(p, 601), "E-DATA-LONG", "too long"),
        (lambda p: p.write_bytes(b"\0\0\0\x18ftypM4A "), "E-DATA-CODEC", "format that is not supported"),
    ],
)
def test_all_unreadable_files_are_listed(tmp_path, damage, error_id, words):
    folder_of(tmp_path, {"cat": 6, "dog": 6})
    for name in ("cat/001.wav", "dog/004.wav"):
        damage(tmp_path / name)

    error = refused(tmp_path)

    assert error.error_id == error_id
    assert f"2 of 12 files {words}" in error.message or words in error.message.splitlines()[0]
    assert "\n  cat/001.wav: " in error.message
    assert "\n  dog/004.wav: " in error.message
    assert "on_bad_file: skip" in error.hint


def test_files_unreadable_for_several_reasons_are_one_error(tmp_path):
    folder_of(tmp_path, {"cat": 6, "dog": 6})
    (tmp_path / "cat" / "001.wav").write_bytes(b"")
    write(tmp_path / "dog" / "001.wav", x=np.zeros(0))

    assert refused(tmp_path).error_id == "E-DATA-DECODE"


def test_a_file_of_an_unsupported_format_is_refused(tmp_path):
    folder_of(tmp_path, {"cat": 6, "dog": 6})
    (tmp_path / "dog" / "x.m4a").write_bytes(b"\0\0\0\x18ftypM4A ")

    assert refused(tmp_path).error_id == "E-DATA-CODEC"


def test_at_most_one_percent_of_the_files_is_skipped(tmp_path):
    folder_of(tmp_path, {"cat": 60, "dog": 60})
    (tmp_path / "cat" / "003.wav").write_bytes(b"")

    samples = read(tmp_path, on_bad_file="skip")

    assert len(samples) == 119
    assert "cat/003.wav" not in samples.ids
    assert samples.card.notes[-1] == "1 unreadable files skipped: cat/003.wav: empty file"
    written, _ = soundfile.read(tmp_path / "cat" / "004.wav", dtype="float32")
    np.testing.assert_array_equal(samples.take([3])[0, :1600, 0], written)
    (tmp_path / "dog" / "003.wav").write_bytes(b"")
    assert "at most 1% may be skipped" in refused(tmp_path, on_bad_file="skip").message


def test_after_a_skipped_file_streamed_clips_equal_those_in_memory(tmp_path, monkeypatch):
    """The clips still belong to their ids."""
    folder_of(tmp_path, {"cat": 60, "dog": 60})
    (tmp_path / "cat" / "003.wav").write_bytes(b"")
    held = read(tmp_path, on_bad_file="skip")
    monkeypatch.setattr(audio_files, "MEMORY_LIMIT", 0)

    streamed = read(tmp_path, on_bad_file="skip")

    everything = np.arange(len(held))
    np.testing.assert_array_equal(streamed.take(everything), held.take(everything))


def test_many_unreadable_files_indicate_a_systemic_fault(tmp_path):
    folder_of(tmp_path, {"cat": 20, "dog": 20})
    for path in (tmp_path / "cat").iterdir():
        path.write_bytes(b"\x01\x02")

    assert refused(tmp_path).error_id == "E-DATA-SYSTEMIC"


@pytest.mark.parametrize(
    "options",
    [
        {"sample_rate": 100},
        {"duration_s": 0.0},
        {"duration_s": 1e6},
        {"channels": "right"},
        {"resample": "yes"},
        {"on_bad_file": "ignore"},
        {"min_per_class": 0},
        {"leak": "ignore"},
    ],
)
def test_arguments_out_of_range_are_refused_before_reading(options):
    (name,) = options

    with pytest.raises(ConfigError, match=rf"^{name}: .*expected") as caught:
        read(Path("nowhere"), **options)

    assert caught.value.error_id == "E-CONFIG-RANGE"


@pytest.mark.parametrize("form", ["folder", "table"])
def test_a_recording_in_train_and_test_is_refused_or_noted(tmp_path, form):
    """Equal samples in another file are the same recording; silent recordings do not count."""
    for part, seed in (("train", 0), ("test", 50)):
        for k, name in enumerate(("cat", "dog")):
            for i in range(6):
                write(tmp_path / part / name / f"{i}.wav", seed=seed + 10 * k + i)
        write(tmp_path / part / "cat" / "silent.wav", x=np.zeros(1600))
    samples, _ = soundfile.read(tmp_path / "train" / "cat" / "0.wav")
    write(tmp_path / "test" / "cat" / "again.flac", x=samples)
    options = {}
    if form == "table":
        rows = [f"{p.relative_to(tmp_path)},{p.parts[-2]},{p.parts[-3]}" for p in sorted(tmp_path.rglob("*.*"))]
        (tmp_path / "a.csv").write_text("path,label,part\n" + "\n".join(rows) + "\n")
        options = {"part_column": "part"}
    reader, path = (audio_folder, tmp_path) if form == "folder" else (audio_table, tmp_path / "a.csv")

    with pytest.raises(DataError, match="2 recordings are copies in two parts of the split") as caught:
        reader(str(path), sample_rate=RATE, **options)
    notes = reader(str(path), sample_rate=RATE, leak="warn", **options).card.notes

    assert caught.value.error_id == "E-LEAK-EXACT"
    assert "test/cat/again.flac = train/cat/0.wav" in str(caught.value)
    assert "1 recordings are copies of another: test/cat/again.flac = train/cat/0.wav" in notes
    assert any(note.startswith("2 recordings are copies in two parts of the split") for note in notes)


def test_a_recording_under_two_labels_is_refused(tmp_path):
    """No learner could predict both correctly."""
    folder_of(tmp_path, {"cat": 9, "dog": 9})
    shutil.copy(tmp_path / "cat" / "003.wav", tmp_path / "dog" / "again.wav")

    error = refused(tmp_path)

    assert error.error_id == "E-LABEL-CONFLICT"
    assert "2 of 19 recordings are copies under different labels" in str(error)


@pytest.mark.parametrize(
    ("classes", "error_id"), [({"cat": 9}, "E-LABEL-SINGLE"), ({"cat": 9, "dog": 4}, "E-SPLIT-CLASS")]
)
def test_at_least_two_classes_with_enough_recordings_are_required(tmp_path, classes, error_id):
    assert refused(folder_of(tmp_path, classes)).error_id == error_id


def test_a_folder_without_recordings_is_refused(tmp_path):
    assert refused(tmp_path).error_id == "E-DATA-EMPTY"


def test_streamed_clips_equal_those_in_memory(tmp_path, monkeypatch):
    """With the same fingerprint, and after pickling too."""
    folder_of(tmp_path, {"cat": 5, "dog": 5})
    held = read(tmp_path)
    monkeypatch.setattr(audio_files, "MEMORY_LIMIT", 0)

    streamed = read(tmp_path)

    order = np.array([7, 0, 7, 3])
    np.testing.assert_array_equal(streamed.take(order), held.take(order))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(streamed)).take(order), held.take(order))
    assert streamed.card == held.card


def test_a_file_that_changes_after_it_was_read_is_refused(tmp_path, monkeypatch):
    folder_of(tmp_path, {"cat": 5, "dog": 5})
    monkeypatch.setattr(audio_files, "MEMORY_LIMIT", 0)
    samples = read(tmp_path)
    write(tmp_path / "cat" / "001.wav", seed=77)

    with pytest.raises(DataError, match=r"cat/001\.wav: changed") as caught:
        samples.take(np.arange(10))

    assert caught.value.error_id == "E-DATA-CHANGED"


def test_the_fingerprint_depends_on_content_and_settings_but_not_on_the_path(tmp_path):
    one, two = (folder_of(tmp_path / where, {"cat": 5, "dog": 5}) for where in ("a", "b"))
    first = read(one).card.fingerprint

    assert read(two).card.fingerprint == first
    assert read(one, duration_s=0.3).card.fingerprint != first
    assert read(one, sample_rate=16_000).card.fingerprint != first
    write(one / "dog" / "004.wav", seed=9)
    assert read(one).card.fingerprint != first


def test_reading_does_not_modify_files(tmp_path):
    folder_of(tmp_path, {"cat": 5, "dog": 5})
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}

    read(tmp_path)

    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_clips_of_one_file_start_at_the_requested_times(tmp_path):
    x = np.linspace(-0.5, 0.5, RATE)
    write(tmp_path / "long.wav", x=x, subtype="FLOAT")

    result = read_clips(tmp_path, ["long.wav"] * 3, AudioOptions(RATE, 0.25), starts_s=[0.0, 0.5, 0.9])

    clips = result.read(np.arange(3))[..., 0]
    np.testing.assert_allclose(clips[0], x[:2000], atol=1e-6)
    np.testing.assert_allclose(clips[1], x[4000:6000], atol=1e-6)
    np.testing.assert_allclose(clips[2], np.r_[x[7200:], np.zeros(1200)], atol=1e-6)


def table(tmp_path: Path, n: int = 12) -> Path:
    rows = ["file,kind,speaker"]
    for i in range(n):
        write(tmp_path / "recordings" / f"{i}.wav", seed=i)
        rows.append(f"recordings/{i}.wav,{'dog' if i % 2 else 'cat'},s{i // 4}")
    (tmp_path / "list.csv").write_text("\n".join(rows))
    return tmp_path / "list.csv"


COLUMNS = {"path_column": "file", "label_column": "kind"}


def test_a_table_has_files_classes_and_groups(tmp_path):
    samples = audio_table(str(table(tmp_path)), sample_rate=RATE, duration_s=0.25, group_column="speaker", **COLUMNS)

    assert samples.labels == ("cat", "dog")
    assert samples.ids[:2].tolist() == ["recordings/0.wav", "recordings/1.wav"]
    assert samples.y.tolist() == [0, 1] * 6
    assert samples.groups is not None
    assert samples.groups.tolist() == ["s0"] * 4 + ["s1"] * 4 + ["s2"] * 4
    assert samples.take([3]).shape == (1, 2000, 1)
    assert (samples.card.name, samples.card.sample_rate) == ("list", RATE)


def test_groups_of_a_table_are_part_of_the_fingerprint(tmp_path):
    path = str(table(tmp_path))

    grouped = audio_table(path, sample_rate=RATE, duration_s=0.25, group_column="speaker", **COLUMNS).card.fingerprint

    assert audio_table(path, sample_rate=RATE, duration_s=0.25, **COLUMNS).card.fingerprint != grouped


def test_unreadable_files_of_a_table_are_listed(tmp_path):
    path = table(tmp_path)
    (tmp_path / "recordings" / "5.wav").write_bytes(b"")

    with pytest.raises(DataError, match=r"recordings/5\.wav: empty file"):
        audio_table(str(path), sample_rate=RATE, duration_s=0.25, **COLUMNS)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the limit on address space is one of Linux")
def test_an_hour_of_silence_is_refused_before_it_is_decoded(tmp_path):
    """Under a memory limit that decoding would exceed."""
    soundfile.write(tmp_path / "long.flac", np.zeros(3600 * 44_100, np.float32), 44_100)
    code = (
        "import resource, sys; from visiontk.data.formats.audio import decode_clip, read_audio_file; "
        "from visiontk.errors import DataError;"
        "import soundfile, soxr; used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize();"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000,) * 2)\n"
        "try: decode_clip(read_audio_file(sys.argv[1]), sys.argv[1], 8000)\n"
        "except DataError as error: print(error.error_id)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "long.flac")], capture_output=True, text=True, check=False
    )

    assert done.stdout == "E-DATA-LONG\n", done.stderr
    assert resource.RLIMIT_AS


def test_every_option_that_changes_a_clip_changes_the_key():
    """The key is part of the fingerprint."""
    recording = AudioOptions(8_000, 1.0)
    others = [
        dataclasses.replace(recording, sample_rate=16_000),
        dataclasses.replace(recording, duration_s=2.0),
        dataclasses.replace(recording, channels="left"),
    ]

    assert len({recording.key, *(other.key for other in others)}) == 4
