"""Own image features compared with scikit-image: equality, time and accuracy, for docs/decisions/013.

``python benchmarks/features.py [--task TASK] [--dataset DATASET] [--images N]``. Each feature is computed by the
package and by scikit-image on the same images with one thread; times are medians over batches. The same linear support
vector machine is then fitted to both on the training set and scored on the validation set. The test set is not read.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

os.environ.update({"VISIONTK_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})

import numpy as np
from numpy.typing import NDArray

from visiontk.baselines.gabor import BANDWIDTH, STEP, Gabor
from visiontk.baselines.hog import hog
from visiontk.baselines.lbp import LocalBinaryPatterns
from visiontk.baselines.pooling import pooling_weights
from visiontk.baselines.principal_components import PrincipalComponents
from visiontk.baselines.sift import dense_sift
from visiontk.baselines.texture_features import PROPERTIES, glcm, glcm_properties, quantize
from visiontk.harness.plan import folds_of
from visiontk.registry import get_task

Images = NDArray[np.uint8]
Features = NDArray[Any]
Extract = Callable[[Images], Features]
GRID, BATCH = 6, 50
LEVELS, OFFSETS = 16, ((0, 1), (1, 1), (1, 0), (1, -1))
SCALES, ORIENTATIONS = 5, 8


class Pair(NamedTuple):
    """A feature of the package and the nearest one of scikit-image, each from images of shape (n, height, width)."""

    name: str
    library: str
    own: Extract
    theirs: Extract
    words: bool = False


def lbp(images: Images, tolerance: int) -> Features:
    """Histograms of our local binary patterns at one pixel and two."""
    return LocalBinaryPatterns(GRID, radii=(1, 2), tolerance=tolerance).transform(images[..., None])


def skimage_lbp(images: Images) -> Features:
    """The same histograms of scikit-image's codes."""
    from skimage.feature import local_binary_pattern

    _, height, width = images.shape
    cell = (np.arange(height) * GRID // height)[:, None] * GRID + np.arange(width) * GRID // width
    rows = []
    for image in images:
        codes = [local_binary_pattern(image, 8, radius, method="nri_uniform").astype(np.int64) for radius in (1, 2)]
        counts = [np.bincount((cell * 59 + code).ravel(), minlength=GRID * GRID * 59) for code in codes]
        rows.append(np.concatenate([count.reshape(-1, 59) / count.reshape(-1, 59).sum(1, keepdims=True)
                                    for count in counts]).ravel())  # fmt: skip
    return np.asarray(rows, np.float32)


def cooccurrence(images: Images) -> Features:
    """Properties of our grey-level co-occurrence matrices, without the entropy."""
    levels = quantize(images.astype(np.float32), LEVELS)
    return np.concatenate([glcm_properties(glcm(levels, LEVELS, offset))[:, :5] for offset in OFFSETS], axis=1)


def skimage_cooccurrence(images: Images) -> Features:
    """The same properties by graycomatrix and graycoprops."""
    from skimage.feature import graycomatrix, graycoprops

    levels = quantize(images.astype(np.float32), LEVELS).astype(np.uint8)
    # Its distances are rounded lengths: at 45 degrees the square root of 2 is one step in each direction.
    angles = {(0, 1): (1, 0), (1, 1): (2**0.5, np.pi / 4), (1, 0): (1, np.pi / 2), (1, -1): (2**0.5, 3 * np.pi / 4)}
    rows = []
    for image in levels:
        matrices = [graycomatrix(image, [d], [a], LEVELS, symmetric=True, normed=True) for d, a in angles.values()]
        rows.append([graycoprops(each, name)[0, 0] for each in matrices for name in PROPERTIES[:5]])
    return np.asarray(rows)


def gabor(images: Images) -> Features:
    """Our pooled magnitudes."""
    return Gabor(SCALES, ORIENTATIONS, GRID).transform(images[..., None])


def skimage_gabor(images: Images) -> Features:
    """The same wavelengths, directions and widths by ``gabor_kernel``, pooled in the same cells."""
    from scipy.signal import fftconvolve
    from skimage.filters import gabor_kernel

    pool_rows, pool_columns = (pooling_weights(side, GRID) for side in images.shape[1:])
    kernels = []
    for scale in range(SCALES):
        frequency = 0.25 / STEP**scale
        sigma = BANDWIDTH / (2 * np.pi * frequency)
        kernels += [gabor_kernel(frequency, np.pi * i / ORIENTATIONS, sigma_x=sigma, sigma_y=sigma)
                    for i in range(ORIENTATIONS)]  # fmt: skip
    features = []
    for image in images:
        standardized = (image - image.mean()) / max(float(image.std()), 1.0)
        pooled = []
        for kernel in kernels:
            reach = kernel.shape[0] // 2, kernel.shape[1] // 2
            padded = np.pad(standardized, [(side, side) for side in reach], mode="reflect")
            pooled.append((pool_rows @ np.abs(fftconvolve(padded, kernel, mode="valid")) @ pool_columns.T).ravel())
        features.append(np.concatenate(pooled))
    return np.asarray(features, np.float32)


def skimage_daisy(images: Images) -> Features:
    """Dense DAISY descriptors: scikit-image's SIFT describes its own keypoints only."""
    from skimage.feature import daisy

    rows = [daisy(image, step=3, radius=6, rings=2, histograms=8, orientations=8) for image in images]
    return np.asarray(rows, np.float32).reshape(len(images), -1, rows[0].shape[-1])


def skimage_hog(images: Images) -> Features:
    """HOG with unsigned directions and cells of 4 pixels."""
    from skimage.feature import hog as theirs

    return np.asarray([theirs(image, 9, (4, 4), (2, 2)) for image in images], np.float32)


PAIRS = (
    Pair("LBP, tolerance 0", "local_binary_pattern", lambda x: lbp(x, 0), skimage_lbp),
    Pair("LBP, tolerance 3 (default)", "local_binary_pattern", lambda x: lbp(x, 3), skimage_lbp),
    Pair("co-occurrence", "graycomatrix, graycoprops", cooccurrence, skimage_cooccurrence),
    Pair("Gabor", "gabor_kernel, scipy fftconvolve", gabor, skimage_gabor),
    Pair("dense SIFT", "daisy", lambda x: dense_sift(x[..., None], bin_sizes=(3,)), skimage_daisy, words=True),
    Pair("HOG, votes not shared", "hog",
         lambda x: hog(x[..., None], cells=(4,), orientations=9, signed=False, interpolate=False), skimage_hog),
    Pair("HOG (default)", "hog", lambda x: hog(x[..., None], cells=(4,)), skimage_hog),
)  # fmt: skip


def main() -> None:
    """Print one row of a Markdown table for each feature."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", default="facial_expression")
    parser.add_argument("--dataset", help="default: the one that needs no download")
    parser.add_argument("--images", type=int, default=400, help="of each of the two sets, at most")
    arguments = parser.parse_args()
    task = get_task(arguments.task)
    samples = task.dataset(arguments.dataset or next(iter(task.datasets)))()
    train, valid, _ = folds_of(task, samples, 1, None)[0]
    rng = np.random.default_rng(0)
    train, valid = (np.sort(rng.permutation(part)[: arguments.images]) for part in (train, valid))
    x_train, x_valid = (samples.take(part)[..., 0] for part in (train, valid))
    y_train, y_valid = samples.y[train], samples.y[valid]
    print(f"{len(train)} training and {len(valid)} validation images of {x_train.shape[1:]} pixels\n")
    print("| own | scikit-image | largest difference | ms per image: own | library | accuracy: own | library |")
    print("|---|---|---|---|---|---|---|")
    for pair in PAIRS:
        (own_ms, own_train), (their_ms, their_train) = timed(pair.own, x_train), timed(pair.theirs, x_train)
        own_valid, their_valid = in_batches(pair.own, x_valid), in_batches(pair.theirs, x_valid)
        own = accuracy(own_train, y_train, own_valid, y_valid, pair.words)
        theirs = accuracy(their_train, y_train, their_valid, y_valid, pair.words)
        same = own_train.shape == their_train.shape
        apart = f"{np.abs(own_train.astype(np.float64) - their_train).max():.1e}" if same else "other features"
        times = f"{own_ms:.2f} | {their_ms:.2f}"
        print(f"| {pair.name} | `{pair.library}` | {apart} | {times} | {own} | {theirs} |", flush=True)


def timed(extract: Extract, images: Images) -> tuple[float, Features]:
    """Return the median milliseconds per image and the features."""
    extract(images[:2])
    parts, times = [], []
    for start in range(0, len(images), BATCH):
        begin = time.perf_counter()
        parts.append(extract(images[start : start + BATCH]))
        times.append(1000 * (time.perf_counter() - begin) / len(parts[-1]))
    return statistics.median(times), np.concatenate(parts)


def in_batches(extract: Extract, images: Images) -> Features:
    """Return the features of all images."""
    return np.concatenate([extract(images[i : i + BATCH]) for i in range(0, len(images), BATCH)])


def accuracy(x_train: Features, y_train: Any, x_valid: Features, y_valid: Any, words: bool) -> str:
    """Score a linear support vector machine on principal components, of word counts where descriptors are given."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import LinearSVC

    if words:
        x_train, x_valid = word_counts(x_train, x_train), word_counts(x_train, x_valid)
    machine = make_pipeline(PrincipalComponents(200), StandardScaler(), LinearSVC(C=0.02, class_weight="balanced"))
    return f"{100 * machine.fit(x_train, y_train).score(x_valid, y_valid):.1f} %"


def word_counts(x_train: Features, x: Features) -> Features:
    """Histograms of 128 visual words of descriptors, shape (n, n_places, n_features), square roots taken."""
    from sklearn.cluster import KMeans

    descriptors = x_train.reshape(-1, x_train.shape[-1])
    chosen = np.random.default_rng(0).permutation(len(descriptors))[:20_000]
    means = KMeans(128, n_init=1, max_iter=15, random_state=0).fit(descriptors[chosen])
    words = means.predict(np.ascontiguousarray(x.reshape(-1, x.shape[-1]))).reshape(len(x), -1)
    counts: Features = np.stack([np.bincount(row, minlength=128) for row in words])
    return np.asarray(np.sqrt(counts / words.shape[1]))


if __name__ == "__main__":
    main()
