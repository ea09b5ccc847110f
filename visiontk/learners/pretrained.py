"""Learners that begin with a network trained on ImageNet. Frameworks are imported when one is built."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from annotated_types import Gt

from visiontk.blocks.image_augmentation import ImageAugmentation
from visiontk.core import About, Factory, Inputs, Learner, about, flat, learner
from visiontk.learners.imbalance import ClassBalance
from visiontk.learners.pretrained_source import LITE0, SOURCE, PretrainedNetwork
from visiontk.learners.published_weights import HOW_TO_INSTALL, lite0_path
from visiontk.learners.training import Training

PENALTIES = (2.0, 0.3, 10.0)
"""Inverse strengths of the penalty among which the validation set chooses."""

N_LAST = 1280
"""Features of the last map of EfficientNet-Lite0; they come first."""


FINE_TUNING: dict[str, Any] = {"learning_rate": 5e-4, "keep": "loss", "batch_size": 32, "shift": 0.05}
"""Settings of training that differ from those of networks from scratch."""

LEAST_SIDE = 64
"""Of photos, as stored; on smaller pictures a network of large photos is compared only when named."""


def photo_like(shape: tuple[int, ...], shorter_side: int) -> bool:
    """True for images in colour of at least `LEAST_SIDE` pixels.

    Examples
    --------
    >>> photo_like((64, 64, 3), 480), photo_like((64, 64, 1), 480), photo_like((32, 32, 3), 0), photo_like((8000, 1), 0)
    (True, False, False, False)
    """
    return len(shape) == 3 and shape[2] == 3 and (shorter_side or min(shape[:2])) >= LEAST_SIDE


def weights_missing(values: Mapping[str, Any]) -> str:
    """Return how the weights of EfficientNet-Lite0 are installed; empty if they are, or for another network."""
    if values.get("network", LITE0) != LITE0 or lite0_path():
        return ""
    return f"the weights of its network are not installed: {HOW_TO_INSTALL}"


@learner(About("pretrained", seeded=False, cost=8, pretrained_on=SOURCE, suits=photo_like, missing=weights_missing))
@flat()
def pretrained_features(
    source: PretrainedNetwork,
    balance: ClassBalance,
    c: Annotated[float, Gt(0)] | None = None,
    precision: Literal["float32", "mixed_bfloat16"] = "float32",
) -> Learner:
    """Features of a frozen ImageNet network [1]_, standardised, then logistic regression [2]_.

    The features of EfficientNet-Lite0 are the means of its last feature map and, of two earlier ones, also those of
    quadrants. The validation set decides whether the earlier ones are used.

    Parameters
    ----------
    c : float or None
        Inverse strength of the penalty on the mean loss, > 0. None: 0.3, 2 or 10, by the validation set.
    precision : {"float32", "mixed_bfloat16"}
        Arithmetic of the network: "mixed_bfloat16" is faster on processors with bfloat16 arithmetic, and much slower
        on others.

    References
    ----------
    .. [1] Donahue, Jia, Vinyals, Hoffman, Zhang, Tzeng and Darrell (2014), DeCAF: a deep convolutional activation
       feature for generic visual recognition, ICML.
    .. [2] Cox (1958), The regression analysis of binary sequences, JRSS B 20, 215.
    """
    from visiontk.learners.backbone import FrozenFeatures
    from visiontk.learners.on_features import OnFeatures
    from visiontk.learners.pictures import Pictures

    def make(fitting: PretrainedNetwork) -> Learner:
        regressions = _regressions(fitting, PENALTIES if c is None else (c,), balance)
        return OnFeatures(FrozenFeatures(fitting, precision=precision), regressions)

    return Pictures(make, source)


@learner(About("pretrained", cost=230, pretrained_on=SOURCE, missing=weights_missing))
@flat(**FINE_TUNING)
def pretrained_finetuned(source: PretrainedNetwork, training: Training, augmentation: ImageAugmentation) -> Learner:
    """An ImageNet network trained further: first its output alone [1]_, then all of it, early layers slowly [2]_.

    By default so many epochs that about 8,000 photos are seen, but 3 to 20.

    References
    ----------
    .. [1] Kumar, Raghunathan, Jones, Ma and Liang (2022), Fine-tuning can distort pretrained features and underperform
       out-of-distribution, ICLR.
    .. [2] Howard and Ruder (2018), Universal language model fine-tuning for text classification, ACL, section 3.2.
    """
    from visiontk.learners.fine_tuned import FineTuned
    from visiontk.learners.pictures import Pictures

    return Pictures(lambda fitting: FineTuned(fitting, training, augmentation), source)


def balanced(factory: Factory) -> Factory:
    """The same learner, in which every class has the same total weight by default.

    Examples
    --------
    >>> from visiontk.core import parameters
    >>> parameters(balanced(pretrained_features))["imbalance"]
    'balanced'
    """
    changed = FINE_TUNING if factory is pretrained_finetuned else {}
    again = flat(**changed | {"imbalance": "balanced"})(inspect.unwrap(factory))
    return learner(about(factory))(again)


def _regressions(source: PretrainedNetwork, penalties: Sequence[float], balance: ClassBalance) -> Learner:
    """Logistic regressions on all features, and on those of the last map alone where there are others."""
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    from visiontk.baselines.classifiers import Logistic
    from visiontk.learners.chosen import Chosen
    from visiontk.learners.classical import Classical

    learners = [
        Classical(
            FunctionTransformer(_first, kw_args={"n": n}), StandardScaler(), Logistic(c), imbalance=balance.imbalance
        )
        for n in (None, N_LAST)
        for c in penalties
        if n is None or source.network == LITE0
    ]
    return Chosen(learners, balance.imbalance)


def _first(features: Inputs, n: int | None) -> Inputs:
    return features[:, :n]
