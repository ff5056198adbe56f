"""JPEG, lossless and not, by GDCM, whose library tells of damage on standard error only."""

from __future__ import annotations

import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import gdcm

from fourview.io.dicom.codestream import DamagedStreamError, StreamInfo

_FEW_LEFT_OVER = 64
"""Bytes that an encoder may leave between a scan and its end; more mean that it was decoded
wrongly from some place on."""
_CHATTER = re.compile(
    r"(Bogus|Corrupt|DCT|Empty|Huffman|Improper|Invalid|Not a|Premature|Quantization|Sorry|"
    r"Unexpected|Unsupported|Warning: In|Error: In) .*"
)
"""How the library's remarks begin; some of them come with good 12-bit images, tried as 8-bit."""
_DECODING = threading.Lock()


def decode_jpeg(data: bytes, info: StreamInfo, syntax: str, warnings: list[str]) -> bytes:
    """The samples of a stream that `jpeg_info` found whole: bytes, or little-endian words above
    8 bits.

    Raises:
        DamagedStreamError: the library stopped, or said that it went on over missing bits.
    """
    with _DECODING, _heard() as remarks:
        found = _image(data, info, syntax).GetBuffer()
    said = "\n".join(remarks)
    if found is None:
        raise DamagedStreamError("the decoder stopped")
    if hurt := re.search(r"premature end|bad Huffman code", said, flags=re.IGNORECASE):
        raise DamagedStreamError(f"{hurt.group().lower()} inside the image")
    if left := re.search(r"(\d+) extraneous bytes", said):
        if int(left[1]) > _FEW_LEFT_OVER:
            raise DamagedStreamError(f"{left[1]} bytes of the image are left over after its end")
        warnings.append(f"{left[1]} bytes of its JPEG data are left over: they may be damaged")
    # GDCM's binding hands bytes over as text
    buffer: bytes = found.encode("utf-8", "surrogateescape")
    return buffer


def _image(data: bytes, info: StreamInfo, syntax: str) -> gdcm.Image:
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(data)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((info.columns, info.rows, 1))
    image.SetDataElement(element)
    kind = gdcm.PhotometricInterpretation.GetPIType("MONOCHROME2")
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(kind))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(syntax)))
    bits = info.precision
    image.SetPixelFormat(gdcm.PixelFormat(1, 8 if bits <= 8 else 16, bits, bits - 1, 0))
    return image


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What the library prints to standard error inside, caught; what others print is passed on.

    Python runs nothing beside the decoder, which keeps the interpreter's lock.
    """
    remarks: list[str] = []
    try:
        kept = os.dup(2)
    except OSError:  # a process without standard error
        yield remarks
        return
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield remarks
        finally:
            os.dup2(kept, 2)
            os.close(kept)
        file.seek(0)
        for line in file.read().decode(errors="replace").splitlines():
            if _CHATTER.fullmatch(line.strip()):
                remarks.append(line.strip())
            else:
                os.write(2, (line + "\n").encode())
