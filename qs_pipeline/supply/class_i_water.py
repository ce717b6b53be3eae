"""Class I, water: what units need day by day, what it costs, and what drinking water is when put on pallets."""

import dataframely as dy

from qs_pipeline.frames.columns import carried, required, unused
from qs_pipeline.supply.class_i import RD_I_Ration_Costs


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
    Day = required.integer(unit="day of the operation")
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
    DOS_Period = required.text()
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
