"""Class III P, by hand."""

from collections.abc import Callable

import polars as pl
import pytest

from qs_pipeline.supply.class_iii_p import RD_IIIP_POL_Pkg_NSN_Requirements_PBI, cosiiip_embark

Rows = Callable[..., pl.LazyFrame]

DRUMS = {
    "Class_of_Supply": "III P",
    "POS": "BEYOND",
    "MEF": "IMEF",
    "LOCATION_NAME": "Camp Elm",
    "REGION": "R1",
    "POL_Type": "POL_15W-40",
    "POL_Pkg_Type": "Heavy",
    "Qty": 2.5,
    "POL_PKG_NSN": "9150007960475",
    "NIIN": "007960475",
    "NOMENCLATURE": "OIL, ENGINE",
    "STANDARD UNIT PRICE": 400.0,
    "IND STON": 0.2,
    "IND CUFT": 10.0,
    "IND TEUs_Cube": 0.008,
    "IND SQFT_Cube": 4.0,
}


def embark(rows: Rows, *cells: dict[str, object]) -> list[dict[str, object]]:
    return cosiiip_embark.transform(rows(RD_IIIP_POL_Pkg_NSN_Requirements_PBI, *cells)).collect().rows(named=True)


def test_every_figure_is_the_quantity_times_that_of_one_package(rows: Rows) -> None:
    (row,) = embark(rows, DRUMS)
    words = ("REGION_MEF_LEAD", "COS_TYPE", "UI", "POS", "NIIN", "POL_PKG_NSN", "NOMENCLATURE")
    assert [row[name] for name in words] == [
        "IMEF",
        "POL_15W-40",
        "Heavy",
        "BEYOND",
        "007960475",
        "9150007960475",
        "OIL, ENGINE",
    ]
    assert (row["STON_"], row["CUFT_"], row["TEU_"], row["SQFT_"], row["UNIT_PRICE"]) == (0.2, 10, 0.008, 4, 400)
    assert row["STONS"] == 0.5  # 2.5 x 0.2
    assert row["WEIGHT_LBS"] == 1000  # 0.5 x 2000
    assert row["CUFT"] == 25  # 2.5 x 10
    assert row["TEUS"] == pytest.approx(0.02)  # 2.5 x 0.008
    assert row["SQFT"] == 10  # 2.5 x 4
    assert row["TOTAL_COST"] == 1000  # 2.5 x 400


@pytest.mark.parametrize("cells", [{"IND STON": None}, {"IND STON": 0.0}, {"Qty": 0.0}, {"Qty": None}])
def test_what_has_no_weight_is_left_out(rows: Rows, cells: dict[str, object]) -> None:
    assert embark(rows, DRUMS | cells) == []
