from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch

from fourview.core.chance import Chance
from fourview.core.errors import ExamError
from fourview.core.exam import Heatmaps
from fourview.core.recipe import Recipe, recipe_with
from fourview.core.views import FourViews, Label, View
from fourview.core.weights import VARIANTS
from fourview.imaging.intensity import standardise
from fourview.imaging.window import cut
from fourview.inference.networks import BreastReader
from fourview.inference.predict import (
    ViewInput,
    channels,
    network_input,
    place_window,
    predict,
    readable_views,
)
from fourview.inference.prepare import prepare
from support.small_exams import SMALL, breast_info, small_mammogram, small_reader

Views = FourViews[tuple[ViewInput, ...]]
STILL = recipe_with(SMALL, ["prediction.jitter=false"])


def view_input(view: View, seed: int, *, source: str = "x") -> ViewInput:
    mammogram = replace(small_mammogram(view, seed), source=source)
    view_prepared = prepare(mammogram, SMALL)
    rng = np.random.default_rng(seed)
    benign, malignant = rng.random((2, *view_prepared.pixels.shape), dtype=np.float32)
    return ViewInput(view_prepared, Heatmaps(benign=benign, malignant=malignant))


@pytest.fixture(scope="module")
def exam() -> Views:
    return FourViews(*((view_input(view, seed),) for seed, view in enumerate(View)))


@pytest.fixture(scope="module")
def readers() -> dict[str, BreastReader]:
    return {variant: small_reader(variant) for variant in VARIANTS}


def only(exam: Views, *present: View) -> Views:
    return FourViews.build(lambda view: exam.of(view) if view in present else ())


def probabilities(
    exam: Views, reader: BreastReader, recipe: Recipe, *, name: str = "a", seed: int = 0
) -> dict[Label, float | None]:
    return predict(exam, reader, recipe, exam=name, seed=seed)[0].mean


def test_without_jitter_one_pass_reads_the_optimal_window(
    exam: Views, readers: dict[str, BreastReader]
) -> None:
    """SI, 'Data augmentation': none but at training and test time."""
    reader = readers["view-wise"]
    still, _ = predict(exam, reader, STILL, exam="a", seed=0)
    assert len(still.passes) == 1
    for drawn in still.passes[0].windows.values():
        assert drawn.box == drawn.located
    other, _ = predict(exam, reader, STILL, exam="b", seed=1)
    assert other == still


def test_without_noise_every_pass_is_the_one_without_jitter(
    exam: Views, readers: dict[str, BreastReader]
) -> None:
    calm = recipe_with(SMALL, ["window.location_noise_px=0", "window.size_noise_px=0"])
    found, _ = predict(exam, readers["view-wise"], calm, exam="a", seed=0)
    still, _ = predict(exam, readers["view-wise"], STILL, exam="a", seed=0)
    assert found.passes == still.passes * 2
    assert found.mean == still.mean


def test_passes_draw_other_windows_and_their_mean_is_the_prediction(
    exam: Views, readers: dict[str, BreastReader]
) -> None:
    recipe = recipe_with(SMALL, ["prediction.passes=3"])
    found, _ = predict(exam, readers["view-wise"], recipe, exam="a", seed=0)
    boxes = {view: {one.windows[view].box for one in found.passes} for view in View}
    assert all(len(drawn) == 3 for drawn in boxes.values())
    for label in Label:
        said = [one.branches[name][label] for one in found.passes for name in ("CC", "MLO")]
        assert found.mean[label] == pytest.approx(np.mean(said))
    again, _ = predict(exam, readers["view-wise"], recipe, exam="a", seed=0)
    assert again == found
    assert probabilities(exam, readers["view-wise"], recipe, seed=1) != found.mean
    assert probabilities(exam, readers["view-wise"], recipe, name="b") != found.mean


def test_fewer_passes_are_the_first_of_more(exam: Views, readers: dict[str, BreastReader]) -> None:
    two, three = (
        predict(
            exam,
            readers["joint"],
            recipe_with(SMALL, [f"prediction.passes={n}"]),
            exam="a",
            seed=0,
        )[0].passes
        for n in (2, 3)
    )
    assert three[:2] == two


def test_jitter_draws_among_a_views_images_and_says_which(
    exam: Views, readers: dict[str, BreastReader]
) -> None:
    """Released pipeline, part 11."""
    first, second = (view_input(View.L_CC, seed, source=str(seed)) for seed in (0, 9))
    both = exam._replace(l_cc=(first, second))
    recipe = recipe_with(SMALL, ["prediction.passes=8", "window.location_noise_px=0"])
    recipe = recipe_with(recipe, ["window.size_noise_px=0"])
    found, _ = predict(both, readers["view-wise"], recipe, exam="a", seed=0)
    assert {one.windows[View.L_CC].source for one in found.passes} == {"0", "9"}
    alone = {
        image.prepared.source: predict(
            exam._replace(l_cc=(image,)), readers["view-wise"], STILL, exam="a", seed=0
        )[0].passes[0]
        for image in (first, second)
    }
    for one in found.passes:
        assert one == alone[one.windows[View.L_CC].source]


