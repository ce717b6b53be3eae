"""The command ``preview`` on a running service: one file that needs nothing else, and a picture."""

import fcntl
import html
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from typer.testing import CliRunner

from qs_pipeline.cli import app
from qs_pipeline.service.running import LOCK, Running
from qs_pipeline.service.supervisor import ServiceError
from qs_pipeline_tests.viewer.conftest import Served

pytestmark = pytest.mark.long

BUCKET = "qs-pipeline"


@pytest.fixture(scope="module")
def service(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a service that lives as long as this process, over the embedded AWS of the sample."""
    home = tmp_path_factory.mktemp("home")
    Running(supervisor=os.getpid(), groups=(), target="local", ui="", aws=served.url, ready=True).write(home)
    served.world.s3.create_bucket(Bucket=BUCKET)
    for path in served.tables.glob("*.csv"):
        served.world.s3.upload_file(str(path), BUCKET, f"published/2002/{path.name}")
    with (home / LOCK).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield home


def preview(home: Path, *words: str) -> None:
    """Call the command; its own errors come through."""
    done = CliRunner().invoke(app, ["preview", *words], env={"QS_HOME": str(home)})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output


def test_a_preview_is_one_file_that_asks_for_nothing(service: Path, tmp_path: Path, page: Page) -> None:
    file = tmp_path / "preview.html"
    picture = tmp_path / "sheet.png"
    preview(service, "2002", "--out", str(file), "--png", str(picture), "--sheet", "Embark")
    assert picture.read_bytes().startswith(b"\x89PNG")
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: told.append(request.url) if not request.url.startswith("file:") else None)
    page.goto(file.as_uri())
    page.get_by_role("tab", name="Embark", exact=True).click()
    page.wait_for_selector("[role=tabpanel]:not([hidden]) figure.chart[data-ready]")
    assert told == []


def test_tables_that_are_gone_or_broken_are_told_in_their_boxes(served: Served, service: Path, tmp_path: Path) -> None:
    s3, file = served.world.s3, tmp_path / "preview.html"
    s3.delete_object(Bucket=BUCKET, Key="published/2002/cosiv_embark.csv")
    s3.put_object(Bucket=BUCKET, Key="published/2002/cosvi_embark.csv", Body=b"")
    s3.put_object(Bucket=BUCKET, Key="published/2002/Locations.csv", Body=b'\xff"broken\nx,y\n1')
    preview(service, "2002", "--out", str(file))
    told = [html.unescape(one) for one in re.findall('<div class="note error"><p>([^<]*)', file.read_text())]
    assert any("published/2002/cosiv_embark.csv failed: NoSuchKey" in one for one in told)
    assert any("empty CSV" in one for one in told)
    assert 10 < len(told) < 40, "the others are drawn"
    for name in ("cosiv_embark", "cosvi_embark", "Locations"):
        s3.upload_file(str(served.tables / f"{name}.csv"), BUCKET, f"published/2002/{name}.csv")


def test_what_is_not_published_is_said_in_one_line(service: Path) -> None:
    with pytest.raises(ServiceError, match="assessment nobody has no published dashboard"):
        preview(service, "nobody")
    with pytest.raises(ServiceError, match="no sheet 'Nowhere'; it has Summary"):
        preview(service, "2002", "--png", "x.png", "--sheet", "Nowhere")
