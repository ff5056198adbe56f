from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from fourview.core.grayscale import Grayscale, VoiTable, VoiWindow
from fourview.io.dicom.grayscale import grayscale_told
from support.dicom_files import put


def told(*, signed: bool = False, bits: int = 12, **tags: Any) -> tuple[Grayscale, list[str]]:
    dataset, warnings = Dataset(), list[str]()
    put(dataset, {"PhotometricInterpretation": "MONOCHROME2"} | tags)
    found = grayscale_told(dataset, bits=bits, signed=signed, little_endian=True, warnings=warnings)
    return found, warnings


def lut(descriptor: list[int], data: Any, vr: str = "US", explanation: str = "") -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if descriptor[1] < 0 else "US", descriptor)
    item.add_new("LUTData", vr, data)
    item.LUTExplanation = explanation
    return item


@pytest.mark.parametrize(
    ("photometric", "shape", "inverted", "n_warnings"),
    [
        ("MONOCHROME2", "IDENTITY", False, 0),
        ("MONOCHROME2", None, False, 0),
        ("MONOCHROME1", "INVERSE", True, 0),  # the pair that belongs together: not inverted twice
        ("MONOCHROME1", None, True, 0),
        ("MONOCHROME1", "IDENTITY", True, 1),
        ("MONOCHROME2", "INVERSE", True, 1),
    ],
)
def test_low_values_are_bright_in_monochrome1_or_an_inverse_shape(
    photometric: str, shape: str | None, inverted: bool, n_warnings: int
) -> None:
    """PS3.3, C.8.11.3."""
    found, warnings = told(PhotometricInterpretation=photometric, PresentationLUTShape=shape)
    assert (found.inverted, len(warnings)) == (inverted, n_warnings)


@pytest.mark.parametrize(
    ("value", "limit", "signed", "padding"),
    [
        (None, None, False, None),
        (0, None, False, (0, 0)),
        (0, 30, False, (0, 30)),
        (30, 0, False, (0, 30)),
        (0xF830, None, True, (-2000, -2000)),
        (0xF830, 0, True, (-2000, 0)),
        (4095, None, False, (4095, 4095)),
    ],
)
def test_padding_is_a_range_in_the_pixels_signedness(
    value: int | None, limit: int | None, signed: bool, padding: tuple[int, int] | None
) -> None:
    dataset = Dataset()
    for tag, one in ((0x00280120, value), (0x00280121, limit)):
        if one is not None:
            dataset.add_new(tag, "US", one)
    found = grayscale_told(dataset, bits=12, signed=signed, little_endian=True, warnings=[])
    assert found.padding == padding


def test_padding_written_as_signed_is_the_same() -> None:
    dataset = Dataset()
    dataset.add_new(0x00280120, "SS", -2000)
    found = grayscale_told(dataset, bits=12, signed=True, little_endian=True, warnings=[])
    assert found.padding == (-2000, -2000)


def test_windows_come_in_their_order_with_one_function() -> None:
    found, warnings = told(
        WindowCenter=[2653, 2713],
        WindowWidth=[900, 750],
        WindowCenterWidthExplanation=["NORMAL", "HARDER"],
        VOILUTFunction="SIGMOID",
    )
    assert warnings == []
    assert found.voi == (
        VoiWindow(2653, 900, "SIGMOID", "NORMAL"),
        VoiWindow(2713, 750, "SIGMOID", "HARDER"),
    )


@pytest.mark.parametrize(
    ("tags", "n_windows", "n_warnings"),
    [
        ({"WindowCenter": 100, "WindowWidth": 0}, 0, 1),
        ({"WindowCenter": 100, "WindowWidth": "0.5"}, 0, 1),
        ({"WindowCenter": 100, "WindowWidth": "0.5", "VOILUTFunction": "LINEAR_EXACT"}, 1, 0),
        ({"WindowCenter": [100, 200], "WindowWidth": 50}, 1, 1),
        ({"WindowCenter": 100, "WindowWidth": 50, "VOILUTFunction": "CUBIC"}, 0, 1),
        ({"WindowCenter": 100}, 0, 1),
        ({}, 0, 0),
    ],
)
def test_a_window_that_is_none_is_left_with_a_warning(
    tags: dict[str, Any], n_windows: int, n_warnings: int
) -> None:
    found, warnings = told(**tags)
    assert (len(found.voi), len(warnings)) == (n_windows, n_warnings)


