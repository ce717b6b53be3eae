"""The invented world that all files of a sample agree on: where, when, who.

Counts of rows and the spread over regions follow real assessments; every name and figure is made up.
"""

import random
from dataclasses import dataclass
from typing import Literal

import polars as pl

from qs_pipeline.sample.chance import Chance

Size = Literal["small", "medium", "large"]

DURATION = 115
"""Days of the operation."""

PERIODS = (("DOS1", 30), ("DOS2", 60), ("DOS3", 90), ("BEYOND", DURATION))
"""Each period of support and its last day."""

_REGIONS = (("R1_IMEF", "IMEF", 38), ("R2_IIMEF", "IIMEF", 12), ("R3_IIIMEF", "IIIMEF", 43), ("R4_MFR", "MFR", 7))
"""Region, its lead, and its share of the force in per cent."""

_COUNTRIES = ("Alderia", "Brennmark", "Corvania", "Dunmere", "Estavel", "Farholm", "Galdria", "Hestland")
_PLACES = ("Camp", "Port", "Fort", "Airfield")
_TREES = ("Alder", "Birch", "Cedar", "Elm", "Hazel", "Juniper", "Larch", "Maple", "Rowan", "Willow")
_CLIMATES = ("Arid", "Temperate", "Tropical", "Cold")


@dataclass(frozen=True, kw_only=True)
class Proportions:
    """How big a sample is.

    Attributes:
        locations: Places, at least one a region.
        units: Units of the force, at least one a region.
        prisoners: Pseudo-units of prisoners.
        days_between_reports: 1 where strength is reported daily.
        people: Strength of the force.
        equipment: Rows of each file of daily table of equipment.
        packaged_pol: Rows of packaged petroleum, oil and lubricants.
        materiel: Rows of construction materiel.
        parts: Rows of required parts.
        parts_known: Parts that the lookup has.
    """

    locations: int
    units: int
    prisoners: int
    days_between_reports: int
    people: int
    equipment: int
    packaged_pol: int
    materiel: int
    parts: int
    parts_known: int


