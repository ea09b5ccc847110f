"""Learners of expressions. Rare classes count as much as common ones unless told otherwise, for all learners alike."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le

from visiontk.blocks.image_augmentation import StrongAugmentation
from visiontk.core import About, Inputs, Learner, flat, learner
from visiontk.learners.training import Training
from visiontk.learners.weights import Imbalance
from visiontk.spaces import Categorical, Range

AT = "48 x 48 grey, 7 classes"

SETTINGS: dict[str, Any] = {
    "imbalance": "balanced",
    "label_smoothing": 0.0,  # see `Adjusted`
    "learning_rate": 1e-2,
    "weight_decay": 0.05,
    "keep": "last",
    "shift": 0.08,
    "exposure": 0.0,
}
"""Of the networks. The valid part may hold one face of a class: its score is too noisy to choose an epoch by."""

Kernel = Literal["linear", "gaussian"]


def _machine(kernel: Kernel, c: float) -> Any:
    """The classifier behind every bank of features."""
    from sklearn.svm import SVC, LinearSVC

    if kernel == "gaussian":
        return SVC(C=c, cache_size=500)
    # Primal: no randomness, and the cost grows with the samples, not with their square.
    return LinearSVC(C=c, dual=False, tol=1e-3)


def _gradients(images: Inputs, cells: tuple[int, ...] | None, orientations: int) -> Inputs:
    from visiontk.baselines.hog import hog, hog_cells

    return hog(images, cells=cells or hog_cells(*images.shape[1:3]), orientations=orientations)


@learner(About("classical", probabilities=False, seeded=False))
def hog_svm(
    cells: list[Annotated[int, Ge(2), Le(128)]] | None = None,
    orientations: Annotated[int, Ge(2), Le(64), Range(6, 16)] = 8,
    n_components: Annotated[int, Ge(2), Le(4000), Range(50, 500, log=True)] = 200,
    kernel: Annotated[Kernel, Categorical(("linear", "gaussian"))] = "linear",
    c: Annotated[float, Gt(0), Range(1e-3, 10.0, log=True)] = 0.02,
    imbalance: Imbalance = "balanced",
) -> Learner:
    """Histograms of oriented gradients [1]_ at three scales, then a support vector machine [2]_.

    Parameters
    ----------
    cells : list of int or None
        Sides of the cells in pixels. None: a ninth, a seventh and a quarter of the shorter side.
    orientations : int
        Bins of direction over 360 degrees.
    n_components : int
        Principal components that the machine sees.
    kernel : {"linear", "gaussian"}
        Where a class has a dozen samples that weigh as much as thousands, the Gaussian kernel learns them by heart.
    c : float
        Inverse regularisation strength, > 0; 0.02 suits the linear kernel, 5 the Gaussian one.
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.

    References
    ----------
    .. [1] Dalal and Triggs (2005), Histograms of oriented gradients for human detection, CVPR.
    .. [2] Cortes and Vapnik (1995), Support-vector networks, Machine Learning 20, 273.
    """
    from sklearn.preprocessing import FunctionTransformer

    from visiontk.baselines.components import Components
    from visiontk.learners.classical import Classical

    features = FunctionTransformer(
        _gradients, kw_args={"cells": tuple(cells) if cells else None, "orientations": orientations}
    )
    return Classical(features, Components(n_components), _machine(kernel, c), imbalance=imbalance)


@learner(About("classical", probabilities=False, seeded=False))
def lbp_svm(
    grid: Annotated[int, Ge(1), Le(32), Range(4, 8)] = 6,
    n_components: Annotated[int, Ge(2), Le(4000), Range(50, 500, log=True)] = 200,
    kernel: Annotated[Kernel, Categorical(("linear", "gaussian"))] = "linear",
    c: Annotated[float, Gt(0), Range(1e-3, 10.0, log=True)] = 0.02,
    imbalance: Imbalance = "balanced",
) -> Learner:
    """Local binary patterns in a grid of cells [1]_, then a support vector machine [2]_.

    Parameters
    ----------
    grid : int
        Cells along each side.
    n_components : int
        Principal components that the machine sees.
    kernel : {"linear", "gaussian"}
        As for `hog_svm`.
    c : float
        Inverse regularisation strength, > 0; 0.02 suits the linear kernel, 5 the Gaussian one.
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.

    References
    ----------
    .. [1] Shan, Gong and McOwan (2009), Facial expression recognition based on local binary patterns: a
       comprehensive study, Image and Vision Computing 27, 803.
    .. [2] Cortes and Vapnik (1995), Support-vector networks, Machine Learning 20, 273.
    """
    from visiontk.baselines.components import Components
    from visiontk.baselines.lbp import LocalBinaryPatterns
    from visiontk.learners.classical import Classical

    features = LocalBinaryPatterns(grid, radii=(1, 2))
    return Classical(features, Components(n_components, power=0.5), _machine(kernel, c), imbalance=imbalance)


@learner(About("classical", probabilities=False, seeded=False))
def gabor_svm(
    scales: Annotated[int, Ge(1), Le(12), Range(3, 6)] = 5,
    orientations: Annotated[int, Ge(2), Le(64), Range(6, 16)] = 8,
    grid: Annotated[int, Ge(1), Le(32), Range(4, 8)] = 7,
    n_components: Annotated[int, Ge(2), Le(4000), Range(50, 500, log=True)] = 200,
    kernel: Annotated[Kernel, Categorical(("linear", "gaussian"))] = "linear",
    c: Annotated[float, Gt(0), Range(1e-3, 10.0, log=True)] = 0.02,
    imbalance: Imbalance = "balanced",
) -> Learner:
    """Pooled magnitudes of a bank of Gabor filters [1]_, then a support vector machine [2]_.

    Parameters
    ----------
    scales : int
        Wavelengths, from 4 pixels, half an octave apart.
    orientations : int
        Directions over 180 degrees.
    grid : int
        Cells along each side in which magnitudes are averaged.
    n_components : int
        Principal components that the machine sees.
    kernel : {"linear", "gaussian"}
        As for `hog_svm`.
    c : float
        Inverse regularisation strength, > 0; 0.02 suits the linear kernel, 5 the Gaussian one.
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.

    References
    ----------
    .. [1] Lyons, Akamatsu, Kamachi and Gyoba (1998), Coding facial expressions with Gabor wavelets, FG.
    .. [2] Cortes and Vapnik (1995), Support-vector networks, Machine Learning 20, 273.
    """
    from visiontk.baselines.components import Components
    from visiontk.baselines.gabor import Gabor
    from visiontk.learners.classical import Classical

    features = Gabor(scales, orientations, grid)
    return Classical(features, Components(n_components), _machine(kernel, c), imbalance=imbalance)


@learner(About("classical", probabilities=False))
def sift_bag(
    n_words: Annotated[int, Ge(2), Le(10_000), Range(100, 600, log=True)] = 256,
    step: Annotated[int, Ge(1), Le(64), Range(2, 5)] = 3,
    n_components: Annotated[int, Ge(2), Le(4000), Range(50, 500, log=True)] = 200,
    kernel: Annotated[Kernel, Categorical(("linear", "gaussian"))] = "linear",
    c: Annotated[float, Gt(0), Range(1e-3, 10.0, log=True)] = 0.02,
    imbalance: Imbalance = "balanced",
) -> Learner:
    """Bag of visual words of dense SIFT descriptors in a spatial pyramid [1]_, then a support vector machine [2]_.

    Parameters
    ----------
    n_words : int
        Of k-means, found on train.
    step : int
        Between neighbouring descriptors in pixels.
    n_components : int
        Principal components of the square roots of the histograms that the machine sees.
    kernel : {"linear", "gaussian"}
        As for `hog_svm`.
    c : float
        Inverse regularisation strength, > 0; 0.02 suits the linear kernel, 5 the Gaussian one.
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.

    References
    ----------
    .. [1] Ionescu, Popescu and Grozea (2013), Local learning to improve bag of visual words model for facial
       expression recognition, ICML workshop on challenges in representation learning. Here one machine for
       all, not one for each picture's neighbours.
    .. [2] Cortes and Vapnik (1995), Support-vector networks, Machine Learning 20, 273.
    """
    from visiontk.baselines.components import Components
    from visiontk.baselines.sift import VisualWords
    from visiontk.learners.classical import Classical

    features = VisualWords(n_words, step=step)
    return Classical(features, Components(n_components, power=0.5), _machine(kernel, c), imbalance=imbalance)


@learner(About("network", layers=7, weights=72_464, at=f"plain, {AT}"))
@flat(**SETTINGS, epochs=12)
def expression_cnn(
    training: Training,
    augmentation: StrongAugmentation,
    design: Literal["plain", "mini_xception"] = "plain",
    width: Annotated[int, Ge(1), Le(512)] | None = None,
) -> Learner:
    """Each face on its own scale, then three pairs of convolutions; or mini-Xception [1]_.

    Parameters
    ----------
    training : Training
        Field by field.
    augmentation : StrongAugmentation
        Field by field.
    design : {"plain", "mini_xception"}
        "mini_xception" is the network of [1]_: separable convolutions with shortcuts. "plain" has fewer, denser
        convolutions, which a processor runs several times faster.
    width : int or None
        Filters of the first convolution. None: 16, and 8 for mini_xception.

    References
    ----------
    .. [1] Arriaga, Valdenegro-Toro and Plöger (2017), Real-time convolutional neural networks for emotion and
       gender classification, arXiv:1710.07557.
    """
    from visiontk.blocks.expression_cnn import expression_cnn as plain
    from visiontk.blocks.xception import mini_xception
    from visiontk.learners.adjusted import LogitAdjusted
    from visiontk.learners.network import Network

    build, usual = (plain, 16) if design == "plain" else (mini_xception, 8)
    return LogitAdjusted(Network(partial(build, width=width or usual), training, augmentation))


@learner(About("network", layers=8, weights=77_559, at=f"depth 8, {AT}"))
@flat(**SETTINGS, epochs=16)
def resnet(
    training: Training,
    augmentation: StrongAugmentation,
    depth: Annotated[int, Ge(8), Le(1202), Categorical((8, 14, 20))] = 8,
    width: Annotated[int, Ge(1), Le(1024), Range(8, 32, log=True)] = 16,
) -> Learner:
    """The small residual network for small pictures [1]_, of any depth 6 n + 2; its first layer halves the sides.

    Parameters
    ----------
    training : Training
        Field by field.
    augmentation : StrongAugmentation
        Field by field.
    depth : int
        Learned layers: 8, 14, 20, 32 or any other 6 n + 2.
    width : int
        Filters of the first stage; 16 in the paper.

    References
    ----------
    .. [1] He, Zhang, Ren and Sun (2016), Deep residual learning for image recognition, CVPR, section 4.2.
    """
    from visiontk.blocks.resnet import blocks_per_stage
    from visiontk.blocks.resnet import resnet as build
    from visiontk.learners.adjusted import LogitAdjusted
    from visiontk.learners.network import Network

    blocks_per_stage(depth)  # a wrong depth is refused now, not when training starts
    return LogitAdjusted(Network(partial(build, depth=depth, width=width, stem_strides=2), training, augmentation))
