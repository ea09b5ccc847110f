"""Learners of all tasks: defaults, documentation, class balance, and the declared size of networks on images."""

from __future__ import annotations

import re

import numpy as np
import pytest

from visiontk.core import about, described, parameters, source
from visiontk.registry import get_task, installed_tasks

FACTORIES = {
    f"{task.name}.{name}": factory
    for task in installed_tasks()
    for name, factory in get_task(task.name).learners.items()
}
BALANCED = [
    name
    for name, factory in FACTORIES.items()
    if "imbalance" in parameters(factory) and not name.startswith(("audio", "text"))
]
IMAGE = re.compile(r"(\d+) x (\d+) (grey|colour), (\d+) classes$")


@pytest.mark.parametrize("name", FACTORIES)
def test_a_learner_is_built_from_its_defaults_and_documented(one_thread, name):
    factory = FACTORIES[name]

    learner = factory(**parameters(factory))

    assert callable(learner.fit)
    assert callable(learner.predict)
    assert source(factory)
    assert parameters(factory).keys() <= described(factory).keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, factory in FACTORIES.items() if IMAGE.search(about(factory).at)])
def test_an_image_network_has_the_declared_weights_and_layers(one_thread, name):
    """The default network is built for the declared input, such as "depth 8, 28 x 28 grey, 10 classes"."""
    declared = about(FACTORIES[name])
    height, width, colour, n_classes = IMAGE.search(declared.at).groups()
    shape = (50, int(height), int(width), {"grey": 1, "colour": 3}[colour])
    x = np.random.default_rng(0).integers(0, 256, shape, np.uint8)

    model = FACTORIES[name]().build(x, int(n_classes))

    kernels = [v for v in model.trainable_variables if v.name == "kernel" and "shortcut" not in v.path]
    subsampling = 2 if name.endswith("lenet5") else 0  # the paper counts S2 and S4, which have parameters
    assert sum(int(np.prod(v.shape)) for v in model.trainable_variables) == declared.weights
    assert len(kernels) + subsampling == declared.layers


@pytest.mark.parametrize("policy", ["none", "balanced"])
@pytest.mark.parametrize("name", BALANCED)
def test_the_imbalance_policy_reaches_the_learner(one_thread, name, policy):
    learner = FACTORIES[name](imbalance=policy)

    while hasattr(learner, "learner"):
        learner = learner.learner or learner.make(None)

    assert getattr(learner, "training", learner).imbalance == policy
