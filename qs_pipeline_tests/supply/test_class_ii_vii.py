"""Classes II and VII, by hand."""

from collections.abc import Callable

import polars as pl
import pytest

from qs_pipeline.supply.class_ii_vii import RD_II_VII_DailyTE_WithDimensions, cosii_vii_embark

Rows = Callable[..., pl.LazyFrame]

TRUCKS = {
    "Class_of_Supply": "II/VII",
    "Region": "R1",
    "Region_MEF_Lead": "IMEF",
    "Location_Name": "Camp Elm",
    "POS": "POS2",
    "UIC": "M00001",
    "TAMCN": "D00307K",
    "TE_Orig_Qty": 4.0,
    "STANDARD_UNIT_PRICE": 100.5,
    "STANDARD UNIT PRICE": 999.0,
    "DIM HEIGHT INCHES": 9.0,
    "DIM LENGTH INCHES": 8.0,
    "DIM WIDTH INCHES": 7.0,
    "IND SQFT": 200.0,
    "IND CUFT": 2000.0,
    "IND STON": 12.5,
    "TEU_Equivalents": 1.5,
}


def embark(rows: Rows, *cells: dict[str, object]) -> list[dict[str, object]]:
    return cosii_vii_embark.transform(rows(RD_II_VII_DailyTE_WithDimensions, *cells)).collect().rows(named=True)


def test_every_figure_is_the_quantity_times_that_of_one_item(rows: Rows) -> None:
    (row,) = embark(rows, TRUCKS)
    assert (row["COS_TYPE"], row["UI"], row["POS"], row["UIC"]) == ("D00307K_Class_II/VII", "NIIN", "POS2", "M00001")
    assert [row[f"DIM {side} INCHES"] for side in ("HEIGHT", "LENGTH", "WIDTH")] == [9, 8, 7]
    assert [row[name] for name in ("STON_", "SQFT_", "CUFT_", "TEU_", "UNIT_PRICE")] == [12.5, 200, 2000, 1.5, 100.5]
    assert row["QTY"] == 4
    assert row["WEIGHT_LBS"] == 100_000  # 4 x 12.5 short tons x 2000
    assert row["SQFT"] == 800  # 4 x 200
    assert row["CUFT"] == 8000  # 4 x 2000
    assert row["TEUS"] == 6  # 4 x 1.5
    assert row["TOTAL_COST"] == 402  # 4 x 100.50


def test_a_weight_in_pounds_is_two_thousand_times_that_in_short_tons(rows: Rows) -> None:
    (row,) = embark(rows, TRUCKS | {"TE_Orig_Qty": 1.0, "IND STON": 429.7405})
    assert row["WEIGHT_LBS"] == pytest.approx(859_481)


@pytest.mark.parametrize("cells", [{"IND STON": None}, {"IND STON": 0.0}, {"TE_Orig_Qty": 0.0}, {"TE_Orig_Qty": None}])
def test_what_has_no_weight_is_left_out(rows: Rows, cells: dict[str, object]) -> None:
    assert embark(rows, TRUCKS | cells) == []


def test_an_item_without_a_number_is_unknown_and_a_figure_without_a_value_is_empty(rows: Rows) -> None:
    (row,) = embark(rows, TRUCKS | {"TAMCN": None, "IND SQFT": None, "STANDARD_UNIT_PRICE": None})
    assert row["COS_TYPE"] == "UNKNOWN_Class_II/VII"
    assert (row["SQFT"], row["TOTAL_COST"], row["CUFT"]) == (None, None, 8000)
