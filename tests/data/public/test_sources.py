"""Records of public datasets."""

from __future__ import annotations

import dataclasses
import re
from urllib.parse import urlsplit

import pytest

from visiontk.data.public.records import Source
from visiontk.data.public.sources import SOURCES, published
from visiontk.data.public.unpack import ARCHIVES, Members
from visiontk.errors import ConfigError

RECORDS = pytest.mark.parametrize("record", SOURCES.values(), ids=list(SOURCES))


@RECORDS
def test_a_record_has_a_homepage_and_a_citation(record: Source) -> None:
    """Every result can cite the source of its data."""
    assert record.homepage.startswith(("https://", "http://"))
    assert re.search(r"\((19|20)\d\d\)", record.citation)
    assert record.tasks
    assert record.files
    assert bool(record.remotes) != bool(record.instructions)


@RECORDS
def test_a_remote_file_has_addresses_a_size_and_a_well_formed_checksum(record: Source) -> None:
    """The record names the publisher of the checksums, if there are any."""
    for remote in record.remotes:
        assert remote.size > 1000
        assert remote.addresses
        assert all(urlsplit(address).scheme in ("http", "https") for address in remote.addresses)
        assert re.fullmatch(r"|md5:[0-9a-f]{32}|sha256:[0-9a-f]{64}", remote.checksum)
    assert bool(record.checksums_by) == any(remote.checksum for remote in record.remotes)


@RECORDS
def test_unencrypted_downloads_have_a_checksum(record: Source) -> None:
    """They could be modified during the transfer."""
    for remote in record.remotes:
        assert remote.checksum or all(address.startswith("https://") for address in remote.addresses)


@RECORDS
def test_the_expected_files_are_downloaded_or_extracted(record: Source) -> None:
    """Each is a remote file or a member of an archive with known extracted size."""
    plain = {remote.name for remote in record.remotes if not remote.name.endswith(ARCHIVES)}
    packed = [remote for remote in record.remotes if remote.name.endswith(ARCHIVES)]
    assert bool(record.unpacked) == bool(packed)
    if record.remotes and not packed:
        assert set(record.files) == plain


def test_no_two_remote_files_have_the_same_checksum() -> None:
    """It would be a mistake in copying."""
    sums = [remote.checksum for record in SOURCES.values() for remote in record.remotes if remote.checksum]

    assert len(sums) == len(set(sums))


def test_records_are_immutable() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        published("mnist").licence = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        SOURCES["mnist"] = published("mr")  # type: ignore[index]


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'pneumoniamnist'"):
        published("pneumonia_mnist")


@pytest.mark.parametrize(
    ("name", "member", "expected"),
    [
        ("mr", "rt-polaritydata/rt-polarity.pos", "rt-polarity.pos"),
        ("mr", "rt-polaritydata.README.1.0.txt", ""),
        ("cifar10", "cifar-10-batches-bin/data_batch_3.bin", "cifar-10-batches-bin/data_batch_3.bin"),
        ("cifar10", "cifar-10-batches-bin/readme.html", ""),
        ("imdb", "aclImdb/train/pos/0_9.txt", "aclImdb/train/pos/0_9.txt"),
        ("imdb", "aclImdb/train/unsup/0_0.txt", ""),
        ("fsdd", "free-spoken-digit-dataset-master/recordings/0_george_0.wav", "recordings/0_george_0.wav"),
        ("esc50", "ESC-50-master/meta/esc50.csv", "meta/esc50.csv"),
        ("speech_commands", "./backward/0165e0e8_nohash_0.wav", "backward/0165e0e8_nohash_0.wav"),
        ("speech_commands", "./testing_list.txt", "testing_list.txt"),
        ("facial_expressions", "facial_expressions-master/data/legend.csv", "legend.csv"),
        ("facial_expressions", "facial_expressions-master/images/Al_Gore_0001.jpg", "images/Al_Gore_0001.jpg"),
        ("bccd", "BCCD_Dataset-master/BCCD/ImageSets/Main/train.txt", "BCCD/ImageSets/Main/train.txt"),
        ("bccd", "BCCD_Dataset-master/example.jpg", ""),
        ("sign_language_digits", "Sign-Language-Digits-Dataset-master/Dataset/3/IMG_1121.JPG", "3/IMG_1121.JPG"),
        ("sign_language_digits", "Sign-Language-Digits-Dataset-master/Examples/example_0.JPG", ""),
        ("hymenoptera", "hymenoptera_data/val/bees/10870992_eebeeb3a12.jpg", "val/bees/10870992_eebeeb3a12.jpg"),
        ("hymenoptera", "hymenoptera_data/train/ants/imageNotFound.gif", ""),
    ],
)
def test_archive_members_get_the_names_that_tasks_read(name: str, member: str, expected: str) -> None:
    """For the layouts of the published archives."""
    record = published(name)

    assert Members(tuple(record.files), record.strip, record.renamed).name(member) == expected