@pytest.mark.parametrize(
    ("item", "signed", "first", "entries", "bits"),
    [
        (lut([4, 100, 12], [0, 10, 20, 4095]), False, 100, [0, 10, 20, 4095], 12),
        (lut([4, 0xFFF6, 12], [0, 1, 2, 3]), True, -10, [0, 1, 2, 3], 12),
        (lut([4, -10, 12], [0, 1, 2, 3]), True, -10, [0, 1, 2, 3], 12),
        (lut([4, 40000, 12], [0, 1, 2, 3]), False, 40000, [0, 1, 2, 3], 12),
        (lut([4, 0, 16], b"\0\0\1\0\2\0\xff\xff", "OW"), False, 0, [0, 1, 2, 65535], 16),
        (lut([4, 0, 8], b"\0\1\2\xff", "OW"), False, 0, [0, 1, 2, 255], 8),
        (lut([3, 0, 8], b"\0\1\2\0", "OW"), False, 0, [0, 1, 2], 8),
        (lut([4, 0, 8], [0, 1, 2, 255]), False, 0, [0, 1, 2, 255], 8),
    ],
)
def test_a_voi_lut_is_read_however_it_is_written(
    item: Dataset, signed: bool, first: int, entries: list[int], bits: int
) -> None:
    """PS3.3, C.11.2.1.1 and C.11.1.1."""
    found, warnings = told(VOILUTSequence=[item], signed=signed)
    assert warnings == []
    (table,) = found.voi
    assert isinstance(table, VoiTable)
    assert (table.first_value, table.bits, table.entries.tolist()) == (first, bits, entries)
    assert table.entries.dtype == np.uint16


def test_a_voi_lut_of_no_stated_length_has_65536_entries() -> None:
    data = np.arange(65536, dtype="<u2").tobytes()
    (table,) = told(VOILUTSequence=[lut([0, 0, 16], data, "OW")])[0].voi
    assert isinstance(table, VoiTable)
    assert len(table.entries) == 65536


def test_voi_luts_come_before_windows() -> None:
    found, _ = told(
        VOILUTSequence=[lut([2, 0, 12], [0, 1], explanation="NORMAL")],
        WindowCenter=1,
        WindowWidth=2,
    )
    assert [type(one) for one in found.voi] == [VoiTable, VoiWindow]
    assert found.voi[0].explanation == "NORMAL"


@pytest.mark.parametrize(
    ("item", "n_tables"),
    [
        (lut([5, 0, 12], [0, 1, 2, 3]), 0),
        (lut([4, 0, 0], [0, 1, 2, 3]), 0),
        (lut([4, 0, 12], [0, 1, 2, 4096]), 1),
        (Dataset(), 0),
    ],
)
def test_a_wrong_voi_lut_is_a_warning(item: Dataset, n_tables: int) -> None:
    found, warnings = told(VOILUTSequence=[item])
    assert (len(found.voi), len(warnings)) == (n_tables, 1)


@pytest.mark.parametrize(
    ("tags", "slope", "intercept", "n_warnings"),
    [
        ({}, 1, 0, 0),
        ({"RescaleSlope": "2.5", "RescaleIntercept": "-10"}, 2.5, -10, 0),
        ({"RescaleSlope": "0", "RescaleIntercept": "5"}, 1, 5, 1),
        ({"RescaleSlope": "", "RescaleIntercept": ""}, 1, 0, 0),
    ],
)
def test_rescaling_is_one_and_nothing_unless_told(
    tags: dict[str, Any], slope: float, intercept: float, n_warnings: int
) -> None:
    found, warnings = told(**tags)
    assert (found.slope, found.intercept, len(warnings)) == (slope, intercept, n_warnings)
