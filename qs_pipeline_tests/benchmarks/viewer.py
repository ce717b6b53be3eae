"""How long a sheet of a large sample takes until it is painted, and how long after a parameter is changed.

Run it as a script, with a size (``large`` without one). Chromium draws each sheet once, from the click on its tab until
its last chart is there; the slider is moved ten times.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from qs_pipeline.local_aws import LocalAws, Settings
from qs_pipeline.sample import Size
from qs_pipeline_tests.viewer.conftest import publish
from qs_pipeline_tests.viewer.test_browser import see, settled

PAINT_SECONDS = 1.0
CHANGE_SECONDS = 0.3
SIZES: tuple[Size, ...] = ("medium", "large")


def changed(page: Page, day: int) -> float:
    """Seconds from a move of the slider until the sheet is drawn again."""
    start = time.perf_counter()
    page.get_by_role("slider").fill(str(day))
    settled(page)
    return time.perf_counter() - start


def main(size: Size) -> None:
    """Measure and print."""
    settings = Settings(user_rate=1e6, account_rate=1e6, permission_rate=1e6, ingestion_seconds=0, build_seconds=0)
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalAws(home=Path(folder) / "aws", settings=settings) as local,
        sync_playwright() as playwright,
    ):
        sample = Path(folder) / "sample"
        sample.mkdir()
        served = publish(local, sample, size)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        for which in ("first page of the process", "page again"):
            start = time.perf_counter()
            page.goto(served.address)
            settled(page)
            print(f"{which}: {time.perf_counter() - start:.2f} s")
        for tab in page.get_by_role("tab").all():
            name = tab.get_attribute("data-sheet") or ""
            start = time.perf_counter()
            see(page, name)
            print(f"{time.perf_counter() - start:6.2f} s, at most {PAINT_SECONDS}: {name}")
        see(page, "force-flow")
        slowest = max(changed(page, day) for day in range(10, 110, 10))
        print(f"{slowest:6.2f} s, at most {CHANGE_SECONDS}: the slowest change of the slider")
        browser.close()


if __name__ == "__main__":
    main(next((size for size in SIZES if size in sys.argv[1:]), "large"))
