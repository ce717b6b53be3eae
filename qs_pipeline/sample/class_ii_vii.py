"""Invented files of classes II and VII: what units bring from the day they arrive."""

import polars as pl

from qs_pipeline.sample.chance import Chance
from qs_pipeline.sample.equipment import end_items
from qs_pipeline.sample.scenario import DURATION, Scenario, period_of_day

_WORN: tuple[tuple[str, str, str, int], ...] = (
    ("HELMET,BALLISTIC", "C30707G", "014612455", 287),
    ("VEST,BODY ARMOR", "C30807G", "015184402", 1_035),
    ("PACK,FIELD", "C30907G", "015296614", 412),
    ("SLEEPING SYSTEM", "C31007G", "014451023", 236),
    ("PARKA,COLD WEATHER", "C31107G", "014738190", 174),
    ("MASK,PROTECTIVE", "C31207G", "015160587", 318),
)
"""Individual equipment: name, TAMCN, NIIN, USD."""

_MAJOR = 100_000
"""USD above which an item is a major end item, class VII, and its readiness is reported."""


def class_ii_vii_files(scenario: Scenario) -> dict[str, pl.DataFrame]:
    """``RD_II_VII_DailyTE_WithDimensions`` and ``RD_II_ICCE_DailyTE``: rows of units of the force, by day."""
    return {
        "RD_II_VII_DailyTE_WithDimensions": _equipment(scenario),
        "RD_II_ICCE_DailyTE": _worn(scenario),
    }


def _unit_rows(scenario: Scenario, chance: Chance) -> pl.DataFrame:
    """Units by chance, the big ones more often, each with a day on which it is there, and all that is known of it."""
    force = scenario.units.filter(~pl.col("UIC").str.starts_with("EPW"))
    within = chance.between(0, 1)
    drawn = chance.rows_of(force, force["people"].to_list()).with_columns(
        # Most is brought along, the rest replaces what is lost: days are pressed towards the arrival.
        Day=(pl.col("arrives") + (DURATION - pl.col("arrives")) * within.pow(3)).floor().cast(pl.Int64),
        Priority=chance.whole(1, 3),
        Prepo_Enabled=_flag(chance.true(0.15)),
        RD=chance.whole(1, 4),
    )
    battalion = pl.col("UIC").str.slice(-2)
    return drawn.with_columns(
        AssessmentNumber=pl.lit(scenario.assessment),
        Class_of_Supply=pl.lit("II/VII"),
        POS=period_of_day("POS"),
        CAP_Name="Location_Name",
        CAP_Names="Location_Name",
        ILOC="Location_Name",
        Unit_Name=pl.format("{} Battalion {}", "MSE", battalion),
        Parent_UIC=pl.format("M{}0000", pl.col("UIC").str.slice(1, 1)),
        AAC="UIC",
        isArty=_flag(pl.col("MSE") == "GCE"),
        STORES_ACCOUNT_CODE=pl.lit("1"),
        TAM_STATUS=pl.lit("ACTIVE"),
        PREF_NIIN_IND=pl.lit("Y"),
        PREF_NIIN_RNK=pl.lit(1),
    )


def _equipment(scenario: Scenario) -> pl.DataFrame:
    chance = scenario.chance("equipment", scenario.proportions.equipment)
    items = end_items()
    chosen = chance.rows_of(items, items["weight"].to_list())
    rows = pl.concat([_unit_rows(scenario, chance), chosen], how="horizontal")
    quantity = (1 + (pl.col("most") - 1) * chance.between(0, 1)).round().cast(pl.Int64)
    major = pl.col("price") > _MAJOR
    return rows.with_columns(Mission_TE=quantity, TE_Orig_Qty=quantity).with_columns(
        STANDARD_UNIT_PRICE=pl.col("price").cast(pl.Float64),
        CLASSII_VII_INDICATOR=pl.when(major).then(pl.lit("VII")).otherwise(pl.lit("II")),
        ITEM_DESIGNATOR_CODE="designator",
        READINESS_REPORTABLE_CODE=pl.when(major).then(pl.lit("R")).otherwise(pl.lit("N")),
        EQUIP_CRIT_RNK=pl.col("weight") % 3 + 1,
        CLASSOFSUPPLY=pl.lit("7"),
        ITEM_EXIT_DATE=pl.lit("2035-09-30"),
        EMBARK=pl.lit(1),
        STON=(pl.col("TE_Orig_Qty") * pl.col("ston")).round(4),
        SQFT=(pl.col("TE_Orig_Qty") * pl.col("square")).round(2),
        TEU_Equivalents="teu",
        **{
            "DIM HEIGHT INCHES": "height",
            "DIM LENGTH INCHES": "length",
            "DIM WIDTH INCHES": "width",
            "IND SQFT": "square",
            "IND CUFT": "cuft",
            "IND STON": "ston",
            "IND MTON": "mton",
            "PO ITEM": pl.lit("N"),
            "LOCAL TAM": pl.lit("N"),
            "REPLACEMENT COST": (pl.col("price") * 1.08).round(2),
            "STANDARD UNIT PRICE": pl.col("price").cast(pl.Float64),
            "SQFT(C)": (pl.col("TE_Orig_Qty") * pl.col("square")).round(2),
            "CUFT(C)": (pl.col("TE_Orig_Qty") * pl.col("cuft")).round(2),
        },
    )


def _worn(scenario: Scenario) -> pl.DataFrame:
    chance = scenario.chance("worn", scenario.proportions.equipment)
    items = pl.DataFrame(_WORN, schema=("COLLOQUIAL_NAME", "TAMCN", "NIIN", "STANDARD_UNIT_PRICE"), orient="row")
    rows = pl.concat([_unit_rows(scenario, chance), chance.rows_of(items)], how="horizontal")
    quantity = (pl.col("people") * chance.between(0.01, 0.08)).ceil().cast(pl.Int64)
    first = pl.col("POS") == "POS1"
    return rows.with_columns(
        Type=pl.when(first).then(pl.lit("Initial")).otherwise(pl.lit("Sustainment")),
        TAMCN_Group=pl.col("TAMCN").str.head(1),
        TAMCN_5=pl.col("TAMCN").str.head(5),
        ITEM_DESIGNATOR_CODE="I" + pl.col("TAMCN").str.slice(1, 4),
        ITEM_EXIT_DATE=pl.lit("2035-09-30"),
        READINESS_REPORTABLE_CODE=pl.lit("N"),
        EQUIP_CRIT_RNK=pl.lit(3),
        CLASSOFSUPPLY=pl.lit("2"),
        TE_Orig_Qty=quantity,
        Mission_TE=quantity,
        TARIFF_FCTR=chance.whole(1, 9),
    )


def _flag(true: pl.Expr | pl.Series) -> pl.Expr:
    return pl.when(true).then(pl.lit("TRUE")).otherwise(pl.lit("FALSE"))
