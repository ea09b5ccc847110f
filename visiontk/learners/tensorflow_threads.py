"""Threads of TensorFlow."""

from __future__ import annotations

import os

import tensorflow as tf

from visiontk.errors import EnvironmentFault


def pin_threads() -> None:
    """Limit TensorFlow to the threads of the trial, which is possible before its first operation only."""
    threads = int(os.environ.get("VISIONTK_THREADS", "0"))
    if not threads:
        return
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        current = tf.config.threading.get_intra_op_parallelism_threads()
        if current != threads:
            raise EnvironmentFault(
                f"TensorFlow runs with {current or 'all'} threads in this process already; the trial needs {threads}.",
                error_id="E-ENV-THREADS",
                hint="Use --executor processes, or start a new process.",
            ) from None
