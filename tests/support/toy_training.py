"""A small training for tests of the loop; run as a script it trains in two processes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from fourview.core.train_recipe import TrainSection
from fourview.core.weights import WeightsInfo, expected_labels
from fourview.evaluation.auc import auc
from fourview.io.run_folder import RunFolder
from fourview.training.loop import Part, Progress, Scores, begun, train

RECIPE = TrainSection(batch_size=8, epochs=3, patience=0, learning_rate=0.01)
CASES = {f"{n:02}": float(n % 2) for n in range(32)}


def features(name: str) -> Tensor:
    noise = np.random.default_rng(int(name)).normal(size=(3, 4, 4))
    return torch.from_numpy(noise + CASES[name] * np.arange(3)[:, None, None] / 3).float()


class Toy:
    """Tells even from odd numbers by blurred pictures; with BatchNorm and input noise."""

    def __init__(
        self, *, poisoned: str = "", scores: Sequence[float] = (), silent: str = ""
    ) -> None:
        torch.manual_seed(0)
        self.network: nn.Module = nn.Sequential(
            nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(16, 1)
        )
        self.poisoned, self.given_scores = poisoned, list(scores)
        self.silent = silent
        """The validation case of which the network says no number."""

    def order(self, epoch: int) -> Sequence[str]:
        names = sorted(CASES)
        return [names[i] for i in np.random.default_rng(epoch).permutation(len(names))]

    def load(self, _epoch: int, parts: Sequence[Sequence[str]]) -> Iterable[Part]:
        for names in parts:
            yield Part(tuple(names), torch.stack([features(name) for name in names]))

    def loss(self, network: nn.Module, part: Part, noise: torch.Generator) -> tuple[Tensor, Scores]:
        x = part.inputs + 0.01 * torch.randn(part.inputs.shape, generator=noise)
        if self.poisoned in part.names:
            x = x * float("nan")
        logits = network(x)[:, 0]
        truth = torch.tensor([CASES[name] for name in part.names])
        said = {
            name: [float(v)] for name, v in zip(part.names, logits.detach().tolist(), strict=True)
        }
        return F.binary_cross_entropy_with_logits(logits, truth), said

    def validation_cases(self) -> Sequence[str]:
        return sorted(CASES)

    def scores(self, network: nn.Module, cases: Sequence[str]) -> Scores:
        logits = network(torch.stack([features(name) for name in cases]))[:, 0]
        said = {name: [value] for name, value in zip(cases, logits.tolist(), strict=True)}
        return {**said, self.silent: [float("nan")]} if self.silent in said else said

    def metrics(self, training: Scores, validation: Scores) -> Mapping[str, float]:
        names = sorted(validation)
        values = [validation[name][0] for name in names]
        score = auc(values, [CASES[name] for name in names])
        if self.given_scores:
            score = self.given_scores.pop(0)
        figures = {"training_cases": float(len(training)), "validation_sum": sum(values)}
        return {"score": score, **figures}

    def info(self, _epoch: int, _metrics: Mapping[str, float]) -> WeightsInfo:
        labels = expected_labels("patch_densenet121", "")
        return WeightsInfo(name="toy", architecture="patch_densenet121", labels=labels)


class OneByOne(Toy):
    """Validates case after case, of which one of two processes has one more."""

    def validation_cases(self) -> Sequence[str]:
        return sorted(CASES)[:-1]

    def scores(self, network: nn.Module, cases: Sequence[str]) -> Scores:
        said: dict[str, Sequence[float]] = {}
        for case in cases:
            said.update(super().scores(network, [case]))
        return said


def count_waits(fabric: Fabric, out: Path) -> None:
    """Keep how often a forward pass of a validation waited for the other processes."""
    plain, file = (
        DistributedDataParallel._sync_buffers,
        out.with_name(f"{out.name}-waits-{fabric.global_rank}"),
    )
    file.touch()

    def counted(self: DistributedDataParallel) -> None:
        if not self.module.training:
            with file.open("a") as opened:
                opened.write("waited\n")
        plain(self)

    DistributedDataParallel._sync_buffers = counted


def run_toy(
    folder: Path,
    recipe: TrainSection = RECIPE,
    *,
    task: Toy | None = None,
    fabric: Fabric | None = None,
) -> Progress:
    fabric = fabric or Fabric(accelerator="cpu", devices=1)
    with begun(folder, {"seed": 0}, fabric) as run:
        return train(task or Toy(), recipe, run, fabric, seed=0, clock=lambda: 0.0)


if __name__ == "__main__":
    out = Path(sys.argv[1])
    two = Fabric(accelerator="cpu", devices=2, strategy="ddp")
    two.launch()
    count_waits(two, out)
    run_toy(out, fabric=two, task=OneByOne())
    if two.is_global_zero:
        sys.stdout.write(json.dumps(RunFolder(out).read_log()))
