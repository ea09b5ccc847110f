"""Layers for spectrograms and waveforms, and networks for audio."""

from functools import partial

import keras
import numpy as np
import pytest

from visiontk.baselines import logmel
from visiontk.blocks import audio_augmentation_layers as layers
from visiontk.blocks import audio_normalization as normalization
from visiontk.blocks.audio_augmentation import SpectrogramAugmentation, WaveformAugmentation
from visiontk.blocks.audio_networks import spectrogram_network, waveform_network
from visiontk.core import Card

RANDOM = {
    "time": partial(layers.RandomTime, 0.3, 0.1),
    "bands": partial(layers.RandomBands, 0.2, 0.1),
    "channel": partial(layers.RandomChannel, 4.0, 40.0),
    "masks": partial(layers.RandomMasks, 0.2, 0.2),
    "speed": partial(layers.RandomSpeed, 0.1, 0.1, 0.1),
}
FIXED = {
    "clip": partial(normalization.ClipNormalisation, "clip"),
    "bands of the clip": partial(normalization.ClipNormalisation, "bands"),
    "loudness": normalization.Loudness,
}
ALL = RANDOM | FIXED
WAVES = ("speed", "loudness")
saving = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras when it saves
PADDED = 8


def array(x):
    return keras.ops.convert_to_numpy(x)


def spectrograms(n=5, frames=30, bands=20, seed=0):
    x = np.random.default_rng(seed).uniform(-75, -5, (n, frames, bands, 1)).astype(np.float32)
    x[:, frames - PADDED :] = normalization.PADDING_DB
    return x


def waves(n=5, size=400, seed=0):
    x = np.random.default_rng(seed).uniform(-0.5, 0.5, (n, size, 1)).astype(np.float32)
    x[:, 300:] = 0
    return x


def inputs_of(name, **options):
    return waves(**options) if name in WAVES else spectrograms(**options)


def test_layers_and_spectrograms_agree_on_padding():
    """Blocks and baselines do not import each other, so the constants are defined twice."""
    assert (normalization.PADDING_DB, normalization.FLOOR_DB) == (logmel.PADDING_DB, logmel.FLOOR_DB)


@pytest.mark.parametrize("name", RANDOM)
def test_inputs_are_unchanged_outside_training(name):
    x = inputs_of(name)
    layer = RANDOM[name]()

    assert np.array_equal(array(layer(x)), x)
    assert np.array_equal(array(layer(x, training=False)), x)
    assert not np.array_equal(array(layer(x, training=True)), x)


@pytest.mark.parametrize("name", RANDOM)
def test_a_seed_determines_the_augmentation(name):
    """The augmentation differs between batches and between clips."""
    x = np.repeat(inputs_of(name, n=1), 6, axis=0)
    one, two, other = (RANDOM[name](seed=s) for s in (3, 3, 4))

    first, second = array(one(x, training=True)), array(one(x, training=True))

    assert np.array_equal(first, array(two(x, training=True)))
    assert np.array_equal(second, array(two(x, training=True)))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, array(other(x, training=True)))
    assert np.ptp(first, axis=0).max() > 0


@pytest.mark.parametrize("name", ["bands", "channel"])
def test_the_padding_mask_is_preserved(name):
    x = spectrograms()

    output = array(RANDOM[name](seed=0)(x, training=True))

    np.testing.assert_array_equal(array(normalization.frame_mask(output)), array(normalization.frame_mask(x)))
    assert (output[:, -PADDED:] == normalization.PADDING_DB).all()
    assert output[:, :-PADDED].min() >= normalization.FLOOR_DB - 1e-3


def test_random_time_shifts_whole_frames():
    """Without stretching, frames are shifted, and uncovered frames become padding."""
    x = spectrograms(200)

    output = array(layers.RandomTime(0.0, 0.1, seed=0)(x, training=True))

    for shifted, original in zip(output[..., 0], x[..., 0], strict=True):
        n = (shifted[:, 0] > -90).sum()
        assert 30 - PADDED - 4 <= n <= 30 - PADDED + 1
        assert shifted.max() <= original.max() + 1e-4


def test_a_stretched_clip_has_more_or_fewer_frames():
    x = spectrograms(300)

    n = array(normalization.frame_mask(layers.RandomTime(0.3, 0.0, seed=0)(x, training=True))).sum(axis=(1, 2, 3))

    assert 22 / 1.3 - 2 <= n.min() < 20
    assert 24 < n.max() <= 30


