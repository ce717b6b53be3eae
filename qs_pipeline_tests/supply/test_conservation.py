"""Laws that hold whatever the rows: nothing is lost, nothing is counted twice."""

import math
from collections.abc import Iterable

import dataframely as dy
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from qs_pipeline.frames.contract import dtypes
from qs_pipeline.supply.assessment import POS_WORDS, AssessmentTable
from qs_pipeline.supply.class_i import RATIONS, RD_I_POS_Pallet_Requirement, cosi_embark
from qs_pipeline.supply.class_i_water import (
    CASE_COST,
    RD_IW_PaxLocationAll,
    RD_IW_PaxLocationAll_joined,
    cosi_water_embark,
)
from qs_pipeline.supply.class_ii_vii import RD_II_VII_DailyTE_WithDimensions, cosii_vii_embark
from qs_pipeline.supply.class_iii_p import RD_IIIP_POL_Pkg_NSN_Requirements_PBI, cosiiip_embark
from qs_pipeline.supply.class_iv import RD_IV_Daily_Requirements, cosiv_embark
from qs_pipeline.supply.class_ix import cosix_embark
from qs_pipeline.supply.class_ix_files import RD_IX_Requirement_Trimmed, class_ix_dimensions
from qs_pipeline.supply.class_vi import BOX_COSTS, RD_VI_POS_Pallet_Requirement, cosvi_embark
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


WATER = st.lists(
    st.fixed_dictionaries(
        {
            "Day": st.integers(1, 9) | st.none(),
            "Flowin": st.none() | st.integers(0, 10_000),
            "Drinking_Rqmt": QUANTITY,
            "Potable_Rqmt": QUANTITY,
            "NonPotable_Rqmt": QUANTITY,
            "DOS_Period": st.sampled_from(["DOS1", "BEYOND", "x", None]),
        }
    ),
    max_size=40,
)
BOXES = ("DOS1_Units_NIIN_Qty", "DOS2_Units_NIIN_Qty", "DOS3_Units_NIIN_Qty")
PACKS = st.lists(
    st.fixed_dictionaries(
        {
            "NIIN": st.sampled_from([*BOX_COSTS, "000000001", None]),
            "Region": st.sampled_from(["R1", "R2", None]),
            "Location_ID": st.sampled_from(["1", "2"]),
            **dict.fromkeys(BOXES, QUANTITY),
        }
    ).map(lambda each: each | {f"{boxes}_Pallet_Tot_Wt(lbs)": (each[boxes] or 0) + 1 for boxes in BOXES}),
    max_size=30,
)
IX_FIGURES = [
    f"{what}_{period}" for what in ("Required", "Value") for period in ("FIE", "POS1", "POS2", "POS3", "BEYOND")
]
INCHES = st.sampled_from([None, 0.0, 9999.0, 1.5, 48.0])
PARTS = st.lists(
    st.fixed_dictionaries(
        {
            "NIIN of Part Required": st.sampled_from(["000000001", "000000002", "LF0000003", None]),
            "SECREP Flag": st.booleans(),
            "Battery Flag": st.booleans(),
            **{f"DIM {side} INCHES": INCHES for side in ("LENGTH", "WIDTH", "HEIGHT")},
            **dict.fromkeys(IX_FIGURES, QUANTITY),
        }
    ),
    max_size=30,
)
DIMENSIONS: Cells = [
    {"NIIN": "000000001", "dss_weight": 2.0, "dss_cube": 0.0},
    {"NIIN": "000000001", "dss_weight": 9.0, "dss_cube": 9.0},
    {"NIIN": "LF0000003", "dss_weight": 0.0, "dss_cube": 0.75},
]


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
    assessment = frame(AssessmentTable, [{"OperationDuration": 60}], AssessmentNumber="1")
    pax = frame(RD_I_PaxLocationAll, cells, AssessmentNumber="1")
    made = ForceFlow_joined.transform(pax, assessment, of_two_periods()).collect()
    assert made["Flowin"].to_list() == [each["Flowin"] for each in cells]
    arrived = sum(each["Flowin"] or 0 for each in cells)
    days = made.select("Day", "daily_Inflow", "Cumulative_Daily_Inflow").unique().sort("Day")
    assert days["daily_Inflow"].sum() == arrived
    assert (days["Cumulative_Daily_Inflow"].max() or 0) == arrived


def of_two_periods() -> pl.LazyFrame:
    return pl.LazyFrame(
        {"POS": ["POS1", "BEYOND"], "DOS": ["DOS1", "BEYOND"], "Period": [30, 60], "Sort_Index": [1, 4]}
    )


@settings(max_examples=50, deadline=None)
@given(WATER)
def test_water_keeps_every_row_every_gallon_of_a_day_and_ships_every_unit_of_drinking_water(cells: Cells) -> None:
    rows = frame(RD_IW_PaxLocationAll, cells, AssessmentNumber="1")
    joined = RD_IW_PaxLocationAll_joined.transform(rows, of_two_periods()).collect()
    assert joined["Flowin"].to_list() == [each["Flowin"] for each in cells]
    days = joined.filter(pl.col("Day").is_not_null()).unique("Day")
    dated = [each for each in cells if each["Day"] is not None]
    for kind in ("Drinking_Rqmt", "Potable_Rqmt", "NonPotable_Rqmt"):
        assert math.isclose(total(days[f"daily_{kind}"]), total(each[kind] for each in dated), rel_tol=1e-9)
    assert days["daily_Inflow"].sum() == sum(each["Flowin"] or 0 for each in dated)
    shipped = cosi_water_embark.transform(joined.lazy()).collect()
    drunk = total(each["Drinking_Rqmt"] for each in cells)
    assert math.isclose(total(shipped["QTY"]), drunk, rel_tol=1e-9)
    assert math.isclose(total(shipped["TOTAL_COST"]), drunk * CASE_COST, rel_tol=1e-9)


