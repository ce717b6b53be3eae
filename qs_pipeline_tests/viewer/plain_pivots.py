"""What every pivot table of our definition must show, computed by polars straight from the published CSVs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qs_pipeline_tests.viewer.plain import key_of, measure_of, rows_of, visuals_of, wells_of

MOST_ROWS = 500


@dataclass(frozen=True, kw_only=True)
class Pivot:
    """Numbers, the least first. ``body`` is None where there are more rows than are sent."""

    body: list[float] | None
    foot: list[float] | None


def expected(definition: dict[str, Any], tables: Path) -> Iterator[tuple[str, Pivot]]:
    """Each pivot table by its visual's id."""
    for sheet, visual, config in visuals_of(definition, "PivotTableVisual"):
        yield visual, _pivot(sheet, visual, config, tables)


def _pivot(sheet: str, visual: str, config: dict[str, Any], tables: Path) -> Pivot:
    wells = wells_of(config)
    rows, columns, values = (wells.get(name, []) for name in ("Rows", "Columns", "Values"))
    frame = rows_of((*rows, *columns, *values)[0]["Column"]["DataSetIdentifier"], sheet, visual, tables)
    totals = config.get("TotalOptions", {})
    depths: set[int] = {len(columns)} | ({0} if _is_visible(totals.get("ColumnTotalOptions")) else set[int]())
    keys = [key_of(field).alias(f"k{at}") for at, field in enumerate((*rows, *columns))]
    frame = frame.with_columns(keys)
    measures = [measure_of(field).alias(f"m{at}") for at, field in enumerate(values)]

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
