"""The dashboard of the medium sample as a person sees it, its figures held against the published CSVs."""

import math
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import polars as pl
import pytest
from playwright.sync_api import Page, expect

from qs_pipeline_tests.viewer import plain, plain_pivots
from qs_pipeline_tests.viewer.conftest import Served

PANEL = "[role=tabpanel]:not([hidden])"
DRAWN = f"""() => [...document.querySelectorAll('{PANEL} figure.chart')].every((one) => one.dataset.ready)"""

CUT = f"""() => [...document.querySelectorAll('{PANEL} figure.chart')].flatMap((one) => {{
    const room = one.querySelector('.chart-body').getBoundingClientRect();
    const isOut = (text) => Math.max(
        room.left - text.left, text.right - room.right, room.top - text.top, text.bottom - room.bottom
    ) > 2;
    return [...one.querySelectorAll('svg text')].filter((text) => isOut(text.getBoundingClientRect()))
        .map((text) => [one.dataset.visual, text.textContent]);
}})"""

NEAR = f"""() => [...document.querySelectorAll('{PANEL} figure.chart')].flatMap((one) => {{
    const axes = [...one.querySelectorAll('svg .role-axis-label')].map((axis) =>
        [...axis.querySelectorAll('text:not([opacity="0"])')]
            .map((text) => [text.textContent, text.getBoundingClientRect()])
    ).filter((texts) => !texts.some(([, box]) => box.height > 30));
    const isNear = ([, one], [, next]) => one.right + 2 > next.left && next.right + 2 > one.left
        && one.bottom > next.top && next.bottom > one.top;
    return axes.flatMap((texts) => texts.slice(1).filter((text, at) => isNear(texts[at], text)))
        .map(([text]) => [one.dataset.visual, text]);
}})"""
"""Labels of an axis, neither turned nor broken, that touch the one before."""

BEYOND = "(one) => one.scrollWidth - one.clientWidth"
"""Pixels of a table that are reached by scrolling to the side."""

LINES = """(one) => {
    const all = document.createRange();
    all.selectNodeContents(one);
    return all.getClientRects().length;
}"""

NUMBERS = f"""() => Object.fromEntries([...document.querySelectorAll('{PANEL} figure.visual')].map((one) => [
    one.dataset.visual,
    [...one.querySelectorAll('tbody [data-raw], strong[data-raw]')].map((cell) => Number(cell.dataset.raw)),
]))"""

MARKS = f"""() => Object.fromEntries([...document.querySelectorAll('{PANEL} figure.chart')].map((one) => [
    one.dataset.visual, JSON.parse(one.querySelector('script').textContent).data.values,
]))"""

PARTS = f"""() => Object.fromEntries([...document.querySelectorAll('{PANEL} figure.grid')].map((one) => [
    one.dataset.visual, Object.fromEntries(['tbody', 'tfoot'].map((part) => [
        part, [...one.querySelectorAll(part + ' [data-raw]')].map((cell) => Number(cell.dataset.raw)),
    ])),
]))"""


def see(page: Page, sheet: str) -> None:
    """Open a tab and wait until all of it is drawn."""
    page.locator(f"[data-sheet='{sheet}']").click()
    settled(page)


def settled(page: Page) -> None:
    """Wait until all of the open tab is drawn."""
    page.wait_for_selector(f"{PANEL}[data-state=ready]")
    page.wait_for_function(DRAWN)


def numbers(page: Page, visual: str, rows: str) -> list[list[float]]:
    """The exact figures behind the cells of some rows of a table."""
    found = page.locator(f"figure[data-visual='{visual}'] {rows}").all()
    return [
        [float(cell.get_attribute("data-raw") or "nan") for cell in row.locator("td[data-raw]").all()] for row in found
    ]


def assert_drawn(marks: list[dict[str, Any]], wanted: list[tuple[str, str, float | None]]) -> None:
    """The marks of a chart are those, with their categories in that order."""
    is_colored = not wanted[0][1].isdigit()
    shown = {(mark["c"], mark["s"] if is_colored else str(mark["q"])): _number(mark["v"]) for mark in marks}
    computed = {(key, series): _number(value) for key, series, value in wanted}
    assert list(dict.fromkeys(mark["c"] for mark in marks)) == list(dict.fromkeys(key for key, _, _ in wanted))
    assert shown == pytest.approx(computed, rel=1e-3, nan_ok=True)


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def test_every_sheet_draws_without_a_complaint_and_shows_what_the_tables_hold(page: Page, served: Served) -> None:
    wanted = dict(plain.tables_and_kpis(served.definition, served.tables))
    charts = dict(plain.charts(served.definition, served.tables))
    assert (len(wanted), len(charts)) == (46, 19)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: told.append(request.url) if not request.url.startswith(served.url) else None)
    page.goto(served.address)
    sheets = [tab.get_attribute("data-sheet") for tab in page.get_by_role("tab").all()]
    assert len(sheets) == 17
    for sheet in sheets:
        see(page, sheet or "")
        assert page.locator(f"{PANEL} figure.visual").count() > 0, sheet
        assert page.locator(f"{PANEL} .note.error, {PANEL} .note.undrawn").all_inner_texts() == [], sheet
        assert page.evaluate(CUT) == [], sheet
        assert page.evaluate(NEAR) == [], sheet
        for visual, shown in page.evaluate(NUMBERS).items():
            if visual in wanted:
                # A fixed decimal has four places, so each row is rounded as it is ingested.
                assert sorted(shown) == pytest.approx(wanted.pop(visual), rel=1e-3), (sheet, visual)
        for visual, marks in page.evaluate(MARKS).items():
            assert_drawn(marks, charts.pop(visual))
    assert (wanted, charts) == ({}, {})
    assert told == []