@settings(max_examples=50, deadline=None)
@given(PACKS)
def test_class_vi_keeps_every_box_and_pound_and_prices_each_box_once(cells: Cells) -> None:
    made = cosvi_embark.transform(frame(RD_VI_POS_Pallet_Requirement, cells, AssessmentNumber="1")).collect()
    assert math.isclose(total(made["QTY"]), total(each[boxes] for each in cells for boxes in BOXES), rel_tol=1e-9)
    pounds = total(each[f"{boxes}_Pallet_Tot_Wt(lbs)"] for each in cells for boxes in BOXES)
    assert math.isclose(total(made["WEIGHT_LBS"]), pounds, rel_tol=1e-9)
    cost = total((each[boxes] or 0) * BOX_COSTS.get(each["NIIN"], 0) for each in cells for boxes in BOXES)
    assert math.isclose(total(made["TOTAL_COST"]), cost, rel_tol=1e-9)
    assert made.height == 3 * len({(each["NIIN"], each["Region"], each["Location_ID"]) for each in cells})


FIGURES = ("quantity", "tons", "cuft", "price")
ITEMS = st.lists(st.fixed_dictionaries(dict.fromkeys(FIGURES, QUANTITY)), max_size=30)


def named(items: Cells, columns: Iterable[str]) -> Cells:
    """The items with their ``FIGURES`` under other names."""
    names = tuple(zip(columns, FIGURES, strict=True))
    return [{column: each[figure] for column, figure in names} for each in items]


@settings(max_examples=50, deadline=None)
@given(ITEMS)
def test_what_weighs_is_shipped_with_its_weight_volume_and_cost_and_what_does_not_is_not(items: Cells) -> None:
    weighing = [each for each in items if (each["quantity"] or 0) * (each["tons"] or 0) > 0]
    names = {
        (RD_II_VII_DailyTE_WithDimensions, cosii_vii_embark): (
            "TE_Orig_Qty",
            "IND STON",
            "IND CUFT",
            "STANDARD_UNIT_PRICE",
        ),
        (RD_IIIP_POL_Pkg_NSN_Requirements_PBI, cosiiip_embark): ("Qty", "IND STON", "IND CUFT", "STANDARD UNIT PRICE"),
    }
    for (contract, table), columns in names.items():
        made = table.transform(frame(contract, named(items, columns), AssessmentNumber="1")).collect()
        assert made.height == len(weighing)
        assert total(made["QTY"]) == total(each["quantity"] for each in weighing)
        tons = total(each["quantity"] * each["tons"] for each in weighing)
        assert math.isclose(total(made["WEIGHT_LBS"]) / 2000, tons, rel_tol=1e-9)
        for column, figure in (("CUFT", "cuft"), ("TOTAL_COST", "price")):
            sums = total(each["quantity"] * (each[figure] or 0) for each in weighing)
            assert math.isclose(total(made[column]), sums, rel_tol=1e-9)


@settings(max_examples=50, deadline=None)
@given(ITEMS)
def test_class_iv_carries_the_totals_of_all_that_weighs(items: Cells) -> None:
    columns = ("UOI_QTY", "Total_Weight_LB", "Total_Volume_CuFt", "Total_Price")
    cells = named(items, columns)
    made = cosiv_embark.transform(frame(RD_IV_Daily_Requirements, cells, AssessmentNumber="1")).collect()
    weighing = [each for each in cells if (each["Total_Weight_LB"] or 0) > 0]
    for column, figure in zip(("QTY", "WEIGHT_LBS", "CUFT", "TOTAL_COST"), columns, strict=True):
        assert total(made[column]) == total(each[figure] for each in weighing)


@settings(max_examples=50, deadline=None)
@given(PARTS)
def test_class_ix_keeps_every_part_and_dollar_and_weighs_each_known_part_once(cells: Cells) -> None:
    rows = frame(RD_IX_Requirement_Trimmed, cells, AssessmentNumber="1")
    made = cosix_embark.transform(rows, None, frame(class_ix_dimensions, DIMENSIONS)).collect()
    assert made.height == 4 * len(cells)
    for period in POS_WORDS:
        of_period = made.filter(pl.col("POS") == period)
        assert of_period["REQUIREMENT"].to_list() == [each[f"Required_{period}"] for each in cells]
        assert of_period["TOTAL_COST_LESS_FIE"].to_list() == [each[f"Value_{period}"] for each in cells]
    brought = total(each["Value_FIE"] for each in cells)
    assert total(made["COST_FIE"]) == brought
    values = total(each[f"Value_{period}"] for each in cells for period in POS_WORDS)
    assert math.isclose(total(made["TOTAL_COST"]), values + brought, rel_tol=1e-9)
    assert total(made["REQUIRED_FIE"]) == total(each["Required_FIE"] for each in cells)
    known = [each for each in cells if each["NIIN of Part Required"] == "000000001"]
    pounds = 2 * total(each[f"Required_{period}"] for each in known for period in POS_WORDS)
    assert math.isclose(total(made["WEIGHT_LBS"]), pounds, rel_tol=1e-9)
