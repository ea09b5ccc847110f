"""For authors of plugins: the contract of a task, and tiny data.

Examples
--------
In a test file of a plugin::

    import pytest
    from visiontk.testing import task_checks

    @pytest.mark.parametrize("check", task_checks(), ids=lambda c: c.__name__)
    def test_my_task(check):
        check(TASK)

and in one of a package that adds a learner, metric or dataset to a task::

    from visiontk.testing import carry_out, steps

    @pytest.mark.parametrize("step", steps("image_classification.my_learner"), ids=lambda step: step.check)
    def test_my_learner(step):
        carry_out(step)
"""

from visiontk.testing.checks import task_checks
from visiontk.testing.contract import Step, carry_out, steps
from visiontk.testing.tiny import tiny_folds, tiny_images, tiny_task

__all__ = ["Step", "carry_out", "steps", "task_checks", "tiny_folds", "tiny_images", "tiny_task"]
