"""The definition as a value: native QuickSight JSON that is not yet tied to an account."""

import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from .functions import FUNCTIONS, Functions

JsonObject = dict[str, Any]

ROOT = "DashboardVersionDefinition"
"""The shape of a whole definition in the service model."""

REST = "dashboard.json"
"""The file of the folder form that holds everything but the sheets."""


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A ``DashboardVersionDefinition`` whose data set declarations need no ARN.

    Attributes:
        content: The definition, as the API has it. Treated as immutable: functions return new ones.
        files: The file of each sheet by sheet id, in the folder form.
        file: The file that holds the rest, or all of it, for messages; empty for one that came from elsewhere.
        repairs: What was mended when it was read, in words; it is not part of the definition.
        functions: What its expressions may call.
    """

    content: JsonObject
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    file: str = ""
    repairs: tuple[str, ...] = field(default=(), compare=False)
    functions: Functions = field(default_factory=lambda: FUNCTIONS, compare=False, repr=False)

    @property
    def sheets(self) -> list[JsonObject]:
        """The sheets in the order of their tabs; empty when there is nothing to show."""
        return objects(self.content.get("Sheets"))

    @property
    def data_sets(self) -> list[str]:
        """The identifiers of the declared data sets, in order."""
        declared = objects(self.content.get("DataSetIdentifierDeclarations"))
        return [str(one["Identifier"]) for one in declared if "Identifier" in one]


class FolderError(ValueError):
    """A file of a definition cannot be read; the message names the file and, where there is one, the line."""


def fingerprint(content: JsonObject) -> str:
    """The sha256 of ``content`` as canonical JSON: equal values have equal fingerprints, whatever their key order."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def objects(value: object) -> list[JsonObject]:
    """The objects of a list; empty for anything else, so that a malformed definition can still be looked at."""
    if not isinstance(value, list):
        return []
    return [cast("JsonObject", one) for one in cast("list[object]", value) if isinstance(one, dict)]


def sheet_title(sheet: JsonObject) -> str:
    """What the tab of ``sheet`` says."""
    return str(sheet.get("Name") or sheet.get("SheetId") or "(sheet without a name)")


def visual_body(visual: JsonObject) -> JsonObject:
    """The one object inside a visual's wrapper, whatever its kind."""
    bodies = objects(list(visual.values()))
    return bodies[0] if bodies else {}


def visual_title(visual: JsonObject) -> str:
    """What the title of ``visual`` says, without the marks of a rich one; its id where it has none."""
    body = visual_body(visual)
    title: object = body.get("Title")
    text: object = cast("JsonObject", title).get("FormatText") if isinstance(title, dict) else None
    written = cast("JsonObject", text) if isinstance(text, dict) else {}
    said = written.get("PlainText") or _unmarked(str(written.get("RichText") or ""))
    return str(said or body.get("VisualId") or "(visual without an id)")


def _unmarked(rich: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", rich)).split())


def strings(value: object) -> Iterator[str]:
    """Every text inside ``value``, keys apart."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in cast("JsonObject", value).values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from strings(inner)
