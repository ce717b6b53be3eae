"""One visual of a sheet, whatever its kind; whatever goes wrong in it stays in its own box."""

import logging
from collections.abc import Callable

import polars as pl

from .charts import Chartist
from .drawn import Content, Drawn, Note
from .fields import Wells, wells_of
from .pivots import draw_pivot
from .scalars import NotDrawnError
from .scene import Scene
from .tables import draw_kpi, draw_table
from .unchecked import JsonObject, dig, is_hidden, object_at, objects_at, only_object, text_at
from .words import plain_text

_log = logging.getLogger(__name__)

_GRIDS: dict[str, Callable[[Scene, str, str, JsonObject, Wells], tuple[Content, str]]] = {
    "TableVisual": draw_table,
    "PivotTableVisual": draw_pivot,
    "KPIVisual": draw_kpi,
}
_CHARTS = frozenset({"BarChartVisual", "LineChartVisual", "ComboChartVisual", "PieChartVisual"})
_LEFT_OUT = {
    ("ConditionalFormatting",): "conditional formatting",
    ("ChartConfiguration", "ForecastConfigurations"): "forecasts",
    ("ChartConfiguration", "KPIOptions", "Sparkline"): "the sparkline",
    ("ChartConfiguration", "ReferenceLines"): "reference lines",
    ("ChartConfiguration", "TableInlineVisualizations"): "data bars",
}
"""What a definition may ask for in the kinds that are drawn, and what is told then."""
# What a definition or its rows can make polars and Python say: the text of each is told in the visual's box.
_EXPECTED = (NotDrawnError, pl.exceptions.PolarsError, ValueError, TypeError, LookupError, ArithmeticError)


def draw_all(scene: Scene, sheet: str, wanted: frozenset[str] | None = None) -> dict[str, Drawn]:
    """The visuals of a sheet by id; all of them, or those ``wanted``."""
    found: dict[str, Drawn] = {}
    for visual in objects_at(scene.sheet(sheet), "Visuals"):
        one = draw(scene, sheet, visual)
        if wanted is None or one.id in wanted:
            found[one.id] = one
    return found


def draw(scene: Scene, sheet: str, visual: JsonObject) -> Drawn:
    """One visual; a labelled note where it cannot be drawn."""
    kind, body = only_object(visual)
    name = text_at(body, "VisualId")
    content, remark = _content(scene, sheet, kind, body, name)
    return Drawn(
        id=name,
        kind=kind,
        title=_title(scene, body, "Title"),
        subtitle=_title(scene, body, "Subtitle"),
        content=content,
        remark=remark,
    )


def _content(scene: Scene, sheet: str, kind: str, body: JsonObject, name: str) -> tuple[Content, str]:
    config = object_at(body, "ChartConfiguration")
    try:
        wells = wells_of(config, scene.formats)
        if kind in _GRIDS:
            content, remark = _GRIDS[kind](scene, sheet, name, config, wells)
        elif kind in _CHARTS:
            chartist = Chartist(scene=scene, sheet=sheet, visual=name, kind=kind, body=body, wells=wells)
            content, remark = chartist.draw()
        else:
            fields = tuple(f"{well}: {each.label}" for well, inside in wells.items() for each in inside)
            return Note(kind="undrawn", text=f"{kind} is not drawn here", fields=fields), ""
        return content, "; ".join(filter(None, (remark, _left_out(body, wells))))
    except _EXPECTED as error:
        _log.info("visual %s of sheet %s is not drawn: %r", name, sheet, error)
        return Note(kind="error", text=_told(error)), ""


def _left_out(body: JsonObject, wells: Wells) -> str:
    """What the definition asks for and is not drawn."""
    found = [words for path, words in _LEFT_OUT.items() if dig(body, *path)]
    found += [f"small multiples by {each.label}" for each in wells.get("SmallMultiples", ())]
    return f"Not drawn: {', '.join(found)}" if found else ""


def _told(error: Exception) -> str:
    said = str(error).split("\n\n")[0].strip() or type(error).__name__
    if isinstance(error, pl.exceptions.ColumnNotFoundError):
        return f"there is no column {said.splitlines()[0]!r}"
    if isinstance(error, LookupError) and not isinstance(error, NotDrawnError):
        return f"the definition of this visual is not complete: {said}"
    return said[:400]


def _title(scene: Scene, body: JsonObject, of: str) -> str:
    if is_hidden(body, of):
        return ""
    text = dig(body, of, "FormatText")
    return plain_text(
        text_at(text, "PlainText") or text_at(text, "RichText"), scene.parameters, is_rich="RichText" in (text or {})
    )
