from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib import resources
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourview.core.errors import RecipeError
from fourview.core.recipe import (
    RELEASED,
    CropRecipe,
    HeatmapRecipe,
    PredictionRecipe,
    Recipe,
    WindowRecipe,
    recipe_from_dict,
    recipe_with,
)
from fourview.core.settings import read_toml

FOLDER = resources.files("fourview") / "recipes"
BUNDLED = {
    item.name.removesuffix(".toml"): item.read_text(encoding="utf-8")
    for item in FOLDER.iterdir()
    if item.name.endswith(".toml")
}


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    """Any recipe that may be."""
    px = st.integers(0, 200)
    patch = draw(st.integers(32, 600))
    size_noise = draw(px)
    side = st.integers(2 * size_noise + 200, 4000)  # rounding at scale 0.01 leaves enough
    return Recipe(
        name=draw(st.text(max_size=5)),
        scale=draw(st.floats(0.01, 4)),
        pixel_spacing_mm=draw(st.none() | st.floats(0.01, 1)),
        crop=CropRecipe(
            method=draw(st.sampled_from(["adaptive", "released"])),
            erosion_px=draw(px),
            buffer_px=draw(px),
            top_skipped=draw(st.floats(0, 0.99)),
        ),
        window=WindowRecipe(
            cc=(draw(side), draw(side)),
            mlo=(draw(side), draw(side)),
            location_noise_px=draw(px),
            size_noise_px=size_noise,
        ),
        heatmaps=HeatmapRecipe(patch_px=patch, stride_px=draw(st.integers(1, patch))),
        prediction=PredictionRecipe(passes=draw(st.integers(1, 99)), jitter=draw(st.booleans())),
    )


def test_the_defaults_are_the_papers() -> None:
    """SI, 'Data augmentation' and 'Patch classification heatmap generation'; released, 3 and 4."""
    recipe = Recipe()
    assert (recipe.window.cc, recipe.window.mlo) == ((2677, 1942), (2974, 1748))
    assert (recipe.window.location_noise_px, recipe.window.size_noise_px) == (100, 100)
    assert (recipe.heatmaps.patch_px, recipe.heatmaps.stride_px) == (256, 70)
    assert recipe.prediction.passes == 10
    assert (recipe.crop.erosion_px, recipe.crop.buffer_px, recipe.crop.top_skipped) == (
        100,
        50,
        1 / 3,
    )


def test_the_papers_bundled_recipe_names_only_settings_of_today() -> None:
    """Its values are written out for reading; a setting that is gone would be refused, and a
    default that moved would show."""
    values = tomllib.loads(BUNDLED["paper"])
    assert recipe_from_dict(values, source="", base=RELEASED) == replace(
        Recipe(), prediction=RELEASED.prediction
    )


@settings(deadline=None)
@given(recipes())
def test_a_recipe_survives_plain_values(recipe: Recipe) -> None:
    found = recipe_from_dict(recipe.to_dict(), source="x")
    assert found == recipe
    assert found.digest() == recipe.digest()


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("[window]\nccc = [1, 1]", r"\[window\] has no setting 'ccc'", "did you mean 'cc'"),
        ("[heatmaps]\nstride = 9", r"\[heatmaps\] has no setting 'stride'", "'stride_px'"),
        ("[windows]\ncc = [1, 1]", "a recipe has no setting 'windows'", "'window'"),
        ("zzz = 1", "a recipe has no setting 'zzz'", "it may be name, scale, "),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(
    text: str, problem: str, hint: str
) -> None:
    with pytest.raises(RecipeError, match=f"my.toml: {problem}") as caught:
        recipe_from_dict(read_toml(text, source="my.toml"), source="my.toml")
    assert hint in caught.value.hint


WRONG: list[tuple[str, Any]] = [
    ("scale", True),
    ("scale", "1"),
    ("scale", 0),
    ("scale", -1.0),
    ("scale", float("nan")),
    ("scale", float("inf")),
    ("scale", 10**400),
    ("pixel_spacing_mm", 0),
    ("pixel_spacing_mm", 0.0),
    ("pixel_spacing_mm", -0.07),
    ("pixel_spacing_mm", float("nan")),
    ("pixel_spacing_mm", [0.07, 0.07]),
    ("name", 1),
    ("crop", 5),
    ("intensity.voi", "linear"),
    ("intensity.voi", None),
    ("crop.method", "otsu"),
    ("crop.erosion_px", -1),
    ("crop.erosion_px", 1.5),
    ("crop.erosion_px", True),
    ("crop.buffer_px", -1),
    ("crop.top_skipped", 1),
    ("crop.top_skipped", -0.1),
    ("crop.top_skipped", float("nan")),
    ("window.cc", [100]),
    ("window.cc", [100, 100, 100]),
    ("window.cc", [100.0, 100]),
    ("window.cc", [True, 100]),
    ("window.cc", 100),
    ("window.cc", "ab"),
    ("window.mlo", [0, 100]),
    ("window.location_noise_px", -1),
    ("window.size_noise_px", -1),
    ("window.size_noise_px", 3000),
    ("heatmaps.patch_px", 31),
    ("heatmaps.stride_px", 0),
    ("heatmaps.stride_px", 257),
    ("heatmaps.stride_px", False),
    ("heatmaps.facing", "left"),
    ("prediction.passes", 0),
    ("prediction.passes", 2.0),
    ("prediction.jitter", 1),
    ("prediction.jitter", "yes"),
    ("prediction.chance", "numpy"),
]


