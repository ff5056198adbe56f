"""What a training's bar counts: steps, then the patches that weights are selected by."""

from __future__ import annotations

from rich.console import Console

from fourview.cli.bars import Rate
from fourview.cli.train_bar import ConsoleTalk


def line(talk: ConsoleTalk) -> str:
    """The bar's line as a terminal shows it."""
    console = Console(width=200, force_terminal=True, color_system=None)
    with console.capture() as shown:
        console.print(talk._bar.make_tasks_table(talk._bar.tasks))
    return shown.get()


def test_the_bar_counts_steps_and_then_each_candidates_patches() -> None:
    talk = ConsoleTalk(quiet=True)
    talk.epoch(3, 20)
    talk.step(0.25)
    assert "epoch 3" in line(talk)
    assert "1/20" in line(talk)
    assert "loss 0.2500" in line(talk)
    for weights in ("epoch-00200", "epoch-00400"):
        talk.heatmaps(weights, 0, 900)
        talk.heatmaps(weights, 32, 900)
        assert f"heatmaps of {weights}" in line(talk)
        assert " 32/900" in line(talk)
        assert "loss" not in line(talk)


def test_the_rate_is_of_what_is_counted() -> None:
    talk = ConsoleTalk(quiet=True)
    (task,) = talk._bar.tasks
    assert any(isinstance(one, Rate) for one in talk._bar.columns)
    talk.epoch(1, 5)
    assert task.fields["unit"] == "steps"
    talk.heatmaps("epoch-00001", 0, 9)
    assert task.fields["unit"] == "patches"
    talk.epoch(2, 5)
    assert task.fields["unit"] == "steps"
