"""Who competes. What tasks share comes from the library; here are the defaults that suit radiographs."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from annotated_types import Ge, Gt, Le, Lt

from visiontk.blocks.image_augmentation import StrongAugmentation
from visiontk.core import About, Learner, flat, learner
from visiontk.learners.image_learners import logistic
from visiontk.learners.training import Training
from visiontk.learners.weights import Imbalance
from visiontk.spaces import Categorical, Range

AT = "28 x 28 grey, 2 classes"


@learner(About("classical", seeded=False))
def pixel_logistic(
    c: Annotated[float, Gt(0), Range(0.05, 500.0, log=True)] = 5.0, imbalance: Imbalance = "none"
) -> Learner:
    """Logistic regression [1]_ on standardised pixels: what can be had from grey levels alone.

    Parameters
    ----------
    c : float
        Inverse strength of the penalty on the mean loss, > 0.
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.

    References
    ----------
    .. [1] Cox (1958), The regression analysis of binary sequences, JRSS B 20, 215.
    """
    found: Learner = logistic(c=c, imbalance=imbalance)
    return found


@learner(About("classical", seeded=False))
def hog_svm(
    cells: list[Annotated[int, Ge(2), Le(128)]] | None = None,
    orientations: Annotated[int, Ge(2), Le(64), Range(6, 16)] = 8,
    n_components: Annotated[int, Ge(2), Range(50, 400, log=True)] = 150,
    c: Annotated[float, Gt(0), Range(0.3, 100.0, log=True)] = 5.0,
    imbalance: Imbalance = "none",
) -> Learner:
    """Histograms of oriented gradients [1]_, a support vector machine [2]_, probabilities by a sigmoid on valid [3]_.

    Parameters
    ----------
    cells : list of int or None
        Sides of the cells in pixels. None: a seventh and a quarter of the shorter side.
    orientations : int
        Bins of direction over 360 degrees.
    n_components : int
        Principal components that the kernel sees.
    c : float
        Inverse regularisation strength, > 0.
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.

    References
    ----------
    .. [1] Dalal and Triggs (2005), Histograms of oriented gradients for human detection, CVPR.
    .. [2] Cortes and Vapnik (1995), Support-vector networks, Machine Learning 20, 273.
    .. [3] Platt (1999), Probabilistic outputs for support vector machines and comparisons to regularized
       likelihood methods, in: Advances in large margin classifiers, 61.
    """
    from sklearn.svm import SVC

    from visiontk.baselines.hog import HogComponents
    from visiontk.learners.calibrated import Calibrated
    from visiontk.learners.classical import Classical
    from visiontk.learners.eight_bits import EightBits

    features = HogComponents(tuple(cells) if cells else None, orientations, n_components, parts=(7, 4))
    return EightBits(Calibrated(Classical(features, SVC(C=c, cache_size=500), imbalance=imbalance)))


@learner(About("classical"))
def texture_forest(
    grid: Annotated[int, Ge(1), Le(32), Range(2, 7)] = 4,
    n_levels: Annotated[int, Ge(2), Le(64), Range(8, 32, log=True)] = 16,
    n_trees: Annotated[int, Ge(1), Le(10_000), Range(100, 1000, log=True)] = 300,
    imbalance: Imbalance = "balanced",
) -> Learner:
    """Co-occurrence [1]_, local binary patterns [2]_ and intensity in a grid, then extremely randomised trees [3]_.

    Parameters
    ----------
    grid : int
        Cells along each side for patterns and intensity.
    n_levels : int
        Grey levels of the co-occurrence matrices.
    n_trees : int
        Of the forest.
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.

    References
    ----------
    .. [1] Haralick, Shanmugam and Dinstein (1973), Textural features for image classification, IEEE
       Transactions on Systems, Man, and Cybernetics 3, 610.
    .. [2] Ojala, Pietikäinen and Mäenpää (2002), Multiresolution gray-scale and rotation invariant
       texture classification with local binary patterns, IEEE PAMI 24, 971.
    .. [3] Geurts, Ernst and Wehenkel (2006), Extremely randomized trees, Machine Learning 63, 3.
    """
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.pipeline import make_union

    from visiontk.baselines.lbp import LocalBinaryPatterns
    from visiontk.baselines.texture import Texture
    from visiontk.learners.classical import Classical
    from visiontk.learners.eight_bits import EightBits

    features = make_union(Texture(grid, n_levels), LocalBinaryPatterns(grid))
    forest = ExtraTreesClassifier(n_trees, min_samples_leaf=2)
    return EightBits(Classical(features, forest, imbalance=imbalance))


@learner(About("network", layers=8, weights=77_234, at=AT))
@flat(learning_rate=1e-2, weight_decay=0.05, keep="last", averaging=0.99)
def medical_cnn(
    training: Training,
    variation: StrongAugmentation,
    width: Annotated[int, Ge(1), Le(1024), Range(8, 32, log=True)] = 16,
    dropout: Annotated[float, Ge(0), Lt(1), Range(0.0, 0.5)] = 0.2,
) -> Learner:
    """A small residual network [1]_ on pictures scaled one by one, strongly varied in training, weights averaged [2]_.

    Parameters
    ----------
    training : Training
        Field by field.
    variation : StrongAugmentation
        Field by field.
    width : int
        Filters of the first stage; the next ones have two and four times as many.
    dropout : float
        Share of the features that is dropped before the output in training, in [0, 1).

    References
    ----------
    .. [1] He, Zhang, Ren and Sun (2016), Deep residual learning for image recognition, CVPR, section 4.2.
    .. [2] Polyak and Juditsky (1992), Acceleration of stochastic approximation by averaging, SIAM Journal
       on Control and Optimization 30, 838.
    """
    from visiontk.blocks.medical_cnn import medical_cnn as build
    from visiontk.learners.network import Network

    return Network(partial(build, width=width, dropout=dropout), training, variation)


@learner(About("network", layers=8, weights=77_234, at=f"depth 8, {AT}"))
@flat(learning_rate=1e-2, weight_decay=0.05, keep="last", averaging=0.99)
def resnet(
    training: Training,
    variation: StrongAugmentation,
    depth: Annotated[int, Ge(8), Le(1202), Categorical((8, 14, 20))] = 8,
    width: Annotated[int, Ge(1), Le(1024), Range(8, 32, log=True)] = 16,
) -> Learner:
    """The small residual network for small pictures [1]_, of any depth 6 n + 2, strongly varied in training.

    Parameters
    ----------
    training : Training
        Field by field.
    variation : StrongAugmentation
        Field by field.
    depth : int
        Learned layers: 8, 14, 20, 32, 44, 56, 110 or any other 6 n + 2.
    width : int
        Filters of the first stage; 16 in the paper.

    References
    ----------
    .. [1] He, Zhang, Ren and Sun (2016), Deep residual learning for image recognition, CVPR, section 4.2.
    """
    from visiontk.blocks.resnet import blocks_per_stage
    from visiontk.blocks.resnet import resnet as build
    from visiontk.learners.network import Network

    blocks_per_stage(depth)  # a wrong depth is refused now, not when training starts
    return Network(partial(build, depth=depth, width=width), training, variation)
