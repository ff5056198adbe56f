"""What is kept of a training for the eye, epoch by epoch: its curves and TensorBoard's events."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from fourview.core.train_recipe import TrainRecipe
from fourview.io.event_file import EventFile, tensorboard_is_there
from fourview.io.run_folder import EVENTS, RunFolder
from fourview.training.curves import draw_run
from fourview.training.loop import Talk

DRAWN_EVERY = 60.0
"""Seconds between two drawings of the curves."""


class Watch(Talk):
    """Passes on what a training tells, draws its curves once a minute and at its end, and writes
    each epoch for TensorBoard. What fails here is told, and never stops the training.

    Args:
        writes: False in all processes but one.
        tensorboard: True where event files are wanted, and the package is there.
        note: told what could not be done, once.
    """

    def __init__(
        self,
        run: RunFolder,
        recipe: TrainRecipe,
        talk: Talk | None = None,
        *,
        writes: bool = True,
        tensorboard: bool = False,
        note: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._run, self._recipe, self._talk = run, recipe, talk or Talk()
        self._draws, self._tells = writes, writes and tensorboard
        self._note, self._clock, self._wall = note, clock, wall
        self._drawn = clock()
        self._events: EventFile | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._draws:
            self._draw()
        if self._tells:
            self._close()

    def epoch(self, number: int, steps: int) -> None:
        self._talk.epoch(number, steps)

    def step(self, loss: float) -> None:
        self._talk.step(loss)

    def done(self, entry: Mapping[str, Any]) -> None:
        self._talk.done(entry)
        if self._tells:
            self._tell(entry)
        if self._draws and self._clock() - self._drawn >= DRAWN_EVERY:
            self._draw()

    def _tell(self, entry: Mapping[str, Any]) -> None:
        self._tells = False  # until it went well
        with without_stopping("events for TensorBoard", self._note):
            if self._events is None:  # the log is whole now, this entry in it
                self._events = self._begun()
            else:
                self._events.add(entry, now=self._wall())
            self._tells = True

    def _close(self) -> None:
        """Let the event file go; a run that was over before, and has none, gets it now."""
        with without_stopping("events for TensorBoard", self._note):
            if self._events is None and not (self._run.path / EVENTS).exists():
                self._events = self._begun()
            if self._events is not None:
                self._events.close()

    def _begun(self) -> EventFile:
        return EventFile(self._run.path / EVENTS, self._run.read_log(), now=self._wall())

    def _draw(self) -> None:
        self._draws = False
        with without_stopping("the curves", self._note):
            draw_run(self._run, self._recipe)
            self._draws = True
        self._drawn = self._clock()


@contextlib.contextmanager
def without_stopping(what: str, note: Callable[[str], None]) -> Iterator[None]:
    """Go on whatever fails here, and tell it: a picture is not worth a training."""
    try:
        yield
    except Exception as error:
        note(f"{what} could not be written: {error}")


def events_wanted(asked: bool | None, note: Callable[[str], None]) -> bool:
    """Whether event files are to be written: where `tensorboard` is installed, unless refused.

    Args:
        asked: None where nothing was said; then nothing is said either.
        note: told how to get what was asked for and is not there.
    """
    there = tensorboard_is_there()
    if asked and not there:
        note("TensorBoard is not installed, and no events are written for it: "
             "pip install 'fourview[tensorboard]' gives it")  # fmt: skip
    return there and asked is not False
