"""The definition we ship shows what analysts expect, with any data there may be."""

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qs_pipeline.dashboards.bind import bind
from qs_pipeline.dashboards.definition import ROOT, Definition, JsonObject, objects, strings, visual_body
from qs_pipeline.dashboards.prune import prune
from qs_pipeline.dashboards.validate import problems
from qs_pipeline.service_model import violations

Columns = dict[str, list[str]]


def _visuals(definition: Definition) -> dict[str, str]:
    """Each visual as text, by id."""
    return {
        visual_body(visual)["VisualId"]: json.dumps(visual)
        for sheet in definition.sheets
        for visual in objects(sheet.get("Visuals"))
    }


def _within(value: object, *keys: str) -> Iterator[Any]:
    """What stands under any of ``keys``, at any depth."""
    if isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from _within(inner, *keys)
    elif isinstance(value, dict):
        for key, inner in cast("JsonObject", value).items():
            if key in keys:
                yield inner
            yield from _within(inner, *keys)


def _data_sets(value: object) -> set[str]:
    return set(_within(value, "DataSetIdentifier"))


def test_it_is_sound_with_all_its_data(ours: Definition, columns: Columns) -> None:
    assert [str(problem) for problem in problems(ours, columns)] == []
    assert prune(ours, columns).definition.content == ours.content
    arns = {name: f"arn:aws:quicksight:us-east-1:123456789012:dataset/{name}" for name in ours.data_sets}
    assert violations(ROOT, bind(ours, arns)) == []


def test_its_sheets_stand_in_the_order_of_their_tabs(ours: Definition) -> None:
    classes = ("CL I", "CL I (W)", "CL II/VII", "CL IIIP", "CL IV", "CL VI", "CL IX")
    pairs = [f"{name} RD{kind}" for name in classes for kind in ("", " Embark")]
    assert [sheet["Name"] for sheet in ours.sheets] == ["Summary", "Embark", "Force Flow", *pairs]


def test_nothing_in_it_is_bound_to_an_account_or_an_assessment(ours: Definition) -> None:
    assert not [text for text in strings(ours.content) if "arn:" in text or "amazonaws" in text]
    assert [set(one) for one in ours.content["DataSetIdentifierDeclarations"]] == [{"Identifier"}] * 19


def test_every_calculated_field_and_data_set_is_used(ours: Definition) -> None:
    shown = json.dumps([ours.content["Sheets"], ours.content["FilterGroups"]])
    expressions = " ".join(one["Expression"] for one in ours.content["CalculatedFields"])
    for field in ours.content["CalculatedFields"]:
        assert f'"{field["Name"]}"' in shown or f"{{{field['Name']}}}" in expressions, field["Name"]
    for name in ours.data_sets:
        assert f'"{name}"' in shown, name


def test_regions_are_counted_once_each(ours: Definition) -> None:
    expressions = {one["Name"]: one["Expression"] for one in ours.content["CalculatedFields"]}
    assert expressions["RegionCount"] == "distinct_count({Region})"


def test_figures_called_rounded_up_are_rounded_up(ours: Definition) -> None:
    expressions = {one["Name"]: one["Expression"] for one in ours.content["CalculatedFields"]}
    rounded = {name: text for name, text in expressions.items() if name.endswith("Rounded Up")}
    assert len(rounded) == 3
    assert all(text.startswith("ceil(sum(") for text in rounded.values())


def test_the_force_flow_sheet_counts_no_prisoners_and_what_it_shows_is_that_of_the_unit(ours: Definition) -> None:
    expressions = {one["Name"]: one["Expression"] for one in ours.content["CalculatedFields"]}
    assert expressions["Arrivals"] == "ifelse(startsWith({UIC}, 'EPW'), 0, {Flowin})"
    assert expressions["Present"] == "ifelse(startsWith({UIC}, 'EPW'), 0, {Cumflow})"
    visuals = _visuals(ours)
    for visual in (visuals["force-flow-pax"], visuals["force-flow-units"]):
        assert "aily_Inflow" not in visual  # the day's total would stand beside each unit
        assert "DayRangeFilter" not in visual


def test_each_embark_sheet_reads_its_embark_table_only(ours: Definition) -> None:
    read = {sheet["Name"]: _data_sets(sheet) for sheet in ours.sheets if sheet["Name"].endswith(" Embark")}
    assert read == {
        "CL I RD Embark": {"cosi_embark"},
        "CL I (W) RD Embark": {"cosi_water_embark"},
        "CL II/VII RD Embark": {"cosii_vii_embark"},
        "CL IIIP RD Embark": {"cosiiip_embark"},
        "CL IV RD Embark": {"cosiv_embark"},
        "CL VI RD Embark": {"cosvi_embark"},
        "CL IX RD Embark": {"cosix_embark"},
    }


def test_no_figure_is_added_up_that_repeats_on_every_row_or_belongs_to_one_item(ours: Definition) -> None:
    for one in _within(ours.content["Sheets"], "NumericalMeasureField"):
        name, how = one["Column"]["ColumnName"], one.get("AggregationFunction", {}).get("SimpleNumericalAggregation")
        assert how == "MAX" if name.startswith("daily_") else how in {"SUM", None}, name
        assert name not in {"VOLUME", "WEIGHT", "TEU_Equivalents", "TEU_", "UNIT_PRICE", "Cumulative_Daily_Inflow"}


