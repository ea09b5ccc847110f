"""Networks of ``keras.applications`` with ImageNet weights that the user has, or lets Keras download."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import keras

from visiontk.errors import DataError, EnvironmentFault
from visiontk.learners.pretrained_source import SIDES

DOWNLOAD = "imagenet"
"""Value of ``weights`` with which Keras downloads; without it nothing is."""


def application(name: str, weights: str | None, side: int) -> keras.Model:
    """A network without its top, with weights, from pictures of 0 to 255 to its last feature map.

    Parameters
    ----------
    name : str
        As in ``keras.applications``, such as ``MobileNetV2``.
    weights : str, optional
        A file, or ``imagenet`` for those that Keras downloads. None: a file in the folder ``$VISIONTK_WEIGHTS`` whose
        name begins with that of the network.
    side : int
        Of the pictures, in pixels.

    Raises
    ------
    DataError
        ``E-WEIGHTS-MISSING``, ``E-WEIGHTS-TENSOR`` and ``E-WEIGHTS-DECODE``.
    EnvironmentFault
        ``E-FETCH-NETWORK`` if a download fails.
    """
    build = getattr(keras.applications, name)
    inputs = keras.Input((side, side, 3), dtype="uint8")
    module = getattr(keras.applications, build.__module__.rpartition(".")[2])
    x = module.preprocess_input(keras.ops.cast(inputs, "float32"))
    if weights == DOWNLOAD:
        network = _downloaded(build, name, side)
    else:
        network = build(weights=None, include_top=False, input_shape=(side, side, 3))
        _load(network, weights_file(name, weights), name)
    return keras.Model(inputs, network(x))


def weights_file(name: str, weights: str | None) -> Path:
    """File of the weights of a network, named by the user or in the folder ``$VISIONTK_WEIGHTS``.

    Raises
    ------
    DataError
        ``E-WEIGHTS-MISSING`` if there is none, or several in the folder.
    """
    if weights is not None:
        path = Path(weights).expanduser()
        if not path.is_file():
            raise DataError(f"{path}: no such file of weights for {name}.", error_id="E-WEIGHTS-MISSING")
        return path
    folder = os.environ.get("VISIONTK_WEIGHTS", "")
    names = sorted(Path(folder).expanduser().glob("*.h5")) if folder else []
    matches = [path for path in names if _begins(path.name, name)]
    if len(matches) == 1:
        return matches[0]
    reason = f"{len(matches)} files in {folder} begin with its name" if folder else "no weights are named"
    raise DataError(
        f"{name}: {reason}.",
        error_id="E-WEIGHTS-MISSING",
        hint="Name a file with weights=FILE.h5, set VISIONTK_WEIGHTS to the folder that holds one, or let Keras "
        f"download them with weights={DOWNLOAD}.",
    )


def _begins(file: str, name: str) -> bool:
    """True if a file is called like the network, as Keras spells it: resnet50v2, resnet50 or mobilenet_v2."""
    plain, own = file.lower().replace("_", "").replace("-", ""), name.lower()
    longer = [other.lower() for other in SIDES if other.lower().startswith(own) and other.lower() != own]
    return plain.startswith(own) and not any(plain.startswith(other) for other in longer)


def _load(network: keras.Model, path: Path, name: str) -> None:
    if path.suffix not in (".h5", ".hdf5"):
        # Other formats of Keras hold a description of the network beside its weights, which can run code.
        raise DataError(
            f"{path}: weights of Keras are read from .h5 files only.",
            error_id="E-WEIGHTS-DECODE",
            hint='Save them with model.save_weights("NAME.weights.h5").',
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # of parts of a network that a file lacks
            network.load_weights(path)
    except OSError as error:
        raise DataError(f"{path}: not a readable HDF5 file: {error}.", error_id="E-WEIGHTS-DECODE") from None
    except (ValueError, KeyError, UserWarning) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise DataError(
            f"{path}: not the weights of {name} without its top: {first}",
            error_id="E-WEIGHTS-TENSOR",
            hint="Use a file made with include_top=False; those of Keras have no_top or notop in their names.",
        ) from None


def _downloaded(build: Any, name: str, side: int) -> keras.Model:
    try:
        return build(weights=DOWNLOAD, include_top=False, input_shape=(side, side, 3))
    except Exception as error:  # Keras raises a plain Exception for a failed download
        raise EnvironmentFault(
            f"The ImageNet weights of {name} cannot be downloaded: {str(error).strip() or type(error).__name__}",
            error_id="E-FETCH-NETWORK",
            hint="Check the connection, or name a file with weights=FILE.h5.",
        ) from None
