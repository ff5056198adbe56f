"""What makes a training the one that it is."""

from __future__ import annotations

from fourview.core.settings import changes_of, filled
from fourview.core.train_recipe import TrainRecipe
from fourview.training.identity import identity_of


def _identity(*settings: str) -> object:
    return identity_of(filled(TrainRecipe(), changes_of(settings), source="--set"))


def test_a_training_may_be_gone_on_with_to_more_epochs() -> None:
    assert _identity("train.epochs=5", "train.patience=2") == _identity("train.epochs=9")


def test_one_whose_learning_rate_falls_ends_where_it_was_to_end() -> None:
    falling = "train.schedule=cosine"
    assert _identity(falling, "train.epochs=5") != _identity(falling, "train.epochs=9")
    assert _identity(falling, "train.patience=2") == _identity(falling)


def test_hardware_is_no_part_of_it() -> None:
    assert _identity("hardware.workers=7", "hardware.precision=bf16-mixed") == _identity()
    assert _identity("train.learning_rate=2e-5") != _identity()
