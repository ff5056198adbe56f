from __future__ import annotations

import random

import numpy as np
import pytest

from fourview.core.chance import Chance, Draws, ReleasedChance, draws_by_view
from fourview.core.views import FourViews, View


def drawn(draws: Draws) -> list[float]:
    """Some of everything that can be drawn."""
    return [*draws.noise(4), draws.image(1000), *draws.sample(1000, 5)]


def by_view(draws: FourViews[Draws], order: list[View] | None = None) -> dict[View, list[float]]:
    return {view: drawn(draws.of(view)) for view in order or View}


def test_the_same_seed_and_exam_draw_the_same() -> None:
    first, second = (by_view(draws_by_view("exam", 7, "a", "windows")) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    "other",
    [(8, "a", "windows"), (7, "b", "windows"), (7, "a", "strides"), (7, "A", "windows")],
    ids=["seed", "exam", "purpose", "case"],
)
def test_another_seed_exam_or_purpose_draws_otherwise(other: tuple[int, str, str]) -> None:
    one, two = (
        by_view(draws_by_view("exam", 7, "a", "windows")),
        by_view(draws_by_view("exam", *other)),
    )
    for view in View:
        assert one[view] != two[view]


def test_every_view_of_an_exam_has_a_stream_of_its_own() -> None:
    found = by_view(draws_by_view("exam", 0, "a", "windows"))
    assert len({tuple(values) for values in found.values()}) == 4


def test_the_order_in_which_views_are_read_does_not_matter() -> None:
    forward = by_view(draws_by_view("exam", 3, "a", "windows"))
    backward = by_view(draws_by_view("exam", 3, "a", "windows"), list(View)[::-1])
    assert forward == backward


def test_words_do_not_run_into_each_other() -> None:
    assert drawn(Chance(0, "a", "bc")) != drawn(Chance(0, "ab", "c"))


def test_draws_stay_the_same_from_release_to_release() -> None:
    """Golden: a change here moves every prediction (CHANGELOG, Numerics)."""
    draws = draws_by_view("exam", 0, "exam-1", "windows").of(View.R_MLO)
    np.testing.assert_allclose(draws.noise(2), [0.18298682539275002, -0.14947637955161208])
    assert draws.sample(10, 4) == [8, 3, 2, 7]
    assert draws.image(9) == 8


@pytest.mark.parametrize("draws", [Chance(1, "a"), ReleasedChance(1)], ids=["exam", "released"])
def test_draws_are_what_they_say(draws: Draws) -> None:
    noise = np.concatenate([draws.noise(50) for _ in range(20)])
    assert noise.min() >= -1
    assert noise.max() < 1
    assert abs(noise.mean()) < 0.1
    assert {draws.image(3) for _ in range(60)} == {0, 1, 2}
    assert draws.image(1) == 0
    assert sorted(draws.sample(6, 6)) == list(range(6))
    assert draws.sample(6, 0) == []


def test_released_draws_are_numpys_and_pythons_own() -> None:
    """Released pipeline, parts 6 and 7: RandomState(seed), random.seed(seed)."""
    draws, windows, strides = ReleasedChance(5), np.random.RandomState(5), random.Random(5)
    for _ in range(3):
        assert draws.image(4) == windows.randint(0, 4)
        np.testing.assert_array_equal(draws.noise(2), windows.uniform(-1, 1, 2))
        assert draws.sample(9, 3) == strides.sample(range(9), 3)
        np.testing.assert_array_equal(draws.noise(4), windows.uniform(-1, 1, 4))


def test_one_image_to_choose_from_uses_up_no_released_chance() -> None:
    """Released pipeline, part 6."""
    one, two = ReleasedChance(0), ReleasedChance(0)
    assert one.image(1) == 0
    np.testing.assert_array_equal(one.noise(6), two.noise(6))


def test_the_released_views_share_a_stream_and_its_image_wise_ones_do_not() -> None:
    """Released pipeline, parts 6 and 11; the single-image path begins anew for each image."""
    shared = draws_by_view("released", 2, "a", "windows")
    assert all(draws is shared.l_cc for draws in shared)
    apart = by_view(draws_by_view("released-per-view", 2, "a", "windows"))
    first = drawn(ReleasedChance(2))
    assert all(values == first for values in apart.values())


def test_released_draws_depend_on_the_seed_alone() -> None:
    one, two = (by_view(draws_by_view("released", 2, name, "windows")) for name in "ab")
    assert one == two
    assert one != by_view(draws_by_view("released", 3, "a", "windows"))
