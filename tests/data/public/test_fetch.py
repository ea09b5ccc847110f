"""Public data over a real connection: a small HTTP server on this machine that misbehaves on request."""

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
    """What the server offers, how it misbehaves, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    tagged: bool = True
    chunked: bool = False
    cut_after: list[int] = field(default_factory=list)
    """Bytes of the body after which a connection is dropped, one for each of the next answers."""
    statuses: list[int] = field(default_factory=list)
    shift: int = 0
    """How many bytes later than asked a range begins."""
    encoding: str = ""
    slow_s: float = 0.0
    """After each 64 KiB."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, site: Site, *given: Any) -> None:
        self.site = site
        super().__init__(*given)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass

    def do_GET(self) -> None:
        site, name = self.site, self.path.lstrip("/")
        wanted = self.headers.get("Range", "")
        site.asked.append((name, wanted))
        self.close_connection = True
        if site.statuses:
            self._answer(site.statuses.pop(0), b"")
            return
        if name not in site.files:
            self._answer(404, b"no such file")
            return
        content = site.files[name]
        tag = f'"{hashlib.md5(content).hexdigest()}"' if site.tagged else ""
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted and site.ranges else 0
        if self.headers.get("If-Range", tag) != tag:
            start = 0
        if start and start >= len(content):
            self._answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
            return
        start += site.shift if start else 0
        headers = {"ETag": tag} if tag else {}
        if site.encoding:
            headers["Content-Encoding"] = site.encoding
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._answer(206 if start else 200, content[start:], headers)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
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
    """A server on the loopback, and an empty folder for data."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("VISIONTK_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("visiontk.data.public.download.PAUSE_S", 0)
    made = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, made))
    made.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def offer(monkeypatch: pytest.MonkeyPatch, site: Site, content: bytes = CONTENT, **changes: Any) -> Source:
    """One file, in one data set, offered by the server."""
    name = changes.pop("file", "a.bin")
    checksum = changes.pop("checksum", f"md5:{hashlib.md5(content).hexdigest()}")
    site.files[name] = content
    made = Source(
        "toy",
        ("image_classification",),
        "https://example.org",
        "CC0",
        "Nobody (2000).",
        (Remote(name, (f"{site.address}/{name}",), len(content), checksum),),
        {name: 1},
        checksums_by="the publisher",
    )
    made = replace(made, **changes)
    monkeypatch.setattr(sources, "SOURCES", {"toy": made})
    return made


def refused(kind: type[VisiontkError] = EnvironmentFault) -> VisiontkError:
    with pytest.raises(kind) as caught:
        fetch("toy")
    return caught.value


def below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*")) if folder.exists() else []


def test_a_file_arrives_whole_and_nothing_else_stays(site, monkeypatch, tmp_path):
    """The folder has the published files and nothing lies beside it."""
    offer(monkeypatch, site)

    found = fetch("toy")

    assert found == (tmp_path / "data" / "toy", True)
    assert (found.folder / "a.bin").read_bytes() == CONTENT
    assert below(tmp_path / "data") == ["toy", "toy/a.bin"]


def test_what_is_there_is_not_fetched_again(site, monkeypatch):
    """The server is asked once."""
    offer(monkeypatch, site)
    fetch("toy")

    assert fetch("toy").new is False
    assert len(site.asked) == 1


def test_progress_is_told(site, monkeypatch):
    """It grows, and ends with the size."""
    offer(monkeypatch, site)
    told: list[tuple[str, int, int | None]] = []

    fetch("toy", progress=lambda *report: told.append(report))

    assert told[-1] == ("a.bin", len(CONTENT), len(CONTENT))
    assert [report[1] for report in told] == sorted(report[1] for report in told)


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("tagged", [True, False])
def test_a_broken_transfer_goes_on_where_it_stopped(site, monkeypatch, chunked, tagged):
    """The second request asks for the rest only."""
    offer(monkeypatch, site)
    site.cut_after, site.chunked, site.tagged = [300_000], chunked, tagged

    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT
    assert site.asked[0] == ("a.bin", "")
    assert len(site.asked) == 2
    start = int(re.fullmatch(r"bytes=(\d+)-", site.asked[1][1])[1])
    assert 0 < start <= 300_000


def test_a_later_call_goes_on_where_an_earlier_one_stopped(site, monkeypatch, tmp_path):
    """Four breaks end a call; what it got is kept, but not where data are looked for."""
    offer(monkeypatch, site)
    site.cut_after = [270_000, 10, 10, 10]

    error = refused()

    assert error.error_id == "E-FETCH-BROKEN"
    assert "resumes" in error.hint
    assert not (tmp_path / "data" / "toy").exists()
    before = len(site.asked)
    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT
    assert site.asked[before][1].startswith("bytes=2")
    assert below(tmp_path / "data") == ["toy", "toy/a.bin"]


def test_a_server_without_ranges_sends_everything_again(site, monkeypatch):
    """The two halves are not glued together."""
    offer(monkeypatch, site)
    site.ranges, site.cut_after = False, [300_000]

    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT
    assert len(site.asked) == 2


def test_a_server_that_sends_another_range_is_not_believed(site, monkeypatch):
    """Everything is fetched again."""
    offer(monkeypatch, site, checksum="")
    site.shift, site.cut_after = 7, [300_000]

    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT
    assert [bool(wanted) for _, wanted in site.asked] == [False, True, False]


def test_a_packed_file_stays_packed(site, monkeypatch):
    """Some servers call a .gz file encoded, as if it were to be unpacked on the way."""
    import gzip

    packed = gzip.compress(CONTENT)
    offer(monkeypatch, site, packed, file="a.gz")
    site.encoding = "gzip"

    assert (fetch("toy").folder / "a.gz").read_bytes() == packed


def test_without_checksum_and_tag_a_transfer_begins_anew(site, monkeypatch):
    """Nothing would show that the halves are of two versions."""
    offer(monkeypatch, site, checksum="")
    site.tagged, site.cut_after = False, [300_000]

    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT
    assert [wanted for _, wanted in site.asked] == ["", ""]


@pytest.mark.parametrize("known", [True, False])
def test_a_file_that_is_exchanged_between_two_attempts_is_not_mixed(site, monkeypatch, known):
    """The checksum tells, and everything is fetched again; or the server says so by its tag."""
    offer(monkeypatch, site, **({} if known else {"checksum": ""}))
    site.files["a.bin"], site.tagged, site.cut_after = bytes(700_000), not known, [300_000, 5, 5, 5]
    refused()
    site.files["a.bin"] = CONTENT

    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT


def test_a_file_that_is_complete_but_was_not_yet_checked_is_not_fetched_again(site, monkeypatch, tmp_path):
    """The process ended between the last byte and the checksum."""
    offer(monkeypatch, site)
    stage = tmp_path / "data" / ".toy.fetch"
    stage.mkdir(parents=True)
    (stage / "a.bin.part").write_bytes(CONTENT)

    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT
    assert site.asked == [("a.bin", f"bytes={len(CONTENT)}-")]


def test_a_wrong_checksum_names_both_and_keeps_nothing(site, monkeypatch, tmp_path):
    """Neither as data nor to go on with."""
    offer(monkeypatch, site, checksum=f"md5:{'0' * 32}")

    error = refused()

    assert error.error_id == "E-FETCH-CHECKSUM"
    assert f"md5:{'0' * 32} (from the publisher)" in str(error)
    assert f"md5:{hashlib.md5(CONTENT).hexdigest()}" in str(error)
    assert "removed" in error.hint
    assert below(tmp_path / "data") == []


def test_a_second_address_is_tried(site, monkeypatch):
    """The publisher's own server may be gone."""
    made = offer(monkeypatch, site)
    (remote,) = made.remotes
    offer(monkeypatch, site, remotes=(replace(remote, addresses=(f"{site.address}/gone", *remote.addresses)),))

    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("status", [404, 403, 410])
