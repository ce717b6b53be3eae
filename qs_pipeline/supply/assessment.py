"""The assessment itself: who, when, how long, where; and the periods of support that every other class refers to."""

import dataframely as dy
import polars as pl

from qs_pipeline.frames.columns import carried, published, required
from qs_pipeline.frames.errors import AmbiguousAssessmentError, NoParametersError
from qs_pipeline.model import ClassOfSupply, Upload
from qs_pipeline.supply.table import identity, table

POS_WORDS = ("POS1", "POS2", "POS3", "BEYOND")
DOS_WORDS = ("DOS1", "DOS2", "DOS3", "BEYOND")
"""The periods of support, and the same as days of supply; calculators use either."""


class AssessmentTable(dy.Schema):
    """One row an assessment: its number, kind, title, dates and duration."""

    ID = carried.identifier()
    AssessmentNumber = required.assessment_number(key=True)
    AppianFolderID = carried.identifier()
    AssessmentTypeID = carried.integer()
    Description = carried.text()
    OperationDuration = required.day(unit="days")
    OperationStartDate = carried.text()
    OperationEndDate = carried.text()
    MarforOrganizationID = carried.integer()
    SupportedCCMDID = carried.integer()
    PrepoEquipDayRange = carried.text()
    GenerateJFRG = carried.text()
    S3FolderLink = carried.text()
    StatusID = carried.integer()
    StepID = carried.integer()
    Title = carried.text()
    Year = carried.integer()
    UseMpf = carried.text()
    UseMcppn = carried.text()
    UseLform = carried.text()
    DefaultTheaterStartDay = carried.text()
    SourcingStepID = carried.text()
    RiskStepID = carried.text()
    SourcingAnalysisStartDate = carried.text()
    SourcingAnalysisEndDate = carried.text()
    CreatedBy = carried.text()
    CreatedOn = carried.text()
    UpdatedBy = carried.text()
    UpdatedOn = carried.text()
    IsArchived = carried.integer()
    LeadMarforUIC = carried.identifier()
    LeadMarforName = carried.text()
    DefaultUnitFactor = carried.text()
    ProjectCode = carried.text()


class AssessmentParameterDataMapTable(dy.Schema):
    """One row an assessment: the parameters its calculators ran with, periods of support among them."""

    ID = carried.identifier()
    AssessmentID = required.assessment_number()
    ClimateTypeID = carried.text()
    TheaterTypeID = carried.text()
    WaterLevelID = carried.text()
    DaysOfSupplyFirst = required.day()
    DaysOfSupplySecond = required.day()
    DaysOfSupplyThird = required.day()
    OverrideTFSMS = carried.integer()
    EpwsToFeed = carried.text()
    PercentToFemalePopulation = carried.integer(unit="%")
    POS1CARFRate = carried.text()
    POS2CARFRate = carried.text()
    POS3CARFRate = carried.text()
    CalculateCRRForII_ICCE = carried.integer()
    UseII_VII_CARFForII_ICCE = carried.integer()
    PercentForCARFForEachPOSForII_ICCE = carried.integer(unit="%")
    ClassIXCStockLevelPercent = carried.integer(unit="%")
    ClassIXCPartsHistory = carried.integer()
    ClassIXCInventoryToConsider = carried.text()
    ClassIXExcludeTool = carried.integer()
    ClassIXExcludePol = carried.integer()
    ClassIXExcludeBattery = carried.integer()
    ClassIXExcludeClothing = carried.integer()
    ClassIXCAcqAdvJson = carried.text()
    ClassIXCPhcJson = carried.text()
    ClassIXSStockLevelPercent = carried.integer(unit="%")
    ClassIXSPartsHistory = carried.integer()
    ClassIXSInventoryToConsider = carried.text()
    ClassIXSFloatStartDay = carried.integer()
    ClassIXSRepairStartDay = carried.integer()
    ClassIIIPPOS1 = carried.integer()
    ClassIIIPPOS2 = carried.integer()
    ClassIIIPPOS3 = carried.integer()
    ClassIIIPPOSBeyond = carried.integer()
    ClassIIIPHeavyPkg = carried.integer(unit="%")
    ClassIIIPLightPkg = carried.integer(unit="%")
    CreatedBy = carried.text()
    CreatedOn = carried.text()
    UpdatedBy = carried.text()
    UpdatedOn = carried.text()

    @dy.rule()
    def days_of_supply_in_order(cls) -> pl.Expr:  # noqa: N805 -- dataframely passes the contract
        """DaysOfSupplyFirst, Second and Third are the last days of periods that follow each other; none may be earlier.

        Two equal days are a period of no days, which is allowed.
        """
        first, second, third = (pl.col(f"DaysOfSupply{each}") for each in ("First", "Second", "Third"))
        return (first <= second) & (second <= third)


