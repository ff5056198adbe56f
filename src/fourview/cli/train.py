"""`fourview train`: the paper's trainings, on your own exams."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fourview.cli.terminal import show, stoppable
from fourview.core.errors import RecipeError

if TYPE_CHECKING:
    from fourview.core.recipe import Recipe
    from fourview.core.train_recipe import TrainRecipe
    from fourview.training.exam_run import Trained

train = typer.Typer(
    help="Train the patch classifier, the BI-RADS pretraining, or breast-level models.\n\n"
    "Killed or stopped, the same command goes on from the last finished epoch, to the same "
    "weights as if it had not been.",
    no_args_is_help=True,
)

Store = Annotated[Path, typer.Argument(metavar="STORE", help="Prepared views: fourview prepare.")]
Labels = Annotated[Path, typer.Option(help="labels.csv: fourview label.")]
Splits = Annotated[Path, typer.Option(help="splits.csv: fourview split.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="The run's folder: new, or to go on with.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one value: train.batch_size=2."),
]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
Tensorboard = Annotated[
    bool | None,
    typer.Option(
        "--tensorboard/--no-tensorboard",
        help="Write RUN/tensorboard, or not; else where the package tensorboard is installed.",
    ),
]
Devices = Annotated[int, typer.Option(help="GPUs, or processes on a CPU.", min=1)]


@train.command()
def patch(
    store: Store,
    findings: Annotated[
        Path, typer.Option(help="findings.csv with masks: fourview label --annotations.")
    ],
    labels: Labels,
    splits: Splits,
    out: Out,
    recipe: Annotated[str, typer.Option(help="A named recipe or a TOML file.")] = "paper-patch",
    settings: Settings = None,
    initial: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Weights to begin with: torchvision's DenseNet-121 on ImageNet, as in the paper "
            "(fourview weights fetch imagenet), or a patch classifier to fine-tune; none: at "
            "random.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Where chance begins.")] = 0,
    device: Device = "auto",
    devices: Devices = 1,
    tensorboard: Tensorboard = None,
) -> None:
    """Train the patch classifier that heatmaps come from.

    Of the epochs that were kept, the one whose heatmaps tell the validation breasts apart best
    becomes RUN/selected.safetensors. RUN/patches.png shows what it learns from: look at it.
    RUN/curves.png shows how it goes.

    [bold]Example[/bold]

    fourview train patch store/ --findings findings.csv --labels labels.csv --splits splits.csv
    -o runs/patch --from densenet121-a639ec97.pth
    """
    with stoppable():
        from fourview.cli.train_bar import ConsoleTalk
        from fourview.training.environment import fabric_on
        from fourview.training.patch_training import PatchTraining, train_patches

        what, images = _recipes("patch", recipe, settings)
        training = PatchTraining(
            store=store,
            findings=findings,
            labels=labels,
            splits=splits,
            out=out,
            recipe=what,
            images=images,
            initial=initial,
            seed=seed,
            tensorboard=tensorboard,
        )
        fabric = fabric_on(device, devices, what)
        with ConsoleTalk(quiet=not fabric.is_global_zero) as talk:
            trained = train_patches(training, fabric, talk=talk, note=talk.note)
    if fabric.is_global_zero:
        chosen = trained.selected
        score = chosen.mean if chosen else trained.progress.best
        epoch = chosen.epoch if chosen else trained.progress.best_epoch
        show(f"{trained.weights}\t{score:.4f}\tepoch {epoch} of {trained.progress.epoch}")


@train.command()
def birads(
    store: Store,
    labels: Labels,
    splits: Splits,
    out: Out,
    recipe: Annotated[str, typer.Option(help="A named recipe or a TOML file.")] = "paper-birads",
    settings: Settings = None,
    initial: Annotated[
        Path | None, typer.Option("--from", help="Weights to begin with; none: at random.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Where chance begins.")] = 0,
    device: Device = "auto",
    devices: Devices = 1,
    tensorboard: Tensorboard = None,
) -> None:
    """Pretrain the columns on BI-RADS classes 0, 1 and 2, which every exam has.

    [bold]Example[/bold]

    fourview train birads store/ --labels labels.csv --splits splits.csv -o runs/birads
    """
    _exams(
        *("birads", store, labels, splits, out, recipe, settings, initial, [seed]),
        *(device, devices, tensorboard),
    )


@train.command()
def cancer(
    store: Store,
    labels: Labels,
    splits: Splits,
    out: Out,
    recipe: Annotated[
        str,
        typer.Option(
            help="paper-image-only, paper-heatmaps-only, paper-image-and-heatmaps, or a TOML file."
        ),
    ] = "paper-image-only",
    settings: Settings = None,
    initial: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Weights to begin with: BI-RADS ones give their columns; ones of the same variant "
            "and inputs are fine-tuned.",
        ),
    ] = None,
    patch_weights: Annotated[
        Path | None,
        typer.Option(help="Whose heatmaps are read, where the store has those of several."),
    ] = None,
    heatmaps: Annotated[
        str,
        typer.Option(
            metavar="KEY",
            help="Which of the store's heatmaps are read: their folder's name in STORE/heatmaps, "
            "or how it begins.",
        ),
    ] = "",
    seeds: Annotated[
        int, typer.Option(help="How many networks: five are the paper's ensemble.", min=1)
    ] = 1,
    seed: Annotated[int, typer.Option(help="The first network's seed.")] = 0,
    compare: Annotated[
        bool, typer.Option("--compare", help="Train all four variants, and say which is best.")
    ] = False,
    device: Device = "auto",
    devices: Devices = 1,
    tensorboard: Tensorboard = None,
) -> None:
    """Train breast-level models of the four labels.

    RUN/windows.png shows how chance moves the windows, RUN/curves.png how it goes.

    [bold]Examples[/bold]

    fourview train cancer store/ --labels labels.csv --splits splits.csv -o runs/image
    --from runs/birads/best.safetensors

    fourview train cancer store/ --labels labels.csv --splits splits.csv -o runs/both
    --recipe paper-image-and-heatmaps --from runs/birads/best.safetensors --seeds 5
    """
    numbers = list(range(seed, seed + seeds))
    _exams(
        *("cancer", store, labels, splits, out, recipe, settings, initial, numbers),
        *(device, devices, tensorboard),
        compare=compare,
        patch_weights=patch_weights,
        heatmaps=heatmaps,
    )


def _exams(
    task: str,
    store: Path,
    labels: Path,
    splits: Path,
    out: Path,
    recipe: str,
    settings: list[str] | None,
    initial: Path | None,
    seeds: list[int],
    device: str,
    devices: int,
    tensorboard: bool | None,
    *,
    compare: bool = False,
    patch_weights: Path | None = None,
    heatmaps: str = "",
) -> None:
    with stoppable():
        from fourview.cli.train_bar import ConsoleTalk
        from fourview.training.environment import fabric_on
        from fourview.training.exam_run import ExamTraining, train_exams

        what, images = _recipes(task, recipe, settings)
        training = ExamTraining(
            store=store,
            labels=labels,
            splits=splits,
            out=out,
            recipe=what,
            images=images,
            initial=initial,
            seeds=seeds,
            compare=compare,
            patch_weights=patch_weights,
            heatmaps=heatmaps,
            tensorboard=tensorboard,
        )
        fabric = fabric_on(device, devices, what)
        with ConsoleTalk(quiet=not fabric.is_global_zero) as talk:
            trained = train_exams(training, fabric, talk=talk, note=talk.note)
    if fabric.is_global_zero:
        show("\n".join(map(_line, trained)))


def _recipes(task: str, name: str, settings: list[str] | None) -> tuple[TrainRecipe, Recipe]:
    """What a recipe and settings say of the training, and of images."""
    from fourview.core.recipe import recipe_with
    from fourview.io.recipes import is_train_setting, named_recipe, named_train_recipe

    mine = [one for one in settings or () if is_train_setting(one)]
    others = [one for one in settings or () if not is_train_setting(one)]
    what = named_train_recipe(name, mine)
    if what.train.task != task:
        raise RecipeError(
            f"recipe {name!r} is for `fourview train {what.train.task}`, not for {task}"
        )
    return what, recipe_with(named_recipe(name), others)


def _line(one: Trained) -> str:
    best = one.progress
    return f"{one.weights}\t{best.best:.4f}\tepoch {best.best_epoch} of {best.epoch}"
