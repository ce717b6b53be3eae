"""Force flow: how many people arrive where and when, and what they are fed."""

import dataframely as dy
import polars as pl

from qs_pipeline.frames.columns import published, required, unused
from qs_pipeline.model import ClassOfSupply, Upload
from qs_pipeline.supply.assessment import DOS_WORDS, with_periods
from qs_pipeline.supply.table import table

EPW_PREFIX = "EPW"
"""Unit codes that begin so are enemy prisoners of war: they are fed, and they are no force."""


class RD_I_PaxLocationAll(dy.Schema):
    """One row a unit, location and day: people arriving and present, and the rations they draw."""

    AssessmentNumber = required.assessment_number()
    Class_of_Supply = required.text()
    Location_ID = required.identifier()
    Service = required.text()
    MEF = required.text()
    MSE = required.text()
    CAP_Name = unused.text()
    CAP_Names = unused.text()
    UIC = required.identifier()
    Day = required.day()
    Flowin = required.integer(unit="people")
    Cumflow = required.integer(unit="people")
    Feed_Plan_ID = required.integer()
    MEALS_READY_TO_EAT_MRE = required.decimal()
    UGR_H_S_BREAKFAST = required.decimal()
    UGR_H_S_LUNCH_DINNER = required.decimal()
    UGR_M_BREAKFAST = required.decimal()
    UGR_M_LUNCH_DINNER = required.decimal()
    Feed_Plan_ID_Row = unused.integer()
    DOS_Period = required.text(one_of=DOS_WORDS)
    Location_Name = required.text()
    Region = required.text()
    Region_MEF_Lead = required.text()


class UnitDay(dy.Schema):
    """One row a unit, location and day, with its period of support and the day's arrivals of the whole force."""

    AssessmentNumber = published.assessment_number()
    Class_of_Supply = published.text()
    UIC = published.identifier()
    Flowin = published.integer(unit="people")
    Cumflow = published.integer(unit="people")
    Location_Name = published.text()
    Location_ID = published.identifier()
    Region = published.text(geographic_role="STATE")
    Region_MEF_Lead = published.text(geographic_role="STATE")
    MEF = published.text()
    Service = published.text()
    MSE = published.text()
    Day = published.integer(unit="day of the operation")
    Feed_Plan_ID = published.integer()
    MEALS_READY_TO_EAT_MRE = published.decimal()
    UGR_H_S_BREAKFAST = published.decimal()
    UGR_H_S_LUNCH_DINNER = published.decimal()
    UGR_M_BREAKFAST = published.decimal()
    UGR_M_LUNCH_DINNER = published.decimal()
    DOS_Period = published.text()
    POS = published.text()
    DOS = published.text()
    Period = published.integer(unit="day of the operation")
    Sort_Index = published.integer()
    OperationDuration = published.integer(unit="days")
    daily_Inflow = published.integer(unit="people")
    Cumulative_Daily_Inflow = published.integer(unit="people")
    daily_Inflow_no_EPW = published.integer(unit="people")


@table(UnitDay)
def ForceFlow_joined(
    RD_I_PaxLocationAll: pl.LazyFrame, AssessmentTable: pl.LazyFrame, POS: pl.LazyFrame
) -> pl.LazyFrame:
    """One row a unit, location and day, with its period of support and the day's arrivals of the whole force.

    daily_Inflow counts all arrivals of a day, prisoners included, Cumulative_Daily_Inflow adds it up over the days, and
    daily_Inflow_no_EPW leaves prisoners out.
    """
    epw = pl.col("UIC").str.starts_with(EPW_PREFIX).fill_null(value=False)
    days = (
        RD_I_PaxLocationAll.group_by("Day")
        .agg(daily_Inflow=pl.col("Flowin").sum(), daily_Inflow_no_EPW=pl.col("Flowin").filter(~epw).sum())
        .sort("Day")
        .with_columns(Cumulative_Daily_Inflow=pl.col("daily_Inflow").cum_sum())
    )
    duration = AssessmentTable.select("AssessmentNumber", "OperationDuration")
    return (
        RD_I_PaxLocationAll.join(duration, on="AssessmentNumber", how="left", validate="m:1", maintain_order="left")
        .pipe(with_periods, POS)
        .join(days, on="Day", how="left", validate="m:1", maintain_order="left")
        .select(UnitDay.column_names())
    )


FORCE_FLOW = ClassOfSupply(
    key="force_flow",
    title="Force flow",
    uploads=(Upload(contract=RD_I_PaxLocationAll, folder="cos-calculators/cos-i-subsistence/output"),),
    tables=(ForceFlow_joined,),
)
