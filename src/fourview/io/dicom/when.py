"""When a study was made, and how old the patient was."""

from __future__ import annotations

import re
from datetime import date, datetime

from pydicom.dataset import Dataset

from fourview.io.dicom import values as read

_EARLIEST = 1900
_OLDEST = 130
_A_YEAR = {"Y": 1, "M": 12, "W": 52, "D": 365}


def study_date(dataset: Dataset, warnings: list[str]) -> date | None:
    """Study Date (0008,0020); None, with a warning, where it is no date since 1900.

    The warning does not quote it: what stands in a wrong element may be anything.
    """
    said = read.text(dataset, "StudyDate")
    if not said:
        return None
    form = "%Y.%m.%d" if "." in said else "%Y%m%d"  # dots: before DICOM 3.0, PS3.5 6.2
    try:
        if len(said) not in (8, 10):
            raise ValueError
        found = datetime.strptime(said, form).date()
        if found.year >= _EARLIEST:
            return found
    except ValueError:
        pass
    warnings.append("Study Date (0008,0020) is no date since 1900: it is left")
    return None


def years_of_age(dataset: Dataset, warnings: list[str]) -> int | None:
    """Patient's Age (0010,1010) in whole years; None, with a warning, where it is no age."""
    said = read.word(dataset, "PatientAge")
    if not said:
        return None
    parts = re.fullmatch(r"([0-9]{1,3})([DWMY])", said)
    if parts and 0 < (years := int(parts[1]) // _A_YEAR[parts[2]]) <= _OLDEST:
        return years
    # 000Y is what de-identification leaves
    warnings.append("Patient's Age (0010,1010) is no age of a grown-up, as 057Y is: it is left")
    return None
