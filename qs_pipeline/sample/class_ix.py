"""Invented class IX file: the parts that the end items at each location need."""

import itertools

import polars as pl

from qs_pipeline.sample.equipment import end_items
from qs_pipeline.sample.parts import parts
from qs_pipeline.sample.scenario import PERIODS, Scenario

_PERIODS = ("FIE", "POS1", "POS2", "POS3", "BEYOND")
"""What is flown in with the first people, and the periods of support."""

_DAYS_OF_FIE = 15

_CONFIDENCES = {80: 0.92, 85: 1.0, 90: 1.09, 95: 1.21, 99: 1.44}
"""Per cent of confidence, and how much more is needed for it than for the one selected."""

_SELECTED = 85


def class_ix_files(scenario: Scenario) -> dict[str, pl.DataFrame]:
    """``RD_IX_Requirement_Trimmed``: one row an end item, location and part, values being quantities times price."""
    rows = _rows(scenario).with_columns(
        AssessmentNumber=pl.lit(scenario.assessment),
        Class_of_Supply=pl.lit("IX C"),
        FIE=(pl.col("TAMCN_NIIN_QTY_FIE") > 0).cast(pl.Int64),
        Selected_CI=pl.lit(_SELECTED),
        InventoryToConsider=pl.lit("On hand"),
        YearsOfDemandDataUsed=pl.lit(3),
    )
    rows = rows.with_columns(
        **{f"Value_{period}": _value(pl.col(f"Required_{period}")) for period in _PERIODS},
        **{
            f"Value_{confidence}_{period}": _value((pl.col(f"Required_{period}") * more).round())
            for confidence, more in _CONFIDENCES.items()
            for period in _PERIODS
        },
    )
    totals = {"Total_Required": ("Required", "Selected_Confidence"), "Total_Value": ("Value", "Selected_Confidence")}
    totals |= {f"Total_Value_{each}": (f"Value_{each}", "Confidence") for each in _CONFIDENCES}
    sums: dict[str, pl.Expr] = {}
    for total, (of, all_in) in totals.items():
        later = pl.sum_horizontal(f"{of}_{period}" for period in _PERIODS[1:])
        sums[f"{total}_Less_FIE"] = later.round(2)
        sums[f"{total}_{all_in}"] = (later + pl.col(f"{of}_FIE")).round(2)
    return {"RD_IX_Requirement_Trimmed": rows.with_columns(**sums)}


def _value(quantity: pl.Expr) -> pl.Expr:
    return (quantity * pl.col("STANDARD UNIT PRICE")).round(2)


def _rows(scenario: Scenario) -> pl.DataFrame:
    """Distinct end items, locations and parts, with what is needed in each period."""
    chance = scenario.chance("parts", scenario.proportions.parts)
    holdings, catalogue = _holdings(scenario), _parts(scenario)
    combinations = chance.random.sample(range(holdings.height * catalogue.height), chance.rows)
    drawn = pl.Series(combinations, dtype=pl.Int64).sort()
    rows = pl.concat([holdings[drawn // catalogue.height], catalogue[drawn % catalogue.height]], how="horizontal")
    cheaper = (20 / pl.col("STANDARD UNIT PRICE")).pow(0.2).clip(0.01, 3)
    burn = (chance.log_normal(0.69, 1.3) * cheaper).round(4)
    rows = rows.with_columns(Annual_Burn_Rate_Per_TAMCN_NIIN=burn).with_columns(
        Annual_Repair_Rate_Per_TAMCN_NIIN=(pl.col("Annual_Burn_Rate_Per_TAMCN_NIIN") * 0.3).round(4),
        Annual_Burn_Rate_Per_TAMCN_NIIN_With_Repairing=(pl.col("Annual_Burn_Rate_Per_TAMCN_NIIN") * 0.8).round(4),
        CRITICALITY_CODE_MAPPING=chance.whole(1, 5),
        AVERAGE_SCORE=chance.between(1, 5).round(2),
    )
    yearly = pl.col("Annual_Burn_Rate_Per_TAMCN_NIIN") / 365
    return rows.with_columns(
        # A part is needed whole: what is left over rounds up as often as it is big.
        (yearly * days * pl.col(f"TAMCN_NIIN_QTY_{period}") + chance.between(0, 1))
        .floor()
        .cast(pl.Int64)
        .alias(f"Required_{period}")
        for period, days in _days().items()
    )


def _days() -> dict[str, int]:
    ends = [0, *(last for _, last in PERIODS)]
    lengths = [end - start for start, end in itertools.pairwise(ends)]
    return dict(zip(_PERIODS, [_DAYS_OF_FIE, *lengths], strict=True))


def _holdings(scenario: Scenario) -> pl.DataFrame:
    """One row a location and end item: how many it has in each period."""
    places = scenario.locations.select("Region", MEF="Region_MEF_Lead", **{"Location Name": pl.col("Location_Name")})
    items = end_items().select(
        "COLLOQUIAL_NAME",
        "most",
        TAMCN_NIIN=pl.col("TAMCN") + "_" + pl.col("NIIN"),
        TAMCN_of_End_Item="TAMCN",
        NIIN_of_End_Item="NIIN",
        ITEM_DESIGNATOR_CODE="designator",
        EQUIP_CRIT_RNK=pl.col("weight") % 3 + 1,
    )
    held = places.join(items, how="cross", maintain_order="left_right")
    chance = scenario.chance("holdings", held.height)
    most = (pl.col("most") * 2 * chance.log_normal(1, 0.5)).ceil()
    arrived = dict(zip(_PERIODS, (0.15, 0.6, 0.95, 1.0, 1.0), strict=True))
    return held.select(
        pl.exclude("most"),
        *((most * share).ceil().cast(pl.Int64).alias(f"TAMCN_NIIN_QTY_{period}") for period, share in arrived.items()),
        most.cast(pl.Int64).alias("Average Daily Inventory"),
    )


def _parts(scenario: Scenario) -> pl.DataFrame:
    """One row a part, under the names of the file."""
    renamed = {
        "FSC of Part Required": pl.col("FSC"),
        "NIIN of Part Required": pl.col("NIIN"),
        "Nomenclature of Part Required": pl.col("Nomenclature"),
        "UNIT_OF_ISSUE": pl.col("UI"),
        "STANDARD UNIT PRICE": pl.col("Unit_Price"),
        "DIM LENGTH INCHES": pl.col("length"),
        "DIM WIDTH INCHES": pl.col("width"),
        "DIM HEIGHT INCHES": pl.col("height"),
        "IND STON": (pl.col("dss_weight") / 2000).round(6),
        "IND SQFT": pl.col("dss_cube"),
        "SECREP Flag": _flag("secrep"),
        "Battery Flag": _flag("battery"),
    }
    return parts(scenario.size, scenario.seed).select(**renamed)


def _flag(column: str) -> pl.Expr:
    return pl.when(column).then(pl.lit("TRUE")).otherwise(pl.lit("FALSE"))
