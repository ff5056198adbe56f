"""The one loop of the three trainings, on Lightning Fabric: devices, precision and processes are
its business.

An epoch reads what the task lists for it, lowers the loss, scores the validation set and keeps the
state. Everything is drawn from (seed, epoch), so a training that was killed goes on as if it had
not been.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from fourview.core.errors import TrainingError
from fourview.core.train_recipe import TrainSection
from fourview.core.weights import WeightsInfo
from fourview.io.run_folder import RunFolder
from fourview.training.parts import parts_of_epoch
from fourview.training.schedule import learning_rate

Scores = Mapping[str, Sequence[float]]
"""What the network says of each case, by the case's name."""


@dataclass(frozen=True, eq=False)
class Part:
    """What one forward pass reads."""

    names: tuple[str, ...]
    inputs: Any


class Task(Protocol):
    """What the loop must know of a training."""

    network: nn.Module

    def order(self, epoch: int) -> Sequence[Any]:
        """What an epoch reads, in order."""
        ...

    def load(self, epoch: int, parts: Sequence[Sequence[Any]]) -> Iterable[Part]:
        """The parts of an epoch, read from disk, on the CPU."""
        ...

    def loss(self, network: nn.Module, part: Part, noise: torch.Generator) -> tuple[Tensor, Scores]:
        """The mean loss over a part, and what the network said of its cases."""
        ...

    def validation_cases(self) -> Sequence[str]:
        """The names of what is scored after each epoch."""
        ...

    def scores(self, network: nn.Module, cases: Sequence[str]) -> Scores:
        """What the network says of validation cases, without chance."""
        ...

    def metrics(self, training: Scores, validation: Scores) -> Mapping[str, float]:
        """Numbers for the log; `score` is the one that the best epoch is chosen by."""
        ...

    def info(self, epoch: int, metrics: Mapping[str, float]) -> WeightsInfo:
        """What the weights of this epoch say of themselves."""
        ...


@dataclass(frozen=True)
class Progress:
    """How far a training is."""

    epoch: int = 0
    """Epochs that are finished."""
    best: float = -math.inf
    best_epoch: int = 0

    def after(self, score: float) -> Progress:
        """One epoch further. A score that is no number is never the best."""
        done = replace(self, epoch=self.epoch + 1)
        return replace(done, best=score, best_epoch=done.epoch) if score > self.best else done

    def is_over(self, recipe: TrainSection) -> bool:
        """Whether the last epoch is done, or too many went by without a better one."""
        waited = self.epoch - self.best_epoch
        return self.epoch >= recipe.epochs or 0 < recipe.patience <= waited


class Talk:
    """What a training tells while it runs; says nothing."""

    def epoch(self, number: int, steps: int) -> None:
        """An epoch of so many steps begins."""

    def step(self, loss: float) -> None:
        """A step is done."""

    def done(self, entry: Mapping[str, Any]) -> None:
        """An epoch is done; its entry of the log."""

    def heatmaps(self, weights: str, done: int, total: int) -> None:
        """Of a candidate's heatmaps, by which patch weights are selected, so many patches are
        read, of so many."""


