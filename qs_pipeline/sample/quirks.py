"""The same sample as untidy tools and people write it: everything here must be accepted, with the same totals.

Three layers: names in the scenario, rows of a file, and the spelling of the file itself.
"""

import dataclasses
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl
import polars.selectors as cs

from qs_pipeline.frames.contract import folded
from qs_pipeline.sample.scenario import Scenario

_ROW = pl.int_range(pl.len())


def quirky_scenario(scenario: Scenario) -> Scenario:
    """Ids of locations with leading zeros; one name with a comma and quotes, one place called ``NA``."""
    quoted, missing = scenario.locations["Location_Name"].head(2)
    name = pl.col("Location_Name")
    odd = (
        pl.format("0{}", "Location_ID").alias("Location_ID"),
        pl.when(name == quoted).then(pl.lit(f'"{quoted}", Pier 4')).otherwise(name).alias("Location_Name"),
        pl.when(name == missing).then(pl.lit("NA")).otherwise(pl.col("City")).alias("City"),
    )
    return dataclasses.replace(
        scenario, locations=scenario.locations.with_columns(odd), units=scenario.units.with_columns(odd)
    )


def quirky_rows(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of a file, a few of them odd; the figures of each column add up to what they were."""
    odd = _ROWS.get(name)
    return odd(frame) if odd else frame


def write_quirky(name: str, frame: pl.DataFrame, path: Path) -> None:
    """Writes the file with odd headers and, by its name, with a byte order mark, CR LF, quotes or blank lines."""
    frame = frame.rename(dict(zip(frame.columns, _odd_headers(name, frame.columns), strict=True)))
    frame.write_csv(
        path,
        include_bom=name in _WITH_BOM,
        line_terminator="\r\n" if name in _WITH_CRLF else "\n",
        quote_style="always" if name in _ALL_QUOTED else "necessary",
    )
    if name in _TRAILING:
        with path.open("a", encoding="utf-8", newline="") as file:
            file.write(_TRAILING[name])


def _two_caps(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of the first location once for each of its two CAPs, the figures shared out."""
    first = pl.col("Location_ID") == pl.col("Location_ID").first()
    half = (cs.numeric() / 2).floor()
    cap = pl.col("CAP_Name")
    north = frame.filter(first).with_columns(half, CAP_Name=cap + " North")
    south = frame.filter(first).with_columns(cs.numeric() - half, CAP_Name=cap + " South")
    return pl.concat([north, south, frame.filter(~first)], how="vertical_relaxed")


def _halved(column: str, item: str) -> pl.Expr:
    """Half a piece of each item moved from its second row to its first, where both have one, so that totals hold."""
    enough = pl.col(column) >= 1
    at = enough.cum_sum()
    moves = enough & (at <= 2) & (enough.sum() >= 2)  # noqa: PLR2004 -- a pair
    half = pl.when(at == 1).then(0.5).otherwise(-0.5)
    return pl.when(moves).then(pl.col(column) + half).otherwise(pl.col(column)).over(item).alias(column)


def _odd_force_flow(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        Day=pl.col("Day").cast(pl.String).str.zfill(3),
        Cumflow=pl.format("{}.0", "Cumflow"),
        Flowin=pl.format(" {} ", "Flowin"),
    )


def _odd_water(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(V7=None, V8=pl.lit(0), V9=pl.lit("x"))


def _odd_materiel(frame: pl.DataFrame) -> pl.DataFrame:
    two_lines = pl.col("Nomenclature") + "\nSEE NOTE, SHEET 2"
    named = pl.when(_ROW % 7 == 0).then(two_lines).otherwise("Nomenclature")
    return frame.with_columns(_halved("UOI_QTY", "NIIN"), Nomenclature=named)


def _odd_parts(frame: pl.DataFrame) -> pl.DataFrame:
    def flag(column: str) -> pl.Expr:
        text = pl.col(column)
        untold = pl.when((_ROW % 5 == 0) & (text == "FALSE")).then(None)
        return untold.when(_ROW % 3 == 0).then(text.str.to_lowercase()).otherwise(text).alias(column)

    def side(column: str) -> pl.Expr:
        return pl.when((_ROW % 2 == 0) & (pl.col(column) == 0)).then(None).otherwise(column).alias(column)

    part = "NIIN of Part Required"
    stranger = pl.format("LF{}", (_ROW + 9_000_000).cast(pl.String))
    return frame.with_columns(
        *(flag(f"{each} Flag") for each in ("SECREP", "Battery")),
        *(side(f"DIM {each} INCHES") for each in ("LENGTH", "WIDTH", "HEIGHT")),
        _halved("Required_POS1", part),
        pl.when(_ROW % 40 == 0).then(stranger).otherwise(part).alias(part),
    )


_ROWS: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    "AssessmentTable": lambda frame: frame.with_columns(Description=pl.col("Description") + '\nSecond line, "quoted"'),
    "RD_I_PaxLocationAll": _odd_force_flow,
    "RD_I_POS_Pallet_Requirement": _two_caps,
    "RD_IW_PaxLocationAll": _odd_water,
    "RD_II_VII_DailyTE_WithDimensions": lambda frame: frame.with_columns(_halved("TE_Orig_Qty", "NIIN")),
    "RD_IIIP_POL_Pkg_NSN_Requirements_PBI": lambda frame: frame.with_columns(_halved("Qty", "NIIN")),
    "RD_IV_Daily_Requirements": _odd_materiel,
    "RD_VI_POS_Pallet_Requirement": _two_caps,
    "RD_IX_Requirement_Trimmed": _odd_parts,
}

_WITH_BOM = frozenset({"Locations", "RD_IV_Daily_Requirements"})
_WITH_CRLF = frozenset({"RD_I_PaxLocationAll", "RD_VI_POS_Pallet_Requirement", "RD_IV_Daily_Requirements"})
_ALL_QUOTED = frozenset({"RD_I_POS_Location", "RD_II_ICCE_DailyTE"})
_TRAILING = {"RD_I_Ration_Costs": "\n  \n\n", "RD_IIIP_POL_Pkg_NSN_Requirements_PBI": "\n  \n\n"}
"""Blank lines at the end, by file."""


def _dotted(header: str) -> str:
    return re.sub(r"[^0-9A-Za-z_]", ".", header)


def _padded(header: str) -> str:
    return f" {header} "


def _lower_with_spaces(header: str) -> str:
    return header.lower().replace("_", " ")


_SPELLINGS: dict[str, Callable[[str], str]] = {
    "AssessmentTable": str.upper,
    "RD_I_PaxLocationAll": str.upper,
    "RD_I_POS_Pallet_Requirement": _dotted,
    "RD_IW_PaxLocationAll": _dotted,
    "RD_II_VII_DailyTE_WithDimensions": _dotted,
    "RD_IIIP_POL_Pkg_NSN_Requirements_PBI": _dotted,
    "RD_IV_Daily_Requirements": str.upper,
    "RD_VI_POS_Pallet_Requirement": _padded,
    "RD_IX_Requirement_Trimmed": _dotted,
    "class_ix_dimensions": str.upper,
}
"""Odd spellings of headers, by file; of the other files, lower case with spaces."""


def _odd_headers(name: str, headers: list[str]) -> list[str]:
    """Odd spellings; of headers that differ in case or punctuation only, none."""
    spell = _SPELLINGS.get(name, _lower_with_spaces)
    alike = Counter(folded(header) for header in headers)
    return [spell(header) if alike[folded(header)] == 1 else header for header in headers]
