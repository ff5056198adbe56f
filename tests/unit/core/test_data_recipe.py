"""The recipe of a data set."""

from __future__ import annotations

import pytest

from fourview.core.data_recipe import DataRecipe
from fourview.core.errors import RecipeError
from fourview.core.settings import changes_of, filled


def with_settings(*settings: str) -> DataRecipe:
    return filled(DataRecipe(), changes_of(settings), source="--set")


def test_the_defaults_are_the_papers() -> None:
    """Wu et al. 2019, Data; the NYU set's 186,816, 28,462 and 14,148 exams."""
    recipe = DataRecipe()
    assert (recipe.labels.first_day, recipe.labels.last_day) == (0, 120)
    split = recipe.split
    parts = [round(100 * part, 1) for part in (split.training, split.validation, split.test)]
    assert parts == [81.4, 12.4, 6.2]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("labels.last_day=-1", "after labels.last_day"),
        ("labels.high_risk=malignant", "benign, none"),
        ("split.by=luck", "random, time"),
        ("split.test=0.5", "sum to 1"),
        ("split.test=-0.1", "sum to 1"),
        ("store.chunk_px=0", "at least 16"),
        ("store.compressed=1", "must be bool"),
        ("lables.last_day=3", "did you mean 'labels'"),
    ],
)
def test_a_wrong_value_is_refused(setting: str, said: str) -> None:
    with pytest.raises(RecipeError) as caught:
        with_settings(setting)
    assert said in str(caught.value)


def test_a_setting_is_put_in() -> None:
    assert with_settings("labels.last_day=180").labels.last_day == 180
