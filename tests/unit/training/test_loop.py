"""The loop: stopping, going on, keeping the best, several processes."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from fourview.core.errors import OutputError, TrainingError
from fourview.io.checkpoint import read_weights
from fourview.io.run_folder import RunFolder
from support.one_thread import one_thread
from support.toy_training import RECIPE, OneByOne, Toy, run_toy

__all__ = ["one_thread"]


def weights(folder: Path, name: str = "best") -> dict[str, torch.Tensor]:
    return read_weights(folder / f"{name}.safetensors")[1]


def same(one: Path, other: Path) -> bool:
    mine, theirs = (RunFolder(path).read_state() for path in (one, other))
    assert mine is not None
    assert theirs is not None
    return mine["progress"] == theirs["progress"] and all(
        torch.equal(tensor, theirs["network"][key]) for key, tensor in mine["network"].items()
    )


def test_the_loss_falls_and_the_curve_is_kept(tmp_path: Path) -> None:
    run_toy(tmp_path / "run", replace(RECIPE, epochs=10))
    log = RunFolder(tmp_path / "run").read_log()
    assert [entry["epoch"] for entry in log] == list(range(1, 11))
    assert log[-1]["loss"] < log[0]["loss"]
    assert all(entry["training_cases"] == 32 for entry in log)


def test_a_training_stopped_after_an_epoch_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    run_toy(tmp_path / "whole")
    run_toy(tmp_path / "parts", replace(RECIPE, epochs=1))
    run_toy(tmp_path / "parts", replace(RECIPE, epochs=2))
    run_toy(tmp_path / "parts")
    assert same(tmp_path / "whole", tmp_path / "parts")
    logs = [(tmp_path / name / "log.jsonl").read_bytes() for name in ("whole", "parts")]
    assert logs[0] == logs[1]


def test_a_falling_learning_rate_falls_the_same_after_a_stop(tmp_path: Path) -> None:
    recipe = replace(RECIPE, schedule="cosine")

    class Stopping(Toy):
        def order(self, epoch: int) -> Sequence[str]:
            if epoch == 2:
                raise Killed
            return super().order(epoch)

    run_toy(tmp_path / "whole", recipe)
    with pytest.raises(Killed):
        run_toy(tmp_path / "parts", recipe, task=Stopping())
    run_toy(tmp_path / "parts", recipe)
    assert same(tmp_path / "whole", tmp_path / "parts")
    rates = [entry["learning_rate"] for entry in RunFolder(tmp_path / "parts").read_log()]
    # of the last of four steps in each of three epochs: 3/12, 7/12 and 11/12 of the way
    wanted = [0.005 * (1 + math.cos(math.pi * way / 12)) for way in (3, 7, 11)]
    assert rates == pytest.approx(wanted, rel=1e-12)


class Killed(BaseException):
    """Stands for a process that is killed."""


def test_an_epoch_that_was_not_finished_leaves_no_trace(tmp_path: Path) -> None:
    class Stopping(Toy):
        calls = 0

        def loss(self, *args):  # type: ignore[no-untyped-def]
            self.calls += 1
            if self.calls == 6:  # in the second epoch
                raise Killed
            return super().loss(*args)

    run_toy(tmp_path / "whole")
    with pytest.raises(Killed):
        run_toy(tmp_path / "parts", task=Stopping())
    run_toy(tmp_path / "parts")
    assert same(tmp_path / "whole", tmp_path / "parts")


def test_a_loss_that_is_no_number_stops_with_the_batch_and_keeps_the_last_state(
    tmp_path: Path,
) -> None:
    run_toy(tmp_path / "run", replace(RECIPE, epochs=1))
    before = RunFolder(tmp_path / "run").read_state()
    with pytest.raises(TrainingError, match=r"epoch 2, step \d: the loss is nan.*\b07\b"):
        run_toy(tmp_path / "run", task=Toy(poisoned="07"))
    after = RunFolder(tmp_path / "run").read_state()
    assert before is not None
    assert after is not None
    assert after["progress"] == before["progress"]


def test_a_validation_without_numbers_keeps_the_last_good_state(tmp_path: Path) -> None:
    """As after a last step that ruined the weights: no loss of the epoch tells of it."""
    run_toy(tmp_path / "run", replace(RECIPE, epochs=1))
    before = (tmp_path / "run" / "last.pt").read_bytes()
    with pytest.raises(TrainingError, match=r"epoch 2: of 1 of 32 validation cases .*: 07 "):
        run_toy(tmp_path / "run", task=Toy(silent="07"))
    assert (tmp_path / "run" / "last.pt").read_bytes() == before
    assert len(RunFolder(tmp_path / "run").read_log()) == 1


def test_an_epoch_too_small_to_be_shared_out_is_refused(tmp_path: Path) -> None:
    class Short(Toy):
        def order(self, epoch: int) -> Sequence[str]:
            return list(super().order(epoch))[:7]

    with pytest.raises(TrainingError, match="epoch 1 has 7 cases, too few for the 8 parts"):
        run_toy(tmp_path / "run", replace(RECIPE, accumulate=8), task=Short())


def test_the_regularisation_is_l2_in_the_gradient_and_not_a_decay_of_its_own(
    tmp_path: Path,
) -> None:
    """SI, 'Network architecture and training'. Where the loss has no gradient, Adam's step
    is the learning rate whatever the weight; AdamW's would be a part of the weight."""

    class Still(Toy):
        def loss(self, *args):  # type: ignore[no-untyped-def]
            loss, said = super().loss(*args)
            return 0 * loss, said

    before = Toy().network.state_dict()["4.weight"]
    one_step = replace(RECIPE, epochs=1, batch_size=32, weight_decay=10**-1.5)
    run_toy(tmp_path / "run", one_step, task=Still())
    moved = before - weights(tmp_path / "run")["4.weight"]
    assert torch.allclose(moved, RECIPE.learning_rate * before.sign(), rtol=1e-3)


