"""Class IX, repair parts: how many are needed by period, and what they weigh, fill and cost.

The largest class by far: a row of the file becomes four, written while they are computed.
"""

import dataframely as dy
import polars as pl

from qs_pipeline.frames.columns import published
from qs_pipeline.frames.errors import DataError
from qs_pipeline.model import ClassOfSupply, Lookup, Reference, Upload
from qs_pipeline.supply.assessment import POS_WORDS
from qs_pipeline.supply.class_ix_files import RD_IX_Requirement, RD_IX_Requirement_Trimmed, class_ix_dimensions
from qs_pipeline.supply.table import table

UNKNOWN_INCHES = (0.0, 9999.0)
"""What the file has where nobody measured a part; an empty cell says the same."""

SMALLEST_CUBE = 0.01
"""ft3 of a packed part that the reference rounds to 0."""

FIRST = POS_WORDS[0]
"""The period that also bears what the force brings along (FIE), so that each part of it is counted once."""

_INCHES_PER_FOOT = 12


class PartsOfPeriod(dy.Schema):
    """One row an end item, location, part and period of support."""

    ASSESSMENTNUMBER = published.assessment_number()
    CLASS_OF_SUPPLY = published.text()
    REGION = published.text()
    MEF = published.text()
    FIE = published.text()
    LOCATION_NAME = published.text()
    TAMCN_NIIN = published.identifier()
    TAMCN_OF_END_ITEM = published.identifier()
    NIIN_OF_END_ITEM = published.identifier()
    COLLOQUIAL_NAME = published.text()
    TAMCN_NIIN_QTY_FIE = published.decimal(unit="end items")
    FSC_OF_PART_REQUIRED = published.identifier(alias="FSC OF PART REQUIRED")
    NIIN = published.identifier()
    NOMENCLATURE = published.text()
    UI = published.text()
    UNIT_PRICE = published.decimal(unit="USD")
    DIM_LENGTH_INCHES = published.decimal(alias="DIM LENGTH INCHES", unit="in")
    DIM_WIDTH_INCHES = published.decimal(alias="DIM WIDTH INCHES", unit="in")
    DIM_HEIGHT_INCHES = published.decimal(alias="DIM HEIGHT INCHES", unit="in")
    DSS_WEIGHT = published.decimal(unit="lb a part")
    DSS_CUBE = published.decimal(unit="ft3 a part")
    FEATURE = published.text()
    REQUIRED_FIE = published.decimal(unit="parts")
    FIE_CUFT = published.decimal(unit="ft3")
    FIE_SQFT = published.decimal(unit="ft2")
    FIE_WEIGHT_LBS = published.decimal(unit="lb")
    COST_FIE = published.decimal(unit="USD")
    POS = published.text()
    REQUIREMENT = published.decimal(unit="parts")
    CUFT = published.decimal(unit="ft3")
    SQFT = published.decimal(unit="ft2")
    WEIGHT_LBS = published.decimal(unit="lb")
    TOTAL_COST_LESS_FIE = published.decimal(unit="USD")
    TOTAL_COST = published.decimal(unit="USD")


@table(PartsOfPeriod, row_wise=True, lookup=Lookup(key="NIIN", value="DSS_WEIGHT"))
def cosix_embark(
    RD_IX_Requirement_Trimmed: pl.LazyFrame | None = None,
    RD_IX_Requirement: pl.LazyFrame | None = None,
    class_ix_dimensions: pl.LazyFrame | None = None,
) -> pl.LazyFrame:
    """One row an end item, location, part and period of support: parts, volume, area, weight and cost.

    CUFT, SQFT and WEIGHT_LBS are those of the period's parts. What the force brings along (FIE) stands on the row of
    POS1 and is 0 on the others, so that sums are those of the file. Of the two layouts of the file the trimmed one is
    taken where both are there. A part that the dimensions do not know is kept, its DSS_WEIGHT and DSS_CUBE empty.
    """
    rows = RD_IX_Requirement if RD_IX_Requirement_Trimmed is None else RD_IX_Requirement_Trimmed
    if rows is None:
        raise DataError("cosix_embark needs RD_IX_Requirement_Trimmed or RD_IX_Requirement; upload one of them")
    parts = _sized(rows, class_ix_dimensions)
    return pl.concat([_of_period(parts, period) for period in POS_WORDS])