PROPORTIONS: dict[Size, Proportions] = {
    "small": Proportions(
        locations=4,
        units=5,
        prisoners=1,
        days_between_reports=10,
        people=900,
        equipment=225,
        packaged_pol=45,
        materiel=20,
        parts=1_000,
        parts_known=632,
    ),
    "medium": Proportions(
        locations=10,
        units=28,
        prisoners=2,
        days_between_reports=1,
        people=9_900,
        equipment=4_500,
        packaged_pol=900,
        materiel=100,
        parts=20_000,
        parts_known=2_864,
    ),
    "large": Proportions(
        locations=32,
        units=285,
        prisoners=15,
        days_between_reports=1,
        people=99_000,
        equipment=45_000,
        packaged_pol=9_000,
        materiel=2_400,
        parts=200_000,
        parts_known=5_711,
    ),
}


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One invented assessment.

    Attributes:
        assessment: Its id, which is its number too.
        size: How big it is.
        seed: The only source of chance, with the size and the assessment.
        locations: One row a location: ``Location_ID, Location_Name, Region, Region_MEF_Lead, Country, City``,
            ``Climate``.
        units: One row a unit: ``UIC, MEF, MSE, Service, people``, ``arrives`` (day of the first arrivals), ``waves``
            (in how many reports it arrives) and the columns of its location.
        days: One row a report: ``Day, days`` (the days it stands for) and ``DOS_Period``.
    """

    assessment: str
    size: Size
    seed: int
    locations: pl.DataFrame
    units: pl.DataFrame
    days: pl.DataFrame

    @property
    def proportions(self) -> Proportions:
        """How many of everything."""
        return PROPORTIONS[self.size]

    def chance(self, topic: str, rows: int) -> Chance:
        """Columns of chance for one file, so that to leave it out changes no other file."""
        return Chance(_random(self.seed, self.size, self.assessment, topic), rows)


def shared_chance(size: Size, seed: int, topic: str, rows: int) -> Chance:
    """Columns of chance for what all assessments of that size and seed share."""
    return Chance(_random(seed, size, topic), rows)


def _random(*key: object) -> random.Random:
    return random.Random("/".join(str(part) for part in key))  # noqa: S311 -- invented data, no secret


def invent(assessment: str, size: Size, seed: int) -> Scenario:
    """The scenario of that assessment, size and seed: the same for the same three."""
    chance = _random(seed, size, assessment)
    proportions = PROPORTIONS[size]
    locations = _locations(chance, proportions.locations)
    days = _days(proportions.days_between_reports)
    return Scenario(
        assessment=assessment,
        size=size,
        seed=seed,
        locations=locations,
        units=_units(chance, proportions, locations, days["Day"].to_list()),
        days=days,
    )


def period_of_day(prefix: Literal["DOS", "POS"]) -> pl.Expr:
    """The period in which the column ``Day`` lies: ``DOS1`` to ``DOS3`` or ``POS1`` to ``POS3``, and ``BEYOND``."""
    day = pl.col("Day")
    names = [(name.replace("DOS", prefix), last) for name, last in PERIODS]
    expression = pl.lit(names[-1][0])
    for name, last in reversed(names[:-1]):
        expression = pl.when(day <= last).then(pl.lit(name)).otherwise(expression)
    return expression


def _shares(count: int) -> list[int]:
    """``count`` things spread over the regions: one each, the rest by share, largest remainder first."""
    rest = [(count - len(_REGIONS)) * share / 100 for _, _, share in _REGIONS]
    spread = [1 + int(each) for each in rest]
    by_remainder = sorted(range(len(rest)), key=lambda at: int(rest[at]) - rest[at])
    for at in by_remainder[: count - sum(spread)]:
        spread[at] += 1
    return spread


def _locations(chance: random.Random, count: int) -> pl.DataFrame:
    names = chance.sample([f"{place} {tree}" for place in _PLACES for tree in _TREES], count)
    rows: list[dict[str, str]] = []
    for region, ((code, lead, _), of_region) in enumerate(zip(_REGIONS, _shares(count), strict=True)):
        for at in range(of_region):
            name = names[len(rows)]
            rows.append(
                {
                    "Location_ID": str(101 + len(rows)),
                    "Location_Name": name,
                    "Region": code,
                    "Region_MEF_Lead": lead,
                    "Country": _COUNTRIES[2 * region + at % 2],
                    "City": f"{name.split()[1]}ton",
                    "Climate": _CLIMATES[region],
                }
            )
    return pl.DataFrame(rows)


def _days(step: int) -> pl.DataFrame:
    reports = list(range(1, DURATION + 1, step))
    return pl.DataFrame(
        {
            "Day": reports,
            "days": [min(step, DURATION + 1 - day) for day in reports],
            "DOS_Period": [next(name for name, last in PERIODS if day <= last) for day in reports],
        }
    )


def _units(
    chance: random.Random, proportions: Proportions, locations: pl.DataFrame, reports: list[int]
) -> pl.DataFrame:
    places = {
        region: locations.filter(pl.col("Region") == region)["Location_ID"].to_list() for region, _, _ in _REGIONS
    }
    codes = chance.sample(range(10_000, 100_000), proportions.units)
    rows: list[dict[str, object]] = []
    for (region, lead, share), of_region in zip(_REGIONS, _shares(proportions.units), strict=True):
        weights = [chance.uniform(1, 5) for _ in range(of_region)]
        for at, weight in enumerate(weights):
            first = chance.triangular(1, 45, 6)
            rows.append(
                {
                    "UIC": f"M{codes[len(rows)]}",
                    "MEF": lead,
                    "MSE": chance.choice(("GCE", "GCE", "ACE", "LCE", "CE")),
                    "Service": chance.choice(("USMC", "USMC", "USMC", "USMC", "USN")),
                    "people": round(proportions.people * share / 100 * weight / sum(weights)),
                    "arrives": next(day for day in reports if day + reports[-1] - reports[-2] > first),
                    "waves": chance.randint(1, 3),
                    "Location_ID": places[region][at % len(places[region])],
                }
            )
    for number in range(1, proportions.prisoners + 1):
        region, lead, _ = _REGIONS[2 * (number % 2)]
        first = chance.uniform(25, 45)
        rows.append(
            {
                "UIC": f"EPW{number:02d}",
                "MEF": lead,
                "MSE": "EPW",
                "Service": "EPW",
                "people": chance.randint(60, 240),
                "arrives": next(day for day in reports if day >= first),
                "waves": 4,
                "Location_ID": chance.choice(places[region]),
            }
        )
    return pl.DataFrame(rows).join(locations, on="Location_ID", how="left", validate="m:1", maintain_order="left")
