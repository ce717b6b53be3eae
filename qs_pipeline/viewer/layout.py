"""Where the elements of a sheet stand: the grid's cells, or pixels on a canvas, which scale with the window."""

from dataclasses import dataclass

from .unchecked import JsonObject, is_hidden, number_at, objects_at, only_object, text_at

GRID_COLUMNS = 36
"""QuickSight's own number of columns."""
ROW_HEIGHT = 34
"""Pixels of one grid row; the service does not document its own, and this one holds a KPI in five rows."""
DEFAULT_WIDTH = 1600
_MOST_ROWS = 10_000
_FIELD_ROWS = 12


@dataclass(frozen=True, kw_only=True)
class Element:
    """One element in its place: ``left`` and ``width`` are percent of the sheet's, ``top`` and ``height`` pixels."""

    id: str
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Place:
    """The layout of a sheet: its elements in reading order, and the width in pixels that it was made for."""

    elements: tuple[Element, ...]
    width: int

    @property
    def height(self) -> float:
        """Pixels down to the lowest edge."""
        return max((each.top + each.height for each in self.elements), default=0)


def place(sheet: JsonObject, wanted: list[str]) -> Place:
    """Place the elements ``wanted``; what the layout does not name comes below it, each in the full width."""
    found: list[Element] = []
    width = DEFAULT_WIDTH
    for layout in objects_at(sheet, "Layouts"):
        kind, body = only_object(layout.get("Configuration"))
        width = int(
            number_at(body, "CanvasSizeOptions", "ScreenCanvasSizeOptions", "OptimizedViewPortWidth", default=width)
        )
        width = min(max(width, 320), 10_000)
        match kind:
            case "GridLayout":
                found += [_in_grid(one) for one in objects_at(body, "Elements")]
            case "FreeFormLayout":
                found += _on_canvas(objects_at(body, "Elements"), width, 0)
            case "SectionBasedLayout":
                found += _in_sections(body, width)
            case _:
                pass
    placed = {each.id: each for each in found}
    bottom = max((each.top + each.height for each in found), default=0)
    hidden = _hidden(sheet)
    for name in wanted:
        if name not in placed and name not in hidden:
            placed[name] = Element(id=name, left=0, top=bottom, width=100, height=_FIELD_ROWS * ROW_HEIGHT)
            bottom += _FIELD_ROWS * ROW_HEIGHT
    shown = [placed[name] for name in wanted if name in placed]
    return Place(elements=tuple(sorted(shown, key=lambda each: (each.top, each.left))), width=width)


def _hidden(sheet: JsonObject) -> set[str]:
    layouts = [only_object(layout.get("Configuration"))[1] for layout in objects_at(sheet, "Layouts")]
    return {text_at(one, "ElementId") for body in layouts for one in objects_at(body, "Elements") if is_hidden(one)}


def _in_grid(one: JsonObject) -> Element:
    column = min(max(number_at(one, "ColumnIndex", default=0), 0), GRID_COLUMNS - 1)
    span = min(max(number_at(one, "ColumnSpan", default=GRID_COLUMNS), 1), GRID_COLUMNS - column)
    row = min(max(number_at(one, "RowIndex", default=0), 0), _MOST_ROWS)
    rows = min(max(number_at(one, "RowSpan", default=_FIELD_ROWS), 1), _MOST_ROWS)
    return Element(
        id=text_at(one, "ElementId"),
        left=100 * column / GRID_COLUMNS,
        top=row * ROW_HEIGHT,
        width=100 * span / GRID_COLUMNS,
        height=rows * ROW_HEIGHT,
    )


def _on_canvas(elements: list[JsonObject], width: int, top: float) -> list[Element]:
    return [
        Element(
            id=text_at(one, "ElementId"),
            left=100 * max(number_at(one, "XAxisLocation", default=0), 0) / width,
            top=top + max(number_at(one, "YAxisLocation", default=0), 0),
            width=100 * min(max(number_at(one, "Width", default=width), 1), width) / width,
            height=min(max(number_at(one, "Height", default=300), 1), 100_000),
        )
        for one in elements
        if not is_hidden(one)
    ]


def _in_sections(body: JsonObject, width: int) -> list[Element]:
    """Sections one below the other, as the pages of a report are."""
    found: list[Element] = []
    top = 0.0
    for group in ("HeaderSections", "BodySections", "FooterSections"):
        for section in objects_at(body, group):
            within = ("Content", "Layout") if group == "BodySections" else ("Layout",)
            elements = _on_canvas(objects_at(section, *within, "FreeFormLayout", "Elements"), width, top)
            found += elements
            top = max((each.top + each.height for each in elements), default=top)
    return found
