"""Learners that are compared as well on data that suit them."""

import dataclasses

import numpy as np
import pytest

from visiontk.core import About, Card, Samples, learner
from visiontk.errors import EnvironmentFault
from visiontk.harness.drive import prepare
from visiontk.harness.experiment import Experiment
from visiontk.harness.offers import with_offers
from visiontk.registry import get_task
from visiontk.testing import tiny_images, tiny_task


def task_with(*, suits, missing=None):
    """Return the tiny task with one more learner, which is offered for some data."""

    def offered(imbalance: str = "none"):
        return None

    declared = learner(About("pretrained", pretrained_on="ImageNet-1k", suits=suits, missing=missing))(offered)
    task = tiny_task()
    return dataclasses.replace(task, learners={**task.learners, "offered": declared}, defaults=tuple(task.learners))


@pytest.fixture
def unnamed():
    """Return an experiment whose learners are those of the task."""
    return Experiment("tiny", "synthetic", {"prior": {}}, learners_named=False)


def test_a_learner_takes_part_where_the_data_suit_it(unnamed):
    samples = tiny_images(30)
    seen = []

    def suits(shape, shorter_side):
        seen.append((shape, shorter_side))
        return True

    experiment, again = with_offers(unnamed, task_with(suits=suits), samples)

    assert experiment.learners == {"prior": {}, "offered": {"imbalance": "none"}}
    assert experiment.learners_named
    assert seen == [((12, 12, 1), 12)]
    assert again.card == samples.card


def test_other_data_and_named_learners_stay_as_they_are(unnamed):
    named = dataclasses.replace(unnamed, learners_named=True)

    unsuited, _ = with_offers(unnamed, task_with(suits=lambda shape, side: False), tiny_images(30))
    unchanged, _ = with_offers(named, task_with(suits=lambda shape, side: True), tiny_images(30))

    assert unsuited.learners == unchanged.learners == {"prior": {}}


def test_a_note_says_how_to_get_a_missing_extra(unnamed):
    task = task_with(suits=lambda shape, side: True, missing=lambda values: "pip install it")

    experiment, samples = with_offers(unnamed, task, tiny_images(30))

    assert experiment.learners == {"prior": {}}
    assert samples.card.notes[-1] == "not compared: offered: pip install it"


def test_the_policy_for_imbalance_holds_for_it_too(unnamed):
    balanced = dataclasses.replace(unnamed, imbalance="balanced")

    experiment, _ = with_offers(balanced, task_with(suits=lambda shape, side: True), tiny_images(30))

    assert experiment.learners["offered"] == {"imbalance": "balanced"}


def test_the_shape_of_unread_data_is_given(unnamed):
    samples = dataclasses.replace(tiny_images(30), read=lambda rows: pytest.fail("read"))
    task = task_with(suits=lambda shape, side: shape == (64, 64, 3))

    experiment, _ = with_offers(unnamed, task, samples, shape=(64, 64, 3))

    assert "offered" in experiment.learners


def test_the_plan_has_its_fits(unnamed):
    task = task_with(suits=lambda shape, side: True)

    prepared = prepare(unnamed, task, version="0")

    assert {trial.learner for trial in prepared.fits} == {"prior", "offered"}


@pytest.mark.parametrize(
    ("shape", "expected"), [((64, 64, 3), True), ((64, 64, 1), False), ((32, 32, 3), False)], ids=str
)
def test_photos_are_compared_with_pretrained_features(shape, expected):
    from visiontk.config import experiment as read
    from visiontk.strict_yaml import Document

    task, experiment = read(Document({"task": "image_classification"}, {}), overrides=["learners.convnet.epochs=3"])
    images = Samples.from_arrays(np.zeros((4, *shape), np.uint8), [0, 1, 0, 1], ("a", "b"), Card("own", "0"))

    experiment, samples = with_offers(experiment, task, images)

    compared = "pretrained_features" in experiment.learners
    noted = any('pip install "visiontk[pretrained]"' in note for note in samples.card.notes)
    assert (compared or noted) is expected
    assert experiment.learners["convnet"]["epochs"] == 3


def test_a_config_that_names_learners_gets_no_others():
    from visiontk.config import experiment as read
    from visiontk.strict_yaml import Document

    _, experiment = read(Document({"task": "image_classification", "learners": ["prior", "convnet"]}, {}))

    assert experiment.learners_named
    assert "learners_named" not in experiment.as_document()


def test_a_named_learner_that_cannot_run_here_is_refused_before_anything_runs(monkeypatch):
    """A network whose weights the user names is not."""
    monkeypatch.setattr("visiontk.learners.pretrained.lite0_path", lambda: None)
    samples = tiny_images(30)

    def named(**parameters):
        learners = {"prior": {}, "pretrained_finetuned": parameters}
        return with_offers(
            Experiment("image_classification", "digits", learners), get_task("image_classification"), samples
        )

    with pytest.raises(
        EnvironmentFault, match=r'learners\.pretrained_finetuned: .*pip install "visiontk\[pretrained\]"'
    ):
        named()
    assert named(network="MobileNetV2", weights="imagenet")[1] is samples
