"""`fourview index`: the exam table of a data set, from headers; and whether one is right."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fourview.cli.index_talk import tell_import, tell_index, tell_rewritten
from fourview.cli.terminal import show, stoppable
from fourview.core.errors import RecipeError
from fourview.core.views import View

if TYPE_CHECKING:
    from fourview.cohort.pseudonyms import Pseudonyms
    from fourview.core.records import Problem

_MOST_JOBS = 8


def index(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...", help="Folders, image files, or exam tables (.csv, .parquet)."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The table to write, exams.csv.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing: say what is wrong with an exam table.")
    ] = False,
    exam_by: Annotated[
        str,
        typer.Option(
            help="What makes files one exam: study (DICOM study; equal name before the view), "
            "folder, or manifest."
        ),
    ] = "study",
    view: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VIEW", help="The view of a file, as in a.png=L-CC."),
    ] = None,
    image_root: Annotated[
        Path | None, typer.Option(help="Where the paths of a table start (else its folder).")
    ] = None,
    patient_ids: Annotated[
        bool,
        typer.Option(
            "--patient-ids", help="Write Patient IDs as in the headers, to join biopsies by them."
        ),
    ] = False,
    pseudonymise: Annotated[
        Path | None,
        typer.Option(
            metavar="KEYFILE",
            help="Write keyed pseudonyms for patients and Study UIDs, and shift each patient's "
            "dates by an own number of days.",
        ),
    ] = None,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Make KEYFILE, which is not there yet.")
    ] = False,
    dataset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The folder is this public data set; -o is a folder for tables."
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(help="Processes that read headers (else one a processor, up to 8)."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was found, or what is wrong, as JSON.")
    ] = False,
) -> None:
    """Write the exam table of a data set, a row an image, from its headers.

    Every image is in it: with its exam, view, date and age, or with why it was left out.

    Patients are numbered unless --patient-ids or --pseudonymise is given; with the latter an exam
    table, or a biopsy table (patient,date), is written anew, so that both join.

    A run that was stopped goes on where it was.

    [bold]Examples[/bold]

    fourview index archive/ -o exams.csv --patient-ids --jobs 8

    fourview index exams.csv --check

    fourview index archive/ -o exams.csv --pseudonymise key.txt --new-key

    fourview index biopsies.csv -o shared/biopsies.csv --pseudonymise key.txt
    """
    jobs = jobs or min(_MOST_JOBS, os.cpu_count() or 1)
    if check:
        _check(paths, out, image_root=image_root, jobs=jobs, as_json=as_json)
    if out is None:
        raise RecipeError("-o is missing", hint="name the table to write: -o exams.csv")
    if dataset is not None:
        _import(dataset, paths, out, as_json=as_json)
    if patient_ids and pseudonymise:
        raise RecipeError("--patient-ids and --pseudonymise exclude each other")
    views = dict(_view(text) for text in view or ())
    pseudonyms = _pseudonyms(pseudonymise, new=new_key)
    if pseudonyms is not None and len(paths) == 1 and _is_table(paths[0]):
        _rewrite(paths[0], out, pseudonyms)
    with stoppable():
        from fourview.cli.bars import counted_bar
        from fourview.dataset.indexing.index import IndexOptions
        from fourview.dataset.indexing.index import index as run

        options = IndexOptions(
            exam_by=exam_by,
            views=views,
            image_root=image_root,
            jobs=jobs,
            patient_ids=patient_ids,
            pseudonyms=pseudonyms,
        )
        with counted_bar("images") as on_progress:
            result = run(paths, out, options, on_progress=on_progress)
    tell_index(result, out, numbered=not (patient_ids or pseudonyms), as_json=as_json)
    raise typer.Exit(result.exit_code)


def _is_table(path: Path) -> bool:
    return path.suffix.lower() in (".csv", ".parquet") and not path.is_dir()


def _view(text: str) -> tuple[str, View]:
    name, _, value = text.rpartition("=")
    known = [view.value for view in View]
    if not name or value not in known:
        raise RecipeError(
            f"--view {text!r} names no file and view", hint=f"NAME=VIEW with {', '.join(known)}"
        )
    return name, View(value)


def _pseudonyms(keyfile: Path | None, *, new: bool) -> Pseudonyms | None:
    from fourview.cohort.pseudonyms import Pseudonyms
    from fourview.io.keyfile import new_key, read_key

    if keyfile is None:
        if new:
            raise RecipeError("--new-key is for --pseudonymise KEYFILE")
        return None
    if not new:
        return Pseudonyms(read_key(keyfile))
    key = new_key(keyfile)
    print(
        f"a new key is in {keyfile}: keep it secret, and keep it; without it no other table joins "
        "those made with it",
        file=sys.stderr,
    )
    return Pseudonyms(key)


def _check(
    paths: Sequence[Path], out: Path | None, *, image_root: Path | None, jobs: int, as_json: bool
) -> None:
    if out is not None:
        raise RecipeError("--check writes nothing", hint="leave -o out")
    if len(paths) != 1:
        raise RecipeError("--check is of one table", hint="fourview index exams.csv --check")
    with stoppable():
        from fourview.cli.bars import counted_bar
        from fourview.dataset.indexing.check import check_exam_table

        with counted_bar("images") as on_progress:
            found = check_exam_table(
                paths[0],
                today=date.today(),
                image_root=image_root,
                jobs=jobs,
                on_progress=on_progress,
            )
    if as_json:
        show(json.dumps(found.to_dict(), indent=2))
    elif found.problems:
        show("\n".join(f"{problem.level}: {problem}" for problem in found.problems))
    print(
        f"{found.errors} errors, {found.warnings} warnings in {found.images} images of "
        f"{found.exams} exams",
        file=sys.stderr,
    )
    raise typer.Exit(found.exit_code)


def _rewrite(path: Path, out: Path, pseudonyms: Pseudonyms) -> None:
    from fourview.dataset.indexing.pseudonymise import pseudonymise_table

    written = pseudonymise_table(path, out, pseudonyms)
    tell_rewritten(written, out)
    raise typer.Exit(3 if written.problems else 0)


def _import(name: str, paths: Sequence[Path], out: Path, *, as_json: bool) -> None:
    if len(paths) != 1:
        raise RecipeError("--dataset is of one folder, as it was downloaded")
    with stoppable():
        from fourview.cli.bars import counted_bar
        from fourview.dataset.importers import import_dataset

        with counted_bar("images") as on_progress:
            result = import_dataset(name, paths[0], out, on_progress=on_progress)
    tell_import(result, out, as_json=as_json)
    failed = not result.images
    raise typer.Exit(1 if failed else 3 if result.refused or _errors(result.problems) else 0)


def _errors(problems: Sequence[Problem]) -> int:
    return sum(problem.level == "error" for problem in problems)
