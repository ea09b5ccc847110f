"""Layouts of images, after public data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from making import IMAGES, Asks, Plan, case, pixels, table, touch

PETS = {"cat": 30, "dog": 30}
SYNSETS = {"n01440764": 30, "n02084071": 30}


@case(Plan(IMAGES, SYNSETS, says=("20 images of the validation set left out",)))
def imagenet(root: Path) -> None:
    touch(root, "train/{n01440764|n02084071}/{@1}_{10001-10030}.JPEG", "val/ILSVRC2012_val_{00000001-00000020}.JPEG")


@case(Plan(IMAGES, {"n01440764": 40, "n02084071": 40}, "official", says=("the validation set is the test set",)))
def imagenet_sorted(root: Path) -> None:
    touch(
        root,
        "train/{n01440764|n02084071}/{@1}_{10001-10030}.JPEG",
        "val/{n01440764|n02084071}/ILSVRC2012_val_{00000001-00000010}.JPEG",
    )


@case(
    Plan(IMAGES, PETS, says=("20 images left out",)),
    kaggle=("train", "test1"),
    wrapped=("dogs-vs-cats/train/train", "dogs-vs-cats/test1/test1"),
)
def dogs_vs_cats(root: Path, train: str, test: str) -> None:
    touch(root, f"{train}/{{cat|dog}}.{{0-29}}.jpg", f"{test}/{{1-20}}.jpg")
    table(root / "sampleSubmission.csv", "id,label", [(i, 0) for i in range(1, 21)])


@case(Plan(IMAGES, {"Cat": 30, "Dog": 30}))
def pet_images(root: Path) -> None:
    touch(
        root, "PetImages/{Cat|Dog}/{0-29}.jpg", "PetImages/{Cat|Dog}/Thumbs.db", "readme[1].txt", "MSR-LA - 3467.docx"
    )


@case(Plan(IMAGES, {"Abyssinian": 40, "great_pyrenees": 40, "yorkshire_terrier": 40}))
def oxford_pets(root: Path) -> None:
    touch(root, "images/{Abyssinian|great_pyrenees|yorkshire_terrier}_{1-20}.jpg", "images/Abyssinian_{1-3}.mat")
    touch(
        root,
        "annotations/trimaps/{Abyssinian|great_pyrenees|yorkshire_terrier}_{1-20}.png",
        "annotations/{list|trainval|test|README}.txt",
        "annotations/xmls/Abyssinian_{1-3}.xml",
    )


@case(Asks("E-LABEL-SINGLE", says=("a table with columns path and label",)))
def flowers102(root: Path) -> None:
    touch(root, "jpg/image_{00001-00060}.jpg", "imagelabels.mat", "setid.mat")


@case(Plan(IMAGES, {"001.Black_footed_Albatross": 60, "002.Laysan_Albatross": 60}))
def cub(root: Path) -> None:
    touch(
        root,
        "CUB_200_2011/images/{001.Black_footed_Albatross|002.Laysan_Albatross}/Bird_{0001-0060}_{796111-796111}.jpg",
    )
    touch(
        root,
        "CUB_200_2011/{images|classes|train_test_split|image_class_labels|bounding_boxes|README}.txt",
        "attributes.txt",
        "CUB_200_2011/attributes/{certainties|image_attribute_labels}.txt",
        "CUB_200_2011/parts/parts.txt",
    )


@case(Plan(IMAGES, {"BACKGROUND_Google": 20, "accordion": 20, "anchor": 20}))
def caltech101(root: Path) -> None:
    touch(
        root,
        "101_ObjectCategories/{accordion|anchor|BACKGROUND_Google}/image_{0001-0020}.jpg",
        "Annotations/{accordion|anchor}/annotation_{0001-0020}.mat",
        "Annotations/show_annotation.m",
    )


@case(Plan(IMAGES, {"n02085620-Chihuahua": 20, "n02085782-Japanese_spaniel": 20}))
def stanford_dogs(root: Path) -> None:
    touch(
        root,
        "Images/{n02085620-Chihuahua|n02085782-Japanese_spaniel}/n02085620_{10074-10093}.jpg",
        "Annotation/{n02085620-Chihuahua|n02085782-Japanese_spaniel}/n02085620_{10074-10093}",
    )


@case(Plan(IMAGES, {"buildings": 40, "forest": 40}, "official", says=("20 images in seg_pred left out",)))
def intel_scenes(root: Path) -> None:
    touch(
        root,
        "seg_train/seg_train/{buildings|forest}/{1-30}.jpg",
        "seg_test/seg_test/{buildings|forest}/{20000-20009}.jpg",
        "seg_pred/seg_pred/{1-20}.jpg",
    )


@case(
    Asks(
        "E-GUESS-LABEL",
        {"visiontk compare *": Plan(IMAGES, {"Apple___Apple_scab": 40, "Apple___healthy": 40}, "official")},
    )
)
def plant_village(root: Path) -> None:
    name = "New Plant Diseases Dataset(Augmented)"
    touch(
        root,
        f"{name}/{name}/{{train|valid}}/Apple___{{Apple_scab|healthy}}/00075aa8-d81a___FREC_Scab {{3301-3320}}.JPG",
        "test/test/AppleCedarRust{1-4}.JPG",
    )


@case(
    None,
    brain=(
        "brain_tumor_dataset",
        "yes",
        "no",
        Asks("E-GUESS-LABEL", {"visiontk compare *": Plan(IMAGES, {"no": 30, "yes": 30})}),
    ),
    malaria=(
        "cell_images",
        "Parasitized",
        "Uninfected",
        Asks("E-GUESS-LABEL", {"visiontk compare *": Plan(IMAGES, {"Parasitized": 30, "Uninfected": 30})}),
    ),
)
def copy_inside(root: Path, copy: str, one: str, other: str) -> None:
    touch(root, f"{{{one}|{other}}}/a_{{1-30}}.jpg", f"{copy}/{{{one}|{other}}}/a_{{1-30}}.jpg")


@case(Plan(IMAGES, {"0": 40, "1": 40}, "official", groups=30))
def gtsrb(root: Path) -> None:
    names = touch(root, "Train/{0|1}/0000{@1}_{00000-00004}_{00000-00005}.png")
    tests = touch(root, "Test/{00000-00019}.png")
    touch(root, "Meta/{0|1}.png")
    head = "Width,Height,Roi.X1,Roi.Y1,Roi.X2,Roi.Y2,ClassId,Path"
    table(
        root / "Train.csv",
        head,
        [(27 + i % 9, 26 + i % 7, 5, 5, 22, 20, name.split("/")[1], name) for i, name in enumerate(names)],
    )
    table(
        root / "Test.csv", head, [(53 + i % 5, 54 + i % 3, 6, 5, 48, 49, i % 2, name) for i, name in enumerate(tests)]
    )
    table(
        root / "Meta.csv", "Path,ClassId,ShapeId,ColorId,SignId", [(f"Meta/{i}.png", i, 1, 0, "3.29") for i in (0, 1)]
    )


@case(Plan(IMAGES, {"0": 40, "1": 40}, "official"))
def mnist_csv(root: Path) -> None:
    for part, n in (("train", 60), ("test", 20)):
        rows = [[i % 2, *pixels(f"{part}{i}")] for i in range(n)]
        table(root / f"mnist_{part}.csv", "label," + ",".join(f"{1 + k // 28}x{1 + k % 28}" for k in range(784)), rows)


@case(Plan(IMAGES, {"0": 30, "1": 30}, says=("test.csv ignored: no label",)))
def digit_recognizer(root: Path) -> None:
    head = ",".join(f"pixel{k}" for k in range(784))
    table(root / "train.csv", "label," + head, [[i % 2, *pixels(i)] for i in range(60)])
    table(root / "test.csv", head, [pixels(i) for i in range(60, 80)])
    table(root / "sample_submission.csv", "ImageId,Label", [(i, 0) for i in range(20)])


@case(Plan(IMAGES, {"1": 40, "2": 40}, "official", says=("header: none",)))
def emnist(root: Path) -> None:
    for part, n in (("train", 60), ("test", 20)):
        table(
            root / f"emnist-letters-{part}.csv",
            "",
            [[1 + i % 2, *pixels(f"{part}{i}")] for i in range(n)],
        )
    (root / "emnist-letters-mapping.txt").write_text("1 65 97\n2 66 98\n")


@case(Plan(IMAGES, {"angry": 40, "happy": 40}, "official"))
def fer_folders(root: Path) -> None:
    touch(
        root,
        "train/{angry|happy}/Training_{3900000-3900029}.jpg",
        "test/{angry|happy}/{PublicTest|PrivateTest}_{1000-1004}.jpg",
    )


@case(Asks("E-LABEL-SINGLE"))
def raf_db(root: Path) -> None:
    touch(root, "Image/aligned/train_{00001-00060}_aligned.jpg", "Image/aligned/test_{0001-0020}_aligned.jpg")
    (root / "EmoLabel").mkdir()
    (root / "EmoLabel/list_patition_label.txt").write_text(
        "".join(f"train_{i:05d}.jpg {i % 2}\n" for i in range(1, 61))
    )


@case(Plan(IMAGES, {"1": 40, "2": 40}, "official"))
def raf_db_kaggle(root: Path) -> None:
    touch(
        root, "DATASET/train/{1|2}/train_{00001-00030}_aligned.jpg", "DATASET/test/{1|2}/test_{0001-0010}_aligned.jpg"
    )
    for part, n, w in (("train", 30, 5), ("test", 10, 4)):
        table(
            root / f"{part}_labels.csv",
            "image,label",
            [(f"{part}_{i:0{w}d}_aligned.jpg", k) for k in (1, 2) for i in range(1, n + 1)],
        )


@case(Plan(IMAGES, {"anger": 30, "happy": 30}))
def affectnet_kaggle(root: Path) -> None:
    names = touch(root, "{anger|happy}/image{0000006-0000035}.jpg")
    table(
        root / "labels.csv",
        ",pth,label,relFCs",
        [(i, name, name.split("/")[0], 0.8 + i / 1000) for i, name in enumerate(names)],
    )


@case(
    Asks(
        "E-GUESS-GROUP", {"--group name:1": Plan(IMAGES, {"anger": 30, "fear": 30, "happy": 30}, "grouped", groups=10)}
    )
)
def ck48(root: Path) -> None:
    touch(root, "CK+48/{anger|happy|fear}/S{010-019}_004_{00000017-00000019}.png")


@case(
    Asks(
        "E-GUESS-KIND",
        {
            "--task image_classification": Asks(
                "E-GUESS-LABEL",
                {"--label folder:2 --group none": Plan(IMAGES, {f"S{i:03d}": 18 for i in range(5, 13)})},
            )
        },
    )
)
def cohn_kanade(root: Path) -> None:
    touch(
        root,
        "cohn-kanade-images/S{005-012}/{001-003}/x_{00000001-00000006}.png",
        "Emotion/S{005-012}/{001-003}/x_emotion.txt",
    )


@case(
    Asks(
        "E-GUESS-INPUT",
        {
            "--label name:2": Plan(
                IMAGES, {f"{a}{i}": 6 for a in ("AN", "HA", "SU") for i in (1, 2, 3)}, "grouped", groups=6
            )
        },
    )
)
def jaffe(root: Path) -> None:
    touch(root, "{KA|KL|KM|KR|MK|NA}.{AN|HA|SU}{1-3}.{39-39}.tiff")


@case(
    Asks(
        "E-GUESS-INPUT",
        {
            "visiontk compare *GroundTruth.csv": Asks(
                "E-LABEL-FORM", {"--label MEL": Plan(IMAGES, {"0.0": 40, "1.0": 20})}
            )
        },
    )
)
def isic(root: Path) -> None:
    touch(
        root,
        "ISIC_2019_Training_Input/ISIC_2019_Training_Input/ISIC_{0000000-0000059}.jpg",
        "ISIC_2019_Training_Input/ISIC_2019_Training_Input/ATTRIBUTION.txt",
    )
    table(
        root / "ISIC_2019_Training_GroundTruth.csv",
        "image,MEL,NV,BCC,UNK",
        [(f"ISIC_{i:07d}", *(float(i % 3 == j) for j in range(4))) for i in range(60)],
    )
    table(
        root / "ISIC_2019_Training_Metadata.csv",
        "image,age_approx,anatom_site_general,lesion_id,sex",
        [
            (f"ISIC_{i:07d}", 30 + i % 9 * 5, ("head", "torso", "")[i % 3], f"L{i // 2}", ("male", "female")[i % 2])
            for i in range(60)
        ],
    )


@case(Plan(IMAGES, {"bkl": 20, "mel": 20, "nv": 20}, "grouped", groups=30))
def ham10000(root: Path) -> None:
    touch(
        root, "HAM10000_images_part_1/ISIC_{0024306-0024335}.jpg", "HAM10000_images_part_2/ISIC_{0024336-0024365}.jpg"
    )
    rows = [
        (
            f"HAM_{i // 2:07d}",
            f"ISIC_{24306 + i:07d}",
            ("nv", "mel", "bkl")[i // 2 % 3],
            ("histo", "follow_up")[i % 2],
            80.0 - i % 9 * 5,
            ("male", "female")[i % 2],
            ("scalp", "back")[i % 4 // 2],
        )
        for i in range(60)
    ]
    table(root / "HAM10000_metadata.csv", "lesion_id,image_id,dx,dx_type,age,sex,localization", rows)


@case(
    Asks(
        "E-GUESS-INPUT",
        {"visiontk compare *metadata.csv": Plan(IMAGES, {"bkl": 20, "mel": 20, "nv": 20}, "grouped", groups=30)},
    )
)
def ham10000_whole(root: Path) -> None:
    ham10000(root)
    table(
        root / "hmnist_8_8_L.csv",
        ",".join(f"pixel{k:04d}" for k in range(64)) + ",label",
        [[*pixels(i, 64), i // 2 % 3] for i in range(60)],
    )


@case(
    None,
    one=("Atelectasis", Plan(IMAGES, {"Atelectasis": 45, "No Finding": 45}, "grouped", groups=30)),
    many=("Cardiomegaly|Effusion", Asks("E-LABEL-FORM", says=("Cardiomegaly|Effusion",))),
)
def nih_chest(root: Path, finding: str) -> None:
    touch(
        root,
        "images_001/images/{00000001-00000020}_{000-002}.png",
        "images_002/images/{00000021-00000030}_{000-002}.png",
    )
    touch(root, "{train_val_list|test_list|LOG_CHESTXRAY}.txt")
    head = "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    head += "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],"
    rows = [
        (
            f"{p:08d}_{i:03d}.png",
            ("No Finding", finding, *finding.split("|"))[(p + i) % (2 + finding.count("|") * 2)],
            i,
            p,
            30 + p,
            "MF"[p % 2],
            ("PA", "AP")[i % 2],
            2682,
            2749,
            0.143,
            0.143,
            "",
        )
        for p in range(1, 31)
        for i in range(3)
    ]
    table(root / "Data_Entry_2017.csv", head, rows)
    table(
        root / "BBox_List_2017.csv",
        "Image Index,Finding Label,Bbox [x,y,w,h],,,",
        [(f"{p:08d}_000.png", "Atelectasis", 225.08, 547.01, 86.7, 79.1, "", "", "") for p in range(1, 6)],
    )


@case(Asks("E-GUESS-GROUP", {"--group name:1": Plan(IMAGES, {str(i): 16 for i in range(5)}, "grouped", groups=40)}))
def retinopathy(root: Path) -> None:
    names = touch(root, "train/{10-49}_{left|right}.jpeg")
    table(root / "trainLabels.csv", "image,level", [(Path(name).stem, i // 2 % 5) for i, name in enumerate(names)])
    touch(root, "test/{100-109}_{left|right}.jpeg")
    table(root / "sampleSubmission.csv", "image,level", [("1_left", 0)])


@case(Plan(IMAGES, {str(i): 12 for i in range(5)}, says=("test.csv ignored", "files are in train_images")))
def aptos(root: Path) -> None:
    ids = [f"{i * 2654435761 % 2**40:012x}" for i in range(1, 81)]
    touch(root, *(f"train_images/{name}.png" for name in ids[:60]), *(f"test_images/{name}.png" for name in ids[60:]))
    table(root / "train.csv", "id_code,diagnosis", [(name, i % 5) for i, name in enumerate(ids[:60])])
    table(root / "test.csv", "id_code", [(name,) for name in ids[60:]])
    table(root / "sample_submission.csv", "id_code,diagnosis", [(name, 0) for name in ids[60:]])


@case(Plan(IMAGES, {str(i): 12 for i in range(5)}))
def cassava(root: Path) -> None:
    names = touch(
        root,
        "train_images/{1000015157-1000015216}.jpg",
        "test_images/2216849948.jpg",
        "train_tfrecords/ld_train{00-03}-1338.tfrec",
    )
    table(root / "train.csv", "image_id,label", [(Path(name).name, i % 5) for i, name in enumerate(names[:60])])
    table(root / "sample_submission.csv", "image_id,label", [("2216849948.jpg", 4)])
    (root / "label_num_to_disease_map.json").write_text(json.dumps({str(i): f"d{i}" for i in range(5)}))


@case(Plan(IMAGES, {"CNV": 46, "NORMAL": 46}, "official", groups=13))
def retina_oct(root: Path) -> None:
    touch(
        root,
        "OCT2017/train/{CNV|NORMAL}/{@1}-{1016042-1016046}-{1-6}.jpeg",
        "OCT2017/test/{CNV|NORMAL}/{@1}-{2016042-2016045}-{1-2}.jpeg",
        "OCT2017/val/{CNV|NORMAL}/{@1}-{3016042-3016045}-{1-2}.jpeg",
    )


@case(Asks("E-GUESS-INPUT", {"numpy.savez*": Plan(IMAGES, {"0": 20, "1": 20})}))
def patch_camelyon(root: Path) -> None:
    import h5py

    for part, n in (("train", 40), ("valid", 10), ("test", 10)):
        for name, values in (("x", np.zeros((n, 16, 16, 3), np.uint8)), ("y", (np.arange(n) % 2).reshape(n, 1, 1, 1))):
            with h5py.File(root / f"camelyonpatch_level_2_split_{part}_{name}.h5", "w") as file:
                file[name] = values


@case(
    Asks("E-GUESS-LABEL", {"--label folder:2 --group folder:1": Plan(IMAGES, {"0": 48, "1": 48}, "grouped", groups=6)})
)
def idc_patients(root: Path) -> None:
    touch(root, "{8863|8864|8865|8867|8913|8914}/{0|1}/{@1}_idx5_x{1001-1008}_y1001_class{@2}.png")


@case(Asks("E-GUESS-GROUP", {"--group folder": Plan(IMAGES, {"benign": 64, "malignant": 32}, "grouped", groups=24)}))
def breakhis(root: Path) -> None:
    for kind, letter, subtype in (
        ("benign", "B", "adenosis"),
        ("benign", "B", "fibroadenoma"),
        ("malignant", "M", "ductal_carcinoma"),
    ):
        for p in range(4):
            touch(
                root,
                f"BreaKHis_v1/histology_slides/breast/{kind}/SOB/{subtype}/SOB_{letter}_A_14-2254{p}AB/{{40X|100X}}/SOB_{letter}_A-14-2254{p}AB-{{@1}}-{{001-004}}.png",
            )
    touch(root, "BreaKHis_v1/histology_slides/breast/README.txt")


@case(Plan(IMAGES, {"COVID": 20, "Normal": 20, "Viral Pneumonia": 20}, says=("as its name says that they are masks",)))
def covid_radiography(root: Path) -> None:
    touch(
        root,
        "COVID-19_Radiography_Dataset/{COVID|Normal|Viral Pneumonia}/{images|masks}/{@1}-{1-20}.png",
        "COVID-19_Radiography_Dataset/{COVID|Normal}.metadata.xlsx",
        "COVID-19_Radiography_Dataset/README.md.txt",
    )


@case(Plan(IMAGES, {"0": 40, "1": 40}, "official"))
def sign_mnist(root: Path) -> None:
    for part, n in (("train", 60), ("test", 20)):
        rows = [[i % 2, *pixels(f"{part}{i}")] for i in range(n)]
        table(
            root / f"sign_mnist_{part}/sign_mnist_{part}.csv",
            "label," + ",".join(f"pixel{k + 1}" for k in range(784)),
            rows,
        )
    touch(root, "amer_sign2.png", "amer_sign3.png", "american_sign_language.PNG")


@case(Plan(IMAGES, {"Apple Braeburn": 40, "Pear 2": 40}, "official"))
def fruits360(root: Path) -> None:
    touch(
        root,
        "fruits-360/Training/{Apple Braeburn|Pear 2}/{r_|r2_}{0-14}_100.jpg",
        "fruits-360/Test/{Apple Braeburn|Pear 2}/{100-109}_100.jpg",
        "fruits-360/test-multiple_fruits/apple{1-6}.jpg",
        "fruits-360/{LICENSE|readme.md}",
    )


@case(Plan(IMAGES, {"AnnualCrop": 40, "Forest": 40}, "official", says=("which names the split",)))
def eurosat(root: Path) -> None:
    names = touch(root, "{AnnualCrop|Forest}/{@1}_{1-40}.jpg")
    for part, some in (("train", slice(0, None, 2)), ("validation", slice(1, None, 4)), ("test", slice(3, None, 4))):
        table(
            root / f"{part}.csv",
            ",Filename,Label,ClassName",
            [(i, name, int(name[0] == "F"), name.split("/")[0]) for i, name in enumerate(names[some])],
        )
    (root / "label_map.json").write_text('{"AnnualCrop": 0, "Forest": 1}')


@case(
    Asks(
        "E-GUESS-LABEL",
        {
            "--label folder:3 --split folder:1": Plan(
                IMAGES, {"paper": 42, "rock": 42, "scissors": 42}, "official folds", groups=21
            )
        },
    )
)
def rock_paper_scissors(root: Path) -> None:
    touch(
        root,
        "rps/rps/{paper|rock|scissors}/{@1}{01-05}-{000-005}.png",
        "rps-test-set/rps-test-set/{paper|rock|scissors}/test{@1}{01-02}-{00-05}.png",
    )


@case(Plan(IMAGES, {"cats": 40, "dogs": 40}, "official"))
def cats_and_dogs_filtered(root: Path) -> None:
    touch(
        root,
        "cats_and_dogs_filtered/train/{cat|dog}s/{@1}.{0-29}.jpg",
        "cats_and_dogs_filtered/validation/{cat|dog}s/{@1}.{2000-2009}.jpg",
        "cats_and_dogs_filtered/vectorize.py",
    )


@case(Plan(IMAGES, {"apple_pie": 30, "baby_back_ribs": 30}))
def food101(root: Path) -> None:
    touch(
        root,
        "food-101/images/{apple_pie|baby_back_ribs}/{1005600-1005629}.jpg",
        "food-101/meta/{classes|labels|test|train}.txt",
        "food-101/{README|license_agreement}.txt",
    )
    (root / "food-101/meta/train.json").write_text('{"apple_pie": ["apple_pie/1005600"]}')


@case(
    Plan(IMAGES, PETS, says=("table:",)),
    csv=("meta/labels.csv",),
    tsv=("annotations/list.tsv",),
    inside=("images/labels.csv",),
)
def table_beside(root: Path, name: str) -> None:
    touch(root, "images/img{00-59}.png", "docs/logo.png")
    table(
        root / name,
        "file,species",
        [(f"img{i:02d}.png", ("cat", "dog")[i % 2]) for i in range(60)],
        mark="\t" if name.endswith("tsv") else ",",
    )


@case(
    Asks("E-GUESS-INPUT", {"--label name:2": Asks("E-GUESS-GROUP", {"--group none": Plan(IMAGES, {"0": 40, "1": 40})})})
)
def utkface(root: Path) -> None:
    for i in range(80):
        touch(root, f"UTKFace/{20 + i % 40}_{i % 2}_{i % 4}_2017010{i % 9}1749{i:05d}.jpg.chip.jpg")


@case(Asks("E-LABEL-FORM", {"--label Smiling": Plan(IMAGES, {"-1": 30, "1": 30})}))
def celeba(root: Path) -> None:
    touch(root, "img_align_celeba/img_align_celeba/{000001-000060}.jpg")
    names = [f"{i:06d}.jpg" for i in range(1, 61)]
    table(
        root / "list_attr_celeba.csv",
        "image_id,Smiling,Male,Young",
        [(n, (1, -1)[i % 2], (1, -1)[i % 3 // 2], (1, -1)[i % 5 // 4]) for i, n in enumerate(names)],
    )
    table(root / "list_eval_partition.csv", "image_id,partition", [(n, i // 40) for i, n in enumerate(names)])


@case(Plan(IMAGES, {"no": 30, "yes": 30}, says=("10 images in pred left out",)))
def brain_br35h(root: Path) -> None:
    touch(root, "{yes|no}/{@1}{0-29}.jpg", "pred/pred{0-9}.jpg")


@case(Plan(IMAGES, {"fake": 60, "real": 60}, "official"))
def real_vs_fake(root: Path) -> None:
    names = touch(root, "real_vs_fake/real-vs-fake/{train|valid|test}/{real|fake}/{00000-00019}.jpg")
    for part in ("train", "valid", "test"):
        rows = [
            (
                i,
                f"/kaggle/working/{Path(n).name}",
                i,
                n.split("/")[3],
                int("real/" in n),
                n.removeprefix("real_vs_fake/real-vs-fake/"),
            )
            for i, n in enumerate(names)
            if f"/{part}/" in n
        ]
        table(root / f"{part}.csv", ",original_path,id,label_str,label,path", rows)


@case(Asks("E-DATA-EMPTY", says=("none in a folder of its class",)))
def coco(root: Path) -> None:
    touch(root, "train2017/{000000000001-000000000040}.jpg", "val2017/{000000000101-000000000110}.jpg")
    (root / "annotations").mkdir()
    for part in ("train", "val"):
        (root / f"annotations/instances_{part}2017.json").write_text(
            json.dumps({"images": [], "annotations": [], "categories": []})
        )


@case(Asks("E-DATA-EMPTY", says=("none in a folder of its class",)))
def yolo(root: Path) -> None:
    touch(root, "{train|valid|test}/{images|labels}/{001-020}.x")
    for path in root.rglob("*.x"):
        path.rename(path.with_suffix(".jpg" if path.parent.name == "images" else ".txt"))
    (root / "data.yaml").write_text("nc: 2\nnames: [cat, dog]\n")


@case(Asks("E-LABEL-SINGLE", says=("a table with columns path and label",)))
def voc(root: Path) -> None:
    touch(
        root,
        "VOC2012/JPEGImages/2007_{000001-000040}.jpg",
        "VOC2012/Annotations/2007_{000001-000040}.xml",
        "VOC2012/ImageSets/Main/{train|val|cat_train|dog_train}.txt",
    )


@case(
    Plan(IMAGES, PETS),
    beside=("{cat|dog}/{01-30}.{jpg|txt}",),
    apart=("{cat|dog}/images/{01-30}.jpg", "{cat|dog}/labels/{01-30}.txt"),
)
def texts_about_images(root: Path, *patterns: str) -> None:
    touch(root, *patterns)


@case(Plan(IMAGES, PETS))
def captions(root: Path) -> None:
    touch(root, "{cat|dog}/{000-029}.{jpg|txt|json}")


@case(
    Plan(IMAGES, PETS),
    camera=("IMG_",),
    sony=("DSC0",),
    pixel=("PXL_20230401_12000",),
    browser=("download (",),
    phone=("IMG-20230401-WA00",),
    screen=("Screenshot 2023-04-01 at 12.00.",),
)
def camera_names(root: Path, stem: str) -> None:
    end = ")" if "(" in stem else ""
    touch(root, f"{{cat|dog}}/{stem}{{01-30}}{end}.jpg")


@case(Plan(IMAGES, {"cat": 60, "dog": 60}))
def cameras_mixed(root: Path) -> None:
    touch(root, "{cat|dog}/{IMG_|DSC_|PXL_|P101|GOPR|image}{0010-0019}.jpg")


@case(
    Asks(
        "E-GUESS-LABEL",
        {
            "--label folder:2": Plan(IMAGES, PETS),
            "--label folder:2 --split folder:1": Plan(IMAGES, PETS, "official folds"),
        },
    )
)
def by_year(root: Path) -> None:
    touch(root, "{2019|2020|2021}/{cat|dog}/{001-010}.jpg")


@case(Asks("E-SPLIT-CLASS", {"--split none": Plan(IMAGES, {"good": 40, "scratch": 10, "thread": 10})}))
def faults_of_screws(root: Path) -> None:
    """MVTec: a training set without faults."""
    touch(
        root,
        "screw/train/good/{000-029}.png",
        "screw/test/{good|scratch|thread}/{000-009}.png",
        "screw/ground_truth/{scratch|thread}/{000-009}_mask.png",
    )


@case(Plan(IMAGES, {"airplane": 120, "bird": 120}, "official"))
def cifar_png(root: Path) -> None:
    touch(root, "cifar/{train|test}/{0001-0060}_{airplane|bird}.png", "cifar/labels.txt")


@case(Asks("E-LABEL-SINGLE"))
def label_in_test_txt(root: Path) -> None:
    touch(root, "images/{0001-0060}.jpg")
    (root / "train.txt").write_text("".join(f"images/{i:04d}.jpg {i % 2}\n" for i in range(1, 41)))
    (root / "test.txt").write_text("".join(f"images/{i:04d}.jpg {i % 2}\n" for i in range(41, 61)))
