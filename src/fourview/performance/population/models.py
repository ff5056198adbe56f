"""Models from prediction files: networks, their branches, their ensembles, breast by breast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import combinations
from pathlib import Path

import numpy as np

from fourview.core.breasts import Breasts, BreastScores, mean_scores
from fourview.core.errors import RecipeError, TableError
from fourview.core.model_kind import ModelKind, kind_in_name
from fourview.core.views import Finding
from fourview.evaluation.checks import Bools, Floats
from fourview.io.prediction_file import (
    CSV,
    JSON,
    NetworkPredictions,
    PredictionFile,
    Probabilities,
    read_predictions,
)
from fourview.performance.numbers.asked import breasts_words
from fourview.performance.population.truth import Truth, counted, label_of

POSITIONS = ("CC", "MLO")
ALL_VARIANTS = "all variants"


@dataclass(frozen=True, eq=False)
class Network:
    """One network, or one random initialisation of a model."""

    name: str
    scores: BreastScores
    branches: Mapping[str, BreastScores]
    """By `CC` and `MLO`, where it has branches of one position; NaN where it has not."""


@dataclass(frozen=True, eq=False)
class Model:
    """Networks of one kind, and their mean."""

    name: str
    kind: ModelKind
    networks: tuple[Network, ...]

    @property
    def ensemble(self) -> BreastScores:
        """The mean over its networks."""
        return mean_scores([one.scores for one in self.networks])

    @property
    def positions(self) -> tuple[str, ...]:
        """The positions of which every network has a branch."""
        return tuple(p for p in POSITIONS if all(p in one.branches for one in self.networks))

    def take(self, which: Bools) -> Model:
        """The same of some of the breasts."""
        networks = [
            Network(
                one.name,
                one.scores.take(which),
                {at: scores.take(which) for at, scores in one.branches.items()},
            )
            for one in self.networks
        ]
        return replace(self, networks=tuple(networks))


@dataclass(frozen=True, eq=False)
class Judged:
    """The breasts that every model read, and what the models said of them."""

    breasts: Breasts
    models: tuple[Model, ...]
    read: frozenset[str] | None
    """Exams that readers read; None without a reader study."""
    warnings: tuple[str, ...]
    left_out: tuple[str, ...]


def judged(arguments: Sequence[str], truth: Truth) -> Judged:
    """The models that `PATH` and `NAME=PATH` name, on the breasts that all of them read.

    Several paths of one name are its seeds, and so are the networks of one file; networks of
    different kinds in a file are models of their own.

    Raises:
        TableError: a file is wrong, no exam is common, or a name contradicts what a file tells.
        RecipeError: two files have the same name without being told apart.
    """
    files = _read(arguments)
    warnings = [f"{name}: {text}" for name, of in files.items() for file in of
                for text in file.notices]  # fmt: skip
    left_out = list(_coverage(files, truth))
    models = [model for name, of in files.items() for model in _models(name, of, truth.breasts)]
    read_by_all = np.ones(len(truth.breasts), dtype=bool)
    predicted = _predicted_by_all(files, truth.breasts)
    for model in models:
        read = ~np.isnan(model.ensemble.malignant + model.ensemble.benign)
        if unread := int((~read & predicted).sum()):
            left_out.append(
                f"{breasts_words(unread)} of predicted exams that {model.name} did not read"
                f"{', for all models' if len(models) > 1 else ''}"
            )
        read_by_all &= read
    if not read_by_all.any():
        raise TableError(
            "no breast has a label and a prediction of every model",
            hint="; ".join(left_out) or "do both name the exams alike?",
        )
    return Judged(
        truth.breasts.take(read_by_all),
        tuple(model.take(read_by_all) for model in models),
        truth.read,
        (*truth.warnings, *dict.fromkeys(warnings)),
        (*truth.left_out, *left_out),
    )


def _read(arguments: Sequence[str]) -> dict[str, list[PredictionFile]]:
    """Files by name, in the order of the arguments."""
    files: dict[str, list[PredictionFile]] = {}
    unnamed: set[str] = set()
    for text in arguments:
        name, path = named_path(text)
        own = name or own_name(path)
        if (not name and own in files) or own in unnamed:
            raise RecipeError(
                f"two predictions are called {own!r}",
                hint=f"name them: NAME={path}; several of one NAME are its seeds",
            )
        unnamed |= set() if name else {own}
        files.setdefault(own, []).append(read_predictions(path))
    for name, of in files.items():
        paths = Counter(file.path.resolve() for file in of)
        if twice := [path for path, times in paths.items() if times > 1]:
            raise RecipeError(
                f"{twice[0]}: stands twice among the seeds of {name}", hint="name each seed once"
            )
    return files


def named_path(text: str) -> tuple[str, Path]:
    """`NAME=PATH` parted; a path that is there is never parted."""
    name, sign, path = text.partition("=")
    if not sign or Path(text).exists():
        return "", Path(text)
    if not name or not path:
        raise RecipeError(f"{text!r} is neither PATH nor NAME=PATH")
    return name, Path(path)


def own_name(path: Path) -> str:
    """The folder's, for what has a run's names; else the file's."""
    resolved = path.resolve()
    return resolved.parent.name if resolved.name in (JSON, CSV) else resolved.stem


