"""Class IX, by hand."""

from collections.abc import Callable

import polars as pl
import pytest

from qs_pipeline.frames.errors import DataError
from qs_pipeline.supply.class_ix import cosix_embark
from qs_pipeline.supply.class_ix_files import RD_IX_Requirement, RD_IX_Requirement_Trimmed, class_ix_dimensions

Rows = Callable[..., pl.LazyFrame]

PART = {
    "Region": "R1",
    "MEF": "IMEF",
    "FIE": "1",
    "Location Name": "Camp Elm",
    "SECREP Flag": False,
    "Battery Flag": False,
    "NIIN of Part Required": "007960475",
    "Nomenclature of Part Required": "ACTUATOR",
    "UNIT_OF_ISSUE": "EA",
    "STANDARD UNIT PRICE": 10.0,
    "DIM LENGTH INCHES": 24.0,
    "DIM WIDTH INCHES": 12.0,
    "DIM HEIGHT INCHES": 6.0,
    "Required_FIE": 2.0,
    "Required_POS1": 3.0,
    "Required_POS2": 0.5,
    "Required_POS3": None,
    "Required_BEYOND": 7.0,
    "Value_FIE": 20.0,
    "Value_POS1": 30.0,
    "Value_POS2": 5.0,
    "Value_POS3": None,
    "Value_BEYOND": 70.0,
}
KNOWN = {"NIIN": "007960475", "dss_weight": 1.25, "dss_cube": 0.5}


def embark(rows: Rows, part: dict[str, object], known: dict[str, object] | None = None) -> dict[str, dict[str, object]]:
    dimensions = rows(class_ix_dimensions, known or KNOWN)
    made = cosix_embark.transform(rows(RD_IX_Requirement_Trimmed, part), None, dimensions).collect()
    return {row["POS"]: row for row in made.rows(named=True)}


def test_a_part_is_four_rows_of_which_each_bears_the_figures_of_its_period(rows: Rows) -> None:
    made = embark(rows, PART)
    assert list(made) == ["POS1", "POS2", "POS3", "BEYOND"]
    assert {row["FEATURE"] for row in made.values()} == {"Required"}
    beyond = made["BEYOND"]
    assert beyond["REQUIREMENT"] == 7
    assert beyond["CUFT"] == 7  # 7 x (24 x 12 x 6 / 1728 = 1 ft3)
    assert beyond["SQFT"] == 14  # 7 x (24 x 12 / 144 = 2 ft2)
    assert beyond["WEIGHT_LBS"] == 8.75  # 7 x 1.25
    assert (beyond["TOTAL_COST_LESS_FIE"], beyond["TOTAL_COST"]) == (70, 70)
    assert (made["POS2"]["REQUIREMENT"], made["POS2"]["CUFT"], made["POS2"]["WEIGHT_LBS"]) == (0.5, 0.5, 0.625)
    figures = ("REQUIREMENT", "CUFT", "SQFT", "WEIGHT_LBS", "TOTAL_COST_LESS_FIE", "TOTAL_COST")
    assert [made["POS3"][name] for name in figures] == [None] * 6


def test_what_the_force_brings_along_stands_on_the_first_period_only(rows: Rows) -> None:
    made = embark(rows, PART)
    names = ("REQUIRED_FIE", "FIE_CUFT", "FIE_SQFT", "FIE_WEIGHT_LBS", "COST_FIE")
    assert [made["POS1"][name] for name in names] == [2, 2, 4, 2.5, 20]  # 2 parts of 1 ft3, 2 ft2, 1.25 lb
    assert (made["POS1"]["TOTAL_COST_LESS_FIE"], made["POS1"]["TOTAL_COST"]) == (30, 50)  # 30 + 20
    for period in ("POS2", "POS3", "BEYOND"):
        assert [made[period][name] for name in names] == [0] * 5


@pytest.mark.parametrize(
    ("needed", "brought", "cost"), [(30.0, None, 30), (None, 20.0, 20), (None, None, None), (0.0, 0.0, 0)]
)
def test_a_cost_of_which_one_half_is_unknown_is_the_other_half(
    rows: Rows, needed: float | None, brought: float | None, cost: float | None
) -> None:
    made = embark(rows, PART | {"Value_POS1": needed, "Value_FIE": brought})
    assert made["POS1"]["TOTAL_COST"] == cost


