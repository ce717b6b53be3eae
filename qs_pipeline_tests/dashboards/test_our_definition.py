"""The definition we ship shows what analysts expect, with any data there may be."""

import json
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qs_pipeline.dashboards.bind import bind
from qs_pipeline.dashboards.definition import Definition, objects, strings, visual_body
from qs_pipeline.dashboards.prune import ROOT, prune
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


def test_it_is_sound_with_all_its_data(ours: Definition, columns: Columns) -> None:
    assert [str(problem) for problem in problems(ours, columns)] == []
    assert prune(ours, columns).definition.content == ours.content
    arns = {name: f"arn:aws:quicksight:us-east-1:123456789012:dataset/{name}" for name in ours.data_sets}
    assert violations(ROOT, bind(ours, arns)) == []


def test_its_sheets_stand_in_the_order_of_their_tabs(ours: Definition) -> None:
    assert [sheet["Name"] for sheet in ours.sheets] == ["Summary", "Embark", "Force Flow", "CL I RD", "CL I RD Embark"]


def test_nothing_in_it_is_bound_to_an_account_or_an_assessment(ours: Definition) -> None:
    assert not [text for text in strings(ours.content) if "arn:" in text or "amazonaws" in text]
    assert [set(one) for one in ours.content["DataSetIdentifierDeclarations"]] == [{"Identifier"}] * 9


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


def test_the_force_flow_chart_counts_no_prisoners_and_shows_no_helper(ours: Definition) -> None:
    chart = _visuals(ours)["force-flow-pax"]
    assert "daily_Inflow_no_EPW" in chart
    assert '"daily_Inflow"' not in chart
    assert "DayRangeFilter" not in chart


def test_the_class_i_embark_sheet_reads_the_embark_table(ours: Definition) -> None:
    sheet = next(sheet for sheet in ours.sheets if sheet["Name"] == "CL I RD Embark")
    assert "cosi_embark" in json.dumps(sheet)
    assert "RD_I_POS_Location_joined" not in json.dumps(sheet)


def test_any_data_sets_lead_to_a_sound_definition_and_more_never_show_less(ours: Definition, columns: Columns) -> None:
    shown: dict[frozenset[str], set[str]] = {}
    for size in range(len(columns) + 1):
        for names in map(frozenset, combinations(columns, size)):
            present = {name: columns[name] for name in names}
            pruned = prune(ours, present).definition
            assert problems(pruned, present) == [], sorted(names)
            shown[names] = {*_visuals(pruned)}
            for one in names:
                assert shown[names - {one}] <= shown[names]
    assert shown[frozenset(columns)] == {*_visuals(ours)}
    assert shown[frozenset()] == set()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
