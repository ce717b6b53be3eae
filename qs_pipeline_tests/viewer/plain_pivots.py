"""What every pivot table of our definition must show, computed by polars straight from the published CSVs.

The calculated fields and filters that the pivot tables use are written down here a second time, by hand: nothing of the
viewer and nothing of the expression grammar is used.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

MOST_ROWS = 500

C = pl.col
FIELDS: dict[str, pl.Expr] = {
    "STONS": C("WEIGHT_LBS").cast(pl.Float64) / 2000,
    "CostTE": C("TE_Orig_Qty") * C("STANDARD_UNIT_PRICE"),
    "Arrivals": pl.when(C("UIC").str.starts_with("EPW")).then(0).otherwise(C("Flowin")),
    "Cost of Kinds": pl.when(C("Ration_Type") != "Total_Rqmt").then(C("Total_UI_Cost")),
    # Other words for the same kinds: the groups are those of the column.
    "Ration": pl.coalesce("^(Ration_Type|COS_TYPE)$"),
    "Water": C("Ration_Type"),
    "TAMCN Group": pl.when(~C("COS_TYPE").str.starts_with("UNKNOWN")).then(C("COS_TYPE").str.head(1)),
}  # fmt: skip
ROUNDED_UP = {"CUFT Rounded Up": C("CUFT"), "STONS Rounded Up": FIELDS["STONS"], "TEUS Rounded Up": C("TEUS")}
FILTERS: dict[str, pl.Expr] = {
    "class-ix": C("CLASS_OF_SUPPLY").is_in(["IX C", "IX C (B)", "IX C (S)"]),
    "class-ix-figures": C("POS") != "BEYOND",
}


@dataclass(frozen=True, kw_only=True)
class Pivot:
    """Numbers, the least first. ``body`` is None where there are more rows than are sent."""

    body: list[float] | None
    foot: list[float] | None


def expected(definition: dict[str, Any], tables: Path) -> Iterator[tuple[str, Pivot]]:
    """Each pivot table by its visual's id."""
    for sheet in definition["Sheets"]:
        for one in sheet["Visuals"]:
            ((kind, body),) = one.items()
            if kind == "PivotTableVisual":
                yield body["VisualId"], _pivot(sheet["SheetId"], body, tables)


def _pivot(sheet: str, body: dict[str, Any], tables: Path) -> Pivot:
    config = body["ChartConfiguration"]
    wells = config["FieldWells"]["PivotTableAggregatedFieldWells"]
    rows, columns, values = ([next(iter(f.values())) for f in wells.get(w, [])] for w in ("Rows", "Columns", "Values"))
    ((name),) = {field["Column"]["DataSetIdentifier"] for field in (*rows, *columns, *values)}
    frame = pl.read_csv(tables / f"{name}.csv", infer_schema_length=None)
    for key in (sheet.removesuffix("-embark"), body["VisualId"]):
        if key in FILTERS:
            frame = frame.filter(FILTERS[key])
    totals = config.get("TotalOptions", {})
    depths: set[int] = {len(columns)} | ({0} if _is_visible(totals.get("ColumnTotalOptions")) else set[int]())
    keys = [_key(field, f"k{at}") for at, field in enumerate((*rows, *columns))]
    frame = frame.with_columns(keys)
    measures = [_measure(field).alias(f"m{at}") for at, field in enumerate(values)]

    def figures(above: int) -> list[float]:
        found: list[float] = []
        for depth in depths:
            by = [f"k{at}" for at in range(above)] + [f"k{len(rows) + at}" for at in range(depth)]
            made = frame.group_by(by).agg(measures) if by else frame.select(measures)
            found += [float(each) for column in made.select("^m.*$") for each in column.drop_nulls()]
        return found

    leaves = frame.select(f"k{at}" for at in range(len(rows))).unique().height
    deep = sorted(each for above in range(1, len(rows) + 1) for each in figures(above))
    row_totals = totals.get("RowTotalOptions")
    is_plain = _is_visible(row_totals) and not row_totals.get("TotalAggregationOptions")
    return Pivot(body=deep if leaves <= MOST_ROWS else None, foot=sorted(figures(0)) if is_plain else None)


def _is_visible(options: dict[str, Any] | None) -> bool:
    return bool(options) and options.get("TotalsVisibility") == "VISIBLE"


def _sum(value: pl.Expr) -> pl.Expr:
    """The sum of nothing is nothing."""
    return pl.when(value.count() > 0).then(value.sum())


def _key(field: dict[str, Any], name: str) -> pl.Expr:
    column = field["Column"]["ColumnName"]
    return FIELDS.get(column, C(column)).alias(name)


def _measure(field: dict[str, Any]) -> pl.Expr:
    column = field["Column"]["ColumnName"]
    if column in ROUNDED_UP:
        return _sum(ROUNDED_UP[column]).ceil()
    # A column without any value is read as text.
    value = FIELDS.get(column, C(column).cast(pl.Float64, strict=False))
    how = field["AggregationFunction"]
    how = how if isinstance(how, str) else next(each for each in how.values() if isinstance(each, str))
    match how:
        case "SUM":
            return _sum(value)
        case "DISTINCT_COUNT":
            return C(column).drop_nulls().n_unique()
        case "COUNT":
            return C(column).count()
        case "AVERAGE":
            return value.mean()
        case "MAX":
            return value.max()
        case _:
            raise AssertionError(f"write down how {how} is computed")