def test_without_jitter_the_first_image_of_a_view_is_read(
    exam: Views, readers: dict[str, BreastReader]
) -> None:
    both = exam._replace(l_cc=(*exam.l_cc, view_input(View.L_CC, 9)))
    reader = readers["view-wise"]
    assert probabilities(both, reader, STILL) == probabilities(exam, reader, STILL)


NEEDS = {
    "view-wise": [set(View)],
    "image-wise": [{view} for view in View],
    "breast-wise": [{View.L_CC, View.L_MLO}, {View.R_CC, View.R_MLO}],
    "joint": [set(View)],
}
"""What is read together: SI, Fig. S15's branches; but a view-wise label is the mean of both."""

SOME = [views for n in range(5) for views in combinations(View, n)]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("present", SOME, ids=lambda views: "+".join(v.value for v in views) or "-")
def test_a_variant_reads_the_views_of_its_whole_branches(
    variant: str, present: tuple[View, ...]
) -> None:
    used = set().union(*(needed for needed in NEEDS[variant] if needed <= set(present)))
    assert readable_views(variant, present) == tuple(view for view in View if view in used)


@pytest.mark.parametrize(
    ("variant", "present", "left", "right"),
    [
        ("view-wise", tuple(View), True, True),
        ("image-wise", (View.R_MLO,), False, True),
        ("image-wise", (View.L_CC, View.R_MLO), True, True),
        ("breast-wise", (View.L_CC, View.L_MLO, View.R_CC), True, False),
        ("joint", tuple(View), True, True),
    ],
)
def test_with_views_missing_what_can_be_read_is_as_with_all(
    exam: Views,
    readers: dict[str, BreastReader],
    variant: str,
    present: tuple[View, ...],
    left: bool,
    right: bool,
) -> None:
    whole, _ = predict(exam, readers[variant], SMALL, exam="a", seed=0)
    part, hidden = predict(only(exam, *present), readers[variant], SMALL, exam="a", seed=0)
    assert [value is not None for value in part.mean.values()] == [left, right] * 2
    for one, all_of_it in zip(part.passes, whole.passes, strict=True):
        assert set(one.windows) == set(readable_views(variant, present))
        for name, values in one.branches.items():
            assert values == all_of_it.branches[name]
    assert hidden.columns.shape == hidden.fc.shape == (1024,)
    assert hidden.columns.dtype == hidden.fc.dtype == np.float32
    for number, view in enumerate(View):
        unread = np.isnan(hidden.columns[256 * number : 256 * (number + 1)])
        assert unread.all() if view not in one.windows else not unread.any()


@pytest.mark.parametrize(
    ("variant", "present"),
    [
        ("view-wise", (View.L_CC, View.L_MLO)),
        ("view-wise", (View.L_CC, View.R_CC, View.L_MLO)),
        ("breast-wise", (View.L_CC, View.R_CC)),
        ("joint", (View.L_CC, View.R_CC, View.L_MLO)),
        ("image-wise", ()),
    ],
)
def test_an_exam_that_no_branch_can_read_is_refused(
    exam: Views, readers: dict[str, BreastReader], variant: str, present: tuple[View, ...]
) -> None:
    with pytest.raises(ExamError, match=f"exam a: has .*{variant}") as caught:
        predict(only(exam, *present), readers[variant], SMALL, exam="a", seed=0)
    for view in set(View) - set(present):
        assert view.value in caught.value.problem
    assert caught.value.hint


def test_the_hidden_of_branches_stand_one_after_another_and_are_means_over_passes(
    exam: Views, readers: dict[str, BreastReader]
) -> None:
    """SI, Fig. S15: 1,024 between the fully connected layers."""
    reader = readers["breast-wise"]
    _, whole = predict(exam, reader, STILL, exam="a", seed=0)
    _, left = predict(only(exam, View.L_CC, View.L_MLO), reader, STILL, exam="a", seed=0)
    np.testing.assert_array_equal(left.fc[:512], whole.fc[:512])
    assert np.isnan(left.fc[512:]).all()
    assert (whole.fc >= 0).all()  # after the ReLU
    joined = np.concatenate([whole.columns[0:256], whole.columns[512:768]])  # L-CC, L-MLO
    with torch.inference_mode():
        _, expected = reader.network.heads["left"](torch.from_numpy(joined)[None])
    np.testing.assert_allclose(whole.fc[:512], expected[0], atol=1e-5)
    recipe = recipe_with(SMALL, ["prediction.passes=2"])
    _, mean = predict(exam, reader, recipe, exam="a", seed=0)
    assert not np.allclose(mean.fc, whole.fc)


