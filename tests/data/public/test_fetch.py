"""Downloads of public datasets from a local HTTP server that can be told to fail."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visiontk.data.public import sources
from visiontk.data.public.fetch import fetch, present
from visiontk.data.public.locations import require
from visiontk.data.public.records import Remote, Source
from visiontk.errors import BusyError, ConfigError, DataError, EnvironmentFault, StoreError, VisiontkError

CONTENT = np.random.default_rng(0).bytes(700_000)


@dataclass
class Site:
    """State of the server: the files it offers, the faults it simulates, and the requests it received."""

    files: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    tagged: bool = True
    chunked: bool = False
    cut_after: list[int] = field(default_factory=list)
    """Bytes of the body after which the connection is dropped, one value for each response."""
    statuses: list[int] = field(default_factory=list)
    shift: int = 0
    """Bytes by which a range begins later than requested."""
    encoding: str = ""
    slow_s: float = 0.0
    """Pause after each 64 KiB."""
    requests: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, site: Site, *arguments: Any) -> None:
        self.site = site
        super().__init__(*arguments)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass

    def do_GET(self) -> None:
        site, name = self.site, self.path.lstrip("/")
        range_header = self.headers.get("Range", "")
        site.requests.append((name, range_header))
        self.close_connection = True
        if site.statuses:
            self._respond(site.statuses.pop(0), b"")
            return
        if name not in site.files:
            self._respond(404, b"no such file")
            return
        content = site.files[name]
        tag = f'"{hashlib.md5(content).hexdigest()}"' if site.tagged else ""
        start = int(re.fullmatch(r"bytes=(\d+)-", range_header)[1]) if range_header and site.ranges else 0
        if self.headers.get("If-Range", tag) != tag:
            start = 0
        if start and start >= len(content):
            self._respond(416, b"", {"Content-Range": f"bytes */{len(content)}"})
            return
        start += site.shift if start else 0
        headers = {"ETag": tag} if tag else {}
        if site.encoding:
            headers["Content-Encoding"] = site.encoding
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._respond(206 if start else 200, content[start:], headers)

    def _respond(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        if self.site.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        end = self.site.cut_after.pop(0) if body and self.site.cut_after else len(body)
        if self.site.chunked:
            if end:
                self.wfile.write(b"%x\r\n%s\r\n" % (end, body[:end]))
            if end == len(body):
                self.wfile.write(b"0\r\n\r\n")
            return
        for place in range(0, end, 1 << 16):
            self.wfile.write(body[place : min(end, place + (1 << 16))])
            if self.site.slow_s:
                time.sleep(self.site.slow_s)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Site]:
    """A server on the loopback interface and an empty data folder."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("VISIONTK_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("visiontk.data.public.download.PAUSE_S", 0)
    state = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, state))
    state.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def register(monkeypatch: pytest.MonkeyPatch, site: Site, content: bytes = CONTENT, **changes: Any) -> Source:
    """Register a dataset of one file that the server offers."""
    name = changes.pop("file", "a.bin")
    checksum = changes.pop("checksum", f"md5:{hashlib.md5(content).hexdigest()}")
    site.files[name] = content
    source = Source(
        "toy",
        ("image_classification",),
        "https://example.org",
        "CC0",
        "Author (2000).",
        (Remote(name, (f"{site.address}/{name}",), len(content), checksum),),
        {name: 1},
        checksums_by="the publisher",
    )
    source = replace(source, **changes)
    monkeypatch.setattr(sources, "SOURCES", {"toy": source})
    return source


def error_of_fetch(kind: type[VisiontkError] = EnvironmentFault) -> VisiontkError:
    with pytest.raises(kind) as caught:
        fetch("toy")
    return caught.value


