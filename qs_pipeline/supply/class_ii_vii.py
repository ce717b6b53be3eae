"""Classes II and VII, equipment: what units bring, with dimensions, and what it weighs and fills when shipped."""

import dataframely as dy
import polars as pl

from qs_pipeline.frames.columns import carried, published, required, unused
from qs_pipeline.model import ClassOfSupply, Upload
from qs_pipeline.supply.assessment import POS_WORDS
from qs_pipeline.supply.embark import POUNDS_PER_SHORT_TON, UNKNOWN
from qs_pipeline.supply.table import identity, table


class RD_II_VII_DailyTE_WithDimensions(dy.Schema):
    """One row a unit, item and day: how many, the size and price of one, and the totals of the row."""

    AssessmentNumber = required.assessment_number()
    Class_of_Supply = required.text()
    Location_Name = required.text()
    Region = required.text(geographic_role="STATE")
    POS = required.text(one_of=POS_WORDS)
    MEF = carried.text()
    MSE = carried.text()
    UIC = required.identifier()
    TAMCN_Group = carried.text()
    TAMCN = required.identifier()
    NIIN = carried.identifier()
    Day = carried.day()
    COLLOQUIAL_NAME = carried.text()
    TAM_STATUS = carried.text()
    ITEM_EXIT_DATE = carried.text()
    STORES_ACCOUNT_CODE = carried.identifier()
    ITEM_DESIGNATOR_CODE = carried.identifier()
    READINESS_REPORTABLE_CODE = carried.text()
    PREF_NIIN_IND = carried.text()
    PREF_NIIN_RNK = carried.integer()
    EQUIP_CRIT_RNK = carried.integer()
    CLASSOFSUPPLY = carried.identifier()
    STANDARD_UNIT_PRICE = required.decimal(unit="USD")
    CHILD_TAMCN = carried.text()
    TARIFF_FCTR = carried.text()
    CLASSII_VII_INDICATOR = carried.text()
    TE_Orig_Qty = required.decimal()
    Mission_TE = carried.integer()
    RD = carried.integer()
    CAP_Name = carried.text()
    CAP_Names = carried.text()
    ILOC = carried.text()
    Region_MEF_Lead = required.text(geographic_role="STATE")
    Unit_Name = carried.text()
    Priority = carried.integer()
    Parent_UIC = carried.identifier()
    AAC = carried.identifier()
    Prepo_Enabled = carried.text()
    isArty = carried.text()
    TAMCN_5 = carried.text()
    DIM_HEIGHT_INCHES = carried.decimal(alias="DIM HEIGHT INCHES", unit="in")
    DIM_LENGTH_INCHES = carried.decimal(alias="DIM LENGTH INCHES", unit="in")
    DIM_WIDTH_INCHES = carried.decimal(alias="DIM WIDTH INCHES", unit="in")
    IND_SQFT = required.decimal(alias="IND SQFT", unit="ft2")
    IND_CUFT = required.decimal(alias="IND CUFT", unit="ft3")
    IND_STON = required.decimal(alias="IND STON", unit="short tons")
    IND_MTON = carried.decimal(alias="IND MTON", unit="measurement tons")
    EMBARK = carried.integer()
    PO_ITEM = carried.text(alias="PO ITEM")
    LOCAL_TAM = carried.text(alias="LOCAL TAM")
    REPLACEMENT_COST = carried.decimal(alias="REPLACEMENT COST", unit="USD")
    Other_Unit_Price = carried.decimal(alias="STANDARD UNIT PRICE", unit="USD")
    STON = carried.decimal(unit="short tons")
    SQFT = carried.decimal(unit="ft2")
    SQFT_C = carried.decimal(alias="SQFT(C)", unit="ft2")
    CUFT_C = carried.decimal(alias="CUFT(C)", unit="ft3")
    TEU_Equivalents = required.decimal(unit="TEU")


