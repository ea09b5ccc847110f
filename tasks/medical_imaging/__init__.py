"""Medical imaging: one finding per image. Not a medical device: for research and teaching only.

Data: the 2-D sets of MedMNIST [1]_ (a part of PneumoniaMNIST is embedded), synthetic chest phantoms (embedded, no
real patient), or the user's images, DICOM files or NIfTI volumes. The unit of independence is the patient if the data
name patients; MedMNIST does not. With two classes the second is the positive one.

References
----------
.. [1] Yang et al. (2023), MedMNIST v2: a large-scale lightweight benchmark for 2D and 3D biomedical image
   classification, Scientific Data 10, 41.
"""

from visiontk.core import Task
from visiontk.data import official_or, stratified_folds
from visiontk.learners.pretrained import balanced, pretrained_features, pretrained_finetuned
from visiontk.learners.prior import prior
from visiontk.metrics import auc
from visiontk.metrics.operating import (
    balanced_accuracy_at_youden,
    brier,
    sensitivity,
    sensitivity_at_95,
    specificity,
    specificity_at_95,
)

from .data import dicom, folder, medmnist, nifti, pneumoniamnist, table
from .learners import hog_svm, medical_cnn, pixel_logistic, resnet, texture_forest
from .phantoms import phantoms
from .pneumoniamnist_part import pneumoniamnist_part

TASK = Task(
    name="medical_imaging",
    version=1,
    summary="A finding in an image: chest radiographs, MedMNIST, phantoms, or your own images, DICOM or NIfTI files.",
    datasets={
        "pneumoniamnist_part": pneumoniamnist_part,
        "phantoms": phantoms,
        "pneumoniamnist": pneumoniamnist,
        "medmnist": medmnist,
        "dicom": dicom,
        "nifti": nifti,
        "csv": table,
        "folder": folder,
    },
    folds=official_or(stratified_folds),
    learners={
        "prior": prior,
        "pixel_logistic": pixel_logistic,
        "hog_svm": hog_svm,
        "texture_forest": texture_forest,
        "medical_cnn": medical_cnn,
        "resnet": resnet,
        "pretrained_features": balanced(pretrained_features),
        "pretrained_finetuned": balanced(pretrained_finetuned),
    },
    metrics={
        "auc": auc,
        "balanced_accuracy": balanced_accuracy_at_youden,
        "sensitivity": sensitivity,
        "specificity": specificity,
        "sensitivity_at_95": sensitivity_at_95,
        "specificity_at_95": specificity_at_95,
        "brier": brier,
    },
    defaults=("prior", "pixel_logistic", "hog_svm", "texture_forest", "medical_cnn", "resnet"),
)
