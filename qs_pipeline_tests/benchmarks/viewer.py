"""How long a sheet of a large sample takes until it is painted, and how long after a parameter is changed.

Run it as a script, with a size (``large`` without one). The embedded AWS is started anew, as a process of its own, over
what was published before. Chromium opens its first page, draws each sheet once, from the click on its tab until its
last chart is there, and moves the slider ten times.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

from qs_pipeline.local_aws import LocalAws, Settings
from qs_pipeline.sample import Size
from qs_pipeline_tests.viewer.conftest import DASHBOARD, publish
from qs_pipeline_tests.viewer.test_browser import PANEL, see, settled

PAINT_SECONDS = 1.0
CHANGE_SECONDS = 0.3

MOVE = f"""async (day) => {{
    const panel = document.querySelector("{PANEL}");
    const slider = panel.querySelector("input[type=range]");
    const isDrawn = () => panel.dataset.state === "ready"
        && [...panel.querySelectorAll("figure.chart")].every((one) => one.dataset.ready);
    const start = performance.now();
    slider.value = day;
    slider.dispatchEvent(new Event("input", {{ bubbles: true }}));
    while (!isDrawn()) await new Promise((then) => setTimeout(then, 1));
    await new Promise((then) => requestAnimationFrame(() => setTimeout(then, 0)));
    return (performance.now() - start) / 1000;
}}"""
"""Seconds from a move of the slider until all of the sheet is painted anew, as the browser's clock has it.

By playwright's it would be up to 0.15 s more: it goes through the seventeen sheets that are open by then.
"""


def published(folder: Path, size: Size) -> Path:
    """The home of an embedded AWS in which the dashboard was published and looked at."""
    settings = Settings(user_rate=1e6, account_rate=1e6, permission_rate=1e6, ingestion_seconds=0, build_seconds=0)
    home, sample = folder / "aws", folder / "sample"
    sample.mkdir()
    with LocalAws(home=home, settings=settings) as local:
        # As any first start does, long before a dashboard is published.
        start = time.perf_counter()
        local.viewer.prepare()
        print(
            f"{time.perf_counter() - start:6.2f} s, in the background: the chart library is put together, once a home"
        )
        with urlopen(f"{publish(local, sample, size).address}/sheets/summary") as reply:
            reply.read()
    return home


@contextmanager
def served(home: Path) -> Generator[str]:
    """The address of the dashboard, from a process that was just started."""
    command = [sys.executable, "-m", "qs_pipeline.local_aws", "--home", str(home), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().split()[3].rstrip(",")
            yield f"{url}/dashboards/{DASHBOARD}"
        finally:
            process.terminate()


def main(size: Size) -> None:
    """Measure and print."""
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        served(published(Path(folder), size)) as address,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        for which in ("the first page of the process", "the page again"):
            start = time.perf_counter()
            page.goto(address)
            settled(page)
            print(f"{time.perf_counter() - start:6.2f} s, at most {PAINT_SECONDS}: {which}")
        for tab in page.get_by_role("tab").all():
            name = tab.get_attribute("data-sheet") or ""
            start = time.perf_counter()
            see(page, name)
            print(f"{time.perf_counter() - start:6.2f} s, at most {PAINT_SECONDS}: {name}")
        see(page, "force-flow")
        moves = sorted(page.evaluate(MOVE, day) for day in range(10, 110, 10))
        print(
            f"{moves[-1]:6.2f} s, at most {CHANGE_SECONDS}: the slowest change of the slider (median {moves[5]:.2f} s)"
        )
        browser.close()


if __name__ == "__main__":
    main("medium" if "medium" in sys.argv[1:] else "large")
