"""Every planted fault is reported with its code and samples; clean data have no findings."""

from __future__ import annotations

import importlib.util
import shutil
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.slow  # each reads and compares a hundred files

IMAGES, AUDIO, TEXTS = "image_classification", "audio_classification", "text_classification"

# With --import-mode=importlib a test cannot import the modules of its folder.
_spec = importlib.util.spec_from_file_location("audit_data", Path(__file__).with_name("conftest.py"))
assert _spec is not None
assert _spec.loader is not None
data = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(data)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def codes(findings: dict[str, Any]) -> set[str]:
    return set(findings) - {"leaks"}


def grouped_table(folder: Path, n: int, shared: str, *more: str) -> Path:
    """Write n images and a table of them in which person `shared` is in both parts; return its path."""
    rng = np.random.default_rng(0)
    rows = ["path,label,person,part"]
    for i in range(n):
        data.image(rng).save(folder / f"{i:02d}.png")
        part = "test" if i % 3 == 0 else "train"
        rows.append(f"{i:02d}.png,{'cat' if i % 2 else 'dog'},{shared if i < 6 else f'{part}{i}'},{part}")
    (folder / "t.csv").write_text("\n".join([*rows, *more]))
    return folder / "t.csv"


# Clean data


def test_clean_images_have_no_findings(audit, images):
    assert codes(audit(IMAGES, images)) == set()


def test_clean_recordings_have_no_findings(audit, recordings):
    assert codes(audit(AUDIO, recordings, sample_rate=8_000)) <= {"VTK402"}


def test_clean_texts_have_no_findings(audit, texts):
    assert codes(audit(TEXTS, texts)) == set()


# Files


def test_all_unreadable_images_are_reported_and_the_others_audited(audit, images):
    """The audit continues after the first unreadable file and also reports a duplicate."""
    broken = files(images / "train" / "cat")[:3]
    broken[0].write_bytes(b"")
    broken[1].write_bytes(broken[1].read_bytes()[:100])
    broken[2].write_text("<html>not found</html>")
    one = files(images / "train" / "dog")[0]
    shutil.copy(one, images / "test" / "dog" / "again.png")

    value = audit(IMAGES, images)

    assert (value["VTK001"]["severity"], value["VTK001"]["count"]) == ("error", 3)
    assert all(any(name(path, images) in line for line in value["VTK001"]["lines"]) for path in broken)
    assert value["VTK102"]["count"] == 1


def test_unreadable_recordings_are_found(audit, recordings):
    files(recordings / "train" / "low")[0].write_bytes(b"RIFF")

    assert audit(AUDIO, recordings, sample_rate=8_000)["VTK001"]["count"] == 1


def test_missing_and_repeated_files_of_a_table_are_found(audit, tmp_path):
    rng = np.random.default_rng(0)
    rows = []
    for i in range(40):
        data.image(rng).save(tmp_path / f"{i}.png")
        rows.append(f"{i}.png,{'cat' if i % 2 else 'dog'}")
    (tmp_path / "t.csv").write_text("\n".join(["path,label", *rows, "missing.png,cat", "3.png,cat"]))

    value = audit(IMAGES, tmp_path / "t.csv", dataset="csv")

    assert (value["VTK003"]["severity"], value["VTK003"]["count"]) == ("error", 2)


def test_files_of_kinds_that_are_not_read_are_found(audit, recordings):
    """By suffix and class."""
    for i in range(3):
        (recordings / "train" / "low" / f"extra{i}.wv").write_bytes(b"wvpk")

    value = audit(AUDIO, recordings, sample_rate=8_000)

    assert (value["VTK004"]["severity"], value["VTK004"]["count"]) == ("warning", 3)
    assert "3 .wv (low 3)" in value["VTK004"]["message"]


def test_an_unreadable_dataset_is_a_single_finding(audit, tmp_path):
    (tmp_path / "pets" / "train" / "cat").mkdir(parents=True)
    data.image(np.random.default_rng(0)).save(tmp_path / "pets" / "train" / "cat" / "a.png")

    value = audit(IMAGES, tmp_path / "pets")

    assert value["VTK002"]["severity"] == "error"


def test_texts_of_another_encoding_are_found(audit, texts):
    files(texts / "train" / "tea")[0].write_bytes("thé glacé à la menthe, été".encode("latin-1"))

    assert audit(TEXTS, texts)["VTK309"]["severity"] == "error"


