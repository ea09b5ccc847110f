"""The other layouts that docs/own_data.md promises, in several spellings."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
from making import IMAGES, SCANS, SOUNDS, TEXTS, Asks, Plan, case, pixels, sentence, sentences, table, touch
from PIL import Image

PETS = {"cat": 30, "dog": 30}
HALVES = {"0": 40, "1": 40}
FOLDS = {"cat": 40, "dog": 40}


@case(
    Plan(IMAGES, {"cat": 40, "dog": 40}, "official"),
    english=("Training", "Testing"),
    short=("train", "test"),
    set=("train_set", "test_set"),
    images=("train_images", "test_images"),
    german=("Trainingsdaten", "Testdaten"),
    spanish=("entrenamiento", "prueba"),
    chinese=("训练集", "测试集"),
    japanese=("学習データ", "テストデータ"),
    inside=("{pet}/train", "{pet}/test"),
)
def split_folders(root: Path, train: str, test: str) -> None:
    for pet in PETS:
        for part, n in ((train, 30), (test, 10)):
            place = part.format(pet=pet) if "{pet}" in part else f"{part}/{pet}"
            touch(root, f"{place}/{{001-{n:03d}}}.jpg")


@case(
    Plan(IMAGES, FOLDS, "official folds"),
    fold=("fold{k}/{pet}",),
    fold_0=("Fold_0{k}/{pet}",),
    inside=("{pet}/fold-{k}",),
    cv=("cv {k}/{pet}",),
)
def published_folds(root: Path, form: str) -> None:
    for pet in PETS:
        for k in range(1, 6):
            touch(root, form.format(k=k, pet=pet) + "/{01-08}.png")


@case(Asks("E-SPLIT-PARTS", {"--split none": Plan(IMAGES, PETS)}), train=("train",), training=("Training",))
def train_alone(root: Path, name: str) -> None:
    touch(root, f"{name}/{{cat|dog}}/{{01-30}}.jpg")


@case(
    Asks("E-SPLIT-PARTS", {"--split folder:1": Plan(IMAGES, FOLDS, "official", says=("in extra left out",))}),
    extra=("extra",),
)
def split_beside(root: Path, other: str) -> None:
    touch(root, "train/{cat|dog}/{01-30}.jpg", "test/{cat|dog}/{01-10}.jpg", f"{other}/{{cat|dog}}/{{01-05}}.jpg")


@case(Asks("E-SPLIT-PARTS", {"visiontk compare *fold1": Plan(IMAGES, FOLDS, "official")}))
def splits_in_folds(root: Path) -> None:
    touch(root, "fold{1|2|3}/train/{cat|dog}/{01-30}.jpg", "fold{1|2|3}/test/{cat|dog}/{01-10}.jpg")


@case(Asks("E-GUESS-LABEL", {"--label folder:1": Plan(IMAGES, {"car": 20, "train": 20, "plane": 20})}))
def class_called_train(root: Path) -> None:
    touch(root, "{car|train|plane}/{01-20}.jpg")


@case(
    Asks("E-GUESS-INPUT", {"--label folder:1": Plan(IMAGES, {"part_1": 20, "part_2": 20})}),
    part=("part",),
    images=("images", Asks("E-GUESS-INPUT", {"--label folder:1": Plan(IMAGES, {"images_1": 20, "images_2": 20})})),
)
def numbered_folders(root: Path, name: str) -> None:
    touch(root, f"{name}_{{1|2}}/{{01-20}}.jpg")


@case(Plan(IMAGES, {"0": 40, "1": 40, "2": 40}, "official"), kaggle=("Usage", "pixels"), own=("split", "image"))
def pixel_strings(root: Path, usage: str, name: str) -> None:
    parts = ["Training"] * 80 + ["PublicTest"] * 20 + ["PrivateTest"] * 20
    rows = [(i % 3, " ".join(map(str, pixels(i, 2304))), part) for i, part in enumerate(parts)]
    table(root / "fer2013.csv", f"emotion,{name},{usage}", rows)


@case(Plan(TEXTS, {"ham": 40, "spam": 40}, says=("header: none",)))
def no_header(root: Path) -> None:
    rows = [(("ham", "spam")[i % 2], text) for i, text in enumerate(sentences(80))]
    table(root / "SMSSpamCollection.tsv", "", rows, mark="\t")


@case(
    Asks("E-LABEL-FORM", says=("several labels",)),
    lists=("[0, 1]", "[1, 0]", "[1, 1]"),
    marks=("Mass|Edema", "Mass", "Edema"),
    tags=("clear primary", "clear primary water", "clear"),
)
def several_labels(root: Path, *labels: str) -> None:
    touch(root, "images/{00-59}.jpg")
    table(root / "labels.csv", "image,tags", [(f"images/{i:02d}.jpg", labels[i % 3]) for i in range(60)])


@case(Asks("E-LABEL-NUMBER", says=("look measured",)), ages=("age", 1), prices=("price", 0.37))
def measured(root: Path, name: str, step: float) -> None:
    touch(root, "images/{00-59}.jpg")
    table(root / "labels.csv", f"image,{name}", [(f"images/{i:02d}.jpg", 20 + i // 2 * step) for i in range(60)])


@case(Plan(IMAGES, PETS), "list.csv", files=("{i:02d}.jpg",), below=("photos/{i:02d}.jpg",))
def files_elsewhere(root: Path, form: str) -> None:
    store = root.parent / "store"
    touch(store, *(form.format(i=i) for i in range(60)))
    rows = [(str(store / form.format(i=i)), ("cat", "dog")[i % 2]) for i in range(60)]
    table(root / "list.csv", "path,label", rows)


@case(
    Plan(IMAGES, PETS, says=("leading folders",)),
    windows=("C:\\Users\\me\\pets\\images\\{i:02d}.jpg",),
    colab=("/content/drive/MyDrive/pets/images/{i:02d}.jpg",),
)
def paths_of_another_computer(root: Path, form: str) -> None:
    touch(root, "images/{00-59}.jpg")
    table(root / "labels.csv", "path,label", [(form.format(i=i), ("cat", "dog")[i % 2]) for i in range(60)])


@case(Plan(TEXTS, {"0": 60, "1": 60}, "official"), csv=("csv",), jsonl=("jsonl",), parquet=("parquet",))
def tables_of_a_split(root: Path, form: str) -> None:
    import pandas

    for part, n in (("train", 80), ("valid", 20), ("test", 20)):
        frame = pandas.DataFrame({"text": sentences(n, part), "label": [i % 2 for i in range(n)]})
        if form == "jsonl":
            frame.to_json(root / f"{part}.jsonl", orient="records", lines=True)
        elif form == "csv":
            frame.to_csv(root / f"{part}.csv", index=False)
        else:
            frame.to_parquet(root / f"{part}-00000-of-00001.parquet")


@case(Plan(IMAGES, {"0": 40, "1": 40}, "official"), images=("image", True), bytes=("picture", False))
def images_in_parquet(root: Path, name: str, record: bool) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    content = io.BytesIO()
    Image.new("L", (8, 8)).save(content, "PNG")
    for part, n in (("train", 60), ("test", 20)):
        one = {"bytes": content.getvalue(), "path": None} if record else content.getvalue()
        rows = {name: [one] * n, "label": [i % 2 for i in range(n)]}
        parquet.write_table(pa.table(rows), root / f"{part}-00000-of-00001.parquet")


@case(
    Plan(TEXTS, HALVES, says=("title and text are read as one",)),
    news=("Title", "Description"),
    mail=("subject", "body"),
)
def title_and_text(root: Path, title: str, body: str) -> None:
    rows = [(i % 2, sentence(i % 2, f"t{i}", 6), text) for i, text in enumerate(sentences(80))]
    table(root / "news.csv", f"Class Index,{title},{body}", rows)


@case(Plan(IMAGES, PETS, says=("10 images of the test set left out",)))
def flat_test_set(root: Path) -> None:
    touch(root, "train/{cat|dog}/{01-30}.jpg", "test/{01-10}.jpg")


@case(
    Plan(IMAGES, {"0": 30, "1": 30}, "official"), keras=("x_train", "y_train"), words=("train_images", "train_labels")
)
def arrays_with_a_split(root: Path, x: str, y: str) -> None:
    arrays = {}
    for part, n in (("train", 40), ("test", 20)):
        arrays[x.replace("train", part)] = np.zeros((n, 8, 8, 3), np.uint8)
        arrays[y.replace("train", part)] = np.arange(n) % 2
    np.savez(root / "data.npz", **arrays)


@case(Plan(IMAGES, {"0": 20, "1": 20}), hdf5=("h5",), npy=("npy",))
def arrays_in_other_files(root: Path, form: str) -> None:
    import h5py

    x, y = np.zeros((40, 8, 8), np.uint8), np.arange(40) % 2
    if form == "npy":
        np.save(root / "x.npy", x)
        np.save(root / "y.npy", y)
        return
    with h5py.File(root / "data.h5", "w") as file:
        file["images"], file["labels"] = x, y


@case(Plan(SOUNDS, {"high": 30, "low": 30}))
def streamed_sounds(root: Path) -> None:
    for name in touch(root, "{high|low}/{01-30}.wav"):
        (root / name).write_bytes(
            b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\1\0\1\0@\x1f\0\0\x80>\0\0\2\0\x10\0data\xff\xff\xff\xff"
        )


@case(Plan(SCANS, {"ill": 20, "well": 20}), gz=("nii.gz",), nii=("nii",))
def volumes(root: Path, suffix: str) -> None:
    names = touch(root, f"v/{{01-40}}.{suffix}")
    rows = [(name, ("ill", "well")[i % 2]) for i, name in enumerate(names)]
    table(root / "volumes.tsv", "path,diagnosis", rows, mark="\t")


@case(
    Asks("E-DATA-EMPTY", {"python3 *": Plan(IMAGES, PETS)}), zip=("zip",), tar=("gztar",)
)  # fmt: skip
def archives(root: Path, form: str) -> None:
    touch(root / "tmp", "{cat|dog}/{01-30}.jpg")
    shutil.make_archive(str(root / "pets"), form, root / "tmp")
    shutil.rmtree(root / "tmp")


@case(
    Plan(IMAGES, PETS, says=("30 .heic (cat 15, dog 15)",)),
    warned=("{cat|dog}/x{01-15}.heic",),
    lost=("cow/{01-15}.heic", Asks("E-CLASS-UNREAD", says=("15 .heic", "mogrify"))),
)
def unread_files(root: Path, pattern: str) -> None:
    touch(root, "{cat|dog}/{01-30}.jpg", pattern)


@case(Asks("E-CLASS-UNREAD", {"cp *": Plan(IMAGES, {**PETS, "cow": 10})}))
def linked_class(root: Path) -> None:
    touch(root, "{cat|dog}/{01-30}.jpg")
    touch(root.parent / "store", "{01-10}.jpg")
    (root / "cow").symlink_to(root.parent / "store")


@case(
    Plan(IMAGES, {"x": 20, "y": 20}, "grouped", groups=11),
    patient=("patient_id",),
    person=("person",),
    lesion=("lesion_id",),
)
def groups_in_a_table(root: Path, name: str) -> None:
    touch(root, "photos/{01-40}.png")
    table(
        root / "data.tsv",
        f"photo,breed,{name}",
        [(f"{i:02d}.png", "xy"[i % 2], i // 4) for i in range(1, 41)],
        mark="\t",
    )


@case(Asks("E-GUESS-GROUP", {"--group owner_id": Plan(IMAGES, {"x": 20, "y": 20}, "grouped", groups=11)}))
def owners_in_a_table(root: Path) -> None:
    groups_in_a_table(root, "owner_id")


@case(Asks("E-GUESS-LABEL", says=("labels holds lists",)))
def lists_in_json(root: Path) -> None:
    (root / "a.jsonl").write_text(
        "".join(f'{{"text": "{text}", "labels": [{i % 2}]}}\n' for i, text in enumerate(sentences(40)))
    )
