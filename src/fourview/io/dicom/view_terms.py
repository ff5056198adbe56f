"""The words and codes by which headers name views and their modifiers.

PS3.16, CID 4014 and CID 4015, in SNOMED CT numbers and in the older SNOMED codes; and the words of
View Position (0018,5101) and, in scanned sets, of Patient Orientation (0020,0020).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SCHEMES = ("SCT", "SRT", "SNM3", "99SDM")
"""Coding schemes whose codes these are: SNOMED CT, SNOMED RT, SNOMED 3, an early name of SRT."""

SCREENING = ("CC", "MLO")
POSITIONS = {
    "CC": "cranio-caudal",
    "MLO": "medio-lateral oblique",
    "ML": "medio-lateral",
    "LM": "latero-medial",
    "LMO": "latero-medial oblique",
    "FB": "caudo-cranial, from below",
    "SIO": "superolateral to inferomedial oblique",
    "ISO": "inferomedial to superolateral oblique",
    "XCC": "exaggerated cranio-caudal",
    "XCCL": "cranio-caudal exaggerated laterally",
    "XCCM": "cranio-caudal exaggerated medially",
    "SPECIMEN": "of a tissue specimen",
}
POSITION_CODES = {
    "399162004": "CC", "R-10242": "CC",
    "399368009": "MLO", "R-10226": "MLO",
    "399260004": "ML", "R-10224": "ML",
    "399352003": "LM", "R-10228": "LM",
    "399099002": "LMO", "R-10230": "LMO",
    "399196006": "FB", "R-10244": "FB",
    "399188001": "SIO", "R-102D0": "SIO",
    "441555000": "ISO", "R-40AAA": "ISO",
    "399061009": "XCC", "R-10241": "XCC",
    "399192008": "XCCL", "R-1024A": "XCCL",
    "399101009": "XCCM", "R-1024B": "XCCM",
    "127457009": "SPECIMEN", "G-8310": "SPECIMEN",
}  # fmt: skip
_SPELLED_OUT = {
    "CRANIOCAUDAL": "CC",
    "MEDIOLATERALOBLIQUE": "MLO",
    "MEDIOLATERAL": "ML",
    "LATEROMEDIAL": "LM",
    "LATEROMEDIALOBLIQUE": "LMO",
}

IMPLANT_DISPLACED = "implant displaced"
SCREENING_MODIFIERS = (
    "nipple in profile",
    "infra-mammary fold",
    "axillary tissue",
    IMPLANT_DISPLACED,
)
"""Modifiers that a standard screening view may have."""
MODIFIER_CODES = {
    "442581004": "nipple in profile", "R-40AB3": "nipple in profile",
    "442593008": "infra-mammary fold", "R-40ABE": "infra-mammary fold",
    "442580003": "axillary tissue", "R-40AB2": "axillary tissue",
    "399209000": IMPLANT_DISPLACED, "R-102D5": IMPLANT_DISPLACED,
    "399161006": "cleavage", "R-102D2": "cleavage",
    "399011000": "axillary tail", "R-102D1": "axillary tail",
    "399197002": "rolled lateral", "R-102D3": "rolled lateral",
    "399226006": "rolled medial", "R-102D4": "rolled medial",
    "414493004": "rolled inferior", "R-102CA": "rolled inferior",
    "415670009": "rolled superior", "R-102C9": "rolled superior",
    "399163009": "magnification", "R-102D6": "magnification",
    "399055006": "spot compression", "R-102D7": "spot compression",
    "399110001": "tangential", "R-102C2": "tangential",
    "441752004": "anterior compression", "P2-00161": "anterior compression",
}  # fmt: skip
_MODIFIER_WORDS = {
    "NP": "nipple in profile",
    "IMF": "infra-mammary fold",
    "AX": "axillary tissue",
    "ID": IMPLANT_DISPLACED,
    "CV": "cleavage",
    "CLEAVAGE": "cleavage",
    "AT": "axillary tail",
    "RL": "rolled lateral",
    "RM": "rolled medial",
    "RI": "rolled inferior",
    "RS": "rolled superior",
    "ROLLED": "rolled",
    "M": "magnification",
    "MAG": "magnification",
    "MAGNIFICATION": "magnification",
    "S": "spot compression",
    "SPOT": "spot compression",
    "TAN": "tangential",
    "TANGENTIAL": "tangential",
    "AC": "anterior compression",
}


@dataclass(frozen=True)
class Said:
    """What a text says of a view."""

    laterality: str = ""
    position: str = ""
    modifiers: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    """Words that no table knows."""


def said_in(text: str) -> Said:
    """The view that words name: `CC`, `LMLO`, `R CC SPOT`, `CRANIO-CAUDAL`."""
    text = text.upper()
    if spelled := _SPELLED_OUT.get(re.sub(r"[^A-Z]", "", text)):
        return Said(position=spelled)
    laterality = position = ""
    modifiers, unknown = [], []
    for one in re.findall(r"[A-Z]+", text):
        if one in ("L", "R", "LEFT", "RIGHT"):
            laterality = laterality or one[0]
        elif one in POSITIONS and not position:
            position = one
        elif one[0] in "LR" and one[1:] in POSITIONS and not position:
            laterality, position = laterality or one[0], one[1:]
        elif one in _MODIFIER_WORDS and (position or len(one) > 1):
            modifiers.append(_MODIFIER_WORDS[one])
        else:
            unknown.append(one)
    return Said(laterality, position, tuple(modifiers), tuple(unknown))