def test_texts_with_damaged_characters_are_found(audit, texts):
    path = files(texts / "train" / "tea")[0]
    path.write_text("thé glacé à la menthe".encode().decode("latin-1") + " kettle leaf river stone")

    value = audit(TEXTS, texts)

    assert (value["VTK309"]["count"], value["VTK309"]["examples"]) == (1, [[name(path, texts)]])


# Single samples


def test_images_of_one_colour_are_found_and_do_not_count_as_duplicates(audit, images):
    for path in files(images / "train" / "cat")[:2] + files(images / "test" / "dog")[:1]:
        Image.new("RGB", (48, 48), "navy").save(path)

    value = audit(IMAGES, images)

    assert value["VTK301"]["count"] == 3
    assert not {"VTK101", "VTK102", "VTK201"} & codes(value)


def test_silent_and_constant_recordings_are_found(audit, recordings):
    import soundfile

    soundfile.write(files(recordings / "train" / "low")[0], np.zeros(6000), 8_000)
    soundfile.write(files(recordings / "train" / "low")[1], np.full(6000, 0.25), 8_000)

    assert audit(AUDIO, recordings, sample_rate=8_000)["VTK301"]["count"] == 2


def test_empty_texts_are_found(audit, texts):
    files(texts / "train" / "tea")[0].write_text(" \n")

    assert audit(TEXTS, texts)["VTK301"]["count"] == 1


def test_mixed_sizes_modes_and_formats_are_found(audit, images):
    for path in files(images / "train")[::3]:
        image = Image.open(path)
        image.load()
        path.unlink()
        image.resize((90, 60)).convert("L").save(path.with_suffix(".bmp"))

    value = audit(IMAGES, images)

    assert {"VTK302", "VTK303", "VTK306"} <= codes(value)
    assert value["VTK303"]["count"] == value["VTK306"]["count"] == 20


def test_files_with_the_suffix_of_another_format_are_found(audit, images):
    path = files(images / "train" / "cat")[0]
    Image.open(path).save(path.with_suffix(".jpg"), "PNG")
    path.unlink()

    value = audit(IMAGES, images)

    assert value["VTK307"]["examples"] == [[name(path.with_suffix(".jpg"), images)]]


def test_images_rotated_by_exif_are_found(audit, images):
    path = files(images / "train" / "cat")[0]
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.open(path).save(path, exif=exif)

    assert audit(IMAGES, images)["VTK310"]["count"] == 1


def test_mixed_sample_rates_and_channels_are_found(audit, recordings):
    import soundfile

    rng = np.random.default_rng(1)
    for i, path in enumerate(files(recordings / "train")[::4]):
        signal = np.repeat(data.tone(rng), 2)
        soundfile.write(path, signal if i % 2 else np.stack([signal, signal], axis=1), 16_000)

    value = audit(AUDIO, recordings, sample_rate=8_000)

    assert value["VTK304"]["count"] == 15
    assert value["VTK305"]["count"] == 8


def test_clipped_recordings_are_found(audit, recordings):
    import soundfile

    path = files(recordings / "train" / "low")[0]
    soundfile.write(path, np.clip(20 * data.tone(np.random.default_rng(1)), -1, 1), 8_000)

    assert audit(AUDIO, recordings, sample_rate=8_000)["VTK308"]["count"] == 1


def test_lengths_that_differ_widely_are_found(audit, texts):
    rng = np.random.default_rng(1)
    for path in files(texts)[::10]:
        path.write_text(path.read_text() + " " + data.sentence(rng, n=600))

    assert "VTK311" in codes(audit(TEXTS, texts))


# Duplicates


def test_exact_copies_are_found_by_content(audit, images):
    """A PNG saved as BMP has different bytes but the same pixels."""
    train = files(images / "train" / "cat")
    Image.open(train[0]).save(images / "test" / "cat" / "again.bmp")
    Image.open(train[1]).save(images / "train" / "cat" / "twice.bmp")

    value = audit(IMAGES, images)

    assert value["VTK102"]["count"] == value["VTK101"]["count"] == 1
    assert value["leaks"] == {"exact": ["test/cat/again.bmp"], "near": []}
    assert set(value["VTK102"]["examples"][0]) == {"test/cat/again.bmp", name(train[0], images)}


def test_many_exact_leaks_are_an_error(audit, images):
    for i, path in enumerate(files(images / "train" / "cat")[:8]):
        shutil.copy(path, images / "test" / "cat" / f"again{i}.png")

    assert audit(IMAGES, images)["VTK102"]["severity"] == "error"


