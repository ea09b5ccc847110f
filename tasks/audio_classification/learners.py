"""Learners of audio. All except the network on waveforms share their log-mel spectrograms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt

from visiontk.baselines.logmel import LogMel
from visiontk.blocks.audio_augmentation import SpectrogramAugmentation, WaveformAugmentation
from visiontk.core import About, Learner, flat, learner
from visiontk.learners.classical import Forest
from visiontk.learners.imbalance import ClassBalance
from visiontk.learners.preprocessed import Preprocessed
from visiontk.learners.spectrograms import ToSpectrograms
from visiontk.learners.training import Training
from visiontk.spaces import Categorical, Range

AT = "1 s at 8 kHz, 10 classes"


@dataclass(frozen=True)
class Cepstra:
    """Statistics of mel-frequency cepstral coefficients in segments of a clip.

    Parameters
    ----------
    n_coefficients : int
        Mel-frequency cepstral coefficients of a frame.
    n_segments : int
        Equal parts of each clip, without its padding.
    subtract_mean : bool
        If True, subtract the mean over the clip from each coefficient: it holds the speaker, but also timbre.
    """

    n_coefficients: Annotated[int, Ge(2), Le(128), Range(12, 40)] = 20
    n_segments: Annotated[int, Ge(1), Le(100), Range(2, 12)] = 6
    subtract_mean: Annotated[bool, Categorical((False, True))] = False

    def features(self) -> Any:
        """Transformer from spectrograms to features."""
        from visiontk.baselines.spectrogram_features import CepstralStatistics

        return CepstralStatistics(self.n_coefficients, self.n_segments, subtract_mean=self.subtract_mean)


@dataclass(frozen=True)
class VirtualSVM:
    """Support vector machine that also learns from virtual samples.

    Parameters
    ----------
    virtual : bool
        If True, add copies of the training clips moved along the mel axis [3]_.
    c : float
        Inverse regularisation strength, > 0.
    """

    virtual: bool = True
    c: Annotated[float, Gt(0), Range(0.3, 300.0, log=True)] = 10.0

    def on(self, features: Any) -> Any:
        """Estimator on these features."""
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        from sklearn.svm import SVC

        from visiontk.baselines.virtual_examples import VirtualExamples

        pipeline = make_pipeline(features, StandardScaler(), SVC(C=self.c, cache_size=500))
        shifts = (0.0, -2.0, 2.0) if self.virtual else (0.0,)
        return VirtualExamples(pipeline, shifts, (1.0,) * len(shifts))


def _on_spectrograms(log_mel: LogMel, make: Any) -> Learner:
    """A learner on spectrograms, which are computed once for all learners, folds and seeds."""
    return Preprocessed(ToSpectrograms(log_mel), lambda step: make(), cache=log_mel.name)


@learner(About("classical", probabilities=False, seeded=False, cost=2))
@flat()
def mfcc_svm(cepstra: Cepstra, svm: VirtualSVM, balance: ClassBalance, log_mel: LogMel) -> Learner:
    """Cepstral coefficients [1]_, their differences and spreads in segments, then a support vector machine [2]_.

    References
    ----------
    .. [1] Davis and Mermelstein (1980), Comparison of parametric representations for monosyllabic word
       recognition in continuously spoken sentences, IEEE ASSP 28, 357.
    .. [2] Cortes and Vapnik (1995), Support-vector networks, Machine Learning 20, 273. The kernel is Gaussian.
    .. [3] DeCoste and Schölkopf (2002), Training invariant support vector machines, Machine Learning 46, 161.
    """
    from visiontk.learners.classical import Classical

    machine = svm.on(cepstra.features())
    return _on_spectrograms(log_mel, lambda: Classical(machine, imbalance=balance.imbalance))


@learner(About("classical", cost=1.4))
@flat()
def mfcc_forest(cepstra: Cepstra, forest: Forest, balance: ClassBalance, log_mel: LogMel) -> Learner:
    """Cepstral coefficients [1]_, their differences and spreads in segments, then extremely randomised trees [2]_.

    References
    ----------
    .. [1] Davis and Mermelstein (1980), Comparison of parametric representations for monosyllabic word
       recognition in continuously spoken sentences, IEEE ASSP 28, 357.
    .. [2] Geurts, Ernst and Wehenkel (2006), Extremely randomized trees, Machine Learning 63, 3.
    """
    return _on_spectrograms(log_mel, lambda: forest.on(cepstra.features(), balance))


@learner(About("classical", probabilities=False, cost=1.2))
@flat()
def logmel_ridge(
    balance: ClassBalance,
    log_mel: LogMel,
    n_segments: Annotated[int, Ge(1), Le(200), Range(8, 40)] = 20,
    over: Literal["clip", "bands"] = "clip",
    n_features: Annotated[int, Ge(10), Le(100_000)] = 3000,
    width: Annotated[float, Gt(0), Range(0.2, 5.0, log=True)] = 1.0,
    alpha: Annotated[float, Gt(0), Range(1e-3, 10.0, log=True)] = 0.1,
) -> Learner:
    """Log-mel spectrogram of fixed size, random Fourier features [1]_, then ridge regression on the classes [2]_.

    Parameters
    ----------
    n_segments : int
        Equal parts of each clip, without its padding.
    over : {"clip", "bands"}
        Subtract the mean of the clip, or of each band.
    n_features : int
        Random features.
    width : float
        Of the Gaussian kernel that they approximate, in units of the typical distance between two clips.
    alpha : float
        Strength of the penalty, > 0.

    References
    ----------
    .. [1] Rahimi and Recht (2007), Random features for large-scale kernel machines, NeurIPS.
    .. [2] Hoerl and Kennard (1970), Ridge regression, Technometrics 12, 55.
    """
    from sklearn.linear_model import RidgeClassifier

    from visiontk.baselines.random_fourier import RandomFourierFeatures
    from visiontk.baselines.spectrogram_features import SegmentMeans
    from visiontk.learners.classical import Classical

    steps = (SegmentMeans(n_segments, over), RandomFourierFeatures(n_features, width), RidgeClassifier(alpha))
    return _on_spectrograms(log_mel, lambda: Classical(*steps, imbalance=balance.imbalance))


@learner(About("network", layers=6, weights=158_290, at=AT, cost=40))
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
    """Five convolutions on a log-mel spectrogram [1]_ that is augmented in training [2]_, [3]_.

    Parameters
    ----------
    width : int
        Filters of the first convolution.
    convolution : {"full", "separable"}
        "separable" has a seventh of the weights, for small devices. On FSDD, two depthwise-separable networks
        did worse on the validation speakers at the same CPU time.
    over : {"clip", "bands"}
        Subtract the mean of the clip, or of each band.
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


@learner(About("network", layers=5, weights=61_450, at=AT, cost=30))
@flat(learning_rate=1e-2, weight_decay=0.05)
def waveform_cnn(
    training: Training,
    augmentation: WaveformAugmentation,
    width: Annotated[int, Ge(4), Le(1024), Range(8, 32, log=True)] = 16,
) -> Learner:
    """One-dimensional convolutions on the waveform itself [1]_: a network that learns its own filters.

    Parameters
    ----------
    width : int
        Filters of the first stage.

    References
    ----------
    .. [1] Dai, Dai, Qu, Li and Das (2017), Very deep convolutional neural networks for raw waveforms, ICASSP.
    """
    from visiontk.blocks.audio_networks import waveform_network
    from visiontk.learners.network import Network

    return Network(partial(waveform_network, width=width), training, augmentation)