def test_a_file_that_is_gone_is_named(site, monkeypatch, tmp_path, status):
    """With the answer of the server, and no second try."""
    offer(monkeypatch, site)
    site.statuses = [status]

    error = refused()

    assert (error.error_id, error.exit_code) == ("E-FETCH-STATUS", 6)
    assert f"answers {status}" in str(error)
    assert len(site.asked) == 1
    assert below(tmp_path / "data") == []


def test_a_server_that_is_busy_is_asked_again(site, monkeypatch):
    """503 and 429 pass."""
    offer(monkeypatch, site)
    site.statuses = [503, 429]

    assert fetch("toy").new


def test_no_network_is_one_clear_sentence(site, monkeypatch):
    """No class names, no addresses of objects."""
    made = offer(monkeypatch, site)
    offer(monkeypatch, site, remotes=(replace(made.remotes[0], addresses=("http://127.0.0.1:9/a.bin",)),))

    error = refused()

    assert (error.error_id, error.exit_code) == ("E-FETCH-NETWORK", 6)
    assert "cannot be reached: connection refused." in str(error)


def test_an_unknown_host_is_one_clear_sentence(site, monkeypatch):
    """Reserved names are never resolved."""
    import socket

    def unknown(*given: Any, **named: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    made = offer(monkeypatch, site)
    offer(monkeypatch, site, remotes=(replace(made.remotes[0], addresses=("http://data.invalid/a.bin",)),))
    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert "unknown host name" in str(refused())


def test_far_too_many_bytes_are_refused_without_writing_them(site, monkeypatch, tmp_path):
    """By the announced length, and, where none is announced, while they come."""
    monkeypatch.setattr("visiontk.data.public.fetch._SPARE", 1000)
    made = offer(monkeypatch, site)
    offer(monkeypatch, site, remotes=(replace(made.remotes[0], size=1000),))

    for site.chunked in (False, True):
        error = refused()
        assert error.error_id == "E-FETCH-SIZE"
        assert below(tmp_path / "data") == []


def test_an_interrupted_fetch_leaves_no_data_and_goes_on(site, monkeypatch, tmp_path):
    """Ctrl-C in the middle of a transfer."""
    offer(monkeypatch, site)

    def stop(name: str, there: int, total: int | None) -> None:
        if there > 200_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch("toy", progress=stop)

    assert not (tmp_path / "data" / "toy").exists()
    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT
    assert site.asked[1][1].startswith("bytes=")


def test_a_full_disk_ends_with_its_code_and_goes_on_later(site, monkeypatch, tmp_path):
    """Bytes that were written stay."""
    offer(monkeypatch, site)
    real = Path.open
    room = [400_000]

    class Full(io.FileIO):
        def write(self, piece: Any) -> int:
            room[0] -= len(piece)
            if room[0] < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(piece)

    def opened(path: Path, mode: str = "r", *given: Any, **named: Any) -> Any:
        return Full(path, mode) if path.suffix == ".part" else real(path, mode, *given, **named)

    monkeypatch.setattr(Path, "open", opened)
    error = refused(StoreError)
    room[0] = 10**9

    assert (error.error_id, error.exit_code) == ("E-IO-FULL", 74)
    assert not (tmp_path / "data" / "toy").exists()
    assert (fetch("toy").folder / "a.bin").read_bytes() == CONTENT
    assert site.asked[1][1].startswith("bytes=")


def test_a_disk_too_small_is_refused_before_anything_is_asked(site, monkeypatch):
    """With both numbers."""
    offer(monkeypatch, site, unpacked=10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 10, 300_000))

    error = refused(StoreError)

    assert error.error_id == "E-IO-FULL"
    assert "1,001 MB" in str(error)
    assert not site.asked


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_folder_that_cannot_be_written_is_named(site, monkeypatch, number):
    """With the variable that sets another."""
    offer(monkeypatch, site)

    def denied(*given: Any, **named: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", denied)

    error = refused()

    assert (error.error_id, error.exit_code) == ("E-FETCH-READONLY", 6)
    assert "VISIONTK_DATA" in error.hint
    assert not site.asked


def test_what_a_user_put_there_is_not_touched(site, monkeypatch, tmp_path):
    """An incomplete folder is refused, with what it lacks."""
    offer(monkeypatch, site)
    mine = tmp_path / "data" / "toy" / "mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")

    error = refused()

    assert error.error_id == "E-FETCH-OCCUPIED"
    assert "without a.bin" in str(error)
    assert not site.asked
    mine.unlink()
    assert fetch("toy").new  # an empty folder is no obstacle