def limit_disk(monkeypatch: pytest.MonkeyPatch, suffix: str, n_bytes: int) -> list[int]:
    """Let files with this suffix be written up to `n_bytes` in total; return the remaining bytes in a list."""
    real = Path.open
    room = [n_bytes]

    class Full(io.FileIO):
        def write(self, piece: Any) -> int:
            room[0] -= len(piece)
            if room[0] < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(piece)

    def opened(path: Path, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        return Full(path, mode) if path.suffix == suffix else real(path, mode, *arguments, **options)

    monkeypatch.setattr(Path, "open", opened)
    return room


def contents_of(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*")) if folder.exists() else []


def test_a_file_is_downloaded_completely_and_no_temporary_file_remains(site, monkeypatch, tmp_path):
    """The data folder contains the published files only."""
    register(monkeypatch, site)

    result = fetch("toy")

    assert result == (tmp_path / "data" / "toy", True)
    assert (result.folder / "a.bin").read_bytes() == CONTENT
    assert contents_of(tmp_path / "data") == ["toy", "toy/a.bin"]


def test_a_downloaded_dataset_is_not_fetched_again(site, monkeypatch):
    """The second call sends no request."""
    register(monkeypatch, site)
    fetch("toy")

    assert fetch("toy").new is False
    assert len(site.requests) == 1


def test_progress_is_reported(site, monkeypatch):
    """The reported number of bytes grows and ends with the size."""
    register(monkeypatch, site)
    reports: list[tuple[str, int, int | None]] = []

    fetch("toy", progress=lambda *report: reports.append(report))

    assert reports[-1] == ("a.bin", len(CONTENT), len(CONTENT))
    assert [report[1] for report in reports] == sorted(report[1] for report in reports)


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("tagged", [True, False])
def test_an_interrupted_transfer_resumes(site, monkeypatch, chunked, tagged):
    """The second request asks for the missing bytes only."""
    register(monkeypatch, site)
    site.cut_after, site.chunked, site.tagged = [300_000], chunked, tagged

    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT
    assert site.requests[0] == ("a.bin", "")
    assert len(site.requests) == 2
    start = int(re.fullmatch(r"bytes=(\d+)-", site.requests[1][1])[1])
    assert 0 < start <= 300_000


def test_a_later_call_resumes_an_earlier_one(site, monkeypatch, tmp_path):
    """Four interruptions end a call; its partial file is stored outside the dataset folder."""
    register(monkeypatch, site)
    site.cut_after = [270_000, 10, 10, 10]

    error = error_of_fetch()

    assert error.error_id == "E-FETCH-BROKEN"
    assert "resumes" in error.hint
    assert not (tmp_path / "data" / "toy").exists()
    before = len(site.requests)
    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT
    assert site.requests[before][1].startswith("bytes=2")
    assert contents_of(tmp_path / "data") == ["toy", "toy/a.bin"]


def test_without_range_support_the_whole_file_is_fetched_again(site, monkeypatch):
    """The parts of two transfers are not concatenated."""
    register(monkeypatch, site)
    site.ranges, site.cut_after = False, [300_000]

    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT
    assert len(site.requests) == 2


def test_a_response_with_another_range_is_discarded(site, monkeypatch):
    """The whole file is fetched again."""
    register(monkeypatch, site, checksum="")
    site.shift, site.cut_after = 7, [300_000]

    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT
    assert [bool(header) for _, header in site.requests] == [False, True, False]


def test_a_compressed_file_is_stored_as_it_is(site, monkeypatch):
    """Some servers send a .gz file with Content-Encoding: gzip, although it must not be decompressed."""
    import gzip

    packed = gzip.compress(CONTENT)
    register(monkeypatch, site, packed, file="a.gz")
    site.encoding = "gzip"

    assert (fetch("toy").folder / "a.gz").read_bytes() == packed


def test_without_checksum_and_etag_a_transfer_restarts(site, monkeypatch):
    """Otherwise a mix of two versions would go unnoticed."""
    register(monkeypatch, site, checksum="")
    site.tagged, site.cut_after = False, [300_000]

    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT
    assert [header for _, header in site.requests] == ["", ""]


@pytest.mark.parametrize("known", [True, False])
def test_a_file_that_changes_between_two_attempts_is_fetched_again(site, monkeypatch, known):
    """The change is detected by the checksum or by the ETag of the server."""
    register(monkeypatch, site, **({} if known else {"checksum": ""}))
    site.files["a.bin"], site.tagged, site.cut_after = bytes(700_000), not known, [300_000, 5, 5, 5]
    error_of_fetch()
    site.files["a.bin"] = CONTENT

    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT


def test_a_complete_but_unchecked_file_is_not_fetched_again(site, monkeypatch, tmp_path):
    """As after a process that ended before it computed the checksum."""
    register(monkeypatch, site)
    stage = tmp_path / "data" / ".toy.fetch"
    stage.mkdir(parents=True)
    (stage / "a.bin.part").write_bytes(CONTENT)

    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT
    assert site.requests == [("a.bin", f"bytes={len(CONTENT)}-")]


def test_a_wrong_checksum_is_reported_and_the_file_removed(site, monkeypatch, tmp_path):
    """The message has both checksums; no partial file remains."""
    register(monkeypatch, site, checksum=f"md5:{'0' * 32}")

    error = error_of_fetch()

    assert error.error_id == "E-FETCH-CHECKSUM"
    assert f"md5:{'0' * 32} (from the publisher)" in str(error)
    assert f"md5:{hashlib.md5(CONTENT).hexdigest()}" in str(error)
    assert "removed" in error.hint
    assert contents_of(tmp_path / "data") == []


def test_the_second_address_is_used_if_the_first_fails(site, monkeypatch):
    """The publisher's own server may be offline."""
    source = register(monkeypatch, site)
    (remote,) = source.remotes
    register(monkeypatch, site, remotes=(replace(remote, addresses=(f"{site.address}/missing", *remote.addresses)),))

    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("status", [404, 403, 410])
def test_a_missing_remote_file_is_reported(site, monkeypatch, tmp_path, status):
    """The message has the status; the request is not repeated."""
    register(monkeypatch, site)
    site.statuses = [status]

    error = error_of_fetch()

    assert (error.error_id, error.exit_code) == ("E-FETCH-STATUS", 6)
    assert f"answers {status}" in str(error)
    assert len(site.requests) == 1
    assert contents_of(tmp_path / "data") == []


def test_a_request_to_a_busy_server_is_repeated(site, monkeypatch):
    """Status 503 and 429 are temporary."""
    register(monkeypatch, site)
    site.statuses = [503, 429]

    assert fetch("toy").new


def test_a_refused_connection_is_reported_in_one_sentence(site, monkeypatch):
    """Without names of Python classes or addresses of objects."""
    source = register(monkeypatch, site)
    register(monkeypatch, site, remotes=(replace(source.remotes[0], addresses=("http://127.0.0.1:9/a.bin",)),))

    error = error_of_fetch()

    assert (error.error_id, error.exit_code) == ("E-FETCH-NETWORK", 6)
    assert "cannot be reached: connection refused." in str(error)


def test_an_unknown_host_is_reported_in_one_sentence(site, monkeypatch):
    """The host name has a reserved top-level domain, which never resolves."""
    import socket

    def unknown(*arguments: Any, **options: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    source = register(monkeypatch, site)
    register(monkeypatch, site, remotes=(replace(source.remotes[0], addresses=("http://data.invalid/a.bin",)),))
    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert "unknown host name" in str(error_of_fetch())


def test_a_response_that_is_far_too_large_is_refused_before_it_is_written(site, monkeypatch, tmp_path):
    """By the announced length, or during the transfer if none is announced."""
    monkeypatch.setattr("visiontk.data.public.fetch._SPARE", 1000)
    source = register(monkeypatch, site)
    register(monkeypatch, site, remotes=(replace(source.remotes[0], size=1000),))

    for site.chunked in (False, True):
        error = error_of_fetch()
        assert error.error_id == "E-FETCH-SIZE"
        assert contents_of(tmp_path / "data") == []


def test_a_fetch_interrupted_by_ctrl_c_leaves_no_data_and_resumes(site, monkeypatch, tmp_path):
    """The interruption comes in the middle of a transfer."""
    register(monkeypatch, site)

    def stop(name: str, there: int, total: int | None) -> None:
        if there > 200_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch("toy", progress=stop)

    assert not (tmp_path / "data" / "toy").exists()
    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT
    assert site.requests[1][1].startswith("bytes=")


def test_a_full_disk_has_its_exit_code_and_the_fetch_resumes(site, monkeypatch, tmp_path):
    """The bytes written so far are used again."""
    register(monkeypatch, site)
    room = limit_disk(monkeypatch, ".part", 400_000)

    error = error_of_fetch(StoreError)
    room[0] = 10**9

    assert (error.error_id, error.exit_code) == ("E-IO-FULL", 74)
    assert not (tmp_path / "data" / "toy").exists()
    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT
    assert site.requests[1][1].startswith("bytes=")


def test_insufficient_disk_space_is_reported_before_the_first_request(site, monkeypatch):
    """The message has the required space."""
    register(monkeypatch, site, unpacked=10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 10, 300_000))

    error = error_of_fetch(StoreError)

    assert error.error_id == "E-IO-FULL"
    assert "1,001 MB" in str(error)
    assert not site.requests


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_read_only_folder_is_reported(site, monkeypatch, number):
    """The hint names the variable that selects another folder."""
    register(monkeypatch, site)

    def denied(*arguments: Any, **options: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", denied)

    error = error_of_fetch()

    assert (error.error_id, error.exit_code) == ("E-FETCH-READONLY", 6)
    assert "VISIONTK_DATA" in error.hint
    assert not site.requests


def test_files_of_the_user_are_not_overwritten(site, monkeypatch, tmp_path):
    """A non-empty folder without the published files is refused, with the missing files."""
    register(monkeypatch, site)
    own_file = tmp_path / "data" / "toy" / "own.txt"
    own_file.parent.mkdir(parents=True)
    own_file.write_text("own")

    error = error_of_fetch()

    assert error.error_id == "E-FETCH-OCCUPIED"
    assert "without a.bin" in str(error)
    assert not site.requests
    own_file.unlink()
    assert fetch("toy").new  # an empty folder is used


def test_a_second_process_that_fetches_the_same_dataset_is_refused(site, monkeypatch, tmp_path):
    """The lock is released by the kernel when its process ends."""
    from filelock import FileLock

    register(monkeypatch, site)
    stage = tmp_path / "data" / ".toy.fetch"
    stage.mkdir(parents=True)
    with FileLock(stage / "lock"):
        error = error_of_fetch(BusyError)

    assert (error.error_id, error.exit_code) == ("E-FETCH-BUSY", 75)
    assert fetch("toy").new


def test_data_that_need_a_registration_have_instructions(site, monkeypatch, tmp_path):
    """No request is sent."""
    register(monkeypatch, site, remotes=(), instructions="Sign in, and put a.bin")

    error = error_of_fetch()

    assert (error.error_id, error.exit_code) == ("E-FETCH-REGISTER", 6)
    assert error.hint == f"Sign in, and put a.bin into {tmp_path / 'data' / 'toy'}."
    assert not site.requests


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'fashion_mnist'"):
        fetch("fashion_mnst")


def test_missing_files_of_a_public_dataset_suggest_the_command(monkeypatch, tmp_path):
    """The command comes before manual instructions."""
    monkeypatch.setenv("VISIONTK_DATA", str(tmp_path))

    with pytest.raises(DataError) as caught:
        require("cifar10/cifar-10-batches-bin", "test_batch.bin", homepage="https://example.org")

    assert caught.value.hint.startswith("visiontk data fetch cifar10 gets them.")
    with pytest.raises(DataError) as caught:
        require("fer2013", "fer2013.csv", homepage="https://example.org")
    assert caught.value.hint.startswith("visiontk data fetch fer2013 says how to get them.")


def zipped(members: dict[str, bytes], *, link: str = "") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        if link:
            info = zipfile.ZipInfo(link)
            info.external_attr = 0o120777 << 16
            archive.writestr(info, "/etc/passwd")
    return stream.getvalue()


def tarred(members: dict[str, bytes], *, links: dict[str, tuple[bytes, str]] | None = None) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name, (kind, target) in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            archive.addfile(info)
    return stream.getvalue()


def register_archive(monkeypatch: pytest.MonkeyPatch, site: Site, content: bytes, kind: str, **changes: Any) -> Source:
    return register(
        monkeypatch,
        site,
        content,
        file=f"a.{kind}",
        **{"files": {"x/*.txt": 2, "y.csv": 1}, "strip": 1, "unpacked": 1000, "renamed": {"old/y.csv": "y.csv"}}
        | changes,
    )


GOOD = {"top/x/1.txt": b"1", "top/x/2.txt": b"2", "top/old/y.csv": b"y", "top/junk.exe": b"j", "top/x/sub/": b""}


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_the_published_files_are_extracted_from_an_archive(site, monkeypatch, tmp_path, kind):
    """The enclosing folder is stripped, files are renamed as the record says, and the archive is deleted."""
    pack = zipped if kind == "zip" else tarred
    members = {name: content for name, content in GOOD.items() if not name.endswith("/")}
    register_archive(monkeypatch, site, pack(members), kind)

    result = fetch("toy")

    assert contents_of(tmp_path / "data") == ["toy", "toy/x", "toy/x/1.txt", "toy/x/2.txt", "toy/y.csv"]
    assert (result.folder / "y.csv").read_bytes() == b"y"


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
@pytest.mark.parametrize(
    "name", ["../evil.txt", "top/x/../../../evil.txt", "/tmp/evil.txt", "C:/evil.txt", "top\\..\\..\\evil.txt"]
)
def test_an_archive_with_a_member_outside_the_folder_is_refused(site, monkeypatch, tmp_path, kind, name):
    """No member is extracted, even if the unsafe one would be ignored."""
    pack = zipped if kind == "zip" else tarred
    register_archive(
        monkeypatch, site, pack({"top/x/1.txt": b"1", "top/x/2.txt": b"2", "top/y.csv": b"", name: b"evil"}), kind
    )

    error = error_of_fetch()

    assert error.error_id == "E-FETCH-UNSAFE"
    assert not list(tmp_path.rglob("*evil*"))
    assert contents_of(tmp_path / "data") == []


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_a_published_member_of_a_tar_must_be_a_regular_file(site, monkeypatch, tmp_path, kind):
    """Links, pipes and devices are never created."""
    register_archive(
        monkeypatch, site, tarred({"top/x/1.txt": b"1"}, links={"top/x/2.txt": (kind, "/etc/passwd")}), "tar.gz"
    )

    assert error_of_fetch().error_id == "E-FETCH-UNSAFE"
    assert contents_of(tmp_path / "data") == []


def test_a_published_member_of_a_zip_must_be_a_regular_file(site, monkeypatch, tmp_path):
    register_archive(monkeypatch, site, zipped({"top/x/1.txt": b"1"}, link="top/x/2.txt"), "zip")

    assert error_of_fetch().error_id == "E-FETCH-UNSAFE"
    assert contents_of(tmp_path / "data") == []


def test_a_partial_extraction_of_a_killed_process_is_repeated(site, monkeypatch, tmp_path):
    """Truncated files must not become data."""
    half = tmp_path / "data" / ".toy.fetch" / "ready" / "x" / "1.txt"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"")
    (half.parent / "other.txt").touch()
    members = {name: content for name, content in GOOD.items() if not name.endswith("/")}
    register_archive(monkeypatch, site, zipped(members), "zip")

    folder = fetch("toy").folder

    assert contents_of(folder) == ["x", "x/1.txt", "x/2.txt", "y.csv"]
    assert (folder / "x" / "1.txt").read_bytes() == b"1"


def test_links_among_unused_members_are_ignored(site, monkeypatch):
    """Archives of repositories contain some."""
    links = {"top/latest": (tarfile.SYMTYPE, "x"), "top/x": (tarfile.DIRTYPE, "")}
    members = {name: content for name, content in GOOD.items() if not name.endswith("/")}
    register_archive(monkeypatch, site, tarred(members, links=links), "tar.gz")

    assert contents_of(fetch("toy").folder) == ["x", "x/1.txt", "x/2.txt", "y.csv"]


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize("name", ["top/x/3.txt", "top/unused"])
def test_a_decompression_bomb_is_stopped(site, monkeypatch, tmp_path, pack, name):
    """Unused members count in a tar, where they are decompressed too; in a zip they are not read."""
    monkeypatch.setattr("visiontk.data.public.fetch._SPARE", 1_000_000)
    bomb = pack({"top/x/1.txt": b"1", "top/x/2.txt": b"2", "top/y.csv": b"", name: bytes(30_000_000)})
    assert len(bomb) < 100_000
    register_archive(monkeypatch, site, bomb, "zip" if pack is zipped else "tar.gz")

    if pack is zipped and name == "top/unused":
        assert fetch("toy").new
        return
    error = error_of_fetch()
    assert error.error_id == "E-FETCH-UNSAFE"
    assert "more than the expected" in str(error)
    assert contents_of(tmp_path / "data") == []


def test_two_members_of_one_name_are_refused(site, monkeypatch):
    """It would be ambiguous which of them is the published file."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name in ("top/x/1.txt", "top/x/1.txt", "top/y.csv"):
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    register_archive(monkeypatch, site, stream.getvalue(), "tar.gz")

    assert "two members have the name x/1.txt" in str(error_of_fetch())


@pytest.mark.parametrize("share", [0.3, 0.9, 0.99])
@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_a_damaged_archive_is_reported_and_removed(site, monkeypatch, tmp_path, kind, share):
    """Truncated at several places, without a checksum that would detect it earlier."""
    pack = zipped if kind == "zip" else tarred
    whole = pack({"top/x/1.txt": CONTENT, "top/x/2.txt": b"2", "top/y.csv": b""})
    register_archive(monkeypatch, site, whole[: int(len(whole) * share)], kind, checksum="", unpacked=10**6)

    error = error_of_fetch()

    assert error.error_id == "E-FETCH-CONTENT"
    assert contents_of(tmp_path / "data") == []


def test_an_html_page_instead_of_an_archive_is_reported(site, monkeypatch):
    """As from a server that requires a login."""
    register_archive(monkeypatch, site, b"<html>log in</html>", "zip", checksum="")

    assert error_of_fetch().error_id == "E-FETCH-CONTENT"


def test_an_archive_without_all_published_files_is_refused(site, monkeypatch, tmp_path):
    """The message has each pattern with the number of files."""
    register_archive(monkeypatch, site, zipped({"top/x/1.txt": b"1"}), "zip")

    error = error_of_fetch()

    assert error.error_id == "E-FETCH-CONTENT"
    assert "1 of 2 x/*.txt, 0 of 1 y.csv" in str(error)
    assert contents_of(tmp_path / "data") == []


def test_a_damaged_member_is_detected_by_its_checksum(site, monkeypatch):
    """A zip stores a checksum of each member."""
    whole = bytearray(zipped({"top/x/1.txt": CONTENT}))
    whole[2000] ^= 1
    register_archive(monkeypatch, site, bytes(whole), "zip", checksum="", unpacked=10**6)

    assert error_of_fetch().error_id == "E-FETCH-CONTENT"


def test_a_full_disk_during_extraction_does_not_delete_the_archive(site, monkeypatch, tmp_path):
    """The next call extracts it without a second download."""
    members = {name: content for name, content in GOOD.items() if not name.endswith("/")}
    register_archive(monkeypatch, site, zipped(members), "zip")

    with monkeypatch.context() as patch:
        limit_disk(patch, ".txt", 0)
        assert error_of_fetch(StoreError).error_id == "E-IO-FULL"

    assert not (tmp_path / "data" / "toy").exists()
    assert fetch("toy").new
    assert len(site.requests) == 1


def test_a_dataset_of_several_files_appears_only_when_complete(site, monkeypatch, tmp_path):
    """If the second file fails there is no folder, and the first is not fetched again."""
    source = register(monkeypatch, site)
    second = Remote("b.bin", (f"{site.address}/b.bin",), 3)
    register(monkeypatch, site, remotes=(*source.remotes, second), files={"a.bin": 1, "b.bin": 1})
    assert error_of_fetch().error_id == "E-FETCH-STATUS"
    assert not (tmp_path / "data" / "toy").exists()
    site.files["b.bin"] = b"new"

    assert contents_of(fetch("toy").folder) == ["a.bin", "b.bin"]
    assert [name for name, _ in site.requests] == ["a.bin", "b.bin", "b.bin"]


def test_alternative_forms_of_a_dataset_count_as_present(tmp_path, monkeypatch):
    """Such as mnist.npz instead of the IDX files."""
    record = sources.published("mnist")
    assert not present(record, tmp_path)

    (tmp_path / "mnist.npz").touch()

    assert present(record, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_process_leaves_no_data_and_the_same_command_resumes(site, monkeypatch, tmp_path, number):
    """The command runs in a separate process, which is stopped in the middle of a transfer."""
    source = register(monkeypatch, site)
    code = f"""
from visiontk.cli import main
from visiontk.data.public import sources
from visiontk.data.public.records import Remote, Source
remotes = {source.remotes!r}
sources.SOURCES = {{"toy": Source("toy", ("a",), "https://example.org", "", "N (2000).", remotes, {{"a.bin": 1}})}}
main(["data", "fetch", "toy"])
"""
    site.slow_s = 0.2
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    part = tmp_path / "data" / ".toy.fetch" / "a.bin.part"
    until = time.monotonic() + 30
    while not (part.exists() and part.stat().st_size) and time.monotonic() < until:
        time.sleep(0.01)

    child.send_signal(number)
    out, err = child.communicate(timeout=30)

    assert child.returncode == {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}[number]
    assert out == ""
    assert number == signal.SIGKILL or "the same command resumes" in err
    assert not (tmp_path / "data" / "toy").exists()
    site.slow_s = 0
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (again.returncode, again.stderr) == (0, "a.bin  0.7 MB of 0.7 MB\n")
    assert (tmp_path / "data" / "toy" / "a.bin").read_bytes() == CONTENT
    assert site.requests[-1][1].startswith("bytes=")
