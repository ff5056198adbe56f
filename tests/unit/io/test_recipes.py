"""Recipes on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from fourview.core.data_recipe import DataRecipe
from fourview.core.errors import RecipeError
from fourview.core.recipe import Recipe
from fourview.io.recipes import is_data_setting, named_data_recipe, named_recipe


def test_one_file_may_hold_sections_of_both_kinds(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[crop]\nbuffer_px = 7\n[labels]\nlast_day = 90\n")
    assert named_recipe(str(file)).crop.buffer_px == 7
    assert named_recipe(str(file)).name == "mine"
    assert named_data_recipe(str(file)).labels.last_day == 90


def test_the_bundled_recipe_of_the_paper_is_the_default() -> None:
    assert named_recipe("paper") == Recipe()
    assert named_data_recipe("paper") == DataRecipe()


def test_a_setting_of_the_other_kind_is_refused() -> None:
    with pytest.raises(RecipeError, match="no setting 'crop'"):
        named_data_recipe("paper", ["crop.buffer_px=1"])


def test_settings_are_told_apart() -> None:
    assert is_data_setting("labels.last_day=3")
    assert not is_data_setting("crop.buffer_px=3")


def test_a_section_of_neither_kind_is_refused_by_both(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[lables]\nlast_day = 90\n")
    for read in (named_recipe, named_data_recipe):
        with pytest.raises(RecipeError, match="lables"):
            read(str(file))
