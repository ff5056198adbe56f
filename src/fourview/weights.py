"""Weights files: importing foreign ones, and freshly initialised ones for trying things out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fourview import __version__
from fourview.core.errors import WeightsError
from fourview.core.recipe import RELEASED, Recipe
from fourview.core.weights import WeightsInfo, expected_labels
from fourview.io.checkpoint import file_sha256, read_torch_file, read_weights_info, write_weights

UNVERIFIED_LICENCE = "as its authors state (the files published with Wu et al. 2019: AGPL-3.0)"


def import_weights(
    files: Sequence[Path], out: Path, *, licence: str = UNVERIFIED_LICENCE
) -> list[tuple[Path, WeightsInfo]]:
    """Translate released weight files: one to the file `out`, or each into the folder `out`.

    Returns:
        Each file written, with what it says of itself.

    Raises:
        WeightsError: a file is damaged, would run code, or is no released network's.
    """
    if len(files) == 1 and out.suffix == ".safetensors":
        return [(out, _import_one(files[0], out, licence))]
    if out.suffix == ".safetensors":
        raise WeightsError(
            f"{len(files)} weights cannot become the one file {out}",
            hint="give a folder: -o FOLDER",
        )
    targets = [out / f"{file.stem}.safetensors" for file in files]
    if twice := sorted({target.name for target in targets if targets.count(target) > 1}):
        raise WeightsError(
            f"two files would both become {', '.join(twice)} in {out}",
            hint="import them one by one: -o NAME.safetensors",
        )
    return [
        (target, _import_one(f, target, licence)) for f, target in zip(files, targets, strict=True)
    ]


def _import_one(file: Path, out: Path, licence: str) -> WeightsInfo:
    import torch

    from fourview.inference.networks import breast_reader, patch_classifier
    from fourview.nn.transfer import translate_released

    translated = translate_released(read_torch_file(file), source=str(file))
    target = "cancer" if translated.architecture == "breast_model" else ""
    info = WeightsInfo(
        name=out.stem,
        architecture=translated.architecture,
        arithmetic="released",
        variant=translated.variant,
        inputs=translated.inputs,
        target=target,
        labels=expected_labels(translated.architecture, target),
        recipe=_released_recipe(translated.variant),
        provenance={
            "imported_from": file.name,
            "sha256": file_sha256(file),
            "imported_by": f"fourview {__version__}",
        },
        licence=licence,
        validated_on="see Wu et al. 2019; not validated by fourview",
    )
    build = patch_classifier if translated.architecture == "patch_densenet121" else breast_reader
    build(info, translated.tensors, torch.device("cpu"))  # refuses what does not fit
    write_weights(out, info, translated.tensors)
    return info


def _released_recipe(variant: str) -> Recipe:
    """The released recipe. The image-wise networks draw anew for each view, and make heatmaps of
    images as they are stored, as the release's single-image path does."""
    if variant != "image-wise":
        return RELEASED
    return replace(
        RELEASED,
        name="released-image-wise",
        heatmaps=replace(RELEASED.heatmaps, facing="stored"),
        prediction=replace(RELEASED.prediction, chance="released-per-view"),
    )


def list_weights(folder: Path) -> list[tuple[Path, WeightsInfo | WeightsError]]:
    """The weights files of a folder, each with what it says of itself or why it cannot be read."""
    found: list[tuple[Path, WeightsInfo | WeightsError]] = []
    for path in sorted(folder.glob("*.safetensors")):
        try:
            found.append((path, read_weights_info(path)))
        except WeightsError as error:
            found.append((path, error))
    return found
