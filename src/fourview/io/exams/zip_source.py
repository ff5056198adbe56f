"""Zip archives of images, unpacked safely for as long as they are read."""

from __future__ import annotations

import contextlib
import lzma
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fourview.core.errors import ExamError
from fourview.io.exams.files import Refused
from fourview.io.names import shown

_PIECE = 1 << 20
_LEAVES = {"__macosx"}
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,  # encryption, and its subclass for a compression that Python does not know
    ValueError,
)


@dataclass(frozen=True)
class ZipLimits:
    """What an archive may unpack to, counted while it is unpacked."""

    members: int = 100_000
    total_bytes: int = 20 * 2**30
    ratio: int = 200
    """Unpacked to packed, for a member of more than `ratio_from_bytes`."""
    ratio_from_bytes: int = 50 * 2**20


@dataclass(frozen=True)
class Sources:
    """Paths to look for exams in; archives stand there as the folders they were unpacked to."""

    paths: tuple[Path, ...]
    refused: tuple[Refused, ...] = ()
    """Archives, and damaged files inside them."""


@contextlib.contextmanager
def open_sources(paths: Sequence[Path], *, limits: ZipLimits | None = None) -> Iterator[Sources]:
    """The same paths, each zip archive among them unpacked to a folder of its name.

    The folders are temporary, and gone when the context ends. An archive that could write
    elsewhere, is encrypted, damaged or a bomb is refused as a whole; a damaged file inside a sound
    archive is refused alone.
    """
    with contextlib.ExitStack() as stack:
        opened: list[Path] = []
        refused: list[Refused] = []
        for path in paths:
            if not is_zip(path):
                opened.append(path)
                continue
            top = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fourview-")))
            folder = top / (path.stem.strip(".") or "archive")  # ...zip would be a way out of `top`
            try:
                folder.mkdir()
                refused += _unpack(path, folder, limits or ZipLimits())
                opened.append(folder)
            except ExamError as error:
                refused.append(Refused(shown(path.name), error.problem, error.hint))
                shutil.rmtree(folder, ignore_errors=True)
        yield Sources(tuple(opened), tuple(refused))


def is_zip(path: Path) -> bool:
    """Whether a path names a zip archive (by its extension)."""
    return path.suffix.lower() == ".zip" and not path.is_dir()


def _unpack(archive: Path, folder: Path, limits: ZipLimits) -> list[Refused]:
    """Unpacks the archive into the folder; returns the files inside that are damaged."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = _checked(opened.infolist(), limits)
            return _unpack_members(opened, members, folder, limits)
    except FileNotFoundError as error:
        raise ExamError("no such file") from error
    except _DAMAGE as error:
        raise ExamError("not a readable zip archive", hint="copy it anew, or unpack it") from error
    except OSError as error:
        raise ExamError(f"cannot be unpacked: {error.strerror or error}") from error


def _checked(
    members: Sequence[zipfile.ZipInfo], limits: ZipLimits
) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """The files of an archive with their way inside it; raises where one is dangerous."""
    if len(members) > limits.members:
        raise ExamError(f"holds {len(members)} files; at most {limits.members} are unpacked")
    found = []
    seen: set[PurePosixPath] = set()
    for member in members:
        name = member.filename.replace("\\", "/")
        inside = PurePosixPath(name)
        what = ""
        if inside.is_absolute() or ".." in inside.parts or re.match(r"[A-Za-z]:", name):
            what = "would be written outside its folder"
        elif stat.S_ISLNK(member.external_attr >> 16):
            what = "is a link"
        elif member.flag_bits & 1:
            what = "is encrypted"
        elif inside in seen:
            what = "is there twice"
        if what:
            hint = "unpack it, and give the folder" if "encrypted" in what else "do not trust it"
            raise ExamError(f"holds {shown(name)[:100]!r}, which {what}", hint=hint)
        seen.add(inside)
        hidden = any(p.startswith(".") or p.casefold() in _LEAVES for p in inside.parts)
        if not (member.is_dir() or name.endswith("/") or hidden):
            found.append((member, inside))
    return found


def _unpack_members(
    opened: zipfile.ZipFile,
    members: Sequence[tuple[zipfile.ZipInfo, PurePosixPath]],
    folder: Path,
    limits: ZipLimits,
) -> list[Refused]:
    refused = []
    total = 0
    for member, inside in members:
        target = folder / inside
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with opened.open(member) as packed, target.open("xb") as file:
                written = 0
                while piece := packed.read(_PIECE):
                    written += len(piece)
                    _check_size(member, inside, written, total + written, limits)
                    file.write(piece)
            total += written
        except _DAMAGE:
            refused.append(
                Refused(shown(str(inside)), "damaged inside its archive", "copy the archive anew")
            )
            target.unlink(missing_ok=True)
    return refused


def _check_size(
    member: zipfile.ZipInfo, inside: PurePosixPath, written: int, total: int, limits: ZipLimits
) -> None:
    if total > limits.total_bytes:
        raise ExamError(
            f"unpacks to more than {limits.total_bytes} bytes",
            hint="unpack it where there is room, and give the folder",
        )
    packed = max(1, member.compress_size)
    if written > limits.ratio_from_bytes and written > limits.ratio * packed:
        raise ExamError(
            f"holds {shown(str(inside))[:100]!r}, which unpacks from {packed} bytes to more than "
            f"{written}: an archive bomb",
            hint="do not trust it",
        )
