"""Blank images: those of one grey level, which show no face."""

from __future__ import annotations

from dataclasses import replace

from visiontk.core import Samples

MANY = 0.1
"""Share of blank images above which the card has a caution."""

NOTE = "images of one colour only"
"""As in the notes of the readers of image files."""


def with_blank_notes(samples: Samples) -> Samples:
    """Samples with blank images counted on their card, and a caution if there are many.

    Examples
    --------
    >>> import numpy as np
    >>> from visiontk.core import Card
    >>> x = np.zeros((4, 2, 2, 1), np.uint8)
    >>> x[1:, 0] = 9
    >>> card = with_blank_notes(Samples.from_arrays(x, [0, 1, 0, 1], ("sad", "happy"), Card("faces", "0"))).card
    >>> card.notes, card.caution
    (('1 images of one colour only',), '1 of 4 images are of one colour only and show no face.')
    """
    n = sum(int((batch == batch[:, :1, :1]).all(axis=(1, 2, 3)).sum()) for batch in samples.batches(512))
    card = samples.card
    if n and not any(note.endswith(NOTE) for note in card.notes):
        card = replace(card, notes=(*card.notes, f"{n} {NOTE}"))
    if n > MANY * len(samples):
        card = replace(card, caution=f"{n} of {len(samples)} images are of one colour only and show no face.")
    return replace(samples, card=card)
