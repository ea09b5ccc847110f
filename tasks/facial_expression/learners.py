"""Learners of expressions. By default rare classes count as much as common ones, for all learners alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le

from visiontk.blocks.image_augmentation import StrongAugmentation
from visiontk.core import About, Inputs, Learner, flat, learner
from visiontk.learners.image_baselines import HogCells
from visiontk.learners.image_networks import SmallResNet
from visiontk.learners.imbalance import Imbalance
from visiontk.learners.training import Training
from visiontk.spaces import Categorical, Range

AT = "48 x 48 grey, 7 classes"

SETTINGS: dict[str, Any] = {
    "imbalance": "balanced",
    "label_smoothing": 0.0,  # see `LogitAdjusted`
    "learning_rate": 1e-2,
    "weight_decay": 0.05,
    "keep": "last",
    "shift": 0.08,
    "exposure": 0.0,
}
"""Of the networks. A validation set may hold one face of a class: its score is too noisy to choose an epoch."""

Kernel = Literal["linear", "gaussian"]


@dataclass(frozen=True)
class SupportVectorMachine:
    """Principal components of features, then a support vector machine.

    Parameters
    ----------
    n_components : int
        Principal components that the support vector machine sees.
    kernel : {"linear", "gaussian"}
        If a class has a dozen samples that weigh as much as thousands, the Gaussian kernel memorises them.
    c : float
        Inverse regularisation strength, > 0; 0.02 suits the linear kernel, 5 the Gaussian one.
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.
    """

    n_components: Annotated[int, Ge(2), Le(4000), Range(50, 500, log=True)] = 200
    kernel: Annotated[Kernel, Categorical(("linear", "gaussian"))] = "linear"
    c: Annotated[float, Gt(0), Range(1e-3, 10.0, log=True)] = 0.02
    imbalance: Imbalance = "balanced"

    def on(self, features: Any, **options: Any) -> Learner:
        """Learner on these features; options as for `Components`."""
        from sklearn.svm import SVC, LinearSVC

        from visiontk.baselines.principal_components import PrincipalComponents
        from visiontk.learners.classical import Classical

        if self.kernel == "gaussian":
            machine = SVC(C=self.c, cache_size=500)
        else:
            # Primal: no randomness, and the cost is linear in the samples, not quadratic.
            machine = LinearSVC(C=self.c, dual=False, tol=1e-3)
        return Classical(features, PrincipalComponents(self.n_components, **options), machine, imbalance=self.imbalance)


def _gradients(images: Inputs, cells: tuple[int, ...] | None, orientations: int) -> Inputs:
    from visiontk.baselines.hog import hog, hog_cells

    return hog(images, cells=cells or hog_cells(*images.shape[1:3]), orientations=orientations)


@learner(About("classical", probabilities=False, seeded=False, cost=0.8))
@flat()
def hog_svm(hog: HogCells, svm: SupportVectorMachine) -> Learner:
    """Histograms of oriented gradients [1]_ at three scales, then a support vector machine [2]_.

    References
    ----------
    .. [1] Dalal and Triggs (2005), Histograms of oriented gradients for human detection, CVPR.
    .. [2] Cortes and Vapnik (1995), Support-vector networks, Machine Learning 20, 273.
    """
    from sklearn.preprocessing import FunctionTransformer

    options = {"cells": tuple(hog.cells) if hog.cells else None, "orientations": hog.orientations}
    return svm.on(FunctionTransformer(_gradients, kw_args=options))


@learner(About("classical", probabilities=False, seeded=False, cost=0.9))
@flat()
def lbp_svm(svm: SupportVectorMachine, grid: Annotated[int, Ge(1), Le(32), Range(4, 8)] = 6) -> Learner:
    """Local binary patterns in a grid of cells [1]_, then a support vector machine [2]_.

    Parameters
    ----------
    grid : int
        Cells along each side.

    References
    ----------
    .. [1] Shan, Gong and McOwan (2009), Facial expression recognition based on local binary patterns: a
       comprehensive study, Image and Vision Computing 27, 803.
    .. [2] Cortes and Vapnik (1995), Support-vector networks, Machine Learning 20, 273.
    """
    from visiontk.baselines.lbp import LocalBinaryPatterns

    return svm.on(LocalBinaryPatterns(grid, radii=(1, 2)), power=0.5)


@learner(About("classical", probabilities=False, seeded=False, cost=3))
@flat()
def gabor_svm(
    svm: SupportVectorMachine,
    scales: Annotated[int, Ge(1), Le(12), Range(3, 6)] = 5,
    orientations: Annotated[int, Ge(2), Le(64), Range(6, 16)] = 8,
    grid: Annotated[int, Ge(1), Le(32), Range(4, 8)] = 7,
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

    References
    ----------
    .. [1] Lyons, Akamatsu, Kamachi and Gyoba (1998), Coding facial expressions with Gabor wavelets, FG.
    .. [2] Cortes and Vapnik (1995), Support-vector networks, Machine Learning 20, 273.
    """
    from visiontk.baselines.gabor import Gabor

    return svm.on(Gabor(scales, orientations, grid))


