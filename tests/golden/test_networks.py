"""The networks' sizes are the paper's, and their arithmetic is the released networks'."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
import torch

from fourview.core.errors import WeightsError
from fourview.core.views import FourViews, View
from fourview.core.weights import INPUTS, VARIANTS
from fourview.io.checkpoint import read_torch_file
from fourview.nn.breast_model import BRANCHES, BreastModel
from fourview.nn.densenet121 import DenseNet121
from fourview.nn.resnet22 import ResNet22
from fourview.nn.transfer import fit, translate_released

CC, MLO = (2677, 1942), (2974, 1748)


@pytest.mark.parametrize(
    ("inputs", "expected"), [("image", 6_132_592), ("image-and-heatmaps", 6_135_728)]
)
def test_parameter_count_is_the_papers(inputs: str, expected: int) -> None:
    """SI, 'Breast-level cancer classification model'."""
    model = BreastModel("view-wise", inputs)
    assert sum(p.numel() for p in model.parameters()) == expected


TABLE_S5 = {
    "CC": [(16, 670, 486), (32, 335, 243), (64, 168, 122), (128, 84, 61), (256, 42, 31)],
    "MLO": [(16, 744, 437), (32, 372, 219), (64, 186, 110), (128, 93, 55), (256, 47, 28)],
}


@pytest.mark.parametrize(
    ("window", "conv", "position"),
    [(CC, (16, 1339, 971), "CC"), (MLO, (16, 1487, 874), "MLO")],
    ids=["CC", "MLO"],
)
def test_activation_sizes_are_table_s5(
    window: tuple[int, int], conv: tuple[int, int, int], position: str
) -> None:
    sizes = []
    with torch.device("meta"):  # shapes only: no memory, no time
        column = ResNet22(1)
        for layer in (column.first_conv, *column.layers):
            layer.register_forward_hook(lambda _m, _i, out: sizes.append(tuple(out.shape[1:])))
        column(torch.empty(1, 1, *window))
    assert sizes == [conv, *TABLE_S5[position]]


@pytest.mark.parametrize(
    ("window", "sizes"),
    [
        (CC, [(1336, 968), (667, 483), (334, 242), (167, 121), (84, 61), (42, 31)]),
        (MLO, [(1484, 871), (741, 435), (371, 218), (186, 109), (93, 55), (47, 28)]),
    ],
    ids=["CC", "MLO"],
)
def test_released_activation_sizes_have_no_stem_padding(
    window: tuple[int, int], sizes: list[tuple[int, int]]
) -> None:
    """Released pipeline, part 9."""
    found = []
    with torch.device("meta"):
        column = ResNet22(1, arithmetic="released")
        for layer in (column.first_conv, *column.layers):
            layer.register_forward_hook(lambda _m, _i, out: found.append(tuple(out.shape[2:])))
        column(torch.empty(1, 1, *window))
    assert found == sizes


@pytest.mark.parametrize("arithmetic", ["paper", "released"])
@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_has_1024_hidden_activations_and_a_gradient_everywhere(
    variant: str, inputs: str, arithmetic: str
) -> None:
    """SI, Fig. S15: all variants are constrained to 1,024 hidden activations."""
    torch.manual_seed(0)
    model = BreastModel(variant, inputs, arithmetic=arithmetic)
    channels = model.column(View.L_CC).first_conv.in_channels
    views = FourViews.build(lambda _: torch.randn(2, channels, 120, 90))
    output = model(views)
    assert sum(fc.shape[1] for fc in output.fc.values()) == 1024
    assert sum(hidden.shape[1] for hidden in output.columns.values()) == 1024
    for branch in BRANCHES[variant]:
        assert output.log_probabilities[branch.name].shape == (2, len(branch.labels), 2)
        total = output.log_probabilities[branch.name].exp().sum(-1)
        torch.testing.assert_close(total, torch.ones_like(total))
    loss = -sum(out[..., 1].sum() for out in output.log_probabilities.values())
    loss.backward()
    assert [name for name, p in model.named_parameters() if p.grad is None] == []


def test_birads_head_gives_three_classes_of_one_label() -> None:
    """SI, Fig. S17."""
    model = BreastModel("view-wise", "image", target="birads")
    output = model(FourViews.build(lambda _: torch.randn(1, 1, 90, 90)))
    assert {name: out.shape for name, out in output.log_probabilities.items()} == {
        "CC": (1, 1, 3),
        "MLO": (1, 1, 3),
    }


def test_a_branch_that_lacks_a_view_is_absent() -> None:
    model = BreastModel("breast-wise", "image").eval()
    views = {view: torch.randn(1, 1, 90, 90) for view in (View.L_CC, View.L_MLO, View.R_CC)}
    assert list(model(views).log_probabilities) == ["left"]


def test_patch_classifier_has_densenet121s_size() -> None:
    """SI, 'Training and architecture': approximately seven million parameters."""
    assert sum(p.numel() for p in DenseNet121(4).parameters()) == 6_957_956


def test_patch_classifier_has_torchvisions_names() -> None:
    found = {key: tuple(t.shape) for key, t in DenseNet121(4).state_dict().items()}
    assert found == released_keys("keys_patch_densenet.txt")


def released_keys(file: str) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor in a released file."""
    lines = (Path(__file__).parent / "cases" / file).read_text().splitlines()
    named = (line.partition(" ")[::2] for line in lines)
    return {name: ast.literal_eval(rest.rpartition(" ")[0]) for name, rest in named}


