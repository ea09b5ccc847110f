"""Who competes over texts. Frameworks are imported when a learner is built."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge, Gt, Le, Lt

from visiontk.core import About, Learner, Samples, flat, learner
from visiontk.learners.training import Training
from visiontk.learners.weights import Imbalance
from visiontk.spaces import Categorical, Range

if TYPE_CHECKING:
    from visiontk.learners.vocabulary import Encoder

Share = Annotated[float, Ge(0), Lt(1)]

DRAWN, COOCCURRENCE = "drawn", "cooccurrence"
"""First values of word vectors that need no file."""


@learner(About("classical", probabilities=False, seeded=False))
def nb_svm(
    longest: Annotated[int, Ge(1), Le(5), Range(1, 3)] = 2,
    c: Annotated[float, Gt(0), Range(1e-3, 3.0, log=True)] = 0.03,
    alpha: Annotated[float, Gt(0), Range(0.05, 5.0, log=True)] = 0.5,
    beta: Annotated[float, Ge(0), Le(1), Range(0.0, 1.0)] = 0.4,
    imbalance: Imbalance = "none",
) -> Learner:
    """Words and bigrams, weighed by naive Bayes, then a support vector machine held towards it [1]_.

    Parameters
    ----------
    longest : int
        Words of the longest n-gram; 2 as in the paper.
    c : float
        Inverse strength of the penalty on the sum of losses, > 0.
    alpha : float
        Added to every count, > 0.
    beta : float
        In [0, 1]: 1 is the support vector machine, 0 naive Bayes.

        The paper has c 1, alpha 1 and beta 0.25. Ours were chosen on the valid parts of MR, TREC and pydoc
        together; those of the paper were seven points worse on valid of TREC, which has six classes.
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.

    References
    ----------
    .. [1] Wang and Manning (2012), Baselines and bigrams: simple, good sentiment and topic classification, ACL.
    """
    from visiontk.baselines.naive_bayes import NBSVM
    from visiontk.baselines.ngrams import counter, word_ngrams
    from visiontk.learners.classical import Classical

    return Classical(counter(partial(word_ngrams, longest=longest)), NBSVM(c, alpha, beta), imbalance=imbalance)


@learner(About("classical", seeded=False))
def tfidf_logistic(
    longest: Annotated[int, Ge(1), Le(5), Range(1, 3)] = 2,
    characters: Annotated[int, Ge(0), Le(8), Categorical((0, 4, 5, 6))] = 5,
    character_weight: Annotated[float, Gt(0), Range(0.1, 2.0, log=True)] = 0.5,
    c: Annotated[float, Gt(0), Range(0.3, 300.0, log=True)] = 10.0,
    imbalance: Imbalance = "none",
) -> Learner:
    """TF-IDF [1]_ of word and character n-grams, then multinomial logistic regression.

    Parameters
    ----------
    longest : int
        Words of the longest n-gram of words.
    characters : int
        Characters of the longest n-gram within words, the shortest has 3; below 3 there are none.
    character_weight : float
        Length of the row of character n-grams, where that of words has 1. 0.5 was chosen on the
        valid parts of MR and TREC.
    c : float
        Inverse strength of the penalty on the sum of losses, > 0.
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.

    References
    ----------
    .. [1] Salton and Buckley (1988), Term-weighting approaches in automatic text retrieval, Information
       Processing and Management 24, 513.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import FeatureUnion

    from visiontk.baselines.ngrams import character_ngrams, counter, word_ngrams
    from visiontk.learners.classical import Classical

    features = [("words", counter(partial(word_ngrams, longest=longest), tfidf=True))]
    if characters >= 3:
        features.append(("characters", counter(partial(character_ngrams, longest=characters), tfidf=True)))
    union = FeatureUnion(features, transformer_weights={"characters": character_weight} if characters >= 3 else None)
    return Classical(union, LogisticRegression(C=c, max_iter=1000, tol=1e-5), imbalance=imbalance)


