"""Tables of DICOM and NIfTI files: groups, pseudonyms, notes and errors."""

from __future__ import annotations

import stat

import numpy as np
import pytest
from scans import CANARY, dicom, nifti, ramp, table

from visiontk.core import Samples, flat
from visiontk.data import official_or, stratified_folds
from visiontk.data.readers import scan_files
from visiontk.data.readers import scans as module
from visiontk.errors import ConfigError, DataError, EnvironmentFault

dicom_table, nifti_table = flat()(module.dicom_table), flat()(module.nifti_table)

N = 12
FILES = [(f"{CANARY}/Doe^{i}.dcm", "ill" if i % 2 else "well", f"{CANARY}{i // 2}") for i in range(N)]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("VISIONTK_CACHE", str(folder))
    return folder


@pytest.fixture
def data(tmp_path):
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def scan(i, **elements):
    rng = np.random.default_rng(i)
    stored = ramp(0, 3000) + rng.integers(0, 900, (16, 16)).astype(np.uint16)
    return dicom(stored, protected=True, patient=f"{CANARY}-{i // 3}", **elements)


def written(data, contents=None):
    return table(data, FILES, contents or [scan(i) for i in range(N)])


def texts(samples: Samples) -> str:
    return repr((samples.ids.tolist(), samples.labels, samples.groups, samples.parts, samples.card))


def test_images_have_16_bits_and_are_stretched_to_the_size(data):
    samples = dicom_table(written(data), size=24)

    x = samples.take([0, 1])

    assert (x.shape, x.dtype) == ((2, 24, 24, 1), np.uint16)
    assert len(np.unique(x)) > 256


def test_ids_and_patients_are_numbered_in_the_order_of_the_table(data):
    samples = dicom_table(written(data), patient_column="patient")

    assert samples.ids[[0, -1]].tolist() == ["image-00001", "image-00012"]
    assert samples.groups.tolist() == [f"p{i // 2 + 1:04d}" for i in range(N)]
    assert CANARY not in texts(samples)


def test_without_a_column_patients_come_from_the_headers(data):
    samples = dicom_table(written(data))

    assert samples.groups.tolist() == [f"p{i // 3 + 1:04d}" for i in range(N)]
    assert CANARY not in texts(samples)


def test_a_file_without_a_patient_is_a_separate_group(data):
    contents = [dicom(stored) for stored in _stored()]

    samples = dicom_table(written(data, contents))

    assert len(set(samples.groups.tolist())) == N
    assert f"{N} files name no patient" in " ".join(samples.card.notes)


def test_the_key_file_maps_numbers_to_files_and_is_readable_by_its_owner_only(data, cache):
    samples = dicom_table(written(data))

    (key,) = (cache / "keys").glob("*.csv")

    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) & 0o077 == 0
    assert f"image-00001,p0001,{CANARY}/Doe^0.dcm" in key.read_text().splitlines()
    assert key.name in samples.card.notes[-1] or any(key.name in note for note in samples.card.notes)


def test_an_unwritable_cache_loses_the_key_but_not_the_data(data, cache):
    cache.write_text("a file")

    samples = dicom_table(written(data))

    assert any("was not stored" in note for note in samples.card.notes)


def test_the_fingerprint_depends_on_pixels_and_classes_but_not_on_headers(data, tmp_path):
    other, third = tmp_path / "other", tmp_path / "third"
    other.mkdir()
    third.mkdir()
    plain = [dicom(stored, patient=f"X{i // 3}") for i, stored in enumerate(_stored())]

    same = dicom_table(table(other, [(f"{i}.dcm", label, "") for i, (_, label, _) in enumerate(FILES)], plain))
    changed = dicom_table(table(third, [(f"{i}.dcm", "ill" if i > 5 else "well", "") for i in range(N)], plain))

    assert same.card.fingerprint == dicom_table(written(data)).card.fingerprint
    assert same.card.fingerprint != changed.card.fingerprint


def _stored():
    return [ramp(0, 3000) + np.random.default_rng(i).integers(0, 900, (16, 16)).astype(np.uint16) for i in range(N)]


def test_the_positive_class_can_be_set(data):
    path = written(data)

    default, named = dicom_table(path), dicom_table(path, positive="ill")

    assert (default.labels, named.labels) == (("ill", "well"), ("well", "ill"))
    assert (named.y == 1 - default.y).all()
    assert named.card.fingerprint != default.card.fingerprint
    assert "Positive is 'ill'" in named.card.notes[0]


