"""Invented class VI file: health and comfort packs for the people who are there, boxed and put on pallets."""

from dataclasses import dataclass

import polars as pl

from qs_pipeline.sample.force_flow import unit_days
from qs_pipeline.sample.scenario import Scenario


@dataclass(frozen=True, kw_only=True)
class Pack:
    """A kind of health and comfort pack.

    Attributes:
        description: What it is.
        niin: Its item number.
        cuft: Cubic feet of a box.
        lbs: Pounds of a box.
        person_days: Days that a box lasts one person.
    """

    description: str
    niin: str
    cuft: float
    lbs: float
    person_days: float


_PACKS = {
    "HCP_1": Pack(description="COMFORT PACK,GENERAL", niin="013689154", cuft=3.34, lbs=58.8, person_days=300),
    "HCP_2": Pack(description="COMFORT PACK,FEMALE", niin="013689155", cuft=3.0, lbs=30.0, person_days=550),
    "HCP_3": Pack(description="COMFORT PACK,WIPES", niin="014877488", cuft=2.23, lbs=22.4, person_days=650),
}

_SHARE_SUPPLIED = {"R1_IMEF": 1.0, "R2_IIMEF": 0.95, "R3_IIIMEF": 0.23, "R4_MFR": 0.95}
"""Share of the people that draw packs: where shops are near, few do."""

_FSC = "8970"
_BOXES_ON_A_PALLET = 16
_CUFT_OF_A_TEU = 749
"""Cubic feet of boxes that go into a twenty-foot equivalent unit."""


def class_vi_files(scenario: Scenario) -> dict[str, pl.DataFrame]:
    """``RD_VI_POS_Pallet_Requirement``: one row a location and kind of pack, the periods side by side."""
    free = ~pl.col("UIC").str.starts_with("EPW")
    present = (pl.col("Cumflow") * pl.col("days")).filter(free).sum().cast(pl.Float64)
    strength = unit_days(scenario).group_by("Location_ID", "DOS_Period").agg(person_days=present)
    by_location = strength.pivot("DOS_Period", index="Location_ID", values="person_days")
    packs = pl.DataFrame(
        [{"HCP_Type": kind, "DESCRIPTION": pack.description, "NIIN": pack.niin} for kind, pack in _PACKS.items()]
    )
    rows = (
        scenario.locations.select("Location_ID", "Location_Name", "Region", "Region_MEF_Lead")
        .join(by_location, on="Location_ID", how="left", maintain_order="left")
        .join(packs, how="cross", maintain_order="left_right")
        .with_columns(
            AssessmentNumber=pl.lit(scenario.assessment),
            Class_of_Supply=pl.lit("VI"),
            FSC=pl.lit(_FSC),
            NSN=_FSC + pl.col("NIIN"),
            TPFDD_NSN=_FSC + pl.col("NIIN"),
            Description="DESCRIPTION",
            CAP_Name="Location_Name",
            CAP_Names="Location_Name",
            **{"Unit of Issue": pl.lit("Box")},
        )
    )
    return {"RD_VI_POS_Pallet_Requirement": rows.with_columns(**_boxes())}


def _boxes() -> dict[str, pl.Expr]:
    def of_pack(figures: dict[str, float]) -> pl.Expr:
        return pl.col("HCP_Type").replace_strict(figures, return_dtype=pl.Float64)

    lasts = of_pack({kind: pack.person_days for kind, pack in _PACKS.items()})
    supplied = pl.col("Region").replace_strict(_SHARE_SUPPLIED, return_dtype=pl.Float64)
    columns: dict[str, pl.Expr] = {}
    for period in ("DOS1", "DOS2", "DOS3"):
        people = (pl.col(period).fill_null(0.0) * supplied).round(1)
        boxes = (people / lasts).ceil()
        cuft = (boxes * of_pack({kind: pack.cuft for kind, pack in _PACKS.items()})).round(2)
        quantity = f"{period}_Units_NIIN_Qty"
        columns |= {
            f"{period}_Units": people,
            quantity: boxes,
            f"{quantity}_Pallet_Qty": (boxes / _BOXES_ON_A_PALLET).ceil(),
            f"{quantity}_Pallet_Tot_CuFT": cuft,
            f"{quantity}_Pallet_Tot_Wt(lbs)": (boxes * of_pack({k: pack.lbs for k, pack in _PACKS.items()})).round(1),
            f"{quantity}_Pallet_Tot_TEUs": cuft / _CUFT_OF_A_TEU,
            f"{quantity}_Pallet_Tot_FEUs": cuft / (2 * _CUFT_OF_A_TEU),
        }
    return columns
