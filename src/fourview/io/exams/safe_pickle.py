"""Pickles of plain values, read so that nothing in them can run."""

from __future__ import annotations

import io
import pickle
import pickletools
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fourview.core.errors import TableError
from fourview.io.names import shown

_MOST_BYTES = 256 * 2**20
_NUMBERS = {
    "b1": "?", "i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I",
    "i8": "q", "u8": "Q", "f2": "e", "f4": "f", "f8": "d",
}  # fmt: skip
"""numpy's names of number types, and the struct module's."""


def read_plain_pickle(path: Path) -> Any:
    """The value in a pickle of containers, text, numbers and booleans.

    Whatever else the pickle names is refused with TableError before it is even looked up: no
    function or class of any module can be reached from the file. Numbers of numpy become Python's.
    """
    size = path.stat().st_size
    if size > _MOST_BYTES:
        raise TableError(
            f"{path.name}: a pickle of {size} bytes; at most {_MOST_BYTES} are read",
            hint="an exam list holds names, no images",
        )
    content = path.read_bytes()
    try:
        _check_memo(content)
        return _PlainUnpickler(io.BytesIO(content), encoding="latin1").load()
    except _ForbiddenGlobal as error:
        raise TableError(
            f"{path.name}: the pickle asks for {error}, which is code; nothing of it was run",
            hint="an exam list holds only lists, dicts, text and numbers: do not trust this file",
        ) from None
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise TableError(
            f"{path.name}: not a readable pickle of plain values ({type(error).__name__})",
            hint="a Python 3 exam list was expected: a pickled list of dicts",
        ) from error


class _ForbiddenGlobal(Exception):
    """A pickle names something that is not inert."""


class _Inert:
    """A stand-in for a function of numpy: may be called by a pickle, and changed by none."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[..., Any]) -> None:
        self._make = make

    def __call__(self, *args: Any) -> Any:
        return self._make(*args)

    def __setstate__(self, state: object) -> None:
        raise pickle.UnpicklingError("a pickle may not change this")


class _NumberType:
    """What a pickled `numpy.dtype` of numbers tells: kind, size and byte order."""

    __slots__ = ("code", "order")

    def __init__(self, code: str) -> None:
        self.code = _NUMBERS[code]
        self.order = "<"

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.order = ">" if state[1] == ">" else "<"


def _number_type(code: str, *_: object) -> _NumberType:
    return _NumberType(code)


def _number(kind: _NumberType, data: bytes | str) -> int | float | bool:
    raw = data.encode("latin1") if isinstance(data, str) else data
    (value,) = struct.unpack(kind.order + kind.code, raw)
    number: int | float | bool = value
    return number


def _bytes_of_text(text: str, encoding: str) -> bytes:
    if encoding != "latin1":
        raise pickle.UnpicklingError("bytes are pickled as latin1 text")
    return text.encode("latin1")


_INERT: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy", "dtype"): _number_type,
    ("numpy.core.multiarray", "scalar"): _number,
    ("numpy._core.multiarray", "scalar"): _number,
    ("_codecs", "encode"): _bytes_of_text,  # how protocol 2 writes bytes
}


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        make = _INERT.get((module, name))
        if make is None:
            raise _ForbiddenGlobal(shown(f"{module}.{name}"[:80]))
        return _Inert(make)


def _check_memo(content: bytes) -> None:
    """Raises where the pickle claims a memo larger than itself, which would fill the memory."""
    for opcode, argument, _ in pickletools.genops(content):
        if opcode.name in ("PUT", "BINPUT", "LONG_BINPUT") and (argument or 0) > len(content):
            raise pickle.UnpicklingError("a memo larger than the file")
