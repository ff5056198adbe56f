"""One synthetic exam on disk: its images, its masks, and the truth about them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fourview.core.grayscale import VoiWindow
from fourview.core.views import Laterality
from fourview.io.atomic import whole_folder, write_file
from fourview.io.dicom.writing import SyntheticImage, write_dicom
from fourview.io.masks import write_mask
from fourview.io.results import write_json
from fourview.phantom.plan import ExamPlan
from fourview.phantom.positions import view_named
from fourview.phantom.records import PlannedImage, planned_images
from fourview.phantom.render import RenderedView, render_view
from fourview.synthesis.options import SynthesisOptions

TRUTH = "truth.json"


def image_path(exam: ExamPlan, image: PlannedImage, options: SynthesisOptions) -> str:
    """Where an image's file is, from the population's folder."""
    return f"exams/{exam.name}/{image.name}.{'dcm' if options.format == 'dicom' else 'png'}"


def mask_path(exam: ExamPlan, image: PlannedImage) -> str:
    """Where an image's mask is, if anything is marked in it."""
    return f"exams/{exam.name}/masks/{image.name}.png"


def write_exam(out: Path, exam: ExamPlan, options: SynthesisOptions) -> None:
    """Draw and write an exam, whole or not at all; one that is there with all its files is left as
    it is."""
    folder = out / "exams" / exam.name
    if _is_there(out, exam, options):
        return
    cv2.setNumThreads(1)  # exams are shared over processes
    images: dict[str, Any] = {}
    drawn: dict[str, int] = {}
    with whole_folder(folder) as partial:
        for number, image in enumerate(planned_images(exam), start=1):
            view = view_named(image.view)
            repeat = drawn.get(view.value, 0)
            drawn[view.value] = repeat + 1
            rendered = render_view(exam, view, scale=options.scale, repeat=repeat)
            _write_image(partial, exam, image, rendered, options, number)
            marked = image.standard and bool(rendered.mask.any())
            if marked:
                write_mask(partial / "masks" / f"{image.name}.png", rendered.mask)
            images[image.name] = _truth_of_image(image, rendered, marked)
        write_json(partial / TRUTH, {**_truth_of_exam(exam), "images": images})


def _is_there(out: Path, exam: ExamPlan, options: SynthesisOptions) -> bool:
    try:
        images = read_truth(out, exam)["images"]
    except (OSError, ValueError, KeyError):
        return False
    files = [out / image_path(exam, image, options) for image in planned_images(exam)]
    files += [
        out / mask_path(exam, image)
        for image in planned_images(exam)
        if images.get(image.name, {}).get("marked")
    ]
    return all(file.is_file() for file in files)


def read_truth(out: Path, exam: ExamPlan) -> dict[str, Any]:
    """What was written of an exam."""
    text = (out / "exams" / exam.name / TRUTH).read_text(encoding="utf-8")
    truth: dict[str, Any] = json.loads(text)
    return truth


def _write_image(
    folder: Path,
    exam: ExamPlan,
    image: PlannedImage,
    rendered: RenderedView,
    options: SynthesisOptions,
    number: int,
) -> None:
    inverted = exam.vendor.photometric == "MONOCHROME1"
    if options.format == "png":
        # a PNG cannot tell that low is bright, so bright is dense in all of them
        most = np.uint16(2**exam.vendor.bits - 1)
        _, data = cv2.imencode(".png", most - rendered.pixels if inverted else rendered.pixels)
        write_file(folder / f"{image.name}.png", data.tobytes())
        return
    laterality, position = image.view.split("-", maxsplit=1)
    words = (options.seed, options.scale, options.enrich, options.cancers, exam.name)
    write_dicom(
        folder / f"{image.name}.dcm",
        SyntheticImage(
            pixels=rendered.pixels,
            laterality=Laterality(laterality),
            position=position,
            facing=rendered.facing,
            bits=exam.vendor.bits,
            inverted=inverted,
            voi=VoiWindow(*rendered.voi_window, exam.vendor.voi),
            labels=exam.vendor.labels,
            pixel_mm=rendered.pixel_spacing_mm,
            patient=exam.patient,
            age=exam.age,
            study_date=exam.study_date,
            manufacturer=exam.vendor.name,
            study_uid=_uid(*words),
            series_uid=_uid(*words, "series"),
            instance_uid=_uid(*words, image.name),
            number=number,
        ),
    )


def _uid(*words: object) -> str:
    """A UID that only these words have: a UUID made from them (PS3.5 B.2)."""
    digest = hashlib.sha256("\0".join(map(str, words)).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def _truth_of_exam(exam: ExamPlan) -> dict[str, Any]:
    values = asdict(exam)
    del values["extra"]
    plain: dict[str, Any] = json.loads(json.dumps(values, default=_plain))
    return {"synthetic": True, **plain}


def _plain(value: object) -> object:
    return getattr(value, "value", None) or str(value)


def _truth_of_image(image: PlannedImage, rendered: RenderedView, marked: bool) -> Mapping[str, Any]:
    rows, columns = rendered.pixels.shape
    return {
        "view": image.view,
        "rows": rows,
        "columns": columns,
        "pixel_spacing_mm": rendered.pixel_spacing_mm,
        "facing": rendered.facing.value,
        "marked": marked,
        "findings": {
            name: {
                "row": place[0],
                "column": place[1],
                "contrast_to_noise": rendered.contrast_to_noise.get(name),
            }
            for name, place in rendered.places.items()
        },
    }