def test_what_has_room_is_neither_crowded_nor_left_out(page: Page, served: Served) -> None:
    page.set_viewport_size({"width": 1400, "height": 900})
    page.goto(served.address)
    see(page, "force-flow")
    assert page.evaluate(NEAR) == []
    see(page, "class-iii-p-embark")
    labels = page.locator("figure[data-visual=class-iii-p-embark-by-product] .role-axis-label").first.locator("text")
    assert {label.get_attribute("opacity") for label in labels.all()} == {"1"}
    page.set_viewport_size({"width": 800, "height": 900})
    see(page, "summary")
    start = page.locator("figure[data-visual=summary-assessment] tbody td").nth(-2)
    assert start.evaluate(LINES) == 1, "a date is in two lines"
    page.set_viewport_size({"width": 1400, "height": 900})
    see(page, "class-i-water-embark")
    for table in page.locator(f"{PANEL} .scroll").all():
        assert table.evaluate(BEYOND) == 0
    see(page, "class-i-water")
    assert page.locator("figure[data-visual=class-i-water-by-period] .scroll").evaluate(BEYOND) == 0
    page.set_viewport_size({"width": 800, "height": 900})
    see(page, "class-iv")
    labels = page.locator("figure[data-visual=class-iv-cost-by-material] .role-axis-label").last
    assert 'LUMBER,SOFTWOOD,4" X 4" X 10\'' in labels.locator("text").all_text_contents()


@pytest.mark.long
def test_every_pivot_table_shows_what_the_tables_hold(page: Page, served: Served) -> None:
    pivots = dict(plain_pivots.expected(served.definition, served.tables))
    assert len(pivots) > 30
    assert sum(one.body is None for one in pivots.values()) < 6
    page.goto(served.address)
    settled(page)
    for sheet in {name.get_attribute("data-sheet") for name in page.get_by_role("tab").all()}:
        see(page, sheet or "")
        for visual, shown in page.evaluate(PARTS).items():
            if (wanted := pivots.pop(visual, None)) is None:
                continue
            for told, computed in ((shown["tbody"], wanted.body), (shown["tfoot"], wanted.foot)):
                # A fixed decimal has four places, so each row is rounded as it is ingested.
                assert computed is None or sorted(told) == pytest.approx(computed, rel=1e-3, abs=0.01), visual
    assert pivots == {}


def test_figures_are_those_of_the_published_tables(page: Page, served: Served) -> None:
    aggregate = pl.read_csv(served.tables / "aggregated_embark.csv", infer_schema_length=None)
    page.goto(f"{served.address}#embark")
    settled(page)
    (total,) = numbers(page, "embark-exact", "tfoot tr")
    assert total == pytest.approx(
        [aggregate["CUFT"].sum(), aggregate["WEIGHT_LBS"].sum() / 2000, aggregate["TEUS"].sum()]
    )
    leaves = numbers(page, "embark-exact", "tbody tr.leaf")
    volumes = aggregate.group_by("CLASS_OF_SUPPLY", "REGION").agg(pl.col("CUFT").sum())["CUFT"]
    # A fixed decimal has four places, so each row is rounded as it is ingested.
    assert sorted(row[0] for row in leaves) == pytest.approx(sorted(volumes), rel=1e-4)


def test_kpis_are_those_of_the_published_tables(page: Page, served: Served) -> None:
    costs = pl.read_csv(served.tables / "RD_I_Ration_Costs_joined.csv", infer_schema_length=None)
    page.goto(f"{served.address}#class-i")
    settled(page)
    shown = page.locator("figure[data-visual='class-i-cost'] strong").get_attribute("data-raw")
    assert float(shown or "nan") == pytest.approx(costs["Total_UI_Cost"].sum())


def test_the_slider_recalculates_what_depends_on_it(page: Page, served: Served) -> None:
    flow = pl.read_csv(served.tables / "ForceFlow_joined.csv", infer_schema_length=None)
    days = flow.filter(pl.col("Day") >= 100)["Day"].n_unique()
    page.goto(f"{served.address}#force-flow")
    settled(page)
    page.get_by_role("slider").fill("100")
    expect(page.locator("figure[data-visual='force-flow-pax'] select option")).to_have_count(days + 1)
    assert page.url.partition("?")[2].startswith("p.startDay=100")