def test_periods_are_ordered_by_their_least_index_and_never_by_their_names(ours: Definition) -> None:
    for sort in _within(ours.content["Sheets"], "ColumnSort", "Column"):
        if "SortBy" in sort:
            assert sort["AggregationFunction"]["NumericalAggregationFunction"] == {"SimpleNumericalAggregation": "MIN"}
            assert sort["SortBy"]["ColumnName"] in {"Sort_Index", "POS Index", "COS Sort Index", "Class and POS Order"}
    for pivot in _within(ours.content["Sheets"], "PivotTableVisual"):
        wells = pivot["ChartConfiguration"]["FieldWells"]["PivotTableAggregatedFieldWells"]
        dimensions = [one["CategoricalDimensionField"] for side in ("Rows", "Columns") for one in wells.get(side, [])]
        periods = {one["FieldId"] for one in dimensions if one["Column"]["ColumnName"] == "POS"}
        sorting = pivot["ChartConfiguration"].get("SortConfiguration", {"FieldSortOptions": []})
        assert periods <= {one["FieldId"] for one in sorting["FieldSortOptions"]}, pivot["VisualId"]


def test_all_kinds_of_repair_parts_are_shown_until_someone_chooses(ours: Definition) -> None:
    kinds, beyond = (group["Filters"][0]["CategoryFilter"] for group in ours.content["FilterGroups"][1:])
    assert kinds["Configuration"]["FilterListConfiguration"]["CategoryValues"] == ["IX C", "IX C (B)", "IX C (S)"]
    assert beyond["Configuration"]["FilterListConfiguration"]["CategoryValues"] == ["BEYOND"]
    controls = [one["CrossSheet"]["SourceFilterId"] for sheet in ours.sheets for one in sheet.get("FilterControls", [])]
    assert controls == [kinds["FilterId"]] * 2


def test_every_field_that_is_shown_has_a_label_and_every_visual_a_title_of_its_own(ours: Definition) -> None:
    for sheet in ours.sheets:
        titles = [one["Title"]["FormatText"]["PlainText"] for one in map(visual_body, objects(sheet["Visuals"]))]
        assert len(set(titles)) == len(titles), titles
    for one in _within(ours.content["Sheets"], "SelectedFieldOptions"):
        assert all("CustomLabel" in each or each["Visibility"] == "HIDDEN" for each in objects(one))


def test_each_data_set_alone_and_all_but_each_lead_to_a_sound_definition(ours: Definition, columns: Columns) -> None:
    for name in columns:
        alone = {name: columns[name]}
        rest = {other: those for other, those in columns.items() if other != name}
        shown = [{*_visuals(prune(ours, present).definition)} for present in (alone, rest)]
        assert shown[0].isdisjoint(shown[1]), name
        assert shown[0] | shown[1] == {*_visuals(ours)}, name  # no visual of ours needs two data sets
        assert shown[0], name
        assert problems(prune(ours, alone).definition, alone) == [], name
    assert prune(ours, {}).is_empty


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_data_sets_lead_to_a_sound_definition_and_more_never_show_less(
    ours: Definition, columns: Columns, data: st.DataObject
) -> None:
    names = data.draw(st.sets(st.sampled_from(sorted(columns))))
    fewer = data.draw(st.sets(st.sampled_from(sorted(names)))) if names else set[str]()
    present, some = ({name: columns[name] for name in those} for those in (names, fewer))
    pruned = prune(ours, present).definition
    assert problems(pruned, present) == []
    assert {*_visuals(prune(ours, some).definition)} <= {*_visuals(pruned)}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_columns_lead_to_a_sound_definition_that_pruning_leaves_alone(
    ours: Definition, columns: Columns, data: st.DataObject
) -> None:
    every = sorted((name, column) for name, those in columns.items() for column in those)
    missing = data.draw(st.sets(st.sampled_from(every), max_size=40))
    present = {name: [one for one in those if (name, one) not in missing] for name, those in columns.items()}
    pruned = prune(ours, present).definition
    assert problems(pruned, present) == []
    again = prune(pruned, present)
    assert again.definition.content == pruned.content
    assert again.report == ()
    back = data.draw(st.sampled_from([*missing, None]))
    if back is not None:
        present[back[0]] = [*present[back[0]], back[1]]
        assert {*_visuals(pruned)} <= {*_visuals(prune(ours, present).definition)}


@pytest.mark.parametrize("kind", ["Visuals", "TextBoxes"])
def test_every_element_has_its_place_and_none_covers_another(ours: Definition, kind: str) -> None:
    for sheet in ours.sheets:
        elements = sheet["Layouts"][0]["Configuration"]["GridLayout"]["Elements"]
        cells = [
            (row, column)
            for one in elements
            for row in range(one["RowIndex"], one["RowIndex"] + one["RowSpan"])
            for column in range(one["ColumnIndex"], one["ColumnIndex"] + one["ColumnSpan"])
        ]
        assert len(cells) == len(set(cells)), sheet["Name"]
        assert max(column for _, column in cells) < 36
        ids = {(visual_body(one) or one).get("VisualId", one.get("SheetTextBoxId")) for one in sheet[kind]}
        assert ids <= {one["ElementId"] for one in elements}