@pytest.mark.parametrize(("key", "value"), WRONG, ids=[f"{k}={str(v)[:12]}" for k, v in WRONG])
def test_a_wrong_value_is_refused_and_named(key: str, value: Any) -> None:
    values = value
    for part in reversed(key.split(".")):
        values = {part: values}
    with pytest.raises(RecipeError, match=rf"^my\.toml: {key}"):
        recipe_from_dict(values, source="my.toml")


def test_a_whole_number_will_do_for_a_fraction() -> None:
    assert recipe_from_dict({"scale": 1}, source="").digest() == Recipe().digest()
    assert type(recipe_from_dict({"scale": 2}, source="").scale) is float


def test_a_text_that_is_not_toml_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"my\.toml: not TOML"):
        read_toml("scale == 1", source="my.toml")


@pytest.mark.parametrize(
    ("setting", "key", "value"),
    [
        ("heatmaps.stride_px=140", "heatmaps.stride_px", 140),
        (" heatmaps.stride_px = 140 ", "heatmaps.stride_px", 140),
        ("window.cc=[20, 10]", "window.cc", (20, 10)),
        ("prediction.jitter=false", "prediction.jitter", False),
        ("crop.method=released", "crop.method", "released"),
        ('crop.method="released"', "crop.method", "released"),
        ("name=a=b", "name", "a=b"),
        ("pixel_spacing_mm=0.1", "pixel_spacing_mm", 0.1),
    ],
)
def test_a_setting_changes_one_value(setting: str, key: str, value: Any) -> None:
    base = recipe_with(Recipe(), ["window.size_noise_px=4"])
    found = recipe_with(base, [setting])
    assert {k: now for k, (now, _) in found.differences(base).items()} == {key: value}


@pytest.mark.parametrize(
    "setting",
    [
        "heatmaps.stride_px",
        "heatmaps.stride_px=",
        "heatmaps.stride_px=true",
        "heatmaps.stride_px=7e1",
        "heatmaps=70",
        "stride_px=70",
        "heatmaps.stride_px.x=70",
        "=70",
        "",
        ".=1",
        "scale=nan",
        "scale=-inf",
        "pixel_spacing_mm=",
    ],
)
def test_a_wrong_setting_is_refused(setting: str) -> None:
    with pytest.raises(RecipeError, match="--set"):
        recipe_with(Recipe(), [setting])


def test_settings_are_put_in_together() -> None:
    """Neither is allowed without the other, in whatever order they come."""
    both = ["window.cc=[60, 50]", "window.size_noise_px=5"]
    assert recipe_with(Recipe(), both) == recipe_with(Recipe(), both[::-1])
    with pytest.raises(RecipeError, match="size_noise_px"):
        recipe_with(Recipe(), both[:1])


def test_a_section_is_no_value() -> None:
    with pytest.raises(RecipeError, match="heatmaps"):
        recipe_with(Recipe(), ["heatmaps=70", "heatmaps.stride_px=70"])


def test_later_settings_win() -> None:
    found = recipe_with(Recipe(), ["prediction.passes=3", "prediction.passes=4"])
    assert found.prediction.passes == 4


@settings(deadline=None)
@given(recipes(), st.text())
def test_the_digest_ignores_the_name(recipe: Recipe, name: str) -> None:
    assert replace(recipe, name=name).digest() == recipe.digest()


OTHER: dict[str, Any] = {
    "scale": 0.5,
    "pixel_spacing_mm": 0.1,
    "intensity.voi": "first",
    "crop.method": "released",
    "crop.erosion_px": 1,
    "crop.buffer_px": 1,
    "crop.top_skipped": 0.25,
    "window.cc": (2678, 1942),
    "window.mlo": (2974, 1749),
    "window.location_noise_px": 1,
    "window.size_noise_px": 1,
    "heatmaps.patch_px": 255,
    "heatmaps.stride_px": 71,
    "heatmaps.facing": "stored",
    "prediction.passes": 1,
    "prediction.jitter": False,
    "prediction.chance": "released",
}


def test_the_digest_ignores_nothing_but_the_name() -> None:
    every = Recipe().differences(recipe_from_dict(_nested(OTHER) | {"name": "x"}, source=""))
    assert set(every) == {"name", *OTHER}  # no setting is forgotten here
    digests = {recipe_from_dict(_nested({k: v}), source="").digest() for k, v in OTHER.items()}
    assert len(digests | {Recipe().digest()}) == len(OTHER) + 1