@pytest.mark.parametrize("change", ["jpeg", "brighter", "smaller"])
def test_near_copies_of_images_are_found(audit, images, change):
    source = files(images / "train" / "dog")[5]
    image = Image.open(source)
    target = images / "test" / "dog" / "near.png"
    if change == "jpeg":
        target = target.with_suffix(".jpg")
        image.save(target, quality=60)
    elif change == "brighter":
        image.point(lambda v: int(v * 1.1 + 12)).save(target)
    else:
        image.resize((36, 36)).save(target)

    value = audit(IMAGES, images)

    assert value["leaks"] == {"exact": [], "near": [name(target, images)]}
    assert set(value["VTK103"]["examples"][0]) == {name(source, images), name(target, images)}


@pytest.mark.parametrize("change", ["louder", "vorbis", "mp3"])
def test_near_copies_of_recordings_are_found(audit, recordings, change):
    import soundfile

    source = files(recordings / "train" / "high")[5]
    signal, rate = soundfile.read(source)
    target = recordings / "test" / "high" / ("near" + {"louder": ".wav", "vorbis": ".ogg", "mp3": ".mp3"}[change])
    soundfile.write(target, 1.4 * signal if change == "louder" else signal, rate)

    value = audit(AUDIO, recordings, sample_rate=8_000)

    assert value["leaks"]["near"] == [name(target, recordings)]


def test_exact_copies_of_recordings_are_found_in_another_format(audit, recordings):
    import soundfile

    source = files(recordings / "train" / "high")[5]
    soundfile.write(recordings / "test" / "high" / "again.flac", *soundfile.read(source))

    assert audit(AUDIO, recordings, sample_rate=8_000)["leaks"]["exact"] == ["test/high/again.flac"]


def test_texts_that_differ_in_case_and_punctuation_are_exact_copies(audit, texts):
    source = files(texts / "train" / "tea")[0]
    (texts / "test" / "tea" / "again.txt").write_text(source.read_text().upper().replace(" ", ",  "))

    assert audit(TEXTS, texts)["leaks"]["exact"] == ["test/tea/again.txt"]


def test_texts_with_a_changed_word_are_near_copies(audit, texts):
    source = files(texts / "train" / "tea")[0]
    source.write_text(data.sentence(np.random.default_rng(5), n=40))
    changed = source.read_text().split()
    changed[-1] = "aardvark"
    (texts / "test" / "tea" / "near.txt").write_text(" ".join(changed))

    assert audit(TEXTS, texts)["leaks"] == {"exact": [], "near": ["test/tea/near.txt"]}


def test_groups_in_several_parts_are_found_and_all_other_checks_are_run(audit, tmp_path):
    """A comparison would refuse such a split."""
    table = grouped_table(tmp_path, 60, "ann", "60.png,cat,train1,train")
    shutil.copy(tmp_path / "01.png", tmp_path / "60.png")

    value = audit(IMAGES, table, dataset="csv", group_column="person", part_column="part")

    assert (value["VTK104"]["severity"], value["VTK104"]["count"]) == ("error", 1)
    assert value["VTK101"]["count"] == 1
    assert "VTK002" not in codes(value)


# Labels


def test_the_same_content_with_two_labels_is_found(audit, images):
    source = files(images / "train" / "cat")[0]
    shutil.copy(source, images / "train" / "dog" / "again.png")

    value = audit(IMAGES, images)

    assert set(value["VTK201"]["examples"][0]) == {name(source, images), "train/dog/again.png"}
    assert value["VTK201"]["severity"] == "error"  # 2 of 101


@pytest.mark.parametrize("variant", ["Cat", "cat ", unicodedata.normalize("NFD", "caté")])
def test_labels_that_differ_in_spelling_are_found(audit, images, variant):
    if "\u0301" in variant:
        for part in ("train", "test"):
            (images / part / "cat").rename(images / part / unicodedata.normalize("NFC", "caté"))
    for part in ("train", "test"):
        (images / part / variant).mkdir()
        for i, path in enumerate(files(images / part / "dog")[:6]):
            path.rename(images / part / variant / f"{i}.png")

    assert audit(IMAGES, images)["VTK202"]["severity"] == "error"


