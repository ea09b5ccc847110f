"""Photos that a pretrained network may have seen."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from visiontk.audit import pretraining_checks
from visiontk.audit.audit_view import view_of
from visiontk.audit.pretraining_checks import classes_of_imagenet, known_pictures, outlines
from visiontk.audit.signatures import of_images
from visiontk.core import Card, Fold, Samples


def photos(n=12, side=64, channels=3, seed=0):
    """Return smooth random pictures."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (n, 8, 8, channels)).astype(np.uint8)
    return np.stack([
        np.asarray(Image.fromarray(c.squeeze()).resize((side, side), Image.Resampling.BICUBIC)).reshape(side, side, -1)
        for c in coarse
    ])  # fmt: skip


def view(x, labels=("ants", "teapot"), tested=(0, 1, 2, 3)):
    samples = Samples.from_arrays(x, np.arange(len(x)) % 2, labels, Card("own", "0"))
    rest = np.setdiff1d(np.arange(len(x)), tested)
    return view_of(samples, [Fold(rest, rest[:0], np.array(tested))])


@pytest.mark.parametrize(
    ("labels", "matches"),
    [
        (("ants", "bees"), ["ants: ant", "bees: bee"]),
        (("Golden_Retriever", "digit"), ["Golden_Retriever: golden retriever"]),
        (("cat", "rust"), ["cat: tiger cat"]),
        (("gears", "n"), []),
        (("0", "1"), []),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_classes_with_names_of_imagenet_are_reported(labels, matches):
    findings = list(classes_of_imagenet(view(photos(), labels)))

    assert [line for finding in findings for line in finding.lines] == matches
    assert all(finding.severity == "warning" for finding in findings)


def test_only_tested_classes_count():
    findings = list(classes_of_imagenet(view(photos(), tested=(0, 2))))

    assert findings[0].lines == ("ants: ant",)
    assert findings[0].message.startswith("1 class of 1 has the name of a class of ImageNet-1k")


@pytest.mark.parametrize("x", [photos(channels=1), photos(side=48)], ids=["grey", "small"])
def test_other_pictures_are_no_photos_of_imagenet(x, monkeypatch):
    monkeypatch.setattr(pretraining_checks, "_known", lambda: outlines(of_images(x)[0]))

    assert list(classes_of_imagenet(view(x))) == list(known_pictures(view(x))) == []


def test_copies_of_known_pictures_are_reported(monkeypatch):
    """One recompressed and one darker; training samples and other pictures are not."""
    known, x = photos(6, seed=1), photos(12, seed=2)
    monkeypatch.setattr(pretraining_checks, "_known", lambda: outlines(of_images(known)[0]))
    stream = BytesIO()
    Image.fromarray(known[4]).save(stream, "JPEG", quality=50)
    x[1], x[2], x[7] = np.asarray(Image.open(stream)), known[2] // 2, known[3]

    findings = list(known_pictures(view(x)))

    assert [finding.lines for finding in findings] == [("1", "2")]
    assert findings[0].message.startswith("2 tested images (50.00%) are copies of photos")


def test_the_known_pictures_are_distinct_photos():
    known = pretraining_checks._known()

    assert known.shape == (396, 32)
    assert known.dtype == np.uint8
    assert not list(known_pictures(view(photos(40))))