def _nested(flat: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in flat.items():
        section, dot, name = key.rpartition(".")
        (result.setdefault(section, {}) if dot else result)[name] = value
    return result


def test_scale_one_changes_nothing() -> None:
    assert Recipe().scaled() == Recipe()


def test_a_scale_multiplies_every_length_and_divides_pixels_per_millimetre() -> None:
    """A tenth: the patch is never smaller than what the network takes."""
    recipe = recipe_with(RELEASED, ["scale=0.1", "pixel_spacing_mm=0.07"])
    found = recipe.scaled()
    assert found.scale == 1
    assert found.pixel_spacing_mm == pytest.approx(0.7)
    assert (found.window.cc, found.window.mlo) == ((268, 194), (297, 175))
    assert (found.window.location_noise_px, found.window.size_noise_px) == (10, 10)
    assert (found.crop.erosion_px, found.crop.buffer_px) == (10, 5)
    assert (found.heatmaps.patch_px, found.heatmaps.stride_px) == (32, 7)
    lengths = {
        "scale",
        "pixel_spacing_mm",
        "window.cc",
        "window.mlo",
        "window.location_noise_px",
        "window.size_noise_px",
        "crop.erosion_px",
        "crop.buffer_px",
        "heatmaps.patch_px",
        "heatmaps.stride_px",
    }
    assert set(found.differences(recipe)) == lengths


@pytest.mark.parametrize(
    ("scale", "patch"), [(0.05, 32), (0.125, 32), (0.13, 33), (0.5, 128), (2, 512)]
)
def test_the_patch_is_at_least_32_pixels(scale: float, patch: int) -> None:
    assert replace(Recipe(), scale=scale).scaled().heatmaps.patch_px == patch


@settings(deadline=None)
@given(recipes())
def test_every_recipe_can_be_scaled(recipe: Recipe) -> None:
    found = recipe.scaled()
    assert found.scale == 1
    assert found.scaled() == found
    assert found.heatmaps.stride_px <= found.heatmaps.patch_px


def test_differences_name_settings_by_section() -> None:
    changed = recipe_with(Recipe(), ["window.cc=[20, 10]", "window.size_noise_px=2", "name=x"])
    assert changed.differences(Recipe()) == {
        "name": ("x", "paper"),
        "window.cc": ((20, 10), (2677, 1942)),
        "window.size_noise_px": (2, 100),
    }


@pytest.mark.parametrize(("noise", "allowed"), [(37, True), (38, False)])
def test_the_size_noise_leaves_something_of_a_narrow_window(noise: int, allowed: bool) -> None:
    """Of 4 columns and 100 rows, 38 pixels of noise take 2 columns from either side."""
    settings = ["window.cc=[100, 4]", f"window.size_noise_px={noise}"]
    if allowed:
        assert recipe_with(Recipe(), [*settings, "window.mlo=[100, 50]"])
    else:
        with pytest.raises(RecipeError, match="100 x 4 pixels"):
            recipe_with(Recipe(), settings)


# The preparation's key


@pytest.mark.parametrize(
    "setting",
    [
        "name='another'",
        "heatmaps.stride_px=35",
        "heatmaps.facing=stored",
        "prediction.passes=3",
        "prediction.chance=released",
        "window.location_noise_px=7",
        "window.size_noise_px=7",
    ],
)
def test_what_comes_after_preparing_does_not_move_its_key(setting: str) -> None:
    changed = recipe_with(Recipe(), [setting])
    assert changed != Recipe()
    assert changed.preparation_digest() == Recipe().preparation_digest()
    assert not Recipe().preparation_differences(changed)


@pytest.mark.parametrize(
    "setting",
    [
        "scale=0.5",
        "pixel_spacing_mm=0.07",
        "intensity.voi=first",
        "crop.method=released",
        "crop.erosion_px=99",
        "crop.buffer_px=49",
        "crop.top_skipped=0.5",
        "window.cc=[2677, 1940]",
        "window.mlo=[2974, 1740]",
    ],
)
def test_what_moves_a_prepared_view_moves_its_key(setting: str) -> None:
    changed = recipe_with(Recipe(), [setting])
    assert changed.preparation_digest() != Recipe().preparation_digest()
    assert list(Recipe().preparation_differences(changed)) == [setting.split("=")[0]]


def test_every_setting_moves_the_preparation_or_is_known_not_to() -> None:
    """A new setting must be filed under one of the two, or a store may be read by mistake."""
    after = {"name", "heatmaps", "prediction"}
    assert set(Recipe().to_dict()) == {*Recipe().preparation(), *after}
    noise = {"location_noise_px", "size_noise_px"}
    assert set(Recipe().to_dict()["window"]) == {*Recipe().preparation()["window"], *noise}
    for section in ("intensity", "crop"):
        assert set(Recipe().to_dict()[section]) == set(Recipe().preparation()[section])