def test_the_best_epoch_is_kept_and_early_stopping_counts_from_it(tmp_path: Path) -> None:
    scores = [0.5, 0.7, 0.6, float("nan"), 0.65, 0.9]
    recipe = replace(RECIPE, epochs=50, patience=3, checkpoint_every=1)
    progress = run_toy(tmp_path / "run", recipe, task=Toy(scores=scores))
    assert (progress.best, progress.best_epoch, progress.epoch) == (0.7, 2, 5)
    best, second = weights(tmp_path / "run"), weights(tmp_path / "run", "epoch-00002")
    assert all(torch.equal(tensor, second[key]) for key, tensor in best.items())


def test_weights_to_select_from_are_kept_as_often_as_asked(tmp_path: Path) -> None:
    run_toy(tmp_path / "run", replace(RECIPE, epochs=5, checkpoint_every=2))
    kept = sorted(path.stem for path in (tmp_path / "run").glob("epoch-*"))
    assert kept == ["epoch-00002", "epoch-00004"]


def test_two_processes_have_the_losses_of_one_that_accumulates(tmp_path: Path) -> None:
    """And validate without waiting for each other, by the weights that are kept."""
    run_toy(tmp_path / "one", replace(RECIPE, accumulate=2))
    alone = RunFolder(tmp_path / "one").read_log()
    script = Path(__file__).parents[2] / "support" / "toy_training.py"
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "two")],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    both = json.loads(done.stdout[done.stdout.index("[") :])
    assert [entry["loss"] for entry in both] == pytest.approx(
        [entry["loss"] for entry in alone], abs=1e-5
    )
    waits = [(tmp_path / f"two-waits-{rank}").read_text() for rank in (0, 1)]
    assert waits == ["", ""]
    kept = OneByOne()
    state = RunFolder(tmp_path / "two").read_state()
    assert state is not None
    kept.network.load_state_dict(state["network"])
    said = kept.scores(kept.network.eval(), kept.validation_cases())
    assert both[-1]["validation_sum"] == pytest.approx(
        sum(one for (one,) in said.values()), abs=1e-4
    )


