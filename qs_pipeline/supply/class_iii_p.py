"""Class III P, packaged petroleum products: how many packages, and what they weigh and fill when shipped."""

import dataframely as dy
import polars as pl

from qs_pipeline.frames.columns import published, required, unused
from qs_pipeline.model import ClassOfSupply, Upload
from qs_pipeline.supply.assessment import POS_WORDS
from qs_pipeline.supply.embark import POUNDS_PER_SHORT_TON
from qs_pipeline.supply.table import table


class RD_IIIP_POL_Pkg_NSN_Requirements_PBI(dy.Schema):
    """One row a location, period, end item and product: packages, and the size and price of one."""

    AssessmentNumber = required.assessment_number()
    Class_of_Supply = required.text()
    TAMCN = unused.identifier()
    NSN = unused.identifier()
    POS = required.text(one_of=POS_WORDS)
    MEF = required.text()
    LOCATION_NAME = required.text()
    REGION = required.text()
    POL_Type = required.text()
    POL_Pkg_Type = required.text()
    Qty = required.decimal()
    POL_PKG_NSN = required.identifier()
    NIIN = required.identifier()
    NOMENCLATURE = required.text()
    STANDARD_UNIT_PRICE = required.decimal(alias="STANDARD UNIT PRICE", unit="USD")
    STORES_ACCOUNT_CODE = unused.identifier()
    CEC = unused.identifier()
    SOS = unused.text()
    DIM_LENGTH_INCHES = unused.decimal(alias="DIM LENGTH INCHES")
    DIM_WIDTH_INCHES = unused.decimal(alias="DIM WIDTH INCHES")
    DIM_HEIGHT_INCHES = unused.decimal(alias="DIM HEIGHT INCHES")
    IND_STON = required.decimal(alias="IND STON", unit="short tons")
    IND_SQFT_LW = unused.integer(alias="IND SQFT_LW")
    IND_CUFT = required.decimal(alias="IND CUFT", unit="ft3")
    IND_TEUs_Cube = required.decimal(alias="IND TEUs_Cube", unit="TEU")
    IND_SQFT_Cube = required.decimal(alias="IND SQFT_Cube", unit="ft2")


class ShippedPackages(dy.Schema):
    """One row a location, period, end item and product that weighs."""

    ASSESSMENTNUMBER = published.assessment_number()
    CLASS_OF_SUPPLY = published.text()
    REGION = published.text()
    LOCATION_NAME = published.text()
    REGION_MEF_LEAD = published.text()
    COS_TYPE = published.text()
    POS = published.text()
    UI = published.text()
    QTY = published.decimal(unit="packages")
    POL_PKG_NSN = published.identifier()
    NIIN = published.identifier()
    NOMENCLATURE = published.text()
    UNIT_PRICE = published.decimal(unit="USD")
    STON_ = published.decimal(unit="short tons a package")
    SQFT_ = published.decimal(unit="ft2 a package")
    CUFT_ = published.decimal(unit="ft3 a package")
    TEU_ = published.decimal(unit="TEU a package")
    CUFT = published.decimal(unit="ft3")
    SQFT = published.decimal(unit="ft2")
    TEUS = published.decimal(unit="TEU")
    WEIGHT_LBS = published.decimal(unit="lb")
    STONS = published.decimal(unit="short tons")
    TOTAL_COST = published.decimal(unit="USD")


@table(ShippedPackages, row_wise=True)
def cosiiip_embark(RD_IIIP_POL_Pkg_NSN_Requirements_PBI: pl.LazyFrame) -> pl.LazyFrame:
    """One row a location, period, end item and product: packages, volume, area, TEUs, weight and cost.

    Every figure is the quantity times that of one package. Packages without a weight are left out.
    """
    quantity = pl.col("Qty")
    tons = quantity * pl.col("IND STON")
    return RD_IIIP_POL_Pkg_NSN_Requirements_PBI.filter(tons > 0).select(
        "POS",
        "POL_PKG_NSN",
        "NIIN",
        "NOMENCLATURE",
        "REGION",
        "LOCATION_NAME",
        ASSESSMENTNUMBER="AssessmentNumber",
        CLASS_OF_SUPPLY="Class_of_Supply",
        REGION_MEF_LEAD="MEF",
        COS_TYPE="POL_Type",
        UI="POL_Pkg_Type",
        QTY=quantity,
        UNIT_PRICE="STANDARD UNIT PRICE",
        STON_="IND STON",
        SQFT_="IND SQFT_Cube",
        CUFT_="IND CUFT",
        TEU_="IND TEUs_Cube",
        CUFT=quantity * pl.col("IND CUFT"),
        SQFT=quantity * pl.col("IND SQFT_Cube"),
        TEUS=quantity * pl.col("IND TEUs_Cube"),
        WEIGHT_LBS=tons * POUNDS_PER_SHORT_TON,
        STONS=tons,
        TOTAL_COST=quantity * pl.col("STANDARD UNIT PRICE"),
    )


CLASS_III_P = ClassOfSupply(
    key="class_iii_p",
    title="Class III P, packaged petroleum",
    uploads=(Upload(contract=RD_IIIP_POL_Pkg_NSN_Requirements_PBI, folder="cos-calculators/cos-iii-p/output"),),
    tables=(cosiiip_embark,),
    embark=cosiiip_embark,
)
