"""Pivot tables: groups within groups by rows and columns, each level with figures of its own.

Subtotals and totals are computed at their level and never added up, so that an average or a rounded figure is right.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Any

import polars as pl

from .aggregates import aggregate
from .drawn import MOST_ROWS, Cell, Grid, Note, Row
from .fields import Field, Wells
from .query import Query, sort_field
from .scene import Scene, key_of
from .tables import cell, remark
from .unchecked import JsonObject, dig, objects_at, text_at

_MOST_COLUMNS = 100
_PLACE = "\3place"
Path = tuple[Any, ...]


def draw_pivot(scene: Scene, sheet: str, visual: str, config: JsonObject, wells: Wells) -> tuple[Grid | Note, str]:
    """A pivot table, and what was left out of it."""
    rows, columns, values = (wells.get(name, ()) for name in ("Rows", "Columns", "Values"))
    if not rows and not columns and not values:
        return Note(kind="empty", text="The pivot table has no fields"), ""
    sorts = {
        text_at(one, "FieldId"): dig(one, "SortBy")
        for one in objects_at(config, "SortConfiguration", "FieldSortOptions")
    }
    extra = [
        sort_field(f"\2{name}", sort["Column"]) for name, sort in sorts.items() if isinstance(dig(sort, "Column"), dict)
    ]
    query = Query(scene=scene, sheet=sheet, visual=visual, dimensions=(*rows, *columns), measures=(*values, *extra))
    if (rows or columns) and query.finest.is_empty():
        return Note(kind="empty", text="No data"), ""
    pivot = _Pivot(query=query, rows=rows, columns=columns, values=values, sorts=sorts, config=config)
    return pivot.grid(), remark(pivot.leaves)


@dataclass(frozen=True, kw_only=True)
class _Pivot:
    """One pivot table while it is drawn; a path holds the values of the first so many fields."""

    query: Query
    rows: tuple[Field, ...]
    columns: tuple[Field, ...]
    values: tuple[Field, ...]
    sorts: dict[str, Any]
    config: JsonObject

    @cached_property
    def leaves(self) -> int:
        """How many rows there are at the deepest level."""
        return self.query.at(self.rows).height if self.rows else 1

    def grid(self) -> Grid:
        """All of it."""
        body = tuple(self._body((), 0)) if self.rows else (self._row((), kind="leaf"),)
        has_total = self._shows("RowTotalOptions", "TotalsVisibility", default="HIDDEN") and self.rows
        total = (self._row((), kind="total", label=self._label("RowTotalOptions", "Total")),) if has_total else ()
        at_start = text_at(self.config, "TotalOptions", "RowTotalOptions", "Placement") == "START"
        return Grid(
            head=tuple(self._head()),
            rows=(*total, *body) if at_start else body,
            foot=() if at_start else total,
            collapsed=frozenset(self._collapsed()),
            is_hierarchy=self._is_hierarchy,
        )

    @property
    def _is_hierarchy(self) -> bool:
        return text_at(self.config, "TableOptions", "RowsLayout") == "HIERARCHY"

    @property
    def _shown_rows(self) -> list[Field]:
        return [each for each in self.rows if not each.is_hidden]

    @property
    def _shown_values(self) -> list[Field]:
        return [each for each in self.values if not each.is_hidden]

    def _shows(self, options: str, key: str, default: str) -> bool:
        return text_at(self.config, "TotalOptions", options, key, default=default) == "VISIBLE"

    @cached_property
    def _summed(self) -> frozenset[int]:
        """The depths of the row fields whose groups have a subtotal while they are open."""
        options = dig(self.config, "TotalOptions", "RowSubtotalOptions")
        if text_at(options, "TotalsVisibility") != "VISIBLE":
            return frozenset()
        chosen = {text_at(one, "FieldId") for one in objects_at(options, "FieldLevelOptions")}
        match text_at(options, "FieldLevel", default="ALL"):
            case "CUSTOM":
                return frozenset(at for at, each in enumerate(self.rows) if each.id in chosen)
            case "LAST":
                return frozenset({len(self.rows) - 2})
            case _:
                return frozenset(range(len(self.rows)))

    def _label(self, options: str, default: str) -> str:
        return text_at(self.config, "TotalOptions", options, "CustomLabel") or default

    # Members, ordered

    def _members(self, fields: Sequence[Field], most: int) -> Iterator[pl.DataFrame]:
        """The first paths of each depth, in order; each has a leaf, so no more of them can be shown than of leaves."""
        above = pl.DataFrame({_PLACE: [0]}).lazy()
        keys: list[str] = []
        for one in fields:
            by, down = self._order(one)
            level = self.query.at(fields[: len(keys) + 1]).lazy()
            joined = level.join(above, on=keys, nulls_equal=True) if keys else level.join(above, how="cross")
            keys.append(key_of(one))
            order, descending = [_PLACE, by, key_of(one)], [False, down, False]
            found = joined.sort(order, descending=descending, nulls_last=True).select(keys).head(most).collect()
            yield found
            above = found.lazy().with_row_index(_PLACE)

    def _order(self, one: Field) -> tuple[str, bool]:
        sort = self.sorts.get(one.id)
        if isinstance(dig(sort, "Column"), dict):
            return f"\2{one.id}", text_at(sort, "Column", "Direction") == "DESC"
        name, down = text_at(sort, "Field", "FieldId"), text_at(sort, "Field", "Direction") == "DESC"
        known = {each.id for each in self.query.measures}
        return (name if name in known else key_of(one)), down

    @cached_property
    def _below(self) -> dict[Path, list[Path]]:
        """The paths one below each path of rows, in order; what lies beyond the most rows is left out."""
        found: dict[Path, list[Path]] = {}
        for level in self._levels:
            for path in level.rows():
                found.setdefault(path[:-1], []).append(path)
        return found

    @cached_property
    def _levels(self) -> list[pl.DataFrame]:
        """Of rows: the paths of each depth that lead to a leaf that is shown."""
        levels = list(self._members(self.rows, MOST_ROWS))
        deepest = levels[-1].lazy() if levels else pl.LazyFrame()
        return [each.lazy().join(deepest, on=each.columns, how="semi", nulls_equal=True).collect() for each in levels]

    @cached_property
    def _heads(self) -> list[Path]:
        """The columns, each as a path: members at the deepest level, then the total."""
        if not self.columns:
            return [()]
        *_, deepest = self._members(self.columns, _MOST_COLUMNS)
        found: list[Path] = deepest.rows()
        return [*found, ()] if self._shows("ColumnTotalOptions", "TotalsVisibility", default="HIDDEN") else found

    # Figures

    @cached_property
    def _figures(self) -> dict[tuple[Path, Path], dict[str, Any]]:
        found: dict[tuple[Path, Path], dict[str, Any]] = {}
        depths = {len(path) for path in self._heads}
        for row_depth in range(len(self.rows) + 1):
            rows = self.rows[:row_depth]
            for column_depth in depths:
                columns = self.columns[:column_depth]
                figures = self.query.at((*rows, *columns))
                if rows:
                    keys = [key_of(each) for each in rows]
                    figures = figures.join(self._levels[row_depth - 1], on=keys, how="semi", nulls_equal=True)
                for record in figures.to_dicts():
                    key = tuple(record[key_of(each)] for each in rows), tuple(record[key_of(each)] for each in columns)
                    found[key] = record
        return found

    def _numbers(self, path: Path) -> list[Cell]:
        return [self._number(path, head, value) for head in self._heads for value in self._shown_values]

    def _number(self, path: Path, head: Path, value: Field) -> Cell:
        record = self._figures.get((path, head))
        if record is None:
            return Cell(text="", kind="number")
        return cell(value, record[value.id]) if path or not self.rows else self._total(value, head, record)

    def _total(self, value: Field, head: Path, record: dict[str, Any]) -> Cell:
        """A figure of the row of totals: of all rows, unless the definition wants none or one made of the figures."""
        options = objects_at(self.config, "TotalOptions", "RowTotalOptions", "TotalAggregationOptions")
        wanted = {text_at(one, "FieldId"): dig(one, "TotalAggregationFunction") for one in options}
        function = text_at(wanted.get(value.id), "SimpleTotalAggregationFunction")
        if function == "NONE":
            return Cell(text="", kind="number")
        if (how := aggregate(function)) is None:
            return cell(value, record[value.id])
        columns = self.columns[: len(head)]
        leaves = self.query.at((*self.rows, *columns))
        for each, at in zip(columns, head, strict=True):
            leaves = leaves.filter(pl.col(key_of(each)).eq_missing(pl.lit(at)))
        return cell(value, leaves.select(how.of(pl.col(value.id))).item())

    # Rows

    def _body(self, path: Path, depth: int) -> Iterator[Row]:
        last = len(self.rows) - 1
        for child in self._below.get(path, []):
            if depth == last:
                yield self._row(child, kind="leaf")
            elif self._is_hierarchy:
                yield self._row(child, kind="subtotal")
                yield from self._body(child, depth + 1)
            else:
                inner = list(self._body(child, depth + 1))
                if inner:
                    yield self._opening(inner[0], child, depth)
                    yield from inner[1:]
                yield self._row(child, kind="subtotal", label=self._label("RowSubtotalOptions", "Subtotal"))

    def _opening(self, row: Row, path: Path, depth: int) -> Row:
        """The first row of a group bears the group's label."""
        at = self._column_of(depth)
        if at is None:
            return row
        cells = list(row.cells)
        cells[at] = Cell(text=self.rows[depth].format.text(path[-1]), kind="label")
        return replace(row, cells=tuple(cells), opens=((at, _group(path)), *row.opens))

    def _column_of(self, depth: int) -> int | None:
        """Where the labels of a level stand; None where its field is hidden."""
        if self._is_hierarchy:
            return 0
        return self._shown_rows.index(self.rows[depth]) if not self.rows[depth].is_hidden else None

    def _row(self, path: Path, *, kind: str, label: str = "") -> Row:
        width = (1 if self._is_hierarchy else len(self._shown_rows)) if self.rows else 0
        labels = [Cell(text="") for _ in range(width)]
        own = self.rows[len(path) - 1].format.text(path[-1]) if path else label
        at = (self._column_of(len(path) - 1) if path else 0) or 0
        if width:
            labels[at] = Cell(text=label or own, kind="label")
        depth = len(path)
        return Row(
            cells=(*labels, *self._numbers(path)),
            kind=kind,
            groups=tuple(_group(path[:each]) for each in range(1, depth)),
            summary=_group(path) if kind == "subtotal" else "",
            is_shut_only=kind == "subtotal" and not self._is_hierarchy and depth - 1 not in self._summed,
            at=at,
            label=own if kind == "subtotal" else "",
            level=max(depth - 1, 0),
        )

    # Heading and state

    def _head(self) -> Iterator[tuple[Cell, ...]]:
        if self.rows:
            names = (
                [" / ".join(each.label for each in self._shown_rows)]
                if self._is_hierarchy
                else [each.label for each in self._shown_rows]
            )
        else:
            names = []
        several = len(self._shown_values) > 1 or not self.columns
        for depth, one in enumerate(self.columns):
            cells = [Cell(text="" if at else one.label, kind="label") for at, _ in enumerate(names)]
            width = max(len(self._shown_values), 1)
            for path, same in groupby(self._heads, key=lambda path: path[: depth + 1]):
                shown = (
                    one.format.text(path[depth])
                    if path
                    else ("" if depth else self._label("ColumnTotalOptions", "Total"))
                )
                cells.append(Cell(text=shown, kind="number", span=width * len(list(same))))
            yield tuple(cells)
        if several or self.rows:
            labels = [Cell(text=each.label, kind="number") for _ in self._heads for each in self._shown_values]
            yield (*(Cell(text=name) for name in names), *labels)

    def _collapsed(self) -> Iterator[str]:
        for one in objects_at(self.config, "FieldOptions", "CollapseStateOptions"):
            if text_at(one, "State") != "COLLAPSED":
                continue
            values = objects_at(one, "Target", "FieldDataPathValues")
            wanted = [text_at(each, "FieldValue") for each in values if "FieldValue" in each]
            field = text_at(one, "Target", "FieldId")
            for path in self._below:
                if not path:
                    continue
                if (wanted and [str(each) for each in path] == wanted) or (
                    not wanted and self.rows[len(path) - 1].id == field
                ):
                    yield _group(path)


def _group(path: Path) -> str:
    """The id of a group: its path as JSON, so that no two paths share one."""
    return json.dumps([None if each is None else str(each) for each in path], ensure_ascii=False)
