"""Figure S14: the windows of the first epochs, as they are drawn."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from fourview.core.records import ExamLabels
from fourview.core.train_recipe import HardwareSection, TrainRecipe, TrainSection
from fourview.core.views import Label
from fourview.core.weights import WeightsInfo, expected_labels
from fourview.training.exam_task import Exams, ExamTask
from fourview.training.initial import initial_network
from fourview.training.window_montage import drawn_windows, exam_to_show, write_window_montage
from support.one_thread import one_thread
from support.stores import RECIPE, write_store

__all__ = ["one_thread"]


@pytest.fixture(scope="module")
def exams(tmp_path_factory: pytest.TempPathFactory) -> Exams:
    names = ["e0", "e1", "e2"]
    store = write_store(tmp_path_factory.mktemp("store"), names)
    values = dict.fromkeys(Label, False)
    known = {n: ExamLabels(exam=n, values=values, biopsied=n == "e1", birads=1) for n in names}
    return Exams(store, None, RECIPE.window, training=known, validation={})


def test_the_windows_shown_are_the_pixels_that_training_reads(exams: Exams) -> None:
    section = TrainSection(batch_size=1)
    network, _ = initial_network(section, None, seed=0)
    info = WeightsInfo(
        name="n",
        architecture="breast_model",
        variant=section.variant,
        inputs=section.inputs,
        target="cancer",
        labels=expected_labels("breast_model", "cancer"),
        recipe=RECIPE,
    )
    recipe = TrainRecipe(train=section, hardware=HardwareSection(workers=0))
    task = ExamTask(network, info, exams, recipe, seed=5)
    images = exams.store.views("e1").l_mlo
    shown = drawn_windows(images, exams.window, seed=5, jitter=True, epochs=3)
    assert len({(box.top, box.left, box.shape) for box in shown.drawn}) == 3
    for epoch, box in enumerate(shown.drawn):
        (part,) = task.load(epoch, [["e1"]])
        read = part.inputs.views.l_mlo[0, 0].numpy()
        pixels = images[0].window(box).astype(np.float32)
        expected = cv2.resize(pixels, read.shape[::-1], interpolation=cv2.INTER_CUBIC)
        assert np.corrcoef(read.ravel(), expected.ravel())[0, 1] > 0.9999


def test_without_jitter_every_window_is_the_optimal_one(exams: Exams) -> None:
    images = exams.store.views("e0").r_cc
    shown = drawn_windows(images, exams.window, seed=0, jitter=False, epochs=4)
    assert set(shown.drawn) == {shown.fixed}


def test_of_several_images_the_first_one_s_windows_are_shown(exams: Exams) -> None:
    images = (exams.store.views("e0").l_cc[0], exams.store.views("e1").l_cc[0])
    shown = drawn_windows(images, exams.window, seed=0, jitter=True, epochs=10)
    assert 0 < len(shown.drawn) < 10
    assert shown.title.startswith(f"L-CC (1 of 2 images)\n{len(shown.drawn)} windows")
    assert shown.image.shape == images[0].shape


def test_an_exam_is_shown_that_every_epoch_reads(exams: Exams) -> None:
    assert exam_to_show(exams) == "e1"


def test_the_picture_has_the_optimal_window_and_the_drawn_ones(
    exams: Exams, tmp_path: Path
) -> None:
    for name in ("a.png", "b.png"):
        write_window_montage(tmp_path / name, exams, seed=0, jitter=True)
    picture = cv2.imread(str(tmp_path / "a.png"))
    assert picture is not None
    blue, green, red = (picture[..., place].astype(int) for place in range(3))
    yellow = (red > 220) & (green > 180) & (blue < 60)
    cyan = (blue > 200) & (green > 150) & (red < 110)
    assert min(int(yellow.sum()), int(cyan.sum())) > 500
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
