"""Class I, subsistence: rations by location and period, what they cost, and what they are when put on pallets."""

from dataclasses import dataclass

import dataframely as dy
import polars as pl

from qs_pipeline.frames.columns import carried, published, required, unused
from qs_pipeline.model import ClassOfSupply, Upload
from qs_pipeline.supply.assessment import DOS_WORDS, Periods, with_periods
from qs_pipeline.supply.embark import PALLETS_PER_TEU, total
from qs_pipeline.supply.table import table


@dataclass(frozen=True, kw_only=True)
class Ration:
    """How one type of ration is packed and what it costs, as the class I calculator has it.

    Attributes:
        units_per_pallet: Units of issue on a pallet.
        unit_cost: USD a unit of issue.
        pallet_cuft: Cubic feet of a loaded pallet.
        pallet_lbs: Pounds of a loaded pallet: rations times the share that pallet and packing add.
    """

    units_per_pallet: int
    unit_cost: float
    pallet_cuft: float
    pallet_lbs: float


RATIONS = {
    "MEALS_READY_TO_EAT_MRE": Ration(
        units_per_pallet=48, unit_cost=119.03, pallet_cuft=56.10, pallet_lbs=1098.00 * 1.02
    ),
    "UGR_H_S_BREAKFAST": Ration(units_per_pallet=8, unit_cost=403.90, pallet_cuft=47.80, pallet_lbs=933.14 * 1.13),
    "UGR_H_S_LUNCH_DINNER": Ration(units_per_pallet=8, unit_cost=364.91, pallet_cuft=47.80, pallet_lbs=1060.43 * 1.13),
    "UGR_M_BREAKFAST": Ration(units_per_pallet=8, unit_cost=273.33, pallet_cuft=47.80, pallet_lbs=800.00 * 1.13),
    "UGR_M_LUNCH_DINNER": Ration(units_per_pallet=8, unit_cost=273.33, pallet_cuft=47.80, pallet_lbs=800.00 * 1.13),
}


class RD_I_POS_Location(dy.Schema):
    """One row a location and period: rations of each type."""

    AssessmentNumber = carried.assessment_number()
    Class_of_Supply = carried.text()
    Region = carried.text(geographic_role="STATE")
    Region_MEF_Lead = carried.text(geographic_role="STATE")
    CAP_Name = carried.text()
    CAP_Names = carried.text()
    Location_ID = carried.identifier()
    Location_Name = carried.text()
    DOS_Period = required.text(one_of=DOS_WORDS)
    MEALS_READY_TO_EAT_MRE = carried.decimal()
    UGR_H_S_BREAKFAST = carried.decimal()
    UGR_H_S_LUNCH_DINNER = carried.decimal()
    UGR_M_BREAKFAST = carried.decimal()
    UGR_M_LUNCH_DINNER = carried.decimal()


class RD_I_Ration_Costs(dy.Schema):
    """One row a location, period and ration type: units of issue and their cost."""

    AssessmentNumber = carried.assessment_number()
    Class_of_Supply = carried.text()
    Region = carried.text(geographic_role="STATE")
    Region_MEF_Lead = carried.text(geographic_role="STATE")
    MEF = carried.text()
    CAP_Name = carried.text()
    CAP_Names = carried.text()
    Location_ID = carried.identifier()
    Location_Name = carried.text()
    DOS_Period = required.text(one_of=DOS_WORDS)
    Ration_Type = carried.text()
    Ration_Cost = carried.decimal(unit="USD")
    UI_Count = carried.decimal()
    Total_UI_Cost = carried.decimal(unit="USD")


class RD_I_POS_Pallet_Requirement(dy.Schema):
    """One row a location, CAP and ration type: units and pallets by period; of the time beyond, the units only."""

    AssessmentNumber = required.assessment_number()
    Class_of_Supply = required.text()
    Ration_Type = required.text()
    Region = required.text()
    Region_MEF_Lead = required.text()
    CAP_Name = unused.text()
    CAP_Names = unused.text()
    Location_ID = required.identifier()
    Location_Name = required.text()
    BEYOND = required.decimal()
    Unit_of_Issue = required.text(alias="Unit of Issue")
    DOS1_Units = required.decimal()
    DOS2_Units = required.decimal()
    DOS3_Units = required.decimal()
    DOS1_Units_Pallet_Qty = required.decimal()
    DOS2_Units_Pallet_Qty = required.decimal()
    DOS3_Units_Pallet_Qty = required.decimal()
    DOS1_Units_Pallet_Tot_CuFT = required.decimal(unit="ft3")
    DOS2_Units_Pallet_Tot_CuFT = required.decimal(unit="ft3")
    DOS3_Units_Pallet_Tot_CuFT = required.decimal(unit="ft3")
    DOS1_Units_Pallet_Tot_Wt = required.decimal(unit="lb", alias="DOS1_Units_Pallet_Tot_Wt(lbs)")
    DOS2_Units_Pallet_Tot_Wt = required.decimal(unit="lb", alias="DOS2_Units_Pallet_Tot_Wt(lbs)")
    DOS3_Units_Pallet_Tot_Wt = required.decimal(unit="lb", alias="DOS3_Units_Pallet_Tot_Wt(lbs)")
    DOS1_Units_Pallet_Tot_TEUs = required.decimal(unit="TEU")
    DOS2_Units_Pallet_Tot_TEUs = required.decimal(unit="TEU")
    DOS3_Units_Pallet_Tot_TEUs = required.decimal(unit="TEU")
    DOS1_Units_Pallet_Tot_FEUs = unused.decimal()
    DOS2_Units_Pallet_Tot_FEUs = unused.decimal()
    DOS3_Units_Pallet_Tot_FEUs = unused.decimal()


