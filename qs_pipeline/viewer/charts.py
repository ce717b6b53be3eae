"""Bar, line, combo and pie charts: what of a visual's groups is shown, in which order, as one record for each mark.

Categories beyond a limit share one bucket. Numbers come as texts besides, in the format of their field, for labels and
tooltips. How the marks look, ``marks`` says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite
from typing import Any

import polars as pl

from .drawn import Chart, Note
from .fields import Field, Wells
from .formats import Format
from .marks import Painter, Series, Spec
from .query import Drilled, Query, sort_field
from .scalars import NotDrawnError
from .scene import Scene, key_of
from .unchecked import JsonObject, number_at, object_at, objects_at, only_object, text_at

_MOST_CATEGORIES = 400
_MOST_COLORS = 25
_MOST_SLICES = 20
_OTHERS = "Other"
_LINES = str.maketrans("\u2028\u2029", "  ")
"""Vega reads texts as parts of its expressions, in which these end a line and with it the text."""
_SORT, _SHADE = "\2sort", "\2shade"


@dataclass(frozen=True, kw_only=True)
class Chartist:
    """One chart while it is drawn."""

    scene: Scene
    sheet: str
    visual: str
    kind: str
    body: JsonObject
    wells: Wells

    @cached_property
    def config(self) -> JsonObject:
        """The visual's ``ChartConfiguration``."""
        return object_at(self.body, "ChartConfiguration")

    @cached_property
    def series(self) -> list[Series]:
        """What is measured."""
        bars = [*self.wells.get("Values", ()), *self.wells.get("BarValues", ())]
        return [
            *(Series(field=each, is_line=self.kind == "LineChartVisual") for each in bars),
            *(Series(field=each, is_line=True) for each in self.wells.get("LineValues", ())),
        ]

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The values descended into, as many as there are levels for."""
        chosen = self.scene.choice.drills.get(self.visual, ())
        return chosen[: max(len(self.levels) - 1, 0)]

    @cached_property
    def levels(self) -> list[str]:
        """The columns of the category's drill-down, from the top."""
        category = self.wells.get("Category", ())
        if not category or not category[0].hierarchy:
            return []
        for _, one in map(only_object, objects_at(self.body, "ColumnHierarchies")):
            if text_at(one, "HierarchyId") == category[0].hierarchy:
                return [text_at(each, "ColumnName") for each in objects_at(one, "Columns")]
        return []

    @cached_property
    def category(self) -> Field | None:
        """What stands along the axis, at the level descended to."""
        found = next(iter(self.wells.get("Category", ())), None)
        if found is None or not self.path:
            return found
        column = self.levels[len(self.path)]
        base = self.scene.formats.get((found.data_set, column), Format())
        return replace(found, column=column, label=column, granularity="", format=base)

    @cached_property
    def color(self) -> Field | None:
        """What the series are split by."""
        return next(iter(self.wells.get("Colors", ())), None)

    def draw(self) -> tuple[Chart | Note, str]:
        """The chart, and what was left out of it."""
        if not self.series:
            return Note(kind="empty", text="The chart has no values"), ""
        records, remark = self._records()
        if not records:
            return Note(kind="empty", text="No data"), ""
        painter = Painter(
            kind=self.kind, config=self.config, series=self.series, category=self.category,
            is_drillable=bool(self.levels), is_below=bool(self.path),
        )  # fmt: skip
        deeper = len(self.path) < len(self.levels) - 1
        options = tuple(dict.fromkeys(one["c"] for one in records if one["c"] != _OTHERS)) if deeper else ()
        return Chart(spec=painter.spec(records), path=self.path, options=options[:_MOST_CATEGORIES]), remark

    # Data

    def _query(self, groups_of: dict[str, dict[object, str]] | None = None) -> Query:
        dimensions = tuple(each for each in (self.category, self.color) if each)
        sorts = {_SORT: self._sort_of("Category"), _SHADE: self._sort_of("Color")}
        extra = [sort_field(name, sort["ColumnSort"]) for name, sort in sorts.items() if "ColumnSort" in sort]
        drilled = tuple(Drilled(column=self.levels[at], value=value) for at, value in enumerate(self.path))
        return Query(
            scene=self.scene, sheet=self.sheet, visual=self.visual, dimensions=dimensions,
            measures=(*(each.field for each in self.series), *extra), drilled=drilled, groups_of=groups_of or {},
        )  # fmt: skip

    def _sort_of(self, what: str) -> JsonObject:
        return next(iter(objects_at(self.config, "SortConfiguration", f"{what}Sort")), JsonObject())

    def _limit(self, of: str, most: int) -> tuple[int, bool]:
        """How many members are shown, and whether the others share a bucket."""
        sorts = object_at(self.config, "SortConfiguration")
        options = sorts.get(f"{of}ItemsLimit") or sorts.get(f"{of}ItemsLimitConfiguration")
        wanted = int(number_at(options, "ItemsLimit", default=most))
        return max(min(wanted, most), 1), text_at(options, "OtherCategories", default="INCLUDE") != "EXCLUDE"

    def _records(self) -> tuple[list[Spec], str]:
        """A record for each mark: category, series, value, and both as text."""
        query = self._query()
        most = _MOST_SLICES if self.kind == "PieChartVisual" else _MOST_CATEGORIES
        members: list[list[Any]] = []
        groups_of: dict[str, dict[object, str]] = {}
        shown = pl.lit(value=True)
        remarks: list[str] = []
        for one, (limit, has_bucket) in (
            (self.category, self._limit("Category", most)),
            (self.color, self._limit("Color", _MOST_COLORS)),
        ):
            ranked = self._ranked(query, one)
            kept, left = ranked.head(limit), len(ranked) - limit
            if one is None or left <= 0:
                members.append(kept.to_list())
                continue
            remarks.append(
                f"{left:,} of {len(ranked):,} in {one.label} are " + (f"in '{_OTHERS}'" if has_bucket else "not shown")
            )
            if has_bucket:
                groups_of[key_of(one)] = {value: one.format.text(value) for value in kept}
                members.append([*groups_of[key_of(one)].values(), _OTHERS])
            else:
                shown = shown & pl.col(key_of(one)).is_in(kept.implode(), nulls_equal=True)
                members.append(kept.to_list())
        found = self._query(groups_of) if groups_of else query
        order, shades = ({None: 0} | {value: at for at, value in enumerate(each)} for each in members)
        return list(self._marks(found.finest.filter(shown).to_dicts(), order, shades)), "; ".join(remarks)

    def _ranked(self, query: Query, one: Field | None) -> pl.Series:
        """The members of a dimension in the order in which they are shown; what has no value comes last."""
        if one is None:
            return pl.Series(dtype=pl.Null)
        key = key_of(one)
        by, down = self._order(one) if one is self.category else self._order_of_colors(one)
        return query.at((one,)).sort(by, key, descending=[down, False], nulls_last=True)[key]

    def _order(self, one: Field) -> tuple[str, bool]:
        sort = self._sort_of("Category")
        if "ColumnSort" in sort and not self.path:
            return _SORT, text_at(sort, "ColumnSort", "Direction") == "DESC"
        name, down = text_at(sort, "FieldSort", "FieldId"), text_at(sort, "FieldSort", "Direction") == "DESC"
        if name in {each.field.id for each in self.series}:
            return name, down
        if name or self.path or self.kind == "LineChartVisual" or one.granularity:
            return key_of(one), down and name == one.id
        return self.series[0].field.id, True

    def _order_of_colors(self, one: Field) -> tuple[str, bool]:
        sort = self._sort_of("Color")
        if "ColumnSort" in sort:
            return _SHADE, text_at(sort, "ColumnSort", "Direction") == "DESC"
        name, down = text_at(sort, "FieldSort", "FieldId"), text_at(sort, "FieldSort", "Direction") == "DESC"
        return (name if name in {each.field.id for each in self.series} else key_of(one)), down

    def _marks(self, records: list[Spec], order: Mapping[Any, int], shades: Mapping[Any, int]) -> list[Spec]:
        found: list[Spec] = []
        for record in records:
            category = record[key_of(self.category)] if self.category else None
            color = record[key_of(self.color)] if self.color else None
            if category not in order or color not in shades:
                continue
            for at, one in enumerate(self.series):
                value = _length(record[one.field.id], one.field)
                name = one.field.label
                split = self.color and not (one.is_line and self.kind == "ComboChartVisual")
                if self.color and split:
                    shade = str(color) if color == _OTHERS else self.color.format.text(color)
                    name = f"{shade}, {name}" if len(self.series) > 1 and self.kind != "ComboChartVisual" else shade
                shown = self.category.format.text(category) if self.category else name
                found.append(
                    {
                        "c": (str(category) if category == _OTHERS else shown).translate(_LINES),
                        "s": name.translate(_LINES), "v": value,
                        "t": one.field.format.text(value), "l": int(one.is_line),
                        "o": order[category] if self.category else at, "z": (at, shades[color]),
                    }
                )  # fmt: skip
        found.sort(key=lambda mark: (mark["o"], mark["z"]))
        return found


def _length(value: object, one: Field) -> float | None:
    """What a mark stands for; nothing where a computation led to no number.

    Raises:
        NotDrawnError: where the field has values of another kind.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotDrawnError(f"{one.label} has a {type(value).__name__} where the chart needs a number")
    return value if isfinite(value) else None
