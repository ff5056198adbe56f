"""Recipes on disk."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from fourview.core.data_recipe import DataRecipe
from fourview.core.errors import RecipeError
from fourview.core.recipe import RELEASED, Recipe
from fourview.io.recipes import is_data_setting, named_data_recipe, named_recipe, named_train_recipe

NAMES = sorted(
    item.name.removesuffix(".toml")
    for item in (resources.files("fourview") / "recipes").iterdir()
    if item.name.endswith(".toml")
)


@pytest.mark.parametrize("name", NAMES)
def test_every_bundled_recipe_loads_as_each_kind_and_says_its_name(name: str) -> None:
    assert named_recipe(name).name == name
    assert named_data_recipe(name) == DataRecipe()
    named_train_recipe(name)


def test_bundled_recipes_are_those_in_the_code() -> None:
    assert named_recipe("paper") == Recipe()
    assert named_recipe("released") == RELEASED
    image_wise = named_recipe("released-image-wise")
    assert image_wise.heatmaps.facing == "stored"
    assert image_wise.prediction.chance == "released-per-view"
    assert image_wise.crop == RELEASED.crop


def test_one_file_may_hold_sections_of_both_kinds(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[crop]\nbuffer_px = 7\n[labels]\nlast_day = 90\n")
    assert named_recipe(str(file)).crop.buffer_px == 7
    assert named_recipe(str(file)).name == "mine"
    assert named_data_recipe(str(file)).labels.last_day == 90


def test_a_setting_of_the_other_kind_is_refused() -> None:
    with pytest.raises(RecipeError, match="no setting 'crop'"):
        named_data_recipe("paper", ["crop.buffer_px=1"])


def test_settings_are_told_apart() -> None:
    assert is_data_setting("labels.last_day=3")
    assert not is_data_setting("crop.buffer_px=3")


def test_a_section_of_neither_kind_is_refused_by_both(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[lables]\nlast_day = 90\n")
    for read in (named_recipe, named_data_recipe, named_train_recipe):
        with pytest.raises(RecipeError, match="lables"):
            read(str(file))


@pytest.mark.parametrize("size", ["small", "tiny"])
def test_recipes_of_one_size_prepare_images_alike(size: str) -> None:
    names = [name for name in NAMES if name.startswith(f"{size}-")]
    assert len(names) == 5
    images = named_recipe(size)
    heatmaps = {named_recipe(name).heatmaps for name in names}
    assert len(heatmaps) == 1
    for name in names:
        assert not images.preparation_differences(named_recipe(name))
