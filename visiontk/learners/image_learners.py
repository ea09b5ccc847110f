"""Learners of pictures that tasks share. Frameworks are imported when one is built: lists and baselines stay light."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from annotated_types import Ge, Gt, Le, Lt

from visiontk.blocks.image_augmentation import ImageAugmentation
from visiontk.core import About, Learner, flat, learner
from visiontk.learners.training import Training
from visiontk.learners.weights import Imbalance
from visiontk.spaces import Categorical, Range

AT = "28 x 28 grey, 10 classes"


@learner(About("classical", seeded=False))
def logistic(c: Annotated[float, Gt(0), Range(5.0, 5e4, log=True)] = 500.0, imbalance: Imbalance = "none") -> Learner:
    """Multinomial logistic regression [1]_ on standardised pixels.

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
    from sklearn.preprocessing import StandardScaler

    from visiontk.baselines.classifiers import Logistic
    from visiontk.baselines.pixels import Pixels
    from visiontk.learners.classical import Classical

    return Classical(Pixels(), StandardScaler(copy=False), Logistic(c), imbalance=imbalance)


@learner(About("classical", probabilities=False, seeded=False))
def hog_svm(
    cells: list[Annotated[int, Ge(2), Le(128)]] | None = None,
    orientations: Annotated[int, Ge(2), Le(64), Range(6, 16)] = 8,
    n_components: Annotated[int, Ge(2), Range(50, 400, log=True)] = 200,
    c: Annotated[float, Gt(0), Range(0.3, 100.0, log=True)] = 5.0,
    imbalance: Imbalance = "none",
) -> Learner:
    """Histograms of oriented gradients [1]_ at three scales, then a support vector machine with a Gaussian kernel [2]_.

    Parameters
    ----------
    cells : list of int or None
        Sides of the cells in pixels. None: a ninth, a seventh and a quarter of the shorter side.
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
    """
    from sklearn.svm import SVC

    from visiontk.baselines.hog import HogComponents
    from visiontk.learners.classical import Classical

    features = HogComponents(tuple(cells) if cells else None, orientations, n_components)
    return Classical(features, SVC(C=c, cache_size=500), imbalance=imbalance)


@learner(About("classical"))
def lbp_forest(
    grid: Annotated[int, Ge(1), Le(32), Range(2, 7)] = 4,
    n_trees: Annotated[int, Ge(1), Le(10_000), Range(50, 500, log=True)] = 150,
    imbalance: Imbalance = "none",
) -> Learner:
    """Local binary patterns [1]_ in a grid of cells, then extremely randomised trees [2]_.

    Parameters
    ----------
    grid : int
        Cells along each side.
    n_trees : int
        Of the forest.
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.

    References
    ----------
    .. [1] Ojala, Pietikäinen and Mäenpää (2002), Multiresolution gray-scale and rotation invariant
       texture classification with local binary patterns, IEEE PAMI 24, 971.
    .. [2] Geurts, Ernst and Wehenkel (2006), Extremely randomized trees, Machine Learning 63, 3.
    """
    from sklearn.ensemble import ExtraTreesClassifier

    from visiontk.baselines.lbp import LocalBinaryPatterns
    from visiontk.learners.classical import Classical

    # Leaves of two: half the size of the forest, the same accuracy.
    return Classical(LocalBinaryPatterns(grid), ExtraTreesClassifier(n_trees, min_samples_leaf=2), imbalance=imbalance)


