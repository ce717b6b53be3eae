"""How a chart looks: its marks as a Vega-Lite specification, which fits itself to the size that it gets.

A mark is a record: ``c`` its category, ``s`` its series, ``v`` its value and ``t`` that as text, ``l`` whether it is of
a line, ``o`` and ``z`` where category and series stand.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .fields import Field
from .unchecked import JsonObject, dig, is_hidden, objects_at, text_at

PALETTE = (
    "#2563a8", "#e07b39", "#3a9d75", "#8f6bb3", "#c9a227", "#c0506a", "#4aa3b8", "#7d8794",
    "#6c8f3c", "#b06fa0", "#34577a", "#d9a184",
)  # fmt: skip
_MOST_LABELS = 40
_MOST_TICKS = 60
_MOST_POINTS = 60
_SMALL, _LARGE = 6.2, 7.8
"""Pixels of one letter of an axis or a legend, about: most letters, and capitals."""
_MARGIN = 40
"""Pixels of a legend's entry beside its letters."""
_SHORT = 4
"""Letters of a label that is rather left out than turned."""
_APART = 6
"""Pixels between two labels at least; where there are fewer, every second one is left out."""
_TURNED = 20
"""Pixels that a turned label takes along its axis."""
ROOM = "room"
"""The parameter that says how many pixels wide a chart is in all, its axes and legend included.

What were decided by the width within its axes would be decided too late to fit.
"""
_AXES = 110
"""Pixels beside the marks, about."""
_LEFT = 70
"""Of these, to the left, without names of categories."""
_BESIDE, _MOST_BESIDE = 160, 0.4
"""Pixels that a category's name beside its bars may always take, and the share of a wide chart that it may take."""
_LIMIT = f"max({_BESIDE}, {_MOST_BESIDE} * {ROOM})"
_BREAK = " (?=[^ ]{4})"
"""Where a label may go on in a second line: before a word and not before a short one."""
_CENTER = 22
"""Size of the letters in the middle of a donut at most."""
_CURVES = {"LINEAR": "linear", "SMOOTH": "monotone", "STEPPED": "step-after"}

Spec = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Series:
    """One named row of figures of a chart; ``is_line`` in a combo chart."""

    field: Field
    is_line: bool = False


