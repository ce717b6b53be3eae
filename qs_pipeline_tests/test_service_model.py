"""The service model judges values as the service would."""

import pytest

from qs_pipeline import service_model
from qs_pipeline.service_model import render, violations, walk

_KPI = {"VisualId": "kpi", "ChartConfiguration": {}}


def _messages(shape: str, value: object) -> list[str]:
    return [str(violation) for violation in violations(shape, value)]


def test_a_value_that_fits_has_no_violations() -> None:
    assert violations("Visual", {"KPIVisual": _KPI}) == []


@pytest.mark.parametrize(
    ("shape", "value", "expected"),
    [
        ("Visual", {"KpiVisual": {}}, "KpiVisual: Visual knows no 'KpiVisual'; did you mean 'KPIVisual'?"),
        ("KPIVisual", {}, "(root): lacks VisualId, which KPIVisual requires"),
        ("KPIVisual", {"VisualId": 7}, "VisualId: is a number; ShortRestrictiveResourceId is of type string"),
        ("KPIVisual", {"VisualId": None}, "VisualId: is null (leave the key out instead)"),
        ("KPIVisual", {"VisualId": "a b"}, r"VisualId: 'a b' does not match [\w\-]+"),
        ("KPIVisual", {"VisualId": ""}, "at least 1 characters, not 0"),
        ("KPIVisual", {"VisualId": "x" * 513}, "at most 512 characters, not 513"),
        ("SheetVisualScopingConfigurations", [], "at least 1 items, not 0"),
        ("DataSetIdentifierDeclarationList", [{}] * 51, "at most 50 items, not 51"),
        ("FilterVisualScope", "ALL_VISUAL", "none of the values of FilterVisualScope; did you mean 'ALL_VISUALS'?"),
        ("PhysicalTableMap", {"a_b": {}}, "a_b: 'a_b' does not match [0-9a-zA-Z-]* (PhysicalTableId)"),
        ("PhysicalTableMap", {"x" * 65: {}}, "PhysicalTableId is at most 64 characters, not 65"),
        ("GridLayoutElementColumnSpan", 37, "at most 36, not 37"),
        ("GridLayoutElementColumnSpan", True, "is a boolean; GridLayoutElementColumnSpan is of type integer"),
    ],
)
def test_each_kind_of_breach_is_named_with_its_place_and_the_nearest_valid_name(
    shape: str, value: object, expected: str
) -> None:
    assert any(expected in message for message in _messages(shape, value))


def test_a_breach_deep_in_a_value_carries_its_path() -> None:
    sheets = [{"SheetId": "a"}, {"SheetId": "b", "Visuals": [{"KPIVisual": {}}]}]
    assert _messages("SheetDefinitionList", sheets) == [
        "[1].Visuals[0].KPIVisual: lacks VisualId, which KPIVisual requires"
    ]


def test_walking_visits_every_known_value_with_its_shape() -> None:
    column = {"DataSetIdentifier": "POS", "ColumnName": "Period"}
    field = {"NumericalMeasureField": {"FieldId": "f", "Column": column}}
    nodes = {render(node.path): node.shape for node in walk("MeasureField", {**field, "Stray": {}})}
    assert nodes == {
        "(root)": "MeasureField",
        "NumericalMeasureField": "NumericalMeasureField",
        "NumericalMeasureField.FieldId": "FieldId",
        "NumericalMeasureField.Column": "ColumnIdentifier",
        "NumericalMeasureField.Column.DataSetIdentifier": "DataSetIdentifier",
        "NumericalMeasureField.Column.ColumnName": "ColumnName",
    }


def test_a_choice_has_one_member() -> None:
    place = {"Coordinate": {"Latitude": 1.0, "Longitude": 2.0}}
    both = {**place, "GeocoderHierarchy": {"City": "Bergen"}}
    assert violations("GeocodePreferenceValue", place) == []
    for wrong in ({}, both):
        (found,) = violations("GeocodePreferenceValue", wrong)
        assert found.message == (
            f"has {len(wrong)} members; GeocodePreferenceValue is one of GeocoderHierarchy, Coordinate"
        )


def test_every_pattern_that_python_cannot_say_is_known() -> None:
    raw = service_model.model()["shapes"]
    unsaid = {name for name, shape in raw.items() if "pattern" in shape and service_model.shape(name).pattern is None}
    # None of them is among what this project sends, but for the message a visual shows in place of its data.
    assert "VisualMessageText" in unsaid
    assert len(unsaid) < 20
