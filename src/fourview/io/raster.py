"""What PNG, TIFF and PGM files share: the layout of a grey image, and limits on what is read."""

from __future__ import annotations

from dataclasses import dataclass

from fourview.core.errors import ImageError

MOST_PIXELS = 200_000_000  # the largest mammography detectors have some 30 million
MOST_BYTES = 2**31
KINDS = ("PNG image", "TIFF image", "PGM image")
AS_GREY = "save it as a greyscale PNG of 8 or 16 bits, with the values as they were acquired"
COPY_ANEW = "the file may have been cut off while it was copied: copy it anew"


@dataclass(frozen=True)
class RasterLayout:
    """How the pixels of a readable PNG, TIFF or PGM lie in its file."""

    kind: str
    rows: int
    columns: int
    bits: int
    """Of a sample: 8 or 16."""
    channels: int
    """1, or 3 for RGB, which may hold a grey image."""
    inverted: bool = False
    """Low values are bright (TIFF's PhotometricInterpretation 0, WhiteIsZero)."""

    @property
    def row_bytes(self) -> int:
        return self.columns * self.channels * self.bits // 8


def require_size(rows: int, columns: int, source: str) -> None:
    """Refuse the size that a header claims, before anything is allocated for it.

    Raises:
        ImageError: no pixels, or more than `MOST_PIXELS`.
    """
    if rows < 1 or columns < 1:
        raise ImageError(f"{source}: its header says {rows} rows, {columns} columns; no image")
    if rows * columns > MOST_PIXELS:
        raise ImageError(
            f"{source}: its header says {rows} rows, {columns} columns; "
            f"at most {MOST_PIXELS // 1_000_000} million pixels are read",
            hint="the file is damaged, or no mammogram",
        )


def checked_layout(layout: RasterLayout, source: str) -> RasterLayout:
    """The same layout, if an image of its size and depth is read here."""
    rows, columns, bits = layout.rows, layout.columns, layout.bits
    require_size(rows, columns, source)
    if bits not in (8, 16):
        raise ImageError(
            f"{source}: a {layout.kind.split()[0]} of {bits} bits; 8 and 16 are read",
            hint=AS_GREY,
        )
    return layout
