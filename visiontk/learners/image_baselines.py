"""Traditional learners on images that tasks share. scikit-learn is imported when one is built, so lists stay fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le

from visiontk.core import About, Learner, flat, learner
from visiontk.learners.imbalance import ClassBalance
from visiontk.spaces import Range


@dataclass(frozen=True)
class HogCells:
    """Grid of histograms of oriented gradients.

    Parameters
    ----------
    cells : list of int or None
        Sides of the cells in pixels. None: a ninth, a seventh and a quarter of the shorter side.
    orientations : int
        Bins of direction over 360 degrees.
    """

    cells: list[Annotated[int, Ge(2), Le(128)]] | None = None
    orientations: Annotated[int, Ge(2), Le(64), Range(6, 16)] = 8


@dataclass(frozen=True)
class GaussianSVM:
    """Support vector machine with a Gaussian kernel on principal components.

    Parameters
    ----------
    n_components : int
        Principal components that the kernel sees.
    c : float
        Inverse regularisation strength, > 0.
    """

    n_components: Annotated[int, Ge(2), Range(50, 400, log=True)] = 200
    c: Annotated[float, Gt(0), Range(0.3, 100.0, log=True)] = 5.0

    def on_hog(self, hog: HogCells, balance: ClassBalance, **options: Any) -> Learner:
        """Learner on histograms of oriented gradients; options as for `HogComponents`."""
        from sklearn.svm import SVC

        from visiontk.baselines.hog import HogComponents
        from visiontk.learners.classical import Classical

        cells = tuple(hog.cells) if hog.cells else None
        features = HogComponents(cells, hog.orientations, self.n_components, **options)
        return Classical(features, SVC(C=self.c, cache_size=500), imbalance=balance.imbalance)


@learner(About("classical", seeded=False, cost=0.15))
@flat()
def logistic(balance: ClassBalance, c: Annotated[float, Gt(0), Range(5.0, 5e4, log=True)] = 500.0) -> Learner:
    """Multinomial logistic regression [1]_ on standardised pixels.

    Parameters
    ----------
    c : float
        Inverse strength of the penalty on the mean loss, > 0.

    References
    ----------
    .. [1] Cox (1958), The regression analysis of binary sequences, JRSS B 20, 215.
    """
    from sklearn.preprocessing import StandardScaler

    from visiontk.baselines.classifiers import Logistic
    from visiontk.baselines.scaled_pixels import ScaledPixels
    from visiontk.learners.classical import Classical

    return Classical(ScaledPixels(), StandardScaler(copy=False), Logistic(c), imbalance=balance.imbalance)


@learner(About("classical", probabilities=False, seeded=False, cost=1.5))
@flat()
def hog_svm(hog: HogCells, svm: GaussianSVM, balance: ClassBalance) -> Learner:
    """Histograms of oriented gradients [1]_ at three scales, then a support vector machine with a Gaussian kernel [2]_.

    References
    ----------
    .. [1] Dalal and Triggs (2005), Histograms of oriented gradients for human detection, CVPR.
    .. [2] Cortes and Vapnik (1995), Support-vector networks, Machine Learning 20, 273.
    """
    return svm.on_hog(hog, balance)


@learner(About("classical", cost=1.6))
@flat()
def lbp_forest(
    balance: ClassBalance,
    grid: Annotated[int, Ge(1), Le(32), Range(2, 7)] = 4,
    n_trees: Annotated[int, Ge(1), Le(10_000), Range(50, 500, log=True)] = 150,
) -> Learner:
    """Local binary patterns [1]_ in a grid of cells, then extremely randomised trees [2]_.

    Parameters
    ----------
    grid : int
        Cells along each side.
    n_trees : int
        Number of trees.

    References
    ----------
    .. [1] Ojala, Pietikäinen and Mäenpää (2002), Multiresolution gray-scale and rotation invariant
       texture classification with local binary patterns, IEEE PAMI 24, 971.
    .. [2] Geurts, Ernst and Wehenkel (2006), Extremely randomized trees, Machine Learning 63, 3.
    """
    from visiontk.baselines.lbp import LocalBinaryPatterns
    from visiontk.learners.classical import Forest

    return Forest(n_trees).on(LocalBinaryPatterns(grid), balance)


@learner(About("classical", cost=1.8))
@flat()
def kmeans_patches(
    balance: ClassBalance,
    n_centroids: Annotated[int, Ge(2), Le(10_000), Range(100, 800, log=True)] = 300,
    patch: Annotated[int, Ge(2), Le(64)] | None = None,
    grid: Annotated[int, Ge(1), Le(16), Range(2, 4)] = 3,
    c: Annotated[float, Gt(0), Range(10.0, 1e4, log=True)] = 270.0,
) -> Learner:
    """Patches, ZCA whitening, k-means with triangle encoding, pooling, logistic regression [1]_.

    Parameters
    ----------
    n_centroids : int
        Of k-means.
    patch : int or None
        Side in pixels; None takes 6 as in the paper, and 3 to 5 for images below 20 pixels.
    grid : int
        Pooling regions along each side; 2 gives the quadrants of the paper, 3 was two points better
        on 10,000 images of Fashion-MNIST.
    c : float
        Inverse strength of the penalty on the mean loss, > 0.

    References
    ----------
    .. [1] Coates, Ng and Lee (2011), An analysis of single-layer networks in unsupervised feature
       learning, AISTATS.
    """
    from sklearn.preprocessing import StandardScaler

    from visiontk.baselines.classifiers import Logistic
    from visiontk.baselines.patches import KMeansPatches
    from visiontk.learners.classical import Classical

    features = KMeansPatches(n_centroids, patch, grid)
    return Classical(features, StandardScaler(copy=False), Logistic(c), imbalance=balance.imbalance)


@learner(About("classical", cost=0.9))
@flat()
def mlp(
    balance: ClassBalance,
    hidden: list[Annotated[int, Ge(1), Le(65_536)]] | None = None,
    epochs: Annotated[int, Ge(1), Le(10_000), Range(5, 50, log=True)] = 13,
    learning_rate: Annotated[float, Gt(0), Range(1e-4, 1e-2, log=True)] = 1e-3,
) -> Learner:
    """Multilayer perceptron on pixels [1]_: a neural network without convolution.

    Parameters
    ----------
    hidden : list of int or None
        Units of the hidden layers. None: 512 and 256.
    epochs : int
        Passes over the training set; the last third at a fifth of the learning rate.
    learning_rate : float
        Of Adam, > 0.

    References
    ----------
    .. [1] Rumelhart, Hinton and Williams (1986), Learning representations by back-propagating errors,
       Nature 323, 533.
    """
    from visiontk.baselines.classifiers import StagedMLP
    from visiontk.baselines.scaled_pixels import ScaledPixels
    from visiontk.learners.classical import Classical

    layers = tuple(hidden or (512, 256))
    return Classical(ScaledPixels(), StagedMLP(layers, epochs, learning_rate), imbalance=balance.imbalance)