def test_an_unknown_positive_class_is_refused(data):
    with pytest.raises(ConfigError, match="Did you mean 'ill'"):
        dicom_table(written(data), positive="il")


def test_conversions_are_counted(data):
    contents = [scan(i, PhotometricInterpretation="MONOCHROME1" if i < 3 else "MONOCHROME2") for i in range(N)]

    notes = " ".join(dicom_table(written(data, contents)).card.notes)

    assert "3 MONOCHROME1 files inverted" in notes
    assert f"{N} files without a usable window" in notes
    assert "0 to 65535" in notes


def test_burned_in_text_is_counted_or_refused(data):
    path = written(data, [scan(i, BurnedInAnnotation="YES" if i < 2 else "NO") for i in range(N)])

    assert "2 files may have text about a person burned in (W-PHI-BURNEDIN)" in " ".join(dicom_table(path).card.notes)
    with pytest.raises(DataError, match="2 of 12 files") as caught:
        dicom_table(path, strict_phi=True)
    assert caught.value.error_id == "E-PHI-BURNEDIN"


def test_all_unreadable_files_are_listed_by_number(data):
    contents = [scan(i) for i in range(N)]
    contents[2], contents[7] = b"", contents[7][:300]

    with pytest.raises(DataError, match="2 of 12 files cannot be read") as caught:
        dicom_table(written(data, contents))

    assert "image-00003: empty file" in caught.value.message
    assert "image-00008" in caught.value.message
    assert CANARY not in caught.value.message


def test_a_missing_decoder_is_an_environment_error_despite_other_faults(data):
    from pydicom.encaps import encapsulate
    from pydicom.uid import MPEG2MPML

    contents = [scan(i) for i in range(N)]
    contents[2] = b""
    contents[5] = dicom(ramp(0, 255, dtype=np.uint8), syntax=MPEG2MPML, PixelData=encapsulate([b"\0" * 64]))

    with pytest.raises(EnvironmentFault, match="image-00006") as caught:
        dicom_table(written(data, contents))

    assert (caught.value.error_id, caught.value.exit_code) == ("E-DICOM-CODEC", 6)


def test_missing_files_are_reported_by_line_only(data):
    path = written(data)
    (data / FILES[3][0]).unlink()

    with pytest.raises(DataError, match="line 5") as caught:
        dicom_table(path)

    assert caught.value.error_id == "E-MANIFEST-MISSING"
    assert CANARY not in caught.value.message


def test_a_file_in_two_rows_is_reported_by_lines_only(data):
    path = written(data)
    with open(path, "a") as file:  # noqa: PTH123
        file.write(f"{FILES[0][0]},ill,x\n")

    with pytest.raises(DataError, match="lines 2, 14") as caught:
        dicom_table(path)

    assert CANARY not in caught.value.message


def test_a_patient_on_both_sides_of_the_split_is_refused_by_number(data):
    path = written(data)
    rows = [f"{file},{label},{i // 2},{'train' if i < 9 else 'test'}" for i, (file, label, _) in enumerate(FILES)]
    (data / "table.csv").write_text("path,label,patient,part\n" + "\n".join(rows) + "\n")
    samples = dicom_table(path, patient_column="patient", part_column="part", min_per_class=2)

    with pytest.raises(DataError, match=r"1 groups are in both train and test, such as 'p0005'") as caught:
        official_or(stratified_folds)(samples, 1, 0)

    assert caught.value.error_id == "E-SPLIT-GROUP"


@pytest.mark.parametrize("read", [dicom_table, nifti_table])
def test_test_scans_of_rare_classes_are_left_out(data, read):
    """The last two of twelve have a separate class and are unknown; the others keep number and content."""
    contents = [scan(i) if read is dicom_table else nifti(ramp(0, i + 9)[..., None]) for i in range(N)]
    path = written(data, contents)
    labels = [label if i < N - 2 else "odd" for i, (_, label, _) in enumerate(FILES)]
    rows = [f"{FILES[i][0]},{labels[i]},{i},{'train' if i < 7 else 'test'}" for i in range(N)]
    (data / "table.csv").write_text("path,label,patient,part\n" + "\n".join(rows) + "\n")
    options = {"patient_column": "patient", "part_column": "part", "min_per_class": 2, "leak": "warn"}

    with pytest.raises(DataError, match="odd: 0") as caught:
        read(path, **options)
    known = read(path, on_rare_class="drop", **options)

    assert caught.value.error_id == "E-SPLIT-CLASS"
    assert (known.labels, known.card.n_unknown) == (("ill", "well"), 2)
    assert known.ids.tolist() == [f"image-{i + 1:05d}" for i in range(N - 2)]
    assert known.take(np.arange(N - 2)).shape[0] == N - 2


