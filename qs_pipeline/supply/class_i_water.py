"""Class I, water: what units need day by day, what it costs, and what drinking water is when put on pallets."""

import dataframely as dy
import polars as pl

from qs_pipeline.frames.columns import carried, published, required, unused
from qs_pipeline.model import ClassOfSupply, Upload
from qs_pipeline.supply.assessment import DOS_WORDS, with_periods
from qs_pipeline.supply.class_i import RationCostsOfPeriod, RD_I_Ration_Costs
from qs_pipeline.supply.embark import PALLETS_PER_TEU, total
from qs_pipeline.supply.table import identity, table

DRINKING = "Drinking_Rqmt"
"""The one kind of water that is shipped packed, hence the only one with embark figures."""

UNITS_PER_PALLET = 50
"""Units of drinking water on a pallet, as the water calculator loads it; so are the figures below."""

PALLET_GROWTH = 1 + 0.02 * 0.04
"""Share that loss and growth add to pallets: 1.0008.

Whether (1 + 0.02) x (1 + 0.04) = 1.0608 was meant is a question to the owner of the data; until it is answered the
figures stay comparable with those of earlier years.
"""

PALLET_CUFT = 56.11
PALLET_LBS = 1700
TEU_GROWTH = 1.063
"""Share that stowing adds to the TEUs of water pallets."""

CASE_COST = 3.05
"""USD a unit of drinking water."""


class RD_IW_PaxLocationAll(dy.Schema):
    """One row a unit, location and day: people arriving and present, and the water they need."""

    AssessmentNumber = required.assessment_number()
    Class_of_Supply = required.text()
    Location_ID = required.identifier()
    Service = carried.text()
    MEF = carried.text()
    MSE = carried.text()
    CAP_Name = carried.text()
    CAP_Names = carried.text()
    UIC = required.identifier()
    Day = required.day()
    Flowin = required.integer(unit="people")
    Cumflow = carried.integer(unit="people")
    Wparameter = carried.text()
    Plan = carried.text()
    Potable = carried.decimal(unit="gal")
    NonPotable = carried.decimal(unit="gal", also=("Non-Potable",))
    Total_Water = carried.decimal(unit="gal")
    Drinking = carried.decimal(unit="gal")
    Potable_Rqmt = required.decimal(unit="gal")
    NonPotable_Rqmt = required.decimal(unit="gal", also=("Non-Potable_Rqmt",))
    Total_Rqmt = carried.decimal(unit="gal")
    Drinking_Rqmt = required.decimal(unit="gal")
    V7 = unused.text()
    V8 = unused.text()
    V9 = unused.text()
    DOS_Period = required.text(one_of=DOS_WORDS)
    Location_Name = required.text()
    Region = required.text(geographic_role="STATE")
    Region_MEF_Lead = required.text(geographic_role="STATE")


class RD_IW_Ration_Costs(RD_I_Ration_Costs):
    """One row a location, period and kind of water: units of issue and their cost."""


class RD_IW_POS_Requirement(dy.Schema):
    """One row a location and kind of water: units of issue and their cost, the periods side by side."""

    AssessmentNumber = carried.assessment_number()
    Class_of_Supply = carried.text()
    Ration_Type = carried.text()
    Region = carried.text(geographic_role="STATE")
    Region_MEF_Lead = carried.text(geographic_role="STATE")
    CAP_Name = carried.text()
    CAP_Names = carried.text()
    Location_ID = carried.identifier()
    UI_Count_DOS1 = carried.decimal()
    UI_Count_DOS2 = carried.decimal()
    UI_Count_DOS3 = carried.decimal()
    UI_Count_BEYOND = carried.decimal()
    Total_UI_Cost_DOS1 = carried.decimal(unit="USD")
    Total_UI_Cost_DOS2 = carried.decimal(unit="USD")
    Total_UI_Cost_DOS3 = carried.decimal(unit="USD")
    Total_UI_Cost_BEYOND = carried.decimal(unit="USD")
    Location_Name = carried.text()


class UnitWaterDay(RD_IW_PaxLocationAll):
    """One row a unit, location and day, with the day's totals over all units and the period of support."""

    daily_Inflow = published.integer(unit="people")
    daily_Potable_Rqmt = published.decimal(unit="gal")
    daily_NonPotable_Rqmt = published.decimal(unit="gal")
    daily_Drinking_Rqmt = published.decimal(unit="gal")
    daily_Total_Potable_NonPotable_Rqmt = published.decimal(unit="gal")
    POS = published.text()
    DOS = published.text()
    Period = published.integer(unit="day of the operation")
    Sort_Index = published.integer()


