"""ResNet-22: the column that turns one view into 256 numbers (SI, 'Single-view ResNet').

Pre-activation blocks, two a layer, five layers. Letters: B batch, C channels, H rows, W columns.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

HIDDEN = 256
_PLANES = (16, 32, 64, 128, 256)
_STRIDES = (1, 2, 2, 2, 2)


class Block(nn.Module):
    """Two 3x3 convolutions beside a residual path; a layer's first block has a 1x1 convolution
    there, which reads the activated input."""

    def __init__(self, channels_in: int, channels: int, *, stride: int, first: bool) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(channels_in)
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.downsample = (
            nn.Conv2d(channels_in, channels, 1, stride=stride, bias=False) if first else None
        )

    def forward(self, x: Tensor) -> Tensor:
        activated = F.relu(self.bn1(x))
        residual = x if self.downsample is None else self.downsample(activated)
        y = self.conv1(activated)
        y = self.conv2(F.relu(self.bn2(y)))
        return torch.add(y, residual)


class ResNet22(nn.Module):
    """A view to its feature grid.

    Arithmetic `paper` pads the stem by 3 and its pool by 1, which gives Table S5's sizes;
    `released` pads neither, as the released weights were trained. The last grid is the same:
    42 x 31 for a CC window, 47 x 28 for an MLO one.
    """

    def __init__(self, channels_in: int, *, arithmetic: str = "paper") -> None:
        super().__init__()
        pads = arithmetic == "paper"
        self.first_conv = nn.Conv2d(
            channels_in, _PLANES[0], 7, stride=2, padding=3 if pads else 0, bias=False
        )
        self.first_pool = nn.MaxPool2d(3, stride=2, padding=1 if pads else 0)
        layers, before = [], _PLANES[0]
        for channels, stride in zip(_PLANES, _STRIDES, strict=True):
            layers.append(
                nn.Sequential(
                    Block(before, channels, stride=stride, first=True),
                    Block(channels, channels, stride=1, first=False),
                )
            )
            before = channels
        self.layers = nn.ModuleList(layers)
        self.final_bn = nn.BatchNorm2d(HIDDEN)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """`(B, C, H, W)` to the activated grid `(B, 256, h, w)`."""
        x = self.first_pool(self.first_conv(x))
        for layer in self.layers:
            x = layer(x)
        return F.relu(self.final_bn(x))

    def hidden(self, x: Tensor) -> Tensor:
        """`(B, C, H, W)` to `(B, 256)`, the mean over the grid."""
        return self.forward(x).mean(dim=(2, 3))