@pytest.mark.parametrize(
    ("file", "variant", "inputs"),
    [
        ("keys_viewwise_image_only.txt", "view-wise", "image"),
        ("keys_viewwise_image_and_heatmaps.txt", "view-wise", "image-and-heatmaps"),
        ("keys_imagewise_fourview_image_only.txt", "image-wise", "image"),
    ],
)
@pytest.mark.parametrize("counters", ["with counters", "without counters"])
def test_a_released_files_names_are_translated_to_the_whole_network(
    file: str, variant: str, inputs: str, counters: str
) -> None:
    """Files of PyTorch 0.4.1 may lack `num_batches_tracked`."""
    state = {
        name: torch.full(shape, 3.0)
        for name, shape in released_keys(file).items()
        if counters == "with counters" or not name.endswith("num_batches_tracked")
    }
    translated = translate_released(state, source=file)
    assert (translated.variant, translated.inputs) == (variant, inputs)
    model = BreastModel(variant, inputs, arithmetic="released")
    model.load_state_dict(fit(translated.tensors, model.state_dict(), source=file))
    assert all((p == 3).all() for p in model.parameters())


def test_a_released_file_whose_shared_columns_differ_is_refused() -> None:
    state = {
        name: torch.zeros(shape)
        for name, shape in released_keys("keys_viewwise_image_only.txt").items()
    }
    state["four_view_resnet.r_cc.first_conv.weight"] += 1
    with pytest.raises(WeightsError, match=r"r_cc and cc should share first_conv\.weight"):
        translate_released(state, source="odd.p")


def test_image_wise_heads_keep_benign_and_malignant_of_eight_outputs() -> None:
    """Released pipeline, part 10: the runner reads the first four rows."""
    state = {
        name: torch.zeros(shape)
        for name, shape in released_keys("keys_imagewise_fourview_image_only.txt").items()
    }
    state["output_layer_rmlo.fc_layer.bias"] = torch.arange(8.0)
    translated = translate_released(state, source="image-wise.p")
    assert translated.tensors["heads.R-MLO.out.bias"].tolist() == [0, 1, 2, 3]


def test_every_parameter_of_the_patch_classifier_gets_a_gradient() -> None:
    model = DenseNet121(4, arithmetic="released")
    model(torch.randn(2, 1, 64, 64)).logsumexp(1).sum().backward()
    assert [name for name, p in model.named_parameters() if p.grad is None] == []


@pytest.mark.parametrize("inputs", ["image_only", "image_and_heatmaps"])
def test_columns_give_the_releases_activations(parity: Path, inputs: str) -> None:
    """Every stage of both columns, 1e-4."""
    file = {"image_only": "sample_image_model.p"}.get(inputs, "sample_imageheatmaps_model.p")
    model = _released_model(parity / "weights" / file)
    case = np.load(parity / f"cases_resnet22_{inputs}.npz")
    for position in ("CC", "MLO"):
        prefix = position.lower()
        column = model.column(View(f"L-{position}"))
        found = {}
        stages = [("first_conv", column.first_conv), ("first_pool", column.first_pool)]
        stages += [(f"layer{i}", layer) for i, layer in enumerate(column.layers)]
        for name, module in stages:
            module.register_forward_hook(
                lambda _m, _i, out, name=name, found=found: found.__setitem__(name, out.clone())
            )
        with torch.inference_mode():
            found["final"] = column(torch.from_numpy(case["input"]))
        found["hidden"] = found["final"].mean(dim=(2, 3))
        for name, tensor in found.items():
            np.testing.assert_allclose(tensor, case[f"{prefix}_{name}"], atol=1e-4, err_msg=name)


def _released_model(path: Path) -> BreastModel:
    translated = translate_released(read_torch_file(path), source=path.name)
    model = BreastModel(translated.variant, translated.inputs, arithmetic="released")
    model.load_state_dict(fit(translated.tensors, model.state_dict(), source=path.name))
    return model.eval()


def test_patch_probabilities_are_the_releases(parity: Path) -> None:
    """Six real patches through DenseNet-121 with TensorFlow's SAME padding."""
    case = np.load(parity / "cases_densenet_layers.npz")
    state = read_torch_file(parity / "weights" / "sample_patch_model.p")
    patches = torch.from_numpy(case["patches"])[:, None]
    for arithmetic, name in (("released", "prob"), ("paper", "prob_if_symmetric_padding")):
        model = DenseNet121(4, arithmetic=arithmetic)
        model.load_state_dict(fit(state, model.state_dict(), source="patch"))
        with torch.inference_mode():
            logits = model.eval()(patches)
        np.testing.assert_allclose(logits.softmax(1), case[name], atol=1e-5, err_msg=name)
        if arithmetic == "released":
            np.testing.assert_allclose(logits, case["logits"], atol=1e-4)