def test_two_fetch_at_the_same_time_and_one_of_them_waits_for_another_day(site, monkeypatch, tmp_path):
    """The lock is one of the kernel: it dies with its process."""
    from filelock import FileLock

    offer(monkeypatch, site)
    stage = tmp_path / "data" / ".toy.fetch"
    stage.mkdir(parents=True)
    with FileLock(stage / "lock"):
        error = refused(BusyError)

    assert (error.error_id, error.exit_code) == ("E-FETCH-BUSY", 75)
    assert fetch("toy").new


def test_data_behind_a_registration_come_with_instructions(site, monkeypatch, tmp_path):
    """No request is made."""
    offer(monkeypatch, site, remotes=(), instructions="Sign in, and put a.bin")

    error = refused()

    assert (error.error_id, error.exit_code) == ("E-FETCH-REGISTER", 6)
    assert error.hint == f"Sign in, and put a.bin into {tmp_path / 'data' / 'toy'}."
    assert not site.asked


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'fashion_mnist'"):
        fetch("fashion_mnst")


def test_missing_files_of_a_public_set_are_answered_with_the_command(monkeypatch, tmp_path):
    """The command comes first, as it is less work."""
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


def offer_archive(monkeypatch: pytest.MonkeyPatch, site: Site, content: bytes, kind: str, **changes: Any) -> Source:
    return offer(
        monkeypatch,
        site,
        content,
        file=f"a.{kind}",
        **{"files": {"x/*.txt": 2, "y.csv": 1}, "strip": 1, "unpacked": 1000, "renamed": {"old/y.csv": "y.csv"}}
        | changes,
    )


