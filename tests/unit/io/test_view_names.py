from __future__ import annotations

import pytest

from fourview.core.views import View
from fourview.io.view_names import view_from_name, view_from_text


@pytest.mark.parametrize(
    ("name", "view", "exam"),
    [
        ("0_L-CC.png", View.L_CC, "0"),
        ("1_R_CC.png", View.R_CC, "1"),
        ("exam7-LMLO.tif", View.L_MLO, "exam7"),
        ("L-CC.png", View.L_CC, ""),
        ("RCC_2.png", View.R_CC, ""),
        ("RMLO2.tiff", View.R_MLO, ""),
        ("left_cc", View.L_CC, ""),
        ("Right MLO.PNG", View.R_MLO, ""),
        ("Calc-Test_P_00041_LEFT_CC.png", View.L_CC, "Calc-Test_P_00041"),
        ("A_1141_1.RIGHT_MLO.png", View.R_MLO, "A_1141_1"),
        ("20586908_6c61_MG_R_CC_ANON.dcm", View.R_CC, "20586908_6c61_MG"),
        ("P12LCC.png", View.L_CC, "P12"),
        ("folder_L-CC/3_r_mlo.png", View.R_MLO, "3"),
        ("benign_04_L-CC.png", View.L_CC, "benign_04"),
    ],
)
def test_a_name_tells_the_view_and_what_stands_before(name: str, view: View, exam: str) -> None:
    assert view_from_name(name) == (view, exam)


@pytest.mark.parametrize(
    "name",
    [
        "mdb001.png",
        "L-ML.png",
        "L-XCCL.png",
        "LXCC.png",
        "0_L-CCID.png",
        "CC.png",
        "L-MLOX.png",
        "L-CC_R-CC.png",
        "L-CC_L-MLO.png",
        "DR_CC.png",
        "0_L-CC_mask.png",
        "mask_0_L-CC.png",
        "L-CC_malignant.png",
        "1_R-CC_benign.png",
        "L-CC_heatmap.png",
        "L_CC_spot.png",
        "",
    ],
)
def test_other_names_tell_no_view(name: str) -> None:
    """Other projections, two views at once, and pictures made of a mammogram."""
    assert view_from_name(name) is None


@pytest.mark.parametrize("text", ["L-CC", "LCC", " l-cc ", "left CC", "L_CC"])
def test_a_cell_names_a_view_in_any_usual_way(text: str) -> None:
    assert view_from_text(text) is View.L_CC


@pytest.mark.parametrize("text", ["", "0_L-CC", "L-ML", "CC", "L-CC 2"])
def test_a_cell_that_names_more_or_less_is_no_view(text: str) -> None:
    assert view_from_text(text) is None
