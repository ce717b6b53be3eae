"""A published dashboard of which much is wrong, in a real browser: each fault in its box, and nothing is executed."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import Page, expect

from qs_pipeline.local_aws import LocalAws, Settings
from qs_pipeline.viewer.draw import draw
from qs_pipeline.viewer.library import charting_library
from qs_pipeline.viewer.page import whole_file
from qs_pipeline.viewer.scene import Scene
from qs_pipeline_tests.local_aws.world import ACCOUNT, BUCKET, Clock, World, table_maps
from qs_pipeline_tests.viewer.test_browser import settled
from qs_pipeline_tests.viewer.worlds import by, column, of, scene, visual

EVIL = "</script><img src=stung onerror=window.stung=1>"
TEXT = "<text-box><b onclick='x()'>Of <parameter>${word}</parameter></b></text-box>"
ODD = f"a\"'>{EVIL}] \\ %2F #é\u2028"
MANY = 1_000_000
TABLES: dict[str, tuple[dict[str, str], str]] = {
    "few": (
        {"Region": "STRING", "Qty": "INTEGER", "Gone": "INTEGER", EVIL: "STRING"},
        f"North,1,1,{EVIL}\nSouth,2,1,b\n",
    ),
    "empty": ({"Region": "STRING", "Qty": "INTEGER"}, ""),
    "many": ({"Region": "STRING", "Qty": "INTEGER"}, "".join(f"r{at},{at}\n" for at in range(MANY))),
}


def over(data_set: str, kind: str, wells: dict[str, Any], name: str, **more: object) -> dict[str, Any]:
    """A visual over one of the data sets, its title that of an attacker."""
    made = visual(kind, wells, name, **more)
    made[f"{kind}Visual"]["Title"] = {"FormatText": {"PlainText": EVIL}}
    return json.loads(json.dumps(made).replace('"DataSetIdentifier": "d"', f'"DataSetIdentifier": "{data_set}"'))


VISUALS = [
    over("few", "KPI", {"Values": [of("Qty")]}, "good"),
    over("few", "KPI", {"Values": [of("Gone")]}, "gone"),
    over("few", "KPI", {"Values": [of("unknown", None)]}, "unknown"),
    over("few", "KPI", {"Values": [of("unreadable", None)]}, "unreadable"),
    over("few", "WordCloud", {"GroupBy": [by("Region")], "Size": [of("Qty")]}, "undrawn"),
    over("few", "Table", {"GroupBy": [by(EVIL)], "Values": [of("Qty")]}, "evil-table"),
    over("few", "PivotTable", {"Rows": [by(EVIL), by("Region")], "Columns": [], "Values": [of("Qty")]}, "evil-pivot"),
    over("few", "BarChart", {"Category": [by(EVIL)], "Values": [of("Qty")], "Colors": []}, "evil-bar"),
    over("empty", "Table", {"GroupBy": [by("Region")], "Values": [of("Qty")]}, "empty-table"),
    over("empty", "BarChart", {"Category": [by("Region")], "Values": [of("Qty")], "Colors": []}, "empty-bar"),
    over("many", "BarChart", {"Category": [by("Region")], "Values": [of("Qty")], "Colors": []}, "many-bars"),
    over("many", "Table", {"GroupBy": [by("Region")], "Values": [of("Qty")]}, "many-rows"),
    over("many", "PivotTable", {"Rows": [by("Region")], "Columns": [], "Values": [of("Qty")]}, "many-leaves"),
]  # fmt: skip
TOLD = {
    "gone": "there is no column 'Gone'",
    "unknown": "the function frobnicate is not known",
    "unreadable": "cannot be read",
    "undrawn": "WordCloudVisual is not drawn here",
    "empty-table": "No data",
    "empty-bar": "No data",
    "many-bars": "999,600 of 1,000,000 in Region are in 'Other'",
    "many-rows": "First 500 rows of 1,000,000",
    "many-leaves": "First 500 rows of 1,000,000",
}


def definition(arns: dict[str, str]) -> dict[str, Any]:
    """The dashboard, as QuickSight takes it."""
    fields = {"unknown": "sum(frobnicate({Qty}))", "unreadable": "sum({Qty}"}
    word = {"Name": "word", "ParameterValueType": "SINGLE_VALUED", "DefaultValues": {"StaticValues": [EVIL]}}
    listed = {"MatchOperator": "CONTAINS", "CategoryValues": [EVIL, "b"], "NullOption": "ALL_VALUES"}
    chosen = {"FilterId": "f", "Column": {**column(EVIL), "DataSetIdentifier": "few"},
              "Configuration": {"FilterListConfiguration": listed}}  # fmt: skip
    scope = {"SelectedSheets": {"SheetVisualScopingConfigurations": [{"SheetId": "s", "Scope": "ALL_VISUALS"}]}}
    group = {"FilterGroupId": "g", "CrossDataset": "SINGLE_DATASET", "ScopeConfiguration": scope}
    sheet = {
        "SheetId": "s", "Name": EVIL, "Visuals": VISUALS,
        "TextBoxes": [{"SheetTextBoxId": "t", "Content": TEXT}],
        "FilterControls": [{"Dropdown": {"FilterControlId": "c", "SourceFilterId": "f", "Title": EVIL}}],
        "ParameterControls": [
            {"TextField": {"ParameterControlId": "p", "SourceParameterName": "word", "Title": "Word"}}
        ],
    }  # fmt: skip
    return {
        "DataSetIdentifierDeclarations": [{"Identifier": name, "DataSetArn": arn} for name, arn in arns.items()],
        "CalculatedFields": [
            {"DataSetIdentifier": "few", "Name": name, "Expression": text} for name, text in fields.items()
        ],
        "ParameterDeclarations": [{"StringParameterDeclaration": word}],
        "FilterGroups": [{**group, "Filters": [{"CategoryFilter": chosen}]}],
        "Sheets": [sheet],
    }


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the dashboards are served; a column went after the publication."""
    start = time.time()
    settings = Settings(user_rate=1e6, account_rate=1e6, permission_rate=1e6, ingestion_seconds=0, build_seconds=0)
    with LocalAws(home=tmp_path_factory.mktemp("aws"), settings=settings, clock=lambda: start) as local:
        world = World(local.url, Clock(), "test")
        world.s3.create_bucket(Bucket=BUCKET)
        sources = {name: world.table(name, f"{','.join(of)}\n{rows}") for name, (of, rows) in TABLES.items()}
        arns = {
            name: world.data_set_of(name, table_maps(source, TABLES[name][0]))["Arn"]
            for name, source in sources.items()
        }
        world.qs.create_dashboard(AwsAccountId=ACCOUNT, DashboardId="bad", Name=EVIL, Definition=definition(arns))
        built = world.qs.describe_dashboard(AwsAccountId=ACCOUNT, DashboardId="bad")["Dashboard"]["Version"]
        assert built["Status"] == "CREATION_SUCCESSFUL", built
        left = {"ProjectOperation": {"ProjectedColumns": ["Region", "Qty", EVIL]}}
        maps = table_maps(sources["few"], TABLES["few"][0], left)
        world.qs.update_data_set(AwsAccountId=ACCOUNT, DataSetId="few", Name="few", ImportMode="SPICE", **maps)
        yield f"{local.url}/dashboards"


