"""Every fault of a definition is found before a call, named with its place and the nearest valid name."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from qs_pipeline.dashboards.definition import Definition, JsonObject
from qs_pipeline.dashboards.validate import problems

Columns = dict[str, list[str]]


def _table(content: JsonObject) -> JsonObject:
    return content["Sheets"][0]["Visuals"][0]["TableVisual"]


def _chart(content: JsonObject) -> JsonObject:
    return content["Sheets"][0]["Visuals"][1]["BarChartVisual"]


def _group_by(content: JsonObject) -> list[JsonObject]:
    return _table(content)["ChartConfiguration"]["FieldWells"]["TableAggregatedFieldWells"]["GroupBy"]


def _misspell_column(content: JsonObject) -> None:
    _group_by(content)[0]["CategoricalDimensionField"]["Column"]["ColumnName"] = "kinds"


def _misspell_data_set(content: JsonObject) -> None:
    _group_by(content)[0]["CategoricalDimensionField"]["Column"]["DataSetIdentifier"] = "fruits"


def _misspell_key(content: JsonObject) -> None:
    _table(content)["Titel"] = {}


def _misspell_sort(content: JsonObject) -> None:
    _table(content)["ChartConfiguration"]["SortConfiguration"]["RowSort"][0]["FieldSort"]["FieldId"] = "rang"


def _misspell_field_option(content: JsonObject) -> None:
    _table(content)["ChartConfiguration"]["FieldOptions"]["SelectedFieldOptions"][0]["FieldId"] = "rang"


def _misspell_field_order(content: JsonObject) -> None:
    _table(content)["ChartConfiguration"]["FieldOptions"]["Order"] = ["rank", "rang"]


def _misspell_conditional_format(content: JsonObject) -> None:
    cell = {"FieldId": "rang", "TextFormat": {}}
    _table(content)["ConditionalFormatting"] = {"ConditionalFormattingOptions": [{"Cell": cell}]}


def _misspell_axis_label(content: JsonObject) -> None:
    applies = {"FieldId": "plase", "Column": {"DataSetIdentifier": "crates", "ColumnName": "Place"}}
    labels = {"AxisLabelOptions": [{"CustomLabel": "Where", "ApplyTo": applies}]}
    _chart(content)["ChartConfiguration"]["CategoryLabelOptions"] = labels


def _misspell_hierarchy(content: JsonObject) -> None:
    wells = _chart(content)["ChartConfiguration"]["FieldWells"]["BarChartAggregatedFieldWells"]
    wells["Category"][0]["CategoricalDimensionField"]["HierarchyId"] = "dawn"


def _misspell_selected_field(content: JsonObject) -> None:
    operation = _chart(content)["Actions"][0]["ActionOperations"][0]["FilterOperation"]
    operation["SelectedFieldsConfiguration"] = {"SelectedFields": ["plase"]}


def _misspell_passed_field(content: JsonObject) -> None:
    value = {"DestinationParameterName": "markup", "Value": {"SourceField": "plase"}}
    operation = {"SetParametersOperation": {"ParameterValueConfigurations": [value]}}
    _chart(content)["Actions"][1]["ActionOperations"] = [operation]


def _misspell_collapsed_field(content: JsonObject) -> None:
    pivot = {
        "VisualId": "crosstab",
        "ChartConfiguration": {
            "FieldWells": {"PivotTableAggregatedFieldWells": {"Rows": _group_by(content)}},
            "FieldOptions": {"CollapseStateOptions": [{"Target": {"FieldId": "rang"}, "State": "COLLAPSED"}]},
        },
    }
    content["Sheets"][0]["Visuals"].append({"PivotTableVisual": pivot})


def _misspell_element(content: JsonObject) -> None:
    content["Sheets"][0]["Layouts"][0]["Configuration"]["GridLayout"]["Elements"][0]["ElementId"] = "kindz"


def _misspell_filter_scope(content: JsonObject) -> None:
    scopes = content["FilterGroups"][0]["ScopeConfiguration"]["SelectedSheets"]["SheetVisualScopingConfigurations"]
    scopes[0]["VisualIds"] = ["places", "kindz"]


def _misspell_target_sheet(content: JsonObject) -> None:
    operation = _chart(content)["Actions"][1]["ActionOperations"][0]["NavigationOperation"]
    operation["LocalNavigationConfiguration"]["TargetSheetId"] = "price"


def _misspell_parameter(content: JsonObject) -> None:
    content["Sheets"][0]["ParameterControls"][0]["Slider"]["SourceParameterName"] = "markdown"


def _misspell_in_expression(content: JsonObject) -> None:
    content["CalculatedFields"][0]["Expression"] = "{Costs} * ${markup}"


def _leave_expression_open(content: JsonObject) -> None:
    content["CalculatedFields"][0]["Expression"] = "{Cost * 2"


def _misspell_function(content: JsonObject) -> None:
    content["CalculatedFields"][0]["Expression"] = "ceill({Cost}) * ${markup}"


def _forget_argument(content: JsonObject) -> None:
    content["CalculatedFields"][0]["Expression"] = "{Cost} * ifelse(${markup} > 1, 2)"


def _close_a_circle(content: JsonObject) -> None:
    content["CalculatedFields"][0]["Expression"] = "{Twice} / ${markup}"


def _repeat_visual(content: JsonObject) -> None:
    content["Sheets"][1]["Visuals"][0]["KPIVisual"]["VisualId"] = "kinds"


def _repeat_field(content: JsonObject) -> None:
    _group_by(content)[1]["CategoricalDimensionField"]["FieldId"] = "kind"


def _repeat_calculated_field(content: JsonObject) -> None:
    content["CalculatedFields"].append(content["CalculatedFields"][0])


def _add_sheets(content: JsonObject) -> None:
    content["Sheets"] += [{"SheetId": f"more-{n}"} for n in range(30)]


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (_misspell_column, "sheets/01-stock.json, sheet 'Stock', visual 'Kinds', Sheets[0].Visuals[0].TableVisual."),
        (_misspell_column, ": fruit has no column kinds; did you mean 'Kind'?"),
        (_misspell_data_set, ": data set fruits is absent; did you mean 'fruit'?"),
        (_misspell_key, "TableVisual.Titel: TableVisual knows no 'Titel'; did you mean 'Title'?"),
        (_misspell_sort, "RowSort[0].FieldSort.FieldId: there is no field rang; did you mean 'rank'?"),
        (_misspell_field_option, "SelectedFieldOptions[0].FieldId: there is no field rang; did you mean 'rank'?"),
        (_misspell_field_order, "FieldOptions.Order[1]: there is no field rang; did you mean 'rank'?"),
        (_misspell_conditional_format, "Cell.FieldId: there is no field rang; did you mean 'rank'?"),
        (_misspell_axis_label, "ApplyTo.FieldId: there is no field plase; did you mean 'place'?"),
        (_misspell_hierarchy, "HierarchyId: there is no hierarchy dawn; did you mean 'down'?"),
        (_misspell_selected_field, "SelectedFields[0]: there is no field plase; did you mean 'place'?"),
        (_misspell_passed_field, "SourceField: there is no field plase; did you mean 'place'?"),
        (_misspell_collapsed_field, "Target.FieldId: there is no field rang; did you mean 'rank'?"),
        (_misspell_element, "Elements[0].ElementId: there is no element kindz; did you mean 'kinds'?"),
        (_misspell_filter_scope, "dashboard.json, filter group 'dear', FilterGroups[0].ScopeConfiguration."),
        (_misspell_filter_scope, "VisualIds[1]: there is no visual kindz; did you mean 'kinds'?"),
        (_misspell_target_sheet, "TargetSheetId: there is no sheet price; did you mean 'prices'?"),
        (_misspell_parameter, "Slider.SourceParameterName: there is no parameter markdown"),
        (
            _misspell_in_expression,
            "calculated field 'fruit.Price', CalculatedFields[0]: fruit has no column Costs that can be computed",
        ),
        (_leave_expression_open, "CalculatedFields[0]: its expression cannot be read: '{' at line 1, column 1"),
        (
            _misspell_function,
            "(a new one of QuickSight can be told in functions.json); did you mean 'ceil'?",
        ),
        (
            _forget_argument,
            "[0].Expression: ifelse at line 1, column 10 takes 3, 5, 7 ... arguments, not 2",
        ),
        (_close_a_circle, "CalculatedFields[0]: it needs itself: "),
        (_repeat_visual, "KPIVisual.VisualId: the visual id kinds is given before"),
        (_repeat_field, "FieldId: the field id kind is given before"),
        (_repeat_calculated_field, "CalculatedFields[2].Name: the calculated field fruit.Price is given before"),
        (_add_sheets, "Sheets: SheetDefinitionList is at most 20 items, not 32"),
    ],
)
def test_each_fault_is_named_with_its_place(
    small: Definition, stalls: Columns, spoil: Callable[[JsonObject], None], expected: str
) -> None:
    content = json.loads(json.dumps(small.content))
    spoil(content)
    found = [str(problem) for problem in problems(replace(small, content=content), stalls)]
    assert any(expected in one for one in found), found


def test_a_sheet_id_given_twice_is_told_without_what_follows_from_it(small: Definition, stalls: Columns) -> None:
    content = json.loads(json.dumps(small.content))
    content["Sheets"][1]["SheetId"] = content["Sheets"][0]["SheetId"]
    (problem,) = problems(replace(small, content=content), stalls)
    assert problem.message == "the sheet id stock is given before; give each once"


def test_an_endless_title_does_not_hide_what_is_wrong(small: Definition, stalls: Columns) -> None:
    content = json.loads(json.dumps(small.content))
    content["Sheets"][0]["Name"] = "Stock" * 1000
    (problem,) = problems(replace(small, content=content), stalls)
    assert "is at most 2048 characters, not 5000" in str(problem)
    assert len(str(problem)) < 200


def test_a_declared_data_set_that_is_absent_is_a_problem(small: Definition, stalls: Columns) -> None:
    found = [problem.path for problem in problems(small, {"crates": stalls["crates"]})]
    assert "DataSetIdentifierDeclarations[0].Identifier" in found


@pytest.mark.parametrize("content", [{}, {"Sheets": 3}, {"Sheets": [7, {"Visuals": {}}], "CalculatedFields": [{}]}])
def test_a_malformed_definition_has_problems_and_no_traceback(content: JsonObject) -> None:
    assert problems(Definition(content=content), {})
