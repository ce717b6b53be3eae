"""Invented class IV file: what is built at each location, from the day its people arrive."""

import polars as pl

from qs_pipeline.sample.scenario import DURATION, Scenario, period_of_day

_MATERIEL: tuple[tuple[str, str, str, str, float, float, float, int, int], ...] = (
    ("5660", "002707741", 'POST,FENCE,METAL,46"-50" L', "EA", 0.11, 4.9, 8.35, 50, 900),
    ("5660", "002707742", 'POST,FENCE,METAL,72" L', "EA", 0.16, 10.1, 13.9, 50, 900),
    ("5660", "005267409", "WIRE,BARBED,CONCERTINA", "RO", 4.6, 55.0, 96.4, 20, 420),
    ("5660", "009212310", "WIRE,BARBED,1640 FT", "RO", 1.9, 91.0, 61.2, 10, 160),
    ("8105", "001429345", "BAG,SAND,GREEN", "HD", 1.2, 34.0, 71.5, 40, 700),
    ("5680", "015369512", "BARRIER,EARTH-FILLED,54 IN", "EA", 21.5, 330.0, 612.0, 4, 90),
    ("5510", "002206146", 'LUMBER,SOFTWOOD,2" X 4" X 8\'', "EA", 0.37, 11.4, 4.15, 60, 1_200),
    ("5510", "002206196", 'LUMBER,SOFTWOOD,4" X 4" X 10\'', "EA", 1.11, 33.9, 16.7, 30, 500),
    ("5530", "001295223", 'PLYWOOD,EXTERIOR,3/4"', "SH", 2.0, 70.0, 43.8, 30, 480),
    ("5610", "01LF41187", "CEMENT,PORTLAND,94 LB", "BG", 1.0, 94.0, 12.6, 30, 600),
    ("5610", "002505976", "ASPHALT,COLD MIX", "DR", 8.2, 610.0, 148.0, 2, 40),
    ("5315", "000108312", "NAIL,COMMON,16D", "BX", 0.4, 50.0, 58.9, 3, 50),
    ("4710", "002478104", "PIPE,CULVERT,NESTABLE,24 IN", "EA", 9.4, 148.0, 187.0, 3, 60),
    ("5640", "002434580", "INSULATION,THERMAL", "RO", 6.8, 22.0, 39.5, 5, 90),
    ("6145", "002840583", "CABLE,POWER,500 FT", "RL", 5.5, 210.0, 745.0, 1, 24),
    ("5680", "009257034", "MATTING,AIRFIELD,BUNDLE", "BD", 74.0, 2_150.0, 6_940.0, 1, 12),
)
"""FSC, NIIN, name, unit of issue, and of one: cubic feet, pounds, USD; then the least and the most in one row."""

_UNITS = {
    "EA": "Each",
    "RO": "Roll",
    "HD": "Hundred",
    "SH": "Sheet",
    "BG": "Bag",
    "DR": "Drum",
    "BX": "Box",
    "RL": "Reel",
    "BD": "Bundle",
}


def class_iv_files(scenario: Scenario) -> dict[str, pl.DataFrame]:
    """``RD_IV_Daily_Requirements``: rows of a location, day and material, totals times the quantity."""
    chance = scenario.chance("materiel", scenario.proportions.materiel)
    columns = ("fsc", "NIIN", "Nomenclature", "UI", "Volume", "Weight", "Price", "least", "most")
    arrivals = scenario.units.group_by("Location_ID", maintain_order=True).agg(
        pl.col("people").sum(), pl.col("arrives").min()
    )
    places = scenario.locations.join(arrivals, on="Location_ID", how="inner", maintain_order="left")
    rows = pl.concat(
        [
            chance.rows_of(places, places["people"].to_list()),
            chance.rows_of(pl.DataFrame(_MATERIEL, schema=columns, orient="row")),
        ],
        how="horizontal",
    )
    conversion = pl.when(pl.col("UI") == "HD").then(100).otherwise(1)
    quantity = pl.col("least") + (pl.col("most") - pl.col("least")) * chance.between(0, 1).pow(2)
    later = (DURATION - pl.col("arrives")) * chance.between(0, 1).pow(2)
    unit = pl.col("UI").replace_strict(_UNITS, return_dtype=pl.String)
    return {
        "RD_IV_Daily_Requirements": rows.with_columns(
            AssessmentNumber=pl.lit(scenario.assessment),
            Class_of_Supply=pl.lit("IV"),
            RD=chance.whole(1, 4),
            Day=(pl.col("arrives") + later).floor().cast(pl.Int64),
            Conversion_Factor=conversion,
            UOI_QTY=quantity.round().cast(pl.Int64),
            NSN=pl.col("fsc") + pl.col("NIIN"),
            BOM_NSN=pl.col("fsc") + pl.col("NIIN"),
            JCMS_NIIN_match=pl.lit("TRUE"),
            MEF_Lead="Region_MEF_Lead",
            Acquisition_Advice_Code=pl.lit("D"),
            HMIC_Type_Code=pl.lit("N"),
        ).with_columns(
            POS=period_of_day("POS"),
            UOM=pl.lit("EA"),
            UOM_QTY=pl.col("UOI_QTY") * conversion,
            UOM_Type=pl.lit("Count"),
            **_measure("UOM", pl.lit("Each"), pl.lit("EA")),
            **_measure("UOI", unit, pl.col("UI")),
            Total_Price=(pl.col("UOI_QTY") * pl.col("Price")).round(2),
            Total_Weight_LB=(pl.col("UOI_QTY") * pl.col("Weight")).round(1),
            Total_Volume_CuFt=(pl.col("UOI_QTY") * pl.col("Volume")).round(2),
        )
    }


def _measure(of: str, name: pl.Expr, code: pl.Expr) -> dict[str, pl.Expr]:
    return {f"{of}_Nomenclature": name, f"{of}_Code": code, f"{of}_X12": code, f"{of}_Alternate_Name": name}
