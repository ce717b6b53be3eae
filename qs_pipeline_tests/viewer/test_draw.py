"""Visuals over a few rows: groups, totals, filters, drill-downs, limits, and what goes wrong."""

# ruff: noqa: E501 - definitions read better a filter a line

from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from qs_pipeline.service_model import shape
from qs_pipeline.viewer.controls import controls_of
from qs_pipeline.viewer.draw import draw_all
from qs_pipeline.viewer.drawn import Chart, Figure, Grid, Note
from qs_pipeline.viewer.formats import format_of
from qs_pipeline.viewer.page import sheet_fragment, whole_file
from qs_pipeline.viewer.picture import _content, sheet_picture
from qs_pipeline.viewer.scene import Choice, Scene
from qs_pipeline_tests.dashboards.generated import Maker
from qs_pipeline_tests.viewer.worlds import ROWS, by, column, drawn, of, scene, texts, visual

EVIL = "</script><img src=x onerror=alert(1)>"


def values(made: Any) -> list[tuple[str, str, Any]]:  # noqa: ANN401 - a scene
    """Category, series and value of each mark of the one chart."""
    content = drawn(made).content
    assert isinstance(content, Chart), content
    return [(mark["c"], mark["s"], mark["v"]) for mark in content.spec["data"]["values"]]


def test_a_total_is_computed_and_not_added_up() -> None:
    table = visual(
        "Table", {"GroupBy": [by("Region")], "Values": [of("Day", "AVERAGE"), of("up", None)]},
        TotalOptions={"TotalsVisibility": "VISIBLE", "CustomLabel": "All"},
    )  # fmt: skip
    shown = texts(scene(table, fields={"up": "ceil(sum(Qty))"}))
    assert shown == [["North", "1.5", "3"], ["South", "1.5", "4"], ["null", "2", "4"], ["All", "1.6", "11"]]


def test_a_pivot_table_has_figures_of_its_own_at_every_level() -> None:
    pivot = visual(
        "PivotTable",
        {"Rows": [by("Region"), by("Day")], "Values": [of("Qty", "MAX")]},
        TotalOptions={
            "RowTotalOptions": {"TotalsVisibility": "VISIBLE"},
            "RowSubtotalOptions": {"TotalsVisibility": "VISIBLE"},
        },
    )
    assert texts(scene(pivot)) == [
        ["North", "1", "1"], ["", "2", "2"], ["Subtotal", "", "2"],
        ["South", "1", "3.5"], ["", "2", ""], ["Subtotal", "", "3.5"],
        ["null", "2", "4"], ["Subtotal", "", "4"], ["Total", "", "4"],
    ]  # fmt: skip


def test_a_collapsed_group_is_collapsed_at_first() -> None:
    target = {"FieldDataPathValues": [{"FieldId": "region", "FieldValue": "North"}]}
    pivot = visual(
        "PivotTable", {"Rows": [by("Region"), by("Day")], "Values": [of("Qty")]},
        FieldOptions={"CollapseStateOptions": [{"Target": target, "State": "COLLAPSED"}]},
    )  # fmt: skip
    content = drawn(scene(pivot)).content
    assert isinstance(content, Grid)
    assert content.collapsed == {'["North"]'}


def test_hidden_fields_order_and_are_not_shown() -> None:
    table = visual(
        "Table", {"GroupBy": [by("Region"), by("Day")], "Values": [of("Inflow")]},
        FieldOptions={"SelectedFieldOptions": [{"FieldId": "day", "Visibility": "HIDDEN"}]},
        SortConfiguration={"RowSort": [{"FieldSort": {"FieldId": "day", "Direction": "DESC"}}]},
    )  # fmt: skip
    assert texts(scene(table))[0] == ["North", "20"]


def test_a_chosen_parameter_recalculates() -> None:
    declared = [{"IntegerParameterDeclaration": {"Name": "from", "DefaultValues": {"StaticValues": [1]}}}]
    table = visual("Table", {"Values": [of("f", None)]})
    fields = {"f": "sum(ifelse(Day >= ${from}, Inflow, 0))"}
    assert texts(scene(table, fields=fields, ParameterDeclarations=declared)) == [["80"]]
    choice = Choice(parameters={"from": ("2",)})
    assert texts(scene(table, fields=fields, ParameterDeclarations=declared, choice=choice)) == [["60"]]


