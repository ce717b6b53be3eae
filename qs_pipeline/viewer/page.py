"""HTML of what is drawn: the list of dashboards, a dashboard, a sheet of it, and all of it as one file.

Everything from definitions and data is escaped by jinja2. Charts travel as JSON that a browser does not execute.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from .controls import Control, controls_of
from .draw import draw_all
from .drawn import Chart, Content, Drawn, Figure, Grid, Note
from .layout import Element, Place, place
from .scene import Scene
from .unchecked import objects_at, text_at
from .words import rich_text

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The content security policy of every page: scripts come from us alone, and none stands in the page."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One dashboard in the list."""

    id: str
    name: str
    version: int
    published: str


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet as drawn: what stands where."""

    id: str
    place: Place
    drawn: Mapping[str, Drawn]
    texts: Mapping[str, Markup]
    controls: list[Control]


def sheet_of(scene: Scene, name: str) -> Sheet:
    """Draw one sheet.

    Raises:
        LookupError: where there is no such sheet.
    """
    sheet = scene.sheet(name)
    drawn = draw_all(scene, name)
    texts = {
        text_at(one, "SheetTextBoxId"): rich_text(text_at(one, "Content"), scene.parameters)
        for one in objects_at(sheet, "TextBoxes")
    }
    return Sheet(
        id=name, place=place(sheet, [*texts, *drawn]), drawn=drawn, texts=texts, controls=controls_of(scene, sheet)
    )


def list_page(dashboards: Iterable[Listed]) -> str:
    """The list of dashboards."""
    return _environment().get_template("list.html").render(dashboards=list(dashboards))


def error_page(told: str) -> str:
    """What is wrong with an address, and the way back to the list."""
    return _environment().get_template("error.html").render(told=told)


def dashboard_page(scene: Scene, *, name: str, title: str) -> str:
    """A dashboard: its tabs, and the first sheet to be asked for."""
    return _environment().get_template("dashboard.html").render(name=name, title=title, sheets=_tabs(scene))


def sheet_fragment(scene: Scene, name: str) -> str:
    """One sheet, to be put below the tabs.

    Raises:
        LookupError: where there is no such sheet.
    """
    return _environment().get_template("sheet.html").render(sheet=sheet_of(scene, name), is_live=True)


def whole_file(scene: Scene, *, title: str, charts: str) -> str:
    """A dashboard as one file that needs nothing else, ``charts`` being the charting library.

    Its controls show what it was drawn with.
    """
    sheets = [(*tab, sheet_of(scene, tab[0])) for tab in _tabs(scene)]
    return (
        _environment()
        .get_template("file.html")
        .render(title=title, sheets=sheets, style=static("viewer.css"), scripts=[charts, static("viewer.js")])
    )


def read_templates() -> None:
    """Read all templates, which takes a moment that the first page need not wait for."""
    for name in _environment().list_templates():
        _environment().get_template(name)


def static(name: str) -> str:
    """A file that pages ask for: ``viewer.css`` or ``viewer.js``.

    Raises:
        LookupError: where there is none of that name.
    """
    if name not in ("viewer.css", "viewer.js"):
        raise LookupError(f"there is no file {name!r}")
    return (files("qs_pipeline.viewer") / "static" / name).read_text(encoding="utf-8")


def _tabs(scene: Scene) -> list[tuple[str, str]]:
    return [(text_at(one, "SheetId"), text_at(one, "Name") or text_at(one, "SheetId")) for one in scene.sheets]


def _kind_of(content: Content) -> str:
    return {Grid: "grid", Chart: "chart", Figure: "figure", Note: "note"}[type(content)]


def _place_style(element: Element) -> str:
    sides = (element.left, element.top, element.width, element.height)
    return "--left:{:.4f}%;--top:{:.1f}px;--width:{:.4f}%;--height:{:.1f}px".format(*sides)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("qs_pipeline.viewer"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {"kind_of": _kind_of, "place": _place_style}
    made.filters.update(filters)
    return made
