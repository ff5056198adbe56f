"""What names tell of models."""

from __future__ import annotations

import pytest

from fourview.core.model_kind import ModelKind, kind_in_name


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("image-only", ModelKind("image")),
        ("Image-And-Heatmaps/joint/random", ModelKind("image-and-heatmaps", "joint", "random")),
        ("heatmaps/side-wise", ModelKind("heatmaps", "breast-wise")),
        ("our-model/view-wise", ModelKind("", "view-wise")),
        ("our image-only model", ModelKind()),
    ],
)
def test_a_names_parts_tell_the_kind(name: str, kind: ModelKind) -> None:
    assert kind_in_name(name) == kind


def test_a_kind_in_words_is_read_again() -> None:
    kind = ModelKind("image", "breast-wise", "pretrained")
    assert str(kind) == "image-only/breast-wise/pretrained"
    assert kind_in_name(str(kind)) == kind


def test_two_kinds_contradict_only_where_both_tell() -> None:
    one, two = ModelKind("image", "joint"), ModelKind("", "view-wise", "random")
    assert one.contradiction(two) == "joint, not view-wise"
    assert ModelKind("image").contradiction(two) == ""
    assert ModelKind("image").filled_from(two) == ModelKind("image", "view-wise", "random")