def test_a_drill_down_descends_one_level() -> None:
    bar = visual("BarChart", {"Category": [by("Region", HierarchyId="h")], "Values": [of("Inflow")]})
    bar["BarChartVisual"]["ColumnHierarchies"] = [
        {"ExplicitHierarchy": {"HierarchyId": "h", "Columns": [column("Region"), column("Day")]}}
    ]
    content = drawn(scene(bar)).content
    assert isinstance(content, Chart)
    assert set(content.options) == {"North", "South", "null"}
    below = scene(bar, choice=Choice(drills={"v": ("North",)}))
    assert values(below) == [("1", "Inflow (Sum)", 10), ("2", "Inflow (Sum)", 20)]


def test_categories_beyond_the_limit_share_a_bucket() -> None:
    many = pl.DataFrame({"Region": [f"r{at}" for at in range(100_000)], "Qty": list(range(100_000))})
    made = scene(visual("BarChart", {"Category": [by("Region")], "Values": [of("Qty")]}), rows=many)
    marks = values(made)
    assert len(marks) == 401
    assert marks[0][::2] == ("r99999", 99_999)
    assert marks[-1][0] == "Other"
    assert sum(mark[2] for mark in marks) == many["Qty"].sum()
    assert "99,600 of 100,000" in drawn(made).remark


def test_a_table_of_very_many_groups_sends_the_first_and_says_so() -> None:
    many = pl.DataFrame({"Region": [f"r{at:05}" for at in range(20_000)], "Qty": list(range(20_000))})
    made = scene(visual("Table", {"GroupBy": [by("Region")], "Values": [of("Qty")]}), rows=many)
    assert len(texts(made)) == 500
    assert drawn(made).remark == "First 500 rows of 20,000"


@pytest.mark.parametrize(
    ("kind", "wells"),
    [
        ("BarChart", {"Category": [by("Region")], "Values": [of("Qty")], "Colors": [by("Day")]}),
        ("LineChart", {"Category": [by("Day")], "Values": [of("Qty")], "Colors": [by("Region")]}),
        ("ComboChart", {"Category": [by("Day")], "BarValues": [of("Qty")], "LineValues": [of("Inflow")]}),
        ("PieChart", {"Category": [by("Region")], "Values": [of("Qty")]}),
    ],
)
def test_a_chart_of_each_kind_becomes_part_of_a_picture(kind: str, wells: dict[str, Any]) -> None:
    made = scene(visual(kind, wells, BarsArrangement="STACKED", Legend={"Visibility": "VISIBLE"}))
    assert isinstance(drawn(made).content, Chart)
    assert sheet_picture(made, "s", scale=0.3).startswith(b"\x89PNG")


def test_a_kpi_is_held_against_its_target() -> None:
    content = drawn(scene(visual("KPI", {"Values": [of("Inflow")], "TargetValues": [of("Qty")]}))).content
    assert isinstance(content, Figure)
    assert (content.value.text, content.comparison, content.trend) == ("80", "+661.9% target 10.5", "up")


def test_one_bad_visual_leaves_the_others_drawn() -> None:
    good = visual("KPI", {"Values": [of("Qty")]}, "good")
    bad = visual("KPI", {"Values": [of("Gone")]}, "bad")
    unknown = visual("Sankey", {"Source": [by("Region")]}, "unknown")
    html = sheet_fragment(scene(good, bad, unknown), "s")
    assert "10.5" in html
    assert "there is no column &#39;Gone&#39;" in html
    assert "SankeyVisual is not drawn here" in html
    assert "Source: Region" in html


@pytest.mark.parametrize(
    "broken",
    [{}, {"TableVisual": {}}, {"TableVisual": {"VisualId": 3, "ChartConfiguration": []}}, {"BarChartVisual": None}],
)
def test_a_malformed_visual_is_a_note(broken: dict[str, Any]) -> None:
    assert isinstance(drawn(scene(broken)).content, Note)


def test_no_rows_are_no_data() -> None:
    content = drawn(
        scene(
            visual("Table", {"GroupBy": [by("Region")], "Values": [of("Qty")]}),
            rows=pl.DataFrame(schema={"Region": pl.String, "Qty": pl.Float64}),
        )
    ).content
    assert content == Note(kind="empty", text="No data")


