"""Declarations of dataset functions: the user's files that they read, and their privacy."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from visiontk.core.declarations import F, parameters
from visiontk.core.samples import Card, Samples

Form = Literal["published", "folder", "table", "lines"]

ON_PROBLEM = "on_problem"
"""Argument by which a dataset function takes a collector of problems; no key of a config."""


@dataclass(frozen=True)
class AboutData:
    """Declaration of a dataset function, used to recognise the user's files and to protect names in them.

    Parameters
    ----------
    reads : str
        Kind of the user's files, in the plural: one of ``visiontk.data.recognise.KINDS`` ("images", "recordings",
        "texts", "DICOM files", "NIfTI volumes") or another one. Empty for published and synthetic data.
    form : {"published", "folder", "table", "lines"}
        Layout of the user's data: class folders, a table, or a file of JSON lines, named by the parameter ``path``.
    general : bool
        True if these files are compared by this task when the user names none.
    private : bool
        True for data about people whose names must not be repeated: samples, files and errors go by number, and
        reports do not show the path.
    group : str
        Parameter that takes the group; by default ``group`` for a folder and ``group_column`` for a table.
    suffixes : tuple of str
        File name endings of a kind that visiontk does not know, such as ``(".edf",)``. Without them, data of that
        kind are compared only if the user names the task.
    licence, citation, homepage : str
        Of data that are shipped in a package, as their publisher states them: listed beside the public data.

    Examples
    --------
    >>> AboutData("images", "table").group_parameter
    'group_column'
    >>> AboutData(licence="CC BY 4.0").embedded("roses", "9f3a").licence
    'CC BY 4.0'
    """

    reads: str = ""
    form: Form = "published"
    general: bool = False
    private: bool = False
    group: str = ""
    suffixes: tuple[str, ...] = ()
    licence: str = ""
    citation: str = ""
    homepage: str = ""

    def embedded(self, name: str, content: str, **fields: Any) -> Card:
        """Card of the shipped data with this name, fingerprint of their content, and further fields."""
        terms = {"licence": self.licence, "citation": self.citation, "homepage": self.homepage}
        return Card(name, content, origin="embedded", **terms | fields)

    @property
    def group_parameter(self) -> str:
        """Parameter that takes the group."""
        return self.group or ("group" if self.form == "folder" else "group_column")


def dataset(about: AboutData) -> Callable[[F], F]:
    """Decorator that attaches `about` to a function that returns Samples.

    An argument ``on_problem`` of the function is left out of its signature, which is the schema of a config;
    `read_dataset` passes it.

    Raises
    ------
    TypeError
        If the function reads the user's files but has no parameter ``path``.

    Examples
    --------
    >>> @dataset(AboutData("images", "folder", private=True))
    ... def scans(path: str = "") -> Samples: ...
    >>> about_data(scans).private
    True
    """

    def attach(function: F) -> F:
        signature = inspect.signature(function)
        public = [each for name, each in signature.parameters.items() if name != ON_PROBLEM]
        function.collects_problems = len(public) < len(signature.parameters)  # type: ignore[attr-defined]
        function.__signature__ = signature.replace(parameters=public)  # type: ignore[attr-defined]
        if about.form != "published" and "path" not in parameters(function):
            raise TypeError(f"{function.__name__}: a dataset that reads a {about.form} needs a parameter called path.")
        function.about_data = about  # type: ignore[attr-defined]
        return function

    return attach


def general(function: F) -> F:
    """The dataset, declared as that of the general task for its files.

    It is wrapped, not changed: other tasks may use the same reader without being general.

    Examples
    --------
    >>> @dataset(AboutData("images", "folder"))
    ... def folder(path: str = "") -> Samples: ...
    >>> about_data(general(folder)).general, about_data(folder).general
    (True, False)
    """

    @functools.wraps(function)
    def wrapper(*positional: Any, **named: Any) -> Any:
        return function(*positional, **named)

    wrapper.about_data = replace(about_data(function), general=True)  # type: ignore[attr-defined]
    return wrapper  # type: ignore[return-value]


def about_data(function: Callable[..., Samples]) -> AboutData:
    """The declaration of a dataset function; of one without, that of published data."""
    declared = getattr(function, "about_data", None)
    return declared if isinstance(declared, AboutData) else AboutData()


def read_dataset(function: Callable[..., Samples], arguments: Mapping[str, Any], on_problem: object = None) -> Samples:
    """Samples of a dataset function.

    Parameters
    ----------
    function : callable
        A dataset function.
    arguments : mapping
        Its keyword arguments.
    on_problem : Problems, optional
        Collector of problems, passed if the function takes one; by default the first problem is raised.

    Examples
    --------
    >>> @dataset(AboutData("texts", "folder"))
    ... def notes(path: str = "", on_problem: list | None = None):
    ...     on_problem.append("empty")
    >>> problems = []
    >>> read_dataset(notes, {"path": "notes"}, problems)
    >>> problems, parameters(notes)
    (['empty'], {'path': ''})
    """
    if on_problem is not None and getattr(function, "collects_problems", False):
        return function(**arguments, **{ON_PROBLEM: on_problem})
    return function(**arguments)