@learner(About("classical", probabilities=False, cost=2))
@flat()
def sift_bag(
    svm: SupportVectorMachine,
    n_words: Annotated[int, Ge(2), Le(10_000), Range(100, 600, log=True)] = 256,
    step: Annotated[int, Ge(1), Le(64), Range(2, 5)] = 3,
) -> Learner:
    """Bag of visual words of dense SIFT descriptors in a spatial pyramid [1]_, then a support vector machine [2]_.

    The principal components are those of the square roots of the histograms.

    Parameters
    ----------
    n_words : int
        Visual words, by k-means on the training set.
    step : int
        Distance between neighbouring descriptors in pixels.

    References
    ----------
    .. [1] Ionescu, Popescu and Grozea (2013), Local learning to improve bag of visual words model for facial
       expression recognition, ICML workshop on challenges in representation learning. Here one support vector
       machine for all images, not one for the neighbours of each.
    .. [2] Cortes and Vapnik (1995), Support-vector networks, Machine Learning 20, 273.
    """
    from visiontk.baselines.sift import VisualWords

    return svm.on(VisualWords(n_words, step=step), power=0.5)


@learner(About("network", layers=7, weights=72_464, at=f"plain, {AT}", cost=17))
@flat(**SETTINGS, epochs=12)
def expression_cnn(
    training: Training,
    augmentation: StrongAugmentation,
    design: Literal["plain", "mini_xception"] = "plain",
    width: Annotated[int, Ge(1), Le(512)] | None = None,
) -> Learner:
    """Standardised faces, then three pairs of convolutions; or mini-Xception [1]_.

    Parameters
    ----------
    design : {"plain", "mini_xception"}
        "mini_xception" is the network of [1]_: separable convolutions with shortcuts. "plain" has fewer, denser
        convolutions, which run several times faster on a CPU.
    width : int or None
        Filters of the first convolution. None: 16, and 8 for mini_xception.

    References
    ----------
    .. [1] Arriaga, Valdenegro-Toro and Plöger (2017), Real-time convolutional neural networks for emotion and
       gender classification, arXiv:1710.07557.
    """
    from visiontk.blocks.expression_cnn import expression_cnn as plain
    from visiontk.blocks.xception import mini_xception
    from visiontk.learners.logit_adjusted import LogitAdjusted

    build, default_width = (plain, 16) if design == "plain" else (mini_xception, 8)
    return LogitAdjusted(partial(build, width=width or default_width), training, augmentation)


@learner(About("network", layers=8, weights=77_559, at=f"depth 8, {AT}", cost=23))
@flat(**SETTINGS, epochs=16)
def resnet(network: SmallResNet, training: Training, augmentation: StrongAugmentation) -> Learner:
    """Small residual network for small images [1]_, of any depth 6 n + 2; its first layer halves the sides.

    References
    ----------
    .. [1] He, Zhang, Ren and Sun (2016), Deep residual learning for image recognition, CVPR, section 4.2.
    """
    from visiontk.learners.logit_adjusted import LogitAdjusted

    return LogitAdjusted(network.builder(stem_strides=2), training, augmentation)