class RD_II_ICCE_DailyTE(dy.Schema):
    """One row a unit, item of individual equipment and day; taken and held against its contract, used by no table."""

    AssessmentNumber = required.assessment_number()
    Class_of_Supply = unused.text()
    Location_Name = unused.text()
    Region_MEF_Lead = unused.text()
    Region = unused.text()
    POS = unused.text()
    MEF = unused.text()
    MSE = unused.text()
    UIC = unused.identifier()
    Type = unused.text()
    TAMCN_Group = unused.text()
    TAMCN = unused.identifier()
    NIIN = unused.identifier()
    Day = unused.integer()
    COLLOQUIAL_NAME = unused.text()
    CHILD_TAMCN = unused.text()
    TAM_STATUS = unused.text()
    ITEM_EXIT_DATE = unused.text()
    STORES_ACCOUNT_CODE = unused.identifier()
    ITEM_DESIGNATOR_CODE = unused.identifier()
    READINESS_REPORTABLE_CODE = unused.text()
    PREF_NIIN_IND = unused.text()
    PREF_NIIN_RNK = unused.integer()
    EQUIP_CRIT_RNK = unused.integer()
    CLASSOFSUPPLY = unused.identifier()
    STANDARD_UNIT_PRICE = unused.decimal()
    TE_Orig_Qty = unused.decimal()
    Mission_TE = unused.integer()
    RD = unused.integer()
    CAP_Name = unused.text()
    CAP_Names = unused.text()
    ILOC = unused.text()
    Unit_Name = unused.text()
    Priority = unused.integer()
    Parent_UIC = unused.identifier()
    AAC = unused.identifier()
    Prepo_Enabled = unused.text()
    isArty = unused.text()
    TAMCN_5 = unused.text()
    TARIFF_FCTR = unused.integer()


class ShippedItem(dy.Schema):
    """One row a unit, item and day of something that weighs."""

    ASSESSMENTNUMBER = published.assessment_number()
    CLASS_OF_SUPPLY = published.text()
    COS_TYPE = published.text()
    REGION = published.text()
    REGION_MEF_LEAD = published.text()
    LOCATION_NAME = published.text()
    UIC = published.identifier()
    UI = published.text()
    UNIT_PRICE = published.decimal(unit="USD")
    DIM_HEIGHT_INCHES = published.decimal(alias="DIM HEIGHT INCHES", unit="in")
    DIM_LENGTH_INCHES = published.decimal(alias="DIM LENGTH INCHES", unit="in")
    DIM_WIDTH_INCHES = published.decimal(alias="DIM WIDTH INCHES", unit="in")
    STON_ = published.decimal(unit="short tons an item")
    SQFT_ = published.decimal(unit="ft2 an item")
    CUFT_ = published.decimal(unit="ft3 an item")
    TEU_ = published.decimal(unit="TEU an item")
    POS = published.text()
    QTY = published.decimal(unit="items")
    CUFT = published.decimal(unit="ft3")
    SQFT = published.decimal(unit="ft2")
    TEUS = published.decimal(unit="TEU")
    WEIGHT_LBS = published.decimal(unit="lb")
    TOTAL_COST = published.decimal(unit="USD")


@table(ShippedItem, row_wise=True)
def cosii_vii_embark(RD_II_VII_DailyTE_WithDimensions: pl.LazyFrame) -> pl.LazyFrame:
    """One row a unit, item and day: quantity, volume, area, TEUs, weight and cost.

    Every figure is the quantity times that of one item, TEU_Equivalents included. Items without a weight are left out.
    """
    quantity = pl.col("TE_Orig_Qty")
    pounds = quantity * pl.col("IND STON") * POUNDS_PER_SHORT_TON
    return RD_II_VII_DailyTE_WithDimensions.filter(pounds > 0).select(
        "DIM HEIGHT INCHES",
        "DIM LENGTH INCHES",
        "DIM WIDTH INCHES",
        "UIC",
        "POS",
        ASSESSMENTNUMBER="AssessmentNumber",
        CLASS_OF_SUPPLY="Class_of_Supply",
        COS_TYPE=pl.col("TAMCN").fill_null(UNKNOWN) + "_Class_II/VII",
        REGION="Region",
        REGION_MEF_LEAD="Region_MEF_Lead",
        LOCATION_NAME="Location_Name",
        UI=pl.lit("NIIN"),
        UNIT_PRICE="STANDARD_UNIT_PRICE",
        STON_="IND STON",
        SQFT_="IND SQFT",
        CUFT_="IND CUFT",
        TEU_="TEU_Equivalents",
        QTY=quantity,
        CUFT=quantity * pl.col("IND CUFT"),
        SQFT=quantity * pl.col("IND SQFT"),
        TEUS=quantity * pl.col("TEU_Equivalents"),
        WEIGHT_LBS=pounds,
        TOTAL_COST=quantity * pl.col("STANDARD_UNIT_PRICE"),
    )


_ITEMS = Upload(contract=RD_II_VII_DailyTE_WithDimensions, folder="cos-calculators/cos-ii-vii/output")

CLASS_II_VII = ClassOfSupply(
    key="class_ii_vii",
    title="Classes II and VII, equipment",
    uploads=(_ITEMS, Upload(contract=RD_II_ICCE_DailyTE, folder="cos-calculators/cos-ii-icce/output")),
    tables=(identity(_ITEMS), cosii_vii_embark),
    embark=cosii_vii_embark,
)
