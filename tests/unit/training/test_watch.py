"""What is kept of a training for the eye, and that it never stands in its way."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning_fabric import Fabric

from fourview.core.errors import TrainingError
from fourview.core.train_recipe import TrainRecipe, TrainSection
from fourview.io.run_folder import RunFolder
from fourview.training import watch as watching
from fourview.training.loop import Progress, begun, train
from fourview.training.watch import DRAWN_EVERY, Watch, events_wanted
from support.one_thread import one_thread
from support.toy_training import RECIPE, Toy, run_toy

__all__ = ["one_thread"]

TENSORBOARD = importlib.util.find_spec("tensorboard") is not None
needs_tensorboard = pytest.mark.skipif(not TENSORBOARD, reason="tensorboard is not installed")


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures left out, to save their time."""
    monkeypatch.setattr(watching, "draw_run", lambda *_: None)


class Curved(Toy):
    """With the numbers that a cancer training logs."""

    def metrics(self, training: Any, validation: Any) -> Mapping[str, float]:
        found = dict(super().metrics(training, validation))
        return found | {"validation_malignant": found["score"], "training_benign": float("nan")}


def run(
    folder: Path,
    recipe: TrainSection = RECIPE,
    *,
    task: Toy | None = None,
    note: Callable[[str], None] = lambda _: None,
    clock: Callable[[], float] = lambda: 0.0,
    tensorboard: bool = False,
) -> Progress:
    fabric = Fabric(accelerator="cpu", devices=1)
    what = TrainRecipe(train=recipe)
    with (
        begun(folder, {"seed": 0}, fabric) as kept,
        Watch(kept, what, note=note, clock=clock, tensorboard=tensorboard) as talk,
    ):
        return train(task or Curved(), recipe, kept, fabric, seed=0, talk=talk, clock=lambda: 0.0)


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder / "tensorboard"), size_guidance={"scalars": 0})
    events.Reload()
    return {
        tag: [(one.step, one.value) for one in events.Scalars(tag)]
        for tag in events.Tags()["scalars"]
    }


def test_a_watched_training_ends_with_the_same_bits(tmp_path: Path) -> None:
    run(tmp_path / "seen", tensorboard=TENSORBOARD)
    run_toy(tmp_path / "unseen", task=Curved())
    one, other = (RunFolder(tmp_path / name).read_state() for name in ("seen", "unseen"))
    assert one is not None
    assert other is not None
    assert all(torch.equal(one["network"][key], t) for key, t in other["network"].items())
    assert (tmp_path / "seen/log.jsonl").read_bytes() == (
        tmp_path / "unseen/log.jsonl"
    ).read_bytes()


def drawn_after(folder: Path, monkeypatch: pytest.MonkeyPatch, times: Sequence[float]) -> list[int]:
    """How many epochs were done at each drawing, the epochs' ends being at these seconds."""
    drawn: list[int] = []
    monkeypatch.setattr(watching, "draw_run", lambda run, _: drawn.append(len(run.read_log())))
    now = [0.0]

    class Timed(Curved):
        def metrics(self, training: Any, validation: Any) -> Mapping[str, float]:
            now[0] = left.pop(0)
            return super().metrics(training, validation)

    left = list(times)
    run(folder, replace(RECIPE, epochs=len(times)), task=Timed(), clock=lambda: now[0])
    return drawn


def test_curves_are_drawn_once_a_minute_and_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = [10.0, DRAWN_EVERY, DRAWN_EVERY + 10, 2 * DRAWN_EVERY, 2 * DRAWN_EVERY + 1]
    assert drawn_after(tmp_path, monkeypatch, times) == [2, 4, 5]


def test_a_training_that_stops_at_a_loss_that_is_no_number_has_its_curves(tmp_path: Path) -> None:
    run(tmp_path, replace(RECIPE, epochs=1))
    (tmp_path / "curves.png").unlink()
    with pytest.raises(TrainingError, match="the loss is nan"):
        run(tmp_path, task=Curved(poisoned="07"))
    assert (tmp_path / "curves.png").stat().st_size > 5000


