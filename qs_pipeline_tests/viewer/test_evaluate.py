"""Expressions over a few rows whose results can be told by eye."""

import pytest

from qs_pipeline.viewer.drawn import Note
from qs_pipeline_tests.viewer.worlds import by, drawn, of, scene, texts, visual


def whole(expression: str) -> str:
    """What an aggregate calculated field makes of all rows."""
    ((text,),) = texts(scene(visual("Table", {"Values": [of("f", None)]}), fields={"f": expression}))
    return text


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("sum(Qty)", "10.5"),
        ("count({Region})", "4"),
        ("distinct_count({Region})", "2"),
        ("ceil(sum(Qty) / count(Qty))", "3"),
        ("sum(ifelse({Region} = 'North', Qty, 0))", "3"),
        ("sum(ifelse({Region} = 'North', 1, 2))", "8"),  # no region is not North
        ("sumIf(Qty, Region = 'South')", "3.5"),
        ("sum(ifelse(Day = 7, Qty, NULL))", ""),  # the sum of nothing is nothing
        ("sum(max(Inflow, [Day]))", "30"),  # once for each day, not for each row
        ("max(sumOver(Qty, [Region], PRE_AGG))", "4"),
        ("sum(Qty) / 0", ""),
        ("sum(switch(Region, 'North', 1, 'South', 10, 100))", "122"),
        ("max(concat(toUpper(Region), '-', toString(Day)))", "SOUTH-2"),
        ("min(left(Region, 2))", "No"),
        ("sum(ifelse(in(Region, ['North', 'West']), 1, 0))", "2"),
        ("sum(round(Qty * 1.1, 1))", "11.6"),
        ("sum(coalesce(Qty, 1))", "11.5"),
        ("max(locate(Region, 'th'))", "4"),
    ],
)
def test_an_expression_gives_what_quicksight_gives(expression: str, expected: str) -> None:
    assert whole(expression) == expected


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"f": "sum(frobnicate(Qty))"}, "frobnicate"),
        ({"f": "sum(nowhere)"}, "'nowhere'"),
        ({"f": "g + 1", "g": "f + 1"}, "leads back to itself"),
        ({"f": "sum(Qty"}, "cannot be read"),
        ({"f": "Region + sum(Qty)"}, "neither aggregated nor grouped by"),
        ({"f": "lag(sum(Qty), [Day], 1)"}, "lag"),
        ({"f": "sum(${gone})"}, "'gone'"),
    ],
)
def test_what_cannot_be_computed_is_named_in_the_box_of_its_visual(fields: dict[str, str], said: str) -> None:
    content = drawn(scene(visual("Table", {"Values": [of("f", None)]}), fields=fields)).content
    assert isinstance(content, Note)
    assert content.kind == "error"
    assert said in content.text


def test_table_calculations_are_computed_on_the_groups() -> None:
    values = [
        of("share", None, FormatConfiguration={"FormatConfiguration": {"PercentageDisplayFormatConfiguration": {}}}),
        of("place", None),
    ]
    fields = {"share": "percentOfTotal(sum(Inflow))", "place": "rank([sum(Inflow) DESC])"}
    shown = texts(scene(visual("Table", {"GroupBy": [by("Region")], "Values": values}), fields=fields))
    assert shown == [["North", "37.5%", "1"], ["South", "37.5%", "1"], ["null", "25%", "3"]]