def test_bands_are_shifted_equally_in_every_frame():
    """Equal frames stay equal, and a peak moves within the allowed range."""
    x = np.full((200, 10, 40, 1), -60, np.float32)
    x[:, :, 20] = 0

    output = array(layers.RandomBands(0.0, 0.1, seed=0)(x, training=True))

    assert np.ptp(output, axis=1).max() < 1e-4
    peaks = output[:, 0, :, 0].argmax(axis=1)
    assert 16 <= peaks.min() < 18
    assert 22 < peaks.max() <= 24


def test_a_channel_adds_background_noise_and_a_smooth_response():
    x = np.full((100, 20, 40, 1), -80, np.float32)

    noise = array(layers.RandomChannel(0.0, 40.0, seed=0)(x, training=True))
    x[:] = -20
    filtered = array(layers.RandomChannel(3.0, 0.0, seed=0)(x, training=True))

    level = noise.mean(axis=(1, 2, 3))
    assert -80 <= level.min() < -70
    assert -50 < level.max() < -35
    response = filtered.mean(axis=1)[..., 0] + 20
    # Four cosines of deviation 3: a step from band to band deviates by 3 sqrt(30) pi / 40 at most, about 1.3.
    assert np.abs(np.diff(response, axis=1)).max() < 5 * 1.3
    assert 2 < response.std() < 8


def test_masks_replace_ranges_and_preserve_the_rest():
    x = spectrograms(50, frames=60, bands=40)
    mean = x[:, :-PADDED].mean(axis=1, keepdims=True)

    output = array(layers.RandomMasks(0.2, 0.25, count=1, seed=0)(x, training=True))

    frames = (output[:, :-PADDED] == normalization.PADDING_DB).all(axis=(2, 3))
    assert 0 < frames.mean() < 0.2
    assert frames.sum(axis=1).max() <= 12
    audible = ~frames[:, :, None, None]
    masked = np.isclose(output[:, :-PADDED], mean, atol=1e-3) & ~np.isclose(x[:, :-PADDED], mean, atol=1e-3) & audible
    changed = ~np.isclose(output[:, :-PADDED], x[:, :-PADDED]) & audible
    np.testing.assert_array_equal(changed, masked)
    assert 0 < masked.mean() < 0.25


def test_noise_has_the_requested_level():
    x = waves(200)

    output = array(layers.RandomSpeed(0.0, 0.0, 0.5, seed=0)(x, training=True))

    ratio = np.sqrt(((output - x) ** 2).mean(axis=(1, 2)) / (x**2).mean(axis=(1, 2)))
    assert 0 <= ratio.min() < 0.05
    assert 0.45 < ratio.max() < 0.6


@pytest.mark.parametrize("over", ["clip", "bands"])
def test_normalised_clips_have_mean_0_and_deviation_1_over_their_own_frames(over):
    """Independent of the padding and of the other clips."""
    x = spectrograms()
    layer = normalization.ClipNormalisation(over)

    output = array(layer(x))

    inside = output[:, :-PADDED]
    np.testing.assert_allclose(inside.mean(axis=(1, 2, 3)), 0, atol=1e-4)
    np.testing.assert_allclose(inside.std(axis=(1, 2, 3)), 1, atol=0.01)
    if over == "bands":
        np.testing.assert_allclose(inside.mean(axis=1), 0, atol=1e-4)
    assert not output[:, -PADDED:].any()
    np.testing.assert_allclose(array(layer(x[:, :-PADDED])), inside, atol=1e-4)
    np.testing.assert_allclose(array(layer(x[2:3]))[0], output[2], atol=1e-5)


@pytest.mark.parametrize("value", [normalization.FLOOR_DB, normalization.PADDING_DB])
@pytest.mark.parametrize("name", [name for name in ALL if name not in WAVES])
def test_silent_and_empty_clips_give_finite_values(name, value):
    x = np.full((2, 12, 10, 1), value, np.float32)

    assert np.isfinite(array(ALL[name]()(x, training=True) if name in RANDOM else ALL[name]()(x))).all()


def test_silent_waveforms_give_finite_values():
    x = np.zeros((2, 100, 1), np.float32)

    assert not array(normalization.Loudness()(x)).any()
    assert np.isfinite(array(RANDOM["speed"]()(x, training=True))).all()


