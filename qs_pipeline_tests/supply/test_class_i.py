"""Class I, by hand."""

from collections.abc import Callable

import polars as pl
import pytest

from qs_pipeline.supply.class_i import (
    RD_I_POS_Location,
    RD_I_POS_Location_joined,
    RD_I_POS_Pallet_Requirement,
    RD_I_Ration_Costs,
    RD_I_Ration_Costs_joined,
    cosi_embark,
)

Rows = Callable[..., pl.LazyFrame]

MRE = {
    "Class_of_Supply": "I Subsistence",
    "Ration_Type": "MEALS_READY_TO_EAT_MRE",
    "Region": "R1",
    "Location_ID": "007",
    "Location_Name": "Camp Elm",
    "Unit of Issue": "Case",
    "BEYOND": 100.0,
    "DOS1_Units": 49.0,
    "DOS1_Units_Pallet_Qty": 2.0,
    "DOS1_Units_Pallet_Tot_CuFT": 112.2,
    "DOS1_Units_Pallet_Tot_Wt(lbs)": 2239.92,
    "DOS1_Units_Pallet_Tot_TEUs": 0.125,
    "DOS2_Units": 0.0,
}


def embark(rows: Rows, *cells: dict[str, object]) -> dict[str, dict[str, object]]:
    made = cosi_embark.transform(rows(RD_I_POS_Pallet_Requirement, *cells)).collect()
    return {row["POS"]: row for row in made.rows(named=True)}


def test_a_period_on_pallets_is_carried_and_priced(rows: Rows) -> None:
    row = embark(rows, MRE)["POS1"]
    assert [
        row[name] for name in ("ASSESSMENTNUMBER", "CLASS_OF_SUPPLY", "COS_TYPE", "REGION", "LOCATION_ID", "UI")
    ] == [
        "10910",
        "I Subsistence",
        "MEALS_READY_TO_EAT_MRE",
        "R1",
        "007",
        "Case",
    ]
    assert [row[name] for name in ("QTY", "PALLETS", "CUFT", "WEIGHT_LBS", "TEUS")] == [49, 2, 112.2, 2239.92, 0.125]
    assert row["TOTAL_COST"] == pytest.approx(49 * 119.03)  # 5832.47


def test_the_time_beyond_is_put_on_whole_pallets(rows: Rows) -> None:
    row = embark(rows, MRE)["BEYOND"]
    assert row["QTY"] == 100
    assert row["PALLETS"] == 3  # 100 / 48 = 2.08
    assert row["CUFT"] == pytest.approx(168.3)  # 3 x 56.10
    assert row["WEIGHT_LBS"] == pytest.approx(3359.88)  # 3 x 1098.00 x 1.02
    assert row["TEUS"] == 0.1875  # 3 / 16
    assert row["TOTAL_COST"] == pytest.approx(11903.0)  # 100 x 119.03


@pytest.mark.parametrize(
    ("ration", "weight", "cost"),
    [
        ("UGR_H_S_BREAKFAST", 3163.3446, 6866.3),  # 3 x 933.14 x 1.13; 17 x 403.90
        ("UGR_H_S_LUNCH_DINNER", 3594.8577, 6203.47),  # 3 x 1060.43 x 1.13; 17 x 364.91
        ("UGR_M_BREAKFAST", 2712.0, 4646.61),  # 3 x 800.00 x 1.13; 17 x 273.33
        ("UGR_M_LUNCH_DINNER", 2712.0, 4646.61),
    ],
)
def test_group_rations_have_pallets_of_eight(rows: Rows, ration: str, weight: float, cost: float) -> None:
    row = embark(rows, MRE | {"Ration_Type": ration, "BEYOND": 17.0})["BEYOND"]
    assert row["PALLETS"] == 3  # 17 / 8 = 2.125
    assert row["CUFT"] == pytest.approx(143.4)  # 3 x 47.80
    assert row["WEIGHT_LBS"] == pytest.approx(weight)
    assert row["TOTAL_COST"] == pytest.approx(cost)


def test_an_unknown_ration_costs_nothing_and_its_pallets_are_unknown(rows: Rows) -> None:
    row = embark(rows, MRE | {"Ration_Type": "SOUP"})["BEYOND"]
    assert [row[name] for name in ("QTY", "PALLETS", "CUFT", "WEIGHT_LBS", "TEUS", "TOTAL_COST")] == [
        100,
        *[None] * 4,
        0,
    ]


def test_what_is_not_computed_is_null_and_not_zero(rows: Rows) -> None:
    made = embark(rows, MRE)
    assert (made["POS2"]["QTY"], made["POS2"]["CUFT"]) == (0, None)
    assert (made["POS3"]["QTY"], made["POS3"]["TOTAL_COST"]) == (None, None)


def test_two_caps_at_one_location_are_added_up(rows: Rows) -> None:
    made = embark(
        rows,
        MRE,
        MRE | {"DOS1_Units": 1.0, "DOS1_Units_Pallet_Qty": 1.0, "DOS1_Units_Pallet_Tot_CuFT": None, "BEYOND": 50.0},
    )
    assert len(made) == 4
    assert (made["POS1"]["QTY"], made["POS1"]["PALLETS"]) == (50, 3)
    assert made["POS1"]["CUFT"] == 112.2  # the second CAP has none
    assert made["BEYOND"]["QTY"] == 150
    assert made["BEYOND"]["PALLETS"] == 5  # 3 and, for 50 cases, 2: each CAP fills its own
    assert made["BEYOND"]["TOTAL_COST"] == pytest.approx(150 * 119.03)


def test_rows_without_a_place_are_kept(rows: Rows) -> None:
    assert len(embark(rows, MRE | {"Region": None, "Location_Name": None})) == 4


def test_rations_and_their_costs_get_their_period(rows: Rows, periods: pl.LazyFrame) -> None:
    located = RD_I_POS_Location_joined.transform(
        rows(RD_I_POS_Location, {"DOS_Period": "DOS2", "UGR_M_BREAKFAST": 7.5}, {"DOS_Period": "x"}), periods
    ).collect()
    assert located.select("UGR_M_BREAKFAST", "DOS_Period", "POS", "DOS", "Period", "Sort_Index").rows() == [
        (7.5, "DOS2", "POS2", "DOS2", 60, 2),
        (None, "x", None, None, None, None),
    ]
    costs = RD_I_Ration_Costs_joined.transform(
        rows(RD_I_Ration_Costs, {"DOS_Period": "BEYOND", "UI_Count": 2.0, "Total_UI_Cost": 238.06}), periods
    ).collect()
    assert costs.select("UI_Count", "Total_UI_Cost", "POS", "Sort_Index").rows() == [(2.0, 238.06, "BEYOND", 4)]
