"""Invented end items: the equipment that units bring, that products are used in, and that parts are needed for."""

import polars as pl

_ITEMS: tuple[tuple[str, str, int, int, int, int, int, int, int], ...] = (
    ("A", "RADIO SET,MANPACK", 18, 12, 8, 32, 9_800, 20, 16),
    ("A", "RADIO SET,VEHICULAR", 24, 20, 16, 95, 18_500, 12, 15),
    ("A", "TERMINAL,SATELLITE", 96, 60, 54, 1_850, 412_000, 2, 3),
    ("A", "SHELTER,COMMAND POST", 147, 87, 84, 3_900, 96_000, 2, 2),
    ("A", "RADAR SET,AIR SEARCH", 220, 96, 104, 14_600, 2_900_000, 1, 1),
    ("B", "GENERATOR SET,10 KW", 62, 32, 37, 1_240, 14_300, 6, 8),
    ("B", "GENERATOR SET,60 KW", 87, 36, 59, 4_060, 38_900, 3, 4),
    ("B", "TRACTOR,FULL TRACKED", 214, 120, 110, 37_600, 248_000, 1, 2),
    ("B", "LOADER,SCOOP", 302, 102, 132, 35_400, 199_000, 1, 2),
    ("B", "FORKLIFT,ROUGH TERRAIN", 266, 101, 106, 25_600, 142_000, 2, 2),
    ("B", "WATER PURIFICATION UNIT", 120, 84, 96, 7_800, 265_000, 2, 3),
    ("B", "TANK,FABRIC,3000 GAL", 52, 36, 28, 290, 3_150, 10, 8),
    ("B", "FLOODLIGHT SET", 110, 72, 78, 2_100, 17_400, 3, 4),
    ("C", "TENT,GENERAL PURPOSE", 66, 36, 30, 520, 4_900, 14, 10),
    ("C", "CONTAINER,QUADRUPLE", 57, 96, 82, 1_950, 7_600, 5, 4),
    ("C", "FIELD KITCHEN,TRAILER", 180, 84, 80, 5_900, 158_000, 1, 2),
    ("C", "REFRIGERATOR,FIELD", 94, 60, 66, 1_480, 21_700, 3, 3),
    ("D", "TRUCK,CARGO,7 TON", 316, 98, 142, 28_900, 232_000, 2, 3),
    ("D", "TRUCK,UTILITY", 190, 90, 76, 9_800, 168_000, 3, 5),
    ("D", "TRUCK,WRECKER", 372, 98, 130, 52_300, 441_000, 1, 1),
    ("D", "TRAILER,CARGO", 166, 83, 62, 2_700, 16_200, 3, 4),
    ("D", "TRAILER,TANK,WATER", 161, 82, 77, 2_530, 31_500, 2, 3),
    ("E", "RIFLE,5.56 MM", 34, 8, 3, 8, 1_150, 60, 15),
    ("E", "MACHINE GUN,7.62 MM", 50, 10, 9, 28, 8_400, 12, 12),
    ("E", "MORTAR,81 MM", 54, 20, 16, 136, 24_900, 4, 8),
    ("E", "HOWITZER,155 MM", 420, 109, 90, 9_300, 2_100_000, 1, 1),
    ("E", "LAUNCHER,MISSILE", 48, 16, 16, 50, 126_000, 6, 8),
    ("E", "VEHICLE,AMPHIBIOUS", 321, 129, 130, 50_800, 2_450_000, 1, 1),
)
"""Group, name, length, width and height in inches, pounds, USD, most of them in one row, and how often they occur."""

_CUFT_OF_A_TEU = 1360
"""Cubic feet of a container of 20 x 8 x 8.5 ft, seen from outside: what a deck loses to an item."""

_CUFT_OF_A_MTON = 40
_SQIN_OF_A_SQFT = 144
_CUIN_OF_A_CUFT = 1728


def end_items() -> pl.DataFrame:
    """One row an end item: codes and name, size, weight and price of one, ``most`` in a row, and ``weight`` of choice.

    The same for all samples: TAMCNs and NIINs are numbered through.
    """
    rows = pl.DataFrame(
        _ITEMS,
        schema=("TAMCN_Group", "COLLOQUIAL_NAME", "length", "width", "height", "lbs", "price", "most", "weight"),
        orient="row",
    ).with_row_index("at")
    number = (pl.col("at").cast(pl.Int64) * 73 + 105).cast(pl.String).str.zfill(4)
    volume = pl.col("length") * pl.col("width") * pl.col("height") / _CUIN_OF_A_CUFT
    return rows.with_columns(
        TAMCN=pl.col("TAMCN_Group") + number + "7" + pl.lit("G"),
        TAMCN_5=pl.col("TAMCN_Group") + number,
        NIIN=(pl.col("at").cast(pl.Int64) * 133_717 + 12_040_311).cast(pl.String).str.zfill(9),
        FSC=(pl.col("at").cast(pl.Int64) * 35 + 1_005).cast(pl.String),
        square=(pl.col("length") * pl.col("width") / _SQIN_OF_A_SQFT).round(2),
        cuft=volume.round(2),
        ston=(pl.col("lbs") / 2000).round(4),
        mton=(volume / _CUFT_OF_A_MTON).round(4),
        teu=(volume / _CUFT_OF_A_TEU).round(4),
        designator="I" + number,
    )
