"""Class IV, by hand."""

from collections.abc import Callable

import polars as pl
import pytest

from qs_pipeline.supply.class_iv import RD_IV_Daily_Requirements, cosiv_embark

Rows = Callable[..., pl.LazyFrame]

LUMBER = {
    "Class_of_Supply": "IV",
    "Location_Name": "Camp Elm",
    "NIIN": "001234567",
    "Nomenclature": 'POST, 46"-50" L',
    "Volume": 0.5,
    "Weight": 8.0,
    "Price": 3.25,
    "UI": "EA",
    "UOI_QTY": 100.0,
    "Total_Price": 330.0,
    "Total_Weight_LB": 801.0,
    "Total_Volume_CuFt": 51.0,
    "Region": "R1",
    "Region_MEF_Lead": "IMEF",
    "POS": "POS3",
}


def embark(rows: Rows, *cells: dict[str, object]) -> list[dict[str, object]]:
    return cosiv_embark.transform(rows(RD_IV_Daily_Requirements, *cells)).collect().rows(named=True)


def test_totals_are_those_of_the_calculator_and_unit_figures_stand_beside_them(rows: Rows) -> None:
    (row,) = embark(rows, LUMBER)
    assert (row["COS_TYPE"], row["NOMENCLATURE"], row["UI"], row["POS"]) == (
        "001234567",
        'POST, 46"-50" L',
        "EA",
        "POS3",
    )
    assert (row["UNIT_PRICE"], row["VOLUME"], row["WEIGHT"]) == (3.25, 0.5, 8)
    assert (row["QTY"], row["CUFT"], row["WEIGHT_LBS"], row["TOTAL_COST"]) == (100, 51, 801, 330)
    assert row["STONS"] == 0.4005  # 801 / 2000


def test_teus_that_nobody_computed_are_empty_and_not_zero(rows: Rows) -> None:
    assert embark(rows, LUMBER)[0]["TEUS"] is None


@pytest.mark.parametrize("pounds", [0.0, None])
def test_what_has_no_weight_is_left_out(rows: Rows, pounds: float | None) -> None:
    assert embark(rows, LUMBER | {"Total_Weight_LB": pounds}) == []
