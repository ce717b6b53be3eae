"""Invented assessment files: the assessment, its parameters, its locations."""

import polars as pl

from qs_pipeline.sample.scenario import DURATION, PERIODS, Scenario


def assessment_files(scenario: Scenario) -> dict[str, pl.DataFrame]:
    """``AssessmentTable`` and ``AssessmentParameterDataMapTable`` of one row each, and ``Locations``."""
    number = scenario.assessment
    last_day = dict(PERIODS)
    people = scenario.units.group_by("Location_ID").agg(
        prisoners=pl.col("people").filter(pl.col("UIC").str.starts_with("EPW")).sum()
    )
    held = pl.col("prisoners").fill_null(0) > 0
    flag = pl.when(held).then(pl.lit("TRUE")).otherwise(pl.lit("FALSE"))
    count = scenario.locations.height
    chance = scenario.chance("assessment", count)
    return {
        "AssessmentTable": pl.DataFrame(
            {
                "ID": "417",
                "AssessmentNumber": number,
                "AppianFolderID": "90417",
                "AssessmentTypeID": chance.random.randint(1, 3),
                "Description": f"Invented requirements for {count} locations, for show and tests",
                "OperationDuration": DURATION,
                "OperationStartDate": "2026-03-01",
                "OperationEndDate": "2026-06-23",
                "StatusID": 4,
                "StepID": 12,
                "Title": f"Sample assessment {number}",
                "Year": 2026,
                "CreatedBy": "sample",
                "CreatedOn": "2025-11-03 08:15:00.0",
                "UpdatedBy": "sample",
                "UpdatedOn": "2026-01-19 16:40:12.0",
                "IsArchived": 0,
                "LeadMarforName": "Sample command",
            }
        ),
        "AssessmentParameterDataMapTable": pl.DataFrame(
            {
                "ID": "903",
                "AssessmentID": number,
                "DaysOfSupplyFirst": last_day["DOS1"],
                "DaysOfSupplySecond": last_day["DOS2"],
                "DaysOfSupplyThird": last_day["DOS3"],
                "OverrideTFSMS": 0,
                "PercentToFemalePopulation": chance.random.randint(8, 20),
                "POS1CARFRate": "CarfAhtAssault",
                "POS2CARFRate": "CarfAhtSustainment",
                "POS3CARFRate": "CarfAhtSustainment",
                "ClassIXCAcqAdvJson": '["A","B","Z"]',
                "ClassIXCPhcJson": '["N","9"]',
                "ClassIIIPHeavyPkg": 50,
                "ClassIIIPLightPkg": 50,
                "CreatedBy": "sample",
                "CreatedOn": "2025-11-03 08:20:00.0",
            }
        ),
        "Locations": scenario.locations.join(people, on="Location_ID", how="left", maintain_order="left").select(
            "Location_ID",
            "Region",
            "Country",
            "City",
            "Climate",
            "Region_MEF_Lead",
            Designated_Name="Location_Name",
            Theater=chance.choice(("Mature", "Developing")),
            Water_Level=chance.choice(("Low", "Normal", "High")),
            MEF_Lead="Region_MEF_Lead",
            Has_Class_VI=pl.lit("TRUE"),
            Has_EPW=flag,
            EPW_Is_Percent=pl.lit("FALSE"),
            EPW_Value="prisoners",
            EPW_Has_Class_VI=pl.lit("FALSE"),
            Is_EPW=pl.lit("FALSE"),
        ),
    }
