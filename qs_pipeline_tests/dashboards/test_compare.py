"""What changed is told in the words of those who read dashboards, and what would be lost before it is."""

import json
from collections.abc import Callable

import pytest

from qs_pipeline.dashboards.compare import differences
from qs_pipeline.dashboards.definition import Definition, JsonObject
from qs_pipeline.dashboards.guard import losses
from qs_pipeline.dashboards.prune import prune

Columns = dict[str, list[str]]


def _with(definition: Definition, change: Callable[[JsonObject], object]) -> Definition:
    content = json.loads(json.dumps(definition.content))
    change(content)
    return Definition(content=content)


def _retitle(content: JsonObject) -> None:
    content["Sheets"][0]["Visuals"][0]["TableVisual"]["Title"] = {"FormatText": {"PlainText": "Sorts"}}


def _become_a_chart(content: JsonObject) -> None:
    visuals = content["Sheets"][0]["Visuals"]
    visuals[0] = {"PivotTableVisual": visuals[0]["TableVisual"]}


def _move(content: JsonObject) -> None:
    content["Sheets"][1]["Visuals"].append(content["Sheets"][0]["Visuals"].pop())


def _rearrange(content: JsonObject) -> None:
    first, second = content["Sheets"][0]["Layouts"][0]["Configuration"]["GridLayout"]["Elements"][:2]
    first["RowSpan"] += 4
    second["RowIndex"] += 4


def _twice(content: JsonObject) -> None:
    content["DataSetIdentifierDeclarations"] *= 2
    content["Sheets"][0]["Visuals"].append(content["Sheets"][0]["Visuals"][0])
    content["Sheets"].append(content["Sheets"][1])


def _price(content: JsonObject) -> None:
    content["CalculatedFields"][0]["Expression"] = "1"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda _: None, []),
        (_retitle, ["visual 'Sorts' on sheet 'Stock' changed: Title.FormatText.PlainText"]),
        (_become_a_chart, ["visual 'Kinds' on sheet 'Stock' became a PivotTable, it was a Table"]),
        (_move, ["visual 'Places' on sheet 'Prices' moved there from sheet 'Stock'"]),
        (_rearrange, ["laid out anew on sheet 'Stock': 'Kinds' resized, 'Places' moved"]),
        (
            _twice,
            [
                "sheet 'Prices' added",
                "visual 'Kinds' (Table) added to sheet 'Stock'",
                "visual 'price' (KPI) added to sheet 'Prices'",
                *(f"data set '{name} again' added" for name in ("fruit", "crates")),
            ],
        ),
        (_price, ["calculated field 'fruit.Price' changed: Expression"]),
        (lambda content: content["Sheets"].pop(), ["sheet 'Prices' removed"]),
        (lambda content: content["Sheets"].reverse(), ["sheets stand in another order: Prices, Stock"]),
        (lambda content: content["Sheets"][0].update(Name="Store"), ["sheet 'Stock' renamed to 'Store'"]),
        (lambda content: content["Sheets"][0].pop("TextBoxes"), ["sheet 'Stock' changed: TextBoxes"]),
        (
            lambda content: content.update(FilterGroups=[], Options={"WeekStart": "MONDAY"}),
            ["filter group 'dear' removed", "Options changed"],
        ),
    ],
)
def test_a_change_is_told_in_a_line(small: Definition, change: Callable[[JsonObject], object], told: list[str]) -> None:
    assert differences(small, _with(small, change)) == told


def test_a_smaller_dashboard_is_explained_by_data_that_went(small: Definition, stalls: Columns) -> None:
    here = {"crates": stalls["crates"]}
    lost = losses(small.content, small, prune(small, here), here)
    assert [str(one) for one in lost] == [
        "visual 'Kinds' of sheet 'Stock': its data set fruit is gone",
        "visual 'price' of sheet 'Prices': its data set fruit is gone",
    ]
    assert all(one.explained for one in lost)
    assert losses(small.content, small, prune(small, stalls), stalls) == []


def test_a_smaller_dashboard_with_all_its_data_is_not_explained(small: Definition, stalls: Columns) -> None:
    pruned = prune(small, stalls | {"crates": ["Count"]})
    (lost,) = losses(small.content, small, pruned, stalls)
    assert (str(lost), lost.explained) == ("visual 'Places' of sheet 'Stock': crates has no column Place", False)


def test_what_its_author_took_out_is_explained(small: Definition, stalls: Columns) -> None:
    fewer = _with(small, lambda content: content["Sheets"].pop())
    (lost,) = losses(small.content, fewer, prune(fewer, stalls), stalls)
    assert lost.explained
    assert lost.because == "the definition no longer has it"
