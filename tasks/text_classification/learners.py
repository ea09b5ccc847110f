"""Learners of texts. Frameworks are imported when a learner is built."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge, Gt, Le, Lt

from visiontk.core import About, Learner, Samples, flat, learner
from visiontk.learners.imbalance import ClassBalance
from visiontk.learners.training import Training
from visiontk.spaces import Categorical, Range

if TYPE_CHECKING:
    from visiontk.learners.vocabulary import Encoder, Vocabulary

Fraction = Annotated[float, Ge(0), Lt(1)]

RANDOM, COOCCURRENCE = "drawn", "cooccurrence"
"""Initial word vectors that need no file."""


@learner(About("classical", probabilities=False, seeded=False, cost=0.1))
@flat()
def nb_svm(
    balance: ClassBalance,
    longest: Annotated[int, Ge(1), Le(5), Range(1, 3)] = 2,
    c: Annotated[float, Gt(0), Range(1e-3, 3.0, log=True)] = 0.03,
    alpha: Annotated[float, Gt(0), Range(0.05, 5.0, log=True)] = 0.5,
    beta: Annotated[float, Ge(0), Le(1), Range(0.0, 1.0)] = 0.4,
) -> Learner:
    """Words and bigrams weighted by naive Bayes, then a support vector machine interpolated with it [1]_.

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

        The paper has c 1, alpha 1 and beta 0.25. The defaults were chosen on the validation sets of MR, TREC
        and pydoc together; those of the paper were seven points worse on TREC, which has six classes.

    References
    ----------
    .. [1] Wang and Manning (2012), Baselines and bigrams: simple, good sentiment and topic classification, ACL.
    """
    from visiontk.baselines.naive_bayes import NBSVM
    from visiontk.baselines.ngrams import vectorizer, word_ngrams
    from visiontk.learners.classical import Classical

    return Classical(
        vectorizer(partial(word_ngrams, longest=longest)), NBSVM(c, alpha, beta), imbalance=balance.imbalance
    )


@learner(About("classical", seeded=False, cost=0.5))
@flat()
def tfidf_logistic(
    balance: ClassBalance,
    longest: Annotated[int, Ge(1), Le(5), Range(1, 3)] = 2,
    characters: Annotated[int, Ge(0), Le(8), Categorical((0, 4, 5, 6))] = 5,
    character_weight: Annotated[float, Gt(0), Range(0.1, 2.0, log=True)] = 0.5,
    c: Annotated[float, Gt(0), Range(0.3, 300.0, log=True)] = 10.0,
) -> Learner:
    """TF-IDF [1]_ of word and character n-grams, then multinomial logistic regression.

    Parameters
    ----------
    longest : int
        Words of the longest n-gram of words.
    characters : int
        Characters of the longest n-gram within words; the shortest has 3. Below 3 none are used.
    character_weight : float
        Norm of the vector of character n-grams relative to that of words. 0.5 was chosen on the validation
        sets of MR and TREC.
    c : float
        Inverse strength of the penalty on the sum of losses, > 0.

    References
    ----------
    .. [1] Salton and Buckley (1988), Term-weighting approaches in automatic text retrieval, Information
       Processing and Management 24, 513.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import FeatureUnion

    from visiontk.baselines.ngrams import character_ngrams, vectorizer, word_ngrams
    from visiontk.learners.classical import Classical

    features = [("words", vectorizer(partial(word_ngrams, longest=longest), tfidf=True))]
    if characters >= 3:
        features.append(("characters", vectorizer(partial(character_ngrams, longest=characters), tfidf=True)))
    union = FeatureUnion(features, transformer_weights={"characters": character_weight} if characters >= 3 else None)
    return Classical(union, LogisticRegression(C=c, max_iter=1000, tol=1e-5), imbalance=balance.imbalance)