def train(
    task: Task,
    recipe: TrainSection,
    run: RunFolder,
    fabric: Fabric,
    *,
    seed: int,
    talk: Talk | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Progress:
    """Train until the recipe's end, from the start or from where the run folder is.

    Raises:
        TrainingError: a loss is no number; the last good state is kept.
    """
    talk = talk or Talk()
    bare = task.network
    network, optimiser = fabric.setup(bare, _adam(bare, recipe))
    progress = _restored(run, bare, optimiser)
    while not progress.is_over(recipe):
        began = clock()
        loss, said = _epoch(task, recipe, network, optimiser, fabric, progress.epoch, seed, talk)
        scored = _validated(task, bare, fabric, progress.epoch)
        metrics = task.metrics(said, scored)
        progress = progress.after(metrics["score"])
        rate = optimiser.param_groups[0]["lr"]
        entry = {"epoch": progress.epoch, "loss": loss, **metrics, "learning_rate": rate}
        entry["seconds"] = clock() - began
        if fabric.is_global_zero:
            run.log(entry)  # before the state: an epoch that is not done again is in the log
            _keep(task, recipe, run, bare, optimiser, progress, metrics)
            talk.done(entry)
        fabric.barrier()
    return progress


@contextlib.contextmanager
def begun(path: Path, about: Mapping[str, Any], fabric: Fabric) -> Iterator[RunFolder]:
    """The run folder, made by one process before the others look. That one, which alone writes,
    holds it until the block ends.

    Raises:
        OutputError: it holds another training, or something else, or one that is running, or
            cannot be written to.
    """
    with contextlib.ExitStack() as stack:
        if fabric.is_global_zero:
            stack.enter_context(RunFolder.held(path, about))
        fabric.barrier()
        yield RunFolder.begun(path, about)


def _adam(network: nn.Module, recipe: TrainSection) -> torch.optim.Adam:
    """Adam with L2 in the gradient, as the paper's regularisation is (not AdamW's decay)."""
    return torch.optim.Adam(
        network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )


def _epoch(
    task: Task,
    recipe: TrainSection,
    network: Any,
    optimiser: Any,
    fabric: Fabric,
    epoch: int,
    seed: int,
    talk: Talk,
) -> tuple[float, Scores]:
    """The mean loss of an epoch, and what was said of its cases."""
    steps = parts_of_epoch(
        task.order(epoch),
        batch_size=recipe.batch_size,
        accumulate=recipe.accumulate,
        rank=fabric.global_rank,
        world=fabric.world_size,
    )
    if not steps:
        raise TrainingError(
            f"epoch {epoch + 1} has {len(task.order(epoch))} cases, too few for the "
            f"{recipe.accumulate * fabric.world_size} parts that a batch is read in",
            hint="lower train.accumulate or --devices, or take more cases",
        )
    parts = iter(task.load(epoch, [part for step in steps for part in step]))
    talk.epoch(epoch + 1, len(steps))
    network.train()
    losses: list[float] = []
    said: dict[str, Sequence[float]] = {}
    for number, step in enumerate(steps):
        total = 0.0
        for turn in range(len(step)):
            part = next(parts)
            part = replace(part, inputs=fabric.to_device(part.inputs))
            place = fabric.global_rank * len(step) + turn
            noise = torch.Generator(fabric.device).manual_seed(_mixed(seed, epoch, number, place))
            with fabric.no_backward_sync(network, enabled=turn + 1 < len(step)):
                loss, scores = task.loss(network, part, noise)
                _refuse_nan(loss, part, epoch, number)
                fabric.backward(loss / len(step))
            total += float(loss.detach()) / len(step)
            said.update(scores)
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(recipe, epoch=epoch, step=number, steps=len(steps))
        optimiser.step()
        optimiser.zero_grad()
        losses.append(total)
        talk.step(total)
    mean = torch.tensor(sum(losses) / len(losses), device=fabric.device, dtype=torch.float64)
    everywhere = fabric.all_reduce(mean, reduce_op="mean")
    assert isinstance(everywhere, Tensor)
    return float(everywhere), _merged(said, fabric)


def _mixed(*numbers: int) -> int:
    """A seed of 63 bits from several numbers."""
    digest = hashlib.sha256(" ".join(map(str, numbers)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _refuse_nan(loss: Tensor, part: Part, epoch: int, step: int) -> None:
    if not bool(torch.isfinite(loss)):
        raise TrainingError(
            f"epoch {epoch + 1}, step {step + 1}: the loss is {float(loss.detach())}; "
            f"the batch was {', '.join(part.names)}",
            hint="look at these exams, or lower the learning rate; the last good state is kept",
        )


def _validated(task: Task, network: nn.Module, fabric: Fabric, epoch: int) -> Scores:
    """What all processes' parts of the validation cases score.

    Args:
        network: the bare one. DDP's forward pass waits for all processes, some of which may have
            no case.

    Raises:
        TrainingError: a score is no number; before the state is kept.
    """
    _share_buffers(network, fabric)
    network.eval()
    mine = task.validation_cases()[fabric.global_rank :: fabric.world_size]
    with torch.inference_mode(), fabric.autocast():
        scores = _merged(task.scores(network, mine), fabric)
    if strange := sorted(name for name, said in scores.items() if any(map(math.isnan, said))):
        more = f" and {len(strange) - 5} more" if len(strange) > 5 else ""
        raise TrainingError(
            f"epoch {epoch + 1}: of {len(strange)} of {len(scores)} validation cases the network "
            f"says no number: {', '.join(strange[:5])}{more}",
            hint="look at these exams, or lower the learning rate; the last good state is kept",
        )
    return scores


def _share_buffers(network: nn.Module, fabric: Fabric) -> None:
    """Give all processes the first one's BatchNorm statistics, which are those that are kept."""
    if fabric.world_size > 1:
        for buffer in network.buffers():
            torch.distributed.broadcast(buffer, src=0)


def _merged(scores: Scores, fabric: Fabric) -> Scores:
    """The scores of all processes."""
    if fabric.world_size == 1:
        return scores
    gathered: list[Scores] = [{}] * fabric.world_size
    torch.distributed.all_gather_object(gathered, dict(scores))
    return {name: one for some in gathered for name, one in some.items()}


def _keep(
    task: Task,
    recipe: TrainSection,
    run: RunFolder,
    network: nn.Module,
    optimiser: Any,
    progress: Progress,
    metrics: Mapping[str, float],
) -> None:
    """Weights first, then the state: what the state knows of is on disk."""
    info = task.info(progress.epoch, metrics)
    tensors = {key: tensor.detach().cpu() for key, tensor in network.state_dict().items()}
    if progress.best_epoch == progress.epoch:
        run.write_weights("best", info, tensors)
    if recipe.checkpoint_every and progress.epoch % recipe.checkpoint_every == 0:
        run.write_weights(f"epoch-{progress.epoch:05}", info, tensors)
    run.write_state(
        {"progress": asdict(progress), "network": tensors, "optimiser": optimiser.state_dict()}
    )


def _restored(run: RunFolder, network: nn.Module, optimiser: Any) -> Progress:
    state = run.read_state()
    if state is None:
        return Progress()
    network.load_state_dict(state["network"])
    optimiser.load_state_dict(state["optimiser"])
    return Progress(**state["progress"])
