"""Downloads that are either whole and verified, or not there at all."""

from __future__ import annotations

import hashlib
import http.client
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO

from fourview import __version__
from fourview.core.errors import WeightsError

Progress = Callable[[int, int | None], None]
"""Called with the bytes that have arrived, and the bytes to come in all (None: not told)."""

CHUNK = 1 << 18
MAX_BYTES = 1 << 30  # no file fetched here is near this: a body without end must not fill a disk


def download(
    url: str,
    path: Path,
    *,
    sha1_blob: str = "",
    sha256_start: str = "",
    on_progress: Progress | None = None,
    timeout_s: float = 60.0,
) -> None:
    """Write what `url` serves to `path`, once it is whole and is the file that was meant.

    It grows under a temporary name beside `path` and is renamed at the very end. However this
    stops (Ctrl-C too), the temporary file goes, and `path` is as it was before.

    Args:
        sha1_blob: the content's git blob id, as `git hash-object` prints it.
        sha256_start: instead, what the content's SHA-256 begins with.
        timeout_s: how long the server may stay silent.
    """
    partial = _partial(path)
    try:
        with partial.open("wb") as file:
            _receive(url, file, on_progress, timeout_s)
        if sha256_start:
            kind, found, expected = "SHA-256", _sha256(partial), sha256_start
        else:
            kind, found, expected = "git blob id", git_blob_id(partial), sha1_blob
        if not found.startswith(expected) or not expected:
            raise WeightsError(
                f"{url}: not the file that was meant: {partial.stat().st_size} bytes with {kind} "
                f"{found}, expected {expected}",
                hint="nothing was kept; a proxy's login or error page is a common cause",
            )
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def git_blob_id(path: Path) -> str:
    """The id that git gives the file's content: SHA-1 over `blob <size>`, a NUL and the bytes."""
    digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _partial(path: Path) -> Path:
    """An empty file beside `path`, under a name of its own."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise WeightsError(
            f"{path.parent}: cannot be written to: {error.strerror}", hint="name another folder"
        ) from error
    os.close(handle)
    return Path(name)


def _receive(url: str, file: IO[bytes], on_progress: Progress | None, timeout_s: float) -> None:
    """Copy the whole body to `file`, or raise."""
    arrived = 0
    try:
        request = urllib.request.Request(url, headers={"User-Agent": f"fourview/{__version__}"})
        with urllib.request.urlopen(request, timeout=timeout_s) as response:
            told = response.headers.get("Content-Length", "")
            total = int(told) if told.isdecimal() else None
            while chunk := response.read(CHUNK):
                arrived += len(chunk)
                if arrived > MAX_BYTES:
                    raise _failed(url, f"it sends more than {MAX_BYTES} bytes")
                file.write(chunk)
                if on_progress:
                    on_progress(arrived, total)
            file.flush()  # a full disk shows here, not when the file is closed
    except urllib.error.HTTPError as error:
        error.close()  # an HTTPError is an open response
        raise _failed(url, f"the server answered {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise _failed(url, f"no connection: {error.reason}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise _failed(url, f"broken off after {arrived} bytes: {reason}") from error
    if total is not None and arrived != total:
        raise _failed(url, f"broken off after {arrived} of {total} bytes")


def _failed(url: str, reason: str) -> WeightsError:
    return WeightsError(
        f"{url}: cannot be downloaded: {reason}",
        hint="nothing was kept; try again, or bring the file by other means and use: "
        "fourview weights import FILE -o OUT.safetensors",
    )
