"""Small trees laid out as public data sets are: their tables' columns, synthetic images."""

from __future__ import annotations

import csv
import plistlib
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import UID

from fourview.core.views import View
from support.dicom_files import mammogram, save, scanned_film
from support.small_exams import SHAPE, small_breast, usual_facing

VIEWS = tuple(view.value for view in View)
Rows = Sequence[Mapping[str, object]]


def write_csv(path: Path, rows: Rows, *, separator: str = ",") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=separator)
        writer.writeheader()
        writer.writerows(rows)
    return path


def breast(view: str, seed: int = 0) -> NDArray[np.uint16]:
    return small_breast(seed, facing=usual_facing(View(view)))


def digital(path: Path, view: str, seed: int = 0, **tags: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = breast(view, seed)
    return save(mammogram(view, pixels, SOPInstanceUID=own_uid(path), **tags), path)


def own_uid(path: Path) -> UID:
    """Another for each file."""
    return UID(f"1.2.3.9.{zlib.crc32(str(path).encode())}")


def film(path: Path, view: str, pixels: NDArray[np.uint16]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return save(scanned_film(view, pixels, SOPInstanceUID=own_uid(path)), path)


def pgm(path: Path, pixels: NDArray[np.uint8]) -> Path:
    rows, columns = pixels.shape
    path.write_bytes(f"P5\n{columns} {rows}\n255\n".encode() + pixels.tobytes())
    return path


INFO = """
This file lists the films. 1st column: MIAS database reference number.

mdb001 G CIRC B 535 425 197
mdb002 G NORM
mdb059 F CIRC B *NOTE 3*
mdb060 F NORM
mdb143 F NORM
mdb144 F MISC B 233 994 29
mdb144 F MISC M 313 540 27
"""


def mini_mias(folder: Path, numbers: Sequence[int] = (1, 2, 59, 60, 143, 144)) -> Path:
    """Info.txt beside .pgm files of 1024 x 1024, as published."""
    folder.mkdir(parents=True)
    (folder / "Info.txt").write_text(INFO)
    for number in numbers:
        side = "R-MLO" if number % 2 else "L-MLO"
        pixels = np.zeros((1024, 1024), np.uint8)
        pixels[: SHAPE[0], : SHAPE[1]] = breast(side, number) // 16
        pgm(folder / f"mdb{number:03d}.pgm", pixels)
    return folder


def cbis_ddsm(folder: Path) -> Path:
    """Two patients; the second patient's mask stands in the cut-out's column, as happens."""
    rows: list[dict[str, object]] = []
    for patient, view, pathology, swapped in (
        ("P_00001", "L-CC", "MALIGNANT", False),
        ("P_00001", "L-MLO", "MALIGNANT", False),
        ("P_00002", "R-CC", "BENIGN_WITHOUT_CALLBACK", True),
    ):
        side, position = view.split("-")
        word = {"L": "LEFT", "R": "RIGHT"}[side]
        case = f"Mass-Training_{patient}_{word}_{position}"
        whole = breast(view, len(rows))
        film(folder / "CBIS-DDSM" / case / "1.1" / "1.2" / "000000.dcm", view, whole)
        mask = np.zeros(SHAPE, np.uint16)
        mask[60:80, 20:50] = 65535
        places = [f"{case}_1/1.3/1.4/000001.dcm", f"{case}_1/1.3/1.4/000000.dcm"]
        film(folder / "CBIS-DDSM" / places[0], view, mask)
        film(folder / "CBIS-DDSM" / places[1], view, whole[60:80, 20:50])
        mask_at, crop_at = places[::-1] if swapped else places
        rows.append(
            {
                "patient_id": patient,
                "breast_density": 3,
                "left or right breast": word,
                "image view": position,
                "abnormality id": 1,
                "abnormality type": "mass",
                "mass shape": "OVAL",
                "assessment": 4,
                "pathology": pathology,
                "subtlety": 4,
                "image file path": f"{case}/1.1/1.2/000000.dcm",
                "cropped image file path": crop_at,
                "ROI mask file path": mask_at + "\n",
            }
        )
    write_csv(folder / "mass_case_description_train_set.csv", rows)
    return folder


OUTLINE = ("(20, 30)", "(60, 30)", "(60, 90)", "(20, 90)")


def inbreast(folder: Path) -> Path:
    """One patient with four views; outlines in one of them."""
    rows = []
    for number, view in enumerate(VIEWS):
        side, position = view.split("-")
        name = 20586908 + number
        position_in_name = "ML" if position == "MLO" else position
        at = f"{name}_6c613a14b80a8591_MG_{side}_{position_in_name}_ANON.dcm"
        digital(folder / "AllDICOMs" / at, view, number)
        rows.append(
            {
                "Patient ID": "removed",
                "Patient age": "removed",
                "Laterality": side,
                "View": position,
                "Acquisition date": "201001",
                "File Name": name,
                "ACR": "3 ",
                "Bi-Rads": "4a" if side == "L" else "1",
            }
        )
    write_csv(folder / "INbreast.csv", rows, separator=";")
    regions = [
        {"Name": "Mass", "NumberOfPoints": 4, "Point_px": list(OUTLINE)},
        {"Name": "Calcification", "NumberOfPoints": 1, "Point_px": ["(70.5, 100.5)"]},
    ]
    (folder / "AllXML").mkdir()
    with (folder / "AllXML" / "20586908.xml").open("wb") as file:
        plistlib.dump({"Images": [{"NumberOfROIs": 2, "ROIs": regions}]}, file)
    return folder


def vindr_mammo(folder: Path) -> Path:
    """One exam of four views; a box in one of them."""
    images, findings, about = [], [], []
    for number, view in enumerate(VIEWS):
        side, position = view.split("-")
        digital(folder / "images" / "study1" / f"image{number}.dicom", view, number)
        image = {
            "study_id": "study1",
            "series_id": "series1",
            "image_id": f"image{number}",
            "laterality": side,
            "view_position": position,
            "height": SHAPE[0],
            "width": SHAPE[1],
            "breast_birads": "BI-RADS 5" if side == "L" else "BI-RADS 1",
            "breast_density": "DENSITY C",
        }
        images.append({**image, "split": "training"})
        box = ("20.5", "30", "60", "90.25") if view == "L-CC" else ("",) * 4
        findings.append(
            {
                **image,
                "finding_categories": "['Mass', 'Skin Retraction']" if box[0] else "['No Finding']",
                "finding_birads": "BI-RADS 5" if box[0] else "",
                **dict(zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)),
                "split": "training",
            }
        )
        about.append(
            {
                "SOP Instance UID": f"image{number}",
                "Patient's Age": "053Y",
                "Manufacturer": "SIEMENS",
            }
        )
    write_csv(folder / "breast-level_annotations.csv", images)
    write_csv(folder / "finding_annotations.csv", findings)
    write_csv(folder / "metadata.csv", about)
    return folder


def cmmd(folder: Path) -> Path:
    """A patient with both breasts, of which one is in the table; and one with one breast."""
    for number, view in enumerate(VIEWS):
        digital(folder / "CMMD" / "D1-0001" / "1.3" / "1.4" / f"1-{number + 1}.dcm", view, number)
    for number, view in enumerate(("R-CC", "R-MLO")):
        digital(folder / "CMMD" / "D2-0002" / "1.3" / "1.4" / f"1-{number + 1}.dcm", view, number)
    rows = [
        {"ID1": "D1-0001", "LeftRight": "L", "Age": 44, "classification": "Malignant"},
        {"ID1": "D2-0002", "LeftRight": "R", "Age": 63, "classification": "Benign"},
    ]
    more = {"number": 2, "abnormality": "calcification", "subtype": ""}
    write_csv(folder / "CMMD_clinicaldata_revision.csv", [row | more for row in rows])
    return folder


def rsna(folder: Path) -> Path:
    """Two patients: cancer on the left; a benign biopsy on the right, and an odd view."""
    rows = []
    for patient, cancer, biopsy in ((10006, "L", "L"), (10011, "", "R")):
        for number, view in enumerate((*VIEWS, "R-AT") if biopsy == "R" else VIEWS):
            side, position = view.split("-")
            image = 1000 * (patient % 100) + number
            at = folder / "train_images" / str(patient) / f"{image}.dcm"
            digital(at, view if position != "AT" else "R-MLO", number)
            rows.append(
                {
                    "site_id": 2,
                    "patient_id": patient,
                    "image_id": image,
                    "laterality": side,
                    "view": position,
                    "age": 61.0,
                    "cancer": int(side == cancer),
                    "biopsy": int(side == biopsy),
                    "invasive": 0,
                    "BIRADS": "0.0" if side == biopsy else "",
                    "implant": 0,
                    "density": "B",
                    "machine_id": 29,
                    "difficult_negative_case": False,
                }
            )
    write_csv(folder / "train.csv", rows)
    return folder


def embed(folder: Path) -> Path:
    """An exam with a cancer biopsied within 120 days, a C-view beside its 2D images, and a box."""
    columns = ("side", "asses", "bside", "path_severity", "procdate_anon")
    clinical = (
        ("L", "A", "L", 0.0, "2013-06-01"),
        ("R", "N", "", "", ""),
        ("L", "A", "L", 6.0, "2015-06-01"),
    )
    exam = {
        "empi_anon": 12345678,
        "acc_anon": 1700088308490680.0,
        "study_date_anon": "2013-05-06",
        "desc": "MG Screening Bilateral w/CAD",
        "tissueden": 2.0,
        "age_at_study": 58.4,
    }
    findings = [
        {"": n, **exam, **dict(zip(columns, cells, strict=True))}
        for n, cells in enumerate(clinical)
    ]
    write_csv(folder / "tables" / "EMBED_OpenData_clinical.csv", findings)
    rows = []
    for number, view in enumerate((*VIEWS, "L-CC")):
        side, position = view.split("-")
        at = f"cohort_1/12345678/1.2.840/{number}.dcm"
        digital(folder / "images" / at, view, number)
        rows.append(
            {
                "empi_anon": 12345678,
                "acc_anon": "1700088308490680",
                "study_date_anon": "2013-05-06 00:00:00",
                "anon_dicom_path": f"/mnt/NAS2/mammo/anon_dicom/{at}",
                "FinalImageType": "cview" if number == 4 else "2D",
                "ImageLateralityFinal": side,
                "ViewPosition": position,
                "spot_mag": 0.0,
                "num_roi": int(number == 0),
                "ROI_coords": "((30, 20, 90, 60),)" if number == 0 else "()",
                "Manufacturer": "HOLOGIC, Inc.",
            }
        )
    write_csv(folder / "tables" / "EMBED_OpenData_metadata.csv", rows)
    return folder


TREES = {
    "mini-mias": mini_mias,
    "cbis-ddsm": cbis_ddsm,
    "inbreast": inbreast,
    "vindr-mammo": vindr_mammo,
    "cmmd": cmmd,
    "rsna-2022": rsna,
    "embed": embed,
}
