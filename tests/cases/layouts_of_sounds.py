"""Layouts of recordings, and of scans, after public data."""

from __future__ import annotations

import json
from pathlib import Path

from making import SCANS, SOUNDS, Asks, Plan, case, table, touch

EMOTIONS = {f"{i:02d}": 24 for i in range(1, 5)}
SCENES = {"airport": 20, "bus": 20, "park": 20}


@case(
    Asks(
        "E-GUESS-KIND",
        {
            "--task audio_classification": Asks(
                "E-GUESS-INPUT", {"visiontk compare *features_30_sec.csv": Plan(SOUNDS, {"blues": 30, "rock": 30})}
            )
        },
    )
)
def gtzan(root: Path) -> None:
    names = touch(root, "genres_original/{blues|rock}/{@1}.{00000-00029}.wav")
    touch(root, "images_original/{blues|rock}/{@1}{00000-00029}.png")
    table(
        root / "features_30_sec.csv",
        "filename,length,chroma_stft_mean,label",
        [(Path(n).name, 661794, 0.1 + i / 100, n.split("/")[1]) for i, n in enumerate(names)],
    )
    table(
        root / "features_3_sec.csv",
        "filename,length,chroma_stft_mean,label",
        [
            (Path(n).name.replace(".wav", f".{k}.wav"), 66149, 0.1 + i / 100, n.split("/")[1])
            for i, n in enumerate(names)
            for k in range(3)
        ],
    )


@case(Plan(SOUNDS, {"blues": 30, "rock": 30}))
def gtzan_sounds(root: Path) -> None:
    names = touch(root, "genres_original/{blues|rock}/{@1}.{00000-00029}.wav")
    table(
        root / "features_30_sec.csv",
        "filename,length,chroma_stft_mean,label",
        [(Path(n).name, 661794, 0.1 + i / 100, n.split("/")[1]) for i, n in enumerate(names)],
    )


