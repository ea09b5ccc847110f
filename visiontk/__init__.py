"""The referee between convolutional networks and traditional methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from visiontk.version import VERSION

__version__ = VERSION
__all__ = ["AllTasksResult", "RankingResult", "Result", "__version__", "across", "compare", "load", "verify"]

if TYPE_CHECKING:
    from visiontk.api import AllTasksResult, RankingResult, Result, across, compare, load, verify


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})  # what is loaded lazily is completed too


def __getattr__(name: str) -> Any:
    # Lazily, so that `import visiontk` stays light for plugins and workers.
    if name in __all__ and name != "__version__":
        from visiontk import api

        return getattr(api, name)
    raise AttributeError(f"module 'visiontk' has no attribute {name!r}")
