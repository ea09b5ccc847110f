"""Networks on images that tasks share. Keras is imported when one is built, so lists stay fast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from annotated_types import Ge, Le, Lt

from visiontk.blocks.image_augmentation import ImageAugmentation
from visiontk.core import About, Learner, flat, learner
from visiontk.learners.training import Training
from visiontk.spaces import Categorical, Range

AT = "28 x 28 grey, 10 classes"


@dataclass(frozen=True)
class SmallResNet:
    """Size of the small residual network.

    Parameters
    ----------
    depth : int
        Learned layers: 8, 14, 20, 32, 44, 56, 110 or any other 6 n + 2.
    width : int
        Filters of the first stage; 16 in the paper.
    """

    depth: Annotated[int, Ge(8), Le(1202), Categorical((8, 14, 20))] = 8
    width: Annotated[int, Ge(1), Le(1024), Range(8, 32, log=True)] = 16

    def builder(self, **options: Any) -> Callable[..., Any]:
        """Function that builds the network; options as for `visiontk.blocks.resnet.resnet`."""
        from visiontk.blocks.resnet import blocks_per_stage, resnet

        blocks_per_stage(self.depth)  # refuses a wrong depth before training starts
        return partial(resnet, depth=self.depth, width=self.width, **options)


@learner(About("network", layers=7, weights=60_850, at=AT, cost=4))
@flat(learning_rate=5e-3, weight_decay=0.05, label_smoothing=0.0, shift=0.0)
def lenet5(training: Training, augmentation: ImageAugmentation) -> Learner:
    """LeNet-5 [1]_, layer by layer as published, except for a softmax output.

    References
    ----------
    .. [1] LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document
       recognition, Proceedings of the IEEE 86, 2278.
    """
    from visiontk.blocks.lenet import lenet5 as build
    from visiontk.learners.network import Network

    return Network(build, training, augmentation)


@learner(About("network", layers=8, weights=1_689_034, at=AT, cost=24))
@flat(learning_rate=1e-3, weight_decay=0.05)
def alexnet(
    training: Training,
    augmentation: ImageAugmentation,
    dropout: Annotated[float, Ge(0), Lt(1), Range(0.0, 0.7)] = 0.5,
) -> Learner:
    """AlexNet [1]_: five convolutions and three dense layers; a smaller variant below 64 pixels.

    Parameters
    ----------
    dropout : float
        Fraction of the units of the dense layers dropped in training, in [0, 1).

    References
    ----------
    .. [1] Krizhevsky, Sutskever and Hinton (2012), ImageNet classification with deep convolutional
       neural networks, NeurIPS.
    """
    from visiontk.blocks.alexnet import alexnet as build
    from visiontk.learners.network import Network

    return Network(partial(build, dropout=dropout), training, augmentation)


@learner(About("network", layers=8, weights=77_754, at=f"depth 8, {AT}", cost=28))
@flat(learning_rate=1e-2, weight_decay=0.05, shift=0.0)
def resnet(network: SmallResNet, training: Training, augmentation: ImageAugmentation) -> Learner:
    """Small residual network for small images [1]_, of any depth 6 n + 2.

    References
    ----------
    .. [1] He, Zhang, Ren and Sun (2016), Deep residual learning for image recognition, CVPR, section 4.2.
    """
    from visiontk.learners.network import Network

    return Network(network.builder(), training, augmentation)


@learner(About("network", layers=50, weights=23_519_690, at=AT, cost=240))
@flat(learning_rate=1e-3, weight_decay=0.05)
def resnet50(training: Training, augmentation: ImageAugmentation) -> Learner:
    """ResNet-50 [1]_; below 64 pixels its first layer keeps the resolution.

    References
    ----------
    .. [1] He, Zhang, Ren and Sun (2016), Deep residual learning for image recognition, CVPR, table 1.
    """
    from visiontk.blocks.resnet import resnet50 as build
    from visiontk.learners.network import Network

    return Network(build, training, augmentation)


@learner(About("network", layers=7, weights=162_552, at=AT, cost=16))
@flat(learning_rate=1e-2, weight_decay=0.05, shift=0.0)
def convnet(
    training: Training,
    augmentation: ImageAugmentation,
    width: Annotated[int, Ge(1), Le(1024), Range(12, 48, log=True)] = 24,
) -> Learner:
    """The default network: three pairs of 3 x 3 convolutions, pooled before they are normalised [1]_, [2]_.

    Parameters
    ----------
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
