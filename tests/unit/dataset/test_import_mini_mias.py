"""mini-MIAS: the real files where they are, and small trees in both layouts."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fourview.core.errors import TableError
from fourview.core.records import Pathology
from fourview.core.views import Label, View
from fourview.dataset.importers import import_dataset
from fourview.io.exam_table import read_exam_table
from fourview.io.label_table import read_label_table
from fourview.io.masks import read_mask
from support.public_sets import mini_mias, write_csv

VALUES = {"M": 1, "B": 2}


@pytest.fixture(scope="module")
def real(shared_data: Path) -> Path:
    folder = shared_data / "data" / "mini_mias"
    if not folder.is_dir():
        pytest.skip(f"no mini-MIAS at {folder}")
    return folder


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def disc(row: float, column: float, radius: float) -> NDArray[np.bool_]:
    rows, columns = np.ogrid[:1024, :1024]
    inside: NDArray[np.bool_] = (rows - row) ** 2 + (columns - column) ** 2 <= radius**2
    return inside


def assert_masks_show(lesions: list[dict[str, str]], out: Path) -> int:
    """Each image's mask is the union of its lesions' circles, and nothing else is marked."""
    masks = {row["finding"].split("-")[0]: row["mask"] for row in table(out / "findings.csv")}
    of_image: dict[str, list[dict[str, str]]] = {}
    for lesion in lesions:
        of_image.setdefault(Path(lesion["image"]).stem, []).append(lesion)
    shown = 0
    for image, here in of_image.items():
        placed = [one for one in here if one["x"]]
        assert bool(masks[image]) == bool(placed), image
        if not placed:
            continue
        expected = np.zeros((1024, 1024), np.uint8)
        for one in sorted(placed, key=lambda one: one["severity"]):  # malignant on top
            where = float(one["y_top_left"]), float(one["x"]), float(one["radius"])
            expected[disc(*where)] = VALUES[one["severity"]]
            shown += 1
        np.testing.assert_array_equal(read_mask(out / masks[image]), expected, err_msg=image)
    assert len(set(masks.values()) - {""}) == sum(any(o["x"] for o in h) for h in of_image.values())
    return shown


def test_all_real_images_and_lesions_are_imported(real: Path, tmp_path: Path) -> None:
    result = import_dataset("mini-mias", real, tmp_path)
    assert (result.images, result.exams, result.labelled) == (240, 120, 120)
    assert (result.refused, result.findings, result.masks) == (0, 91, 85)
    assert [(one.level, "mdb216-1" in one.place) for one in result.problems] == [("warning", True)]
    images = read_exam_table(tmp_path / "exams.csv")
    assert not images.problems
    assert all(images.image_path(one).is_file() for one in images.images)
    manifest = {Path(row["image"]).stem: row for row in table(real / "manifest.csv")}
    for image in images.images:
        row = manifest[Path(image.path).stem]
        assert (image.patient, image.view) == (row["patient"], View(f"{row['laterality']}-MLO"))
        assert (image.rows, image.columns) == (1024, 1024)
    labels = read_label_table(tmp_path / "labels.csv")
    for row in manifest.values():
        side = "left" if row["laterality"] == "L" else "right"
        values = labels[row["patient"]].values
        assert values[Label(f"{side}_malignant")] == (row["malignant"] == "1"), row
        assert values[Label(f"{side}_benign")] == (row["benign"] == "1"), row
    lesions = table(real / "lesions.csv")
    assert assert_masks_show(lesions, tmp_path) == 90


def test_the_check_of_masks_fails_where_a_circle_is_a_pixel_off(real: Path, tmp_path: Path) -> None:
    import_dataset("mini-mias", real, tmp_path)
    lesions = table(real / "lesions.csv")
    lesions[0]["x"] = str(int(lesions[0]["x"]) + 1)
    with pytest.raises(AssertionError, match="mdb001"):
        assert_masks_show(lesions, tmp_path)


@pytest.mark.parametrize("with_manifest", [True, False])
def test_other_patients_under_other_numbers_are_imported_alike(
    real: Path, tmp_path: Path, with_manifest: bool
) -> None:
    """Twelve images, their numbers 600 higher, as images that were held out would come."""
    folder = tmp_path / "set"
    (folder / "images").mkdir(parents=True)
    names = {f"mdb{n:03d}.png": f"mdb{n + 600}.png" for n in (*range(1, 7), *range(141, 145), 249)}
    for old, new in names.items():
        if (real / "images" / old).is_file():
            shutil.copy(real / "images" / old, folder / "images" / new)
    names = {old: new for old, new in names.items() if (folder / "images" / new).is_file()}
    for name in ("lesions.csv", "manifest.csv") if with_manifest else ("lesions.csv",):
        rows = [row for row in table(real / name) if row["image"] in names]
        write_csv(folder / name, [row | {"image": names[row["image"]]} for row in rows])
    result = import_dataset("mini-mias", folder, tmp_path / "out")
    assert (result.images, result.problems) == (len(names), ())
    lesions = table(folder / "lesions.csv")
    assert assert_masks_show(lesions, tmp_path / "out") == len(lesions) > 5
    positive = [
        one for one in read_label_table(tmp_path / "out" / "labels.csv").values() if one.biopsied
    ]
    exams = {row["exam"] for row in table(tmp_path / "out" / "findings.csv")}
    assert {one.exam for one in positive} == exams


def test_paths_are_written_without_detours(tmp_path: Path) -> None:
    mini_mias(tmp_path / "set")
    (tmp_path / "w").mkdir()
    import_dataset("mini-mias", tmp_path / "w" / ".." / "set", tmp_path / "out")
    paths = [row["path"] for row in table(tmp_path / "out" / "exams.csv") if row["status"] == "ok"]
    assert paths
    assert not any(".." in path for path in paths)


def test_the_published_layout_is_read(tmp_path: Path) -> None:
    result = import_dataset("mini-mias", mini_mias(tmp_path / "set"), tmp_path / "out")
    assert (result.images, result.exams, result.findings, result.masks) == (6, 3, 4, 2)
    rows = {row["finding"]: row for row in table(tmp_path / "out" / "findings.csv")}
    assert rows["mdb001-1"]["exam"] == "mdb001-002"
    assert rows["mdb001-1"]["view"] == "R-MLO"
    mask = read_mask(tmp_path / "out" / rows["mdb001-1"]["mask"])
    np.testing.assert_array_equal(mask == 2, disc(1023 - 425, 535, 197))
    both = read_mask(tmp_path / "out" / rows["mdb144-2"]["mask"])
    assert rows["mdb144-1"]["mask"] == rows["mdb144-2"]["mask"]
    np.testing.assert_array_equal(both == 1, disc(1023 - 540, 313, 27))
    np.testing.assert_array_equal(both == 2, disc(1023 - 994, 233, 29))


def test_a_lesion_without_a_place_is_a_finding_without_a_mask_and_not_occult(
    tmp_path: Path,
) -> None:
    result = import_dataset("mini-mias", mini_mias(tmp_path / "set"), tmp_path / "out")
    (row,) = (one for one in table(tmp_path / "out" / "findings.csv") if "mdb059" in one["finding"])
    assert (row["class"], row["occult"], row["mask"]) == (Pathology.BENIGN.value, "0", "")
    assert [one.level for one in result.problems] == ["warning"]
    assert "does not tell where" in result.problems[0].problem
    labels = read_label_table(tmp_path / "out" / "labels.csv")["mdb059-060"]
    assert labels.values[Label.RIGHT_BENIGN]


def test_an_image_that_is_not_there_is_a_refused_row(tmp_path: Path) -> None:
    folder = mini_mias(tmp_path / "set", numbers=(1, 2, 59, 60))
    result = import_dataset("mini-mias", folder, tmp_path / "out")
    assert (result.images, result.refused, result.exams) == (4, 2, 2)
    refused = [
        one for one in read_exam_table(tmp_path / "out" / "exams.csv").images if not one.is_used
    ]
    assert [one.reason for one in refused] == [
        "no such file: mdb144.pgm or .png",
        "no such file: mdb143.pgm or .png",
    ]
    assert "mdb143-144" not in read_label_table(tmp_path / "out" / "labels.csv")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("mdb001 G CIRC X 535 425 197", "severity is 'X'; expected B or M"),
        ("mdb001 G CIRC B 535 abc 197", "'535 abc 197' is no place of a lesion"),
        ("mdb001 G CIRC", "severity is ''; expected B or M"),
    ],
)
def test_an_exam_with_a_line_that_cannot_be_read_has_no_labels(
    tmp_path: Path, line: str, told: str
) -> None:
    folder = mini_mias(tmp_path / "set")
    text = (folder / "Info.txt").read_text().replace("mdb001 G CIRC B 535 425 197", line)
    (folder / "Info.txt").write_text(text)
    result = import_dataset("mini-mias", folder, tmp_path / "out")
    assert any(told in one.problem for one in result.problems), result.problems
    assert "mdb001-002" not in read_label_table(tmp_path / "out" / "labels.csv")
    assert result.images == 6


def test_a_lesion_outside_its_image_has_no_mask(tmp_path: Path) -> None:
    folder = mini_mias(tmp_path / "set")
    text = (folder / "Info.txt").read_text().replace("535 425 197", "5350 425 19")
    (folder / "Info.txt").write_text(text)
    result = import_dataset("mini-mias", folder, tmp_path / "out")
    assert any("outside its image" in one.problem for one in result.problems)
    assert (result.findings, result.masks) == (4, 1)


def test_a_damaged_image_is_refused_and_stops_nothing(tmp_path: Path) -> None:
    folder = mini_mias(tmp_path / "set")
    (folder / "mdb002.pgm").write_bytes(b"no image")
    result = import_dataset("mini-mias", folder, tmp_path / "out")
    assert (result.images, result.refused) == (5, 1)
    assert any("cannot be read" in one.problem for one in result.problems)


def test_the_same_lesion_twice_counts_once(tmp_path: Path) -> None:
    folder = mini_mias(tmp_path / "set")
    with (folder / "Info.txt").open("a") as file:
        file.write("mdb001 G CIRC B 535 425 197\n")
    result = import_dataset("mini-mias", folder, tmp_path / "out")
    assert result.findings == 4
    assert any("counts once" in one.problem for one in result.problems)


def test_a_list_without_lines_of_films_is_refused(tmp_path: Path) -> None:
    folder = mini_mias(tmp_path / "set")
    (folder / "Info.txt").write_text("About this set\n")
    with pytest.raises(TableError, match="no line as 'mdb001 G CIRC B"):
        import_dataset("mini-mias", folder, tmp_path / "out")