def _sized(rows: pl.LazyFrame, dimensions: pl.LazyFrame | None) -> pl.LazyFrame:
    """Each row with its published columns, what one part of it fills, and its figures by period."""
    known = _no_dimensions() if dimensions is None else dimensions
    cubes = known.unique("NIIN", keep="first", maintain_order=True).select(
        NIIN="NIIN",
        DSS_WEIGHT="dss_weight",
        DSS_CUBE=pl.when(pl.col("dss_cube") == 0).then(SMALLEST_CUBE).otherwise("dss_cube"),
    )
    return (
        rows.rename({"NIIN of Part Required": "NIIN"})
        .join(cubes, on="NIIN", how="left", validate="m:1", maintain_order="left")
        .with_columns(unit_cuft=_unit_cuft(), unit_sqft=_unit_sqft())
    )


def _no_dimensions() -> pl.LazyFrame:
    return class_ix_dimensions.create_empty(lazy=True)


def _feet(side: str) -> pl.Expr:
    """A side of a part; null where nobody measured it."""
    inches = pl.col(f"DIM {side} INCHES")
    return pl.when(inches.is_in(UNKNOWN_INCHES).not_()).then(inches / _INCHES_PER_FOOT)


def _unit_cuft() -> pl.Expr:
    measured = _feet("LENGTH") * _feet("WIDTH") * _feet("HEIGHT")
    return pl.max_horizontal(measured, "DSS_CUBE")


def _unit_sqft() -> pl.Expr:
    return (_feet("LENGTH") * _feet("WIDTH")).fill_null(0.0)


def _class_of_supply() -> pl.Expr:
    return (
        pl.when("Battery Flag")
        .then(pl.lit("IX C (B)"))
        .when("SECREP Flag")
        .then(pl.lit("IX C (S)"))
        .otherwise(pl.lit("IX C"))
    )


def _of_period(parts: pl.LazyFrame, period: str) -> pl.LazyFrame:
    quantity = pl.col(f"Required_{period}")
    brought = pl.col("Required_FIE") if period == FIRST else pl.lit(0.0)
    value, value_brought = pl.col(f"Value_{period}"), pl.col("Value_FIE")
    cost = pl.coalesce(value + value_brought, value, value_brought) if period == FIRST else value
    return parts.select(
        ASSESSMENTNUMBER="AssessmentNumber",
        CLASS_OF_SUPPLY=_class_of_supply(),
        REGION="Region",
        MEF="MEF",
        FIE="FIE",
        LOCATION_NAME="Location Name",
        TAMCN_NIIN="TAMCN_NIIN",
        TAMCN_OF_END_ITEM="TAMCN_of_End_Item",
        NIIN_OF_END_ITEM="NIIN_of_End_Item",
        COLLOQUIAL_NAME="COLLOQUIAL_NAME",
        TAMCN_NIIN_QTY_FIE="TAMCN_NIIN_QTY_FIE",
        **{"FSC OF PART REQUIRED": "FSC of Part Required"},
        NIIN="NIIN",
        NOMENCLATURE="Nomenclature of Part Required",
        UI="UNIT_OF_ISSUE",
        UNIT_PRICE="STANDARD UNIT PRICE",
        **{f"DIM {side} INCHES": f"DIM {side} INCHES" for side in ("LENGTH", "WIDTH", "HEIGHT")},
        DSS_WEIGHT="DSS_WEIGHT",
        DSS_CUBE="DSS_CUBE",
        FEATURE=pl.lit("Required"),
        REQUIRED_FIE=brought,
        FIE_CUFT=pl.col("unit_cuft") * brought if period == FIRST else brought,
        FIE_SQFT=pl.col("unit_sqft") * brought if period == FIRST else brought,
        FIE_WEIGHT_LBS=pl.col("DSS_WEIGHT") * brought if period == FIRST else brought,
        COST_FIE=value_brought if period == FIRST else brought,
        POS=pl.lit(period),
        REQUIREMENT=quantity,
        CUFT=pl.col("unit_cuft") * quantity,
        SQFT=pl.col("unit_sqft") * quantity,
        WEIGHT_LBS=pl.col("DSS_WEIGHT") * quantity,
        TOTAL_COST_LESS_FIE=value,
        TOTAL_COST=cost,
    )


CLASS_IX = ClassOfSupply(
    key="class_ix",
    title="Class IX, repair parts",
    uploads=(
        Upload(contract=RD_IX_Requirement_Trimmed, folder="cos-calculators/cos-ix-c/output"),
        Upload(contract=RD_IX_Requirement, folder="cos-calculators/cos-ix-c/output"),
    ),
    references=(Reference(contract=class_ix_dimensions, key="reference/classix_dimensional_data.csv"),),
    tables=(cosix_embark,),
    embark=cosix_embark,
)
