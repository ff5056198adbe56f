"""The numbers of the trainings, against the paper."""

from __future__ import annotations

import pytest

from fourview.core.recipe import Recipe
from fourview.core.train_recipe import TrainRecipe
from fourview.io.recipes import named_recipe, named_train_recipe

BREAST_LEVEL = ("paper-image-only", "paper-heatmaps-only", "paper-image-and-heatmaps")


def test_the_patch_training_is_the_papers() -> None:
    """SI, 'Sampling the patches', 'Training and architecture', 'Model evaluation and selection'."""
    recipe = named_train_recipe("paper-patch")
    assert recipe.patches.counts == {
        **{"malignant": 20, "benign": 35, "outside": 5000, "negative": 4945}
    }
    assert sum(recipe.patches.counts.values()) == 10_000
    assert (recipe.patches.least_px, recipe.patches.most_px) == (128, 384)
    assert recipe.patches.most_degrees == 30
    assert recipe.patches.least_marked == 0  # any overlap
    told_apart = recipe.patches.malignant_from_benign, recipe.patches.outside_from_negative
    assert told_apart == (1, 1)  # the plain cross-entropy of four classes
    train = recipe.train
    assert (train.task, train.batch_size, train.learning_rate) == ("patch", 100, 1e-5)
    assert (train.epochs, train.checkpoint_every) == (2000, 200)
    assert train.schedule == "constant"
    assert (train.weight_decay, train.input_noise, train.patience) == (0, 0, 0)  # none is told


@pytest.mark.parametrize("name", BREAST_LEVEL)
def test_the_breast_level_training_is_the_papers(name: str) -> None:
    """SI, 'Network architecture and training' and 'Data augmentation for model training'."""
    recipe = named_train_recipe(name)
    train = recipe.train
    assert (train.task, train.variant, train.batch_size) == ("cancer", "view-wise", 4)
    assert (train.input_noise, train.jitter) == (0.01, True)  # the noise is the released model's
    assert recipe.exams.positive_weight == 1
    assert (train.learning_rate, train.schedule) == (1e-5, "constant")
    assert train.weight_decay == pytest.approx(10**-4.5, rel=1e-12)
    assert (train.patience, recipe.exams.per_epoch, recipe.exams.others) == (20, "balanced", 1)
    window = named_recipe(name).window
    assert (window.location_noise_px, window.size_noise_px) == (100, 100)


def test_what_the_models_see_is_in_their_names() -> None:
    inputs = [named_train_recipe(name).train.inputs for name in BREAST_LEVEL]
    assert inputs == ["image", "heatmaps", "image-and-heatmaps"]


def test_the_pretraining_differs_from_it_by_its_batch_and_its_exams() -> None:
    """SI, 'Pretraining on BI-RADS classification': a minibatch of 24; every exam has a label."""
    birads, cancer = named_train_recipe("paper-birads"), named_train_recipe("paper-image-only")
    assert (birads.train.batch_size, birads.exams.per_epoch) == (24, "all")
    for name in ("learning_rate", "weight_decay", "patience", "variant", "inputs", "input_noise"):
        assert getattr(birads.train, name) == getattr(cancer.train, name)


@pytest.mark.parametrize("name", ["paper-patch", "paper-birads", *BREAST_LEVEL])
def test_images_are_prepared_by_the_papers_recipe(name: str) -> None:
    assert not named_recipe(name).differences(Recipe()).keys() - {"name"}


def test_the_defaults_are_the_breast_level_training_s() -> None:
    assert named_train_recipe("paper-image-only") == TrainRecipe()
