"""Image classification: one label per image.

Data: handwritten digits [1]_ (embedded), Fashion-MNIST [2]_, MNIST [3]_, CIFAR-10 [4]_, photos of hands
that sign digits [5]_, of ants and bees [6]_ and of single blood cells [7]_, a folder of class folders, or
a table of image files. The unit of independence is the image, as most of the public data sets name no
authors, but a block of photos for the hands and the picture for the cells; near-duplicates between train
and test are documented for Fashion-MNIST and CIFAR-10.

References
----------
.. [1] Alpaydin and Kaynak (1998), Cascading classifiers, Kybernetika 34, 369.
.. [2] Xiao, Rasul and Vollgraf (2017), Fashion-MNIST, arXiv:1708.07747.
.. [3] LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document
   recognition, Proceedings of the IEEE 86, 2278.
.. [4] Krizhevsky (2009), Learning multiple layers of features from tiny images.
.. [5] Mavi (2020), A new dataset and proposed convolutional neural network architecture for
   classification of American Sign Language digits, arXiv:2011.08927.
.. [6] Chilamkurthy (2017), Transfer learning for computer vision, PyTorch tutorials.
.. [7] Shenggan (2017), BCCD: a small dataset for the detection of blood cells, GitHub.
"""

from visiontk.core import Task, general
from visiontk.data import image_folder, image_table, official_or, stratified_folds
from visiontk.learners.image_baselines import hog_svm, kmeans_patches, lbp_forest, logistic, mlp
from visiontk.learners.image_networks import alexnet, convnet, lenet5, resnet, resnet50
from visiontk.learners.pretrained import pretrained_features, pretrained_finetuned
from visiontk.learners.prior import prior
from visiontk.metrics import accuracy, balanced_accuracy, log_loss, macro_f1

from .data import cifar10, digits, fashion_mnist, mnist
from .photos import bccd_cells, hymenoptera, sign_language_digits

TASK = Task(
    name="image_classification",
    version=1,
    summary="One label per image: digits, clothes, objects, or your own class folders.",
    datasets={
        "digits": digits,
        "fashion_mnist": fashion_mnist,
        "mnist": mnist,
        "cifar10": cifar10,
        "sign_language_digits": sign_language_digits,
        "hymenoptera": hymenoptera,
        "bccd_cells": bccd_cells,
        "folder": general(image_folder),
        "csv": general(image_table),
    },
    folds=official_or(stratified_folds),
    learners={
        "prior": prior,
        "logistic": logistic,
        "hog_svm": hog_svm,
        "lbp_forest": lbp_forest,
        "kmeans_patches": kmeans_patches,
        "mlp": mlp,
        "lenet5": lenet5,
        "alexnet": alexnet,
        "resnet": resnet,
        "resnet50": resnet50,
        "convnet": convnet,
        "pretrained_features": pretrained_features,
        "pretrained_finetuned": pretrained_finetuned,
    },
    metrics={
        "accuracy": accuracy,
        "balanced_accuracy": balanced_accuracy,
        "macro_f1": macro_f1,
        "log_loss": log_loss,
    },
    # AlexNet, ResNet-50 and fine-tuning take minutes to hours without a GPU, so they are compared only when named;
    # frozen features are compared as well on photos.
    defaults=("prior", "logistic", "hog_svm", "lbp_forest", "kmeans_patches", "mlp", "lenet5", "resnet", "convnet"),
)