@learner(About("classical"))
def kmeans_patches(
    n_centroids: Annotated[int, Ge(2), Le(10_000), Range(100, 800, log=True)] = 300,
    patch: Annotated[int, Ge(2), Le(64)] | None = None,
    grid: Annotated[int, Ge(1), Le(16), Range(2, 4)] = 3,
    c: Annotated[float, Gt(0), Range(10.0, 1e4, log=True)] = 270.0,
    imbalance: Imbalance = "none",
) -> Learner:
    """Patches, ZCA whitening, k-means with triangle encoding, pooling, logistic regression [1]_.

    Parameters
    ----------
    n_centroids : int
        Of k-means.
    patch : int or None
        Side in pixels; None takes 6 as in the paper, and 3 to 5 for pictures below 20 pixels.
    grid : int
        Pooling regions along each side; 2 gives the quadrants of the paper, 3 was two points better
        on 10,000 pictures of Fashion-MNIST.
    c : float
        Inverse strength of the penalty on the mean loss, > 0.
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.

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
    return Classical(features, StandardScaler(copy=False), Logistic(c), imbalance=imbalance)


@learner(About("classical"))
def mlp(
    hidden: list[Annotated[int, Ge(1), Le(65_536)]] | None = None,
    epochs: Annotated[int, Ge(1), Le(10_000), Range(5, 50, log=True)] = 13,
    learning_rate: Annotated[float, Gt(0), Range(1e-4, 1e-2, log=True)] = 1e-3,
    imbalance: Imbalance = "none",
) -> Learner:
    """A multilayer perceptron on pixels [1]_: a neural network without convolution.

    Parameters
    ----------
    hidden : list of int or None
        Units of the hidden layers. None: 512 and 256.
    epochs : int
        Passes over train; the last third at a fifth of the learning rate.
    learning_rate : float
        Of Adam, > 0.
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.

    References
    ----------
    .. [1] Rumelhart, Hinton and Williams (1986), Learning representations by back-propagating errors,
       Nature 323, 533.
    """
    from visiontk.baselines.classifiers import StagedMLP
    from visiontk.baselines.pixels import Pixels
    from visiontk.learners.classical import Classical

    layers = tuple(hidden or (512, 256))
    return Classical(Pixels(), StagedMLP(layers, epochs, learning_rate), imbalance=imbalance)


@learner(About("network", layers=7, weights=60_850, at=AT))
@flat(learning_rate=5e-3, weight_decay=0.05, label_smoothing=0.0, shift=0.0)
def lenet5(training: Training, augmentation: ImageAugmentation) -> Learner:
    """LeNet-5 [1]_, layer by layer as published, but for a softmax output.

    Parameters
    ----------
    training : Training
        Field by field.
    augmentation : ImageAugmentation
        Field by field.

    References
    ----------
    .. [1] LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document
       recognition, Proceedings of the IEEE 86, 2278.
    """
    from visiontk.blocks.lenet import lenet5 as build
    from visiontk.learners.network import Network

    return Network(build, training, augmentation)


@learner(About("network", layers=8, weights=1_689_034, at=AT))
@flat(learning_rate=1e-3, weight_decay=0.05)
def alexnet(
    training: Training,
    augmentation: ImageAugmentation,
    dropout: Annotated[float, Ge(0), Lt(1), Range(0.0, 0.7)] = 0.5,
) -> Learner:
    """AlexNet [1]_: five convolutions and three dense layers; below 64 pixels a smaller variant of ours.

    Parameters
    ----------
    training : Training
        Field by field.
    augmentation : ImageAugmentation
        Field by field.
    dropout : float
        Share of the units of the dense layers that is dropped in training, in [0, 1).

    References
    ----------
    .. [1] Krizhevsky, Sutskever and Hinton (2012), ImageNet classification with deep convolutional
       neural networks, NeurIPS.
    """
    from visiontk.blocks.alexnet import alexnet as build
    from visiontk.learners.network import Network

    return Network(partial(build, dropout=dropout), training, augmentation)


@learner(About("network", layers=8, weights=77_754, at=f"depth 8, {AT}"))
@flat(learning_rate=1e-2, weight_decay=0.05, shift=0.0)
def resnet(
    training: Training,
    augmentation: ImageAugmentation,
    depth: Annotated[int, Ge(8), Le(1202), Categorical((8, 14, 20))] = 8,
    width: Annotated[int, Ge(1), Le(1024), Range(8, 32, log=True)] = 16,
) -> Learner:
    """The small residual network for small pictures [1]_, of any depth 6 n + 2.

    Parameters
    ----------
    training : Training
        Field by field.
    augmentation : ImageAugmentation
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
    return Network(partial(build, depth=depth, width=width), training, augmentation)


@learner(About("network", layers=50, weights=23_519_690, at=AT))
@flat(learning_rate=1e-3, weight_decay=0.05)
def resnet50(training: Training, augmentation: ImageAugmentation) -> Learner:
    """ResNet-50 [1]_; below 64 pixels its first layer keeps the resolution.

    Parameters
    ----------
    training : Training
        Field by field.
    augmentation : ImageAugmentation
        Field by field.

    References
    ----------
    .. [1] He, Zhang, Ren and Sun (2016), Deep residual learning for image recognition, CVPR, table 1.
    """
    from visiontk.blocks.resnet import resnet50 as build
    from visiontk.learners.network import Network

    return Network(build, training, augmentation)


@learner(About("network", layers=7, weights=162_552, at=AT))
@flat(learning_rate=1e-2, weight_decay=0.05, shift=0.0)
def convnet(
    training: Training,
    augmentation: ImageAugmentation,
    width: Annotated[int, Ge(1), Le(1024), Range(12, 48, log=True)] = 24,
) -> Learner:
    """Our own default: three pairs of 3 x 3 convolutions, pooled before they are normalised [1]_, [2]_.

    Parameters
    ----------
    training : Training
        Field by field.
    augmentation : ImageAugmentation
        Field by field.
    width : int
        Filters of the first stage; the next ones have two and four times as many.

    References
    ----------
    .. [1] Simonyan and Zisserman (2015), Very deep convolutional networks for large-scale image
       recognition, ICLR: stages of 3 x 3 convolutions.
    .. [2] Jordan (2024), 94 % on CIFAR-10 in 3.29 seconds on a single GPU, arXiv:2404.00498: short
       training, scaled logits, pooling first.
    """
    from visiontk.blocks.convnet import convnet as build
    from visiontk.learners.network import Network

    return Network(partial(build, width=width), training, augmentation)
