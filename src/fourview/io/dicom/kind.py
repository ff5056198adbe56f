"""What a DICOM object is, in words, and why it may be no mammogram of a screening exam.

Everything that is no ordinary mammogram is set aside with its reason; nothing is guessed at.
"""

from __future__ import annotations

import re

from pydicom.dataset import Dataset
from pydicom.uid import UID

from fourview.io.dicom import values as read

_ROOT = "1.2.840.10008.5.1.4.1.1"
MAMMOGRAPHY = f"{_ROOT}.1.2"
SECONDARY_CAPTURES = tuple(f"{_ROOT}.7{part}" for part in ("", ".2", ".3"))
"""Secondary Capture; Multi-frame Grayscale Byte and Word: scanned film, where of one frame."""
_FILM = (*SECONDARY_CAPTURES, f"{_ROOT}.1", f"{_ROOT}.1.1")
"""What may hold a scanned film: also Computed Radiography and Digital X-Ray For Presentation."""
_FOR_PROCESSING = (f"{_ROOT}.1.2.1", f"{_ROOT}.1.1.1", f"{_ROOT}.13.1.5")
_TOMOSYNTHESIS = {
    f"{_ROOT}.13.1.3": "a Breast Tomosynthesis Image",
    f"{_ROOT}.13.1.4": "a projection image (Breast Projection X-Ray)",
}
_FILM_MODALITIES = ("", "MG", "CR", "DX", "RG", "DG", "OT", "SC")
_LEAST_MAGNIFICATION = 1.3
"""Estimated Radiographic Magnification Factor: contact views have about 1.0 to 1.1, magnification
views 1.5 to 2."""

_IMAGE_TYPES = (  # PS3.3, C.8.11.7.1.4, values 3 to 5, and what makers wrote before it
    (r"STEREO|PREFIRE|POSTFIRE|POSTBIOPSY|POSTMARKER", "an image of a biopsy"),
    (r"GENERATED_?2D|2D_?GENERATED", "a 2D image computed from tomosynthesis"),
    (r"TOMO", "an image of a tomosynthesis acquisition"),
    (r"PRE_CONTRAST|POST_CONTRAST|LOW_ENERGY|HIGH_ENERGY|SUBTRACTION|ADDITION",
     "an image of a contrast-enhanced acquisition"),
)  # fmt: skip
_TECHNIQUES = (
    (r"SPOT", "a spot compression view"),
    (r"MAG|MAGN\w*|MAGVIEW", "a magnification view"),
    (r"STEREO|STEREOTACTIC|STEREOTAXIS|BIOPSY", "an image of a biopsy"),
    (r"SPECIMEN", "an image of a specimen"),
    (r"C-VIEW|CVIEW", "a 2D image computed from tomosynthesis"),
)


def sop_class(dataset: Dataset, meta: Dataset) -> str:
    """The SOP Class UID; empty where told nowhere."""
    return read.text(dataset, "SOPClassUID") or read.text(meta, "MediaStorageSOPClassUID")


def kind_of(uid: str) -> str:
    """A SOP class in words: `Digital Mammography X-Ray Image - For Presentation`."""
    if not uid:
        return "DICOM object of no stated SOP class"
    if not re.fullmatch(r"[0-9.]{1,64}", uid):
        return "DICOM object of a malformed SOP class"
    name = UID(uid).name
    if name == uid:
        return f"DICOM object of SOP class {uid}"
    return "".join(name.rsplit(" Storage", 1))


def may_be_mammogram(dataset: Dataset, uid: str) -> bool:
    """Whether an object is of a kind that must hold pixels to be read, or told so little of itself
    that it can only be damaged."""
    return (uid in (MAMMOGRAPHY, *_FILM) and not _is_private_tomosynthesis(dataset)) or not uid


def _is_private_tomosynthesis(dataset: Dataset) -> bool:
    """Early Hologic units keep slices in private elements of a Secondary Capture without pixels."""
    return (0x7E01, 0x0010) in dataset


def reason_no_mammogram(dataset: Dataset, uid: str) -> str:
    """Why the object is set aside, whatever view it shows; empty for a mammogram.

    Args:
        uid: its SOP class.
    """
    return (
        _by_class(dataset, uid)
        or _by_image_type(dataset)
        or _by_body_part(dataset, uid)
        or _by_technique(dataset)
    )


def _by_class(dataset: Dataset, uid: str) -> str:
    kind = kind_of(uid)
    frames = read.integer(dataset, "NumberOfFrames") or 1
    modality = read.word(dataset, "Modality")
    of_frames = f" of {frames} frames" if frames > 1 else ""
    if uid in _TOMOSYNTHESIS:
        return f"tomosynthesis: {_TOMOSYNTHESIS[uid]}{of_frames}"
    if _is_private_tomosynthesis(dataset):
        return f"tomosynthesis: slices in private elements of a {kind}"
    intent = read.word(dataset, "PresentationIntentType")
    if uid in _FOR_PROCESSING or intent == "FOR PROCESSING":
        return "a For Processing image: the For Presentation image of the same view is read instead"
    if "Color" in kind and uid.startswith(f"{_ROOT}.7"):
        return f"a colour image ({kind}), which no mammogram is"
    if uid not in (MAMMOGRAPHY, *_FILM) and not (uid == "" and modality == "MG"):
        what = "no mammogram" if " Image" in kind else "not an image"
        return f"{what}: {kind}"
    if modality not in _FILM_MODALITIES:
        return f"no mammogram: its modality is {read.shown(modality)}"
    if frames > 1:
        return f"an image of {frames} frames ({kind}); a mammogram is one"
    if uid in SECONDARY_CAPTURES and (read.integer(dataset, "SamplesPerPixel") or 1) > 1:
        return f"a colour image ({kind}), which no mammogram is"
    return ""


def _by_image_type(dataset: Dataset) -> str:
    """Image Type (0008,0008) from its third value on."""
    for said in read.texts(dataset, "ImageType")[2:]:
        for pattern, what in _IMAGE_TYPES:
            if re.search(pattern, said.upper()):
                return f"{what} (Image Type {read.shown(said)})"
    return ""


def _by_body_part(dataset: Dataset, uid: str) -> str:
    if read.word(dataset, "QualityControlImage") == "YES":
        return "a quality-control image (Quality Control Image YES): a phantom, no breast"
    part = read.word(dataset, "BodyPartExamined")
    if "PHANTOM" in part or "SPECIMEN" in part:
        return f"no breast: Body Part Examined is {read.shown(part)}"
    is_breast = re.search(r"BREAST|MAMM", part)
    if part and not is_breast and uid in _FILM and read.word(dataset, "Modality") != "MG":
        return f"no mammogram: Body Part Examined is {read.shown(part)}"
    return ""


def _by_technique(dataset: Dataset) -> str:
    """Spot, magnification and biopsy as told outside the view's codes."""
    factor = read.number(dataset, "EstimatedRadiographicMagnificationFactor") or 1.0
    if factor >= _LEAST_MAGNIFICATION:
        return f"a magnification view (Estimated Radiographic Magnification Factor {factor:g})"
    for name, keyword in (
        ("Paddle Description", "PaddleDescription"),
        ("Series Description", "SeriesDescription"),
    ):
        # free text may hold anything, a name too: only the word that was found is told
        words = re.findall(r"[A-Z]+(?:-[A-Z]+)*", read.word(dataset, keyword))
        words += [part for one in words for part in one.split("-") if "-" in one]
        for pattern, what in _TECHNIQUES:
            if found := next((one for one in words if re.fullmatch(pattern, one)), None):
                return f"{what} ({name} says {found!r})"
    return ""
