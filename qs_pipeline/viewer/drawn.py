"""What is drawn of a visual, as values: a grid, a chart, a figure or a note. HTML and pictures are made of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_ROWS = 500
"""Rows of a table or leaves of a pivot table that are sent to the browser."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of a grid. ``kind`` is text, number or label; ``raw`` the exact number behind the text."""

    text: str
    kind: str = "text"
    span: int = 1
    raw: float | int | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a grid.

    Attributes:
        kind: leaf, subtotal or total.
        groups: The collapsible groups it lies in, outermost first.
        summary: The group whose figures it sums up; it stays when that one is collapsed.
        opens: The group whose first row it is, where its label stands while it is open.
        at: The column of the group's label.
        label: That label, which a summary row shows when its group is collapsed.
        level: How deep it stands in a hierarchy.
        is_shut_only: Whether its figures are shown only while its group is collapsed.
    """

    cells: tuple[Cell, ...]
    kind: str = "leaf"
    groups: tuple[str, ...] = ()
    summary: str = ""
    opens: tuple[tuple[int, str], ...] = ()
    at: int = 0
    label: str = ""
    level: int = 0
    is_shut_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A table: rows of headings, rows, and the groups that are collapsed at first.

    Attributes:
        is_hierarchy: Whether the rows of all levels share the first column.
    """

    head: tuple[tuple[Cell, ...], ...]
    rows: tuple[Row, ...]
    foot: tuple[Row, ...] = ()
    collapsed: frozenset[str] = frozenset()
    is_hierarchy: bool = False


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A Vega-Lite specification without a size. ``options`` are the values that can be drilled into."""

    spec: Mapping[str, Any]
    path: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A KPI: its value, and what it is held against. ``progress`` is the share of a target, of 1."""

    value: Cell
    label: str
    comparison: str = ""
    trend: str = ""
    progress: float | None = None


@dataclass(frozen=True, kw_only=True)
class Note:
    """Words in the place of a visual. ``kind`` is error, undrawn or empty."""

    kind: str
    text: str
    fields: tuple[str, ...] = ()


Content = Grid | Chart | Figure | Note


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A visual as drawn; ``remark`` says what was left out of it."""

    id: str
    kind: str
    title: str
    subtitle: str
    content: Content
    remark: str = ""
