"""The recipe of a training."""

from __future__ import annotations

import pytest

from fourview.core.errors import RecipeError
from fourview.core.settings import changes_of, filled
from fourview.core.train_recipe import TrainRecipe


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("train.task=segment", "patch, birads, cancer"),
        ("train.variant=side-wise", "breast-wise"),
        ("train.batch_size=0", "at least 1"),
        ("train.batchsize=4", "did you mean 'batch_size'"),
        ("train.learning_rate=nan", "at least 0"),
        ("train.schedule='linear'", "constant, cosine"),
        ("train.accumulate=3", "must divide the batch size, 4"),
        ("patches.malignant=0", "at least 1"),
        ("patches.most_px=100", "at least 128"),
        ("patches.least_marked=1.5", "at most 1"),
        ("patches.outside_from_negative=-1", "at least 0"),
        ("exams.per_epoch=some", "balanced, all"),
        ("hardware.precision=8", "must be str"),
        ("hardware.precision='int8'", "bf16-mixed"),
        ("hardware.windows_on='gpu'", "cpu, device"),
        ("hardware.prefetch=0", "at least 1"),
    ],
)
def test_a_wrong_value_is_refused(setting: str, said: str) -> None:
    with pytest.raises(RecipeError) as caught:
        filled(TrainRecipe(), changes_of([setting]), source="--set")
    assert said in str(caught.value)


def test_an_epoch_has_patches_without_a_finding() -> None:
    settings = changes_of(["patches.outside=0", "patches.negative=0"])
    with pytest.raises(RecipeError, match="both 0"):
        filled(TrainRecipe(), settings, source="--set")
    assert filled(TrainRecipe(), changes_of(["patches.negative=0"]), source="").patches.outside
