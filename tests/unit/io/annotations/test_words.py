"""Words for what a finding is."""

from __future__ import annotations

import pytest

from fourview.core.records import Pathology
from fourview.io.annotations.words import class_in_text


@pytest.mark.parametrize(
    ("text", "pathology"),
    [
        ("Malignant mass 1", Pathology.MALIGNANT),
        ("MALIGNANCY_2", Pathology.MALIGNANT),
        ("Breast cancer", Pathology.MALIGNANT),
        ("Malignant neoplasm of breast", Pathology.MALIGNANT),
        ("benign calcification", Pathology.BENIGN),
        ("high-risk benign", Pathology.HIGH_RISK),
        ("High risk lesion", Pathology.HIGH_RISK),
        ("nonmalignant", None),
        ("not malignant", None),
        ("no cancer", None),
        ("benign or malignant", None),
        ("malignant? benign?", None),
        ("benign malignant", None),
        ("lobular carcinoma in situ", None),
        ("mass", None),
        ("", None),
    ],
)
def test_a_class_is_found_in_a_label_and_never_guessed(
    text: str, pathology: Pathology | None
) -> None:
    assert class_in_text(text) is pathology