def _coverage(files: Mapping[str, list[PredictionFile]], truth: Truth) -> Iterator[str]:
    """Exams with labels and no predictions, and the other way round."""
    judged_exams = dict.fromkeys(truth.breasts.exams)
    for name, of in files.items():
        for number, file in enumerate(of, start=1):
            which = name if len(of) == 1 else f"{name}, seed {number}"
            if missing := [exam for exam in judged_exams if exam not in file.exams]:
                yield f"{counted(missing)} with labels and no prediction by {which}"
            known = judged_exams.keys() | truth.elsewhere
            if unknown := [exam for exam in file.exams if exam not in known]:
                yield f"{counted(unknown)} predicted by {which}, without labels"


def _predicted_by_all(files: Mapping[str, list[PredictionFile]], breasts: Breasts) -> Bools:
    every = [file.exams for of in files.values() for file in of]
    return np.array([all(exam in one for one in every) for exam in breasts.exams], dtype=bool)


def _models(name: str, files: list[PredictionFile], breasts: Breasts) -> Iterator[Model]:
    found: list[tuple[ModelKind, Network]] = []
    said = kind_in_name(name)
    for number, file in enumerate(files, start=1):
        for told in file.networks:
            if wrong := said.contradiction(told.kind):
                raise TableError(
                    f"{file.path.name}: {name!r} says {wrong} as its run tells",
                    hint="does the name belong to another folder?",
                )
            seed = f"seed {number}" if len(files) > 1 else ""
            label = ", ".join(filter(None, (seed, told.weights))) or name
            if times := sum(one.name.partition(" #")[0] == label for _, one in found):
                label = f"{label} #{times + 1}"  # weights may share a name
            kind = told.kind.filled_from(said)
            found.append((kind, _network(label, told, breasts)))
    kinds = list(dict.fromkeys(kind for kind, _ in found))
    if not any(a.contradiction(b) for a, b in combinations(kinds, 2)):
        whole = reduce(ModelKind.filled_from, kinds)  # what one seed does not tell, others may
        yield Model(name, whole, tuple(network for _, network in found))
        return
    for kind in kinds:
        networks = tuple(network for of, network in found if of == kind)
        yield Model(f"{name} ({str(kind) or 'kind not told'})", kind, networks)


def _network(name: str, told: NetworkPredictions, breasts: Breasts) -> Network:
    """A branch of `L-CC` gives the CC scores of left breasts, one of `CC` those of both."""
    of_position: dict[str, list[BreastScores]] = {}
    for branch, exams in told.branches.items():
        position = branch.rpartition("-")[2]
        if position in POSITIONS:
            of_position.setdefault(position, []).append(_scores(exams, breasts))
    branches = {at: _joined(parts) for at, parts in of_position.items()}
    return Network(name, _scores(told.exams, breasts), branches)


def _scores(exams: Mapping[str, Probabilities], breasts: Breasts) -> BreastScores:
    def of(finding: Finding) -> Floats:
        values = [
            exams[exam][label_of(side, finding)] if exam in exams else np.nan
            for exam, side in zip(breasts.exams, breasts.lateralities, strict=True)
        ]
        return np.array(values, dtype=np.float64)

    return BreastScores(benign=of(Finding.BENIGN), malignant=of(Finding.MALIGNANT))


def _joined(parts: Sequence[BreastScores]) -> BreastScores:
    """Of each breast what the one part says that speaks of it."""
    benign, malignant = parts[0].benign.copy(), parts[0].malignant.copy()
    for part in parts[1:]:
        free = np.isnan(benign)
        benign[free] = part.benign[free]
        malignant[free] = part.malignant[free]
    return BreastScores(benign=benign, malignant=malignant)


def variants_together(models: Sequence[Model]) -> Iterator[Model]:
    """For each kind of inputs of which there are several variants, the ensemble of all of their
    networks (SI, 'Model variants': twenty models)."""
    groups: dict[tuple[str, str], list[Model]] = {}
    for model in models:
        if model.kind.variant and model.kind.inputs:
            groups.setdefault((model.kind.inputs, model.kind.beginning), []).append(model)
    for (inputs, beginning), of in groups.items():
        if len({model.kind.variant for model in of}) > 1:
            kind = ModelKind(inputs, "", beginning)
            networks = tuple(network for model in of for network in model.networks)
            yield Model(f"{kind} ({ALL_VARIANTS})", kind, networks)