def listened(page: Page) -> list[str]:
    """What the browser says, and what it asks for without being told to; both from now on."""
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: told.append(request.url) if "stung" in request.url else None)
    return told


def test_what_is_wrong_stays_in_its_box_and_nothing_is_executed(url: str, page: Page) -> None:
    told = listened(page)
    page.goto(url)
    page.get_by_role("link", name=EVIL).click()
    settled(page)
    for name, text in TOLD.items():
        expect(page.locator(f"figure[data-visual={name}]")).to_contain_text(text)
    expect(page.locator("figure[data-visual=good] strong")).to_have_text("3")
    for name in ("evil-table", "evil-pivot"):
        expect(page.locator(f"figure[data-visual={name}] tbody")).to_contain_text(EVIL)
    expect(page.locator("figure[data-visual=evil-bar] svg")).to_contain_text(EVIL[:12])
    page.locator("figure[data-visual=evil-bar] svg path[aria-label]").first.hover()
    expect(page.locator("#vg-tooltip-element")).to_contain_text(EVIL)
    assert len(page.locator("figure[data-visual=many-bars] svg").all()) == 1
    page.get_by_label("Word").fill("<b>other</b>")
    expect(page.locator(".words")).to_have_text("Of <b>other</b>")
    page.get_by_role("group", name=EVIL).locator("summary").click()
    page.get_by_role("checkbox", name=EVIL).uncheck()
    expect(page.locator("figure[data-visual=good] strong")).to_have_text("2")
    assert page.evaluate("window.stung") is None
    assert told == []


def test_ids_and_values_of_odd_letters_are_drawn_in_a_file_of_their_own(tmp_path: Path, page: Page) -> None:
    wells = {"Category": [by("Region")], "Values": [of("Qty")], "Colors": []}
    pivot = visual("PivotTable", {"Rows": [by("Region"), by("Day")], "Columns": [], "Values": [of("Qty")]}, f"{ODD}p")
    shown = [pivot, visual("BarChart", wells, f"{ODD}a"), visual("BarChart", wells, f"{ODD}b")]
    made = scene(rows=pl.DataFrame({"Region": [ODD, ODD], "Day": [1, 2], "Qty": [1, 2]}))
    made.definition["Sheets"] = [{"SheetId": ODD, "Name": f"{ODD}{at}", "Visuals": shown} for at in range(2)]
    file = tmp_path / f"{EVIL.replace('/', '')}.html"
    file.write_text(whole_file(made, title=EVIL, charts=charting_library(tmp_path)))
    told = listened(page)
    page.goto(file.as_uri())
    told.remove(page.url)
    for tab in page.get_by_role("tab").all():
        tab.click()
        panel = page.locator("[role=tabpanel]:not([hidden])")
        expect(panel.locator("figure.chart[data-ready]")).to_have_count(2)
        panel.get_by_role("button", name="Collapse").click()
        expect(panel.locator("tr.leaf:visible")).to_have_count(0)
    assert page.evaluate("window.stung") is None
    assert told == []


def test_a_million_categories_are_ranked_where_the_rows_are() -> None:
    rows = pl.DataFrame({"Region": [f"r{at}" for at in range(MANY)], "Qty": range(MANY)})
    million = Scene(definition=definition({}), rows=lambda _: rows.lazy())
    wanted = next(one for one in VISUALS if one[next(iter(one))]["VisualId"] == "many-bars")
    start = time.thread_time()
    assert draw(million, "s", wanted).remark == TOLD["many-bars"]
    assert time.thread_time() - start < 1, "Python went through the categories itself"
