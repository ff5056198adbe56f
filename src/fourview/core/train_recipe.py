"""What a training does, as frozen values whose defaults are the paper's breast-level training.

One TOML file may hold these sections beside those of `core.recipe` and `core.data_recipe`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fourview.core.errors import RecipeError
from fourview.core.weights import PATCH_CLASSES

TASKS = ("patch", "birads", "cancer")
EXAMS = ("balanced", "all")
PRECISIONS = ("32-true", "bf16-mixed", "16-mixed")
WINDOWS_ON = ("cpu", "device")
SCHEDULES = ("constant", "cosine")


@dataclass(frozen=True, kw_only=True)
class TrainSection:
    """What is trained, and how (SI, 'Network architecture and training'; of patches,
    'Training and architecture')."""

    task: str = "cancer"
    """`patch` classifier, `birads` pretraining, or breast-level `cancer` model."""
    variant: str = "view-wise"
    inputs: str = "image"
    """`image`, `heatmaps` or `image-and-heatmaps`; of the breast-level models."""
    learning_rate: float = 1e-5
    schedule: str = "constant"
    """`cosine`: the learning rate falls from step to step, as half a cosine, to nothing at the last
    of `epochs`, which is then part of what the training is. The paper's is constant."""
    weight_decay: float = 10**-4.5
    """L2, added to the gradient (Adam's, not AdamW's)."""
    batch_size: int = 4
    """What an optimiser's step sees, over all devices."""
    accumulate: int = 1
    """Parts that a batch is read in, where it does not fit into memory at once."""
    epochs: int = 1000
    """The most; early stopping ends a breast-level training before."""
    patience: int = 20
    """Stop after so many epochs without a better validation AUC; 0: never."""
    checkpoint_every: int = 0
    """Keep every so many epochs' weights, to select from; 0: the best and the last only."""
    input_noise: float = 0.01
    """Standard deviation of Gaussian noise on the standardised window, as released."""
    jitter: bool = True
    """Windows drawn at random in training; never in validation."""


@dataclass(frozen=True, kw_only=True)
class PatchSection:
    """Which patches an epoch of the patch training sees (SI, 'Sampling the patches').

    `outside` or `negative` may be 0 where a data set has none; the classifier then never says it.
    """

    malignant: int = 20
    benign: int = 35
    outside: int = 5000
    negative: int = 4945
    from_areas: bool = False
    """Share an epoch's patches out anew, by the areas of the data set's own lesions."""
    least_px: int = 128
    most_px: int = 384
    most_degrees: float = 30.0
    least_marked: float = 0.0
    """The least part of a malignant or benign patch that is marked, or of the image's marks that it
    holds, whichever is more; 0, as in the paper: one pixel. Patches with less are of no class."""
    malignant_from_benign: float = 1.0
    """How much telling these two apart counts in the loss beside telling a finding from none; 1: as
    in the paper's cross-entropy. Less where few patches are seen and they look alike."""
    outside_from_negative: float = 1.0
    """The same of these two. They differ by what the rest of the exam holds: a network of which the
    heatmaps are wanted may do without, and without learning exams by heart for it."""
    validation: int = 250
    """Patches of each class that an epoch is scored on, the same ones after each (fourview's)."""

    @property
    def counts(self) -> dict[str, int]:
        """By class, in the classifier's order."""
        return {name: getattr(self, name) for name in PATCH_CLASSES}


@dataclass(frozen=True, kw_only=True)
class ExamSection:
    """Which exams an epoch of a breast-level training sees (SI, 'Network architecture and
    training')."""

    per_epoch: str = "balanced"
    """`balanced`: all biopsied exams and as many of the others, drawn anew; `all`: every exam."""
    others: float = 1.0
    """Exams without biopsy for each biopsied one, where balanced."""
    positive_weight: float = 1.0
    """How much more an error on a label that is 1 counts; 1 in the paper."""


@dataclass(frozen=True, kw_only=True)
class HardwareSection:
    """How the work is done; moves numbers by rounding only."""

    precision: str = "32-true"
    channels_last: bool = True
    checkpoint_activations: bool = False
    """Compute activations again on the way back: less memory, a third more time."""
    sync_batchnorm: bool = False
    """BatchNorm over all GPUs' parts of a batch; else each sees its own."""
    workers: int = 2
    """Threads that read."""
    prefetch: int = 2
    """Parts of a batch that a breast-level training reads ahead; they lie in memory."""
    windows_on: str = "cpu"
    """Where a breast-level training resizes and standardises its windows; `device`: where the
    network is, the threads then only read."""


@dataclass(frozen=True, kw_only=True)
class TrainRecipe:
    """All that moves trained weights, besides the data, the preparation and the seed."""

    train: TrainSection = field(default_factory=TrainSection)
    patches: PatchSection = field(default_factory=PatchSection)
    exams: ExamSection = field(default_factory=ExamSection)
    hardware: HardwareSection = field(default_factory=HardwareSection)

    def __post_init__(self) -> None:
        train, patches, hardware = self.train, self.patches, self.hardware
        for where, value, allowed in (
            ("train.task", train.task, TASKS),
            ("train.variant", train.variant, ("view-wise", "image-wise", "breast-wise", "joint")),
            ("train.inputs", train.inputs, ("image", "heatmaps", "image-and-heatmaps")),
            ("train.schedule", train.schedule, SCHEDULES),
            ("exams.per_epoch", self.exams.per_epoch, EXAMS),
            ("hardware.precision", hardware.precision, PRECISIONS),
            ("hardware.windows_on", hardware.windows_on, WINDOWS_ON),
        ):
            if value not in allowed:
                raise RecipeError(f"{where} is {value!r}; it may be {', '.join(allowed)}")
        for where, number, least in (
            ("train.learning_rate", train.learning_rate, 0),
            ("train.weight_decay", train.weight_decay, 0),
            ("train.batch_size", train.batch_size, 1),
            ("train.accumulate", train.accumulate, 1),
            ("train.epochs", train.epochs, 1),
            ("train.patience", train.patience, 0),
            ("train.checkpoint_every", train.checkpoint_every, 0),
            ("train.input_noise", train.input_noise, 0),
            ("patches.malignant", patches.malignant, 1),
            ("patches.benign", patches.benign, 1),
            ("patches.outside", patches.outside, 0),
            ("patches.negative", patches.negative, 0),
            ("patches.least_px", patches.least_px, 1),
            ("patches.most_px", patches.most_px, patches.least_px),
            ("patches.most_degrees", patches.most_degrees, 0),
            ("patches.least_marked", patches.least_marked, 0),
            ("patches.malignant_from_benign", patches.malignant_from_benign, 0),
            ("patches.outside_from_negative", patches.outside_from_negative, 0),
            ("patches.validation", patches.validation, 1),
            ("exams.others", self.exams.others, 0),
            ("exams.positive_weight", self.exams.positive_weight, 0),
            ("hardware.workers", hardware.workers, 0),
            ("hardware.prefetch", hardware.prefetch, 1),
        ):
            if not least <= number < float("inf"):
                raise RecipeError(f"{where} is {number}; it must be at least {least}")
        if patches.least_marked > 1:
            raise RecipeError(
                f"patches.least_marked is {patches.least_marked}; it is a part, and at most 1"
            )
        if not patches.outside and not patches.negative:
            raise RecipeError("patches.outside and patches.negative are both 0; one must be more")
        if train.batch_size % train.accumulate:
            raise RecipeError(
                f"train.accumulate is {train.accumulate}; it must divide the batch size, "
                f"{train.batch_size}"
            )
