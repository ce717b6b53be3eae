"""What every test stands on: an environment without a way to a real account, and an embedded AWS for those who ask."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import dagster as dg
import pytest
from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import event, pool

from qs_pipeline.local_aws import LocalAws, Settings

_POISON = {
    "AWS_ACCESS_KEY_ID": "poisoned-by-the-tests",
    "AWS_SECRET_ACCESS_KEY": "poisoned-by-the-tests",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    # The discard port: whatever forgets to say where it goes is refused there.
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
}

QUICK = Settings(
    user_rate=1000.0, account_rate=1000.0, permission_rate=1000.0, ingestion_seconds=0.05, build_seconds=0.05
)


@pytest.fixture(scope="session", autouse=True)
def _no_real_account() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in _POISON.items():
            patch.setenv(name, value)
        yield


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAws]:
    """An embedded AWS of its own for one test, quick and without limits; the environment leads to it."""
    with LocalAws(home=tmp_path / "aws", settings=QUICK) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield running


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of Debian's Chromium, which goes nowhere but to the addresses it is sent to."""
    executable = shutil.which("chromium")
    if executable is None:
        missing("chromium", "apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        expect.set_options(timeout=30_000)  # a busy machine draws slowly
        yield browser.new_page(viewport={"width": 1600, "height": 1000})
        browser.close()


@pytest.fixture
def connections() -> Iterator[list[object]]:
    """Every connection that SQLAlchemy opens to a database."""
    opened: list[object] = []

    def note(connection: object, _: object) -> None:
        opened.append(connection)

    event.listen(pool.Pool, "connect", note)
    yield opened
    event.remove(pool.Pool, "connect", note)


def ask(instance: dg.DagsterInstance, times: int) -> None:
    """Queries of all three storages."""
    for _ in range(times):
        instance.get_runs(limit=1)
        instance.get_dynamic_partitions("assessment")
        instance.all_instigator_state()


def missing(what: str, fix: str) -> NoReturn:
    """Skip a test that needs something of the machine; fail it where nothing may be skipped."""
    told = f"{what} is not on this machine: {fix}"
    if os.environ.get("QS_TESTS_REQUIRE_ALL"):
        pytest.fail(told)
    pytest.skip(told)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that start real services, so that no worker is left alone with one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
