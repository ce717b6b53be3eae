"""What an operator sees of an assessment in the Dagster UI of a demo, in a real browser.

Column lineage is in the definitions, but the UI of this Dagster draws none: ``dag/test_lineage.py`` holds it.
"""

from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Page, expect

from qs_pipeline_tests.pictures import DASHBOARD, PAGES, demo

pytestmark = pytest.mark.long

PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def urls() -> Iterator[Mapping[str, str]]:
    """The addresses of a demo that has published."""
    with demo("small") as found:
        yield found


def test_the_dashboards_event_shows_a_picture_that_leads_to_the_viewer(urls: Mapping[str, str], page: Page) -> None:
    page.goto(f"{urls['Dagster UI']}{PAGES['dashboard-materialization']}")
    picture = page.get_by_alt_text("the first sheet").first
    expect(picture).to_have_js_property("complete", value=True, timeout=PATIENCE_MS)
    page.wait_for_function("(one) => one.naturalWidth > 300", arg=picture.element_handle(), timeout=PATIENCE_MS)
    link = page.get_by_role("link", name=f"{urls['see the dashboards']}/{DASHBOARD}").first
    page.goto(link.get_attribute("href") or "")
    expect(page.get_by_role("tab").first).to_have_text("Summary")
