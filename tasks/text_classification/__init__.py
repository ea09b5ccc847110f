"""Text classification: one label per text.

Data: passages of the documentation of Python's standard library (embedded), film reviews (MR [1]_ and
IMDB [2]_), questions (TREC [3]_), news (AG [4]_), or the user's own. The unit of independence is the
module, the film or the author if the data name them; MR and TREC do not.

References
----------
.. [1] Pang and Lee (2005), Seeing stars, ACL.
.. [2] Maas et al. (2011), Learning word vectors for sentiment analysis, ACL.
.. [3] Li and Roth (2002), Learning question classifiers, COLING.
.. [4] Zhang, Zhao and LeCun (2015), Character-level convolutional networks for text classification, NeurIPS.
"""

from visiontk.core import Task, general
from visiontk.data import official_or, stratified_folds
from visiontk.data.readers.text_files import text_folder, text_lines, text_table
from visiontk.learners.prior import prior
from visiontk.metrics import accuracy, balanced_accuracy, log_loss, macro_f1

from .data import ag_news, imdb, mr, pydoc, trec
from .learners import char_cnn, fasttext_bag, nb_svm, text_cnn, tfidf_logistic

TASK = Task(
    name="text_classification",
    version=1,
    summary="One label per text: subjects, opinions, questions, news, or your own table or folder.",
    datasets={
        "pydoc": pydoc,
        "mr": mr,
        "trec": trec,
        "imdb": imdb,
        "ag_news": ag_news,
        "csv": general(text_table),
        "jsonl": general(text_lines),
        "folder": general(text_folder),
    },
    folds=official_or(stratified_folds),
    learners={
        "prior": prior,
        "nb_svm": nb_svm,
        "tfidf_logistic": tfidf_logistic,
        "fasttext_bag": fasttext_bag,
        "text_cnn": text_cnn,
        "char_cnn": char_cnn,
    },
    metrics={
        "accuracy": accuracy,
        "balanced_accuracy": balanced_accuracy,
        "macro_f1": macro_f1,
        "log_loss": log_loss,
    },
    # The network over characters needs far more texts than the embedded ones, so it is compared only when named.
    defaults=("prior", "nb_svm", "tfidf_logistic", "fasttext_bag", "text_cnn"),
)