def test_a_folder_of_another_training_is_refused_with_what_differs(tmp_path: Path) -> None:
    RunFolder.begun(tmp_path / "run", {"recipe": {"train": {"batch_size": 4}}, "seed": 0})
    with pytest.raises(OutputError, match=r"recipe.train.batch_size is 4 there, and 8 here"):
        RunFolder.begun(tmp_path / "run", {"recipe": {"train": {"batch_size": 8}}, "seed": 0})


def test_a_folder_that_was_begun_before_images_were_told_takes_them_now(tmp_path: Path) -> None:
    before = {"seed": 0, "data": {"store": "k"}}
    now = {"seed": 0, "data": {"store": "k", "images": "a"}}
    with RunFolder.held(tmp_path / "run", before):
        pass
    with RunFolder.held(tmp_path / "run", now) as run:
        assert json.loads((run.path / "about.json").read_text()) == now
    other = {"seed": 0, "data": {"store": "k", "images": "b"}}
    with pytest.raises(OutputError, match=r"data.images is 'a' there, and 'b' here"):
        RunFolder.begun(tmp_path / "run", other)
    with pytest.raises(OutputError, match=r"data.labels is None there"):
        RunFolder.begun(tmp_path / "run", {"seed": 0, "data": {**now["data"], "labels": "c"}})  # type: ignore[dict-item]


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(OutputError, match="not an empty folder"):
        RunFolder.begun(tmp_path, {})


def test_a_second_training_in_a_folder_waits_for_nobody_and_is_refused(tmp_path: Path) -> None:
    """Both would write the same files; the first one goes on undisturbed."""
    run = tmp_path / "run"

    class Second(Toy):
        told = ""

        def order(self, epoch: int) -> Sequence[str]:
            if epoch == 1 and not self.told:
                other = subprocess.run(
                    [sys.executable, "-c", BESIDE, str(run)], capture_output=True, text=True
                )
                self.told = other.stdout + other.stderr
            return super().order(epoch)

    run_toy(tmp_path / "alone")
    task = Second()
    run_toy(run, task=task)
    assert f"OutputError {run}: a training is running there" in task.told
    assert same(run, tmp_path / "alone")
    run_toy(run, replace(RECIPE, epochs=4))
    assert len(RunFolder(run).read_log()) == 4


BESIDE = """
import sys
from pathlib import Path
from fourview.io.run_folder import RunFolder
try:
    with RunFolder.held(Path(sys.argv[1]), {"seed": 0}):
        print("it began")
except Exception as error:
    print(type(error).__name__, error)
"""


def test_a_training_that_is_killed_lets_its_folder_go(tmp_path: Path) -> None:
    run = tmp_path / "run"
    script = BESIDE.replace('print("it began")', "import os; os.kill(os.getpid(), 9)")
    done = subprocess.run([sys.executable, "-c", script, str(run)], capture_output=True)
    assert done.returncode == -9
    assert run_toy(run).epoch == 3


def test_no_lock_is_put_among_the_files_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(OutputError, match="not an empty folder"):
        run_toy(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_training_killed_while_it_began_or_wrote_begins_again_and_tidies(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    partial = run / ".about.json.123.partial"
    partial.write_text("{")
    run_toy(run, replace(RECIPE, epochs=1))
    assert not partial.exists()
    left = run / ".last.pt.124.partial"
    left.write_bytes(b"half a state")
    run_toy(run)
    assert not left.exists()
    assert len(RunFolder(run).read_log()) == 3


def test_a_damaged_state_is_refused(tmp_path: Path) -> None:
    run_toy(tmp_path / "run", replace(RECIPE, epochs=1))
    state = tmp_path / "run" / "last.pt"
    state.write_bytes(state.read_bytes()[:-100])
    with pytest.raises(OutputError, match="damaged"):
        run_toy(tmp_path / "run")
