"""Fetches the weights that the paper's authors released, and translates them to fourview's format.

They are not part of fourview. They are downloaded from the authors' repository at one commit, each
verified against the id that git gave it there, and kept in a folder of the user's.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fourview.core.errors import WeightsError
from fourview.io.download import download

REPOSITORY = "https://github.com/nyukat/breast_cancer_classifier"
COMMIT = "6176ebea6950b0a953339593d2da417ab846dae0"
BASE_URL = "https://raw.githubusercontent.com/nyukat/breast_cancer_classifier"
"""Files are at `<base>/<commit>/<path>`; a mirror may be named in FOURVIEW_RELEASED_URL."""

LICENCE_NOTICE = f"""\
These weights are not part of fourview and are not covered by its licence (Apache-2.0).
They belong to the authors of Wu et al. 2019, who publish them at
  {REPOSITORY}
under the GNU Affero General Public License, version 3 (AGPL-3.0):
  https://www.gnu.org/licenses/agpl-3.0.html
fourview downloads them from there to your machine and translates them to its own file format;
the translated files stay under the AGPL-3.0.
By accepting you agree to use them under that licence. Among other things, it asks that whoever
passes them on, or lets others use a modified version over a network, does so under the same
licence and offers the corresponding source. What it asks in your case is for you to find out.
They are research files: nothing made with them is for diagnosis or treatment."""
"""Show this, and have it accepted, before `fetch_released`."""


@dataclass(frozen=True)
class ReleasedFile:
    """One file of the authors' repository."""

    path: str
    blob: str
    """Its git blob id."""


RELEASED_FILES: Mapping[str, ReleasedFile] = MappingProxyType(
    {
        "released-patch": ReleasedFile(
            "models/sample_patch_model.p", "44ce52382562085dcd5becde74fff087b2f31cd4"
        ),
        "released-image": ReleasedFile(
            "models/sample_image_model.p", "286ec862ac532d27d3d63ba77ed3a46b9705f53c"
        ),
        "released-image-and-heatmaps": ReleasedFile(
            "models/sample_imageheatmaps_model.p", "312ea110370017eaf9b2ddeb7571d2f99bcfd4d1"
        ),
        "released-image-wise-image": ReleasedFile(
            "models/ImageOnly__ModeImage_weights.p", "a903386d93ace753f57e12320b4a2681329f0310"
        ),
        "released-image-wise-image-and-heatmaps": ReleasedFile(
            "models/ImageHeatmaps__ModeImage_weights.p", "75c1717238e281d6d59084c45bfe1abd85751eb5"
        ),
    }
)
"""The five networks of the release, by fourview's name for them."""


def weights_folder() -> Path:
    """Where fetched weights are kept: FOURVIEW_WEIGHTS, else `fourview/weights` in the cache."""
    if named := os.environ.get("FOURVIEW_WEIGHTS"):
        return Path(named).expanduser()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    if not cache.is_absolute():  # the XDG rules: a relative path is to be ignored
        cache = Path.home() / ".cache"
    return cache / "fourview" / "weights"


def fetch_released(
    folder: Path,
    *,
    importer: Callable[[Sequence[Path], Path], object],
    base_url: str | None = None,
    on_progress: Callable[[str, int, int | None], None] | None = None,
    files: Mapping[str, ReleasedFile] = RELEASED_FILES,
    commit: str = COMMIT,
) -> list[Path]:
    """Download, verify and translate the released weights; all of them, or none.

    Nothing appears in `folder` under a final name before every file is there, verified and
    translated. However this stops, what it left is taken away again.

    Args:
        folder: where `<name>.safetensors` files go; files of these names are replaced.
        importer: translates foreign files to one weights file: `fourview.weights.import_weights`.
        base_url: a mirror; else FOURVIEW_RELEASED_URL, else the authors' repository.
        on_progress: called with a name, the bytes arrived and the bytes in all (None: not told).
    Returns:
        The weights files, in the order of `files`.
    """
    base = (base_url or os.environ.get("FOURVIEW_RELEASED_URL") or BASE_URL).rstrip("/")
    made = _make_folders(folder)
    try:
        # Beside the final names, so that the last step is a rename within one file system.
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder) as staging:
            translated = []
            for name, file in files.items():
                raw = Path(staging) / Path(file.path).name
                report = None if on_progress is None else _named(on_progress, name)
                url = f"{base}/{commit}/{file.path}"
                download(url, raw, sha1_blob=file.blob, on_progress=report)
                translated.append((raw, Path(staging) / f"{name}.safetensors"))
            for raw, out in translated:  # only after all five have come: this is the slow part
                importer([raw], out)
            fetched = _move([out for _, out in translated], folder)
        made = []  # they hold something now
        return fetched
    except OSError as error:
        raise WeightsError(
            f"{folder}: cannot be written to: {error}",
            hint="nothing was kept; name another folder, or set FOURVIEW_WEIGHTS",
        ) from error
    finally:
        for path in made:  # innermost first
            with contextlib.suppress(OSError):  # another fetch may have put something there
                path.rmdir()


def _named(
    on_progress: Callable[[str, int, int | None], None], name: str
) -> Callable[[int, int | None], None]:
    return lambda arrived, total: on_progress(name, arrived, total)


def _make_folders(folder: Path) -> list[Path]:
    """Make the folder with its parents; returns those that were not there, innermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WeightsError(
            f"{folder}: cannot be made: {error.strerror}",
            hint="name another folder, or set FOURVIEW_WEIGHTS",
        ) from error
    return missing


def _move(files: Sequence[Path], folder: Path) -> list[Path]:
    """Move the files into the folder; if that stops half-way, the new ones go again."""
    targets = [folder / file.name for file in files]
    new = [target for target in targets if not target.exists()]
    try:
        for file, target in zip(files, targets, strict=True):
            file.replace(target)
    except BaseException:
        for target in new:
            target.unlink(missing_ok=True)
        raise
    return targets
