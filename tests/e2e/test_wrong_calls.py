"""Calls that cannot be done are told in one line with a way out, and leave nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from fourview.inference.networks import fresh_tensors
from fourview.io.checkpoint import write_weights
from support import bad_weights as bad
from support.bad_files import pickle_that_runs
from support.bench import GOOD, Arguments, Bench
from support.command import assert_told, assert_whole, fourview, rows_of
from support.small_exams import breast_info, patch_info, write_small_weights


@dataclass(frozen=True)
class Call:
    """A call that is refused before an exam is read."""

    name: str
    arguments: Callable[[Bench, Path], Arguments]
    """Of the command, given an empty folder for what it needs."""
    code: int
    says: tuple[str, ...]
    """The first begins the error's line; the others stand anywhere."""


def option(*words: str | Path) -> Callable[[Bench, Path], Arguments]:
    return lambda bench, _: ["screen", bench.good, "--weights", bench.weights["view-wise"], *words]


def screen_with(make: Callable[[Bench, Path], Path]) -> Callable[[Bench, Path], Arguments]:
    """Screens with a weights file of one's own making."""
    return lambda bench, folder: ["screen", bench.good, "--weights", make(bench, folder)]


def import_of(make: Callable[[Path], object]) -> Callable[[Bench, Path], Arguments]:
    """Imports a foreign file; `make` is given its path."""

    def arguments(_: Bench, folder: Path) -> Arguments:
        make(folder / "foreign.p")
        return ["weights", "import", folder / "foreign.p"]

    return arguments


def link_to_itself(folder: Path) -> Path:
    (folder / "link").symlink_to("link")
    return folder / "link"


NAMES = "L-CC, R-CC, L-MLO, R-MLO"

