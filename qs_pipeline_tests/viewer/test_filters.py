"""Which rows each kind of filter leaves. The meaning is from the API reference and the user guide of QuickSight."""

# ruff: noqa: E501 - definitions read better a filter a line

from datetime import datetime
from typing import Any

import polars as pl
import pytest

from qs_pipeline.viewer.drawn import Note
from qs_pipeline.viewer.scene import Choice
from qs_pipeline_tests.viewer.worlds import ROWS, by, column, drawn, of, scene, texts, visual

NOON = datetime(2026, 3, 15, 12)  # noqa: DTZ001 - rows know no zones
DATES = pl.DataFrame(
    {
        "Day": [1, 2, 3, 4, 5, 6, 7],
        "At": [
            *(
                datetime.fromisoformat(f"2026-{at}")
                for at in ("01-31T23:59", "02-01T00:00", "03-01T08:00", "03-15T11:00")
            ),
            *(datetime.fromisoformat(f"2026-{at}") for at in ("03-15T13:00", "04-01T00:00")),
            None,
        ],
    }
)


def group(kind: str, body: dict[str, Any], **more: object) -> dict[str, Any]:
    """A filter group over the one sheet."""
    scope = {"SelectedSheets": {"SheetVisualScopingConfigurations": [{"SheetId": "s", "Scope": "ALL_VISUALS"}]}}
    return {"FilterGroupId": "g", "Status": "ENABLED", "CrossDataset": "SINGLE_DATASET", "ScopeConfiguration": scope,
            "Filters": [{kind: {"FilterId": "f", **body}}], **more}  # fmt: skip


def left(*groups: dict[str, Any], rows: pl.DataFrame = ROWS, **more: Any) -> int:  # noqa: ANN401 - of a scene
    """How many rows the filter groups leave."""
    table = visual("Table", {"Values": [of("Day", "COUNT")]})
    ((count,),) = texts(scene(table, rows=rows, FilterGroups=list(groups), **more))
    return int(count)


@pytest.mark.parametrize(
    ("kind", "body", "rows"),
    [
        ("CategoryFilter", {"Column": column("Region"), "Configuration": {"FilterListConfiguration": {"MatchOperator": "CONTAINS", "CategoryValues": ["North"], "NullOption": "NON_NULLS_ONLY"}}}, 2),
        ("CategoryFilter", {"Column": column("Region"), "Configuration": {"FilterListConfiguration": {"MatchOperator": "DOES_NOT_CONTAIN", "CategoryValues": ["North"], "NullOption": "NON_NULLS_ONLY"}}}, 2),
        ("CategoryFilter", {"Column": column("Region"), "Configuration": {"FilterListConfiguration": {"MatchOperator": "CONTAINS", "CategoryValues": ["North"], "NullOption": "ALL_VALUES"}}}, 3),
        ("CategoryFilter", {"Column": column("Region"), "Configuration": {"FilterListConfiguration": {"MatchOperator": "CONTAINS", "SelectAllOptions": "FILTER_ALL_VALUES", "NullOption": "NON_NULLS_ONLY"}}}, 4),
        ("CategoryFilter", {"Column": column("Region"), "Configuration": {"FilterListConfiguration": {"MatchOperator": "CONTAINS", "SelectAllOptions": "FILTER_ALL_VALUES", "NullOption": "ALL_VALUES"}}}, 5),
        ("CategoryFilter", {"Column": column("Region"), "Configuration": {"CustomFilterConfiguration": {"MatchOperator": "DOES_NOT_EQUAL", "CategoryValue": "North", "NullOption": "NULLS_ONLY"}}}, 1),
        ("NumericEqualityFilter", {"Column": column("Qty"), "SelectAllOptions": "FILTER_ALL_VALUES", "MatchOperator": "EQUALS", "NullOption": "NON_NULLS_ONLY"}, 4),
        ("NumericRangeFilter", {"Column": column("Qty"), "SelectAllOptions": "FILTER_ALL_VALUES", "NullOption": "NON_NULLS_ONLY"}, 4),
        ("NumericEqualityFilter", {"Column": column("Day"), "Value": 2, "MatchOperator": "EQUALS", "NullOption": "ALL_VALUES"}, 3),
        ("NumericRangeFilter", {"Column": column("Inflow"), "RangeMinimum": {"StaticValue": 11}, "NullOption": "NON_NULLS_ONLY"}, 3),
        ("TopBottomFilter", {"Column": column("Day"), "Limit": 1, "AggregationSortConfigurations": [{"Column": column("Inflow"), "SortDirection": "DESC", "AggregationFunction": {"NumericalAggregationFunction": {"SimpleNumericalAggregation": "SUM"}}}]}, 3),
    ],
)  # fmt: skip
def test_a_filter_leaves_the_rows_that_quicksight_leaves(kind: str, body: dict[str, Any], rows: int) -> None:
    assert left(group(kind, body)) == rows


