"""Contract checks and tiny data for authors of plugins.

Examples
--------
In a test file of a plugin::

    import pytest
    from visiontk.testing import task_checks

    @pytest.mark.parametrize("check", task_checks(), ids=lambda c: c.__name__)
    def test_my_task(check):
        check(TASK)

and for a learner, metric or dataset that a package adds to a task::

    from visiontk.testing import run_check, steps

    @pytest.mark.parametrize("step", steps("image_classification.my_learner"), ids=lambda step: step.check)
    def test_my_learner(step):
        run_check(step)
"""

from visiontk.testing.checks import task_checks
from visiontk.testing.contract import Step, run_check, steps
from visiontk.testing.tiny import tiny_folds, tiny_images, tiny_task

__all__ = ["Step", "run_check", "steps", "task_checks", "tiny_folds", "tiny_images", "tiny_task"]