CALLS = [
    Call(
        "a path that is not there",
        lambda _, f: ["screen", f / "nowhere"],
        2,
        ("error: ", "nowhere: no such file or folder"),
    ),
    Call(
        "a path that is too long",
        lambda _, f: ["screen", f / ("x" * 300)],
        2,
        ("error: ", "File name too long"),
    ),
    Call(
        "a link to itself",
        lambda _, f: ["screen", link_to_itself(f)],
        2,
        ("error: ", "symbolic links"),
    ),
    Call(
        "an unknown recipe",
        option("--recipe", "papper"),
        2,
        ("error: recipe 'papper': no such recipe", "the recipes are paper, paper-birads"),
    ),
    Call(
        "an unknown section",
        option("--set", "heatmap.stride_px=9"),
        2,
        ("error: ", "did you mean 'heatmaps'?"),
    ),
    Call(
        "an unknown setting",
        option("--set", "heatmaps.stride=9"),
        2,
        ("error: ", "did you mean 'stride_px'?"),
    ),
    Call(
        "a setting that is no number",
        option("--set", "heatmaps.stride_px=many"),
        2,
        ("error: ", "heatmaps.stride_px is 'many'"),
    ),
    Call(
        "a setting out of range",
        option("--set", "heatmaps.stride_px=0"),
        2,
        ("error: ", "heatmaps.stride_px is 0; it must be at least 1"),
    ),
    Call(
        "a setting without a value",
        option("--set", "heatmaps.stride_px"),
        2,
        ("error: ", "has no '='"),
    ),
    Call("no passes", option("--passes", "0"), 2, ("error: --passes is 0; it must be at least 1",)),
    Call("no jobs", option("--jobs", "0"), 2, ("error: --jobs is 0; it must be at least 1",)),
    Call("a negative seed", option("--seed", "-1"), 2, ("error: --seed is -1",)),
    Call(
        "an unknown view",
        option("--view", "a.png=L-XX"),
        2,
        ("error: --view 'a.png=L-XX' names no file and view", NAMES),
    ),
    Call(
        "the view of a file that is not there",
        option("--view", "a.png=L-CC"),
        2,
        ("error: a view is given for a.png, but no such file was found",),
    ),
    Call(
        "exams by something unknown",
        option("--exam-by", "patient"),
        2,
        ("error: --exam-by is 'patient'", "study, folder, manifest"),
    ),
    Call(
        "an unknown device",
        option("--device", "abacus"),
        1,
        ("error: device 'abacus' cannot be used", "--device cpu works everywhere"),
    ),
    Call(
        "weights that are not there",
        option("--weights", "nowhere.safetensors"),
        1,
        ("error: nowhere.safetensors: cannot be read: No such file",),
    ),
    Call(
        "a folder as weights",
        screen_with(lambda _, f: f),
        1,
        ("error: ", "cannot be read: Is a directory"),
    ),
    Call(
        "weights with NaN",
        screen_with(bad.changed(bad.with_nan)),
        1,
        ("error: weights view-wise: heads.CC.fc.weight holds NaN or infinity",),
    ),
    Call(
        "weights beyond float32",
        screen_with(bad.changed(bad.beyond_float32)),
        1,
        ("error: weights view-wise: heads.CC.fc.weight holds NaN or infinity",),
    ),
    Call(
        "weights of another shape",
        screen_with(bad.changed(bad.of_another_shape)),
        1,
        ("error: weights view-wise: heads.CC.fc.weight has shape (3, 512)",),
    ),
    Call(
        "weights that lack a tensor",
        screen_with(bad.changed(bad.without_one)),
        1,
        ("error: weights view-wise: 1 tensors lack (heads.CC.fc.weight",),
    ),
    Call(
        "patch weights as --weights",
        screen_with(bad.patch_weights),
        1,
        (
            "error: weights patch: are of a patch_densenet121, not of a breast_model",
            "--weights takes a breast-level network's",
        ),
    ),
    Call(
        "breast-level weights as --patch-weights",
        lambda b, _: [*option()(b, Path()), "--patch-weights", b.weights["view-wise"]],
        1,
        (
            "error: weights view-wise: are of a breast_model, not of a patch_densenet121",
            "--patch-weights takes a patch",
        ),
    ),
    Call(
        "BI-RADS weights",
        screen_with(bad.birads_weights),
        1,
        ("error: weights birads: predict birads, not the four labels of an exam",),
    ),
    Call(
        "two members with different labels",
        lambda b, f: [*option()(b, f), "--weights", bad.birads_weights(b, f)],
        1,
        ("error: weights birads: predict birads, not the four labels of an exam",),
    ),
    Call(
        "heatmap weights without patch weights",
        screen_with(lambda _, f: write_small_weights(f / "both.safetensors", breast_info())),
        1,
        (
            "error: weights both read heatmaps, and no patch classifier was given",
            "--patch-weights FILE",
        ),
    ),
    Call("weights cut short", screen_with(bad.cut_weights), 1, ("error: ", "it was cut short")),
    Call(
        "weights of no bytes",
        screen_with(bad.odd_header(b"")),
        1,
        ("error: ", "not a fourview weights file (8 bytes)"),
    ),
    Call(
        "weights with a nested header",
        screen_with(bad.odd_header(b"[" * 100_000)),
        1,
        ("error: ", "not a fourview weights file"),
    ),
    Call(
        "weights with a header of other things",
        screen_with(
            bad.odd_header(b'{"a": {"data_offsets": [0, "b"]}, "__metadata__": {"fourview": "{}"}}')
        ),
        1,
        ("error: ", "not a fourview weights file"),
    ),
    Call(
        "foreign safetensors",
        screen_with(bad.foreign_weights),
        1,
        ("error: ", "not a fourview weights file", "fourview weights import"),
    ),
    Call(
        "a pickle as weights",
        screen_with(bad.pickle_as_weights),
        1,
        ("error: ", "not a fourview weights file"),
    ),
    Call(
        "import of a pickle that would run code",
        import_of(lambda path: pickle_that_runs(path, path.parent / "it-ran")),
        1,
        ("error: ", "asks for posix.mkdir, which is code; nothing of it was run"),
    ),
    Call(
        "import of a newer pickle that would run code",
        import_of(lambda path: pickle_that_runs(path, path.parent / "it-ran", protocol=4)),
        1,
        ("error: ", "damaged, or no PyTorch file of tensors"),
    ),
    Call(
        "import of a PyTorch file that would run code",
        import_of(bad.torch_file_that_runs),
        1,
        ("error: ", "asks for posix.mkdir, which is code; nothing of it was run"),
    ),
    Call(
        "import of a PyTorch file cut short",
        import_of(bad.cut_torch_file),
        1,
        ("error: ", "damaged, or no PyTorch file of tensors"),
    ),
    Call(
        "import of a text",
        import_of(lambda path: path.write_text("weights\n")),
        1,
        ("error: ", "damaged, or no PyTorch file of tensors"),
    ),
    Call(
        "import of no bytes",
        import_of(lambda path: path.write_bytes(b"")),
        1,
        ("error: ", "damaged, or no PyTorch file of tensors"),
    ),
    Call(
        "import of a list",
        import_of(lambda path: torch.save([torch.ones(1)], path)),
        1,
        ("error: ", "holds a list, not a table of tensors"),
    ),
    Call(
        "import of another network",
        import_of(lambda path: torch.save({"fc.weight": torch.ones(1)}, path)),
        1,
        ("error: ", "are not a released network's"),
    ),
    Call(
        "import of nothing",
        lambda _, f: ["weights", "import", f / "nowhere.p"],
        1,
        ("error: ", "nowhere.p: cannot be read: No such file"),
    ),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_a_wrong_call_is_told_in_a_line_and_leaves_nothing(
    call: Call, bench: Bench, tmp_path: Path
) -> None:
    given, out = tmp_path / "given", tmp_path / "out"
    given.mkdir()
    arguments = call.arguments(bench, given)
    ran = fourview(*arguments, "-o", out)
    assert ran.code == call.code, ran.err
    first, *others = call.says
    told = [line for line in ran.err.splitlines() if not line.startswith("hint: ")]
    assert len([line for line in told if line.startswith("error: ")]) == 1, ran.err
    assert told[-1].startswith(first), ran.err
    assert all(ran.err.count(text) == 1 for text in others), ran.err
    assert ran.out == ""
    assert_told(ran)
    assert not list(out.iterdir() if out.exists() else ())
    assert not (given / "it-ran").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_cuda_where_there_is_none_is_told(bench: Bench, tmp_path: Path) -> None:
    ran = fourview(*option("--device", "cuda")(bench, tmp_path), "-o", tmp_path / "out")
    assert ran.code == 1
    assert ran.err.startswith("error: device 'cuda' cannot be used: ")
    assert "hint: --device cpu works everywhere\n" in ran.err
    assert_told(ran)


def test_an_empty_folder_is_told_with_what_would_be_read(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    out = tmp_path / "out"
    ran = fourview("screen", tmp_path / "empty", "-o", out, "--weights", bench.weights["view-wise"])
    assert ran.code == 1
    assert "error: no exam could be read\nhint: nothing that may be an image" in ran.err
    assert_told(ran)
    assert_whole(out)
    assert rows_of(out) == {}


def test_weights_that_give_no_number_refuse_each_exam(bench: Bench, tmp_path: Path) -> None:
    """Finite weights whose products are not: the run ends as it should, without numbers."""

    def huge(tensors: dict[str, torch.Tensor]) -> None:
        tensors["heads.CC.fc.weight"][:] = 3e38
        tensors["heads.CC.out.weight"][:] = 3e38

    weights = bad.changed(huge)(bench, tmp_path)
    ran = fourview("screen", bench.good, "-o", tmp_path / "out", "--weights", weights)
    assert ran.code == 1
    assert f"refused: exam {GOOD}: weights view-wise give no number (NaN or infinity)" in ran.err
    assert_told(ran)
    assert_whole(tmp_path / "out")


def test_patch_weights_that_give_no_number_refuse_each_exam(bench: Bench, tmp_path: Path) -> None:
    info = patch_info()
    tensors = fresh_tensors(info, 0)
    tensors["classifier.weight"][:] = 3e38
    write_weights(tmp_path / "patch.safetensors", info, tensors)
    ran = fourview(
        *option("--patch-weights", tmp_path / "patch.safetensors")(bench, tmp_path),
        *("--set", "heatmaps.patch_px=64", "--set", "heatmaps.stride_px=64"),
        *("-o", tmp_path / "out"),
    )
    assert ran.code == 1
    assert "patch weights small-patch give no number (NaN or infinity) for a patch" in ran.err
    assert_told(ran)
    assert_whole(tmp_path / "out")