def test_what_cannot_be_drawn_is_told_once_and_the_training_goes_on(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    run(tmp_path / "run", replace(RECIPE, epochs=1))
    (tmp_path / "run/curves.png").unlink()
    (tmp_path / "run/curves.png").mkdir()
    said: list[str] = []
    ticks = iter(range(0, 10**6, 1000))
    progress = run(tmp_path / "run", note=said.append, clock=lambda: float(next(ticks)))
    assert progress.epoch == 3
    assert len(said) == 1
    assert re.match(r"the curves could not be written: .*curves.png", said[0])


def test_a_process_that_is_not_the_first_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text('{"epoch": 1, "loss": 1, "score": 0.5}\n')
    with Watch(RunFolder(tmp_path), TrainRecipe(), writes=False, tensorboard=True):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["log.jsonl"]


@needs_tensorboard
@pytest.mark.usefixtures("undrawn")
def test_tensorboard_has_each_epoch_once_whatever_was_stopped(tmp_path: Path) -> None:
    for epochs in (1, 3):
        run(tmp_path, replace(RECIPE, epochs=epochs), tensorboard=True)
    found = scalars(tmp_path)
    log = RunFolder(tmp_path).read_log()
    assert [step for step, _ in found["training/loss"]] == [1, 2, 3]
    assert [value for _, value in found["training/loss"]] == pytest.approx(
        [entry["loss"] for entry in log]
    )
    assert {"score", "learning_rate", "seconds", "validation/malignant"} <= set(found)
    assert "training/benign" not in found, "what is no number is no point"
    assert found["learning_rate"] == [(n, pytest.approx(0.01)) for n in (1, 2, 3)]
    assert len(list((tmp_path / "tensorboard").iterdir())) == 1


class Killed(BaseException):
    """Stands for a process that is killed."""


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("state_is_written", [False, True])
def test_no_step_is_lost_or_there_twice_where_an_epoch_s_end_was_cut_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_is_written: bool
) -> None:
    """Killed in the second epoch, right before or right after its state is on disk."""
    real = RunFolder.write_state

    def dying(self: RunFolder, state: Mapping[str, Any]) -> None:
        dies = state["progress"]["epoch"] == 2
        if not dies or state_is_written:
            real(self, state)
        if dies:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(RunFolder, "write_state", dying)
        with pytest.raises(Killed):
            run(tmp_path, tensorboard=TENSORBOARD)
    run(tmp_path, tensorboard=TENSORBOARD)
    assert [entry["epoch"] for entry in RunFolder(tmp_path).read_log()] == [1, 2, 3]
    if TENSORBOARD:
        assert [step for step, _ in scalars(tmp_path)["training/loss"]] == [1, 2, 3]


@needs_tensorboard
@pytest.mark.usefixtures("undrawn")
def test_a_run_that_was_over_gets_its_events_by_the_same_command(tmp_path: Path) -> None:
    run(tmp_path)
    assert not (tmp_path / "tensorboard").exists()
    run(tmp_path, tensorboard=True)
    assert len(scalars(tmp_path)["score"]) == 3


@pytest.mark.parametrize(
    ("asked", "there", "wanted", "told"),
    [
        (None, True, True, False),
        (None, False, False, False),
        (True, True, True, False),
        (True, False, False, True),
        (False, True, False, False),
    ],
)
def test_events_are_written_where_the_package_is_and_missing_ones_told_to_who_asks(
    monkeypatch: pytest.MonkeyPatch, asked: bool | None, there: bool, wanted: bool, told: bool
) -> None:
    monkeypatch.setattr(watching, "tensorboard_is_there", lambda: there)
    said: list[str] = []
    assert events_wanted(asked, said.append) == wanted
    assert bool(said) == told
    assert all("pip install 'fourview[tensorboard]'" in one for one in said)
