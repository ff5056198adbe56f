"""Screening from beginning to end: find exams, read each, write results."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fourview.core.errors import ExamError, FourviewError, OutputError
from fourview.core.exam import Exam
from fourview.core.prediction import ExamPrediction
from fourview.inference.ensemble import LoadedEnsemble, load_ensemble
from fourview.inference.exam import Clock, ExamReading, read
from fourview.inference.heatmaps import expected_patches
from fourview.inference.memory import keep_freed_memory
from fourview.inference.predict import Hidden
from fourview.io.atomic import cannot_write, remove_folder, whole_folder
from fourview.io.exams import (
    ExamFiles,
    Found,
    ImageFile,
    Refused,
    SetAsideFile,
    find_exams,
    open_sources,
)
from fourview.screening.exam_output import reading_to_dict, write_exam
from fourview.screening.options import ScreeningOptions
from fourview.screening.read_ahead import read_ahead
from fourview.screening.summary import write_summary
from fourview.screening.talk import Talk

log = logging.getLogger(__name__)


@dataclass
class ScreeningResult:
    """What came of a screening."""

    predictions: list[ExamPrediction] = field(default_factory=list)
    exams: list[dict[str, Any]] = field(default_factory=list)
    """Each exam as predictions.json tells it."""
    refused: list[Refused] = field(default_factory=list)
    set_aside: list[SetAsideFile] = field(default_factory=list)
    files: list[tuple[str, ImageFile]] = field(default_factory=list)
    """Every image found, with its exam's name."""
    notices: tuple[str, ...] = ()
    hidden: list[Hidden] = field(default_factory=list)
    seconds: dict[str, dict[str, float]] = field(default_factory=dict)
    """By exam, by stage."""
    last_page: str = ""
    alone: bool = False
    """Whether one exam was found and nothing else: its page is the front page."""
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """0 done, 1 nothing could be read, 3 something was refused, 130 stopped."""
        if self.interrupted:
            return 130
        if not self.predictions:
            return 1
        return 3 if self.refused else 0


def screen(
    paths: Sequence[Path],
    out: Path,
    options: ScreeningOptions,
    *,
    clock: Clock,
    made: str | None = None,
    talk: Talk | None = None,
) -> ScreeningResult:
    """Read every exam in `paths`, and write predictions, heatmaps and pages into `out`.

    A bad file or exam is listed with its reason, and the others go on. Stopped by Ctrl-C, what was
    finished is written.

    Args:
        clock: gives seconds, for timing stages.
        made: when, as the pages shall say it.

    Raises:
        FourviewError: weights, recipe or output folder are wrong, or the disk is full.
    """
    talk = talk or Talk()
    for path in paths:
        _require_there(path)
    _require_writable(out)
    keep_freed_memory()
    start = clock()
    loaded = load_ensemble(options)
    setup = {"load_weights": clock() - start}
    for notice in loaded.notices:
        talk.note(notice)
    talk.device(str(loaded.device))
    result = ScreeningResult(notices=loaded.notices)
    start = clock()
    with open_sources(paths) as sources:
        found = find_exams(
            sources, exam_by=options.exam_by, views=options.views, image_root=options.image_root
        )
        setup["find_exams"] = clock() - start
        result.refused += found.refused
        result.set_aside += found.set_aside
        result.files += [(exam.name, image) for exam in found.exams for image in exam.images]
        result.alone = len(found.exams) == 1 and not found.refused and not found.set_aside
        talk.found(len(found.exams), len(found.refused), len(found.set_aside))
        try:
            _screen_all(found, out, loaded, options, result, clock=clock, made=made, talk=talk)
        except KeyboardInterrupt:
            result.interrupted = True
            done = len(result.predictions) + sum(one.is_exam for one in result.refused)
            unread = max(0, len(found.exams) + len(found.refused) - done)
            result.notices += (
                f"Stopped by Ctrl-C: {unread} exams were not read; what was finished is written.",
            )
        except OutputError:
            with suppress(OutputError):  # an exam did not find room; what is finished may
                write_summary(out, result, loaded, options, setup=setup, made=made)
            raise
    write_summary(out, result, loaded, options, setup=setup, made=made)
    return result