def test_markup_in_data_and_names_is_text() -> None:
    rows = pl.DataFrame({"Region": [EVIL], "Qty": [1.0]})
    wells = {"Category": [by("Region")], "Values": [of("Qty")]}
    bar = visual("BarChart", wells, EVIL)
    table = visual("Table", {"GroupBy": [by("Region")], "Values": [of("Qty")]}, "t")
    for one in (bar["BarChartVisual"], table["TableVisual"]):
        one["Title"] = {"FormatText": {"PlainText": EVIL}}
    made = scene(bar, table, rows=rows)
    made.definition["Sheets"][0]["Name"] = EVIL
    made.definition["Sheets"][0]["TextBoxes"] = [
        {"SheetTextBoxId": "x", "Content": f"<text-box><b onclick='x()'>{EVIL}</b></text-box>"}
    ]
    for html in (sheet_fragment(made, "s"), whole_file(made, title=EVIL, charts="")):
        assert "<img" not in html.partition("<script>")[0]
        assert "onclick" not in html.partition("<script>")[0]


@pytest.mark.parametrize(
    ("config", "value", "text"),
    [
        ({"NumberDisplayFormatConfiguration": {"DecimalPlacesConfiguration": {"DecimalPlaces": 1}}}, 1234.56, "1,234.6"),
        ({"NumberDisplayFormatConfiguration": {"NumberScale": "MILLIONS", "DecimalPlacesConfiguration": {"DecimalPlaces": 1}}}, 2_500_000, "2.5M"),
        ({"NumberDisplayFormatConfiguration": {"NumberScale": "AUTO"}}, 1500, "1.5K"),
        ({"CurrencyDisplayFormatConfiguration": {"Symbol": "USD"}}, -1234.5, "-$1,234.50"),
        ({"CurrencyDisplayFormatConfiguration": {"Symbol": "USD", "NegativeValueConfiguration": {"DisplayMode": "POSITIVE"}}}, -1, "($1.00)"),
        ({"PercentageDisplayFormatConfiguration": {"DecimalPlacesConfiguration": {"DecimalPlaces": 0}}}, 0.257, "26%"),
        ({"NumberDisplayFormatConfiguration": {"SeparatorConfiguration": {"ThousandsSeparator": {"Visibility": "HIDDEN"}}}}, 2024, "2024"),
        ({"NumberDisplayFormatConfiguration": {"NullValueFormatConfiguration": {"NullString": "-"}}}, None, "-"),
    ],
)  # fmt: skip
def test_a_number_reads_as_its_format_says(config: dict[str, Any], value: float | None, text: str) -> None:
    assert format_of({"FormatConfiguration": config}).text(value) == text


def test_plain_rows_are_sorted_before_the_first_are_taken() -> None:
    many = pl.DataFrame({"Region": [f"r{at:05}" for at in range(2_000)], "Qty": list(range(2_000))})
    table = {"VisualId": "v", "ChartConfiguration": {
        "FieldWells": {"TableUnaggregatedFieldWells": {"Values": [{"FieldId": "region", "Column": column("Region")}]}},
        "SortConfiguration": {"RowSort": [{"FieldSort": {"FieldId": "region", "Direction": "DESC"}}]},
    }}  # fmt: skip
    made = scene({"TableVisual": table}, rows=many)
    assert texts(made)[0] == ["r01999"]
    assert drawn(made).remark == "First 500 rows of 2,000"


def pivot_of(rows: list[Any], **totals: object) -> dict[str, Any]:
    """A pivot table of the sum of ``Inflow``."""
    return visual("PivotTable", {"Rows": rows, "Values": [of("Inflow")]}, TotalOptions=totals)


@pytest.mark.parametrize(("function", "total"), [("NONE", ""), ("MAX", "20"), ("AVERAGE", "16"), ("DEFAULT", "80")])
def test_the_row_of_totals_shows_what_the_definition_wants(function: str, total: str) -> None:
    wanted = {"FieldId": "inflow", "TotalAggregationFunction": {"SimpleTotalAggregationFunction": function}}
    options = {"TotalsVisibility": "VISIBLE", "TotalAggregationOptions": [wanted]}
    shown = texts(scene(pivot_of([by("Region"), by("Day")], RowTotalOptions=options)))
    assert shown[-1] == ["Total", "", total]


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        ({"FieldLevel": "CUSTOM", "FieldLevelOptions": [{"FieldId": "day"}]}, {1}),
        ({"FieldLevel": "LAST"}, {1}),
        ({"FieldLevel": "ALL"}, {0, 1}),
        ({"TotalsVisibility": "HIDDEN"}, set[int]()),
    ],
)
def test_subtotals_stand_at_the_levels_that_the_definition_wants(level: dict[str, Any], shown: set[int]) -> None:
    options = {"TotalsVisibility": "VISIBLE", **level}
    content = drawn(scene(pivot_of([by("Region"), by("Day"), by("Inflow")], RowSubtotalOptions=options))).content
    assert isinstance(content, Grid)
    assert {row.level for row in content.rows if row.kind == "subtotal" and not row.is_shut_only} == shown