@dataclass(frozen=True, kw_only=True)
class Painter:
    """A chart's look.

    Attributes:
        kind: Such as ``BarChartVisual``.
        config: Its ``ChartConfiguration``.
        is_drillable: Whether a click on a mark may lead to a level below.
        is_below: Whether it stands at such a level, which the axis titles of the definition do not mean.
    """

    kind: str
    config: JsonObject
    series: Sequence[Series]
    category: Field | None
    is_drillable: bool
    is_below: bool

    def spec(self, records: list[Spec]) -> Spec:
        """The specification of these marks; takes from the records what only their order needed."""
        made = self._pie(records) if self.kind == "PieChartVisual" else self._layers(records)
        room = "isFinite(containerSize()[0]) ? containerSize()[0] : width"
        return {"params": [{"name": ROOM, "expr": room}], **made}

    def _layers(self, records: list[Spec]) -> Spec:
        """Bars and lines over one axis of categories; lines of a combo chart have an axis of their own."""
        lines = self.kind == "LineChartVisual"
        names = list(dict.fromkeys(mark["s"] for mark in sorted(records, key=lambda mark: (mark["l"], mark["z"]))))
        for mark in records:
            del mark["z"]
            mark["q"] = names.index(mark["s"])
        flat = text_at(self.config, "Orientation", default="VERTICAL") == "HORIZONTAL" and self.kind == "BarChartVisual"
        along, across = ("y", "x") if flat else ("x", "y")
        categories = list(dict.fromkeys(mark["c"] for mark in records))
        axis = self._category_axis(categories, flat=flat)
        beside = f"min({max(map(_pixels, categories)):.0f}, {_LIMIT})" if flat else "0"
        color = self._color(names, left=f"{_LEFT} + {beside}")
        layers: list[Spec] = []
        bars = [mark for mark in records if not mark["l"]]
        if bars and not lines:
            shown = list(dict.fromkeys(mark["s"] for mark in sorted(bars, key=lambda mark: mark["q"])))
            layers.append(self._bars(along, across, axis, color, shown))
        if any(mark["l"] for mark in records):
            layers.append(self._lines(along, across, axis, color, combined=bool(bars), marks=len(records)))
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
            across: self._value_axis(across, is_line=False, is_share=stack == "normalize") | {"stack": stack},
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
            "cursor": "pointer" if self.is_drillable else "default",
        }
        return {"transform": [{"filter": "datum.l == 0"}], "mark": mark, "encoding": encoding}

    def _lines(self, along: str, across: str, axis: Spec, color: Spec, *, combined: bool, marks: int) -> Spec:
        kind = text_at(self.config, "Type", default="LINE")
        is_area = kind in ("AREA", "STACKED_AREA") and not combined
        style = dig(self.config, "DefaultSeriesSettings", "LineStyleSettings")
        curve = _CURVES.get(text_at(style, "LineInterpolation"), "linear")
        mark: Spec = (
            {"type": "area", "opacity": 0.6, "line": True, "interpolate": curve}
            if is_area
            else {"type": "line", "strokeWidth": 2.5, "interpolate": curve}
            | ({"point": {"size": 18}} if marks <= _MOST_POINTS else {})
        )
        return {
            "transform": [{"filter": "datum.l == 1"}],
            "mark": mark,
            "encoding": {
                along: axis,
                across: self._value_axis(across, is_line=True, is_second=combined)
                | {"stack": "zero" if kind == "STACKED_AREA" else None},
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
                "cursor": "pointer" if self.is_drillable else "default",
            },
            "encoding": {
                "theta": {"field": "v", "type": "quantitative", "stack": True},
                "order": {"field": "o", "type": "quantitative"},
                "color": self._color(names, "c", left="0"),
                "tooltip": [*self._tooltip(), {"field": "p", "type": "nominal", "title": "Share"}],
            },
        }  # fmt: skip
        layers = [arcs]
        if inner and not is_hidden(self.config, "DonutOptions", "DonutCenterOptions", "LabelVisibility"):
            text = self.series[0].field.format.text(total)
            size = {"expr": f"min({_CENTER}, min(width, height) * {inner} / {0.65 * len(text):.2f})"}
            layers.append({"mark": {"type": "text", "fontSize": size, "fontWeight": 600, "text": text}, "encoding": {}})
        return {"data": {"values": records}, "layer": layers}

    # Axes, colours and words

    def _category_axis(self, categories: list[str], *, flat: bool) -> Spec:
        axis: Spec = {"title": self._title("Category", self.category), "labelOverlap": True}
        if flat:
            axis["labelLimit"] = {"expr": _LIMIT}
        else:
            axis["labelLimit"] = _BESIDE
            axis |= _labels_below(categories)
        if len(categories) > _MOST_TICKS:
            axis["values"] = categories[:: -(-len(categories) // _MOST_TICKS)]
        return {"field": "c", "type": "nominal", "sort": categories, "axis": axis}

    def _value_axis(self, across: str, *, is_line: bool, is_second: bool = False, is_share: bool = False) -> Spec:
        """An axis of values, its figures short and in the format of the first field on it."""
        fields = [each.field for each in self.series if each.is_line == is_line]
        own = fields[0].format
        factor, prefix, suffix = (100, "", "%") if is_share else (own.factor, own.prefix, own.suffix)
        value = f"datum.value * {factor:g}"
        short = f"replace(upper(format({value}, '.4~s')), 'G', 'B')"
        room = "width / 70" if across == "x" else "height / 40"
        axis = {
            "title": self._value_title("SecondaryYAxis" if is_second else "PrimaryYAxis", fields),
            "titleLimit": {"expr": "width" if across == "x" else "height"},
            "tickCount": {"expr": f"max(2, min(10, floor({room})))"},
            "labelOverlap": True,
            "labelExpr": f"{json.dumps(prefix)} + (abs({value}) < 1000 ? format({value}, '.4~r') : {short})"
            f" + {json.dumps(suffix)}",
        }
        return {"field": "v", "type": "quantitative", "axis": axis}

    def _value_title(self, second: str, fields: Sequence[Field]) -> str | None:
        """The title of an axis of values: what the definition calls it, else what it calls all of its fields."""
        labels = [one for each in ("Value", second) for one in self._axis_labels(each) if text_at(one, "CustomLabel")]
        of_fields = {text_at(one, "ApplyTo", "FieldId"): text_at(one, "CustomLabel") for one in labels}
        if "" in of_fields:
            return of_fields[""]
        named = [of_fields[each.id] for each in fields if each.id in of_fields]
        return ", ".join(named) if len(named) == len(fields) else None

    def _axis_title(self, of: str) -> str | None:
        return next((text_at(one, "CustomLabel") for one in self._axis_labels(of) if text_at(one, "CustomLabel")), None)

    def _axis_labels(self, of: str) -> list[JsonObject]:
        options = dig(self.config, f"{of}LabelOptions")
        return [] if is_hidden(options) else objects_at(options, "AxisLabelOptions")

    def _title(self, of: str, one: Field | None) -> str | None:
        if is_hidden(dig(self.config, f"{of}LabelOptions")):
            return None
        custom = None if self.is_below else self._axis_title(of)
        return custom or (one.label if one else None)

    def _color(self, names: Sequence[str], by: str = "s", *, left: str) -> Spec:
        """Colours of ``names``; a legend below begins ``left`` pixels, an expression, from the chart's edge."""
        options = dig(self.config, "Legend")
        position = text_at(options, "Position", default="RIGHT").lower()
        has_legend = not is_hidden(options) and (len(names) > 1 or text_at(options, "Visibility") == "VISIBLE")
        legend: Spec | None = None
        if has_legend:
            title = text_at(options, "Title", "CustomLabel") or (self._axis_title("Color") or None)
            legend = {"title": title, "orient": position if position in ("top", "bottom", "right") else "right"}
            if position in ("top", "bottom"):
                entry = max(map(_pixels, names), default=0) + _MARGIN
                legend["columns"] = {"expr": f"max(1, min({len(names)}, floor(({ROOM} - ({left})) / {entry:.0f})))"}
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


def _pixels(text: str) -> float:
    """How long the text is on an axis or in a legend, about."""
    return sum(_LARGE if letter.isupper() else _SMALL for letter in text)


def _labels_below(categories: list[str]) -> Spec:
    """Labels of an axis below: in one line while they fit, else in several, else turned; short ones are left out."""
    if max(map(len, categories), default=0) <= _SHORT:
        return {"labelAngle": 0, "labelSeparation": _APART}
    lines = [*map(_pixels, categories)], [max(map(_pixels, re.split(_BREAK, one))) for one in categories]
    beside = (max((sum(pair) / 2 for pair in pairwise(each)), default=each[0]) + _APART for each in lines)
    fit, break_ = (f"{ROOM} >= {len(categories) * most + _AXES:.0f}" for most in beside)
    return {
        "labelExpr": f"{break_} && !({fit}) ? split(datum.label, regexp('{_BREAK}')) : datum.label",
        "labelAngle": {"expr": f"{break_} ? 0 : -40"},
        "labelOverlap": {"expr": f"{break_} || {ROOM} < {_TURNED * len(categories) + _AXES} ? 'parity' : false"},
        "labelAlign": {"expr": f"{break_} ? 'center' : 'right'"},
        "labelBaseline": {"expr": f"{break_} ? 'top' : 'middle'"},
    }


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