def test_a_filter_of_other_visuals_does_not_reach_this_one() -> None:
    body = {"Column": column("Day"), "Value": 2, "MatchOperator": "EQUALS", "NullOption": "ALL_VALUES"}
    other = {
        "SelectedSheets": {
            "SheetVisualScopingConfigurations": [{"SheetId": "s", "Scope": "SELECTED_VISUALS", "VisualIds": ["w"]}]
        }
    }
    assert left(group("NumericEqualityFilter", body, ScopeConfiguration=other)) == 5


def date_filter(kind: str, **body: object) -> dict[str, Any]:
    """A filter of the column ``At``, without rows that have no value."""
    return group(kind, {"Column": column("At"), "NullOption": "NON_NULLS_ONLY", **body})


def relative(kind: str, unit: str = "MONTH", **body: object) -> dict[str, Any]:
    """A filter relative to now."""
    return date_filter("RelativeDatesFilter", RelativeDateType=kind, TimeGranularity=unit,
                       AnchorDateConfiguration={"AnchorOption": "NOW"}, **body)  # fmt: skip


MARCH = datetime(2026, 3, 1)  # noqa: DTZ001 - rows know no zones


@pytest.mark.parametrize(
    ("wanted", "days"),
    [
        (relative("PREVIOUS"), {2}),
        (relative("THIS"), {3, 4, 5}),
        (relative("NOW"), {3, 4}),
        (relative("LAST", RelativeDateValue=2), {2, 3, 4, 5}),
        (relative("NEXT", RelativeDateValue=2), {3, 4, 5, 6}),
        (relative("THIS", "DAY"), {4, 5}),
        (relative("THIS", "HOUR"), set[int]()),
        (relative("THIS", "YEAR", NullOption="ALL_VALUES"), {1, 2, 3, 4, 5, 6, 7}),
        (date_filter("TimeRangeFilter", RangeMinimumValue={"StaticValue": MARCH}), {3, 4, 5, 6}),
        (date_filter("TimeRangeFilter", RangeMinimumValue={"StaticValue": "2026-02-01T01:00:00+01:00"}, RangeMaximumValue={"StaticValue": MARCH}), {2}),
        (date_filter("TimeRangeFilter", RangeMaximumValue={"StaticValue": MARCH}, TimeGranularity="DAY"), {1, 2, 3}),
        (date_filter("TimeRangeFilter", RangeMaximumValue={"StaticValue": MARCH}, TimeGranularity="DAY", IncludeMaximum=False), {1, 2}),
        (date_filter("TimeRangeFilter", RangeMinimumValue={"StaticValue": 1_772_323_200}, RangeMaximumValue={"RollingDate": {"Expression": "truncDate('DD', now())"}}), {3}),
        (date_filter("TimeRangeFilter", RangeMinimumValue={"Parameter": "since"}), {4, 5, 6}),
        (date_filter("TimeEqualityFilter", Value=MARCH, TimeGranularity="MONTH"), {3, 4, 5}),
        (date_filter("TimeEqualityFilter", ParameterName="since", TimeGranularity="DAY"), {4, 5}),
    ],
)  # fmt: skip
def test_a_filter_of_dates_goes_by_periods_and_their_precision(wanted: dict[str, Any], days: set[int]) -> None:
    since = {"Name": "since", "DefaultValues": {"StaticValues": ["2026-03-15T00:00:00"]}}
    declared = [{"DateTimeParameterDeclaration": since}]
    table = visual("Table", {"GroupBy": [by("Day")], "Values": [of("Day")]})
    made = scene(table, rows=DATES, today=NOON, FilterGroups=[wanted], ParameterDeclarations=declared)
    content = drawn(made).content
    assert {int(day) for day, _ in ([] if isinstance(content, Note) else texts(made))} == days


