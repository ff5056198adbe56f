"""Writing files and folders whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from fourview.core.errors import OutputError

PARTIAL = re.compile(r"\..+\.\d+\.partial")
"""Names of files and folders that a killed run had not finished."""


def remove_partials(folder: Path) -> None:
    """Take away what killed runs had not finished in a folder that nobody else writes now."""
    try:
        found = [path for path in folder.iterdir() if PARTIAL.fullmatch(path.name)]
    except FileNotFoundError:
        return
    except OSError as error:
        raise cannot_write(folder, error) from error
    for path in found:
        if path.is_dir():
            remove_folder(path)
        else:
            remove_file(path)


def write_file(path: Path, data: bytes) -> None:
    """Write a file under its final name only when all of it is on disk.

    Raises:
        OutputError: the disk is full, or the folder cannot be written to.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def write_or_remove(path: Path, data: bytes | None) -> None:
    """Write a file; with nothing to write, take away that of an earlier run."""
    if data is None:
        remove_file(path)
    else:
        write_file(path, data)


@contextlib.contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A folder to fill, which takes the name `folder` (replacing one there) when all went well."""
    partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    try:
        remove_folder(partial)  # of a run that was killed, and had this process's number
        partial.mkdir(parents=True)
        yield partial
        remove_folder(folder)
        partial.replace(folder)
    except OSError as error:
        raise cannot_write(folder, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def remove_file(path: Path) -> None:
    """Take away a file of an earlier run, if there is one."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error


def remove_folder(folder: Path) -> None:
    """Take away a folder of an earlier run with all in it, if there is one."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise cannot_write(folder, error) from error


def cannot_write(path: Path, error: OSError) -> OutputError:
    """The error to raise where something could not be written, with its way out."""
    path = Path(*(_final_name(part) for part in path.parts))
    if error.errno == errno.ENOSPC:
        return OutputError(f"{path}: the disk is full", hint="make room, or give another folder")
    hint = "give another folder, or make this one writable"
    reason = error.strerror or str(error)
    if isinstance(error, FileExistsError | NotADirectoryError):
        reason = "a file stands where a folder should"
    return OutputError(f"{path}: cannot be written: {reason}", hint=hint)


def _final_name(part: str) -> str:
    """What a file or folder will be called when it is whole."""
    return re.sub(r"\.\d+\.partial$", "", part[1:]) if PARTIAL.fullmatch(part) else part
