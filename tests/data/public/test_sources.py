"""The records of public data sets."""

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
def test_a_record_says_where_from_and_whom_to_cite(record: Source) -> None:
    """Nobody should have to search for the source of a result."""
    assert record.homepage.startswith(("https://", "http://"))
    assert re.search(r"\((19|20)\d\d\)", record.citation)
    assert record.tasks
    assert record.files
    assert bool(record.remotes) != bool(record.instructions)


@RECORDS
def test_a_remote_file_has_addresses_a_size_and_a_checksum_that_can_be_one(record: Source) -> None:
    """Who published the sums is named where there are any."""
    for remote in record.remotes:
        assert remote.size > 1000
        assert remote.addresses
        assert all(urlsplit(address).scheme in ("http", "https") for address in remote.addresses)
        assert re.fullmatch(r"|md5:[0-9a-f]{32}|sha256:[0-9a-f]{64}", remote.checksum)
    assert bool(record.checksums_by) == any(remote.checksum for remote in record.remotes)


@RECORDS
def test_what_comes_unencrypted_is_checked(record: Source) -> None:
    """Anybody on the way could change it."""
    for remote in record.remotes:
        assert remote.checksum or all(address.startswith("https://") for address in remote.addresses)


@RECORDS
def test_the_files_that_are_expected_can_arrive(record: Source) -> None:
    """Each is fetched as it is or comes out of an archive, whose unpacked size is known."""
    plain = {remote.name for remote in record.remotes if not remote.name.endswith(ARCHIVES)}
    packed = [remote for remote in record.remotes if remote.name.endswith(ARCHIVES)]
    assert bool(record.unpacked) == bool(packed)
    if record.remotes and not packed:
        assert set(record.files) == plain


def test_no_two_remote_files_have_one_checksum() -> None:
    """A slip of copying."""
    sums = [remote.checksum for record in SOURCES.values() for remote in record.remotes if remote.checksum]

    assert len(sums) == len(set(sums))


def test_records_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        published("mnist").licence = "mine"  # type: ignore[misc]
    with pytest.raises(TypeError):
        SOURCES["mnist"] = published("mr")  # type: ignore[index]


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
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
    ],
)
def test_members_of_the_archives_get_the_names_that_tasks_read(name: str, member: str, expected: str) -> None:
    """As the archives are laid out by their publishers."""
    record = published(name)

    assert Members(tuple(record.files), record.strip, record.renamed).name(member) == expected