GOOD = {"top/x/1.txt": b"1", "top/x/2.txt": b"2", "top/old/y.csv": b"y", "top/junk.exe": b"j", "top/x/sub/": b""}


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_of_an_archive_the_wanted_files_arrive(site, monkeypatch, tmp_path, kind):
    """Without the folder around them, renamed as the record says; the archive is not kept."""
    pack = zipped if kind == "zip" else tarred
    members = {name: content for name, content in GOOD.items() if not name.endswith("/")}
    offer_archive(monkeypatch, site, pack(members), kind)

    found = fetch("toy")

    assert below(tmp_path / "data") == ["toy", "toy/x", "toy/x/1.txt", "toy/x/2.txt", "toy/y.csv"]
    assert (found.folder / "y.csv").read_bytes() == b"y"


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
@pytest.mark.parametrize(
    "name", ["../evil.txt", "top/x/../../../evil.txt", "/tmp/evil.txt", "C:/evil.txt", "top\\..\\..\\evil.txt"]
)
def test_a_member_that_points_outside_ends_it(site, monkeypatch, tmp_path, kind, name):
    """Members or not: nothing of such an archive is used."""
    pack = zipped if kind == "zip" else tarred
    offer_archive(
        monkeypatch, site, pack({"top/x/1.txt": b"1", "top/x/2.txt": b"2", "top/y.csv": b"", name: b"evil"}), kind
    )

    error = refused()

    assert error.error_id == "E-FETCH-UNSAFE"
    assert not list(tmp_path.rglob("*evil*"))
    assert below(tmp_path / "data") == []


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_a_wanted_member_of_a_tar_must_be_a_file(site, monkeypatch, tmp_path, kind):
    """No link, pipe or device is ever made."""
    offer_archive(
        monkeypatch, site, tarred({"top/x/1.txt": b"1"}, links={"top/x/2.txt": (kind, "/etc/passwd")}), "tar.gz"
    )

    assert refused().error_id == "E-FETCH-UNSAFE"
    assert below(tmp_path / "data") == []


def test_a_wanted_member_of_a_zip_must_be_a_file(site, monkeypatch, tmp_path):
    offer_archive(monkeypatch, site, zipped({"top/x/1.txt": b"1"}, link="top/x/2.txt"), "zip")

    assert refused().error_id == "E-FETCH-UNSAFE"
    assert below(tmp_path / "data") == []


def test_what_a_killed_process_unpacked_is_unpacked_anew(site, monkeypatch, tmp_path):
    """Half a file must not become data."""
    half = tmp_path / "data" / ".toy.fetch" / "ready" / "x" / "1.txt"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"")
    (half.parent / "other.txt").touch()
    members = {name: content for name, content in GOOD.items() if not name.endswith("/")}
    offer_archive(monkeypatch, site, zipped(members), "zip")

    folder = fetch("toy").folder

    assert below(folder) == ["x", "x/1.txt", "x/2.txt", "y.csv"]
    assert (folder / "x" / "1.txt").read_bytes() == b"1"


def test_links_that_nobody_wants_are_passed_over(site, monkeypatch):
    """Repositories have some."""
    links = {"top/latest": (tarfile.SYMTYPE, "x"), "top/x": (tarfile.DIRTYPE, "")}
    members = {name: content for name, content in GOOD.items() if not name.endswith("/")}
    offer_archive(monkeypatch, site, tarred(members, links=links), "tar.gz")

    assert below(fetch("toy").folder) == ["x", "x/1.txt", "x/2.txt", "y.csv"]


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize("name", ["top/x/3.txt", "top/unwanted"])
def test_an_archive_that_swells_is_stopped(site, monkeypatch, tmp_path, pack, name):
    """Members that are not wanted are decompressed too in a tar: they count there; in a zip they are not read."""
    monkeypatch.setattr("visiontk.data.public.fetch._SPARE", 1_000_000)
    bomb = pack({"top/x/1.txt": b"1", "top/x/2.txt": b"2", "top/y.csv": b"", name: bytes(30_000_000)})
    assert len(bomb) < 100_000
    offer_archive(monkeypatch, site, bomb, "zip" if pack is zipped else "tar.gz")

    if pack is zipped and name == "top/unwanted":
        assert fetch("toy").new
        return
    error = refused()
    assert error.error_id == "E-FETCH-UNSAFE"
    assert "more than the expected" in str(error)
    assert below(tmp_path / "data") == []


