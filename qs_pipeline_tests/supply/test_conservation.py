"""Laws that hold whatever the rows: nothing is lost, nothing is counted twice."""

import math
from collections.abc import Iterable

import dataframely as dy
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from qs_pipeline.frames.contract import dtypes
from qs_pipeline.supply.assessment import AssessmentTable
from qs_pipeline.supply.class_i import RATIONS, RD_I_POS_Pallet_Requirement, cosi_embark
from qs_pipeline.supply.embark import all_classes
from qs_pipeline.supply.force_flow import ForceFlow_joined, RD_I_PaxLocationAll

Cells = list[dict[str, object]]

QUANTITY = st.none() | st.floats(0, 1e6).map(lambda figure: round(figure, 3))
PERIODS = ("BEYOND", "DOS1_Units", "DOS2_Units", "DOS3_Units")
PALLETS = st.lists(
    st.fixed_dictionaries(
        {
            "Ration_Type": st.sampled_from([*RATIONS, "SOUP"]),
            "Region": st.sampled_from(["R1", "R2", None]),
            "Location_ID": st.sampled_from(["1", "2"]),
            "DOS2_Units_Pallet_Tot_Wt(lbs)": QUANTITY,
            **dict.fromkeys(PERIODS, QUANTITY),
        }
    ),
    max_size=30,
)
PAX = st.lists(
    st.fixed_dictionaries(
        {
            "UIC": st.sampled_from(["M1", "M2", "EPW1", None]),
            "Day": st.integers(1, 9),
            "Flowin": st.none() | st.integers(0, 10_000),
            "DOS_Period": st.sampled_from(["DOS1", "BEYOND", "x", None]),
        }
    ),
    max_size=40,
)


def frame(contract: type[dy.Schema], cells: Cells, **constants: object) -> pl.LazyFrame:
    return pl.LazyFrame([{**constants, **each} for each in cells], schema=dtypes(contract))


def total(figures: Iterable[float | None]) -> float:
    return math.fsum(figure for figure in figures if figure is not None)


@settings(max_examples=50, deadline=None)
@given(PALLETS)
def test_class_i_keeps_every_unit_and_every_pound_and_prices_each_unit_once(cells: Cells) -> None:
    made = cosi_embark.transform(frame(RD_I_POS_Pallet_Requirement, cells)).collect()
    for period, column in zip(("BEYOND", "POS1", "POS2", "POS3"), PERIODS, strict=True):
        of_period = made.filter(pl.col("POS") == period)
        assert math.isclose(total(of_period["QTY"]), total(each[column] for each in cells), rel_tol=1e-9)
    pounds = total(made.filter(pl.col("POS") == "POS2")["WEIGHT_LBS"])
    assert math.isclose(pounds, total(each["DOS2_Units_Pallet_Tot_Wt(lbs)"] for each in cells), rel_tol=1e-9)
    cost = total(
        (each[column] or 0) * RATIONS[each["Ration_Type"]].unit_cost
        for each in cells
        for column in PERIODS
        if each["Ration_Type"] in RATIONS
    )
    assert math.isclose(total(made["TOTAL_COST"]), cost, rel_tol=1e-9)
    assert made.height == 4 * len({(each["Ration_Type"], each["Region"], each["Location_ID"]) for each in cells})


@settings(max_examples=50, deadline=None)
@given(PALLETS, PALLETS)
def test_the_aggregate_has_the_rows_and_sums_of_its_parts(one: Cells, other: Cells) -> None:
    parts = [cosi_embark.transform(frame(RD_I_POS_Pallet_Requirement, cells)).collect() for cells in (one, other)]
    made = all_classes(*(part.lazy() for part in parts)).collect()
    assert made.height == sum(part.height for part in parts)
    for name in ("CUFT", "TEUS", "WEIGHT_LBS", "TOTAL_COST"):
        assert total(made[name]) == total(figure for part in parts for figure in part[name])
    assert made["SQFT"].null_count() == made.height


@settings(max_examples=50, deadline=None)
@given(PAX)
def test_force_flow_keeps_every_row_and_every_arrival_is_in_one_day(cells: Cells) -> None:
    periods = pl.LazyFrame(
        {"POS": ["POS1", "BEYOND"], "DOS": ["DOS1", "BEYOND"], "Period": [30, 60], "Sort_Index": [1, 4]}
    )
    assessment = frame(AssessmentTable, [{"OperationDuration": 60}], AssessmentNumber="1")
    pax = frame(RD_I_PaxLocationAll, cells, AssessmentNumber="1")
    made = ForceFlow_joined.transform(pax, assessment, periods).collect()
    assert made["Flowin"].to_list() == [each["Flowin"] for each in cells]
    arrived = sum(each["Flowin"] or 0 for each in cells)
    days = made.select("Day", "daily_Inflow", "Cumulative_Daily_Inflow").unique().sort("Day")
    assert days["daily_Inflow"].sum() == arrived
    assert (days["Cumulative_Daily_Inflow"].max() or 0) == arrived
