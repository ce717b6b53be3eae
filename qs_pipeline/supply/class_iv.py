"""Class IV, construction material: what is needed day by day, and what it weighs and fills when shipped."""

import dataframely as dy

from qs_pipeline.frames.columns import required, unused


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
    POS = required.text()
