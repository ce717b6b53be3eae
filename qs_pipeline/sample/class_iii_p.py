"""Invented class III P file: oils, fluids and greases by the package, for the end items at each location."""

import polars as pl

from qs_pipeline.sample.equipment import end_items
from qs_pipeline.sample.scenario import PERIODS, Scenario

_PRODUCTS: tuple[tuple[str, str, str, str, str, int, int, int, float, float], ...] = (
    ("POL_15W-40", "Heavy", "9150", "001520421", "OIL,ENGINE,DRUM", 24, 24, 36, 452.0, 618.40),
    ("POL_15W-40", "Light", "9150", "001896730", "OIL,ENGINE,CAN", 12, 12, 15, 41.5, 71.25),
    ("POL_ATF", "Heavy", "9150", "006574959", "FLUID,TRANSMISSION,DRUM", 24, 24, 36, 447.0, 655.10),
    ("POL_ATF", "Light", "9150", "006983822", "FLUID,TRANSMISSION,CAN", 12, 9, 11, 23.0, 52.80),
    ("POL_10W", "Heavy", "9150", "001912714", "OIL,HYDRAULIC,DRUM", 24, 24, 36, 440.0, 571.90),
    ("POL_10W", "Light", "9150", "001860668", "OIL,HYDRAULIC,CAN", 12, 12, 15, 40.0, 66.30),
    ("POL_80W-90", "Heavy", "9150", "010354390", "OIL,GEAR,DRUM", 24, 24, 36, 466.0, 702.75),
    ("POL_80W-90", "Light", "9150", "010354393", "OIL,GEAR,CAN", 12, 12, 15, 42.6, 88.10),
    ("POL_GAA", "Light", "9150", "001906904", "GREASE,AUTOMOTIVE,PAIL", 12, 12, 14, 37.2, 104.95),
    ("POL_GAA", "Heavy", "9150", "005309369", "GREASE,AUTOMOTIVE,DRUM", 22, 22, 31, 414.0, 893.60),
    ("POL_BRAKE", "Light", "9150", "011029455", "FLUID,BRAKE,CAN", 9, 9, 13, 11.8, 47.20),
    ("POL_COOLANT", "Heavy", "6850", "014641137", "COOLANT,ENGINE,DRUM", 24, 24, 36, 509.0, 428.65),
    ("POL_COOLANT", "Light", "6850", "014641125", "COOLANT,ENGINE,CAN", 12, 12, 15, 46.8, 49.90),
    ("POL_CLP", "Light", "9150", "010546453", "CLEANER,LUBRICANT,CASE", 14, 10, 9, 16.4, 158.35),
)
"""Type, package, FSC, NIIN, name, length, width and height in inches, pounds, USD."""

_WEIGHT_OF_PACKAGE = {"Heavy": 1, "Light": 3}
_MOST = {"Heavy": 6, "Light": 30}
"""Packages in one row, at most."""

_CUFT_OF_A_TEU = 1170
"""Cubic feet inside a container of 20 ft."""

_STACK_INCHES = 48
"""Packages are stacked so high; the floor that the stack takes is shared."""


def class_iii_p_files(scenario: Scenario) -> dict[str, pl.DataFrame]:
    """``RD_IIIP_POL_Pkg_NSN_Requirements_PBI``: rows of a location, period, end item and product."""
    chance = scenario.chance("packaged products", scenario.proportions.packaged_pol)
    items = end_items()
    columns = ("POL_Type", "POL_Pkg_Type", "fsc", "NIIN", "NOMENCLATURE", "length", "width", "height", "lbs", "price")
    products = pl.DataFrame(_PRODUCTS, schema=columns, orient="row").with_columns(
        cuft=(pl.col("length") * pl.col("width") * pl.col("height") / 1728).round(3),
        most=pl.col("POL_Pkg_Type").replace_strict(_MOST, return_dtype=pl.Int64),
    )
    people = scenario.units.group_by("Location_ID", maintain_order=True).agg(pl.col("people").sum())
    places = scenario.locations.join(people, on="Location_ID", how="left", maintain_order="left").select(
        "people", REGION="Region", LOCATION_NAME="Location_Name", MEF="Region_MEF_Lead"
    )
    rows = pl.concat(
        [
            chance.rows_of(places.drop("people"), places["people"].fill_null(1).to_list()),
            chance.rows_of(items.select("TAMCN", NSN=pl.col("FSC") + pl.col("NIIN")), items["weight"].to_list()),
            chance.rows_of(products, [_WEIGHT_OF_PACKAGE[kind] for kind in products["POL_Pkg_Type"]]),
        ],
        how="horizontal",
    )
    size = {f"DIM {name.upper()} INCHES": pl.col(name) for name in ("length", "width", "height")}
    return {
        "RD_IIIP_POL_Pkg_NSN_Requirements_PBI": rows.with_columns(
            AssessmentNumber=pl.lit(scenario.assessment),
            Class_of_Supply=pl.lit("III P"),
            POS=chance.choice([name.replace("DOS", "POS") for name, _ in PERIODS], (4, 4, 4, 3)),
            Qty=(1 + (pl.col("most") - 1) * chance.between(0, 1).pow(2)).round().cast(pl.Int64),
            POL_PKG_NSN=pl.col("fsc") + pl.col("NIIN"),
            STORES_ACCOUNT_CODE=pl.lit("1"),
            CEC=pl.lit("0"),
            SOS=pl.lit("S9G"),
            **size,
            **{
                "STANDARD UNIT PRICE": pl.col("price"),
                "IND STON": (pl.col("lbs") / 2000).round(5),
                "IND SQFT_LW": (pl.col("length") * pl.col("width") / 144).ceil().cast(pl.Int64),
                "IND CUFT": pl.col("cuft"),
                "IND TEUs_Cube": (pl.col("cuft") / _CUFT_OF_A_TEU).round(6),
                "IND SQFT_Cube": (pl.col("cuft") * 12 / _STACK_INCHES).round(4),
            },
        )
    }
