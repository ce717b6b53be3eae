"""Invented repair parts, the same for all assessments of a size and seed, and the lookup that knows most of them.

Prices, weights and volumes are spread as in a real lookup: half of the parts are small and cheap, a few are neither.
"""

import polars as pl

from qs_pipeline.frames.contract import file_columns
from qs_pipeline.sample.chance import Chance
from qs_pipeline.sample.scenario import PROPORTIONS, Size, shared_chance
from qs_pipeline.supply.class_ix_files import class_ix_dimensions

_KNOWN = 0.955
"""Share of the parts that the lookup has."""

_NOUNS = {
    "ACTUATOR": 1650, "ADAPTER": 5935, "AXLE": 2520, "BEARING": 3110, "BELT": 3030, "BOLT": 5306, "BRACKET": 5340,
    "BRAKE SHOE": 2530, "CABLE ASSEMBLY": 6150, "CAP": 5330, "CIRCUIT CARD": 5998, "CLAMP": 5342, "CONNECTOR": 5936,
    "COVER": 2541, "DISK": 2525, "ENGINE": 2815, "FILTER ELEMENT": 2940, "FUSE": 5920, "GASKET": 5331, "GEAR": 3020,
    "HOSE ASSEMBLY": 4720, "INDICATOR": 6680, "INJECTOR": 2910, "KIT": 4330, "LAMP": 6240, "MOTOR": 6105, "NUT": 5310,
    "PIN": 5315, "PUMP": 4320, "RADIATOR": 2930, "RELAY": 5945, "SCREW": 5305, "SEAL": 5333, "SENSOR": 6685,
    "SHOCK ABSORBER": 2540, "STARTER": 2920, "SWITCH": 5930, "TIRE": 2610, "VALVE": 4820, "WINCH": 3950,
}  # fmt: skip
"""Item name and federal supply class."""

_MODIFIERS = (
    "BALL", "CONTROL", "COOLING", "DIRECTIONAL", "ELECTRICAL", "ELECTROMECHANICAL", "FLUID", "FRONT", "FUEL",
    "HEXAGON", "HYDRAULIC", "INSTRUMENT", "NONMETALLIC", "PLAIN", "PRESSURE", "REAR", "SELF-LOCKING", "THERMAL",
    "VEHICULAR", "WIRING",
)  # fmt: skip

_LONGEST_NAME = 19
"""Characters to which names of parts are cut."""

_CUFT_OF_A_POUND = 0.07

_BATTERY = {"FSC": "6140", "Nomenclature": "BATTERY,STORAGE"}


def parts(size: Size, seed: int) -> pl.DataFrame:
    """One row a part.

    Columns: those of the lookup; ``known`` (whether the lookup has it); ``battery`` and ``secrep``; ``length``,
    ``width`` and ``height`` in inches, where 9999 and 0 mean unknown.
    """
    known = PROPORTIONS[size].parts_known
    chance = shared_chance(size, seed, "parts", round(known / _KNOWN))
    names = chance.choice(list(_NOUNS))
    battery = chance.true(0.015)
    full_name = names + "," + chance.choice(_MODIFIERS)
    family = names.replace_strict(_NOUNS, return_dtype=pl.Int64) + 5 * chance.whole(0, 4)
    weight = chance.log_normal(0.18, 2.3).clip(upper_bound=10_500)
    price = chance.log_normal(17.6, 2.85) * (weight / 0.18).sqrt()
    cube = (weight * _CUFT_OF_A_POUND * chance.log_normal(1, 0.7)).round(3)
    codes = chance.random.sample(range(10_000, 100_000), chance.rows)
    more_codes = chance.random.sample(range(100_000, 1_000_000), chance.rows)
    pack = chance.whole(1, 10)
    frame = pl.DataFrame(
        {
            "FSC": family.cast(pl.String),
            "NIIN": _niins(chance),
            "Nomenclature": full_name.str.head(_LONGEST_NAME),
            "part_number": pl.Series(
                [f"{code}-{more % 100},{more}" for code, more in zip(codes, more_codes, strict=True)]
            ),
            "cage_code": chance.choice(("0AB12", "19207", "7X493", "34623,19207", "81349,96906")),
            "UI": chance.choice(("EA", "PG", "HD", "FT", "KT"), (92, 3, 2, 1, 2)),
            "Unit_Price": price.clip(0.01, 180_000).round(2),
            "dss_weight": weight.round(3).set(chance.true(0.01), 0.0),
            "dss_cube": cube.set(chance.true(0.1), 0.0),
            "unit_pack_weight": (weight * pack).round(3),
            "unit_pack_cube": (cube * pack).round(3),
            "Imputed": chance.choice(("Yes", "No"), (1, 4)),
            "battery": battery,
            "secrep": chance.true(0.06),
        }
    )
    of_battery = {name: pl.when("battery").then(pl.lit(text)).otherwise(name) for name, text in _BATTERY.items()}
    edge = (weight * _CUFT_OF_A_POUND * 1728).cbrt()
    return frame.with_columns(
        *(expression.alias(name) for name, expression in of_battery.items()),
        _inches(chance, edge * 1.5).alias("length"),
        _inches(chance, edge).alias("width"),
        _inches(chance, edge * 0.8).alias("height"),
        known=pl.int_range(pl.len()) < known,
    )


def lookup(size: Size, seed: int) -> pl.DataFrame:
    """The parts that the lookup knows."""
    return parts(size, seed).filter("known").select(file_columns(class_ix_dimensions))


def _niins(chance: Chance) -> list[str]:
    """Distinct item numbers of 9 characters; nearly all open with a zero, two have letters."""
    numbers = chance.random.sample(range(1_000_000, 16_000_000), chance.rows)
    elsewhere = chance.true(0.04)
    numeric = [f"{number + 110_000_000 * far:09d}" for number, far in zip(numbers, elsewhere, strict=True)]
    return [*numeric[:1], *(f"LF{number[2:]}" for number in numeric[1:3]), *numeric[3:]]


def _inches(chance: Chance, edge: pl.Series) -> pl.Series:
    unknown = chance.between(0, 1)
    inches = edge.ceil().clip(lower_bound=1).cast(pl.Int64)
    return inches.set(unknown < 0.38, 0).set(unknown < 0.3, 9999)  # noqa: PLR2004 -- 30 % and 8 % are unknown