def test_an_excluded_period_is_told_and_not_passed_over() -> None:
    wanted = relative("LAST", ExcludePeriodConfiguration={"Amount": 1, "Granularity": "DAY"})
    content = drawn(scene(visual("Table", {"Values": [of("Day")]}), rows=DATES, FilterGroups=[wanted])).content
    assert isinstance(content, Note)
    assert "excludes a period" in content.text


def test_a_chosen_range_goes_before_that_of_the_definition() -> None:
    wanted = date_filter("TimeRangeFilter", RangeMinimumValue={"StaticValue": MARCH})
    for chosen, rows in (("..2026-02-01", 2), ("2026-03-15T12:00..", 2), ("2026-02-01..2026-03-01", 1)):
        assert left(wanted, rows=DATES, choice=Choice(filters={"f": (chosen,)})) == rows


@pytest.mark.parametrize(("include", "rows"), [(True, 4), (False, 1)])
def test_a_nested_filter_goes_by_what_other_rows_of_the_same_value_have(include: bool, rows: int) -> None:  # noqa: FBT001 - a parameter of the test
    listed = {"MatchOperator": "EQUALS", "CategoryValues": ["1"], "NullOption": "NON_NULLS_ONLY"}
    inner = {"CategoryInnerFilter": {"Column": column("Day"), "Configuration": {"FilterListConfiguration": listed}}}
    assert (
        left(group("NestedFilter", {"Column": column("Region"), "IncludeInnerSet": include, "InnerFilter": inner}))
        == rows
    )


def at_least(name: str, least: float) -> dict[str, Any]:
    """A filter on the sum of a column."""
    return {"NumericRangeFilter": {"FilterId": name, "Column": column(name), "RangeMinimum": {"StaticValue": least},
            "NullOption": "NON_NULLS_ONLY", "AggregationFunction": {"SimpleNumericalAggregation": "SUM"}}}  # fmt: skip


@pytest.mark.parametrize(("how", "total"), [("SUM", "60"), ("AVERAGE", "15")])
def test_a_filter_on_an_aggregate_reaches_the_total(how: str, total: str) -> None:
    table = visual(
        "Table",
        {"GroupBy": [by("Region")], "Values": [of("Inflow", how)]},
        TotalOptions={"TotalsVisibility": "VISIBLE"},
    )
    made = scene(table, FilterGroups=[group("", {}, Filters=[at_least("Inflow", 30)])])
    assert texts(made)[-1] == ["Total", total]


def test_filters_of_one_group_are_alternatives_and_groups_must_all_be_met() -> None:
    first, second = (
        {"CategoryFilter": {"FilterId": name, "Column": column("Region"), "Configuration": {"FilterListConfiguration": {
            "MatchOperator": "CONTAINS", "CategoryValues": [name], "NullOption": "NON_NULLS_ONLY"}}}}
        for name in ("North", "South")
    )  # fmt: skip
    assert left(group("", {}, Filters=[first, second])) == 4
    assert left(*(group("", {}, Filters=[one]) for one in (first, second))) == 0
