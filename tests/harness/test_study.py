"""Studies: values that add fits to a comparison, wherever they are declared."""

import dataclasses

from visiontk.core import Trial
from visiontk.harness.experiment import Experiment
from visiontk.harness.plan import fits_of_studies, plan
from visiontk.harness.study import Compared, Study
from visiontk.studies import STUDIES
from visiontk.testing import tiny_images, tiny_task

EXPERIMENT = Experiment("tiny", "synthetic", {"prior": {}, "noisy_centroid": {}}, seeds=(0, 1), folds=2)


def longer(compared: Compared) -> list[Trial]:
    """Return the fits of a study of the budget."""
    return [dataclasses.replace(trial, budget_s=2 * trial.budget_s) for trial in compared.trials]


def test_a_study_adds_fits_that_no_comparison_contains() -> None:
    """Its trials follow those of the comparison, have keys of their own and know their study."""
    study = Study("twice_the_budget", "with twice the budget", is_requested=lambda experiment: True, trials=longer)
    plain = plan(EXPERIMENT, tiny_task(), tiny_images(), version="0")

    trials = plan(EXPERIMENT, tiny_task(), tiny_images(), version="0", studies=[study])

    added = trials[len(plain) :]
    assert trials[: len(plain)] == plain
    assert all(trial.is_compared for trial in plain)
    assert not any(trial.is_compared for trial in added)
    assert fits_of_studies(trials) == {"twice_the_budget": 4}  # two learners on two folds with the first seed
    assert len({trial.key for trial in trials}) == len(trials)


def test_a_study_that_repeats_fits_of_the_comparison_has_trials_of_its_own() -> None:
    """Otherwise one prediction would be stored for two questions."""
    study = Study("again", "again", is_requested=lambda experiment: True, trials=lambda compared: list(compared.trials))

    trials = plan(EXPERIMENT, tiny_task(), tiny_images(), version="0", studies=[study])

    assert len({trial.key for trial in trials}) == len(trials)


def test_only_requested_studies_add_fits() -> None:
    samples = tiny_images(400)
    curve = dataclasses.replace(EXPERIMENT, curve=1)

    assert fits_of_studies(plan(EXPERIMENT, tiny_task(), samples, version="0", studies=STUDIES)) == {}
    assert set(fits_of_studies(plan(curve, tiny_task(), samples, version="0", studies=STUDIES))) == {"learning_curve"}
