"""Figure S14 from a store: the windows that a training draws in its first epochs."""

from __future__ import annotations

from pathlib import Path

from fourview.core.recipe import WindowRecipe
from fourview.io.atomic import write_file
from fourview.io.store import StoredView
from fourview.report.window_figure import DrawnWindows, window_figure_png
from fourview.training.exam_task import Exams
from fourview.training.windows import drawn_window, window_draws

WINDOWS = "windows.png"


def write_window_montage(
    path: Path, exams: Exams, *, seed: int, jitter: bool, epochs: int = 10
) -> None:
    """Write, as PNG, the four views of an exam with the optimal window of each and those that the
    first epochs draw.

    Args:
        seed: the training's.
        jitter: the recipe's; without it all windows are the optimal one.

    Raises:
        ImageError: a file of the exam is missing or damaged.
        OutputError: it cannot be written.
    """
    exam = exam_to_show(exams)
    views = [
        drawn_windows(images, exams.window, seed=seed, jitter=jitter, epochs=epochs)
        for images in exams.store.views(exam)
    ]
    how = f"as drawn in the first {epochs} epochs" if jitter else "never moved: no jitter"
    write_file(path, window_figure_png(f"Exam {exam}: windows {how}", views))


def exam_to_show(exams: Exams) -> str:
    """The first exam of the training split that was biopsied, which every epoch reads; else the
    first."""
    names = sorted(exams.training)
    return next((name for name in names if exams.training[name].biopsied), names[0])


def drawn_windows(
    images: tuple[StoredView, ...], recipe: WindowRecipe, *, seed: int, jitter: bool, epochs: int
) -> DrawnWindows:
    """The windows of one view, as training draws them: of several images, those of the first."""
    shown = images[0]
    fixed = drawn_window(shown, recipe, window_draws(seed, 0, shown.exam, shown), jitter=False)
    drawn = []
    for epoch in range(epochs):
        draws = window_draws(seed, epoch, shown.exam, images[0])
        view = images[draws.image(len(images)) if jitter else 0]
        if view is shown:
            drawn.append(drawn_window(view, recipe, draws, jitter=jitter).in_image)
    several = f" (1 of {len(images)} images)" if len(images) > 1 else ""
    rows, columns = recipe.shape(shown.view.position)
    return DrawnWindows(
        title=f"{shown.image}{several}\n{len(drawn)} windows of about {rows} × {columns} px",
        image=shown.pixels(),
        fixed=fixed.in_image,
        drawn=drawn,
    )
