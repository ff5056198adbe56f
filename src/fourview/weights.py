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

RELEASED_LICENCE = "AGPL-3.0 (nyukat/breast_cancer_classifier)"


def import_weights(file: Path, out: Path) -> WeightsInfo:
    """Translate one of the released weight files into a fourview weights file at `out`.

    The released recipe goes with them: the image-wise networks draw anew for each view and make
    heatmaps of images as they are stored, as the release's single-image path does.

    Raises:
        WeightsError: the file is damaged, would run code, or is no released network's.
    """
    import torch

    from fourview.inference.networks import breast_reader, patch_classifier
    from fourview.nn.transfer import translate_released

    if out.suffix != ".safetensors":
        raise WeightsError(f"{out}: a weights file is called NAME.safetensors")
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
        licence=RELEASED_LICENCE,
        validated_on="see Wu et al. 2019; not validated by fourview",
    )
    build = patch_classifier if translated.architecture == "patch_densenet121" else breast_reader
    build(info, translated.tensors, torch.device("cpu"))  # refuses what does not fit
    write_weights(out, info, translated.tensors)
    return info


def _released_recipe(variant: str) -> Recipe:
    if variant != "image-wise":
        return RELEASED
    return replace(
        RELEASED,
        name="released-image-wise",
        heatmaps=replace(RELEASED.heatmaps, facing="stored"),
        prediction=replace(RELEASED.prediction, chance="released-per-view"),
    )


def import_all(files: Sequence[Path], out: Path) -> list[WeightsInfo]:
    """Translate several files: one to the file `out`, several into the folder `out`."""
    if len(files) == 1 and out.suffix == ".safetensors":
        return [import_weights(files[0], out)]
    if out.suffix:
        raise WeightsError(
            f"{len(files)} weights cannot become the one file {out}",
            hint="give a folder: -o FOLDER",
        )
    return [import_weights(file, out / f"{file.stem}.safetensors") for file in files]


def fresh_breast_info(
    variant: str = "view-wise", inputs: str = "image-and-heatmaps"
) -> WeightsInfo:
    """The description of a breast-level network that was never trained."""
    return WeightsInfo(
        name=f"untrained-{inputs}",
        architecture="breast_model",
        variant=variant,
        inputs=inputs,
        target="cancer",
        labels=expected_labels("breast_model", "cancer"),
        trained=False,
        provenance={"made_by": f"fourview {__version__}, random initialisation"},
        licence="Apache-2.0",
    )


def fresh_patch_info() -> WeightsInfo:
    """The description of a patch classifier that was never trained."""
    return WeightsInfo(
        name="untrained-patch",
        architecture="patch_densenet121",
        labels=expected_labels("patch_densenet121", ""),
        trained=False,
        provenance={"made_by": f"fourview {__version__}, random initialisation"},
        licence="Apache-2.0",
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
