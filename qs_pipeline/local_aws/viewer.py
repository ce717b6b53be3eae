"""The pages below ``/dashboards``: what is published here, drawn from the rows that the data sets serve.

Nothing is changed by them: they answer GET alone. Which pages may be asked for from where, the port decides. Rows that
were read and sheets that were drawn are kept while there is room; a new version or ingestion has another name.
"""

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import polars as pl

from qs_pipeline.local_aws.errors import ServiceError
from qs_pipeline.local_aws.region import Region
from qs_pipeline.local_aws.state import Doc
from qs_pipeline.local_aws.wsgi import Environ, StartResponse
from qs_pipeline.viewer.library import charting_library
from qs_pipeline.viewer.page import (
    POLICY,
    Listed,
    dashboard_page,
    error_page,
    list_page,
    read_templates,
    sheet_fragment,
    static,
)
from qs_pipeline.viewer.picture import sheet_picture
from qs_pipeline.viewer.scene import Choice, Scene

_log = logging.getLogger(__name__)

_HTML = "text/html; charset=utf-8"
_PNG = "image/png"
_PICTURE_SCALE = 0.3
_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
_MOST_CHOICES = 2000
# More than one dashboard has: some 300 kB a sheet, and of a large assessment's rows some 100 MB in all.
_KEPT_SHEETS, _KEPT_FRAMES = 200, 24


class _TooMuchError(Exception):
    """An address that is too long to be worth an answer."""


