"""The names that expressions refer to."""

import pytest

from qs_pipeline.dashboards.expressions import references


@pytest.mark.parametrize(
    ("expression", "fields"),
    [
        ("{WEIGHT_LBS} / 2000", ("WEIGHT_LBS",)),
        ("Day + {Total.UI Cost}", ("Day", "Total.UI Cost")),
        ("ifelse(POS = 'POS1', 1, NULL)", ("POS",)),
        ('ifelse({a b} = "it\'s {no} field", null, c)', ("a b", "c")),
        (r"'an \' apostrophe {x}' = {y}", ("y",)),
        ("/* {not} this */ {this}", ("this",)),
        ("sumOver({x}, [{y}, z], PRE_AGG)", ("x", "y", "z")),
        ("runningSum(sum({x}), [{Day} ASC], Day)", ("x", "Day")),
        ("NOT (a in ['b']) AND not isNull(c)", ("a", "c")),
        ("1.5e3 * x1", ("x1",)),
        ("periodOverPeriodDifference(sum(x), d, MONTH, 1)", ("x", "d")),
        ("ifelse(\r\n  Day >= 1,\r\n  1,\r\n  0\r\n)", ("Day",)),
    ],
)
def test_fields_are_told_from_everything_else(expression: str, fields: tuple[str, ...]) -> None:
    assert references(expression).fields == fields


def test_parameters_and_functions_are_told_apart_from_fields() -> None:
    found = references("ifelse({Day} >= ${startDay} AND Day <= 9, max ({x}), 0)")
    assert found.parameters == ("startDay",)
    assert found.functions == ("ifelse", "max")
    assert found.fields == ("Day", "x")
