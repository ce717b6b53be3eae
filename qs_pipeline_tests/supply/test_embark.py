"""The aggregate: a plain union, with nothing invented where a class has no figure."""

import polars as pl

from qs_pipeline.supply.embark import EmbarkRow, all_classes, total

FOOD = pl.LazyFrame(
    {
        "CLASS_OF_SUPPLY": ["I Subsistence", None],
        "REGION": ["R1", None],
        "LOCATION_NAME": ["Camp Elm", None],
        "POS": ["POS1", None],
        "PALLETS": [2.0, 1.0],
        "CUFT": [112.2, None],
        "TEUS": [0.125, None],
        "WEIGHT_LBS": [2239.92, None],
        "TOTAL_COST": [5832.47, None],
    }
)
PARTS = pl.LazyFrame(
    {
        "CLASS_OF_SUPPLY": ["IX C"],
        "REGION": ["R2"],
        "LOCATION_NAME": ["Port Ash"],
        "POS": ["BEYOND"],
        "CUFT": [0.5],
        "SQFT": [1.5],
        "WEIGHT_LBS": [0.25],
        "TOTAL_COST": [10.0],
    }
)


def test_rows_of_all_classes_stand_one_below_the_other_and_gaps_stay_gaps() -> None:
    made = all_classes(FOOD, None, PARTS).collect()
    assert made.columns == EmbarkRow.column_names()
    assert made.rows() == [
        ("I Subsistence", "R1", "Camp Elm", "POS1", 112.2, None, 0.125, 2239.92, 5832.47),
        ("UNKNOWN", "UNKNOWN", "UNKNOWN", "UNKNOWN", None, None, None, None, None),
        ("IX C", "R2", "Port Ash", "BEYOND", 0.5, 1.5, None, 0.25, 10.0),
    ]


def test_a_total_adds_in_one_order_whatever_the_threads_do() -> None:
    # 3,450 figures in three chunks: here a plain sum differs in the last digit about once in a hundred times.
    rows = pl.DataFrame({"Day": [at * 7 % 115 for at in range(3450)], "Gallons": [at % 997 / 10 for at in range(3450)]})
    chunks = pl.concat([rows[:1000], rows[1000:2200], rows[2200:]], rechunk=False).lazy()
    made = {
        tuple(chunks.group_by("Day", maintain_order=True).agg(total("Gallons")).collect()["Gallons"])
        for _ in range(100)
    }
    assert len(made) == 1


def test_a_total_of_no_figure_is_null_and_not_zero() -> None:
    rows = pl.LazyFrame({"Day": [1, 1, 2, 3], "Gallons": [1.5, None, None, 0.0]})
    assert rows.group_by("Day", maintain_order=True).agg(total("Gallons")).collect()["Gallons"].to_list() == [
        1.5,
        None,
        0.0,
    ]
