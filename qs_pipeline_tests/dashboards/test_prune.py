"""Pruning follows every reference, says what went, and leaves nothing that dangles."""

import json

import pytest

from qs_pipeline.dashboards.definition import Definition, JsonObject
from qs_pipeline.dashboards.prune import Pruned, prune
from qs_pipeline.dashboards.report import markdown
from qs_pipeline.dashboards.validate import problems

Columns = dict[str, list[str]]


def _gone(pruned: Pruned) -> set[tuple[str, str]]:
    return {(one.kind, one.name) for one in pruned.report}


def _copy(definition: Definition) -> JsonObject:
    return json.loads(json.dumps(definition.content))


def test_with_all_its_data_a_definition_stays_as_it_is(small: Definition, stalls: Columns) -> None:
    pruned = prune(small, stalls)
    assert problems(small, stalls) == []
    assert pruned.definition.content == small.content
    assert pruned.report == ()


def test_a_missing_data_set_takes_everything_that_leads_to_it(small: Definition, stalls: Columns) -> None:
    pruned = prune(small, {"crates": stalls["crates"]})
    content = pruned.definition.content
    assert _gone(pruned) == {
        *(("data set", "fruit"), ("sheet", "Prices"), ("visual", "Kinds"), ("visual", "price")),
        *(("calculated field", "fruit.Price"), ("calculated field", "fruit.Twice"), ("parameter", "markup")),
        *(("filter group", "dear"), ("control", "markup-slider"), ("column configuration", "Kind")),
        *(("action", "Places: highlight"), ("action", "Places: go")),
    }
    assert content.keys() == {"DataSetIdentifierDeclarations", "Sheets"}
    assert content["Sheets"][0].keys() == {"SheetId", "Name", "Visuals", "Layouts", "TextBoxes"}
    assert pruned.definition.files == {"stock": "sheets/01-stock.json"}
    assert problems(pruned.definition, stalls) == []


def test_the_gap_of_a_removed_visual_is_closed(small: Definition, stalls: Columns) -> None:
    (sheet,) = prune(small, {"crates": stalls["crates"]}).definition.sheets
    elements = sheet["Layouts"][0]["Configuration"]["GridLayout"]["Elements"]
    assert [(one["ElementId"], one["RowIndex"]) for one in elements] == [("places", 0), ("note", 10)]


def test_a_missing_sort_key_takes_the_field_and_its_options_and_leaves_the_table(
    small: Definition, stalls: Columns
) -> None:
    pruned = prune(small, stalls | {"fruit": ["Kind", "Colour", "Cost"]})
    table = pruned.definition.sheets[0]["Visuals"][0]["TableVisual"]["ChartConfiguration"]
    assert table.keys() == {"FieldWells"}
    assert _gone(pruned) == {("field", "Kinds: rank"), ("sort order", "Kinds: rank")}


def test_a_well_that_loses_its_last_field_takes_its_visual(small: Definition, stalls: Columns) -> None:
    pruned = prune(small, stalls | {"crates": ["Count"]})
    assert _gone(pruned) == {("visual", "Places")}
    assert pruned.report[0].because == "crates has no column Place"


def test_a_column_reaches_through_calculated_fields_to_the_sheet(small: Definition, stalls: Columns) -> None:
    pruned = prune(small, stalls | {"fruit": ["Kind", "Colour", "Rank"]})
    because = {one.name: one.because for one in pruned.report if one.kind in {"calculated field", "sheet"}}
    assert because.keys() == {"fruit.Price", "fruit.Twice", "Prices"}
    assert "fruit has no column Cost" in because["fruit.Price"]
    assert ("action", "Places: go") in _gone(pruned)


def test_a_drill_down_below_two_columns_goes_and_its_field_forgets_it(small: Definition, stalls: Columns) -> None:
    content = _copy(small)
    hierarchy = content["Sheets"][0]["Visuals"][1]["BarChartVisual"]["ColumnHierarchies"][0]["ExplicitHierarchy"]
    hierarchy["Columns"][1]["ColumnName"] = "Region"
    pruned = prune(Definition(content=content), stalls)
    chart = pruned.definition.sheets[0]["Visuals"][1]["BarChartVisual"]
    assert "ColumnHierarchies" not in chart
    assert "HierarchyId" not in json.dumps(chart)
    assert _gone(pruned) == {("drill-down", "Places: down")}


def test_a_filter_on_all_data_sets_survives_with_its_own_data_set_only(small: Definition, stalls: Columns) -> None:
    content = _copy(small)
    group = content["FilterGroups"][0]
    group |= {"CrossDataset": "ALL_DATASETS", "ScopeConfiguration": {"AllSheets": {}}}
    kept = prune(Definition(content=content), {"fruit": stalls["fruit"]}).definition.content
    assert kept["FilterGroups"] == [group]
    assert "FilterGroups" not in prune(Definition(content=content), {"crates": stalls["crates"]}).definition.content


def test_a_rolling_date_goes_with_the_column_that_it_is_computed_from(small: Definition, stalls: Columns) -> None:
    content = _copy(small)
    rolling = {"DataSetIdentifier": "crates", "Expression": "truncDate('MM', {Packed})"}
    dated = {"Name": "since", "DefaultValues": {"RollingDate": rolling}}
    content["ParameterDeclarations"].append({"DateTimeParameterDeclaration": dated})
    content["CalculatedFields"][0]["Expression"] += " + dateDiff(${since}, now())"
    definition = Definition(content=content)
    whole = stalls | {"crates": [*stalls["crates"], "Packed"]}
    assert problems(definition, whole) == []
    assert prune(definition, whole).definition.content == content
    (problem,) = problems(definition, stalls)
    assert problem.message == "crates has no column Packed"
    pruned = prune(definition, stalls).definition
    assert pruned.content["ParameterDeclarations"][1] == {"DateTimeParameterDeclaration": {"Name": "since"}}
    assert problems(pruned, stalls) == []