@learner(About("classical"))
def fasttext_bag(
    longest: Annotated[int, Ge(1), Le(5), Range(1, 3)] = 2,
    dimension: Annotated[int, Ge(2), Le(1000), Range(10, 100, log=True)] = 20,
    epochs: Annotated[int, Ge(1), Le(1000), Range(5, 50, log=True)] = 15,
    learning_rate: Annotated[float, Gt(0), Range(0.01, 1.0, log=True)] = 0.1,
    imbalance: Imbalance = "none",
) -> Learner:
    """Averaged embeddings of words and bigrams, then a linear softmax: fastText [1]_.

    A neural network without convolution, so it counts as a traditional method here. N-grams are those of
    train, not hashed.

    Parameters
    ----------
    longest : int
        Words of the longest n-gram.
    dimension : int
        Of the embeddings.
    epochs : int
        Passes over train.
    learning_rate : float
        At the first step; it falls to zero linearly.
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.

    References
    ----------
    .. [1] Joulin, Grave, Bojanowski and Mikolov (2017), Bag of tricks for efficient text classification, EACL.
    """
    from visiontk.baselines.embedding_bag import EmbeddingBag
    from visiontk.baselines.ngrams import counter, word_ngrams
    from visiontk.learners.classical import Classical

    classifier = EmbeddingBag(dimension, epochs, learning_rate)
    return Classical(counter(partial(word_ngrams, longest=longest)), classifier, imbalance=imbalance)


@learner(About("network", layers=5, weights=1_121_102, at="56 of 10,000 words, 2 classes"))
@flat(epochs=10, batch_size=32, learning_rate=5e-3)
def text_cnn(
    training: Training,
    dimension: Annotated[int, Ge(2), Le(2000), Range(50, 300, log=True)] = 100,
    widths: list[Annotated[int, Ge(1), Le(20)]] | None = None,
    filters: Annotated[int, Ge(1), Le(2000), Range(50, 200, log=True)] = 100,
    min_count: Annotated[int, Ge(1)] = 2,
    longest: Annotated[int, Ge(1), Le(10_000)] = 400,
    word_dropout: Annotated[Share, Range(0.0, 0.4)] = 0.1,
    embedding_dropout: Annotated[Share, Range(0.0, 0.5)] = 0.0,
    dropout: Annotated[Share, Range(0.2, 0.7)] = 0.5,
    vectors: Annotated[str, Categorical((DRAWN, COOCCURRENCE))] = DRAWN,
    members: Annotated[int, Ge(1), Le(100)] = 1,
) -> Learner:
    """Kim's network [1]_: word vectors, convolutions of widths 3, 4 and 5, maximum over time, linear.

    Parameters
    ----------
    training : Training
        Field by field.
    dimension : int
        Of the word vectors, where they are learned from nothing.
    widths : list of int or None
        Words that the filters span. None: 3, 4 and 5 as in the paper.
    filters : int
        Of each width.
    min_count : int
        Words of train that occur less often are unknown.
    longest : int
        Words of a text that are kept, at most; fewer where the texts of train are shorter.
    word_dropout : float
        Share of words that become unknown in training, in [0, 1).
    embedding_dropout : float
        Share of the dimensions of a text's word vectors that is dropped in training, in [0, 1).
    dropout : float
        Share of the pooled features that is dropped in training, in [0, 1).
    vectors : str
        First values of the word vectors, which change in training in any case. "drawn": random; "cooccurrence":
        from which words stand near which in the texts of train, without their classes [2]_; else the name of a
        text file of word2vec or GloVe.
    members : int
        Networks that differ in their seed alone and whose probabilities are averaged [3]_; each costs as much as the
        first.

    References
    ----------
    .. [1] Kim (2014), Convolutional neural networks for sentence classification, EMNLP.
    .. [2] Levy, Goldberg and Dagan (2015), Improving distributional similarity with lessons learned from word
       embeddings, TACL 3, 211.
    .. [3] Lakshminarayanan, Pritzel and Blundell (2017), Simple and scalable predictive uncertainty estimation using
       deep ensembles, NeurIPS.
    """
    from visiontk.baselines.cooccurrence import cooccurrence_vectors
    from visiontk.baselines.ngrams import words
    from visiontk.blocks.text_networks import WordDropout
    from visiontk.learners.members import DeepEnsemble
    from visiontk.learners.network import Network
    from visiontk.learners.preprocessed import Preprocessed
    from visiontk.learners.vocabulary import encoder

    settings: dict[str, Any] = {
        "dimension": dimension,
        "widths": tuple(widths or (3, 4, 5)),
        "filters": filters,
        "embedding_dropout": embedding_dropout,
        "dropout": dropout,
    }

    def prepare(train: Samples) -> Encoder:
        step = encoder(words, min_count=min_count, longest=longest)(train)
        if vectors == COOCCURRENCE:
            texts = (words(text) for batch in train.batches(1024) for text in batch)
            step = replace(step, vectors=cooccurrence_vectors(texts, step.known, dimension))
        return step

    def make(step: Encoder) -> Learner:
        def network() -> Network:
            return Network(
                partial(_text_cnn, step=step, vectors=vectors, **settings),
                training,
                lambda card, shape: [WordDropout(word_dropout)] if word_dropout else [],
            )

        return network() if members == 1 else DeepEnsemble(network, members)

    return Preprocessed(prepare, make)


