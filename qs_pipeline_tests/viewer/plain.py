"""What the plain tables and KPIs of our definition must show, computed by polars straight from the published CSVs.

Plain are those whose fields are columns, without calculated fields and filters: nothing of the viewer is used here.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

HOW: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "SUM": lambda of: of.sum(), "MIN": lambda of: of.min(), "MAX": lambda of: of.max(), "AVERAGE": lambda of: of.mean(),
    "COUNT": lambda of: of.count(), "DISTINCT_COUNT": lambda of: of.drop_nulls().n_unique(),
}  # fmt: skip


def expected(definition: dict[str, Any], tables: Path) -> Iterator[tuple[str, str, list[float]]]:
    """Sheet, visual, and all numbers in its body, the least first."""
    calculated = {(one["DataSetIdentifier"], one["Name"]) for one in definition["CalculatedFields"]}
    filtered = str(definition["FilterGroups"])
    for sheet in definition["Sheets"]:
        if f"'{sheet['SheetId']}'" in filtered:
            continue
        for one in sheet["Visuals"]:
            ((kind, body),) = one.items()
            if kind not in ("TableVisual", "KPIVisual"):
                continue
            config = body["ChartConfiguration"]
            wells = config["FieldWells"].get("TableAggregatedFieldWells") or config["FieldWells"]
            fields = [tuple(field.items())[0] for well in ("GroupBy", "Values") for field in wells.get(well, [])]  # noqa: RUF015 - a union of one
            hidden = [o for o in config.get("FieldOptions", {}).get("SelectedFieldOptions", []) if "Visibility" in o]
            if (
                hidden
                or not fields
                or any(not isinstance(field, dict) or _is_odd(name, field, calculated) for name, field in fields)
            ):
                continue
            yield sheet["SheetId"], body["VisualId"], _numbers(fields, tables)


def _is_odd(kind: str, field: Any, calculated: set[tuple[str, str]]) -> bool:  # noqa: ANN401 - JSON
    if kind.startswith("Date") or "Column" not in field:
        return True
    column = field["Column"]
    return (column["DataSetIdentifier"], column["ColumnName"]) in calculated


def _numbers(fields: list[tuple[str, Any]], tables: Path) -> list[float]:
    ((name),) = {field["Column"]["DataSetIdentifier"] for _, field in fields}
    frame = pl.read_csv(tables / f"{name}.csv", infer_schema_length=None)
    keys = [field["Column"]["ColumnName"] for kind, field in fields if kind.endswith("DimensionField")]
    measures = [
        HOW[_aggregation(field["AggregationFunction"])](pl.col(field["Column"]["ColumnName"])).alias(f"m{at}")
        for at, (kind, field) in enumerate(fields)
        if kind.endswith("MeasureField")
    ]
    groups = frame.group_by(keys).agg(measures) if keys else frame.select(measures)
    columns = [column.drop_nulls().to_list() for column in groups if column.dtype.is_numeric()]
    return sorted(float(each) for column in columns for each in column)


def _aggregation(value: Any) -> str:  # noqa: ANN401 - JSON
    return value if isinstance(value, str) else next(each for each in value.values() if isinstance(each, str))
