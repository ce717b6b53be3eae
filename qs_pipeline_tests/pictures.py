"""Takes the pictures in ``docs/pictures`` from a demo of its own; not a test, run by ``make pictures``.

It knows the pages of Dagster and of the viewer by their addresses only, so that a new Dagster needs no change here.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from qs_pipeline.sample import Size

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs/pictures"
DASHBOARD = "RD-Assessment-2002"
_ASSET = "/assets/quicksight/dashboard/requirements"
# By the name of the picture: pages of the Dagster UI.
PAGES = {
    "asset-graph": "/asset-groups",
    "dashboard-assessment": f"{_ASSET}?view=partitions&partition=2002",
    "dashboard-materialization": f"{_ASSET}?view=events",
    "checks": "/assets/tables/aggregated_embark?view=checks",
    "lineage": "/assets/tables/cosi_embark?view=lineage&lineageScope=neighbors",
    "runs": "/runs",
}
# By the name of the picture: which tab of the dashboard.
SHEETS = {"sheet-summary": 0, "sheet-embark": 1, "sheet-class-i": 3}
_READY = """() => document.querySelector('[role=tabpanel]:not([hidden])[data-state=ready]')
    && [...document.querySelectorAll('[role=tabpanel]:not([hidden]) figure.chart')].every((one) => one.dataset.ready)"""


@contextmanager
def demo(size: Size) -> Generator[dict[str, str]]:
    """A demo of a sample on free ports, published; its addresses by what it calls them."""
    with tempfile.TemporaryDirectory(prefix="qs-pictures-") as home:
        program = str(Path(sys.executable).with_name("qs-pipeline"))
        running = subprocess.Popen(
            [program, "demo", "--size", size, "--port", "0", "--aws-port", "0"],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "QS_HOME": home, "PYTHONUNBUFFERED": "1"},
        )
        try:
            yield _addresses(running)
        finally:
            running.terminate()
            running.communicate(timeout=60)


def _addresses(running: subprocess.Popen[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    assert running.stdout
    for line in running.stdout:
        name, _, url = line.strip().partition("  ")
        if url.strip().startswith("http"):
            found[name] = url.split()[0]
        if line.startswith("Press Ctrl-C"):
            return found
    raise SystemExit("the demo ended before it was published")


def _take(page: Page, name: str) -> None:
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
    print(f"{name}.png  {(FOLDER / f'{name}.png').stat().st_size // 1000} kB")


def main() -> None:
    """Take all of them."""
    with demo("medium") as urls:
        take(urls)


def take(urls: Mapping[str, str]) -> None:
    """Take them from a demo that runs at these addresses."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
        page = browser.new_page(viewport={"width": 1240, "height": 760})
        page.goto(f"{urls['see the dashboards']}/{DASHBOARD}")
        for name, tab in SHEETS.items():
            page.get_by_role("tab").nth(tab).click()
            page.wait_for_function(_READY)
            _take(page, name)
        for name, path in PAGES.items():
            page.goto(f"{urls['Dagster UI']}{path}", wait_until="networkidle")
            page.wait_for_timeout(3000)
            _take(page, name)
        browser.close()


if __name__ == "__main__":
    main()
