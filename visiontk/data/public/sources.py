"""Public data sets: publishers, addresses, licences, checksums and files. See `fetch`.

Checksums are those of the source named in ``checksums_by``; where none is published there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from visiontk.data.public.records import MB, Remote, Source
from visiontk.errors import unknown


def published(name: str) -> Source:
    """Record of a public data set.

    Raises
    ------
    ConfigError
        ``E-UNKNOWN-DATASET`` with the nearest name.

    Examples
    --------
    >>> published("fashion_mnist").licence
    'MIT'
    """
    if name not in SOURCES:
        raise unknown("dataset", name, SOURCES, where="public data")
    return SOURCES[name]


def _one(name: str, address: str, size: int, checksum: str = "") -> tuple[Remote, ...]:
    return (Remote(name, (address,), size, checksum),)


def _idx(addresses: tuple[str, ...], sizes_and_sums: tuple[tuple[int, str], ...]) -> tuple[Remote, ...]:
    """The four files of MNIST and its successors."""
    return tuple(
        Remote(f"{name}.gz", tuple(f"{address}{name}.gz" for address in addresses), size, f"md5:{md5}")
        for name, (size, md5) in zip(_IDX, sizes_and_sums, strict=True)
    )


_IDX = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def _medmnist(name: str, md5: str, size: int, licence: str = "CC BY 4.0") -> Source:
    return Source(
        name,
        ("medical_imaging",),
        "https://medmnist.com",
        licence,
        "Yang et al. (2023), MedMNIST v2: a large-scale lightweight benchmark for 2D and 3D biomedical image "
        "classification, Scientific Data 10, 41.",
        _one(f"{name}.npz", f"https://zenodo.org/records/10519652/files/{name}.npz?download=1", size, f"md5:{md5}"),
        {f"{name}.npz": 1},
        checksums_by="the publisher, in medmnist/info.py",
    )


_RECORDS = (
    Source(
        "fashion_mnist",
        ("image_classification",),
        "https://github.com/zalandoresearch/fashion-mnist",
        "MIT",
        "Xiao, Rasul and Vollgraf (2017), Fashion-MNIST, arXiv:1708.07747.",
        _idx(
            ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
            (
                (26_421_880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
                (29_515, "25c81989df183df01b3e8a0aad5dffbe"),
                (4_422_102, "bef4ecab320f06d8554ea6380940ec79"),
                (5_148, "bb300cfdad3c16e7a12a480ee83cd310"),
            ),
        ),
        {f"{name}.gz": 1 for name in _IDX},
        others=(_IDX,),
        checksums_by="the publisher, in README.md",
    ),
    Source(
        "mnist",
        ("image_classification",),
        "http://yann.lecun.com/exdb/mnist",
        "CC BY-SA 3.0",
        "LeCun, Cortes and Burges (1998), The MNIST database of handwritten digits.",
        _idx(
            ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/"),
            (
                (9_912_422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
                (28_881, "d53e105ee54ea40749a09fcbcd1e9432"),
                (1_648_877, "9fb629c4189551a2d022fa330f9573f3"),
                (4_542, "ec29112dd5afa0611ce80d1b7f02629c"),
            ),
        ),
        {f"{name}.gz": 1 for name in _IDX},
        others=(_IDX, ("mnist.npz",)),
        checksums_by="torchvision",
    ),
    Source(
        "cifar10",
        ("image_classification",),
        "https://www.cs.toronto.edu/~kriz/cifar.html",
        "",
        "Krizhevsky (2009), Learning multiple layers of features from tiny images.",
        _one(
            "cifar-10-binary.tar.gz",
            "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            170_052_171,
            "md5:c32a1d4ab5d03f1284b67883e8d87530",
        ),
        {"cifar-10-batches-bin/data_batch_[1-5].bin": 5, "cifar-10-batches-bin/test_batch.bin": 1},
        others=(("data_batch_1.bin", "test_batch.bin"), ("train/*/*", "test/*/*")),
        unpacked=185 * MB,
        checksums_by="the publisher, on the homepage",
    ),
    Source(
        "mr",
        ("text_classification",),
        "https://www.cs.cornell.edu/people/pabo/movie-review-data/",
        "",
        "Pang and Lee (2005), Seeing stars: exploiting class relationships for sentiment categorization with "
        "respect to rating scales, ACL.",
        _one(
            "rt-polaritydata.tar.gz",
            "https://www.cs.cornell.edu/people/pabo/movie-review-data/rt-polaritydata.tar.gz",
            488_000,
        ),
        {"rt-polarity.pos": 1, "rt-polarity.neg": 1},
        strip=1,
        unpacked=2 * MB,
    ),
    Source(
        "trec",
        ("text_classification",),
        "https://cogcomp.seas.upenn.edu/Data/QA/QC/",
        "",
        "Li and Roth (2002), Learning question classifiers, COLING.",
        (
            Remote(
                "TREC.train",
                ("https://cogcomp.seas.upenn.edu/Data/QA/QC/train_5500.label",),
                335_858,
                "md5:073462e3fcefaae31e00edb1f18d2d02",
            ),
            Remote(
                "TREC.test",
                ("https://cogcomp.seas.upenn.edu/Data/QA/QC/TREC_10.label",),
                23_354,
                "md5:323a3554401d86e650717e2d2f942589",
            ),
        ),
        {"TREC.train": 1, "TREC.test": 1},
        checksums_by="torchtext",
    ),
    Source(
        "imdb",
        ("text_classification",),
        "https://ai.stanford.edu/~amaas/data/sentiment/",
        "",
        "Maas et al. (2011), Learning word vectors for sentiment analysis, ACL.",
        _one(
            "aclImdb_v1.tar.gz",
            "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
            84_125_825,
            "md5:7c2ac02c03563afcf9b574c7e56c153a",
        ),
        {f"aclImdb/{part}/{label}/*.txt": 12_500 for part in ("train", "test") for label in ("pos", "neg")},
        others=(tuple(f"{part}/{label}/*.txt" for part in ("train", "test") for label in ("pos", "neg")),),
        unpacked=500 * MB,
        checksums_by="torchtext",
    ),
    Source(
        "ag_news",
        ("text_classification",),
        "http://groups.di.unipi.it/~gulli/AG_corpus_of_news_articles.html",
        "non-commercial",
        "Zhang, Zhao and LeCun (2015), Character-level convolutional networks for text classification, NeurIPS.",
        tuple(
            Remote(
                f"{part}.csv",
                (f"https://raw.githubusercontent.com/mhjabreel/CharCnn_Keras/master/data/ag_news_csv/{part}.csv",),
                size,
                f"md5:{md5}",
            )
            for part, size, md5 in (
                ("train", 29_500_000, "b1a00f826fdfbd249f79597b59e1dc12"),
                ("test", 1_860_000, "d52ea96a97a2d943681189a97654912d"),
            )
        ),
        {"train.csv": 1, "test.csv": 1},
        checksums_by="torchtext",
    ),
    Source(
        "fsdd",
        ("audio_classification",),
        "https://github.com/Jakobovski/free-spoken-digit-dataset",
        "CC BY-SA 4.0",
        "Jackson et al. (2018), Free Spoken Digit Dataset, doi:10.5281/zenodo.1342401.",
        _one(
            "fsdd.zip",
            "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/refs/heads/master.zip",
            16 * MB,
        ),
        {"recordings/*.wav": 3_000},
        strip=1,
        unpacked=22 * MB,
    ),
    Source(
        "esc50",
        ("audio_classification",),
        "https://github.com/karolpiczak/ESC-50",
        "CC BY-NC 3.0",
        "Piczak (2015), ESC: dataset for environmental sound classification, ACM Multimedia.",
        _one("esc50.zip", "https://github.com/karolpiczak/ESC-50/archive/refs/heads/master.zip", 645 * MB),
        {"audio/*.wav": 2_000, "meta/esc50.csv": 1},
        strip=1,
        unpacked=900 * MB,
    ),
    Source(
        "speech_commands",
        ("audio_classification",),
        "https://research.google/blog/launching-the-speech-commands-dataset/",
        "CC BY 4.0",
        "Warden (2018), Speech Commands: a dataset for limited-vocabulary speech recognition, arXiv:1804.03209.",
        _one(
            "speech_commands_v0.02.tar.gz",
            "https://storage.googleapis.com/download.tensorflow.org/data/speech_commands_v0.02.tar.gz",
            2_428_923_189,
            "sha256:af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
        ),
        {"*/*.wav": 105_829, "validation_list.txt": 1, "testing_list.txt": 1},
        unpacked=3_800 * MB,
        checksums_by="TensorFlow Datasets and torchaudio",
    ),
    _medmnist("pathmnist", "a8b06965200029087d5bd730944a56c1", 205_615_438),
    _medmnist("chestmnist", "02c8a6516a18b556561a56cbdd36c4a8", 83 * MB),
    _medmnist("dermamnist", "0744692d530f8e62ec473284d019b0c7", 20 * MB, "CC BY-NC 4.0"),
    _medmnist("octmnist", "c68d92d5b585d8d81f7112f81e2d0842", 55 * MB),
    _medmnist("pneumoniamnist", "28209eda62fecd6e6a2d98b1501bb15f", 4 * MB),
    _medmnist("retinamnist", "bd4c0672f1bba3e3a89f0e4e876791e4", 3 * MB),
    _medmnist("breastmnist", "750601b1f35ba3300ea97c75c52ff8f6", 600_000),
    _medmnist("bloodmnist", "7053d0359d879ad8a5505303e11de1dc", 35 * MB),
    _medmnist("tissuemnist", "ebe78ee8b05294063de985d821c1c34b", 125 * MB),
    _medmnist("organamnist", "68e3f8846a6bd62f0c9bf841c0d9eacc", 38 * MB),
    _medmnist("organcmnist", "b9ceb9546e10131b32923c5bbeaea2b1", 16 * MB),
    _medmnist("organsmnist", "9ab87b696fb54e2a387ebe992d6ed5f1", 17 * MB),
    Source(
        "fer2013",
        ("facial_expression",),
        "https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge",
        "rules of the competition",
        "Goodfellow et al. (2013), Challenges in representation learning, arXiv:1307.0414.",
        (),
        {"fer2013.csv": 1},
        others=(("icml_face_data.csv",), ("train/*/*", "test/*/*")),
        instructions="Sign in at the homepage, accept the rules of the competition, download fer2013.tar.gz from its "
        "page Data, and unpack fer2013.csv",
    ),
    Source(
        "ferplus",
        ("facial_expression",),
        "https://github.com/microsoft/FERPlus",
        "MIT",
        "Barsoum et al. (2016), Training deep networks for facial expression recognition with crowd-sourced label "
        "distribution, arXiv:1608.01041.",
        _one("fer2013new.csv", "https://raw.githubusercontent.com/microsoft/FERPlus/master/fer2013new.csv", 2 * MB),
        {"fer2013new.csv": 1},
    ),
    Source(
        "facial_expressions",
        ("facial_expression",),
        "https://github.com/muxspace/facial_expressions",
        "",
        "Muxspace (2016), facial_expressions: a set of images for classifying facial expressions, GitHub.",
        _one(
            "facial_expressions.zip",
            "https://github.com/muxspace/facial_expressions/archive/refs/heads/master.zip",
            300 * MB,
        ),
        {"legend.csv": 1, "images/*.[jp][pn]g": 12_000},
        strip=1,
        renamed={"data/legend.csv": "legend.csv"},
        unpacked=400 * MB,
    ),
    Source(
        "sign_language_digits",
        ("image_classification",),
        "https://github.com/ardamavi/Sign-Language-Digits-Dataset",
        "Apache-2.0",
        "Mavi (2020), A new dataset and proposed convolutional neural network architecture for classification of "
        "American Sign Language digits, arXiv:2011.08927.",
        _one(
            "sign_language_digits.zip",
            "https://github.com/ardamavi/Sign-Language-Digits-Dataset/archive/refs/heads/master.zip",
            11 * MB,
        ),
        {"[0-9]/*.JPG": 2_062},
        strip=2,
        unpacked=12 * MB,
    ),
    Source(
        "hymenoptera",
        ("image_classification",),
        "https://pytorch.org/tutorials/beginner/transfer_learning_tutorial.html",
        "",
        "Chilamkurthy (2017), Transfer learning for computer vision, PyTorch tutorials; photos of ImageNet: Deng et "
        "al. (2009), CVPR.",
        _one("hymenoptera.zip", "https://download.pytorch.org/tutorial/hymenoptera_data.zip", 47 * MB),
        {f"{part}/{label}/*.jpg": n for part, n in (("train", 120), ("val", 70)) for label in ("ants", "bees")},
        strip=1,
        unpacked=50 * MB,
    ),
    Source(
        "bccd",
        ("image_classification",),
        "https://github.com/Shenggan/BCCD_Dataset",
        "MIT",
        "Shenggan (2017), BCCD: a small dataset for the detection of blood cells, GitHub.",
        _one("bccd.zip", "https://github.com/Shenggan/BCCD_Dataset/archive/refs/heads/master.zip", 8 * MB),
        {"BCCD/JPEGImages/*.jpg": 364, "BCCD/Annotations/*.xml": 364, "BCCD/ImageSets/Main/*.txt": 4},
        strip=1,
        unpacked=10 * MB,
    ),
)

SOURCES: Mapping[str, Source] = MappingProxyType({record.name: record for record in _RECORDS})
"""All public data sets by name."""
