"""Class IV, construction material: what is needed day by day, and what it weighs and fills when shipped."""

import dataframely as dy
import polars as pl

from qs_pipeline.frames.columns import published, required, unused
from qs_pipeline.model import ClassOfSupply, Upload
from qs_pipeline.supply.assessment import POS_WORDS
from qs_pipeline.supply.embark import POUNDS_PER_SHORT_TON
from qs_pipeline.supply.table import table


class RD_IV_Daily_Requirements(dy.Schema):
    """One row a location, day and material: units of issue, the size and price of one, and the totals of the row."""

    AssessmentNumber = required.assessment_number()
    Class_of_Supply = required.text()
    Location_Name = required.text()
    RD = unused.integer()
    BOM_NSN = unused.identifier()
    UOM = unused.text()
    UOM_QTY = unused.decimal()
    NIIN = required.identifier()
    UOM_Type = unused.text()
    JCMS_NIIN_match = unused.text()
    Nomenclature = required.text()
    UOM_Nomenclature = unused.text()
    UOM_Code = unused.text()
    UOM_X12 = unused.text()
    UOM_Alternate_Name = unused.text()
    UOI_Nomenclature = unused.text()
    UOI_Code = unused.text()
    UOI_X12 = unused.text()
    UOI_Alternate_Name = unused.text()
    Conversion_Factor = unused.integer()
    Volume = required.decimal(unit="ft3")
    Weight = required.decimal(unit="lb")
    Price = required.decimal(unit="USD")
    Acquisition_Advice_Code = unused.text()
    HMIC_Type_Code = unused.text()
    NSN = unused.identifier()
    UI = required.text()
    UOI_QTY = required.decimal()
    Total_Price = required.decimal(unit="USD")
    Total_Weight_LB = required.decimal(unit="lb")
    Total_Volume_CuFt = required.decimal(unit="ft3")
    Day = unused.integer()
    MEF_Lead = unused.text()
    Region = required.text()
    Region_MEF_Lead = required.text()
    POS = required.text(one_of=POS_WORDS)


class ShippedMaterial(dy.Schema):
    """One row a location, day and material that weighs; VOLUME and WEIGHT are those of one unit of issue."""

    ASSESSMENTNUMBER = published.assessment_number()
    CLASS_OF_SUPPLY = published.text()
    REGION = published.text()
    LOCATION_NAME = published.text()
    REGION_MEF_LEAD = published.text()
    COS_TYPE = published.identifier()
    NOMENCLATURE = published.text()
    UI = published.text()
    UNIT_PRICE = published.decimal(unit="USD")
    VOLUME = published.decimal(unit="ft3 a unit of issue")
    WEIGHT = published.decimal(unit="lb a unit of issue")
    POS = published.text()
    QTY = published.decimal(unit="units of issue")
    CUFT = published.decimal(unit="ft3")
    TEUS = published.decimal(unit="TEU")
    WEIGHT_LBS = published.decimal(unit="lb")
    STONS = published.decimal(unit="short tons")
    TOTAL_COST = published.decimal(unit="USD")


@table(ShippedMaterial, row_wise=True)
def cosiv_embark(RD_IV_Daily_Requirements: pl.LazyFrame) -> pl.LazyFrame:
    """One row a location, day and material: quantity, volume, weight and cost, as the calculator totals them.

    How many TEUs construction material takes nobody has computed, so TEUS is empty. Material without a weight is left
    out.
    """
    pounds = pl.col("Total_Weight_LB")
    return RD_IV_Daily_Requirements.filter(pounds > 0).select(
        "UI",
        "POS",
        ASSESSMENTNUMBER="AssessmentNumber",
        CLASS_OF_SUPPLY="Class_of_Supply",
        REGION="Region",
        LOCATION_NAME="Location_Name",
        REGION_MEF_LEAD="Region_MEF_Lead",
        COS_TYPE="NIIN",
        NOMENCLATURE="Nomenclature",
        UNIT_PRICE="Price",
        VOLUME="Volume",
        WEIGHT="Weight",
        QTY="UOI_QTY",
        CUFT="Total_Volume_CuFt",
        TEUS=pl.lit(None, dtype=pl.Float64),
        WEIGHT_LBS=pounds,
        STONS=pounds / POUNDS_PER_SHORT_TON,
        TOTAL_COST="Total_Price",
    )


CLASS_IV = ClassOfSupply(
    key="class_iv",
    title="Class IV, construction material",
    uploads=(Upload(contract=RD_IV_Daily_Requirements, folder="cos-calculators/cos-iv/output"),),
    tables=(cosiv_embark,),
    embark=cosiv_embark,
)