def test_rows_without_a_label_are_found(audit, tmp_path):
    rng = np.random.default_rng(0)
    rows = [f'"{data.sentence(rng, label)}",{label}' for label in ("tea", "oil") * 30]
    (tmp_path / "t.csv").write_text("\n".join(["text,label", *rows, "river stone cloud,", "amber walk sing,NaN"]))

    value = audit(TEXTS, tmp_path / "t.csv", dataset="csv")

    assert (value["VTK203"]["count"], value["VTK203"]["lines"]) == (2, ["line 62", "line 63"])


def test_rare_and_imbalanced_classes_are_found(audit, images):
    for path in files(images / "train" / "dog")[6:] + files(images / "test" / "dog")[3:]:
        path.unlink()

    value = audit(IMAGES, images)

    assert value["VTK204"]["lines"] == ["dog: 9 samples"]
    assert value["VTK205"]["numbers"]["ratio"] == pytest.approx(50 / 9)


def test_a_class_missing_from_the_test_set_is_found(audit, images):
    shutil.rmtree(images / "test" / "dog")

    value = audit(IMAGES, images)

    assert value["VTK207"]["lines"] == ["test: dog"]
    assert "VTK208" in codes(value)


def test_flipped_labels_are_found(audit, texts):
    """Most of the flipped labels are reported, and most of the reported labels were flipped."""
    rng = np.random.default_rng(2)
    for label in ("tea", "oil"):
        for i in range(150):
            (texts / "train" / label / f"more{i}.txt").write_text(data.sentence(rng, label))
    flipped = []
    for i, path in enumerate(files(texts / "train" / "tea")[:12]):
        target = texts / "train" / "oil" / f"flipped{i}.txt"
        path.rename(target)
        flipped.append(name(target, texts))

    value = audit(TEXTS, texts)
    named = [ids[0] for ids in value["VTK206"]["examples"]]

    assert value["VTK206"]["severity"] == "warning"
    assert 10 <= value["VTK206"]["count"] <= 14
    assert sum(each in flipped for each in named) >= len(named) - 1


# Shortcuts


def test_a_file_size_that_predicts_the_class_is_found(audit, images):
    """Images of dogs are saved without compression."""
    for path in files(images / "train" / "dog") + files(images / "test" / "dog"):
        Image.open(path).save(path, compress_level=0)

    value = audit(IMAGES, images)["VTK401"]

    assert value["severity"] == "warning"
    assert "the file size alone reaches 1.00" in value["message"]


def test_a_brightness_that_predicts_the_class_is_found(audit, images):
    rng = np.random.default_rng(3)
    for path in files(images / "train" / "dog") + files(images / "test" / "dog"):
        data.image(rng, shift=60).save(path)

    assert audit(IMAGES, images)["VTK402"]["severity"] == "warning"


def test_a_duration_that_predicts_the_class_is_found(audit, recordings):
    import soundfile

    for path in files(recordings / "train" / "low") + files(recordings / "test" / "low"):
        soundfile.write(path, soundfile.read(path)[0][:4000], 8_000)

    assert "duration of the file: 1.00" in audit(AUDIO, recordings, sample_rate=8_000)["VTK401"]["lines"]


def test_file_names_numbered_by_class_are_a_note(audit, images):
    for i, path in enumerate(files(images)):
        path.rename(path.with_name(f"img{1000 * ('dog' in path.as_posix()) + i:05d}.png"))

    assert audit(IMAGES, images)["VTK404"]["severity"] == "note"


def test_drift_between_training_and_test_set_is_found(audit, images):
    rng = np.random.default_rng(3)
    for path in files(images / "test"):
        data.image(rng, shift=60).save(path)

    value = audit(IMAGES, images)["VTK403"]

    assert value["numbers"]["low"] > 0.7
    assert any("brightness" in line for line in value["lines"])


def test_file_names_of_data_about_people_are_replaced_by_numbers(audit, images):
    """File names may be names of patients, so no finding repeats them."""
    first = files(images / "train" / "cat")
    first[0].rename(first[0].with_name("Doe^John.png")).write_bytes(b"GIF")
    shutil.copy(first[1], images / "test" / "cat" / "Roe^Jane.png")

    value = audit("medical_imaging", images)

    assert {"VTK001", "VTK102"} <= codes(value)
    assert "Doe" not in str(value)
    assert "Roe" not in str(value)


def test_groups_of_user_data_are_replaced_by_numbers(audit, tmp_path):
    table = grouped_table(tmp_path, 40, "Doe")

    value = audit(IMAGES, table, dataset="csv", group_column="person", part_column="part")

    assert value["VTK104"]["count"] == 1
    assert "Doe" not in str(value)