class Viewer:
    """A WSGI application. ``kept`` is the folder of the charting library."""

    def __init__(self, region: Region, kept: Path) -> None:
        self._region = region
        self._kept = kept
        self._drawn = lru_cache(maxsize=_KEPT_SHEETS)(self._draw)
        self._pictured = lru_cache(maxsize=_KEPT_SHEETS)(self._picture)
        self._held = lru_cache(maxsize=_KEPT_FRAMES)(pl.read_parquet)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        kind = _HTML
        text: str | bytes
        if environ["REQUEST_METHOD"] != "GET":
            status, text = HTTPStatus.METHOD_NOT_ALLOWED, "dashboards are only looked at: GET"
        else:
            try:
                status, (kind, text) = HTTPStatus.OK, self._page(environ)
            except (LookupError, ServiceError, _TooMuchError) as error:
                status = HTTPStatus.BAD_REQUEST if isinstance(error, _TooMuchError) else HTTPStatus.NOT_FOUND
                text = error.message if isinstance(error, ServiceError) else str(error.args[0])
                if "text/html" in environ.get("HTTP_ACCEPT", ""):
                    text = error_page(text)
                else:
                    kind = "text/plain; charset=utf-8"
        body = text if isinstance(text, bytes) else text.encode()
        headers = [
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            # The Dagster UI shows the picture alone. To Chromium two ports of an address are not even one site.
            ("Cross-Origin-Resource-Policy", "cross-origin" if kind == _PNG else "same-origin"),
            ("Cache-Control", "max-age=300" if kind in _TYPES.values() else "no-store"),
        ]
        start_response(f"{status.value} {status.phrase}", headers)
        return [body]

    def prepare(self) -> None:
        """Put the charting library together where it is not kept yet, which takes seconds, and read the templates."""
        read_templates()
        charting_library(self._kept)

    def _page(self, environ: Environ) -> tuple[str, str | bytes]:
        match [unquote(part) for part in environ["RAW_URI"].partition("?")[0].strip("/").split("/")]:
            case ["dashboards"]:
                return _HTML, list_page(map(_listed, self._published()))
            case ["dashboards", "static", "charts.js"]:
                return _TYPES["js"], charting_library(self._kept)
            case ["dashboards", "static", name]:
                return _TYPES.get(name.rpartition(".")[2], "text/plain"), static(name)
            case ["dashboards", name]:
                page = dashboard_page(self._scene(name, {}), name=name, title=self._title(name))
                # While a person looks at the first sheet, the rows of the others are read.
                _, _, *files = self._state_of(name)
                threading.Thread(target=self._read_ahead, args=(files,), daemon=True).start()
                return _HTML, page
            case ["dashboards", name, "picture.png"]:
                return _PNG, self._pictured(name, self._state_of(name))
            case ["dashboards", name, "sheets", sheet]:
                return _HTML, self._drawn(name, sheet, environ.get("QUERY_STRING", ""), self._state_of(name))
            case _:
                raise LookupError("there is no such page; see /dashboards")

    def _draw(self, name: str, sheet: str, query: str, _state: tuple[str, ...]) -> str:
        return sheet_fragment(self._scene(name, chosen(query)), sheet)

    def _picture(self, name: str, _state: tuple[str, ...]) -> bytes:
        """The first sheet, small."""
        scene = self._scene(name, {})
        return sheet_picture(scene, scene.definition["Sheets"][0]["SheetId"], scale=_PICTURE_SCALE)

    def _state_of(self, name: str) -> tuple[str, ...]:
        """What a sheet is drawn from besides what the address chooses: the version, its rows, and about the time."""
        version = self._region.carry_out("DescribeDashboard", {"DashboardId": name})["Dashboard"]["Version"]
        return (f"{datetime.now(UTC):%Y-%m-%d %H}", version["Arn"], *map(self._file, version["DataSetArns"]))

    def _file(self, arn: str) -> str:
        try:
            return str(self._region.served(_id(arn)))
        except ServiceError:
            return ""

    def _read_ahead(self, files: Iterable[str]) -> None:
        for file in filter(None, files):
            with suppress(FileNotFoundError):  # the sheets tell
                self._held(Path(file))

    def _published(self) -> Iterator[Doc]:
        token: str | None = ""
        while token is not None:
            found = self._region.carry_out("ListDashboards", {"NextToken": token} if token else {})
            yield from (one for one in found["DashboardSummaryList"] if "PublishedVersionNumber" in one)
            token = found.get("NextToken")

    def _title(self, name: str) -> str:
        return str(self._region.carry_out("DescribeDashboard", {"DashboardId": name})["Dashboard"]["Name"])

    def _scene(self, name: str, choice: Mapping[str, Any]) -> Scene:
        definition = self._region.carry_out("DescribeDashboardDefinition", {"DashboardId": name})["Definition"]
        arns = {one["Identifier"]: one["DataSetArn"] for one in definition["DataSetIdentifierDeclarations"]}

        def rows(identifier: str) -> pl.LazyFrame:
            try:
                return self._held(self._region.served(_id(arns[identifier]))).lazy()
            except (ServiceError, FileNotFoundError) as error:
                raise LookupError(str(error)) from error

        return Scene(definition=definition, rows=rows, choice=Choice(**choice))


def chosen(query: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """What an address chooses: ``p.`` and a parameter, ``f.`` and a filter, ``d.`` and a visual.

    Each may come often.

    Raises:
        _TooMuchError: where there are more than a person chooses.
    """
    found: dict[str, dict[str, tuple[str, ...]]] = {"parameters": {}, "filters": {}, "drills": {}}
    kinds = {"p": found["parameters"], "f": found["filters"], "d": found["drills"]}
    try:
        choices = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_CHOICES)
    except ValueError:
        raise _TooMuchError(f"the address chooses more than {_MOST_CHOICES:,} values") from None
    for name, value in choices:
        kind, _, what = name.partition(".")
        if kind in kinds:
            kinds[kind][what] = (*kinds[kind].get(what, ()), value)
    return found


def _id(arn: str) -> str:
    return arn.rpartition("/")[2]


def _listed(doc: Mapping[str, Any]) -> Listed:
    published = datetime.fromtimestamp(doc["LastPublishedTime"], UTC)
    return Listed(
        id=doc["DashboardId"],
        name=doc["Name"],
        version=doc["PublishedVersionNumber"],
        published=f"{published:%Y-%m-%d %H:%M} UTC",
    )
