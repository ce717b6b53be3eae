"""Class I water, by hand."""

from collections.abc import Callable

import polars as pl
import pytest

from qs_pipeline.supply.class_i_water import (
    RD_IW_PaxLocationAll,
    RD_IW_PaxLocationAll_joined,
    RD_IW_Ration_Costs,
    RD_IW_Ration_Costs_joined,
    cosi_water_embark,
)

Rows = Callable[..., pl.LazyFrame]

UNIT_DAY = {
    "Class_of_Supply": "I Water",
    "Region": "R1",
    "Region_MEF_Lead": "IMEF",
    "Location_ID": "007",
    "Location_Name": "Camp Elm",
    "UIC": "M00001",
    "Day": 3,
    "Flowin": 40,
    "DOS_Period": "DOS1",
    "Potable_Rqmt": 1000.0,
    "NonPotable_Rqmt": 300.5,
    "Drinking_Rqmt": 125.0,
}


def test_each_row_bears_the_totals_of_its_day_over_all_units_and_its_period(rows: Rows, periods: pl.LazyFrame) -> None:
    prisoners = UNIT_DAY | {"UIC": "EPW1", "Flowin": 2, "Potable_Rqmt": 10.0, "Drinking_Rqmt": None}
    next_day = UNIT_DAY | {"Day": 31, "DOS_Period": "DOS2", "NonPotable_Rqmt": None}
    made = RD_IW_PaxLocationAll_joined.transform(
        rows(RD_IW_PaxLocationAll, UNIT_DAY, prisoners, next_day), periods
    ).collect()
    assert made["UIC"].to_list() == ["M00001", "EPW1", "M00001"]
    totals = [name for name in made.columns if name.startswith("daily_")]
    assert totals == [
        "daily_Inflow",
        "daily_Potable_Rqmt",
        "daily_NonPotable_Rqmt",
        "daily_Drinking_Rqmt",
        "daily_Total_Potable_NonPotable_Rqmt",
    ]
    day = (40 + 2, 1000 + 10, 300.5 + 300.5, 125, 1010 + 601)
    assert made.select(totals).rows() == [day, day, (40, 1000, 0, 125, 1000)]
    assert made.select("POS", "DOS", "Period", "Sort_Index").rows()[1:] == [
        ("POS1", "DOS1", 30, 1),
        ("POS2", "DOS2", 60, 2),
    ]


def embark(rows: Rows, periods: pl.LazyFrame, *cells: dict[str, object]) -> pl.DataFrame:
    joined = RD_IW_PaxLocationAll_joined.transform(rows(RD_IW_PaxLocationAll, *cells), periods)
    return cosi_water_embark.transform(joined).collect()


def test_drinking_water_is_put_on_pallets_and_priced(rows: Rows, periods: pl.LazyFrame) -> None:
    (row,) = embark(rows, periods, UNIT_DAY).rows(named=True)
    words = ("COS_TYPE", "UI", "POS", "UIC", "LOCATION_ID", "REGION_MEF_LEAD", "CLASS_OF_SUPPLY")
    assert [row[name] for name in words] == ["Drinking_Rqmt", "Case", "POS1", "M00001", "007", "IMEF", "I Water"]
    assert row["QTY"] == 125
    assert row["PALLETS"] == pytest.approx(2.502)  # 125 / 50 x 1.0008
    assert row["CUFT"] == pytest.approx(140.38722)  # 2.502 x 56.11
    assert row["WEIGHT_LBS"] == pytest.approx(4253.4)  # 2.502 x 1700
    assert row["TEUS"] == pytest.approx(0.166226625)  # 2.502 / 16 x 1.063
    assert row["TOTAL_COST"] == pytest.approx(381.25)  # 125 x 3.05


def test_the_figures_of_a_published_assessment_follow_from_each_other(rows: Rows, periods: pl.LazyFrame) -> None:
    # One real dashboard showed 3,247,925 ft3, 49,202 short tons and 3,846 TEU: 57,885 pallets.
    made = embark(rows, periods, UNIT_DAY | {"Drinking_Rqmt": 57_885 / 1.0008 * 50})
    assert made["CUFT"].item() == pytest.approx(3_247_925, rel=1e-4)
    assert made["WEIGHT_LBS"].item() / 2000 == pytest.approx(49_202, rel=1e-4)
    assert made["TEUS"].item() == pytest.approx(3_846, rel=1e-3)


def test_water_that_is_not_drunk_is_not_shipped(rows: Rows, periods: pl.LazyFrame) -> None:
    none = [UNIT_DAY | {"Drinking_Rqmt": quantity} for quantity in (0.0, None)]
    assert embark(rows, periods, *none, UNIT_DAY | {"DOS_Period": "x"})["POS"].to_list() == [None]


def test_water_costs_get_their_period(rows: Rows, periods: pl.LazyFrame) -> None:
    costs = RD_IW_Ration_Costs_joined.transform(
        rows(RD_IW_Ration_Costs, {"DOS_Period": "DOS3", "Ration_Type": "Total_Rqmt", "Total_UI_Cost": 3.05}), periods
    ).collect()
    assert costs.select("Ration_Type", "Total_UI_Cost", "POS", "Period").rows() == [("Total_Rqmt", 3.05, "POS3", 90)]
