"""Resumable HTTP download of one file."""

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
"""Called with a file name, the bytes received so far, and the total or None."""

ATTEMPTS = 4
PAUSE_S = 1.0
"""Before the second attempt; doubled before each further one."""

TIMEOUT_S = (10.0, 30.0)
"""For the connection; between two chunks."""

_CHUNK = 1 << 18
_AGAIN = {408, 425, 429, 500, 502, 503, 504}


class _BrokenError(Exception):
    """A failed attempt that may be repeated."""


class Transfer:
    """Downloader for pooch that resumes an interrupted transfer (HTTP Range) [1]_.

    The unfinished file `part` stays after an interruption; `most` is a limit of bytes. If the complete file is not
    `checked` by a checksum, a transfer resumes only if the server confirms that the file is the same (If-Range).

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
        """Download `url` to `output_file`."""
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
                f"{url}: interrupted {ATTEMPTS} times, last after {self._received()} bytes: {reason}.",
                error_id="E-FETCH-BROKEN",
                hint="The received part is stored; the same command resumes.",
            )
        with disk_errors(output_file):
            self.part.replace(output_file)
            self._tag.unlink(missing_ok=True)

    def forget(self) -> None:
        """Remove the received part, so that the next attempt starts from the beginning."""
        self.part.unlink(missing_ok=True)
        self._tag.unlink(missing_ok=True)

    @property
    def _tag(self) -> Path:
        return self.part.with_name(f"{self.part.name}.tag")

    def _received(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _attempt(self, url: str) -> None:
        import requests
        from urllib3.exceptions import HTTPError

        received, headers = self._received(), {"Accept-Encoding": "identity", "User-Agent": f"visiontk/{VERSION}"}
        known = self._known(url)
        if received and (known or self.checked):
            headers |= {"Range": f"bytes={received}-"} | ({"If-Range": known} if known else {})
        try:
            with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_S) as response:
                self._receive(response, url, received if "Range" in headers else 0)
        except (requests.RequestException, HTTPError) as error:
            if self._received() and not isinstance(error, requests.exceptions.SSLError):
                raise _BrokenError(_reason(error)) from None
            raise EnvironmentFault(
                f"{url}: cannot be reached: {_reason(error)}.",
                error_id="E-FETCH-NETWORK",
                hint="Check the connection and the proxy, or download the file elsewhere and put it there by hand.",
            ) from None

    def _receive(self, response: Response, url: str, received: int) -> None:
        status = response.status_code
        if status == 416:  # nothing is left to send, or the file has become shorter
            if _total(response) == received and self.checked:
                return
            self.forget()
            raise _BrokenError("the file on the server has changed")
        if status in _AGAIN:
            raise _BrokenError(f"the server answers {status} {response.reason}")
        if status not in (200, 206):
            raise EnvironmentFault(
                f"{url}: the server answers {status} {response.reason}.",
                error_id="E-FETCH-STATUS",
                hint="The publisher may have moved it; see the homepage in visiontk data list NAME.",
            )
        if status == 206 and _start(response) != received:
            self.forget()
            raise _BrokenError("the server sends another range than requested")
        received = received if status == 206 else 0
        length = response.headers.get("Content-Length", "")
        total = received + int(length) if length.isdecimal() else None
        self._refuse_large(url, total or 0)
        self.resumed |= received > 0
        if not received:
            self._remember(url, response)
        self._write(response, url, received, total)

    def _write(self, response: Response, url: str, received: int, total: int | None) -> None:
        with disk_errors(self.part):
            file = self.part.open("r+b" if received else "wb")
            file.seek(received)
        try:
            # Undecoded: a server may call a .gz file "encoded", and its checksum is that of the .gz file.
            for piece in response.raw.stream(_CHUNK, decode_content=False):
                with disk_errors(self.part):
                    file.write(piece)
                received += len(piece)
                self._refuse_large(url, received)
                if self.progress is not None:
                    self.progress(self.part.name.removesuffix(".part"), received, total)
        finally:
            with disk_errors(self.part):
                file.close()
        if total is not None and received != total:  # urllib3 checks it too, since its version 2
            raise _BrokenError(f"{received} of {total} bytes")

    def _refuse_large(self, url: str, size: int) -> None:
        if size > self.most:
            self.forget()
            raise EnvironmentFault(
                f"{url}: more than {self.most} bytes, far more than its publisher states.",
                error_id="E-FETCH-SIZE",
                hint="Report it; nothing was stored.",
            )

    def _known(self, url: str) -> str:
        """Version of the received part, by the server's ETag or date."""
        with suppress(OSError, ValueError):
            address, tag = self._tag.read_text("utf-8").split("\n", 1)
            return tag if address == url else ""
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
    match = re.fullmatch(r"bytes (\d+)-\d+/(?:\d+|\*)", response.headers.get("Content-Range", ""))
    return int(match[1]) if match else -1


def _total(response: Response) -> int:
    match = re.fullmatch(r"bytes \*/(\d+)", response.headers.get("Content-Range", ""))
    return int(match[1]) if match else -1


def _reason(error: BaseException) -> str:
    """Innermost cause in words; outer layers name classes and addresses of objects."""
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
        return "unknown host name"
    if isinstance(inner, TimeoutError) or "timed out" in str(inner):
        return "no answer in time"
    if isinstance(inner, ssl.SSLError):
        return f"its certificate is not trusted ({inner.reason or inner})"
    if isinstance(inner, OSError) and inner.errno is not None:
        return os.strerror(inner.errno).lower() if inner.errno > 0 else str(inner)
    return str(inner).rstrip(".") or type(inner).__name__
