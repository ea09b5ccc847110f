"""Facial expression: synthetic faces, readers on small files in the published formats, invalid files, and learners."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from visiontk.tasks.facial_expression import data as faces
from visiontk.tasks.facial_expression import drawing, fer
from visiontk.tasks.facial_expression.blank import with_blank_notes

from visiontk.core import about, parameters
from visiontk.errors import ConfigError, DataError
from visiontk.registry import get_task

TASK = get_task("facial_expression")
NETWORKS = [name for name, make in TASK.learners.items() if about(make).family == "network"]
USAGES = ["Training"] * 14 + ["PublicTest"] * 7 + ["PrivateTest"] * 7
PIXELS = np.random.default_rng(0).integers(0, 256, (28, 48, 48), np.uint8)


def fer_rows():
    return [[str(i % 7), " ".join(map(str, PIXELS[i].ravel())), USAGES[i]] for i in range(28)]


def write_fer(folder: Path, rows=None, *, name="fer2013.csv", header="emotion,pixels,Usage", order=(0, 1, 2)):
    folder.mkdir(exist_ok=True)
    lines = [",".join(row[i] for i in order) for row in (fer_rows() if rows is None else rows)]
    (folder / name).write_text("\n".join([header, *lines]) + "\n")


VOTES = [[10, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 9, 0, 0, 0, 0, 0, 1, 0, 0], [0, 0, 6, 4, 0, 0, 0, 0, 0, 0]]


def write_votes(folder: Path, votes=None, usages=USAGES):
    folder.mkdir(exist_ok=True)
    votes = [VOTES[i % 3] for i in range(28)] if votes is None else votes
    lines = ["Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"]
    lines += [
        f"{u},fer{i:07d}.png,{','.join(map(str, v))}" for i, (u, v) in enumerate(zip(usages, votes, strict=False))
    ]
    (folder / "fer2013new.csv").write_text("\n".join(lines) + "\n")


def image(path: Path, seed: int, side: int = 48, value: int | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    x = np.random.default_rng(seed).integers(0, 256, (side, side), np.uint8)
    Image.fromarray(x if value is None else np.full_like(x, value)).save(path)


def write_legend(folder: Path, rows, *, header="user.id,image,emotion", missing=()):
    for i, (name, _) in enumerate(rows):
        if name not in missing:
            image(folder / "images" / name, i, 48 + i % 5)
    lines = [header, *(f"dwdii,{name},{emotion}" for name, emotion in rows)]
    (folder / "legend.csv").write_text("\n".join(lines) + "\n")


def legend_rows(n_people=12):
    """Two images per person, happy for even and neutral for odd persons; three more show contempt."""
    rows = [(f"Some_Body{i}_{j:04d}.png", ("happiness", "neutral")[i % 2]) for i in range(2 * n_people) for j in (1, 2)]
    return rows + [(f"Other{i}_0001.png", "contempt") for i in range(3)]


# Synthetic faces


def test_every_synthetic_person_shows_every_expression_once():
    samples = TASK.datasets["synthetic"](people=12, size=24)

    assert samples.card.origin == "synthetic"
    assert samples.take([0]).shape == (1, 24, 24, 1)
    assert samples.take([0]).dtype == np.uint8
    pairs = set(zip(samples.groups.tolist(), samples.y.tolist(), strict=True))
    assert len(pairs) == len(samples) == 12 * 7


def test_synthetic_faces_are_distinct_and_not_uniform():
    x = TASK.datasets["synthetic"](people=30, size=32).take(np.arange(210))

    assert len({image.tobytes() for image in x}) == 210
    assert x.reshape(210, -1).std(axis=1).min() > 2


def test_synthetic_faces_depend_on_the_arguments_only():
    """The number of people is part of the fingerprint."""
    first, second = (TASK.datasets["synthetic"](people=10, size=16) for _ in range(2))

    assert np.array_equal(first.take(np.arange(70)), second.take(np.arange(70)))
    assert first.card.fingerprint == second.card.fingerprint
    assert first.card.fingerprint != TASK.datasets["synthetic"](people=11, size=16).card.fingerprint


def faces_without_noise(monkeypatch):
    """Return one face per expression, of the same identity, pose and light, without noise."""

    def fixed(rng, n):
        values = dict.fromkeys(("right", "down", "turn", "yaw", "light_right", "light_down", "noise"), np.zeros(n))
        return drawing.SimpleNamespace(**values, scale=np.ones(n), brightness=np.ones(n), background=np.full(n, 50.0))

    def moved(rng, y):
        return np.array([[drawing.TYPICAL[drawing.BASIC[k]].get(unit, 0.0) for unit in drawing.UNITS] for k in y])

    monkeypatch.setattr(drawing, "_circumstances", fixed)
    monkeypatch.setattr(drawing, "_strengths", moved)
    x = drawing.synthetic(people=10, size=48).take(np.arange(7)).astype(int)[..., 0]
    return dict(zip(drawing.BASIC, x, strict=True))


@pytest.mark.parametrize("name", [name for name in drawing.BASIC if name != "neutral"])
def test_an_expression_moves_the_features_and_leaves_the_background(monkeypatch, name):
    shown = faces_without_noise(monkeypatch)

    changed = shown[name] != shown["neutral"]

    assert 20 < changed.sum() < 48 * 48 / 3
    assert not changed[:3].any()


def test_a_surprised_mouth_is_open_and_dark(monkeypatch):
    shown = faces_without_noise(monkeypatch)
    mouth = slice(33, 44), slice(18, 30)

    assert (shown["surprise"][mouth] < 40).sum() > (shown["neutral"][mouth] < 40).sum() + 8


def test_the_corners_of_the_mouth_rise_in_happiness_and_fall_in_sadness(monkeypatch):
    """Measured as the row of the darkest pixel at the corners."""
    shown = faces_without_noise(monkeypatch)

    row = {name: shown[name][31:40, [17, 30]].argmin(axis=0).mean() for name in ("happiness", "neutral", "sadness")}

    assert row["happiness"] < row["neutral"] < row["sadness"]


def test_frontal_faces_with_even_light_are_symmetric(monkeypatch):
    """Except for the nose, whose shadow is on one side."""
    for face in faces_without_noise(monkeypatch).values():
        assert np.abs(face - face[:, ::-1])[:, :21].max() <= 1


# FER-2013


@pytest.mark.parametrize(
    ("name", "header", "order"),
    [
        ("fer2013.csv", "emotion,pixels,Usage", (0, 1, 2)),
        ("icml_face_data.csv", "emotion, Usage, pixels", (0, 2, 1)),
    ],
)
def test_both_table_formats_of_fer2013_are_read(data, name, header, order):
    write_fer(data / "fer2013", name=name, header=header, order=order)

    samples = TASK.datasets["fer2013"]()

    assert np.array_equal(samples.take(np.arange(28))[..., 0], PIXELS)
    assert samples.labels == ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
    assert samples.y.tolist() == [i % 7 for i in range(28)]
    assert np.unique(samples.parts, return_counts=True)[1].tolist() == [7, 14, 7]
    assert samples.parts[[0, 14, 21]].tolist() == ["train", "valid", "test"]
    assert samples.groups is None
    assert samples.card.origin == "public"
    assert samples.card.mirror


def test_the_table_format_does_not_change_the_fingerprint(data):
    write_fer(data / "fer2013")
    fingerprint = TASK.datasets["fer2013"]().card.fingerprint
    (data / "fer2013" / "fer2013.csv").unlink()
    write_fer(data / "fer2013", name="icml_face_data.csv", header="emotion, Usage, pixels", order=(0, 2, 1))

    assert TASK.datasets["fer2013"]().card.fingerprint == fingerprint


def test_the_folders_of_fer2013_are_read(data):
    names = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
    for part in ("train", "test"):
        for k, name in enumerate(names):
            for i in range(5):
                image(data / "fer2013" / part / name / f"{i}.png", 100 * k + i)

    samples = TASK.datasets["fer2013"]()

    assert samples.labels == ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
    assert np.unique(samples.parts, return_counts=True)[1].tolist() == [35, 35]
    assert samples.card.name == "fer2013"
    assert samples.card.origin == "public"


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        (1, " ".join(["7"] * 2303), "2303 pixels, expected 2304"),
        (1, " ".join(["7"] * 2305), "2305 pixels, expected 2304"),
        (1, " ".join(["256"] * 2304), "grey levels 256 to 256, expected 0 to 255"),
        (1, " ".join(["-1"] * 2304), "grey levels -1 to -1"),
        (1, " ".join(["7"] * 2303 + ["x"]), "not whole numbers"),
        (1, " ".join(["7.5"] * 2304), "not whole numbers"),
        (1, "9" * 30 + " 1" * 2303, "grey levels|no whole numbers"),
        (1, "", "0 pixels|no whole numbers"),
        (0, "7", "emotion '7', expected 0 to 6"),
        (0, "-1", "emotion '-1'"),
        (0, "happy", "emotion 'happy'"),
        (0, "", "emotion ''"),
        (0, "²", "emotion"),
        (2, "Test", "Usage 'Test', expected Training, PublicTest or PrivateTest"),
        (2, "", "Usage ''"),
    ],
)
def test_invalid_rows_of_fer2013_are_reported_with_line_and_reason(data, column, value, reason):
    rows = fer_rows()
    rows[4][column] = rows[9][column] = value
    write_fer(data / "fer2013", rows)

    with pytest.raises(DataError, match=reason) as caught:
        TASK.datasets["fer2013"]()

    assert caught.value.error_id == "E-FER-ROWS"
    assert "2 of 28 rows" in str(caught.value)
    assert "line 6: " in str(caught.value)
    assert "line 11: " in str(caught.value)


@pytest.mark.parametrize("missing", ["pixels", "Usage", "emotion"])
def test_a_missing_column_of_fer2013_is_reported(data, missing):
    """As in train.csv of the competition, which lacks Usage, and test.csv, which lacks the emotion too."""
    header = "emotion,pixels,Usage".replace(missing, "other")
    write_fer(data / "fer2013", header=header)

    with pytest.raises(DataError, match=missing) as caught:
        TASK.datasets["fer2013"]()

    assert caught.value.error_id == "E-CSV-COLUMN"


@pytest.mark.parametrize("name", ["fer2013", "ferplus", "facial_expressions"])
def test_missing_files_are_reported(data, name):
    with pytest.raises(DataError, match=rf"{name}: .* not found in {re.escape(str(data))}") as caught:
        TASK.datasets[name]()

    assert caught.value.error_id == "E-DATA-MISSING"
    assert "http" in caught.value.hint


# FER+


def test_ferplus_uses_the_majority_label(data):
    write_fer(data / "fer2013")
    write_votes(data / "ferplus")

    samples = TASK.datasets["ferplus"]()

    assert samples.labels == ("neutral", "happiness", "surprise")
    assert samples.y.tolist() == [i % 3 for i in range(28)]
    assert np.array_equal(samples.take(np.arange(28))[..., 0], PIXELS)
    assert samples.parts[[0, 14, 21]].tolist() == ["train", "valid", "test"]
    assert "classes without an image: sadness, anger, disgust, fear, contempt" in samples.card.notes


def test_ferplus_brings_its_votes_and_the_rule_of_its_labels(data):
    """By sample and class, without those for "unknown" and "no face"; applied to them the rule gives the labels."""
    write_fer(data / "fer2013")
    write_votes(data / "ferplus")

    samples = TASK.datasets["ferplus"]()

    votes = samples.votes
    assert votes.counts.tolist() == [VOTES[i % 3][:3] for i in range(28)]
    assert (votes.rule, votes.least, votes.share) == ("majority", 2, 0.5)
    assert samples.y.tolist() == votes.counts.argmax(axis=1).tolist()
    assert TASK.datasets["fer2013"]().votes is None


def test_ferplus_leaves_out_and_counts_ambiguous_images(data):
    votes = [VOTES[i % 3] for i in range(28)]
    votes[1] = [0, 0, 0, 0, 0, 0, 0, 0, 8, 2]
    votes[2] = votes[5] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 10]
    votes[3] = [5, 5, 0, 0, 0, 0, 0, 0, 0, 0]
    write_fer(data / "fer2013")
    write_votes(data / "ferplus", votes)

    samples = TASK.datasets["ferplus"]()

    assert len(samples) == 24
    assert samples.ids[1] == "row-00004"
    assert np.array_equal(samples.take([1])[0, ..., 0], PIXELS[4])
    for note in ("1 images left out: most votes for unknown", "2 images left out: most votes for no face"):
        assert note in samples.card.notes
    assert "1 images left out: no label with more than half of the votes" in samples.card.notes


@pytest.mark.parametrize(
    ("votes", "winner"),
    [
        ([6, 4, 0], 0),
        ([5, 5, 0], 3),
        ([5, 4, 1], 0),  # the single vote is dropped: 5 of 9
        ([4, 3, 3], 3),
        ([1, 1, 1], 3),
        ([2, 1, 1], 0),
        ([0, 0, 10], 2),
    ],
)
def test_a_majority_is_more_than_half_of_the_votes_without_single_ones(votes, winner):
    assert fer.majority(np.array([votes])).tolist() == [winner]


@pytest.mark.parametrize("n", [27, 29])
def test_the_numbers_of_votes_and_images_must_agree(data, n):
    write_fer(data / "fer2013")
    write_votes(data / "ferplus", [VOTES[i % 3] for i in range(n)], [*USAGES, "PrivateTest"])

    with pytest.raises(DataError, match=f"{n} rows of votes, but fer2013.csv has 28 images") as caught:
        TASK.datasets["ferplus"]()

    assert caught.value.error_id == "E-DATA-SHAPE"


def test_votes_in_another_order_are_refused(data):
    write_fer(data / "fer2013")
    write_votes(data / "ferplus", usages=USAGES[::-1])

    with pytest.raises(DataError, match=r"part of 28 rows .* first in row 1") as caught:
        TASK.datasets["ferplus"]()

    assert caught.value.error_id == "E-DATA-SHAPE"


@pytest.mark.parametrize("vote", ["-1", "x", "", "1.5", "10000"])
def test_invalid_votes_are_reported_with_their_line(data, vote):
    votes = [VOTES[i % 3] for i in range(28)]
    votes[3] = [vote, *votes[3][1:]]
    write_fer(data / "fer2013")
    write_votes(data / "ferplus", votes)

    with pytest.raises(DataError, match=r"1 of 28 rows.*\n  line 5: votes") as caught:
        TASK.datasets["ferplus"]()

    assert caught.value.error_id == "E-FER-ROWS"


def test_an_image_without_votes_is_refused(data):
    write_fer(data / "fer2013")
    write_votes(data / "ferplus", [[0] * 10, *(VOTES[i % 3] for i in range(27))])

    with pytest.raises(DataError, match=r"line 2: votes .* not all 0"):
        TASK.datasets["ferplus"]()


# facial_expressions


def test_groups_are_file_names_without_the_last_number(data):
    write_legend(data / "facial_expressions", legend_rows())

    samples = TASK.datasets["facial_expressions"]()

    assert samples.labels == ("happiness", "neutral")
    assert len(samples) == 48
    assert len(set(samples.groups.tolist())) == 24
    assert samples.groups[samples.ids.tolist().index("Some_Body3_0002.png")] == "Some_Body3"
    assert samples.take([0]).shape == (1, 48, 48, 1)
    assert samples.parts is None


@pytest.mark.parametrize(
    ("name", "person"),
    [("Al_Gore_0003.png", "Al_Gore"), ("a_b_c_12.jpg", "a_b_c"), ("x.png", "x"), ("_7.png", "_7.png")],
)
def test_the_person_of_a_file_name_is_its_prefix(name, person):
    assert faces.person(name) == person


def test_classes_of_few_people_are_left_out_and_noted(data):
    write_legend(data / "facial_expressions", legend_rows())

    few, all_three = (TASK.datasets["facial_expressions"](min_people=n) for n in (4, 3))

    assert "class contempt left out: 3 images of 3 people, min_people is 4" in few.card.notes
    assert few.labels == ("happiness", "neutral")
    assert all_three.labels == ("contempt", "happiness", "neutral")
    assert len(all_three) == 51


def test_labels_are_normalised_in_case_and_blanks(data):
    rows = [(name, label.upper() if i % 3 else f" {label}") for i, (name, label) in enumerate(legend_rows())]
    write_legend(data / "facial_expressions", rows)

    samples = TASK.datasets["facial_expressions"]()

    assert samples.labels == ("happiness", "neutral")
    assert any("normalised in case and blanks" in note and note.startswith("51 ") for note in samples.card.notes)


def test_a_split_by_image_has_a_caution(data):
    write_legend(data / "facial_expressions", legend_rows())

    by_person, by_image = (TASK.datasets["facial_expressions"](group=group) for group in ("person", "picture"))

    assert by_image.groups is None
    assert "not an estimate" in by_image.card.caution.lower()
    assert by_image.card.caution in by_image.card.notes
    assert not by_person.card.caution
    assert by_image.card.fingerprint != by_person.card.fingerprint
    assert np.array_equal(by_image.ids, by_person.ids)


def test_no_person_is_in_two_parts(data):
    write_legend(data / "facial_expressions", legend_rows())
    samples = TASK.datasets["facial_expressions"]()

    for fold in TASK.folds(samples, 3, 0):
        parts = [set(samples.groups[part].tolist()) for part in fold]
        assert not parts[0] & parts[1] | parts[0] & parts[2] | parts[1] & parts[2]


def test_people_who_share_an_image_are_one_group(data):
    folder = data / "facial_expressions"
    write_legend(folder, legend_rows())
    (folder / "images" / "Some_Body6_0001.png").write_bytes((folder / "images" / "Some_Body2_0002.png").read_bytes())
    (folder / "images" / "Some_Body8_0001.png").write_bytes((folder / "images" / "Some_Body6_0002.png").read_bytes())

    samples = TASK.datasets["facial_expressions"]()

    group_of = dict(zip(samples.ids.tolist(), samples.groups.tolist(), strict=True))
    assert group_of["Some_Body2_0001.png"] == group_of["Some_Body6_0002.png"] == group_of["Some_Body8_0002.png"]
    assert any(note.startswith("2 images have several names, 0 ") for note in samples.card.notes)


def test_uniform_images_do_not_merge_people(data):
    folder = data / "facial_expressions"
    write_legend(folder, legend_rows())
    for i in (2, 6):
        image(folder / "images" / f"Some_Body{i}_0001.png", 0, value=0)

    samples = TASK.datasets["facial_expressions"]()

    assert len(set(samples.groups.tolist())) == 24
    assert "2 images of one colour only" in samples.card.notes
    assert not samples.card.caution


def test_many_uniform_images_are_a_caution(data):
    folder = data / "facial_expressions"
    write_legend(folder, legend_rows())
    for i in range(12):
        image(folder / "images" / f"Some_Body{i}_0001.png", 0, value=0)

    assert TASK.datasets["facial_expressions"]().card.caution.startswith("12 of 48 images are of one colour only")


def test_rows_without_a_file_and_files_without_a_row_are_counted(data):
    rows = legend_rows()
    write_legend(data / "facial_expressions", rows, missing=("Some_Body0_0001.png", "Some_Body1_0001.png"))
    image(data / "facial_expressions" / "images" / "Other_Body_0001.png", 9)

    samples = TASK.datasets["facial_expressions"]()

    assert len(samples) == 46
    assert "2 rows left out because their image is missing" in samples.card.notes
    assert "1 images without a row left out" in samples.card.notes


def test_an_incomplete_copy_is_refused(data):
    rows = legend_rows()
    write_legend(data / "facial_expressions", rows, missing=[name for name, _ in rows[:10]])

    with pytest.raises(DataError, match=r"10 of 51 images are not in images/.*\n  Some_Body0_0001.png") as caught:
        TASK.datasets["facial_expressions"]()

    assert caught.value.error_id == "E-MANIFEST-MISSING"


def test_an_image_in_two_rows_counts_once_or_is_left_out(data):
    """Once if the labels agree; otherwise the label is unknown."""
    rows = [*legend_rows(), ("Some_Body0_0001.png", "Happiness"), ("Some_Body2_0001.png", "neutral")]
    write_legend(data / "facial_expressions", rows)

    samples = TASK.datasets["facial_expressions"]()

    assert len(samples) == 47
    assert "Some_Body0_0001.png" in samples.ids
    assert "Some_Body2_0001.png" not in samples.ids
    assert "2 rows that repeat an image" in samples.card.notes
    assert "1 images left out because their rows have different labels" in samples.card.notes


@pytest.mark.parametrize("label", ["", "NaN", "NULL"])
def test_rows_without_a_label_are_reported(data, label):
    write_legend(data / "facial_expressions", [("A_1.png", label), *legend_rows()])

    with pytest.raises(DataError, match="1 rows have no emotion, in lines 2") as caught:
        TASK.datasets["facial_expressions"]()

    assert caught.value.error_id == "E-LABEL-MISSING"


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", "a\\b.png", "", ".hidden.png", "sub/a.png"])
def test_file_names_outside_the_folder_are_refused(data, name):
    folder = data / "facial_expressions"
    write_legend(folder, legend_rows())
    with (folder / "legend.csv").open("a") as stream:
        stream.write(f"dwdii,{name},neutral\n")

    with pytest.raises(DataError, match=r"1 names are not of a file in images/.*\n  line 53") as caught:
        TASK.datasets["facial_expressions"]()

    assert caught.value.error_id == "E-MANIFEST-PATH"


def test_a_missing_column_of_the_legend_is_reported(data):
    write_legend(data / "facial_expressions", legend_rows(), header="user.id,image,label")

    with pytest.raises(DataError, match="emotion") as caught:
        TASK.datasets["facial_expressions"]()

    assert caught.value.error_id == "E-CSV-COLUMN"


def test_a_damaged_image_is_refused_or_skipped(data):
    folder = data / "facial_expressions"
    write_legend(folder, legend_rows(30))
    target = folder / "images" / "Some_Body4_0001.png"
    target.write_bytes(target.read_bytes()[:200])

    with pytest.raises(DataError, match=r"Some_Body4_0001\.png: truncated image"):
        TASK.datasets["facial_expressions"]()
    samples = TASK.datasets["facial_expressions"](on_bad_file="skip")

    assert len(samples) == 119
    assert "Some_Body4_0001.png" not in samples.ids


def test_a_single_class_is_refused_with_the_number_of_people(data):
    write_legend(data / "facial_expressions", legend_rows(2))

    with pytest.raises(
        DataError, match=r"fewer than two classes .* 10 people or more \(contempt 3, happiness 2"
    ) as caught:
        TASK.datasets["facial_expressions"]()

    assert caught.value.error_id == "E-LABEL-SINGLE"


def test_an_unknown_group_is_refused(data):
    with pytest.raises(ConfigError, match="group: 'face', expected person or picture"):
        TASK.datasets["facial_expressions"](group="face")


@pytest.mark.slow
def test_the_published_faces_are_complete(shared_data):
    """There are 12,758 images of 5,606 names, two pairs of which share an image; 9 people show contempt."""
    if not (shared_data / "facial_expressions").is_dir():
        pytest.skip("needs facial_expressions in VISIONTK_DATA")

    samples = TASK.datasets["facial_expressions"](min_people=3)

    assert len(samples) == 12_758
    assert len(set(samples.groups.tolist())) == 5_604
    counts = dict(zip(samples.labels, samples.counts().tolist(), strict=True))
    assert (counts["neutral"], counts["happiness"], counts["contempt"]) == (6713, 5306, 9)


# User data


def test_user_images_become_grey_faces_of_48_pixels(data):
    lines = ["path,label,person"]
    for k, name in enumerate(("sad", "glad")):
        for i in range(6):
            image(data / "own" / name / f"{i}.png", 10 * k + i, 60)
            lines.append(f"{name}/{i}.png,{name},p{i}")
    (data / "own" / "faces.csv").write_text("\n".join(lines) + "\n")

    tree = TASK.datasets["folder"](path=str(data / "own"))
    listed = TASK.datasets["csv"](path=str(data / "own" / "faces.csv"), group_column="person")

    assert tree.take([0]).shape == listed.take([0]).shape == (1, 48, 48, 1)
    assert tree.labels == listed.labels == ("glad", "sad")
    assert sorted(set(listed.groups.tolist())) == [f"p{i}" for i in range(6)]


def test_uniform_user_images_are_a_caution(data):
    for k, name in enumerate(("sad", "glad")):
        for i in range(6):
            image(data / "own" / name / f"{i}.png", 10 * k + i, value=0 if i < 2 else None)

    card = TASK.datasets["folder"](path=str(data / "own")).card

    assert card.caution.startswith("4 of 12 images are of one colour only")
    assert sum("one colour only" in note for note in card.notes) == 1


def test_without_uniform_images_the_card_is_unchanged():
    samples = TASK.datasets["synthetic"](people=10, size=16)

    assert with_blank_notes(samples).card == samples.card


# Learners


@pytest.mark.parametrize("name", [n for n in TASK.learners if n != "prior"])
def test_learners_balance_the_classes_by_default(name):
    """All learners have the same policy for class imbalance."""
    assert parameters(TASK.learners[name])["imbalance"] == "balanced"


def test_balanced_accuracy_is_the_main_metric():
    """Most faces are neutral or happy, so accuracy would reward ignoring the other classes."""
    assert TASK.metric == "balanced_accuracy"
    assert {"accuracy", "macro_f1", "log_loss"} <= set(TASK.metrics)