class Locations(dy.Schema):
    """One row a location of the assessment; flags stay the text they are, since nothing computes with them."""

    Location_ID = carried.identifier()
    Designated_Name = carried.text()
    Region = carried.text(geographic_role="STATE")
    Country = carried.text()
    City = carried.text()
    Climate = carried.text()
    Theater = carried.text()
    Water_Level = carried.text()
    MEF_Lead = carried.text()
    Has_Class_VI = carried.text()
    Parent_Location_ID = carried.identifier()
    Has_EPW = carried.text()
    EPW_Is_Percent = carried.text()
    EPW_Value = carried.integer()
    EPW_Start_Day = carried.integer(unit="day of the operation")
    EPW_Meals_Per_Day = carried.integer()
    EPW_Has_Class_VI = carried.text()
    Is_EPW = carried.text()
    Region_MEF_Lead = carried.text(geographic_role="STATE")


class Periods(dy.Schema):
    """The four columns that say which period of support a row belongs to; empty where no period matches."""

    POS = published.text()
    DOS = published.text()
    Period = published.integer(unit="day of the operation")
    Sort_Index = published.integer()


def with_periods(rows: pl.LazyFrame, periods: pl.LazyFrame) -> pl.LazyFrame:
    """Each row with the columns of ``Periods`` whose DOS is the row's DOS_Period; rows stay as many and in order."""
    keyed = periods.with_columns(DOS_Period=pl.col("DOS"))
    return rows.join(keyed, on="DOS_Period", how="left", validate="m:1", maintain_order="left")


@table(Periods)
def POS(AssessmentTable: pl.LazyFrame, AssessmentParameterDataMapTable: pl.LazyFrame) -> pl.LazyFrame:
    """One row a period of support, POS1 to POS3 and BEYOND, always four.

    Period is the last day of POS1 to POS3, counted from the start of the operation; that of BEYOND is the operation's
    whole duration.
    """
    assessment = AssessmentTable.select("AssessmentNumber", "OperationDuration").collect()
    parameters = AssessmentParameterDataMapTable.collect()
    both = assessment.join(parameters, left_on="AssessmentNumber", right_on="AssessmentID", how="inner")
    numbers = assessment["AssessmentNumber"].to_list()
    if both.is_empty():
        found = parameters["AssessmentID"].to_list()
        what = f"no parameters for assessment {', '.join(numbers) or '(no row)'}"
        where = f"AssessmentParameterDataMapTable has rows of {', '.join(found) or 'no assessment'}"
        raise NoParametersError(f"{what}: {where}; upload both files of the same assessment", *numbers, *found)
    if both.height > 1:
        numbers = both["AssessmentNumber"].to_list()
        what = f"{both.height} rows of parameters for assessment {numbers[0]}"
        raise AmbiguousAssessmentError(f"{what}; leave one in AssessmentParameterDataMapTable", *numbers)
    row = both.row(0, named=True)
    days = [row[name] for name in ("DaysOfSupplyFirst", "DaysOfSupplySecond", "DaysOfSupplyThird", "OperationDuration")]
    return pl.LazyFrame(
        {
            "POS": POS_WORDS,
            "DOS": DOS_WORDS,
            "Period": pl.Series(days, dtype=pl.Int64),
            "Sort_Index": [1, 2, 3, 4],
        }
    )


_UPLOADS = (
    Upload(contract=AssessmentTable, folder="cos-calculators"),
    Upload(contract=AssessmentParameterDataMapTable, folder="cos-calculators"),
    Upload(contract=Locations, folder="extracted", archive="_RD_I__Input.zip"),
)

ASSESSMENT = ClassOfSupply(
    key="assessment",
    title="Assessment",
    uploads=_UPLOADS,
    tables=(*(identity(upload) for upload in _UPLOADS), POS),
)