class RationsOfPeriod(RD_I_POS_Location, Periods):
    """One row a location and period, with the period of support."""


class RationCostsOfPeriod(RD_I_Ration_Costs, Periods):
    """One row a location, period and ration type, with the period of support."""


class RationPallets(dy.Schema):
    """One row a location, ration type and period of support."""

    ASSESSMENTNUMBER = published.assessment_number()
    CLASS_OF_SUPPLY = published.text()
    COS_TYPE = published.text()
    REGION = published.text()
    REGION_MEF_LEAD = published.text()
    LOCATION_ID = published.identifier()
    LOCATION_NAME = published.text()
    UI = published.text()
    POS = published.text()
    QTY = published.decimal(unit="units of issue")
    PALLETS = published.decimal(unit="pallets")
    CUFT = published.decimal(unit="ft3")
    TEUS = published.decimal(unit="TEU")
    WEIGHT_LBS = published.decimal(unit="lb")
    TOTAL_COST = published.decimal(unit="USD")


@table(RationsOfPeriod)
def RD_I_POS_Location_joined(RD_I_POS_Location: pl.LazyFrame, POS: pl.LazyFrame) -> pl.LazyFrame:
    """One row a location and period: rations of each type, with the period of support."""
    return with_periods(RD_I_POS_Location, POS)


@table(RationCostsOfPeriod)
def RD_I_Ration_Costs_joined(RD_I_Ration_Costs: pl.LazyFrame, POS: pl.LazyFrame) -> pl.LazyFrame:
    """One row a location, period and ration type: units of issue and their cost, with the period of support."""
    return with_periods(RD_I_Ration_Costs, POS)


_PLACE = {
    "ASSESSMENTNUMBER": "AssessmentNumber",
    "CLASS_OF_SUPPLY": "Class_of_Supply",
    "COS_TYPE": "Ration_Type",
    "REGION": "Region",
    "REGION_MEF_LEAD": "Region_MEF_Lead",
    "LOCATION_ID": "Location_ID",
    "LOCATION_NAME": "Location_Name",
    "UI": "Unit of Issue",
}


@table(RationPallets)
def cosi_embark(RD_I_POS_Pallet_Requirement: pl.LazyFrame) -> pl.LazyFrame:
    """One row a location, ration type and period of support: units, pallets, volume, TEUs, weight and cost.

    Quantities are summed over the CAPs of a location. The calculator puts POS1 to POS3 on pallets; for BEYOND that is
    done here, row by row as the calculator does it: whole pallets, and per pallet the figures of its ration type. An
    unknown ration type costs 0 and has no pallets.
    """
    rows = RD_I_POS_Pallet_Requirement
    periods = pl.concat([_beyond(rows), *(_period(rows, number) for number in (1, 2, 3))])
    key = [*_PLACE, "POS"]
    figures = ("QTY", "PALLETS", "CUFT", "TEUS", "WEIGHT_LBS")
    unit_cost = pl.col("COS_TYPE").replace_strict(
        {name: ration.unit_cost for name, ration in RATIONS.items()}, default=0.0, return_dtype=pl.Float64
    )
    return (
        periods.group_by(key, maintain_order=True)
        .agg(total(name) for name in figures)
        .with_columns(TOTAL_COST=pl.col("QTY") * unit_cost)
        .sort(key)
    )


def _period(rows: pl.LazyFrame, number: int) -> pl.LazyFrame:
    units = f"DOS{number}_Units"
    return rows.select(
        **_PLACE,
        POS=pl.lit(f"POS{number}"),
        QTY=units,
        PALLETS=f"{units}_Pallet_Qty",
        CUFT=f"{units}_Pallet_Tot_CuFT",
        TEUS=f"{units}_Pallet_Tot_TEUs",
        WEIGHT_LBS=f"{units}_Pallet_Tot_Wt(lbs)",
    )


def _beyond(rows: pl.LazyFrame) -> pl.LazyFrame:
    def of_ration(figures: dict[str, float]) -> pl.Expr:
        return pl.col("Ration_Type").replace_strict(figures, default=None, return_dtype=pl.Float64)

    units_per_pallet = of_ration({name: ration.units_per_pallet for name, ration in RATIONS.items()})
    pallets = (pl.col("BEYOND") / units_per_pallet).ceil()
    return rows.select(
        **_PLACE,
        POS=pl.lit("BEYOND"),
        QTY="BEYOND",
        PALLETS=pallets,
        CUFT=pallets * of_ration({name: ration.pallet_cuft for name, ration in RATIONS.items()}),
        TEUS=pallets / PALLETS_PER_TEU,
        WEIGHT_LBS=pallets * of_ration({name: ration.pallet_lbs for name, ration in RATIONS.items()}),
    )


_FOLDER = "cos-calculators/cos-i-subsistence/output"

CLASS_I = ClassOfSupply(
    key="class_i",
    title="Class I, subsistence",
    uploads=(
        Upload(contract=RD_I_POS_Location, folder=_FOLDER),
        Upload(contract=RD_I_Ration_Costs, folder=_FOLDER),
        Upload(contract=RD_I_POS_Pallet_Requirement, folder=_FOLDER),
    ),
    tables=(RD_I_POS_Location_joined, RD_I_Ration_Costs_joined, cosi_embark),
    embark=cosi_embark,
)