def test_series_stand_in_the_order_of_their_sort() -> None:
    sort = {"SortBy": column("Inflow"), "Direction": "ASC",
            "AggregationFunction": {"NumericalAggregationFunction": {"SimpleNumericalAggregation": "MIN"}}}  # fmt: skip
    rows = pl.DataFrame({"Region": ["b", "a", "a"], "Kind": ["BEYOND", "POS1", "BEYOND"], "Inflow": [9, 1, 9]})
    bar = visual(
        "BarChart", {"Category": [by("Region")], "Values": [of("Inflow")], "Colors": [by("Kind")]},
        SortConfiguration={"ColorSort": [{"ColumnSort": sort}]},
    )  # fmt: skip
    content = drawn(scene(bar, rows=rows)).content
    assert isinstance(content, Chart)
    encoding = content.spec["layer"][0]["encoding"]
    assert encoding["color"]["scale"]["domain"] == ["POS1", "BEYOND"]
    assert encoding["xOffset"]["sort"] == ["POS1", "BEYOND"]


def test_an_axis_of_several_bars_is_called_as_all_of_them_and_not_as_one() -> None:
    quantity = {"CustomLabel": "Quantity", "ApplyTo": {"FieldId": "qty", "Column": column("Qty")}}
    days = {"CustomLabel": "Days", "ApplyTo": {"FieldId": "day", "Column": column("Day")}}
    of_both, of_qty, of_none = [of("Qty"), of("Day")], [of("Qty")], {"CustomLabel": "Figures"}
    for fields, labels, title in (
        (of_qty, [quantity], "Quantity"),
        (of_both, [quantity], None),
        (of_both, [quantity, days], "Quantity, Days"),
        (of_both, [quantity, of_none], "Figures"),
    ):
        bars = visual(
            "BarChart",
            {"Category": [by("Region")], "Values": fields},
            ValueLabelOptions={"AxisLabelOptions": labels},
        )
        content = drawn(scene(bars)).content
        assert isinstance(content, Chart)
        assert content.spec["layer"][0]["encoding"]["y"]["axis"]["title"] == title


def test_a_line_goes_straight_unless_the_definition_smooths_it() -> None:
    for style, curve in (({}, "linear"), ({"LineStyleSettings": {"LineInterpolation": "SMOOTH"}}, "monotone")):
        line = visual("LineChart", {"Category": [by("Day")], "Values": [of("Qty")]}, DefaultSeriesSettings=style)
        content = drawn(scene(line)).content
        assert isinstance(content, Chart)
        assert content.spec["layer"][0]["mark"]["interpolate"] == curve


def test_very_many_categories_do_not_all_have_a_tick() -> None:
    many = pl.DataFrame({"Day": list(range(365)), "Qty": [1.0] * 365})
    content = drawn(scene(visual("LineChart", {"Category": [by("Day")], "Values": [of("Qty")]}), rows=many)).content
    assert isinstance(content, Chart)
    axis = content.spec["layer"][0]["encoding"]["x"]["axis"]
    assert len(axis["values"]) == 53
    assert "point" not in content.spec["layer"][0]["mark"]


def test_headings_of_outer_columns_span_the_inner_ones_and_stand_at_the_side_of_their_cells() -> None:
    pivot = visual("PivotTable", {"Rows": [by("Qty")], "Columns": [by("Region"), by("Day")], "Values": [of("Inflow")]})
    content = drawn(scene(pivot)).content
    assert isinstance(content, Grid)
    assert [(cell.text, cell.span) for cell in content.head[0]] == [
        ("Region", 1),
        ("North", 2),
        ("South", 2),
        ("null", 1),
    ]
    rows = {"TableUnaggregatedFieldWells": {"Values": [{"FieldId": "day", "Column": column("Day")}]}}
    plain = drawn(scene({"TableVisual": {"VisualId": "v", "ChartConfiguration": {"FieldWells": rows}}})).content
    assert isinstance(plain, Grid)
    assert plain.head[0][0].kind == "number"


