"""The files below a folder that may be images, in an order that is the same everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fourview.io.exams.files import NOT_AN_IMAGE, Candidate, Gathered, Refused, SetAsideFile
from fourview.io.names import natural_key, shown, source_name

_LEFT_ALONE = {"__macosx", "thumbs.db", "desktop.ini", "dicomdir"}
_NO_IMAGE = {
    ".csv", ".tsv", ".xlsx", ".parquet", ".json", ".jsonl", ".txt", ".md", ".rst", ".pdf", ".html",
    ".xml", ".yaml", ".yml", ".toml", ".log", ".ini", ".py", ".sh", ".ipynb", ".js", ".css",
    ".hdf5", ".h5", ".npy", ".npz", ".pkl", ".pickle", ".p", ".pt", ".pth", ".safetensors",
    ".zip", ".tar", ".gz", ".7z", ".rar", ".exe", ".dll", ".db",
}  # fmt: skip
_DRAWN = {"mask", "masks"}
"""Folders of what is drawn of the mammograms beside them, as in a synthetic population."""
_OTHER_PICTURE = {".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".jp2", ".svg"}


def files_below(folder: Path) -> Gathered:
    """Every file below a folder that may be an image; the others set aside.

    Hidden files, DICOMDIR and what systems leave behind are passed over. Links are followed, and
    each real folder is visited once, so a loop of links ends.
    """
    gathered = Gathered()
    seen: set[tuple[int, int]] = set()
    for path in _walk(folder, folder, seen, gathered):
        source, extension = source_name(path, folder), path.suffix.lower()
        if extension in _NO_IMAGE:
            reason = NOT_AN_IMAGE
            if extension == ".zip":
                reason = "an archive inside a folder is not opened; give it by its name"
            gathered.set_aside.append(SetAsideFile(source, f"{extension[1:]} file", reason))
        elif extension in _OTHER_PICTURE:
            kind = f"{extension[1:]} picture"
            reason = "no mammogram is read from such files; PNG, TIFF and DICOM are"
            gathered.set_aside.append(SetAsideFile(source, kind, reason, file=path))
        elif path.parent != folder and path.parent.name.casefold() in _DRAWN:
            kind = f"{extension[1:]} picture" if extension else "other file"
            reason = f"in a folder called {shown(path.parent.name)}: drawn of a mammogram"
            gathered.set_aside.append(SetAsideFile(source, kind, reason))
        else:
            gathered.candidates.append(Candidate(path=path, source=source))
    return gathered


def _walk(
    folder: Path, root: Path, seen: set[tuple[int, int]], gathered: Gathered
) -> Iterator[Path]:
    waiting = [folder]
    while waiting:
        folder = waiting.pop()
        try:
            if not _is_new(folder, seen):
                continue
            inside = sorted((entry.name for entry in folder.iterdir()), key=natural_key)
        except OSError as error:
            _refuse(folder, root, error, gathered)
            continue
        folders = []
        for name in inside:
            if name.startswith(".") or name.casefold() in _LEFT_ALONE:
                continue
            path = folder / name
            try:
                if path.is_dir():
                    folders.append(path)
                elif path.is_file():
                    yield path
                elif path.is_symlink():
                    raise OSError("a link that leads nowhere")
            except OSError as error:
                _refuse(path, root, error, gathered)
        waiting += reversed(folders)


def _is_new(folder: Path, seen: set[tuple[int, int]]) -> bool:
    status = folder.stat()
    key = (status.st_dev, status.st_ino)
    if key in seen and status.st_ino:
        return False
    seen.add(key)
    return True


def _refuse(path: Path, root: Path, error: OSError, gathered: Gathered) -> None:
    name = source_name(path, root) if path != root else shown(root.name)
    gathered.refused.append(Refused(name, f"cannot be read: {error.strerror or error}"))
