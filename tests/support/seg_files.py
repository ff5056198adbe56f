"""Writes DICOM segmentations of DICOM images, as an annotation tool would."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
from highdicom.sr.coding import CodedConcept
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian

MASS = CodedConcept("4147007", "SCT", "Mass")
MALIGNANT = CodedConcept("363346000", "SCT", "Malignant neoplastic disease")
ABNORMAL = CodedConcept("49755003", "SCT", "Morphologically abnormal structure")


def write_seg(
    path: Path,
    images: Sequence[Path],
    areas: Sequence[NDArray[Any]],
    labels: Sequence[str],
    *,
    kind: str = "BINARY",
    property_type: CodedConcept = MASS,
) -> None:
    """A segmentation of images of one size, a segment a label.

    Args:
        areas: for each segment `(images, rows, columns)`: bool, or fractions for FRACTIONAL.
    """
    algorithm = hd.AlgorithmIdentificationSequence("by hand", CodedConcept("1", "99X", "x"), "1")
    descriptions = [
        hd.seg.SegmentDescription(
            segment_number=number,
            segment_label=label,
            segmented_property_category=ABNORMAL,
            segmented_property_type=property_type,
            algorithm_type=hd.seg.SegmentAlgorithmTypeValues.SEMIAUTOMATIC,
            algorithm_identification=algorithm,
        )
        for number, label in enumerate(labels, start=1)
    ]
    stacked = np.stack(areas, axis=-1)
    seg = hd.seg.Segmentation(
        source_images=[dcmread(image) for image in images],
        pixel_array=stacked if kind == "FRACTIONAL" else stacked.astype(np.uint8),
        segmentation_type=kind,
        segment_descriptions=descriptions,
        series_instance_uid="1.2.3.9",
        series_number=9,
        sop_instance_uid="1.2.3.9.1",
        instance_number=1,
        manufacturer="ACME",
        manufacturer_model_name="Pencil",
        software_versions="1",
        device_serial_number="1",
        transfer_syntax_uid=ExplicitVRLittleEndian,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    seg.save_as(path)
