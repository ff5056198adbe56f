"""Weights files with something wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file

from fourview.core.weights import expected_labels
from fourview.io.checkpoint import read_weights, write_weights
from support.bad_files import Runs, cut_in_half, pickle_that_runs
from support.bench import Bench
from support.small_exams import breast_info, patch_info, write_small_weights


def changed(change: Callable[[dict[str, torch.Tensor]], None]) -> Callable[[Bench, Path], Path]:
    """Weights whose tensors were changed after training."""

    def make(bench: Bench, folder: Path) -> Path:
        info, tensors = read_weights(bench.weights["view-wise"])
        change(tensors)
        write_weights(folder / "changed.safetensors", info, tensors)
        return folder / "changed.safetensors"

    return make


def with_nan(tensors: dict[str, torch.Tensor]) -> None:
    tensors["heads.CC.fc.weight"][3, 5] = torch.nan


def beyond_float32(tensors: dict[str, torch.Tensor]) -> None:
    tensors["heads.CC.fc.weight"] = tensors["heads.CC.fc.weight"].double() * 1e300


def of_another_shape(tensors: dict[str, torch.Tensor]) -> None:
    tensors["heads.CC.fc.weight"] = tensors["heads.CC.fc.weight"][:3]


def without_one(tensors: dict[str, torch.Tensor]) -> None:
    del tensors["heads.CC.fc.weight"]


def patch_weights(_: Bench, folder: Path) -> Path:
    return write_small_weights(folder / "patch.safetensors", patch_info())


def birads_weights(_: Bench, folder: Path) -> Path:
    info = replace(
        breast_info("view-wise", "image"),
        target="birads",
        labels=expected_labels("breast_model", "birads"),
    )
    return write_small_weights(folder / "birads.safetensors", info)


def cut_weights(bench: Bench, folder: Path) -> Path:
    return cut_in_half(Path(shutil.copy(bench.weights["view-wise"], folder / "cut.safetensors")))


def foreign_weights(_: Bench, folder: Path) -> Path:
    save_file({"fc.weight": torch.ones(3, 3)}, folder / "foreign.safetensors")
    return folder / "foreign.safetensors"


def odd_header(header: bytes) -> Callable[[Bench, Path], Path]:
    def make(_: Bench, folder: Path) -> Path:
        path = folder / "odd.safetensors"
        path.write_bytes(len(header).to_bytes(8, "little") + header)
        return path

    return make


def pickle_as_weights(_: Bench, folder: Path) -> Path:
    return pickle_that_runs(folder / "weights.safetensors", folder / "it-ran")


def torch_file_that_runs(path: Path) -> None:
    torch.save({"model": Runs(path.parent / "it-ran")}, path)


def cut_torch_file(path: Path) -> None:
    torch.save({"model": {"a": torch.ones(1000)}}, path)
    cut_in_half(path)
