"""Class VI, health and comfort packs: how many boxes, and what they are when put on pallets."""

import dataframely as dy

from qs_pipeline.frames.columns import required, unused


class RD_VI_POS_Pallet_Requirement(dy.Schema):
    """One row a location, CAP and kind of pack: boxes and pallets, the periods side by side; none beyond POS3."""

    AssessmentNumber = required.assessment_number()
    Class_of_Supply = required.text()
    HCP_Type = required.text()
    DESCRIPTION = unused.text()
    TAMCN = unused.identifier()
    FSC = unused.identifier()
    NIIN = required.identifier()
    NSN = unused.identifier()
    TPFDD_TAMCN = unused.text()
    TPFDD_NSN = unused.identifier()
    Description = unused.text()
    Region = required.text()
    Region_MEF_Lead = required.text()
    CAP_Name = unused.text()
    CAP_Names = unused.text()
    Location_ID = required.identifier()
    Location_Name = required.text()
    Unit_of_Issue = unused.text(alias="Unit of Issue")
    DOS1_Units = unused.decimal()
    DOS2_Units = unused.decimal()
    DOS3_Units = unused.decimal()
    DOS1_Units_NIIN_Qty = required.decimal(unit="boxes")
    DOS2_Units_NIIN_Qty = required.decimal(unit="boxes")
    DOS3_Units_NIIN_Qty = required.decimal(unit="boxes")
    DOS1_Units_NIIN_Qty_Pallet_Qty = required.decimal(unit="pallets")
    DOS2_Units_NIIN_Qty_Pallet_Qty = required.decimal(unit="pallets")
    DOS3_Units_NIIN_Qty_Pallet_Qty = required.decimal(unit="pallets")
    DOS1_Units_NIIN_Qty_Pallet_Tot_CuFT = required.decimal(unit="ft3")
    DOS2_Units_NIIN_Qty_Pallet_Tot_CuFT = required.decimal(unit="ft3")
    DOS3_Units_NIIN_Qty_Pallet_Tot_CuFT = required.decimal(unit="ft3")
    DOS1_Units_NIIN_Qty_Pallet_Tot_Wt = required.decimal(alias="DOS1_Units_NIIN_Qty_Pallet_Tot_Wt(lbs)", unit="lb")
    DOS2_Units_NIIN_Qty_Pallet_Tot_Wt = required.decimal(alias="DOS2_Units_NIIN_Qty_Pallet_Tot_Wt(lbs)", unit="lb")
    DOS3_Units_NIIN_Qty_Pallet_Tot_Wt = required.decimal(alias="DOS3_Units_NIIN_Qty_Pallet_Tot_Wt(lbs)", unit="lb")
    DOS1_Units_NIIN_Qty_Pallet_Tot_TEUs = required.decimal(unit="TEU")
    DOS2_Units_NIIN_Qty_Pallet_Tot_TEUs = required.decimal(unit="TEU")
    DOS3_Units_NIIN_Qty_Pallet_Tot_TEUs = required.decimal(unit="TEU")
    DOS1_Units_NIIN_Qty_Pallet_Tot_FEUs = unused.decimal()
    DOS2_Units_NIIN_Qty_Pallet_Tot_FEUs = unused.decimal()
    DOS3_Units_NIIN_Qty_Pallet_Tot_FEUs = unused.decimal()
