"""Records of public data sets and of the files that their publishers offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from visiontk.core import Card

MB = 1_000_000


@dataclass(frozen=True)
class Remote:
    """One file of a publisher."""

    name: str  # local name; unpacked if it ends in .zip, .tar.gz or .tgz
    addresses: tuple[str, ...]  # tried in order; each gives the same bytes
    size: int  # bytes, approximately: for progress and for a size limit
    checksum: str = ""  # such as md5: and 32 digits; empty where none was published


@dataclass(frozen=True)
class Source:
    """A public data set.

    Parameters
    ----------
    name : str
        Of the dataset and of its folder.
    tasks : tuple of str
        Tasks that use it.
    homepage, licence, citation : str
        As the publisher states them; the licence is empty where none is stated.
    remotes : tuple of Remote
        Files to download; empty if a registration is needed.
    files : mapping of str to int
        Required files: patterns of relative names, and their minimum numbers.
    others : tuple of tuple of str
        Alternative sets of files, such as the same files unpacked.
    strip : int
        Number of leading folders to strip from names in an archive.
    renamed : mapping of str to str
        Local names of files by their stripped names in the archive.
    unpacked : int
        Bytes of the unpacked files, approximately; 0 if nothing is unpacked.
    checksums_by : str
        Source of the checksums.
    instructions : str
        Instructions for data that need a registration.
    """

    name: str
    tasks: tuple[str, ...]
    homepage: str
    licence: str
    citation: str
    remotes: tuple[Remote, ...]
    files: Mapping[str, int]
    others: tuple[tuple[str, ...], ...] = ()
    strip: int = 0
    renamed: Mapping[str, str] = field(default_factory=dict)
    unpacked: int = 0
    checksums_by: str = ""
    instructions: str = ""

    @property
    def size(self) -> int:
        """Bytes to download, approximately."""
        return sum(remote.size for remote in self.remotes)

    def card(self, content: str, **fields: Any) -> Card:
        """Card of the data with this fingerprint of their content, the publisher's statements, and further fields."""
        known = {"name": self.name, "licence": self.licence, "citation": self.citation, "homepage": self.homepage}
        return Card(fingerprint=content, origin="public", **known | fields)
