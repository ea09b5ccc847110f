"""Networks of keras.applications with weights made on the spot."""

import keras
import numpy as np
import pytest

from visiontk.errors import DataError, EnvironmentFault
from visiontk.learners.backbone import FrozenFeatures
from visiontk.learners.keras_applications import application, weights_file
from visiontk.learners.pretrained_source import PretrainedNetwork

NAME = "MobileNetV2"
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Return a folder with random weights of MobileNetV2 in both forms of Keras, and the network."""
    keras.utils.set_random_seed(0)
    folder = tmp_path_factory.mktemp("weights")
    network = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(32, 32, 3))
    network.save_weights(folder / "MobileNetV2.weights.h5")
    return folder, network


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)


def test_weights_of_a_file_are_loaded_and_pictures_scaled_as_the_network_needs_it(saved, pictures):
    folder, network = saved

    maps = np.asarray(application(NAME, str(folder / "MobileNetV2.weights.h5"), 32)(pictures))

    expected = np.asarray(network(keras.applications.mobilenet_v2.preprocess_input(pictures.astype(np.float32))))
    np.testing.assert_allclose(maps, expected, atol=1e-5)
    assert expected.std() > 0


@pytest.mark.parametrize("name", ["mobilenet_v2_weights_tf_no_top.h5", "MobileNetV2.weights.h5"])
def test_weights_are_taken_from_the_folder_of_the_user(saved, tmp_path, monkeypatch, name):
    (tmp_path / name).write_bytes((saved[0] / "MobileNetV2.weights.h5").read_bytes())
    (tmp_path / "mobilenet_v3_small.h5").write_bytes(b"")
    monkeypatch.setenv("VISIONTK_WEIGHTS", str(tmp_path))

    assert weights_file(NAME, None) == tmp_path / name


def test_a_name_that_begins_like_another_is_not_taken_for_it(tmp_path, monkeypatch):
    for name in ("resnet50_weights_notop.h5", "resnet50v2_weights_notop.h5", "resnet101_notop.h5"):
        (tmp_path / name).write_bytes(b"")
    monkeypatch.setenv("VISIONTK_WEIGHTS", str(tmp_path))

    assert weights_file("ResNet50", None).name == "resnet50_weights_notop.h5"
    assert weights_file("ResNet50V2", None).name == "resnet50v2_weights_notop.h5"


def test_missing_weights_are_refused_and_nothing_is_downloaded(tmp_path, monkeypatch):
    monkeypatch.setattr(keras.utils, "get_file", lambda *_, **__: pytest.fail("download"))
    monkeypatch.delenv("VISIONTK_WEIGHTS", raising=False)
    with pytest.raises(DataError, match="no weights are named") as unnamed:
        application(NAME, None, 32)
    monkeypatch.setenv("VISIONTK_WEIGHTS", str(tmp_path))
    with pytest.raises(DataError, match=r"0 files in .* begin with its name"):
        application(NAME, None, 32)
    with pytest.raises(DataError, match="no such file of weights for MobileNetV2"):
        application(NAME, str(tmp_path / "no.h5"), 32)

    assert unnamed.value.error_id == "E-WEIGHTS-MISSING"
    assert "weights=imagenet" in unnamed.value.hint


@pytest.mark.parametrize(
    ("name", "content", "error_id", "message"),
    [
        ("a.h5", b"no HDF5", "E-WEIGHTS-DECODE", "not a readable HDF5 file"),
        ("a.weights.h5", b"no HDF5", "E-WEIGHTS-DECODE", "not a readable HDF5 file"),
        ("a.keras", b"PK", "E-WEIGHTS-DECODE", "from .h5 files only"),
        ("a.pth", b"\x80\x02.", "E-WEIGHTS-DECODE", "from .h5 files only"),
    ],
)
def test_other_files_are_refused(tmp_path, name, content, error_id, message):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(DataError, match=message) as caught:
        application(NAME, str(tmp_path / name), 32)

    assert caught.value.error_id == error_id


def test_weights_of_another_network_are_refused(saved):
    with pytest.raises(DataError, match="not the weights of MobileNet without its top") as caught:
        application("MobileNet", str(saved[0] / "MobileNetV2.weights.h5"), 32)

    assert caught.value.error_id == "E-WEIGHTS-TENSOR"


def test_keras_downloads_where_that_is_asked_for_by_name(saved, monkeypatch):
    urls = []

    def get_file(name, origin, **_):
        urls.append(origin)
        return str(saved[0] / "MobileNetV2.weights.h5")

    monkeypatch.setattr("keras.src.applications.mobilenet_v2.file_utils.get_file", get_file)

    network = application(NAME, "imagenet", 96)

    assert network.output_shape == (None, 3, 3, 1280)
    assert len(urls) == 1
    assert "mobilenet_v2" in urls[0]


def test_a_failed_download_is_an_error_of_the_environment(monkeypatch):
    def get_file(*_, **__):
        raise Exception("URL fetch failure")  # as Keras does

    monkeypatch.setattr("keras.src.applications.mobilenet_v2.file_utils.get_file", get_file)

    with pytest.raises(EnvironmentFault, match="cannot be downloaded: URL fetch failure") as caught:
        application(NAME, "imagenet", 96)

    assert caught.value.error_id == "E-FETCH-NETWORK"


def test_its_features_are_the_means_of_the_last_map(saved, pictures):
    source = PretrainedNetwork(NAME, str(saved[0] / "MobileNetV2.weights.h5"), side=32)

    features = FrozenFeatures(source)(pictures)

    assert features.shape == (3, 1280)
    assert source.knew == "ImageNet-1k, if so the file MobileNetV2.weights.h5 of weights, MobileNetV2, 32 x 32 pixels"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ResNet50", "DenseNet121", "EfficientNetV2B0", "MobileNetV3Small", "ConvNeXtTiny"])
def test_every_way_of_scaling_pictures_works_in_the_graph(name, tmp_path, pictures):
    build = getattr(keras.applications, name)
    network = build(weights=None, include_top=False, input_shape=(32, 32, 3))
    network.save_weights(tmp_path / "w.weights.h5")
    module = getattr(keras.applications, build.__module__.rpartition(".")[2])

    maps = np.asarray(application(name, str(tmp_path / "w.weights.h5"), 32)(pictures))

    expected = np.asarray(network(module.preprocess_input(pictures.astype(np.float32))))
    np.testing.assert_allclose(maps, expected, rtol=1e-3, atol=1e-4)
