"""DenseNet-121 on ImageNet, which the patch training begins with (Wu et al. 2019, SI, 'Training and
architecture'): downloaded from torchvision's site, verified, or brought as a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from fourview.io.download import download

FILE = "densenet121-a639ec97.pth"
SHA256_START = "a639ec97"
"""torchvision names its files by what their SHA-256 begins with."""
BASE_URL = "https://download.pytorch.org/models"
"""A mirror may be named in FOURVIEW_IMAGENET_URL."""
LICENCE_NOTICE = f"""\
{FILE} is not part of fourview. It is published by the torchvision project
(BSD-3-Clause), trained on ImageNet, whose images have terms of their own: see https://www.image-net.org/download.php."""


def fetch_imagenet(
    folder: Path, *, on_progress: Callable[[str, int, int | None], None] | None = None
) -> Path:
    """The file in `folder`, downloaded and verified if it is not there.

    Raises:
        WeightsError: it cannot be downloaded, or is another file.
    """
    path = folder / FILE
    if not path.exists():
        base = os.environ.get("FOURVIEW_IMAGENET_URL") or BASE_URL
        download(
            f"{base.rstrip('/')}/{FILE}",
            path,
            sha256_start=SHA256_START,
            on_progress=(lambda done, all_: on_progress(FILE, done, all_)) if on_progress else None,
        )
    return path
