"""Small definitions, as short as they can be."""

from datetime import datetime
from typing import Any

import polars as pl

from qs_pipeline.viewer.draw import draw_all
from qs_pipeline.viewer.drawn import Drawn, Grid
from qs_pipeline.viewer.scene import Choice, Scene

ROWS = pl.DataFrame(
    {
        "Region": ["North", "North", "South", "South", None],
        "Day": [1, 2, 1, 2, 2],
        "Inflow": [10, 20, 10, 20, 20],
        "Qty": [1.0, 2.0, 3.5, None, 4.0],
    }
)


def column(name: str) -> dict[str, str]:
    """A column of the one data set."""
    return {"DataSetIdentifier": "d", "ColumnName": name}


def by(name: str, **more: object) -> dict[str, Any]:
    """A dimension, its id the column's name in small letters."""
    return {"CategoricalDimensionField": {"FieldId": name.lower(), "Column": column(name), **more}}


def of(name: str, how: str | None = "SUM", **more: object) -> dict[str, Any]:
    """A measure."""
    how_said = {"AggregationFunction": {"SimpleNumericalAggregation": how}} if how else {}
    return {"NumericalMeasureField": {"FieldId": name.lower(), "Column": column(name), **how_said, **more}}


def visual(kind: str, wells: dict[str, Any], name: str = "v", **more: object) -> dict[str, Any]:
    """A visual of a kind such as ``Table``; ``more`` is the rest of its configuration."""
    inner = wells if kind == "KPI" else {f"{kind}AggregatedFieldWells": wells}
    body: dict[str, Any] = {"VisualId": name, "ChartConfiguration": {"FieldWells": inner, **more}}
    return {f"{kind}Visual": body}


def scene(
    *visuals: dict[str, Any],
    rows: pl.DataFrame = ROWS,
    fields: dict[str, str] | None = None,
    choice: Choice | None = None,
    today: datetime = datetime(2026, 1, 1),  # noqa: DTZ001 - rows know no zones
    **more: object,
) -> Scene:
    """A definition of one sheet, ``s``, over one data set, ``d``."""
    calculated = [{"DataSetIdentifier": "d", "Name": name, "Expression": text} for name, text in (fields or {}).items()]
    definition = {"Sheets": [{"SheetId": "s", "Visuals": list(visuals)}], "CalculatedFields": calculated, **more}
    return Scene(
        definition=definition, rows=lambda name: {"d": rows.lazy()}[name], choice=choice or Choice(), today=today
    )


def drawn(made: Scene) -> Drawn:
    """The one visual."""
    (found,) = draw_all(made, "s").values()
    return found


def texts(made: Scene) -> list[list[str]]:
    """The cells of the one grid, its foot last."""
    content = drawn(made).content
    assert isinstance(content, Grid), content
    return [[cell.text for cell in row.cells] for row in (*content.rows, *content.foot)]
