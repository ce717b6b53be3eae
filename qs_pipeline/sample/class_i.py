"""Invented class I files: the rations of the force flow, added up, priced and put on pallets."""

import polars as pl

from qs_pipeline.sample.force_flow import unit_days
from qs_pipeline.sample.scenario import PERIODS, Scenario
from qs_pipeline.supply.class_i import RATIONS
from qs_pipeline.supply.embark import PALLETS_PER_TEU

_PLACE = ("Location_ID", "Location_Name", "Region", "Region_MEF_Lead")


def class_i_files(scenario: Scenario) -> dict[str, pl.DataFrame]:
    """``RD_I_POS_Location``, ``RD_I_Ration_Costs`` and ``RD_I_POS_Pallet_Requirement``, which agree with each other."""
    drawn = (
        unit_days(scenario)
        .group_by("Location_ID", "DOS_Period", maintain_order=True)
        .agg(pl.col(ration).sum().round(2) for ration in RATIONS)
    )
    periods = pl.DataFrame({"DOS_Period": [name for name, _ in PERIODS]})
    by_location = (
        scenario.locations.select(_PLACE)
        .join(periods, how="cross", maintain_order="left_right")
        .join(drawn, on=("Location_ID", "DOS_Period"), how="left", maintain_order="left")
        .with_columns(
            pl.col(*RATIONS).fill_null(0.0),
            AssessmentNumber=pl.lit(scenario.assessment),
            Class_of_Supply=pl.lit("I Subsistence"),
            MEF="Region_MEF_Lead",
            CAP_Name="Location_Name",
            CAP_Names="Location_Name",
        )
    )
    costs = (
        by_location.unpivot(
            on=list(RATIONS),
            index=[name for name in by_location.columns if name not in RATIONS],
            variable_name="Ration_Type",
            value_name="UI_Count",
        )
        .with_columns(Ration_Cost=_of_ration({name: ration.unit_cost for name, ration in RATIONS.items()}))
        .with_columns(Total_UI_Cost=(pl.col("UI_Count") * pl.col("Ration_Cost")).round(2))
    )
    return {
        "RD_I_POS_Location": by_location,
        "RD_I_Ration_Costs": costs,
        "RD_I_POS_Pallet_Requirement": _pallets(costs),
    }


def _of_ration(figures: dict[str, float]) -> pl.Expr:
    return pl.col("Ration_Type").replace_strict(figures, return_dtype=pl.Float64)


def _pallets(costs: pl.DataFrame) -> pl.DataFrame:
    """One row a location and ration type, the periods side by side."""
    index = ["AssessmentNumber", "Class_of_Supply", "Ration_Type", *_PLACE, "CAP_Name", "CAP_Names"]
    wide = costs.pivot("DOS_Period", index=index, values="UI_Count", maintain_order=True)
    per_pallet = _of_ration({name: ration.units_per_pallet for name, ration in RATIONS.items()})
    per_cuft = _of_ration({name: ration.pallet_cuft for name, ration in RATIONS.items()})
    per_lbs = _of_ration({name: ration.pallet_lbs for name, ration in RATIONS.items()})
    columns: dict[str, pl.Expr] = {}
    for name in ("DOS1", "DOS2", "DOS3"):
        pallets = (pl.col(name) / per_pallet).ceil()
        columns |= {
            f"{name}_Units": pl.col(name),
            f"{name}_Units_Pallet_Qty": pallets.cast(pl.Int64),
            f"{name}_Units_Pallet_Tot_CuFT": pallets * per_cuft,
            f"{name}_Units_Pallet_Tot_Wt(lbs)": pallets * per_lbs,
            f"{name}_Units_Pallet_Tot_TEUs": pallets / PALLETS_PER_TEU,
            f"{name}_Units_Pallet_Tot_FEUs": pallets / (2 * PALLETS_PER_TEU),
        }
    case = pl.col("Ration_Type") == "MEALS_READY_TO_EAT_MRE"
    unit = pl.when(case).then(pl.lit("Case")).otherwise(pl.lit("Module"))
    return wide.with_columns(**columns, **{"Unit of Issue": unit})
