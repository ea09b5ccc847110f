"""Networks for texts."""

import keras
import numpy as np
import pytest

from visiontk.blocks.text_networks import WordDropout, char_cnn, text_cnn


def kim(length=12, n_classes=3, **options):
    keras.utils.set_random_seed(0)
    sample = np.ones((2, length), "int32")
    return text_cnn(sample, n_classes, n_words=30, **{"dimension": 6, "filters": 5} | options)


def rows(n=8, length=12, seed=0):
    return np.random.default_rng(seed).integers(1, 30, (n, length)).astype("int32")


@pytest.mark.parametrize("length", [1, 2, 12, 100])
def test_a_network_gives_finite_logits_for_texts_of_any_length(length):
    """Including texts shorter than the widest filter."""
    for model in (
        kim(length),
        char_cnn(np.ones((2, length), "int32"), 3, n_characters=30, filters=4),
    ):
        logits = np.asarray(model(rows(length=length)))

        assert logits.shape == (8, 3)
        assert np.isfinite(logits).all()


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras when it saves
def test_a_saved_network_gives_the_same_logits(tmp_path):
    model = kim()
    model.save(tmp_path / "kim.keras")

    loaded = keras.models.load_model(tmp_path / "kim.keras")

    np.testing.assert_allclose(loaded(rows()), model(rows()), atol=1e-6)


def test_text_cnn_has_the_parameters_of_kim():
    """Word vectors, filters of 3, 4 and 5 words with biases, and a linear output."""
    assert kim().count_params() == 30 * 6 + sum(width * 6 * 5 + 5 for width in (3, 4, 5)) + 15 * 3 + 3


def test_max_over_time_pooling_ignores_the_position_of_a_phrase():
    """The same phrase at two positions among unknown words."""
    early = np.full((1, 20), 1, "int32")
    late = early.copy()
    early[0, 6:10] = late[0, 9:13] = [7, 8, 9, 10]
    model = kim(20)

    np.testing.assert_allclose(model(early), model(late), atol=1e-6)


def test_the_order_of_words_matters():
    text = rows(1)

    assert np.abs(kim()(text) - kim()(text[:, ::-1])).max() > 1e-4


def test_initial_vectors_are_used_and_trained():
    vectors = np.random.default_rng(0).normal(size=(30, 4)).astype("float32")

    model = kim(vectors=vectors)

    layer = model.get_layer("words")
    np.testing.assert_array_equal(np.asarray(layer.embeddings), vectors)
    assert layer.trainable


def test_dropout_is_active_in_training_only():
    model = kim(embedding_dropout=0.5)

    np.testing.assert_array_equal(model(rows()), model(rows()))
    assert np.abs(model(rows(), training=True) - model(rows())).max() > 0


def test_word_dropout_replaces_its_fraction_of_words_but_no_padding():
    x = np.full((50, 40), 9, "int32")
    x[:, 30:] = 0

    out = np.asarray(WordDropout(0.2, seed=1)(x, training=True))

    assert (out[:, 30:] == 0).all()
    assert (out[:, :30] == 1).mean() == pytest.approx(0.2, abs=0.04)
    assert set(np.unique(out[:, :30])) == {1, 9}
    assert np.array_equal(WordDropout(0.2, seed=1)(x), x)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["kim", "characters"])
def test_training_learns_a_pair_of_words(name):
    """Both networks learn to detect a phrase at any position."""
    keras.utils.set_random_seed(0)
    x, y = rows(400, 20), np.arange(400) % 2
    x[x == 5] = 6
    position = np.random.default_rng(1).integers(0, 18, 400)
    for i in np.flatnonzero(y):
        x[i, position[i] : position[i] + 2] = 5
    builders = {
        "kim": lambda: text_cnn(x, 2, n_words=30, dimension=8, filters=8),
        "characters": lambda: char_cnn(x, 2, n_characters=30, filters=8, dropout=0.1),
    }
    model = builders[name]()
    model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(x[:300], y[:300], epochs=12, batch_size=16, verbose=0)

    assert (np.asarray(model(x[300:])).argmax(axis=1) == y[300:]).mean() > 0.9
