"""The breast-level network: four views in, for every branch the log-probabilities of its labels.

The four variants of Fig. S15 are a table, not four classes. All have 1,024 hidden activations
between their fully connected layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fourview.core.views import FourViews, Label, Laterality, View
from fourview.nn.recomputing import recomputed
from fourview.nn.resnet22 import HIDDEN, ResNet22

CHANNELS = {"image": 1, "heatmaps": 2, "image-and-heatmaps": 3}
"""Input channels, in the order image, benign heatmap, malignant heatmap."""


@dataclass(frozen=True)
class Branch:
    """Some views joined to predict some labels."""

    name: str
    views: tuple[View, ...]
    labels: tuple[Label, ...]


_ALL = tuple(Label)


def _labels_of(laterality: Laterality) -> tuple[Label, ...]:
    return tuple(label for label in Label if label.laterality is laterality)


BRANCHES: dict[str, tuple[Branch, ...]] = {
    "view-wise": (
        Branch("CC", (View.L_CC, View.R_CC), _ALL),
        Branch("MLO", (View.L_MLO, View.R_MLO), _ALL),
    ),
    "image-wise": tuple(Branch(v.value, (v,), _labels_of(v.laterality)) for v in View),
    "breast-wise": (
        Branch("left", (View.L_CC, View.L_MLO), _labels_of(Laterality.LEFT)),
        Branch("right", (View.R_CC, View.R_MLO), _labels_of(Laterality.RIGHT)),
    ),
    "joint": (Branch("joint", tuple(View), _ALL),),
}


class Head(nn.Module):
    """Two fully connected layers: the joined views to log-probabilities."""

    def __init__(self, views: int, outputs: int, classes: int) -> None:
        super().__init__()
        self.fc = nn.Linear(HIDDEN * views, HIDDEN * views)
        self.out = nn.Linear(HIDDEN * views, outputs * classes)
        self.classes = classes

    def forward(self, joined: Tensor) -> tuple[Tensor, Tensor]:
        """`(B, 256 views)` to `(B, outputs, classes)` and the hidden `(B, 256 views)`."""
        hidden = F.relu(self.fc(joined))
        logits = self.out(hidden).unflatten(1, (-1, self.classes))
        return F.log_softmax(logits, dim=-1), hidden


class BreastOutput(NamedTuple):
    """What a forward pass gives, by name. A branch that lacks a view is absent."""

    log_probabilities: dict[str, Tensor]
    """By branch, `(B, labels, 2)`: class 1 is 'there is such a finding'. BI-RADS: `(B, 1, 3)`."""
    columns: dict[View, Tensor]
    """By view, `(B, 256)`."""
    fc: dict[str, Tensor]
    """By branch, its first fully connected layer's activations."""


class BreastModel(nn.Module):
    """The network of Figure 4 and its variants.

    Left and right views of one kind share a column, so all must face the same way (rightward).

    Args:
        variant: a key of `BRANCHES`.
        inputs: a key of `CHANNELS`.
        target: `cancer` for the four labels; `birads` for three classes of one label (Fig. S17).
        arithmetic: of the columns, `paper` or `released`.
    """

    def __init__(
        self,
        variant: str = "view-wise",
        inputs: str = "image",
        *,
        target: str = "cancer",
        arithmetic: str = "paper",
    ) -> None:
        super().__init__()
        self.variant, self.target = variant, target
        self.recomputes = False
        """Whether columns' activations are computed again on the way back, to save memory."""
        self.branches = BRANCHES[variant]
        self.columns = nn.ModuleDict(
            {
                position: ResNet22(CHANNELS[inputs], arithmetic=arithmetic)
                for position in ("CC", "MLO")
            }
        )
        self.heads = nn.ModuleDict(
            {
                branch.name: Head(len(branch.views), 1, 3)
                if target == "birads"
                else Head(len(branch.views), len(branch.labels), 2)
                for branch in self.branches
            }
        )

    def forward(self, views: FourViews[Tensor] | Mapping[View, Tensor]) -> BreastOutput:
        """Each view `(B, C, H, W)`; a mapping may lack views, whose branches are then absent."""
        given = dict(views.pairs()) if isinstance(views, FourViews) else dict(views)
        return self.read_columns({view: self._hidden(view, x) for view, x in given.items()})

    def _hidden(self, view: View, x: Tensor) -> Tensor:
        column = self.column(view)
        return recomputed(column, column.hidden, x) if self.recomputes else column.hidden(x)

    def column(self, view: View) -> ResNet22:
        """The network that reads a view; left and right share it."""
        column = self.columns[view.position]
        assert isinstance(column, ResNet22)
        return column

    def read_columns(self, columns: Mapping[View, Tensor]) -> BreastOutput:
        """The heads alone, over columns' hidden vectors `(B, 256)`."""
        log_probabilities, fc = {}, {}
        for branch in self.branches:
            if all(view in columns for view in branch.views):
                joined = torch.cat([columns[view] for view in branch.views], dim=1)
                log_probabilities[branch.name], fc[branch.name] = self.heads[branch.name](joined)
        return BreastOutput(log_probabilities, dict(columns), fc)
