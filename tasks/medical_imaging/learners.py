"""Learners of medical images: those that tasks share with defaults for radiographs, and a texture forest."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le, Lt

from visiontk.blocks.image_augmentation import StrongAugmentation
from visiontk.core import About, Learner, flat, learner
from visiontk.learners.classical import Forest
from visiontk.learners.image_baselines import GaussianSVM, HogCells, logistic
from visiontk.learners.image_networks import SmallResNet
from visiontk.learners.imbalance import ClassBalance
from visiontk.learners.training import Training
from visiontk.spaces import Range

AT = "28 x 28 grey, 2 classes"

SETTINGS: dict[str, Any] = {"learning_rate": 1e-2, "weight_decay": 0.05, "keep": "last", "averaging": 0.99}
"""Of the networks."""


# Declared again and not shared with `logistic`: the default and the search range of c differ.
@learner(About("classical", seeded=False, cost=0.03))
@flat()
def pixel_logistic(balance: ClassBalance, c: Annotated[float, Gt(0), Range(0.05, 500.0, log=True)] = 5.0) -> Learner:
    """Logistic regression [1]_ on standardised pixels: what grey levels alone can achieve.

    Parameters
    ----------
    c : float
        Inverse strength of the penalty on the mean loss, > 0.

    References
    ----------
    .. [1] Cox (1958), The regression analysis of binary sequences, JRSS B 20, 215.
    """
    return logistic(c, imbalance=balance.imbalance)


@learner(About("classical", seeded=False, cost=0.3))
@flat(n_components=150)
def hog_svm(hog: HogCells, svm: GaussianSVM, balance: ClassBalance) -> Learner:
    """Histograms of oriented gradients [1]_, then a support vector machine [2]_ with Platt scaling [3]_.

    Parameters
    ----------
    cells : list of int or None
        Sides of the cells in pixels. None: a seventh and a quarter of the shorter side.

    References
    ----------
    .. [1] Dalal and Triggs (2005), Histograms of oriented gradients for human detection, CVPR.
    .. [2] Cortes and Vapnik (1995), Support-vector networks, Machine Learning 20, 273.
    .. [3] Platt (1999), Probabilistic outputs for support vector machines and comparisons to regularized
       likelihood methods, in: Advances in large margin classifiers, 61.
    """
    from visiontk.learners.as_uint8 import AsUint8
    from visiontk.learners.platt_scaling import PlattScaled

    return AsUint8(PlattScaled(svm.on_hog(hog, balance, parts=(7, 4))))


@learner(About("classical", cost=2))
@flat(imbalance="balanced")
def texture_forest(
    forest: Forest,
    balance: ClassBalance,
    grid: Annotated[int, Ge(1), Le(32), Range(2, 7)] = 4,
    n_levels: Annotated[int, Ge(2), Le(64), Range(8, 32, log=True)] = 16,
) -> Learner:
    """Co-occurrence [1]_, local binary patterns [2]_ and intensity in a grid, then extremely randomised trees [3]_.

    Parameters
    ----------
    grid : int
        Cells along each side for patterns and intensity.
    n_levels : int
        Grey levels of the co-occurrence matrices.

    References
    ----------
    .. [1] Haralick, Shanmugam and Dinstein (1973), Textural features for image classification, IEEE
       Transactions on Systems, Man, and Cybernetics 3, 610.
    .. [2] Ojala, Pietikäinen and Mäenpää (2002), Multiresolution gray-scale and rotation invariant
       texture classification with local binary patterns, IEEE PAMI 24, 971.
    .. [3] Geurts, Ernst and Wehenkel (2006), Extremely randomized trees, Machine Learning 63, 3.
    """
    from sklearn.pipeline import make_union

    from visiontk.baselines.lbp import LocalBinaryPatterns
    from visiontk.baselines.texture_features import TextureFeatures
    from visiontk.learners.as_uint8 import AsUint8

    return AsUint8(forest.on(make_union(TextureFeatures(grid, n_levels), LocalBinaryPatterns(grid)), balance))


@learner(About("network", layers=8, weights=77_234, at=AT, cost=30))
@flat(**SETTINGS)
def medical_cnn(
    training: Training,
    augmentation: StrongAugmentation,
    width: Annotated[int, Ge(1), Le(1024), Range(8, 32, log=True)] = 16,
    dropout: Annotated[float, Ge(0), Lt(1), Range(0.0, 0.5)] = 0.2,
) -> Learner:
    """A small residual network [1]_ on standardised images, with strong augmentation and averaged weights [2]_.

    Parameters
    ----------
    width : int
        Filters of the first stage; the next ones have two and four times as many.
    dropout : float
        Fraction of the features before the output dropped in training, in [0, 1).

    References
    ----------
    .. [1] He, Zhang, Ren and Sun (2016), Deep residual learning for image recognition, CVPR, section 4.2.
    .. [2] Polyak and Juditsky (1992), Acceleration of stochastic approximation by averaging, SIAM Journal
       on Control and Optimization 30, 838.
    """
    from visiontk.blocks.medical_cnn import medical_cnn as build
    from visiontk.learners.network import Network

    return Network(partial(build, width=width, dropout=dropout), training, augmentation)


@learner(About("network", layers=8, weights=77_234, at=f"depth 8, {AT}", cost=30))
@flat(**SETTINGS)
def resnet(network: SmallResNet, training: Training, augmentation: StrongAugmentation) -> Learner:
    """Small residual network for small images [1]_, of any depth 6 n + 2, with strong augmentation.

    References
    ----------
    .. [1] He, Zhang, Ren and Sun (2016), Deep residual learning for image recognition, CVPR, section 4.2.
    """
    from visiontk.learners.network import Network

    return Network(network.builder(), training, augmentation)