@saving
@pytest.mark.parametrize("name", ALL)
def test_a_layer_computes_its_output_shape_and_can_be_saved(name, tmp_path):
    """Symbolic and eager shapes agree; the configuration and the saved file restore the layer."""
    x = inputs_of(name)
    layer = ALL[name]()
    inputs = keras.Input(x.shape[1:])
    model = keras.Model(inputs, layer(inputs))

    eager = array(layer(x))

    assert layer.compute_output_shape(x.shape) == eager.shape == x.shape
    assert model.output_shape[1:] == x.shape[1:]
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()
    model.save(tmp_path / "layer.keras")
    np.testing.assert_array_equal(array(keras.saving.load_model(tmp_path / "layer.keras")(x)), eager)


@pytest.mark.parametrize("dtype", ["float16", "mixed_bfloat16", "float64"])
@pytest.mark.parametrize("name", ALL)
def test_a_layer_computes_in_its_dtype(name, dtype):
    layer = ALL[name](dtype=dtype)
    x = inputs_of(name)

    output = layer(x, training=True) if name in RANDOM else layer(x)

    assert keras.backend.standardize_dtype(output.dtype) == dtype.removeprefix("mixed_")
    assert np.isfinite(array(keras.ops.cast(output, "float32"))).all()


NETWORKS = {
    "spectrogram": (spectrogram_network, [(30, 20, 1), (61, 40, 1), (8, 8, 1), (200, 64, 1)], spectrograms),
    "waveform": (waveform_network, [(400, 1), (8000, 1), (50, 1)], waves),
}


@pytest.mark.parametrize(
    ("build", "shape"), [pytest.param(b, s, id=f"{n}-{s}") for n, (b, shapes, _) in NETWORKS.items() for s in shapes]
)
def test_a_network_gives_finite_logits_for_clips_of_any_size(build, shape):
    rng = np.random.default_rng(0)
    x = rng.uniform(-80, 0, (6, *shape)) if len(shape) == 3 else rng.uniform(-1, 1, (6, *shape))
    x = x.astype(np.float32)
    keras.utils.set_random_seed(0)
    model = build(x, 5)

    logits = array(model(x))

    assert model.output_shape == (None, 5)
    assert np.isfinite(logits).all()
    assert np.ptp(logits, axis=0).min() > 0
    keras.utils.set_random_seed(0)
    np.testing.assert_array_equal(array(build(x, 5)(x)), logits)


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_are_invariant_to_loudness(name):
    build, _, inputs = NETWORKS[name]
    x = inputs()
    model = build(x, 4)
    quieter = x / 8 if name == "waveform" else np.where(x > -90, x - 3, x)

    np.testing.assert_allclose(array(model(quieter)), array(model(x)), rtol=1e-2, atol=2e-3)


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_training_lowers_the_loss(name):
    """A few small steps on one batch."""
    build, _, inputs = NETWORKS[name]
    x, y = inputs(n=12), np.arange(12) % 3
    keras.utils.set_random_seed(1)
    model = build(x, 3)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(1e-2), loss)

    losses = [float(model.train_on_batch(x, y)) for _ in range(6)]

    assert losses[-1] < losses[0]


@saving
@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_a_saved_network_gives_the_same_predictions(name, tmp_path):
    build, _, inputs = NETWORKS[name]
    x = inputs()
    model = build(x, 4)
    model.save(tmp_path / "model.keras")

    loaded = keras.saving.load_model(tmp_path / "model.keras")

    np.testing.assert_array_equal(loaded.predict_on_batch(x), model.predict_on_batch(x))


@pytest.mark.parametrize(
    ("augmentation", "expected"),
    [
        (SpectrogramAugmentation(), ["RandomTime", "RandomBands", "RandomChannel", "RandomMasks"]),
        (
            SpectrogramAugmentation(time_stretch=0.0, time_shift=0.0, mask_frames=0.0, mask_bands=0.0),
            ["RandomBands", "RandomChannel"],
        ),
        (SpectrogramAugmentation(0, 0, 0, 0, 0, 0, 0, 0), []),
        (WaveformAugmentation(), ["RandomSpeed"]),
        (WaveformAugmentation(0, 0, 0), []),
    ],
)
def test_the_settings_select_the_layers(augmentation, expected):
    output = augmentation(Card("any", "0", sample_rate=8_000), (30, 20, 1))

    assert [type(layer).__name__ for layer in output] == expected