def esc(root: Path, folder: str, name: str, head: str, mark: str = ",") -> None:
    rows = []
    for i in range(60):
        k = i % 3
        file = f"{i // 2 % 5 + 1}-{10000 + i // 2}-{'AB'[i % 2]}-{k}.wav"
        touch(root, f"{folder}/{file}")
        rows.append((file, i // 2 % 5 + 1, k, ("dog", "rain", "clock")[k], i % 2 == 0, 10000 + i // 2, "AB"[i % 2]))
    table(root / name, head, rows, mark=mark)


@case(
    Plan(SOUNDS, {"clock": 20, "dog": 20, "rain": 20}, "official folds"),
    esc50=("audio", "meta/esc50.csv"),
    flat=("audio", "esc50.csv"),
    other=("wav", "metadata/clips.csv"),
)
def esc50(root: Path, folder: str, name: str) -> None:
    esc(root, folder, name, "filename,fold,target,category,esc10,src_file,take")
    touch(root, "LICENSE", "README.md", "requirements.txt", "esc50.py", "meta/esc50-human.xlsx")


@case(Plan(SOUNDS, {"air_conditioner": 80, "car_horn": 80, "siren": 80}, "official folds", groups=60))
def urbansound8k(root: Path) -> None:
    rows = []
    for i in range(240):
        k, source, fold = i // 4 % 3, 100032 + i // 4, i // 4 % 10 + 1
        file = f"{source}-{k}-0-{i % 4}.wav"
        touch(root, f"audio/fold{fold}/{file}")
        rows.append(
            (file, source, 0.0 + i % 4, 4.0 + i % 4, 1 + i % 2, fold, k, ("air_conditioner", "car_horn", "siren")[k])
        )
    table(root / "metadata/UrbanSound8K.csv", "slice_file_name,fsID,start,end,salience,fold,classID,class", rows)
    touch(root, "UrbanSound8K_README.txt", "FREESOUNDCREDITS.txt")


@case(Asks("E-GUESS-LABEL", {"--label name:3": Plan(SOUNDS, EMOTIONS, "grouped", groups=6)}))
def ravdess(root: Path) -> None:
    touch(root, "Actor_{01-06}/03-01-{01-04}-{01-02}-01-{01-02}-{@1}.wav")


@case(
    Asks(
        "E-GUESS-LABEL",
        {"visiontk compare *": Asks("E-GUESS-LABEL", {"--label name:3": Plan(SOUNDS, EMOTIONS, "grouped", groups=6)})},
    )
)
def ravdess_twice(root: Path) -> None:
    touch(root, "{audio_speech_actors_01-24/|}Actor_{01-06}/03-01-{01-04}-{01-02}-01-{01-02}-{@2}.wav")


@case(
    Asks(
        "E-GUESS-INPUT",
        {
            "--label name:3": Asks(
                "E-GUESS-GROUP",
                {"--group name:1": Plan(SOUNDS, {"ANG": 48, "HAP": 48, "SAD": 48}, "grouped", groups=8)},
            )
        },
    )
)
def crema_d(root: Path) -> None:
    touch(root, "AudioWAV/{1001-1008}_{DFA|IEO|TIE}_{ANG|HAP|SAD}_{XX|LO}.wav")


@case(Asks("E-LABEL-SINGLE"))
def emodb(root: Path) -> None:
    touch(root, "wav/{03|08|09|10}{a01|a02|b01}{F|N|W}{a|b}.wav")


@case(Plan(SOUNDS, {"no": 24, "up": 24, "yes": 24}, "grouped", groups=12, says=("_background_noise_ left out",)))
def speech_commands(root: Path) -> None:
    people = [f"{i * 2654435761 % 2**32:08x}" for i in range(1, 13)]
    names = touch(
        root,
        *(f"{{yes|no|up}}/{name}_nohash_{{0-1}}.wav" for name in people),
        "_background_noise_/{white_noise|pink_noise}.wav",
    )
    touch(root, "LICENSE", "README.md")
    (root / "testing_list.txt").write_text("\n".join(n for n in names if people[0] in n or people[1] in n) + "\n")
    (root / "validation_list.txt").write_text("\n".join(n for n in names if people[2] in n) + "\n")


@case(Plan(SOUNDS, {"en": 30, "fr": 30}, "official"))
def hf_audiofolder(root: Path) -> None:
    for part, n in (("train", 40), ("test", 20)):
        touch(root, f"data/{part}/{{00-{n - 1}}}.flac")
        table(
            root / f"data/{part}/metadata.csv",
            "file_name,transcription,label",
            [(f"{i:02d}.flac", "it is said that", ("en", "fr")[i % 2]) for i in range(n)],
        )


@case(Asks("E-GUESS-LABEL", {"--label gender": Plan(SOUNDS, {"female": 40, "male": 40}, "official", groups=40)}))
def common_voice(root: Path) -> None:
    head = "client_id\tpath\tsentence\tup_votes\tdown_votes\tage\tgender\taccents\tlocale"
    for part, start, n in (("train", 0, 40), ("dev", 40, 20), ("test", 60, 20)):
        touch(root, f"clips/common_voice_en_{{{start:02d}-{start + n - 1:02d}}}.mp3")
        rows = [
            (
                f"{(start + i) // 2:032x}",
                f"common_voice_en_{start + i:02d}.mp3",
                f"This is the sentence number {i}",
                2 + i % 3,
                i % 2,
                ("twenties", "", "fifties")[i % 3],
                ("male", "female")[i % 2],
                "",
                "en",
            )
            for i in range(n)
        ]
        table(root / f"{part}.tsv", head.replace("\t", ","), rows, mark="\t")


@case(Asks("E-GUESS-GROUP", {"--group none": Plan(SOUNDS, {"bass": 36, "flute": 36, "organ": 36}, "official")}))
def nsynth(root: Path) -> None:
    touch(root, "nsynth-{train|valid|test}/audio/{bass|flute|organ}_acoustic_{000-003}-{024-026}-{025-025}.wav")
    for part in ("train", "valid", "test"):
        (root / f"nsynth-{part}/examples.json").write_text(json.dumps({"bass_acoustic_000-024-025": {"pitch": 24}}))


@case(
    Asks(
        "E-GUESS-GROUP",
        {"--group name:3": Plan(SOUNDS, SCENES, "grouped", groups=10), "--group none": Plan(SOUNDS, SCENES)},
    )
)
def tau_scenes(root: Path) -> None:
    rows = []
    for i in range(60):
        k, city = i % 3, ("barcelona", "lyon", "paris", "vienna")[i // 3 % 4]
        scene = ("airport", "bus", "park")[k]
        name = f"audio/{scene}-{city}-{i // 6}-{i}-a.wav"
        touch(root, name)
        rows.append((name, scene, f"{city}-{i // 6}", "a"))
    table(root / "meta.csv", "filename,scene_label,identifier,source_label", rows, mark="\t")
    table(root / "evaluation_setup/fold1_train.csv", "filename,scene_label", [row[:2] for row in rows[:40]], mark="\t")
    table(root / "evaluation_setup/fold1_test.csv", "filename", [row[:1] for row in rows[40:]], mark="\t")


@case(Plan(SOUNDS, {"abethr1": 30, "afrgos1": 30}))
def birdclef(root: Path) -> None:
    names = touch(root, "train_audio/{abethr1|afrgos1}/XC{128013-128042}.ogg")
    touch(root, "test_soundscapes/readme.txt")
    rows = [
        (
            n.split("/")[1],
            "[]",
            "['song']",
            -4.3 + i / 10,
            38.2,
            "Turdus tephronotus",
            "African Thrush",
            "Rolf",
            "CC",
            0.5 + i % 9 / 2,
            "https://www.xeno-canto.org/1",
            n.removeprefix("train_audio/"),
        )
        for i, n in enumerate(names)
    ]
    table(
        root / "train_metadata.csv",
        "primary_label,secondary_labels,type,latitude,longitude,scientific_name,common_name,author,license,rating,url,filename",
        rows,
    )
    table(
        root / "eBird_Taxonomy_v2021.csv",
        "TAXON_ORDER,CATEGORY,SPECIES_CODE,PRIMARY_COM_NAME",
        [(i, "species", f"s{i}", f"Bird {i}") for i in range(30)],
    )
    table(root / "sample_submission.csv", "row_id,abethr1,afrgos1", [("soundscape_1_5", 0.5, 0.5)])


@case(Plan(SOUNDS, {"Hi-hat": 20, "Saxophone": 20}))
def fsd_kaggle(root: Path) -> None:
    names = touch(
        root, "FSDKaggle2018.audio_train/{00044347-00044386}.wav", "FSDKaggle2018.audio_test/{00326b00-00326b00}.wav"
    )
    table(
        root / "FSDKaggle2018.meta/train_post_competition.csv",
        "fname,label,manually_verified,freesound_id,license",
        [
            (Path(n).name, ("Hi-hat", "Saxophone")[i % 2], i % 2, 28739 + i, "Attribution")
            for i, n in enumerate(names[:40])
        ],
    )


@case(Plan(SOUNDS, {"-1": 20, "1": 20}))
def heart_sounds(root: Path) -> None:
    names = touch(root, "training-a/a{0001-0020}.wav", "training-b/b{0001-0020}.wav")
    for part in "ab":
        table(
            root / f"training-{part}/REFERENCE.csv",
            "",
            [(Path(n).stem, (-1, 1)[i % 2]) for i, n in enumerate(names) if f"-{part}/" in n],
        )


@case(Plan(SOUNDS, {"drill": 20, "siren": 20}))
def dataframe_without_suffix(root: Path) -> None:
    touch(root, "train/{1000-1039}.wav", "test/{2000-2009}.wav")
    table(root / "train.csv", "ID,Class", [(i, ("siren", "drill")[i % 2]) for i in range(1000, 1040)])
    table(root / "test.csv", "ID", [(i,) for i in range(2000, 2010)])


@case(Asks("E-GUESS-INPUT", says=("Write a table with columns path, label and patient",)))
def brats(root: Path) -> None:
    touch(root, "BraTS20_Training_{001-020}/BraTS20_Training_{001-001}_{flair|t1|t2|seg}.nii.gz")
    table(
        root / "name_mapping.csv",
        "Grade,BraTS_2017_subject_ID,BraTS_2020_subject_ID",
        [(("HGG", "LGG")[i % 2], f"B17_{i}", f"BraTS20_Training_{i:03d}") for i in range(1, 21)],
    )
    table(
        root / "survival_info.csv",
        "Brats20ID,Age,Survival_days,Extent_of_Resection",
        [(f"BraTS20_Training_{i:03d}", 60.5 + i, 289 + i, "GTR") for i in range(1, 12)],
    )


@case(
    Asks("E-GUESS-INPUT", {"cd *": Plan(SCANS, {"AD": 20, "CN": 20})}),
    nii=("nii.gz",),
    dcm=("dcm", Asks("E-GUESS-INPUT", {"cd *": Asks("E-DATA-DECODE", says=("40 of 40 files",))})),
)
def class_folders_of_scans(root: Path, suffix: str) -> None:
    touch(root, f"{{AD|CN}}/{{001-020}}.{suffix}")


@case(Asks("E-GUESS-INPUT", says=("Write a table with columns path, label and patient",)))
def bids(root: Path) -> None:
    touch(root, "sub-{01-20}/anat/sub-{01-01}_T1w.nii.gz", "dataset_description.json")
    table(
        root / "participants.tsv",
        "participant_id,age,sex,diagnosis",
        [(f"sub-{i:02d}", 20 + i, "MF"[i % 2], ("control", "patient")[i % 2]) for i in range(1, 21)],
        mark="\t",
    )


@case(Plan(SCANS, {"control": 20, "ill": 20}, "grouped", groups=20))
def nifti_in_tsv(root: Path) -> None:
    names = touch(root, "scans/sub-{01-20}_{ses-1|ses-2}_T1w.nii.gz")
    table(
        root / "scans.tsv",
        "filename,participant_id,diagnosis",
        [(n, Path(n).name[:6], ("control", "ill")[i // 2 % 2]) for i, n in enumerate(names)],
        mark="\t",
    )


@case(Asks("E-GUESS-INPUT", {"visiontk compare *north/participants.tsv": Plan(SCANS, {"control": 10, "ill": 10})}))
def two_sites(root: Path) -> None:
    for site in ("north", "south"):
        names = touch(root / site, "v/sub-{01-20}_T1w.nii")
        table(
            root / site / "participants.tsv",
            "path,diagnosis",
            [(n, ("control", "ill")[i % 2]) for i, n in enumerate(names)],
            mark="\t",
        )