def test_an_image_on_both_sides_of_the_split_is_refused_by_number(data):
    contents = [scan(i) for i in range(N - 2)] + [scan(1), scan(1)]
    path = written(data, contents)
    rows = [f"{file},{label},{i},{'train' if i < 9 else 'test'}" for i, (file, label, _) in enumerate(FILES)]
    (data / "table.csv").write_text("path,label,patient,part\n" + "\n".join(rows) + "\n")
    columns = {"patient_column": "patient", "part_column": "part"}

    with pytest.raises(DataError, match="image-00002") as caught:
        dicom_table(path, **columns, min_per_class=2)

    assert caught.value.error_id in {"E-LEAK-EXACT", "E-LABEL-CONFLICT"}
    assert CANARY not in caught.value.message


def test_a_dataset_too_large_for_memory_is_streamed(data, monkeypatch):
    path = written(data)
    everything = dicom_table(path, size=20).take(np.arange(N))
    monkeypatch.setattr(scan_files, "MEMORY_LIMIT", 100)

    samples = dicom_table(path, size=20)

    assert (samples.take([3, 1]) == everything[[3, 1]]).all()


def test_a_file_that_changes_after_reading_is_refused_by_number(data, monkeypatch):
    monkeypatch.setattr(scan_files, "MEMORY_LIMIT", 100)
    samples = dicom_table(written(data))
    (data / FILES[4][0]).write_bytes(scan(99))

    with pytest.raises(DataError, match="image-00005: changed") as caught:
        samples.take([4])

    assert caught.value.error_id == "E-DATA-CHANGED"


@pytest.mark.parametrize("options", [{"size": 0}, {"size": 5000}, {"center": 40.0}, {"center": 0.0, "width": 0.0}])
def test_arguments_out_of_range_are_refused(data, options):
    with pytest.raises(ConfigError) as caught:
        dicom_table(written(data), **options)

    assert caught.value.error_id == "E-CONFIG-RANGE"


def test_a_class_with_too_few_images_is_refused(data):
    with pytest.raises(DataError) as caught:
        dicom_table(written(data), min_per_class=7)

    assert caught.value.error_id == "E-SPLIT-CLASS"


def test_a_volume_becomes_one_slice(data):
    rng = np.random.default_rng(0)
    files = [(f"{CANARY}{i}.nii.gz", "ill" if i % 2 else "well", f"{CANARY}{i // 2}") for i in range(N)]
    path = table(data, files, [nifti(rng.normal(size=(6, 7, 5)).astype(np.float32)) for _ in range(N)])

    samples = nifti_table(path, size=16, plane="coronal", patient_column="patient")

    assert samples.take([0]).shape == (1, 16, 16, 1)
    assert "middle coronal slice" in samples.card.notes[1]
    assert len(set(samples.groups.tolist())) == N // 2
    assert CANARY not in texts(samples)


def test_volumes_without_a_patient_column_are_noted(data):
    files = [(f"{i}.nii", "ill" if i % 2 else "well", "") for i in range(N)]
    path = table(data, files, [nifti(np.eye(5 + i)[..., None], packed=False) for i in range(N)])

    assert any("name no patients" in note for note in nifti_table(path).card.notes)


@pytest.mark.parametrize("limit", [100, 1 << 30])
def test_scans_are_decoded_again_at_another_size(data, monkeypatch, limit):
    """At the size of the file nothing is lost, whatever the first size was."""
    monkeypatch.setattr(scan_files, "MEMORY_LIMIT", limit)
    path = written(data)

    again = dicom_table(path, size=5).at_size(20).take([3, 1])

    assert (again == dicom_table(path, size=20).take([3, 1])).all()