class WaterPallets(dy.Schema):
    """One row a unit, location and day on which drinking water is needed."""

    ASSESSMENTNUMBER = published.assessment_number()
    CLASS_OF_SUPPLY = published.text()
    COS_TYPE = published.text()
    REGION = published.text()
    REGION_MEF_LEAD = published.text()
    LOCATION_NAME = published.text()
    LOCATION_ID = published.identifier()
    UIC = published.identifier()
    UI = published.text()
    POS = published.text()
    QTY = published.decimal(unit="units of issue")
    PALLETS = published.decimal(unit="pallets")
    CUFT = published.decimal(unit="ft3")
    WEIGHT_LBS = published.decimal(unit="lb")
    TEUS = published.decimal(unit="TEU")
    TOTAL_COST = published.decimal(unit="USD")


@table(UnitWaterDay)
def RD_IW_PaxLocationAll_joined(RD_IW_PaxLocationAll: pl.LazyFrame, POS: pl.LazyFrame) -> pl.LazyFrame:
    """One row a unit, location and day: people, the water they need, the day's totals and the period of support.

    The totals of a day are those of all units at all locations, prisoners included.
    """
    figures = {"Inflow": "Flowin", **{name: name for name in ("Potable_Rqmt", "NonPotable_Rqmt", DRINKING)}}
    days = (
        RD_IW_PaxLocationAll.group_by("Day", maintain_order=True)
        .agg(total(name).fill_null(0).alias(f"daily_{label}") for label, name in figures.items())
        .with_columns(
            daily_Total_Potable_NonPotable_Rqmt=pl.col("daily_Potable_Rqmt") + pl.col("daily_NonPotable_Rqmt")
        )
    )
    return (
        RD_IW_PaxLocationAll.join(days, on="Day", how="left", validate="m:1", maintain_order="left")
        .pipe(with_periods, POS)
        .select(UnitWaterDay.column_names())
    )


@table(RationCostsOfPeriod)
def RD_IW_Ration_Costs_joined(RD_IW_Ration_Costs: pl.LazyFrame, POS: pl.LazyFrame) -> pl.LazyFrame:
    """One row a location, period and kind of water: units of issue and their cost, with the period of support."""
    return with_periods(RD_IW_Ration_Costs, POS)


@table(WaterPallets, row_wise=True)
def cosi_water_embark(RD_IW_PaxLocationAll_joined: pl.LazyFrame) -> pl.LazyFrame:
    """One row a unit, location and day on which drinking water is needed: units, pallets, volume, TEUs and cost.

    Potable and non-potable water is made on the spot and not shipped, so it has no rows here.
    """
    quantity = pl.col(DRINKING)
    pallets = quantity / UNITS_PER_PALLET * PALLET_GROWTH
    return RD_IW_PaxLocationAll_joined.filter(quantity > 0).select(
        ASSESSMENTNUMBER="AssessmentNumber",
        CLASS_OF_SUPPLY="Class_of_Supply",
        COS_TYPE=pl.lit(DRINKING),
        REGION="Region",
        REGION_MEF_LEAD="Region_MEF_Lead",
        LOCATION_NAME="Location_Name",
        LOCATION_ID="Location_ID",
        UIC="UIC",
        UI=pl.lit("Case"),
        POS="POS",
        QTY=quantity,
        PALLETS=pallets,
        CUFT=pallets * PALLET_CUFT,
        WEIGHT_LBS=pallets * PALLET_LBS,
        TEUS=pallets / PALLETS_PER_TEU * TEU_GROWTH,
        TOTAL_COST=quantity * CASE_COST,
    )


_FOLDER = "cos-calculators/cos-i-water/output"
_REQUIREMENT = Upload(contract=RD_IW_POS_Requirement, folder=_FOLDER)

CLASS_I_WATER = ClassOfSupply(
    key="class_i_water",
    title="Class I, water",
    uploads=(
        Upload(contract=RD_IW_PaxLocationAll, folder=_FOLDER),
        Upload(contract=RD_IW_Ration_Costs, folder=_FOLDER),
        _REQUIREMENT,
    ),
    tables=(identity(_REQUIREMENT), RD_IW_PaxLocationAll_joined, RD_IW_Ration_Costs_joined, cosi_water_embark),
    embark=cosi_water_embark,
)