@learner(About("classical", cost=0.2))
@flat()
def fasttext_bag(
    balance: ClassBalance,
    longest: Annotated[int, Ge(1), Le(5), Range(1, 3)] = 2,
    dimension: Annotated[int, Ge(2), Le(1000), Range(10, 100, log=True)] = 20,
    epochs: Annotated[int, Ge(1), Le(1000), Range(5, 50, log=True)] = 15,
    learning_rate: Annotated[float, Gt(0), Range(0.01, 1.0, log=True)] = 0.1,
) -> Learner:
    """Averaged embeddings of words and bigrams, then a linear softmax: fastText [1]_.

    A neural network without convolution, so it counts as a traditional method here. N-grams are those of
    the training set, not hashed.

    Parameters
    ----------
    longest : int
        Words of the longest n-gram.
    dimension : int
        Of the embeddings.
    epochs : int
        Passes over the training set.
    learning_rate : float
        At the first step; it falls to zero linearly.

    References
    ----------
    .. [1] Joulin, Grave, Bojanowski and Mikolov (2017), Bag of tricks for efficient text classification, EACL.
    """
    from visiontk.baselines.embedding_bag import EmbeddingBag
    from visiontk.baselines.ngrams import vectorizer, word_ngrams
    from visiontk.learners.classical import Classical

    classifier = EmbeddingBag(dimension, epochs, learning_rate)
    return Classical(vectorizer(partial(word_ngrams, longest=longest)), classifier, imbalance=balance.imbalance)


@learner(About("network", layers=5, weights=1_121_102, at="56 of 10,000 words, 2 classes", cost=5))
@flat(epochs=10, batch_size=32, learning_rate=5e-3)
def text_cnn(
    training: Training,
    dimension: Annotated[int, Ge(2), Le(2000), Range(50, 300, log=True)] = 100,
    widths: list[Annotated[int, Ge(1), Le(20)]] | None = None,
    filters: Annotated[int, Ge(1), Le(2000), Range(50, 200, log=True)] = 100,
    min_count: Annotated[int, Ge(1)] = 2,
    longest: Annotated[int, Ge(1), Le(10_000)] = 400,
    word_dropout: Annotated[Fraction, Range(0.0, 0.4)] = 0.1,
    embedding_dropout: Annotated[Fraction, Range(0.0, 0.5)] = 0.0,
    dropout: Annotated[Fraction, Range(0.2, 0.7)] = 0.5,
    vectors: Annotated[str, Categorical((RANDOM, COOCCURRENCE))] = RANDOM,
    members: Annotated[int, Ge(1), Le(100)] = 1,
) -> Learner:
    """Kim's network [1]_: word vectors, convolutions of widths 3, 4 and 5, maximum over time, linear.

    Parameters
    ----------
    dimension : int
        Of the word vectors, unless they come from a file.
    widths : list of int or None
        Words spanned by the filters. None: 3, 4 and 5 as in the paper.
    filters : int
        Of each width.
    min_count : int
        Words that occur less often in the training set are unknown.
    longest : int
        Longer texts are truncated to this many words; fewer if the training texts are shorter.
    word_dropout : float
        Fraction of words replaced by the unknown word in training, in [0, 1).
    embedding_dropout : float
        Fraction of the dimensions of the word vectors dropped in training, in [0, 1).
    dropout : float
        Fraction of the pooled features dropped in training, in [0, 1).
    vectors : str
        Initial word vectors; they are trained in any case. "drawn": random; "cooccurrence": from the
        co-occurrence of words in the training texts, without their classes [2]_; else a text file of word2vec
        or GloVe.
    members : int
        Size of a deep ensemble: networks that differ in their seed alone, with averaged probabilities [3]_;
        each costs as much as the first.

    References
    ----------
    .. [1] Kim (2014), Convolutional neural networks for sentence classification, EMNLP.
    .. [2] Levy, Goldberg and Dagan (2015), Improving distributional similarity with lessons learned from word
       embeddings, TACL 3, 211.
    .. [3] Lakshminarayanan, Pritzel and Blundell (2017), Simple and scalable predictive uncertainty estimation using
       deep ensembles, NeurIPS.
    """
    from visiontk.baselines.ngrams import words
    from visiontk.blocks.text_networks import WordDropout
    from visiontk.learners.deep_ensemble import DeepEnsemble
    from visiontk.learners.network import Network
    from visiontk.learners.preprocessed import Preprocessed
    from visiontk.learners.vocabulary import Vocabulary

    settings: dict[str, Any] = {
        "dimension": dimension,
        "widths": tuple(widths or (3, 4, 5)),
        "filters": filters,
        "embedding_dropout": embedding_dropout,
        "dropout": dropout,
    }

    from_file = vectors not in (RANDOM, COOCCURRENCE)
    knew = f"word vectors of {Path(vectors).name}" if from_file else ""

    def make(step: Encoder) -> Learner:
        def network() -> Network:
            return Network(
                partial(_text_cnn, step=step, gaps=from_file, **settings),
                training,
                lambda card, shape: [WordDropout(word_dropout)] if word_dropout else [],
                knew=knew,
            )

        return network() if members == 1 else DeepEnsemble(network, members)

    prepare = _Words(Vocabulary(words, min_count, max_length=longest), vectors, dimension)
    return Preprocessed(prepare, make)