def test_a_member_that_comes_twice_is_refused(site, monkeypatch):
    """Nobody could say which of them is meant."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name in ("top/x/1.txt", "top/x/1.txt", "top/y.csv"):
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    offer_archive(monkeypatch, site, stream.getvalue(), "tar.gz")

    assert "two members have the name x/1.txt" in str(refused())


@pytest.mark.parametrize("share", [0.3, 0.9, 0.99])
@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_a_damaged_archive_is_named_and_not_kept(site, monkeypatch, tmp_path, kind, share):
    """Cut at several places, and without a checksum that would have told earlier."""
    pack = zipped if kind == "zip" else tarred
    whole = pack({"top/x/1.txt": CONTENT, "top/x/2.txt": b"2", "top/y.csv": b""})
    offer_archive(monkeypatch, site, whole[: int(len(whole) * share)], kind, checksum="", unpacked=10**6)

    error = refused()

    assert error.error_id == "E-FETCH-CONTENT"
    assert below(tmp_path / "data") == []


def test_a_page_in_place_of_an_archive_is_named(site, monkeypatch):
    """As from a server that wants a login."""
    offer_archive(monkeypatch, site, b"<html>log in</html>", "zip", checksum="")

    assert refused().error_id == "E-FETCH-CONTENT"


def test_an_archive_that_lacks_files_is_no_data(site, monkeypatch, tmp_path):
    """Each pattern with how many were found."""
    offer_archive(monkeypatch, site, zipped({"top/x/1.txt": b"1"}), "zip")

    error = refused()

    assert error.error_id == "E-FETCH-CONTENT"
    assert "1 of 2 x/*.txt, 0 of 1 y.csv" in str(error)
    assert below(tmp_path / "data") == []


def test_a_member_whose_content_was_changed_is_found_by_its_sum(site, monkeypatch):
    """A zip has a sum of each."""
    whole = bytearray(zipped({"top/x/1.txt": CONTENT}))
    whole[2000] ^= 1
    offer_archive(monkeypatch, site, bytes(whole), "zip", checksum="", unpacked=10**6)

    assert refused().error_id == "E-FETCH-CONTENT"


def test_a_disk_that_fills_while_unpacking_keeps_the_archive(site, monkeypatch, tmp_path):
    """What was fetched need not be fetched again."""
    members = {name: content for name, content in GOOD.items() if not name.endswith("/")}
    offer_archive(monkeypatch, site, zipped(members), "zip")
    real = Path.open

    class Full(io.FileIO):
        def write(self, piece: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    def opened(path: Path, mode: str = "r", *given: Any, **named: Any) -> Any:
        return Full(path, mode) if path.suffix == ".txt" else real(path, mode, *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", opened)
        assert refused(StoreError).error_id == "E-IO-FULL"

    assert not (tmp_path / "data" / "toy").exists()
    assert fetch("toy").new
    assert len(site.asked) == 1


def test_several_files_become_data_together(site, monkeypatch, tmp_path):
    """The second is missing: no folder; what arrived is not fetched again."""
    made = offer(monkeypatch, site)
    second = Remote("b.bin", (f"{site.address}/b.bin",), 3)
    offer(monkeypatch, site, remotes=(*made.remotes, second), files={"a.bin": 1, "b.bin": 1})
    assert refused().error_id == "E-FETCH-STATUS"
    assert not (tmp_path / "data" / "toy").exists()
    site.files["b.bin"] = b"new"

    assert below(fetch("toy").folder) == ["a.bin", "b.bin"]
    assert [name for name, _ in site.asked] == ["a.bin", "b.bin", "b.bin"]


def test_files_that_serve_as_well_count_as_data(tmp_path, monkeypatch):
    """MNIST unpacked, or as mnist.npz."""
    record = sources.published("mnist")
    assert not present(record, tmp_path)

    (tmp_path / "mnist.npz").touch()

    assert present(record, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_process_that_is_killed_leaves_no_data_and_the_same_command_goes_on(site, monkeypatch, tmp_path, number):
    """The command line as a program of its own, stopped in the middle of a transfer."""
    made = offer(monkeypatch, site)
    code = f"""
from visiontk.cli import main
from visiontk.data.public import sources
from visiontk.data.public.records import Remote, Source
remotes = {made.remotes!r}
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
    assert site.asked[-1][1].startswith("bytes=")
