"""Facial expression: basic emotions from small grey images of faces.

Data: synthetic faces (embedded), FER-2013 [1]_ and the votes of FER+ [2]_, a set of public figures with
volunteers' labels, or the user's. Labels are opinions: people agree with those of FER-2013 for about 65 % of
the images [1]_. Unit of independence: the person if the data name persons, else the image.
Most faces are neutral or happy, so balanced accuracy is compared, and by default rare classes count as much
as common ones for every learner.

References
----------
.. [1] Goodfellow et al. (2013), Challenges in representation learning, arXiv:1307.0414.
.. [2] Barsoum, Zhang, Canton Ferrer and Zhang (2016), Training deep networks for facial expression
   recognition with crowd-sourced label distribution, arXiv:1608.01041.
"""

from visiontk.core import Task
from visiontk.data import official_or, stratified_folds
from visiontk.learners.pretrained import balanced, pretrained_features, pretrained_finetuned
from visiontk.learners.prior import prior
from visiontk.metrics import accuracy, balanced_accuracy, log_loss, macro_f1

from .data import facial_expressions, folder, table
from .drawing import synthetic
from .fer import fer2013, ferplus
from .learners import expression_cnn, gabor_svm, hog_svm, lbp_svm, resnet, sift_bag

TASK = Task(
    name="facial_expression",
    version=1,
    summary="The basic emotion of a face.",
    datasets={
        "synthetic": synthetic,
        "fer2013": fer2013,
        "ferplus": ferplus,
        "facial_expressions": facial_expressions,
        "folder": folder,
        "csv": table,
    },
    folds=official_or(stratified_folds),
    learners={
        "prior": prior,
        "hog_svm": hog_svm,
        "lbp_svm": lbp_svm,
        "gabor_svm": gabor_svm,
        "sift_bag": sift_bag,
        "expression_cnn": expression_cnn,
        "resnet": resnet,
        "pretrained_features": balanced(pretrained_features),
        "pretrained_finetuned": balanced(pretrained_finetuned),
    },
    metrics={
        "balanced_accuracy": balanced_accuracy,
        "accuracy": accuracy,
        "macro_f1": macro_f1,
        "log_loss": log_loss,
    },
    defaults=("prior", "hog_svm", "lbp_svm", "gabor_svm", "sift_bag", "expression_cnn", "resnet"),
)
