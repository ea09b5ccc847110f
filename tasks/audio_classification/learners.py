"""Who competes on sounds. All see the same log-mel spectrograms but for the network on waveforms."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt

from visiontk.baselines.logmel import LogMel
from visiontk.blocks.audio_augmentation import SpectrogramAugmentation, WaveformAugmentation
from visiontk.core import About, Learner, Samples, flat, learner
from visiontk.learners.preprocessed import Preprocessed
from visiontk.learners.training import Training
from visiontk.learners.weights import Imbalance
from visiontk.spaces import Categorical, Range

AT = "1 s at 8 kHz, 10 classes"


def _on_spectrograms(log_mel: LogMel, make: Any) -> Learner:
    """A learner of spectrograms, which are computed once for all learners, folds and seeds."""

    def prepare(train: Samples) -> Any:
        return log_mel.step(train.card.sample_rate)

    return Preprocessed(prepare, lambda step: make(), cache=log_mel.name)


@learner(About("classical", probabilities=False, seeded=False))
@flat()
def mfcc_svm(
    log_mel: LogMel,
    n_coefficients: Annotated[int, Ge(2), Le(128), Range(12, 40)] = 20,
    n_segments: Annotated[int, Ge(1), Le(100), Range(2, 12)] = 6,
    subtract_mean: Annotated[bool, Categorical((False, True))] = False,
    virtual: bool = True,
    c: Annotated[float, Gt(0), Range(0.3, 300.0, log=True)] = 10.0,
    imbalance: Imbalance = "none",
) -> Learner:
    """Cepstral coefficients [1]_, their differences and spreads in segments, then a support vector machine [2]_.

    Parameters
    ----------
    log_mel : LogMel
        Field by field.
    n_coefficients : int
        Mel-frequency cepstral coefficients of a frame.
    n_segments : int
        Equal parts of each clip, without its padding.
    subtract_mean : bool
        Whether the mean over the clip is taken from each coefficient: it holds the speaker, but also timbre.
    virtual : bool
        Whether to learn also from copies moved along the mel axis [3]_.
    c : float
        Inverse regularisation strength, > 0.
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.

    References
    ----------
    .. [1] Davis and Mermelstein (1980), Comparison of parametric representations for monosyllabic word
       recognition in continuously spoken sentences, IEEE ASSP 28, 357.
    .. [2] Cortes and Vapnik (1995), Support-vector networks, Machine Learning 20, 273. The kernel is Gaussian.
    .. [3] DeCoste and Schölkopf (2002), Training invariant support vector machines, Machine Learning 46, 161.
    """
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    from visiontk.baselines.clips import CepstralStatistics, Varied
    from visiontk.learners.classical import Classical

    features = CepstralStatistics(n_coefficients, n_segments, subtract_mean=subtract_mean)
    pipeline = make_pipeline(features, StandardScaler(), SVC(C=c, cache_size=500))
    shifts = (0.0, -2.0, 2.0) if virtual else (0.0,)
    final = Varied(pipeline, shifts, (1.0,) * len(shifts))
    return _on_spectrograms(log_mel, lambda: Classical(final, imbalance=imbalance))


@learner(About("classical"))
@flat()
def mfcc_forest(
    log_mel: LogMel,
    n_coefficients: Annotated[int, Ge(2), Le(128), Range(12, 40)] = 20,
    n_segments: Annotated[int, Ge(1), Le(100), Range(2, 12)] = 6,
    subtract_mean: Annotated[bool, Categorical((False, True))] = False,
    n_trees: Annotated[int, Ge(1), Le(10_000), Range(100, 1000, log=True)] = 300,
    imbalance: Imbalance = "none",
) -> Learner:
    """Cepstral coefficients [1]_, their differences and spreads in segments, then extremely randomised trees [2]_.

    Parameters
    ----------
    log_mel : LogMel
        Field by field.
    n_coefficients : int
        Mel-frequency cepstral coefficients of a frame.
    n_segments : int
        Equal parts of each clip, without its padding.
    subtract_mean : bool
        Whether the mean over the clip is taken from each coefficient: it holds the speaker, but also timbre.
    n_trees : int
        Of the forest.
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.

    References
    ----------
    .. [1] Davis and Mermelstein (1980), Comparison of parametric representations for monosyllabic word
       recognition in continuously spoken sentences, IEEE ASSP 28, 357.
    .. [2] Geurts, Ernst and Wehenkel (2006), Extremely randomized trees, Machine Learning 63, 3.
    """
    from sklearn.ensemble import ExtraTreesClassifier

    from visiontk.baselines.clips import CepstralStatistics
    from visiontk.learners.classical import Classical

    features = CepstralStatistics(n_coefficients, n_segments, subtract_mean=subtract_mean)
    forest = ExtraTreesClassifier(n_trees, min_samples_leaf=2)
    return _on_spectrograms(log_mel, lambda: Classical(features, forest, imbalance=imbalance))


@learner(About("classical", probabilities=False))
@flat()
def logmel_ridge(
    log_mel: LogMel,
    n_segments: Annotated[int, Ge(1), Le(200), Range(8, 40)] = 20,
    over: Literal["clip", "bands"] = "clip",
    n_features: Annotated[int, Ge(10), Le(100_000)] = 3000,
    width: Annotated[float, Gt(0), Range(0.2, 5.0, log=True)] = 1.0,
    alpha: Annotated[float, Gt(0), Range(1e-3, 10.0, log=True)] = 0.1,
    imbalance: Imbalance = "none",
) -> Learner:
    """A log-mel picture of fixed size, random Fourier features [1]_, then ridge regression on the classes [2]_.

    Parameters
    ----------
    log_mel : LogMel
        Field by field.
    n_segments : int
        Equal parts of each clip, without its padding.
    over : {"clip", "bands"}
        Whether the mean of the clip, or that of each band, is subtracted.
    n_features : int
        Random features.
    width : float
        Of the Gaussian kernel that they approximate, in units of the typical distance between two clips.
    alpha : float
        Strength of the penalty, > 0.
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.

    References
    ----------
    .. [1] Rahimi and Recht (2007), Random features for large-scale kernel machines, NeurIPS.
    .. [2] Hoerl and Kennard (1970), Ridge regression, Technometrics 12, 55.
    """
    from sklearn.linear_model import RidgeClassifier

    from visiontk.baselines.clips import RandomFourier, Resized
    from visiontk.learners.classical import Classical

    steps = (Resized(n_segments, over), RandomFourier(n_features, width), RidgeClassifier(alpha))
    return _on_spectrograms(log_mel, lambda: Classical(*steps, imbalance=imbalance))


@learner(About("network", layers=6, weights=158_290, at=AT))
@flat(learning_rate=1e-2, weight_decay=0.05)
def spectrogram_cnn(
    log_mel: LogMel,
    training: Training,
    augmentation: SpectrogramAugmentation,
    width: Annotated[int, Ge(4), Le(1024), Range(12, 48, log=True)] = 24,
    convolution: Literal["full", "separable"] = "full",
    over: Literal["clip", "bands"] = "clip",
    dropout: Annotated[float, Ge(0), Lt(1), Range(0.0, 0.5)] = 0.2,
) -> Learner:
    """Five convolutions on a log-mel spectrogram [1]_ that is varied in training [2]_, [3]_.

    Parameters
    ----------
    log_mel : LogMel
        Field by field.
    training : Training
        Field by field.
    augmentation : SpectrogramAugmentation
        Field by field.
    width : int
        Filters of the first convolution.
    convolution : {"full", "separable"}
        "separable" has a seventh of the weights, for small devices. Two depthwise-separable networks that
        were tried on FSDD did worse on the valid speakers at the same CPU time.
    over : {"clip", "bands"}
        Whether the mean of the clip, or that of each band, is subtracted.
    dropout : float
        Before the last layer, in [0, 1).

    References
    ----------
    .. [1] Zhang, Suda, Lai and Chandra (2017), Hello edge: keyword spotting on microcontrollers,
       arXiv:1711.07128: CNN and DS-CNN.
    .. [2] Park et al. (2019), SpecAugment: a simple data augmentation method for automatic speech
       recognition, Interspeech.
    .. [3] Jaitly and Hinton (2013), Vocal tract length perturbation (VTLP) improves speech recognition, ICML
       workshop on deep learning for audio, speech and language processing.
    """
    from visiontk.blocks.audio_networks import spectrogram_network
    from visiontk.learners.network import Network

    build = partial(spectrogram_network, width=width, convolution=convolution, over=over, dropout=dropout)
    return _on_spectrograms(log_mel, lambda: Network(build, training, augmentation))


@learner(About("network", layers=5, weights=61_450, at=AT))
@flat(learning_rate=1e-2, weight_decay=0.05)
def waveform_cnn(
    training: Training,
    augmentation: WaveformAugmentation,
    width: Annotated[int, Ge(4), Le(1024), Range(8, 32, log=True)] = 16,
) -> Learner:
    """One-dimensional convolutions on the waveform itself [1]_: a network that finds its own filters.

    Parameters
    ----------
    training : Training
        Field by field.
    augmentation : WaveformAugmentation
        Field by field.
    width : int
        Filters of the first stage.

    References
    ----------
    .. [1] Dai, Dai, Qu, Li and Das (2017), Very deep convolutional neural networks for raw waveforms, ICASSP.
    """
    from visiontk.blocks.audio_networks import waveform_network
    from visiontk.learners.network import Network

    return Network(partial(waveform_network, width=width), training, augmentation)