def test_calculated_fields_in_a_circle_go(small: Definition, stalls: Columns) -> None:
    content = _copy(small)
    content["CalculatedFields"][0]["Expression"] = "{Twice} / 2"
    pruned = prune(Definition(content=content), stalls)
    assert {("calculated field", "fruit.Price"), ("calculated field", "fruit.Twice")} <= _gone(pruned)


def test_a_parameter_stays_while_a_text_shows_it(small: Definition, stalls: Columns) -> None:
    content = _copy(small)
    content["Sheets"][0]["TextBoxes"][0]["Content"] = "<text-box>times <<$markup>></text-box>"
    kept = prune(Definition(content=content), {"crates": stalls["crates"]}).definition.content
    assert "ParameterDeclarations" in kept
    assert "ParameterControls" in kept["Sheets"][0]


@pytest.mark.parametrize(("data_set", "stays"), [("crates", True), ("fruit", False)])
def test_a_kind_of_visual_that_the_model_does_not_know_is_kept_if_its_data_is_there(
    small: Definition, stalls: Columns, data_set: str, *, stays: bool
) -> None:
    content = _copy(small)
    column = {"DataSetIdentifier": data_set, "ColumnName": "Count"}
    content["Sheets"][0]["Visuals"].append({"HoloVisual": {"VisualId": "holo", "Wells": [{"Column": column}]}})
    visuals = prune(Definition(content=content), {"crates": stalls["crates"]}).definition.sheets[0]["Visuals"]
    assert any("HoloVisual" in visual for visual in visuals) is stays


def test_conditional_formats_go_with_the_column_they_ask_for(small: Definition, stalls: Columns) -> None:
    content = _copy(small)
    table = content["Sheets"][0]["Visuals"][0]["TableVisual"]
    color = {"Solid": {"Expression": "{Rank} > 3", "Color": "#FF0000"}}
    table["ConditionalFormatting"] = {
        "ConditionalFormattingOptions": [{"Cell": {"FieldId": "kind", "TextFormat": {"TextColor": color}}}]
    }
    definition = Definition(content=content)
    assert prune(definition, stalls).definition.content == content
    without = prune(definition, stalls | {"fruit": ["Kind", "Colour", "Cost"]}).definition
    assert "ConditionalFormatting" not in without.sheets[0]["Visuals"][0]["TableVisual"]


def test_without_any_data_nothing_is_left_and_it_says_so(small: Definition) -> None:
    pruned = prune(small, {})
    assert pruned.is_empty
    assert pruned.definition.content == {"DataSetIdentifierDeclarations": []}
    assert {("sheet", "Stock"), ("sheet", "Prices")} <= _gone(pruned)


def test_a_sheet_that_was_written_without_a_visual_goes(small: Definition, stalls: Columns) -> None:
    content = _copy(small)
    content["Sheets"][1]["Visuals"] = []
    pruned = prune(Definition(content=content), stalls)
    assert [sheet["SheetId"] for sheet in pruned.definition.sheets] == ["stock"]
    assert {("sheet", "Prices"), ("action", "Places: go")} <= _gone(pruned)
    bare = {"Sheets": [{"SheetId": "notes", "TextBoxes": [{"SheetTextBoxId": "note"}]}]}
    assert prune(Definition(content=bare), {}).is_empty


def test_the_report_reads_as_a_table(small: Definition, stalls: Columns) -> None:
    lines = markdown(prune(small, stalls | {"crates": ["Count"]}).report).splitlines()
    assert lines == [
        "| removed | name | sheet | because |",
        "|---|---|---|---|",
        "| visual | Places | Stock | crates has no column Place |",
    ]
    assert markdown(()) == "Nothing was removed."


def test_a_group_of_elements_goes_when_one_is_left_of_it(small: Definition, stalls: Columns) -> None:
    content = _copy(small)
    sides = {"XAxisLocation": "0px", "YAxisLocation": "0px", "Width": "9px", "Height": "9px"}
    elements = [{"ElementId": name, "ElementType": "VISUAL", **sides} for name in ("kinds", "places")]
    members = [{"Id": name, "Type": "ELEMENT"} for name in ("kinds", "places")]
    layout = {"Elements": elements, "Groups": [{"Id": "both", "Members": members}]}
    content["Sheets"][0]["Layouts"] = [{"Configuration": {"FreeFormLayout": layout}}]
    definition = Definition(content=content)
    assert prune(definition, stalls).definition.content == content
    kept = prune(definition, {"crates": stalls["crates"]}).definition.sheets[0]["Layouts"][0]["Configuration"]
    assert kept["FreeFormLayout"].keys() == {"Elements"}


def test_the_exclusion_of_a_data_set_goes_with_its_declaration(small: Definition, stalls: Columns) -> None:
    content = _copy(small)
    for one in content["DataSetIdentifierDeclarations"]:
        one["DataSetArn"] = f"arn:aws:quicksight:us-east-1:123456789012:dataset/{one['Identifier']}"
    arns = [one["DataSetArn"] for one in content["DataSetIdentifierDeclarations"]]
    content["Options"] = {"ExcludedDataSetArns": arns}
    kept = prune(Definition(content=content), {"crates": stalls["crates"]}).definition.content
    assert kept["Options"] == {"ExcludedDataSetArns": arns[1:]}
