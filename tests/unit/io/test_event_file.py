"""Event files for TensorBoard."""

from __future__ import annotations

from pathlib import Path

import pytest

from fourview.io.event_file import EventFile

pytest.importorskip("tensorboard", reason="tensorboard is not installed")


def walls(folder: Path) -> list[float]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder)).Reload()
    return [one.wall_time for one in events.Scalars("score")]


def test_a_pause_between_two_starts_does_not_show(tmp_path: Path) -> None:
    log = [{"epoch": n, "score": 0.5, "seconds": 10.0 * n} for n in (1, 2, 3)]
    file = EventFile(tmp_path, log, now=1000.0)
    file.add({"epoch": 4, "score": 0.5, "seconds": 7.0}, now=1007.0)
    file.close()
    assert walls(tmp_path) == [950.0, 970.0, 1000.0, 1007.0]


def test_events_are_on_disk_before_the_file_is_let_go(tmp_path: Path) -> None:
    file = EventFile(tmp_path, [{"epoch": 1, "score": 0.5}], now=1000.0)
    file.add({"epoch": 2, "score": 0.6}, now=1001.0)
    assert len(walls(tmp_path)) == 2
    file.close()


def test_files_of_others_in_the_folder_stay(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    (tmp_path / "events.out.tfevents.1.host.2.0").touch()
    EventFile(tmp_path, [], now=0.0).close()
    names = {path.name for path in tmp_path.iterdir()}
    assert "notes.txt" in names
    assert "events.out.tfevents.1.host.2.0" not in names