@pytest.mark.parametrize(
    ("sides", "cuft", "sqft"),
    [
        ({}, 1.0, 2.0),
        ({"HEIGHT": 9999.0}, 0.5, 2.0),
        ({"HEIGHT": 0.0}, 0.5, 2.0),
        ({"HEIGHT": None}, 0.5, 2.0),
        ({"LENGTH": 9999.0}, 0.5, 0.0),
        ({"WIDTH": 0.0}, 0.5, 0.0),
        ({"LENGTH": None}, 0.5, 0.0),
        ({"HEIGHT": 2.4}, 0.5, 2.0),  # 0.4 ft3 measured, less than the packed part
    ],
)
def test_a_side_that_nobody_measured_leaves_the_packed_cube(
    rows: Rows, sides: dict[str, float | None], cuft: float, sqft: float
) -> None:
    part = PART | {f"DIM {side} INCHES": inches for side, inches in sides.items()}
    row = embark(rows, part | {"Required_POS1": 1.0})["POS1"]
    assert (row["CUFT"], row["SQFT"]) == (cuft, sqft)


def test_a_packed_cube_of_zero_is_a_hundredth(rows: Rows) -> None:
    row = embark(rows, PART | {"DIM WIDTH INCHES": None, "Required_POS1": 3.0}, KNOWN | {"dss_cube": 0.0})["POS1"]
    assert (row["DSS_CUBE"], row["CUFT"]) == (0.01, 0.03)


@pytest.mark.parametrize(
    ("battery", "secrep", "supply"),
    [(True, True, "IX C (B)"), (True, False, "IX C (B)"), (False, True, "IX C (S)"), (False, False, "IX C")],
)
def test_flags_make_the_class_and_a_battery_comes_first(rows: Rows, battery: bool, secrep: bool, supply: str) -> None:  # noqa: FBT001 - parameters of a table
    made = embark(rows, PART | {"Battery Flag": battery, "SECREP Flag": secrep})
    assert {row["CLASS_OF_SUPPLY"] for row in made.values()} == {supply}


@pytest.mark.parametrize("niin", ["7960475", "LF1234567", None])
def test_a_part_that_the_dimensions_do_not_know_is_kept_without_weight(rows: Rows, niin: str | None) -> None:
    made = embark(rows, PART | {"NIIN of Part Required": niin})
    assert len(made) == 4
    row = made["BEYOND"]
    assert (row["NIIN"], row["REQUIREMENT"], row["TOTAL_COST"]) == (niin, 7, 70)
    assert (row["DSS_WEIGHT"], row["DSS_CUBE"], row["WEIGHT_LBS"]) == (None, None, None)
    assert (row["CUFT"], row["SQFT"]) == (7, 14)  # its own sides are known


def test_class_ix_is_built_without_dimensions_too(rows: Rows) -> None:
    made = cosix_embark.transform(rows(RD_IX_Requirement_Trimmed, PART)).collect()
    assert made["REQUIREMENT"].to_list() == [3, 0.5, None, 7]
    assert made["WEIGHT_LBS"].to_list() == [None] * 4


def test_of_a_part_that_the_dimensions_have_twice_the_first_row_counts(rows: Rows) -> None:
    twice = rows(class_ix_dimensions, KNOWN, KNOWN | {"dss_weight": 99.0})
    made = cosix_embark.transform(rows(RD_IX_Requirement_Trimmed, PART), None, twice).collect()
    assert made["DSS_WEIGHT"].to_list() == [1.25] * 4


def test_the_whole_file_serves_where_the_trimmed_one_is_not_there(rows: Rows) -> None:
    whole, trimmed = rows(RD_IX_Requirement, PART), rows(RD_IX_Requirement_Trimmed, PART | {"Required_POS1": 1.0})
    assert cosix_embark.transform(None, whole).collect()["REQUIREMENT"][0] == 3
    assert cosix_embark.transform(trimmed, whole).collect()["REQUIREMENT"][0] == 1
    with pytest.raises(DataError, match="RD_IX_Requirement_Trimmed or RD_IX_Requirement; upload one"):
        cosix_embark.transform(None, None)
