"""For tests and docstring examples alike: one thread, as in a worker."""

import gc
import os
import sys
from functools import cache

# Before anything imports TensorFlow.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["VISIONTK_THREADS"] = "1"


def pytest_runtest_setup() -> None:
    """TensorFlow takes its threads before its first operation, whichever test has that."""
    if "tensorflow" in sys.modules:
        _pin_threads()


@cache
def _pin_threads() -> None:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    # Every fit collects garbage, which takes 0.2 s where it looks through all that TensorFlow and others have imported.
    gc.collect()
    gc.freeze()