def test_channels_are_image_benign_malignant(exam: Views) -> None:
    """Released pipeline, part 6, step 9."""
    [view] = exam.l_cc
    assert view.heatmaps is not None
    stacked = channels(view, breast_info(inputs="image-and-heatmaps"))
    for found, expected in zip(
        np.moveaxis(stacked, 2, 0),
        (view.prepared.pixels, view.heatmaps.benign, view.heatmaps.malignant),
        strict=True,
    ):
        np.testing.assert_array_equal(found, expected)
    assert channels(view, breast_info(inputs="image")).shape[2] == 1
    heatmaps = channels(view, breast_info(inputs="heatmaps"))
    np.testing.assert_array_equal(heatmaps, stacked[..., 1:])


@pytest.mark.parametrize("inputs", ["image", "heatmaps", "image-and-heatmaps"])
def test_the_image_is_standardised_after_the_cut_and_heatmaps_never(
    exam: Views, inputs: str
) -> None:
    """Released pipeline, part 6, step 8."""
    [view], info = exam.r_mlo, breast_info(inputs=inputs)
    placed = place_window(view.prepared, SMALL, Chance(0), jitter=True)
    stacked = channels(view, info)
    found = network_input(stacked, placed, info)
    assert found.shape == (stacked.shape[2], *SMALL.window.mlo)
    assert found.dtype == np.float32
    expected = np.moveaxis(cut(stacked, placed), 2, 0)
    if info.uses_image:
        np.testing.assert_array_equal(found[0], standardise(expected[0]))
        assert found[0].std() == pytest.approx(1, abs=1e-4)
        found, expected = found[1:], expected[1:]
    np.testing.assert_array_equal(found, expected)


def test_a_heatmaps_network_reads_two_channels(exam: Views) -> None:
    reader = small_reader("view-wise", "heatmaps")
    assert reader.network.column(View.L_CC).first_conv.in_channels == 2
    assert None not in probabilities(exam, reader, STILL).values()


def test_a_window_has_the_shape_of_its_position(exam: Views) -> None:
    for view, (image,) in exam.pairs():
        placed = place_window(image.prepared, SMALL, Chance(0), jitter=False)
        assert placed.shape == SMALL.window.shape(view.position)


def test_a_scaled_recipe_reads_scaled_windows(
    exam: Views, readers: dict[str, BreastReader]
) -> None:
    """An input of 320 x 240 at half its size is one of 160 x 120."""
    double = recipe_with(
        SMALL,
        [
            "scale=0.5",
            "window.cc=[320, 240]",
            "window.mlo=[352, 224]",
            "window.location_noise_px=12",
            "window.size_noise_px=12",
        ],
    )
    found, _ = predict(exam, readers["view-wise"], double, exam="a", seed=0)
    expected, _ = predict(exam, readers["view-wise"], SMALL, exam="a", seed=0)
    assert found == expected


def test_left_and_right_are_not_mixed_up(exam: Views, readers: dict[str, BreastReader]) -> None:
    """An image-wise network's answer for a view is for that view's breast alone."""
    reader = readers["image-wise"]
    whole = probabilities(exam, reader, STILL)
    other = probabilities(exam._replace(l_cc=(view_input(View.L_CC, 9),)), reader, STILL)
    for label in Label:
        same = whole[label] == other[label]
        assert same is (label.value.startswith("right")), label


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_label_has_the_probability_of_class_one_of_its_place(
    exam: Views, readers: dict[str, BreastReader], variant: str
) -> None:
    """Released pipeline, part 10: out[label, class], class 1 is positive, labels in their order."""
    reader = readers[variant]
    found, _ = predict(exam, reader, STILL, exam="a", seed=0)
    inputs = {}
    for view, (image,) in exam.pairs():
        placed = place_window(image.prepared, SMALL, Chance(0), jitter=False)
        inputs[view] = network_input(channels(image, reader.info), placed, reader.info)
    with torch.inference_mode():
        output = reader.network({v: torch.from_numpy(x)[None] for v, x in inputs.items()})
    for branch, values in found.passes[0].branches.items():
        sides = [label for label in Label if label in values]  # in the one order
        assert list(values) == sides
        assert len(sides) == (2 if variant in ("image-wise", "breast-wise") else 4)
        expected = output.log_probabilities[branch][0, :, 1].exp()
        np.testing.assert_allclose(list(values.values()), expected, atol=1e-5)
        assert (abs(expected - 0.5) > 1e-3).any()  # else the classes could be swapped unseen
