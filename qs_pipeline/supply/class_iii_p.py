"""Class III P, packaged petroleum products: how many packages, and what they weigh and fill when shipped."""

import dataframely as dy

from qs_pipeline.frames.columns import required, unused


class RD_IIIP_POL_Pkg_NSN_Requirements_PBI(dy.Schema):
    """One row a location, period, end item and product: packages, and the size and price of one."""

    AssessmentNumber = required.assessment_number()
    Class_of_Supply = required.text()
    TAMCN = unused.identifier()
    NSN = unused.identifier()
    POS = required.text()
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