def _require_there(path: Path) -> None:
    try:
        path.stat()
    except FileNotFoundError as error:
        raise ExamError(f"{path}: no such file or folder", hint="check the path") from error
    except OSError as error:
        raise ExamError(f"{path}: {error.strerror or error}", hint="check the path") from error


def _require_writable(out: Path) -> None:
    """Find out before an hour's work that its results could not be written."""
    probe = out / ".fourview-writable"
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise cannot_write(out, error) from error


def _screen_all(
    found: Found,
    out: Path,
    loaded: LoadedEnsemble,
    options: ScreeningOptions,
    result: ScreeningResult,
    *,
    clock: Clock,
    made: str | None,
    talk: Talk,
) -> None:
    alone = len(found.exams) == 1
    with closing(read_ahead(found.exams, options.jobs, clock)) as exams:
        for coming in exams:
            files = coming.files
            seconds: dict[str, float] = {}
            try:
                start = clock()
                try:
                    exam, seconds["read"] = coming.exam.result()
                finally:
                    result.refused += coming.refused
                seconds["waited_for_read"] = clock() - start
                patches = _patches_to_read(exam, loaded)
                with talk.exam(files.name, patches):
                    reading = read(
                        exam,
                        loaded.ensemble,
                        seed=options.seed,
                        clock=clock,
                        batch_size=options.batch_size,
                        on_progress=talk.patches,
                    )
                    seconds |= reading.seconds
                    start = clock()
                    is_front = alone and not result.refused and not reading.left_out
                    with whole_folder(out / "exams" / files.name) as folder:
                        page = write_exam(
                            folder,
                            reading,
                            loaded,
                            seconds=seconds,
                            made=made,
                            index_link=None if is_front else "../../report.html",
                        )
                    seconds["write"] = clock() - start
            except OutputError:
                raise
            except FourviewError as error:
                _refuse(out, result, files, error)
            except MemoryError:
                problem = "its images, at this recipe's sizes, do not fit into the memory here"
                hint = "choose smaller sizes with --set, or a machine with more memory"
                _refuse(out, result, files, ExamError(problem, hint=hint))
            except Exception as error:  # the other exams go on, whatever it was
                log.exception("exam %s", files.name)
                _refuse(out, result, files, _fault(error))
            else:
                _keep(result, reading, seconds, options, page)


def _refuse(out: Path, result: ScreeningResult, files: ExamFiles, error: FourviewError) -> None:
    """List an exam as refused. A page of it from an earlier run would pass for this one's."""
    remove_folder(out / "exams" / files.name)
    reason = error.problem.removeprefix(f"exam {files.name}: ")
    result.refused.append(Refused(files.name, reason, error.hint, is_exam=True))


def _fault(error: Exception) -> ExamError:
    """An error that nobody foresaw, in one line without this machine's paths."""
    said = (error.strerror or "") if isinstance(error, OSError) else str(error)
    first_line = said.strip().partition("\n")[0]
    return ExamError(
        f"unexpected {type(error).__name__}: {first_line}",
        hint="this is a fault of fourview: please report it with the lines above",
    )


def _keep(
    result: ScreeningResult,
    reading: ExamReading,
    seconds: dict[str, float],
    options: ScreeningOptions,
    page: str,
) -> None:
    result.refused += [Refused.because(error, source) for source, error in reading.left_out]
    result.predictions.append(reading.prediction)
    result.exams.append(reading_to_dict(reading))
    result.seconds[reading.prediction.exam] = seconds
    result.last_page = page
    if options.hidden:
        result.hidden.append(reading.hidden)


def _patches_to_read(exam: Exam, loaded: LoadedEnsemble) -> int:
    """About how many patches the exam has, for the progress bar: crops are smaller than images."""
    if loaded.ensemble.patches is None:
        return 0
    recipes = {member.recipe.heatmaps for member in loaded.ensemble.members}
    return sum(
        expected_patches(image.pixels.shape, how)
        for how in recipes
        for images in exam.views
        for image in images
    )
