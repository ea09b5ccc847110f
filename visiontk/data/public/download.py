"""One file over HTTP, gone on with where an earlier attempt broke off."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from visiontk.errors import EnvironmentFault, disk_errors
from visiontk.version import VERSION

if TYPE_CHECKING:
    from requests import Response

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int | None], None]
"""Called with the name of a file, the bytes that are there, and how many there will be, or None."""

ATTEMPTS = 4
PAUSE_S = 1.0
"""Before the second attempt; twice as long before each one after it."""

TIMEOUT_S = (10.0, 30.0)
"""To connect; between two pieces."""

_CHUNK = 1 << 18
_AGAIN = {408, 425, 429, 500, 502, 503, 504}


class _BrokenError(Exception):
    """An attempt that may be made again."""


class Transfer:
    """A downloader for pooch that keeps what it has, and asks for the rest only (HTTP Range) [1]_.

    Parameters
    ----------
    part : Path
        The unfinished file. It is kept when a transfer breaks off.
    most : int
        More bytes than this are refused.
    checked : bool
        Whether the whole file will be compared with a checksum. If not, it is gone on with only where the
        server says that the file is the same (If-Range).
    progress : callable, optional
        See `Progress`.

    References
    ----------
    .. [1] Fielding, Nottingham and Reschke (2022), HTTP semantics, RFC 9110, section 14.
    """

    def __init__(
        self,
        part: Path,
        most: int,
        *,
        checked: bool,
        progress: Progress | None = None,
    ) -> None:
        self.part = part
        self.most = most
        self.checked = checked
        self.progress = progress
        self.resumed = False

    def __call__(self, url: str, output_file: str, pooch: Any = None, check_only: bool = False) -> None:
        """Fetch `url` into `output_file`.

        Raises
        ------
        EnvironmentFault
            ``E-FETCH-NETWORK``, ``E-FETCH-STATUS``, ``E-FETCH-BROKEN`` or ``E-FETCH-SIZE``.
        StoreError
            If the disk is full or cannot be written.
        """
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(PAUSE_S * 2 ** (attempt - 1))
            try:
                self._attempt(url)
                break
            except _BrokenError as error:
                log.info("%s: %s", url, error)
                reason = str(error)
        else:
            raise EnvironmentFault(
                f"{url}: broken off {ATTEMPTS} times, last after {self._there()} bytes: {reason}.",
                error_id="E-FETCH-BROKEN",
                hint="What was fetched is kept; the same command goes on where it stopped.",
            )
        with disk_errors(output_file):
            self.part.replace(output_file)
            self._tag.unlink(missing_ok=True)

    def forget(self) -> None:
        """Remove what is there, so that the next attempt begins anew."""
        self.part.unlink(missing_ok=True)
        self._tag.unlink(missing_ok=True)

    @property
    def _tag(self) -> Path:
        return self.part.with_name(f"{self.part.name}.tag")

    def _there(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _attempt(self, url: str) -> None:
        import requests
        from urllib3.exceptions import HTTPError

        there, headers = self._there(), {"Accept-Encoding": "identity", "User-Agent": f"visiontk/{VERSION}"}
        known = self._known(url)
        if there and (known or self.checked):
            headers |= {"Range": f"bytes={there}-"} | ({"If-Range": known} if known else {})
        try:
            with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_S) as response:
                self._receive(response, url, there if "Range" in headers else 0)
        except (requests.RequestException, HTTPError) as error:
            if self._there() and not isinstance(error, requests.exceptions.SSLError):
                raise _BrokenError(_reason(error)) from None
            raise EnvironmentFault(
                f"{url}: cannot be reached: {_reason(error)}.",
                error_id="E-FETCH-NETWORK",
                hint="Check the connection and the proxy, or fetch the file elsewhere and put it there by hand.",
            ) from None

    def _receive(self, response: Response, url: str, there: int) -> None:
        status = response.status_code
        if status == 416:  # nothing is left to send, or the file has become shorter
            if _total(response) == there and self.checked:
                return
            self.forget()
            raise _BrokenError("the server has another file now")
        if status in _AGAIN:
            raise _BrokenError(f"the server answers {status} {response.reason}")
        if status not in (200, 206):
            raise EnvironmentFault(
                f"{url}: the server answers {status} {response.reason}.",
                error_id="E-FETCH-STATUS",
                hint="The publisher may have moved it; see the homepage in visiontk data list NAME.",
            )
        if status == 206 and _start(response) != there:
            self.forget()
            raise _BrokenError("the server sends another range than it was asked for")
        there = there if status == 206 else 0
        length = response.headers.get("Content-Length", "")
        total = there + int(length) if length.isdecimal() else None
        self._refuse_large(url, total or 0)
        self.resumed |= there > 0
        if not there:
            self._remember(url, response)
        self._write(response, url, there, total)

    def _write(self, response: Response, url: str, there: int, total: int | None) -> None:
        with disk_errors(self.part):
            file = self.part.open("r+b" if there else "wb")
            file.seek(there)
        try:
            # Undecoded: a server may call a .gz file "encoded", and its checksum is that of the .gz file.
            for piece in response.raw.stream(_CHUNK, decode_content=False):
                with disk_errors(self.part):
                    file.write(piece)
                there += len(piece)
                self._refuse_large(url, there)
                if self.progress is not None:
                    self.progress(self.part.name.removesuffix(".part"), there, total)
        finally:
            with disk_errors(self.part):
                file.close()
        if total is not None and there != total:  # urllib3 checks it too, since its version 2
            raise _BrokenError(f"{there} of {total} bytes")

    def _refuse_large(self, url: str, size: int) -> None:
        if size > self.most:
            self.forget()
            raise EnvironmentFault(
                f"{url}: more than {self.most} bytes, which cannot be what its publisher described.",
                error_id="E-FETCH-SIZE",
                hint="Report it; nothing was kept.",
            )

    def _known(self, url: str) -> str:
        """What the server called this version of the file when its first bytes came."""
        with suppress(OSError, ValueError):
            of, tag = self._tag.read_text("utf-8").split("\n", 1)
            return tag if of == url else ""
        return ""

    def _remember(self, url: str, response: Response) -> None:
        strong = response.headers.get("ETag", "W/")
        tag = response.headers.get("Last-Modified", "") if strong.startswith("W/") else strong
        with disk_errors(self._tag):
            if tag and tag.isprintable():
                self._tag.write_text(f"{url}\n{tag}", "utf-8")
            else:
                self._tag.unlink(missing_ok=True)


def _start(response: Response) -> int:
    found = re.fullmatch(r"bytes (\d+)-\d+/(?:\d+|\*)", response.headers.get("Content-Range", ""))
    return int(found[1]) if found else -1


def _total(response: Response) -> int:
    found = re.fullmatch(r"bytes \*/(\d+)", response.headers.get("Content-Range", ""))
    return int(found[1]) if found else -1


def _reason(error: BaseException) -> str:
    """The innermost cause, in words: those of the layers above name classes and addresses of objects."""
    import socket
    import ssl

    seen: set[int] = set()
    inner: Any = error
    while id(inner) not in seen:
        seen.add(id(inner))
        reason = getattr(inner, "reason", None)
        deeper = reason if isinstance(reason, BaseException) else inner.__cause__ or inner.__context__
        inner = deeper or next((item for item in inner.args if isinstance(item, BaseException)), inner)
    if isinstance(inner, socket.gaierror):
        return "its name is not known to the network"
    if isinstance(inner, TimeoutError) or "timed out" in str(inner):
        return "no answer in time"
    if isinstance(inner, ssl.SSLError):
        return f"its certificate is not trusted ({inner.reason or inner})"
    if isinstance(inner, OSError) and inner.errno is not None:
        return os.strerror(inner.errno).lower() if inner.errno > 0 else str(inner)
    return str(inner).rstrip(".") or type(inner).__name__
