"""DenseNet-121 with torchvision's names of weights: the patch classifier.

Huang et al. 2017, 'Densely Connected Convolutional Networks'; four outputs here (SI, 'Details of
the auxiliary patch-level classifier').
"""

from __future__ import annotations

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

GROWTH = 32
BLOCKS = (6, 12, 24, 16)
STEM = 64
BOTTLENECK = 4


class DenseLayer(nn.Module):
    """Adds 32 channels to what it is given."""

    def __init__(self, channels_in: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels_in)
        self.conv1 = nn.Conv2d(channels_in, BOTTLENECK * GROWTH, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(BOTTLENECK * GROWTH)
        self.conv2 = nn.Conv2d(BOTTLENECK * GROWTH, GROWTH, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        new = self.conv1(F.relu(self.norm1(x)))
        new = self.conv2(F.relu(self.norm2(new)))
        return torch.cat([x, new], dim=1)


class Transition(nn.Module):
    """Halves channels, rows and columns."""

    def __init__(self, channels_in: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels_in)
        self.conv = nn.Conv2d(channels_in, channels_in // 2, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(self.conv(F.relu(self.norm(x))), 2)


class SameConv2d(nn.Conv2d):
    """A convolution with TensorFlow's SAME padding."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(pad_same(x, kernel=self.kernel_size[0], stride=self.stride[0]))


class SameMaxPool2d(nn.MaxPool2d):
    """A 3x3 pool of stride 2 with TensorFlow's SAME padding; zeros do no harm after a ReLU."""

    def forward(self, x: Tensor) -> Tensor:
        pooled: Tensor = super().forward(pad_same(x, kernel=3, stride=2))
        return pooled


def pad_same(x: Tensor, *, kernel: int, stride: int) -> Tensor:
    """TensorFlow's SAME padding, in zeros: the odd one of an odd number goes below and right."""
    pads: list[int] = []
    for size in (x.shape[3], x.shape[2]):  # torch wants the last axis first
        rest = size % stride
        total = max(kernel - (rest or stride), 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads)


class DenseNet121(nn.Module):
    """Patches to logits.

    Arithmetic `paper` pads as torchvision does; `released` as TensorFlow's SAME, which is what the
    released patch weights need (probabilities differ by up to 0.1 otherwise).
    """

    def __init__(
        self, outputs: int = 4, *, channels_in: int = 3, arithmetic: str = "paper"
    ) -> None:
        super().__init__()
        self.channels_in = channels_in
        released = arithmetic == "released"
        if released:
            conv0: nn.Conv2d = SameConv2d(channels_in, STEM, 7, stride=2, bias=False)
        else:
            conv0 = nn.Conv2d(channels_in, STEM, 7, stride=2, padding=3, bias=False)
        parts: list[tuple[str, nn.Module]] = [
            ("conv0", conv0),
            ("norm0", nn.BatchNorm2d(STEM)),
            ("relu0", nn.ReLU()),
            ("pool0", SameMaxPool2d(3, 2) if released else nn.MaxPool2d(3, 2, padding=1)),
        ]
        channels = STEM
        for number, layers in enumerate(BLOCKS, start=1):
            block = nn.Sequential(
                OrderedDict(
                    (f"denselayer{i + 1}", DenseLayer(channels + i * GROWTH)) for i in range(layers)
                )
            )
            parts.append((f"denseblock{number}", block))
            channels += layers * GROWTH
            if number < len(BLOCKS):
                parts.append((f"transition{number}", Transition(channels)))
                channels //= 2
        parts.append(("norm5", nn.BatchNorm2d(channels)))
        self.features = nn.Sequential(OrderedDict(parts))
        self.classifier = nn.Linear(channels, outputs)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
        nn.init.zeros_(self.classifier.bias)

    def pooled(self, x: Tensor) -> Tensor:
        """`(B, C, H, W)` to the 1,024 features `(B, 1024)`."""
        features: Tensor = F.relu(self.features(x))
        return features.mean(dim=(2, 3))

    def forward(self, x: Tensor) -> Tensor:
        """`(B, C, H, W)` to logits `(B, outputs)`; a single channel is repeated."""
        if x.shape[1] == 1 and self.channels_in > 1:
            x = x.expand(-1, self.channels_in, -1, -1)
        logits: Tensor = self.classifier(self.pooled(x))
        return logits