def test_every_kind_of_visual_is_drawn_or_says_its_name_and_fields() -> None:
    undrawn: list[str] = []
    for kind in shape("Visual").members:
        wells = {"Category": [by("Region")], "GroupBy": [by("Region")], "Rows": [by("Region")], "Values": [of("Qty")]}
        shown = drawn(scene(visual(kind.removesuffix("Visual"), wells))).content
        if isinstance(shown, Note):
            undrawn.append(kind)
            assert shown.text == f"{kind} is not drawn here"
            assert {"Category: Region", "Values: Qty (Sum)"} <= set(shown.fields)
    assert len(undrawn) == 18
    bare = [{kind: {"VisualId": kind}} for kind in shape("Visual").members]
    assert all(isinstance(one.content, Note) for one in draw_all(scene(*bare), "s").values())


def test_what_is_left_out_of_a_chart_is_told() -> None:
    wells = {"Category": [by("Region")], "Values": [of("Qty")], "SmallMultiples": [by("Day")]}
    chart = visual("BarChart", wells, ReferenceLines=[{"DataConfiguration": {}}])
    assert drawn(scene(chart)).remark == "Not drawn: reference lines, small multiples by Day"


@pytest.mark.parametrize("expression", ["max({when})", "max({Region})"])
def test_a_mark_is_as_long_as_a_number_and_nothing_else(expression: str) -> None:
    wells = {"Category": [by("Day")], "Values": [of("made", None)]}
    dated = ROWS.with_columns(when=datetime(2026, 1, 1))  # noqa: DTZ001 - rows know no zones
    content = drawn(scene(visual("PieChart", wells), rows=dated, fields={"made": expression})).content
    assert isinstance(content, Note)
    assert "where the chart needs a number" in content.text
    endless = scene(visual("BarChart", wells), fields={"made": "ln(min({Qty}) - 1)"})
    assert [value for _, _, value in values(endless)] == [0, None]


def test_whatever_definition_the_service_model_allows_is_a_page() -> None:
    rows = pl.DataFrame({"Kind": ["a", "<b>"], "Cost": [1.0, None], "Place": ["x", "y"], "Day": [date(2026, 1, 1)] * 2})
    for seed in range(60):
        made = Scene(
            definition=Maker(seed).definition(), rows=lambda name: {"apples": rows, "pears": rows}[name].lazy()
        )
        assert whole_file(made, title="t", charts="").count("<figure") >= 1


@pytest.mark.parametrize(
    ("kind", "default", "chosen", "shown", "told"),
    [
        ("Integer", 2, None, 2, ""),
        ("Integer", 2, "9007199254740993", 9007199254740993, ""),
        ("Integer", 2, "abc", 2, "'abc' is no whole number; the default is shown"),
        ("Integer", 2, "1e400", 2, "'1e400' is no whole number; the default is shown"),
        ("Decimal", 0.5, "", 0.5, "'' is no number; the default is shown"),
        ("DateTime", 86400, None, datetime(1970, 1, 2), ""),  # noqa: DTZ001 - rows know no zones
        ("DateTime", 86400, "soon", datetime(1970, 1, 2), "'soon' is no date; the default is shown"),  # noqa: DTZ001
        ("DateTime", "never", None, None, "the default 'never' is no date"),
    ],
)
def test_a_parameter_set_to_nonsense_has_its_default_and_says_so(
    kind: str, default: object, chosen: str | None, shown: object, told: str
) -> None:
    declared = {"Name": "p", "DefaultValues": {"StaticValues": [default]}}
    choice = Choice(parameters={"p": (chosen,)} if chosen is not None else {})
    made = scene(ParameterDeclarations=[{f"{kind}ParameterDeclaration": declared}], choice=choice)
    made.definition["Sheets"][0]["ParameterControls"] = [{"TextField": {"SourceParameterName": "p"}}]
    assert made.parameters["p"] == (() if shown is None else (shown,))
    (control,) = controls_of(made, made.sheet("s"))
    assert control.note == told


def test_a_chart_knows_its_width_in_a_picture_too() -> None:
    wells = {"Category": [by("Region")], "BarValues": [of("Qty")], "LineValues": [of("Day")]}
    content = drawn(scene(visual("ComboChart", wells))).content
    assert isinstance(content, Chart)
    pictured = _content(content, 0, 330, 160)
    assert "South" in pictured
    assert "rotate(-40)" not in pictured, "labels are turned for want of a width"
