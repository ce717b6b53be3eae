"""Bar, line, combo and pie charts: the groups of a visual as a Vega-Lite specification with the values in it.

Categories beyond a limit share one bucket. Numbers come as texts besides, in the format of their field, for labels and
tooltips.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from .drawn import Chart, Note
from .fields import Field, Wells
from .formats import Format
from .query import Drilled, Query, sort_field, sort_key
from .scene import Scene, key_of
from .unchecked import JsonObject, dig, is_hidden, number_at, object_at, objects_at, only_object, text_at

PALETTE = (
    "#2563a8", "#e07b39", "#3a9d75", "#8f6bb3", "#c9a227", "#c0506a", "#4aa3b8", "#7d8794",
    "#6c8f3c", "#b06fa0", "#34577a", "#d9a184",
)  # fmt: skip
_MOST_CATEGORIES = 400
_MOST_COLORS = 25
_MOST_SLICES = 20
_MOST_LABELS = 40
_OTHERS = "Other"
_SORT, _SHADE = "\2sort", "\2shade"

Spec = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Series:
    """One named row of figures of a chart; ``is_line`` in a combo chart."""

    field: Field
    is_line: bool = False


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
        marks = {"PieChartVisual": self._pie, "ComboChartVisual": self._layers}.get(self.kind, self._layers)
        spec = marks(records)
        deeper = len(self.path) < len(self.levels) - 1
        options = tuple(dict.fromkeys(one["c"] for one in records if one["c"] != _OTHERS)) if deeper else ()
        return Chart(spec=spec, path=self.path, options=options[:_MOST_CATEGORIES]), remark

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
        categories, colors = self._ranked(query, self.category), self._ranked(query, self.color)
        remarks: list[str] = []
        groups_of: dict[str, dict[object, str]] = {}
        most = _MOST_SLICES if self.kind == "PieChartVisual" else _MOST_CATEGORIES
        for one, ranked, (limit, has_bucket) in (
            (self.category, categories, self._limit("Category", most)),
            (self.color, colors, self._limit("Color", _MOST_COLORS)),
        ):
            if one is None or len(ranked) <= limit:
                continue
            kept, word = ranked[:limit], f"{len(ranked) - limit:,} of {len(ranked):,} in {one.label}"
            if has_bucket:
                groups_of[key_of(one)] = {value: one.format.text(value) for value in kept}
                remarks.append(f"{word} are in '{_OTHERS}'")
            else:
                remarks.append(f"{word} are not shown")
            ranked[limit:] = [_OTHERS] if has_bucket else []
            if has_bucket:
                ranked[:limit] = [one.format.text(value) for value in kept]
        found = self._query(groups_of) if groups_of else query
        order = {None: 0} | {value: at for at, value in enumerate(categories)}
        shades = {None: 0} | {value: at for at, value in enumerate(colors)}
        return list(self._marks(found.finest.to_dicts(), order, shades)), "; ".join(remarks)

    def _ranked(self, query: Query, one: Field | None) -> list[Any]:
        """The members of a dimension in the order in which they are shown."""
        if one is None:
            return []
        records = query.at((one,)).to_dicts()
        key = key_of(one)
        records.sort(key=lambda record: sort_key(record[key]))
        by, down = self._order(one) if one is self.category else self._order_of_colors(one)
        records.sort(key=lambda record: sort_key(record[by]), reverse=down)
        return [record[key] for record in records]

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
                value = record[one.field.id]
                name = one.field.label
                split = self.color and not (one.is_line and self.kind == "ComboChartVisual")
                if self.color and split:
                    shade = str(color) if color == _OTHERS else self.color.format.text(color)
                    name = f"{shade}, {name}" if len(self.series) > 1 and self.kind != "ComboChartVisual" else shade
                shown = self.category.format.text(category) if self.category else name
                found.append(
                    {
                        "c": str(category) if category == _OTHERS else shown, "s": name, "v": value,
                        "t": one.field.format.text(value), "l": int(one.is_line),
                        "o": order[category] if self.category else at, "z": (at, shades[color]),
                    }
                )  # fmt: skip
        found.sort(key=lambda mark: (mark["o"], mark["z"]))
        return found

    # Marks

    def _layers(self, records: list[Spec]) -> Spec:
        """Bars and lines over one axis of categories; lines of a combo chart have an axis of their own."""
        lines = self.kind == "LineChartVisual"
        categories = list(dict.fromkeys(mark["c"] for mark in records))
        names = list(dict.fromkeys(mark["s"] for mark in sorted(records, key=lambda mark: (mark["l"], mark["z"]))))
        for mark in records:
            del mark["z"]
            mark["q"] = names.index(mark["s"])
        flat = text_at(self.config, "Orientation", default="VERTICAL") == "HORIZONTAL" and self.kind == "BarChartVisual"
        along, across = ("y", "x") if flat else ("x", "y")
        axis: Spec = {
            "field": "c", "type": "nominal", "sort": categories,
            "axis": {"title": self._title("Category", self.category), "labelOverlap": True, "labelLimit": 160}
            | ({} if flat else {"labelAngle": -40 if _crowded(categories) else 0}),
        }  # fmt: skip
        color = self._color(names)
        layers: list[Spec] = []
        bars = [mark for mark in records if not mark["l"]]
        if bars and not lines:
            layers.append(
                self._bars(
                    along,
                    across,
                    axis,
                    color,
                    list(dict.fromkeys(mark["s"] for mark in sorted(bars, key=lambda mark: mark["q"]))),
                )
            )
        if any(mark["l"] for mark in records):
            layers.append(self._lines(along, across, axis, color, combined=bool(bars)))
        labels = dig(self.config, "DataLabels") or dig(self.config, "BarDataLabels")
        if layers and text_at(labels, "Visibility") == "VISIBLE" and len(bars or records) <= _MOST_LABELS:
            layers.append(_labels(layers[0], along, across, flat=flat))
        single = dig(self.config, "SingleAxisOptions", "YAxisOptions") is not None
        independent = bool(bars) and self.kind == "ComboChartVisual" and len(layers) > 1 and not single
        return {
            "data": {"values": records},
            "layer": layers,
            **({"resolve": {"scale": {across: "independent"}}} if independent else {}),
        }

    def _bars(self, along: str, across: str, axis: Spec, color: Spec, names: list[str]) -> Spec:
        arrangement = text_at(self.config, "BarsArrangement", default="CLUSTERED")
        stack = {"STACKED": "zero", "STACKED_PERCENT": "normalize"}.get(arrangement)
        encoding: Spec = {
            along: axis | {"scale": {"paddingInner": 0.25, "paddingOuter": 0.15}},
            across: self._value_axis("Value", "PrimaryYAxis") | ({"stack": stack} if stack else {"stack": None}),
            "color": color,
            "tooltip": self._tooltip(),
        }
        if len(names) > 1 and not stack:
            encoding[f"{along}Offset"] = {"field": "s", "sort": names}
        if stack:
            encoding["order"] = {"field": "q", "type": "quantitative"}
        mark = {
            "type": "bar",
            "cornerRadiusEnd": 2 if not stack else 0,
            "cursor": "pointer" if self.levels else "default",
        }
        return {"transform": [{"filter": "datum.l == 0"}], "mark": mark, "encoding": encoding}

    def _lines(self, along: str, across: str, axis: Spec, color: Spec, *, combined: bool) -> Spec:
        kind = text_at(self.config, "Type", default="LINE")
        is_area = kind in ("AREA", "STACKED_AREA") and not combined
        value = self._value_axis("Value", "SecondaryYAxis" if combined else "PrimaryYAxis")
        mark: Spec = (
            {"type": "area", "opacity": 0.6, "line": True}
            if is_area
            else {"type": "line", "strokeWidth": 2.5, "interpolate": "monotone", "point": {"size": 18}}
        )
        return {
            "transform": [{"filter": "datum.l == 1"}],
            "mark": mark,
            "encoding": {
                along: axis,
                across: value | {"stack": "zero" if kind == "STACKED_AREA" else None},
                "color": color,
                "tooltip": self._tooltip(),
            },
        }

    def _pie(self, records: list[Spec]) -> Spec:
        """A pie or a donut, with the total in its middle where the definition wants it."""
        arc = text_at(self.config, "DonutOptions", "ArcOptions", "ArcThickness", default="MEDIUM")
        inner = {"WHOLE": 0, "LARGE": 0.35, "MEDIUM": 0.55, "SMALL": 0.75}.get(arc, 0.55)
        total = sum(mark["v"] or 0 for mark in records)
        names = list(dict.fromkeys(mark["c"] for mark in records))
        for mark in records:
            del mark["z"]
            mark["p"] = f"{mark['v'] / total:.1%}" if total and mark["v"] is not None else ""
        arcs: Spec = {
            "mark": {
                "type": "arc", "padAngle": 0.01, "cornerRadius": 2,
                "innerRadius": {"expr": f"min(width, height) / 2 * {inner}"},
                "outerRadius": {"expr": "min(width, height) / 2 - 8"},
                "cursor": "pointer" if self.levels else "default",
            },
            "encoding": {
                "theta": {"field": "v", "type": "quantitative", "stack": True},
                "order": {"field": "o", "type": "quantitative"},
                "color": self._color(names, "c"),
                "tooltip": [*self._tooltip(), {"field": "p", "type": "nominal", "title": "Share"}],
            },
        }  # fmt: skip
        layers = [arcs]
        if inner and not is_hidden(self.config, "DonutOptions", "DonutCenterOptions", "LabelVisibility"):
            text = self.series[0].field.format.text(total)
            layers.append({"mark": {"type": "text", "fontSize": 22, "fontWeight": 600, "text": text}, "encoding": {}})
        return {"data": {"values": records}, "layer": layers}

    # Axes, colours and words

    def _value_axis(self, *options: str) -> Spec:
        title = next((found for each in options if (found := self._axis_title(each))), None)
        return {"field": "v", "type": "quantitative", "axis": {"title": title, "format": "~s", "tickCount": 6}}

    def _axis_title(self, of: str) -> str | None:
        return next((text_at(one, "CustomLabel") for one in self._axis_labels(of) if text_at(one, "CustomLabel")), None)

    def _axis_labels(self, of: str) -> list[JsonObject]:
        options = dig(self.config, f"{of}LabelOptions")
        return [] if is_hidden(options) else objects_at(options, "AxisLabelOptions")

    def _title(self, of: str, one: Field | None) -> str | None:
        if is_hidden(dig(self.config, f"{of}LabelOptions")):
            return None
        custom = None if self.path else self._axis_title(of)
        return custom or (one.label if one else None)

    def _color(self, names: Sequence[str], by: str = "s") -> Spec:
        options = dig(self.config, "Legend")
        position = text_at(options, "Position", default="RIGHT").lower()
        has_legend = not is_hidden(options) and (len(names) > 1 or text_at(options, "Visibility") == "VISIBLE")
        legend: Spec | None = None
        if has_legend:
            title = text_at(options, "Title", "CustomLabel") or (self._axis_title("Color") or None)
            legend = {"title": title, "orient": position if position in ("top", "bottom", "right") else "right"}
            legend |= {"columns": 6} if position in ("top", "bottom") else {}
        shades = [PALETTE[at % len(PALETTE)] for at, _ in enumerate(names)]
        scale = {"domain": list(names), "range": shades}
        return {"field": by, "type": "nominal", "scale": scale, "sort": list(names), "legend": legend}

    def _tooltip(self) -> list[Spec]:
        if text_at(self.config, "Tooltip", "TooltipVisibility") == "HIDDEN":
            return []
        category = [{"field": "c", "type": "nominal", "title": self.category.label}] if self.category else []
        return [
            *category,
            {"field": "s", "type": "nominal", "title": "Series"},
            {"field": "t", "type": "nominal", "title": "Value"},
        ]


def _labels(layer: Spec, along: str, across: str, *, flat: bool) -> Spec:
    """The values as texts, beside their bars."""
    encoding = {
        key: layer["encoding"][key] for key in (along, across, f"{along}Offset", "order") if key in layer["encoding"]
    }
    stacked = encoding[across].get("stack")
    mark: Spec = {"type": "text", "fontSize": 10, "fill": "#4a5560"}
    mark |= {"align": "left", "dx": 3} if flat else {"baseline": "bottom", "dy": -2}
    if stacked:
        mark |= {"fill": "#ffffff", "baseline": "middle", "align": "center", "dx": 0, "dy": 0}
        encoding[across] = encoding[across] | {"bandPosition": 0.5}
        encoding["detail"] = {"field": "s"}
    return {"transform": layer["transform"], "mark": mark, "encoding": encoding | {"text": {"field": "t"}}}


def _crowded(categories: Sequence[str]) -> bool:
    return len(categories) * max(map(len, categories), default=0) > 90  # noqa: PLR2004 - letters along an axis
