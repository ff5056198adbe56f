"""What a file's header tells, read without its pixels."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from fourview.core.views import Facing, View


@dataclass(frozen=True, kw_only=True)
class ImageHeader:
    """One file, as its header describes it.

    `reason` is empty for an image of a standard screening view, or one whose view must still be
    named by a manifest, its file's name or the caller (`view` None). Else it says why the file is
    set aside. `study`, `patient`, `instance` and `study_date` are for grouping, comparing and for
    tables that are asked for: never logged.
    """

    path: Path
    kind: str
    """What the object is, in words: `Digital Mammography X-Ray Image - For Presentation`, `PNG`."""
    view: View | None = None
    reason: str = ""
    may_be_named: bool = False
    """Whether a `reason` stands only because the view is not understood: who knows may name it."""
    study: str | None = None
    """Study Instance UID (0020,000D)."""
    patient: str | None = field(default=None, repr=False)
    """Patient ID (0010,0020), or what stands for it."""
    instance: str | None = None
    """SOP Instance UID (0008,0018)."""
    study_date: date | None = field(default=None, repr=False)
    """Study Date (0008,0020)."""
    age: int | None = None
    """Whole years, as Patient's Age (0010,1010) tells; never from a birth date."""
    names_patient: bool = False
    """Whether the file's path or study UID holds the Patient ID."""
    rows: int = 0
    columns: int = 0
    facing: Facing | None = None
    pixel_spacing_mm: tuple[float, float] | None = None
    manufacturer: str = ""
    warnings: tuple[str, ...] = ()
