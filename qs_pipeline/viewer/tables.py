"""Tables and KPIs: groups or plain rows under headings, with a total that is computed and not added up."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from .aggregates import aggregate
from .drawn import MOST_ROWS, Cell, Figure, Grid, Note, Row
from .fields import Field, Wells
from .query import Query, sort_field
from .scene import Scene, key_of
from .unchecked import JsonObject, dig, is_hidden, objects_at, only_object, text_at, texts_at

_UNSORTED = "\2"


def cell(one: Field, value: object) -> Cell:
    """The value of a field as a cell."""
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    return Cell(
        text=one.format.text(value),
        kind="number" if number is not None or one.is_measure else "text",
        raw=number,
    )


def draw_table(scene: Scene, sheet: str, visual: str, config: JsonObject, wells: Wells) -> tuple[Grid | Note, str]:
    """A table, and what was left out of it."""
    values, groups = wells.get("Values", ()), wells.get("GroupBy", ())
    if not values and not groups:
        return Note(kind="empty", text="The table has no fields"), ""
    if any(not each.is_measure for each in values):
        return _plain(scene, sheet, visual, config, values)
    sorts = objects_at(config, "SortConfiguration", "RowSort")
    extra = [sort_field(f"{_UNSORTED}{at}", one["ColumnSort"]) for at, one in enumerate(sorts) if "ColumnSort" in one]
    query = Query(scene=scene, sheet=sheet, visual=visual, dimensions=groups, measures=(*values, *extra))
    frame = query.finest
    if groups and frame.is_empty():
        return Note(kind="empty", text="No data"), ""
    records = _first(frame, sorts, query)
    shown = [each for each in _ordered((*groups, *values), config) if not each.is_hidden]
    rows = [Row(cells=tuple(cell(each, _value(record, each)) for each in shown)) for record in records]
    foot = _total(query, shown, config) if groups and values else ()
    return Grid(head=(_head(shown, rows),), rows=tuple(rows), foot=foot), remark(frame.height)


def remark(total: int) -> str:
    """What is said where not all rows are shown."""
    return f"First {MOST_ROWS:,} rows of {total:,}" if total > MOST_ROWS else ""


def _value(record: dict[str, Any], one: Field) -> Any:  # noqa: ANN401 - a cell of any type
    return record[one.id if one.is_measure else key_of(one)]


def _head(fields: Sequence[Field], rows: Sequence[Row]) -> tuple[Cell, ...]:
    """The headings, each at the side of the cells below it."""
    kinds = zip(*([cell.kind for cell in row.cells] for row in rows), strict=True)
    return tuple(
        Cell(text=each.label, kind="number" if "number" in below else "text")
        for each, below in zip(fields, kinds, strict=True)
    )


def _ordered(fields: Sequence[Field], config: JsonObject) -> list[Field]:
    order = {name: at for at, name in enumerate(texts_at(config, "FieldOptions", "Order"))}
    return sorted(fields, key=lambda each: order.get(each.id, len(order)))


def _keys(sorts: Sequence[JsonObject], query: Query) -> list[tuple[str, bool]]:
    """The columns of the groups to order by, and whether downwards; then all dimensions, so that the order is total."""
    known = {each.id: each.id for each in query.measures} | {each.id: key_of(each) for each in query.dimensions}
    found: list[tuple[str, bool]] = []
    for at, one in enumerate(sorts):
        name = known.get(text_at(one, "FieldSort", "FieldId")) if "FieldSort" in one else f"{_UNSORTED}{at}"
        inner = one.get("FieldSort") or one.get("ColumnSort")
        if name:
            found.append((name, text_at(inner, "Direction") == "DESC"))
    return found + [(key_of(each), False) for each in query.dimensions]


def _first(frame: pl.DataFrame, sorts: Sequence[JsonObject], query: Query) -> list[dict[str, Any]]:
    """The rows to show, in order; what is missing comes last."""
    keys = _keys(sorts, query)
    if keys:
        by, descending = [name for name, _ in keys], [down for _, down in keys]
        frame = frame.sort(by, descending=descending, nulls_last=True, maintain_order=True)
    return frame.head(MOST_ROWS).to_dicts()


def _total(query: Query, shown: Sequence[Field], config: JsonObject) -> tuple[Row, ...]:
    options = dig(config, "TotalOptions")
    if text_at(options, "TotalsVisibility") != "VISIBLE":
        return ()
    whole = query.at(()).to_dicts()[0]
    functions = {
        text_at(one, "FieldId"): text_at(one, "TotalAggregationFunction", "SimpleTotalAggregationFunction")
        for one in objects_at(options, "TotalAggregationOptions")
    }
    cells: list[Cell] = []
    for each in shown:
        function = functions.get(each.id, "DEFAULT")
        if not each.is_measure or function == "NONE":
            cells.append(Cell(text=""))
        elif (how := aggregate(function)) is not None:
            cells.append(cell(each, query.finest.select(how.of(pl.col(each.id))).item()))
        else:
            cells.append(cell(each, whole[each.id]))
    if not shown[0].is_measure:
        cells[0] = Cell(text=text_at(options, "CustomLabel", default="Total"), kind="label")
    return (Row(cells=tuple(cells), kind="total"),)


def _plain(
    scene: Scene, sheet: str, visual: str, config: JsonObject, values: Sequence[Field]
) -> tuple[Grid | Note, str]:
    shown = [each for each in _ordered(values, config) if not each.is_hidden]
    query = Query(scene=scene, sheet=sheet, visual=visual, dimensions=tuple(values), measures=())
    columns = {each.id: each.column for each in values}
    sorts: list[tuple[str, bool]] = []
    for one in objects_at(config, "SortConfiguration", "RowSort"):
        kind, body = only_object(one)
        column = (
            text_at(body, "SortBy", "ColumnName") if kind == "ColumnSort" else columns.get(text_at(body, "FieldId"))
        )
        if column:
            sorts.append((column, text_at(body, "Direction") == "DESC"))
    frame, total = query.rows(values, sorts, MOST_ROWS)
    if not total:
        return Note(kind="empty", text="No data"), ""
    records = frame.to_dicts()
    rows = [Row(cells=tuple(cell(each, record[each.id]) for each in shown)) for record in records]
    return Grid(head=(_head(shown, rows),), rows=tuple(rows)), remark(total)


def draw_kpi(scene: Scene, sheet: str, visual: str, config: JsonObject, wells: Wells) -> tuple[Figure | Note, str]:
    """A KPI: its value now, beside its target or the period before."""
    values, targets, trends = (wells.get(name, ())[:1] for name in ("Values", "TargetValues", "TrendGroups"))
    if not values:
        return Note(kind="empty", text="The KPI has no value"), ""
    query = Query(scene=scene, sheet=sheet, visual=visual, dimensions=trends, measures=(*values, *targets))
    frame = query.finest.sort(key_of(trends[0]), nulls_last=True) if trends else query.finest
    records = frame.tail(2).to_dicts()
    if not records or (records[-1][values[0].id] is None and not targets):
        return Note(kind="empty", text="No data"), ""
    last = records[-1]
    value = last[values[0].id]
    against = last[targets[0].id] if targets else records[-2][values[0].id] if len(records) > 1 else None
    label = values[0].label if values[0].is_custom else ""
    if not isinstance(against, int | float) or not isinstance(value, int | float):
        return Figure(value=cell(values[0], value), label=label), ""
    difference = value - against
    share = f"{difference / abs(against):+.1%}" if against else ""
    held = f"target {targets[0].format.text(against)}" if targets else f"before {values[0].format.text(against)}"
    has_bar = targets and not is_hidden(config, "KPIOptions", "ProgressBar") and against > 0
    return (
        Figure(
            value=cell(values[0], value),
            label=label,
            comparison=" ".join(part for part in (share, held) if part),
            trend="up" if difference > 0 else "down" if difference < 0 else "",
            progress=min(max(value / against, 0), 1) if has_bar else None,
        ),
        "",
    )
