"""Invented force flow: every unit's arrivals, strength and rations on every day that is reported."""

import polars as pl

from qs_pipeline.sample.scenario import Scenario

RATIONS = {
    "MEALS_READY_TO_EAT_MRE": 12,
    "UGR_H_S_BREAKFAST": 50,
    "UGR_H_S_LUNCH_DINNER": 50,
    "UGR_M_BREAKFAST": 50,
    "UGR_M_LUNCH_DINNER": 50,
}
"""Meals in a unit of issue: a case of MREs, a module of unitized group rations."""

_FEED_PLANS = {
    1: {"MEALS_READY_TO_EAT_MRE": 3},
    2: {"MEALS_READY_TO_EAT_MRE": 1, "UGR_H_S_BREAKFAST": 1, "UGR_H_S_LUNCH_DINNER": 1},
    3: {"MEALS_READY_TO_EAT_MRE": 1, "UGR_M_BREAKFAST": 1, "UGR_M_LUNCH_DINNER": 1},
    4: {"UGR_H_S_BREAKFAST": 1, "UGR_H_S_LUNCH_DINNER": 2},
    5: {"UGR_M_BREAKFAST": 1, "UGR_M_LUNCH_DINNER": 2},
}
"""Meals a person and day. Units go through plans 1 to 4 period by period; prisoners stay on 5."""

_PLAN_OF_PERIOD = {"DOS1": 1, "DOS2": 2, "DOS3": 3, "BEYOND": 4}


def unit_days(scenario: Scenario) -> pl.DataFrame:
    """One row a unit and reported day: who is there, and the units of issue drawn until the next report."""
    step = scenario.days["days"].max()
    wave = (pl.col("Day") - pl.col("arrives")) // step
    arriving = (pl.col("Day") >= pl.col("arrives")) & (wave < pl.col("waves"))
    # The first wave takes what does not divide evenly.
    first = pl.when(wave == 0).then(pl.col("people") % pl.col("waves")).otherwise(0)
    prisoners = pl.col("UIC").str.starts_with("EPW")
    rows = (
        scenario.units.join(scenario.days, how="cross", maintain_order="left_right")
        .with_columns(
            Flowin=pl.when(arriving).then(pl.col("people") // pl.col("waves") + first).otherwise(0),
            Feed_Plan_ID=pl.when(prisoners)
            .then(5)
            .otherwise(pl.col("DOS_Period").replace_strict(_PLAN_OF_PERIOD, return_dtype=pl.Int64)),
        )
        .with_columns(Cumflow=pl.col("Flowin").cum_sum().over("UIC"))
    )
    return rows.with_columns(
        (
            (pl.col("Cumflow") * pl.col("days")).cast(pl.Float64)
            * pl.col("Feed_Plan_ID").replace_strict(
                {plan: meals.get(ration, 0) for plan, meals in _FEED_PLANS.items()}, return_dtype=pl.Float64
            )
            / meals_per_unit
        )
        .round(4)
        .alias(ration)
        for ration, meals_per_unit in RATIONS.items()
    )


def force_flow_files(scenario: Scenario) -> dict[str, pl.DataFrame]:
    """``RD_I_PaxLocationAll``."""
    return {
        "RD_I_PaxLocationAll": unit_days(scenario).with_columns(
            AssessmentNumber=pl.lit(scenario.assessment),
            Class_of_Supply=pl.lit("I Subsistence"),
            Feed_Plan_ID_Row="Feed_Plan_ID",
            CAP_Name="Location_Name",
            CAP_Names="Location_Name",
        )
    }
