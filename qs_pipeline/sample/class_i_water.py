"""Invented class I water files: what the force flow drinks and uses, added up and priced."""

import polars as pl

from qs_pipeline.sample.force_flow import unit_days
from qs_pipeline.sample.scenario import PERIODS, Scenario

_GALLONS: dict[str, tuple[float, float, float]] = {
    "Arid": (7.6, 14.0, 3.3),
    "Tropical": (6.6, 12.0, 2.8),
    "Temperate": (5.4, 9.5, 2.4),
    "Cold": (4.8, 8.5, 2.0),
}
"""Gallons a person and day by climate: potable, non-potable, and of the potable what is drunk from bottles."""

_UNIT_COST = {"Drinking_Rqmt": 3.05, "Potable_Rqmt": 0.06, "NonPotable_Rqmt": 0.02, "Total_Rqmt": 0.0}
"""USD a unit of issue; a total has no price of its own."""

_PLACE = ("Location_ID", "Location_Name", "Region", "Region_MEF_Lead")


def class_i_water_files(scenario: Scenario) -> dict[str, pl.DataFrame]:
    """``RD_IW_PaxLocationAll``, ``RD_IW_Ration_Costs`` and ``RD_IW_POS_Requirement``, which agree with each other."""
    daily = _daily(scenario)
    costs = _costs(scenario, daily)
    return {
        "RD_IW_PaxLocationAll": daily,
        "RD_IW_Ration_Costs": costs,
        "RD_IW_POS_Requirement": _by_period(costs),
    }


def _daily(scenario: Scenario) -> pl.DataFrame:
    """One row a unit and reported day: gallons a person and day, and what is needed until the next report."""

    def gallons(at: int) -> pl.Expr:
        figures = {climate: each[at] for climate, each in _GALLONS.items()}
        return pl.col("Climate").replace_strict(figures, return_dtype=pl.Float64)

    plan = pl.when(pl.col("Feed_Plan_ID") == 1).then(pl.lit("Minimum")).otherwise(pl.lit("Sustaining"))
    days = pl.col("Cumflow") * pl.col("days")
    return (
        unit_days(scenario)
        .with_columns(Potable=gallons(0), NonPotable=gallons(1), Drinking=gallons(2))
        .with_columns(
            AssessmentNumber=pl.lit(scenario.assessment),
            Class_of_Supply=pl.lit("I Water"),
            CAP_Name="Location_Name",
            CAP_Names="Location_Name",
            Wparameter="Climate",
            Plan=plan,
            Total_Water=(pl.col("Potable") + pl.col("NonPotable")).round(2),
            Potable_Rqmt=(days * pl.col("Potable")).round(2),
            NonPotable_Rqmt=(days * pl.col("NonPotable")).round(2),
            Drinking_Rqmt=(days * pl.col("Drinking")).round(2),
        )
        .with_columns(Total_Rqmt=(pl.col("Potable_Rqmt") + pl.col("NonPotable_Rqmt")).round(2))
    )


def _costs(scenario: Scenario, daily: pl.DataFrame) -> pl.DataFrame:
    """One row a location, period and kind of water."""
    needed = daily.group_by("Location_ID", "DOS_Period").agg(pl.col(kind).sum().round(2) for kind in _UNIT_COST)
    periods = pl.DataFrame({"DOS_Period": [name for name, _ in PERIODS]})
    by_location = (
        scenario.locations.select(_PLACE)
        .join(periods, how="cross", maintain_order="left_right")
        .join(needed, on=("Location_ID", "DOS_Period"), how="left", maintain_order="left")
    )
    return (
        by_location.unpivot(
            on=list(_UNIT_COST), index=[*_PLACE, "DOS_Period"], variable_name="Ration_Type", value_name="UI_Count"
        )
        .with_columns(
            pl.col("UI_Count").fill_null(0.0),
            AssessmentNumber=pl.lit(scenario.assessment),
            Class_of_Supply=pl.lit("I Water"),
            MEF="Region_MEF_Lead",
            CAP_Name="Location_Name",
            CAP_Names="Location_Name",
            Ration_Cost=pl.col("Ration_Type").replace_strict(_UNIT_COST, return_dtype=pl.Float64),
        )
        .with_columns(Total_UI_Cost=(pl.col("UI_Count") * pl.col("Ration_Cost")).round(2))
    )


def _by_period(costs: pl.DataFrame) -> pl.DataFrame:
    """One row a location and kind of water, the periods side by side."""
    index = ["AssessmentNumber", "Class_of_Supply", "Ration_Type", *_PLACE, "CAP_Name", "CAP_Names"]
    return costs.pivot("DOS_Period", index=index, values=["UI_Count", "Total_UI_Cost"], maintain_order=True)
