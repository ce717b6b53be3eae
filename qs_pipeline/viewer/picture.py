"""A sheet as a PNG, without a browser: its charts as vl-convert draws them, grids and figures as plain SVG."""

from collections.abc import Iterator
from typing import Any

import vl_convert
from markupsafe import Markup, escape

from .drawn import Chart, Content, Drawn, Figure, Grid, Note, Row
from .layout import Element
from .marks import ROOM
from .page import sheet_of
from .scene import Scene
from .words import plain_of

_LINE = 24
_MOST_COLUMNS = 12
_LOOK = {"background": None, "font": "DejaVu Sans", "view": {"stroke": None}, "axis": {"gridColor": "#edf0f3"}}
_FONT = "font-family='DejaVu Sans, sans-serif'"


def sheet_picture(scene: Scene, name: str, *, scale: float = 1) -> bytes:
    """A PNG of one sheet with what its controls are set to.

    Args:
        scene: What it is drawn from.
        name: The sheet's id.
        scale: Pixels of the picture for one of the layout.

    Raises:
        LookupError: where there is no such sheet.
    """
    sheet = sheet_of(scene, name)
    width, height = sheet.place.width, max(sheet.place.height, 1) + 8
    parts = [f"<rect width='{width}' height='{height:.0f}' fill='#f3f5f8'/>"]
    for element in sheet.place.elements:
        left, wide = element.left * width / 100, element.width * width / 100
        inner = (
            _visual(sheet.drawn[element.id], wide - 8, element.height - 8)
            if element.id in sheet.drawn
            else _text(12, element.height / 2, plain_of(sheet.texts[element.id]), size=22, weight=700)
        )
        parts.append(_box(element, left, wide, inner, is_visual=element.id in sheet.drawn))
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height:.0f}'>{''.join(parts)}</svg>"
    return vl_convert.svg_to_png(svg, scale=scale)


def _box(element: Element, left: float, wide: float, inner: str, *, is_visual: bool) -> str:
    """An element in its place; what is too large for it is cut off."""
    size = f"width='{wide - 8:.1f}' height='{element.height - 8:.1f}'"
    frame = f"<rect {size} rx='8' fill='#fff' stroke='#dfe4ea'/>" if is_visual else ""
    return f"<svg x='{left + 4:.1f}' y='{element.top + 4:.1f}' {size}>{frame}{inner}</svg>"


def _visual(one: Drawn, width: float, height: float) -> str:
    top, parts = 8.0, ""
    lines = (one.title, 14, 700, "#1d2733"), (one.subtitle, 11, 400, "#5b6875"), (one.remark, 11, 400, "#8a5a00")
    for text, size, weight, fill in lines:
        if text:
            top += size + 6
            parts += _text(12, top, text, size=size, weight=weight, fill=fill)
    return parts + _content(one.content, top + 8, width, height)


def _content(content: Content, top: float, width: float, height: float) -> str:
    match content:
        case Chart(spec=spec):
            size = {"width": max(width - 24, 40), "height": max(height - top - 12, 40)}
            room = [{"name": ROOM, "value": size["width"]}]
            sized: dict[str, Any] = {
                **spec, **size, "params": room, "autosize": {"type": "fit", "contains": "padding"}, "config": _LOOK,
            }  # fmt: skip
            drawn = vl_convert.vegalite_to_svg(sized, vl_version="6.4")
            return f"<g transform='translate(12 {top:.1f})'>{drawn}</g>"
        case Figure(value=value, comparison=comparison):
            middle = (top + height) / 2
            return _text(12, middle + 8, value.text, size=28, weight=700) + _text(12, middle + 30, comparison)
        case Grid():
            return "".join(_grid(content, top, width, height))
        case Note(text=text, fields=fields):
            middle = (top + height - _LINE * len(fields)) / 2
            lines = [_text(12, middle + at * _LINE, each, fill="#5b6875") for at, each in enumerate([text, *fields])]
            return "".join(lines)


def _grid(grid: Grid, top: float, width: float, height: float) -> Iterator[str]:
    rows = [row for row in grid.rows if not set(row.groups) & grid.collapsed]
    rows = [row for row in rows if not (row.is_shut_only and row.summary not in grid.collapsed)]
    room = max(int((height - top - 6) / _LINE) - len(grid.head) - len(grid.foot), 0)
    lines = [*(Row(cells=cells, kind="total") for cells in grid.head), *rows[:room], *grid.foot]
    for at, row in enumerate(lines):
        y = top + (at + 1) * _LINE
        if row.kind != "leaf":
            yield f"<rect x='8' y='{y - 17:.1f}' width='{width - 16:.1f}' height='{_LINE}' fill='#f3f6f9'/>"
        count = min(sum(cell.span for cell in row.cells), _MOST_COLUMNS)
        step, column = (width - 24) / max(count, 1), 0
        for cell in row.cells:
            column += cell.span
            if column > count:
                break
            end = cell.kind == "number"
            x = 12 + column * step - 8 if end else 12 + (column - cell.span) * step
            x += 14 * row.level if grid.is_hierarchy and column == cell.span else 0
            most = max(int(step * cell.span / 7), 2)
            shown = row.label if row.summary in grid.collapsed and cell.kind == "label" else cell.text
            shown = shown if len(shown) <= most else shown[: most - 1] + "…"
            yield _text(x, y, shown, weight=400 if row.kind == "leaf" else 700, anchor="end" if end else "start")


def _text(
    x: float, y: float, text: str, *, size: int = 12, weight: int = 400, fill: str = "#1d2733", anchor: str = "start"
) -> str:
    look = f"{_FONT} font-size='{size}' font-weight='{weight}' fill='{fill}' text-anchor='{anchor}'"
    return f"<text x='{x:.1f}' y='{y:.1f}' {look}>{escape(_printable(text))}</text>" if text else ""


def _printable(text: str | Markup) -> str:
    """Without what XML cannot hold."""
    return "".join(letter for letter in str(text) if letter.isprintable())