def test_a_filter_leaves_what_was_chosen(page: Page, served: Served) -> None:
    parts = pl.read_csv(served.tables / "cosix_embark.csv", infer_schema_length=None)
    some = parts.filter(pl.col("CLASS_OF_SUPPLY") == "IX C (S)")
    page.goto(f"{served.address}#class-ix")
    settled(page)
    kpi = page.locator("figure[data-visual='class-ix-stons'] + figure.figure strong, figure.figure strong").first
    before = kpi.get_attribute("data-raw")
    control = page.get_by_role("group", name="Class of Supply")
    expect(control.locator("summary")).to_have_text("All")
    control.locator("summary").click()
    for other in ("IX C", "IX C (B)"):
        control.get_by_role("checkbox", name=other, exact=True).uncheck()
    expect(control.locator("summary")).to_have_text("IX C (S)")
    expect(kpi).not_to_have_attribute("data-raw", before or "")
    assert float(kpi.get_attribute("data-raw") or "nan") == pytest.approx(some["REQUIREMENT"].sum())


def test_tabs_are_reached_by_keyboard(page: Page, served: Served) -> None:
    page.goto(served.address)
    settled(page)
    page.get_by_role("tab").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Embark", exact=True)).to_be_focused()
    expect(page.get_by_role("tabpanel")).to_contain_text("Embark Summary")
    page.keyboard.press("End")
    expect(page.get_by_role("tab").last).to_have_attribute("aria-selected", "true")


def test_a_drill_down_goes_to_the_level_below_and_back(page: Page, served: Served) -> None:
    page.goto(f"{served.address}#embark")
    settled(page)
    figure = page.locator("figure.chart").first
    figure.get_by_label("Drill down into").select_option("VI")
    expect(figure.locator(".drill button")).to_have_text(["All", "VI"])
    figure.get_by_role("button", name="All").click()
    expect(figure.locator(".drill button")).to_have_count(0)


def test_a_group_closes_to_its_subtotal(page: Page, served: Served) -> None:
    page.goto(f"{served.address}#embark")
    settled(page)
    rows = page.locator("figure[data-visual='embark-exact'] tbody tr:visible")
    before = rows.count()
    page.locator("figure[data-visual='embark-exact'] .toggle:visible").first.click()
    assert rows.count() < before


@pytest.mark.long
def test_an_address_that_leads_nowhere_says_so_and_leads_back(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/dashboards/nobody")
    expect(page.locator(".error")).to_have_text("DASHBOARD nobody is not found")
    page.get_by_role("link", name="Dashboards").click()
    page.get_by_role("link", name="A dashboard").click()
    settled(page)
    for sheet in ("none", "%E0%A4%A"):
        page.goto(f"{served.address}?of={len(sheet)}#{sheet}")
        settled(page)
        expect(page.get_by_role("status")).to_contain_text(f"There is no sheet {sheet} in this dashboard")
        expect(page.get_by_role("tab", name="Summary")).to_have_attribute("aria-selected", "true")
    page.goto(f"{served.address}?p.startDay=abc#force-flow")
    settled(page)
    control = page.locator(".control", has=page.get_by_role("slider"))
    expect(control).to_contain_text("'abc' is no whole number; the default is shown")
    page.get_by_role("slider").fill("100")
    expect(control).not_to_contain_text("no whole number")
    page.goto(f"{served.address}?{'&'.join(f'p.{at}=1' for at in range(2001))}#embark")
    expect(page.get_by_role("status")).to_contain_text("the address chooses more than 2,000 values")


def test_the_pages_are_read_only_and_say_what_scripts_may_run(served: Served) -> None:
    with urlopen(f"{served.url}/dashboards") as reply:
        assert "script-src 'self';" in reply.headers["Content-Security-Policy"]
        assert "A dashboard" in reply.read().decode()
    for method, path, headers, status in (
        ("POST", "", {}, 405),
        ("GET", "/nobody", {}, 404),
        ("GET", "/RD-Assessment-2002/sheets/none", {}, 404),
        ("GET", "/static/..%2Fpage.py", {}, 404),
        ("GET", "", {"Host": "evil.example"}, 403),
        ("GET", "", {"Origin": "https://evil.example"}, 403),
    ):
        with pytest.raises(HTTPError) as refused:
            urlopen(Request(f"{served.url}/dashboards{path}", method=method, headers=headers))
        assert refused.value.code == status, (method, path)


def test_a_small_picture_of_the_first_sheet_may_be_shown_by_the_dagster_ui(served: Served) -> None:
    with urlopen(f"{served.address}/picture.png") as answer:
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer.read(8) == b"\x89PNG\r\n\x1a\n"
