"""Audio classification: one label per short recording.

Data: spoken digits (FSDD [1]_; a part is embedded; by default speakers are held out), synthetic instruments
(embedded), environmental sounds (ESC-50 and ESC-10 [2]_), spoken commands [3]_, or the user's own. The unit of
independence is the speaker or the recording: clips of one never lie on both sides of a split.

References
----------
.. [1] Jackson et al. (2018), Free Spoken Digit Dataset, Zenodo, doi:10.5281/zenodo.1342401.
.. [2] Piczak (2015), ESC: dataset for environmental sound classification, ACM Multimedia.
.. [3] Warden (2018), Speech Commands: a dataset for limited-vocabulary speech recognition, arXiv:1804.03209.
"""

from visiontk.core import Task, general
from visiontk.data import official_or, stratified_folds
from visiontk.data.readers.audio_folder import audio_folder, audio_table
from visiontk.learners.prior import prior
from visiontk.metrics import accuracy, balanced_accuracy, log_loss, macro_f1

from .data import esc10, esc50, fsdd
from .fsdd_part import fsdd_part
from .instruments import instruments
from .learners import logmel_ridge, mfcc_forest, mfcc_svm, spectrogram_cnn, waveform_cnn
from .speech_commands import speech_commands

TASK = Task(
    name="audio_classification",
    version=1,
    summary="One label per short recording: spoken digits or commands, instruments, environments, or your own.",
    datasets={
        "fsdd_part": fsdd_part,
        "instruments": instruments,
        "fsdd": fsdd,
        "esc50": esc50,
        "esc10": esc10,
        "speech_commands": speech_commands,
        "csv": general(audio_table),
        "folder": general(audio_folder),
    },
    folds=official_or(stratified_folds),
    learners={
        "prior": prior,
        "mfcc_svm": mfcc_svm,
        "mfcc_forest": mfcc_forest,
        "logmel_ridge": logmel_ridge,
        "spectrogram_cnn": spectrogram_cnn,
        "waveform_cnn": waveform_cnn,
    },
    metrics={
        "accuracy": accuracy,
        "balanced_accuracy": balanced_accuracy,
        "macro_f1": macro_f1,
        "log_loss": log_loss,
    },
)