@learner(About("network", layers=7, weights=95_492, at="300 of 70 characters, 4 classes", cost=30))
@flat(learning_rate=1e-2)
def char_cnn(
    training: Training,
    dimension: Annotated[int, Ge(2), Le(500), Range(8, 32, log=True)] = 16,
    filters: Annotated[int, Ge(1), Le(1024), Range(32, 128, log=True)] = 64,
    longest: Annotated[int, Ge(16), Le(10_000)] = 600,
    dropout: Annotated[Fraction, Range(0.0, 0.5)] = 0.1,
) -> Learner:
    """A network over characters [1]_, scaled down for small data.

    Parameters
    ----------
    dimension : int
        Of the character vectors.
    filters : int
        Of each convolution.
    longest : int
        Longer texts are truncated to this many characters; 1,014 in the paper.
    dropout : float
        Fraction of the units before and after the hidden layer dropped in training, in [0, 1).

    References
    ----------
    .. [1] Zhang, Zhao and LeCun (2015), Character-level convolutional networks for text classification, NeurIPS.
    """
    from visiontk.blocks.text_networks import char_cnn as build
    from visiontk.learners.network import Network
    from visiontk.learners.preprocessed import Preprocessed
    from visiontk.learners.vocabulary import Vocabulary

    def make(step: Encoder) -> Learner:
        size = step.n_tokens
        return Network(
            partial(build, n_characters=size, dimension=dimension, filters=filters, dropout=dropout), training
        )

    return Preprocessed(Vocabulary(str.lower, max_tokens=200, max_length=longest), make)


@dataclass(frozen=True)
class _Words:
    """Preparation of texts as words, with initial vectors from the training set or a file if requested."""

    vocabulary: Vocabulary
    vectors: str
    dimension: int

    def __call__(self, train: Samples) -> Encoder:
        step = self.vocabulary(train)
        if self.vectors == RANDOM:
            return step
        if self.vectors == COOCCURRENCE:
            from visiontk.baselines.word_cooccurrence import cooccurrence_vectors

            texts = (step.tokens(text) for batch in train.batches(1024) for text in batch)
            return replace(step, vectors=cooccurrence_vectors(texts, step.vocabulary, self.dimension))
        from visiontk.data.formats.word_vectors import read_vectors

        vectors, present = read_vectors(self.vectors, step.vocabulary)
        vectors[~present] = float("nan")
        return replace(step, vectors=vectors)

    def save(self, step: Encoder, folder: Path) -> None:
        self.vocabulary.save(step, folder)

    def load(self, folder: Path) -> Encoder:
        return self.vocabulary.load(folder)


def _text_cnn(sample: Any, n_classes: int, *, step: Encoder, gaps: bool, **settings: Any) -> Any:
    """Kim's network for a vocabulary, with the vectors of the step if there are some; `gaps`: of a file."""
    import numpy as np

    from visiontk.blocks.text_networks import text_cnn as build

    rows = _without_gaps(step.vectors) if gaps else step.vectors
    # Padding and the unknown word start at zero.
    initial = None if rows is None else np.concatenate([np.zeros((2, rows.shape[1]), np.float32), rows])
    return build(sample, n_classes, n_words=step.n_tokens, vectors=initial, **settings)


def _without_gaps(vectors: Any) -> Any:
    """Vectors, those of missing words at random with the same standard deviation."""
    import keras
    import numpy as np

    present = ~np.isnan(vectors[:, :1])
    random = keras.random.normal(vectors.shape, stddev=float(vectors[present[:, 0]].std()))
    return np.where(present, vectors, keras.ops.convert_to_numpy(random))
