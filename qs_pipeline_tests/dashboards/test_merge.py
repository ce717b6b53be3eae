"""What was changed in a published dashboard, and nothing else, goes into the definition."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from qs_pipeline.dashboards.compare import differences
from qs_pipeline.dashboards.definition import Definition, JsonObject
from qs_pipeline.dashboards.merge import merged, take
from qs_pipeline.dashboards.prune import prune

Columns = dict[str, list[str]]


def _copy(content: JsonObject) -> JsonObject:
    return json.loads(json.dumps(content))


def _stock(content: JsonObject) -> JsonObject:
    return content["Sheets"][0]


def _chart(content: JsonObject) -> JsonObject:
    return next(one["BarChartVisual"] for one in _stock(content)["Visuals"] if "BarChartVisual" in one)


def _add_visual(content: JsonObject) -> None:
    _stock(content)["Visuals"].append({"EmptyVisual": {"VisualId": "new", "DataSetIdentifier": "crates"}})


def _remove_chart(content: JsonObject) -> None:
    _stock(content)["Visuals"] = [one for one in _stock(content)["Visuals"] if "BarChartVisual" not in one]


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda content: _chart(content)["Title"]["FormatText"].update(PlainText="Crates"), "'Crates'"),
        (_add_visual, "visual 'new' (Empty) added to sheet 'Stock'"),
        (_remove_chart, "visual 'Places' removed from sheet 'Stock'"),
        (lambda content: _stock(content).update(Name="Store"), "sheet 'Stock' renamed to 'Store'"),
        (lambda content: content.update(Options={"WeekStart": "MONDAY"}), "Options changed"),
        (lambda content: _stock(content).pop("TextBoxes"), "sheet 'Stock' changed: TextBoxes"),
    ],
)
def test_a_change_is_taken_and_what_had_no_data_stays(
    small: Definition, stalls: Columns, edit: Callable[[JsonObject], None], told: str
) -> None:
    pulled = _copy(prune(small, {"crates": stalls["crates"]}).definition.content)
    edit(pulled)
    changed = take(small, replace(small, content=pulled), stalls)
    (line,) = differences(small, changed)
    assert told in line


@pytest.mark.parametrize(
    "edit",
    [
        lambda content: content.update(StaticFiles=[], Options={}),
        lambda content: content["CalculatedFields"].reverse(),
        lambda content: _stock(content)["Visuals"].reverse(),
        lambda content: _stock(content).update(ContentType="INTERACTIVE", Images=[]),
        lambda content: _chart(content).update(Subtitle={"Visibility": "VISIBLE"}),
        lambda content: _chart(content)["ChartConfiguration"].update(SortConfiguration={"CategorySort": []}),
        lambda content: _chart(content)["Title"].update(
            FormatText={"RichText": "<visual-title>Places</visual-title>"}, Visibility="VISIBLE"
        ),
    ],
)
def test_what_quicksight_adds_of_itself_is_no_change(small: Definition, edit: Callable[[JsonObject], None]) -> None:
    theirs = _copy(small.content)
    edit(theirs)
    assert json.dumps(merged(small.content, small.content, theirs)) == json.dumps(small.content)


def test_an_empty_structure_that_says_something_is_a_change(small: Definition) -> None:
    theirs = _copy(small.content)
    theirs["FilterGroups"][0]["ScopeConfiguration"] = {"AllSheets": {}}
    assert merged(small.content, small.content, theirs)["FilterGroups"] == theirs["FilterGroups"]


def test_items_keep_their_places_and_new_ones_follow_those_they_followed() -> None:
    sheets = {name: {"SheetId": name} for name in "abcde"}

    def of(names: str) -> JsonObject:
        return {"Sheets": [sheets[name] for name in names]}

    def order(ours: str, base: str, theirs: str) -> str:
        return "".join(sheet["SheetId"] for sheet in merged(of(ours), of(base), of(theirs))["Sheets"])

    assert order("abc", "ac", "ac") == "abc"
    assert order("abc", "ac", "adc") == "adbc"
    assert order("abc", "ac", "ca") == "cab"
    assert order("abc", "ac", "c") == "bc"
    assert order("ab", "ac", "ac") == "ab"
