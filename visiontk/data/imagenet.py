"""Names of the classes of ImageNet-1k, which networks pretrained on it have seen."""

from __future__ import annotations

import functools
from importlib import resources


@functools.cache
def imagenet_classes() -> tuple[str, ...]:
    """Names of the 1,000 classes in the order of the outputs of networks trained on them.

    Examples
    --------
    >>> imagenet_classes()[967], len(imagenet_classes())
    ('espresso', 1000)
    """
    text = resources.files("visiontk.data").joinpath("imagenet_classes.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if not line.startswith("#"))