@learner(About("network", layers=7, weights=95_492, at="300 of 70 characters, 4 classes"))
@flat(learning_rate=1e-2)
def char_cnn(
    training: Training,
    dimension: Annotated[int, Ge(2), Le(500), Range(8, 32, log=True)] = 16,
    filters: Annotated[int, Ge(1), Le(1024), Range(32, 128, log=True)] = 64,
    longest: Annotated[int, Ge(16), Le(10_000)] = 600,
    dropout: Annotated[Share, Range(0.0, 0.5)] = 0.1,
) -> Learner:
    """A network over characters [1]_, scaled down from the paper's for data that are small.

    Parameters
    ----------
    training : Training
        Field by field.
    dimension : int
        Of the vectors of characters.
    filters : int
        Of each convolution.
    longest : int
        Characters of a text that are kept, at most; 1,014 in the paper.
    dropout : float
        Share of the units before and after the hidden layer that is dropped in training, in [0, 1).

    References
    ----------
    .. [1] Zhang, Zhao and LeCun (2015), Character-level convolutional networks for text classification, NeurIPS.
    """
    from visiontk.blocks.text_networks import char_cnn as build
    from visiontk.learners.network import Network
    from visiontk.learners.preprocessed import Preprocessed
    from visiontk.learners.vocabulary import encoder

    def make(step: Encoder) -> Learner:
        size = step.n_tokens
        return Network(
            partial(build, n_characters=size, dimension=dimension, filters=filters, dropout=dropout), training
        )

    return Preprocessed(encoder(str.lower, most=200, longest=longest), make)


def _text_cnn(sample: Any, n_classes: int, *, step: Encoder, vectors: str, **settings: Any) -> Any:
    """Kim's network for a vocabulary, with vectors from a file or from train where there are any."""
    import numpy as np

    from visiontk.blocks.text_networks import text_cnn as build

    rows = step.vectors if vectors in (DRAWN, COOCCURRENCE) else _file_vectors(step.known, vectors)
    # Padding and the unknown word begin as zero.
    first = None if rows is None else np.concatenate([np.zeros((2, rows.shape[1]), np.float32), rows])
    return build(sample, n_classes, n_words=step.n_tokens, vectors=first, **settings)


def _file_vectors(known: tuple[str, ...], path: str) -> Any:
    """Vectors from the file; those of other words are drawn with the same spread."""
    import keras
    import numpy as np

    from visiontk.data.formats.word_vectors import read_vectors

    found, there = read_vectors(path, known)
    drawn = keras.random.normal(found.shape, stddev=float(found[there].std()))
    return np.where(there[:, None], found, keras.ops.convert_to_numpy(drawn))
