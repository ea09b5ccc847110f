"""Photos a second and core of EfficientNet-Lite0 at 224 x 224 pixels: frozen in float32 and bfloat16, and in training.

CPU seconds of one thread, so that a busy machine changes little. Needs the extra ``pretrained``::

    python benchmarks/pretrained_speed.py
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

os.environ["VISIONTK_THREADS"] = "1"

import keras
import numpy as np

from visiontk.learners.backbone import BATCH, FrozenFeatures, trainable_backbone
from visiontk.learners.pretrained_source import PretrainedNetwork

N = 4 * BATCH
REPEATS = 3


def main() -> None:
    """Print one line for each."""
    source = PretrainedNetwork()
    pictures = np.random.default_rng(0).integers(0, 256, (N, source.pixels, source.pixels, 3), np.uint8)
    for precision in ("float32", "mixed_bfloat16"):
        features = FrozenFeatures(source, precision=precision)
        print(f"frozen, {precision}: {speed(lambda f=features: f(pictures)):.0f} photos/s")  # type: ignore[misc]
    backbone = trainable_backbone(source)
    model = keras.Model(backbone.input, keras.layers.Dense(10)(backbone.output))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.AdamW(1e-5), loss, jit_compile=False)
    y = np.arange(N) % 10
    print(f"training, float32: {speed(lambda: model.fit(pictures, y, batch_size=BATCH, verbose=0)):.0f} photos/s")


def speed(run: Callable[[], object]) -> float:
    """Photos per CPU second of the fastest of `REPEATS` runs, after one that warms up."""
    run()
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return N / min(times)


if __name__ == "__main__":
    main()
