"""A secret key in a file of its own."""

from __future__ import annotations

import binascii
import os
import secrets
from pathlib import Path

from fourview.core.errors import RecipeError
from fourview.io.atomic import cannot_write

_KEY_BYTES = 32
_LEAST_BYTES = 16
_MOST_BYTES = 4096


def read_key(path: Path) -> bytes:
    """The key that a file holds as hexadecimal digits.

    Raises:
        RecipeError: there is no such file, or what it holds is no key, or too short a one.
    """
    try:
        text = path.read_bytes()[:_MOST_BYTES]
    except FileNotFoundError:
        raise RecipeError(
            f"{path}: no such key file",
            hint="--new-key makes one; keep it: without it no other table joins this one",
        ) from None
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read: {error.strerror or error}") from error
    try:
        key = binascii.unhexlify(text.strip())
    except ValueError:
        raise RecipeError(
            f"{path}: holds no key; expected {2 * _KEY_BYTES} hexadecimal digits",
            hint="give the key file, or make a new one with --new-key",
        ) from None
    if len(key) < _LEAST_BYTES:
        raise RecipeError(
            f"{path}: the key has {len(key)} bytes; at least {_LEAST_BYTES} are needed",
            hint="a short key can be guessed: make a new one with --new-key",
        )
    return key


def new_key(path: Path) -> bytes:
    """A new key, written to a file that only its owner can read.

    Raises:
        RecipeError: the file is there already.
        OutputError: it cannot be written.
    """
    key = secrets.token_bytes(_KEY_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key.hex().encode() + b"\n")
    except FileExistsError:
        raise RecipeError(
            f"{path}: is there already, and a key is never replaced",
            hint="leave --new-key out to use it",
        ) from None
    except OSError as error:
        raise cannot_write(path, error) from error
    return key
