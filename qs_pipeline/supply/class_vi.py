"""Class VI, health and comfort packs: how many boxes, and what they are when put on pallets."""

import dataframely as dy
import polars as pl

from qs_pipeline.frames.columns import published, required, unused
from qs_pipeline.model import ClassOfSupply, Upload
from qs_pipeline.supply.embark import total
from qs_pipeline.supply.table import table

BOX_COSTS = {"013689154": 240.58, "013689155": 50.95, "014877488": 68.38}
"""USD a box, by the NIIN of the pack, as the class VI calculator has it; other packs cost 0."""

_NIIN_LENGTH = 9


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


class PackPallets(dy.Schema):
    """One row a location, kind of pack and period of support."""

    ASSESSMENTNUMBER = published.assessment_number()
    CLASS_OF_SUPPLY = published.text()
    REGION = published.text()
    LOCATION_ID = published.identifier()
    LOCATION_NAME = published.text()
    REGION_MEF_LEAD = published.text()
    COS_TYPE = published.text()
    POS = published.text()
    UI = published.text()
    QTY = published.decimal(unit="boxes")
    PALLETS = published.decimal(unit="pallets")
    CUFT = published.decimal(unit="ft3")
    TEUS = published.decimal(unit="TEU")
    WEIGHT_LBS = published.decimal(unit="lb")
    TOTAL_COST = published.decimal(unit="USD")


_PLACE = {
    "ASSESSMENTNUMBER": "AssessmentNumber",
    "CLASS_OF_SUPPLY": "Class_of_Supply",
    "REGION": "Region",
    "LOCATION_ID": "Location_ID",
    "LOCATION_NAME": "Location_Name",
    "REGION_MEF_LEAD": "Region_MEF_Lead",
    "COS_TYPE": "HCP_Type",
    "NIIN": "NIIN",
}


@table(PackPallets)
def cosvi_embark(RD_VI_POS_Pallet_Requirement: pl.LazyFrame) -> pl.LazyFrame:
    """One row a location, kind of pack and period of support: boxes, pallets, volume, TEUs, weight and cost.

    Quantities are summed over the CAPs of a location. There is nothing beyond POS3. Packs without a weight are left
    out.
    """
    periods = pl.concat([_period(RD_VI_POS_Pallet_Requirement, number) for number in (1, 2, 3)])
    key = [*_PLACE, "POS"]
    figures = ("QTY", "PALLETS", "CUFT", "TEUS", "WEIGHT_LBS")
    # Spreadsheets strip the leading zero; the pack is the same.
    box_cost = pl.col("NIIN").str.zfill(_NIIN_LENGTH).replace_strict(BOX_COSTS, default=0.0, return_dtype=pl.Float64)
    return (
        periods.group_by(key, maintain_order=True)
        .agg(total(name) for name in figures)
        .filter(pl.col("WEIGHT_LBS") > 0)
        .with_columns(UI=pl.lit("Box"), TOTAL_COST=pl.col("QTY") * box_cost)
        .sort(key)
        .select(PackPallets.column_names())
    )


def _period(rows: pl.LazyFrame, number: int) -> pl.LazyFrame:
    boxes = f"DOS{number}_Units_NIIN_Qty"
    return rows.select(
        **_PLACE,
        POS=pl.lit(f"POS{number}"),
        QTY=boxes,
        PALLETS=f"{boxes}_Pallet_Qty",
        CUFT=f"{boxes}_Pallet_Tot_CuFT",
        TEUS=f"{boxes}_Pallet_Tot_TEUs",
        WEIGHT_LBS=f"{boxes}_Pallet_Tot_Wt(lbs)",
    )


CLASS_VI = ClassOfSupply(
    key="class_vi",
    title="Class VI, health and comfort packs",
    uploads=(Upload(contract=RD_VI_POS_Pallet_Requirement, folder="cos-calculators/cos-vi/output"),),
    tables=(cosvi_embark,),
    embark=cosvi_embark,
)
