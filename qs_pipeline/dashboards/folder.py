"""The folder form of a definition: one file a sheet and one for the rest, so that a change is a diff people can read.

``dashboard.json`` holds every key of the API but ``Sheets``; its data set declarations carry identifiers and no ARN.
The sheets stand in ``sheets/`` and are ordered by file name. Two files are optional: ``functions.json``
names functions that QuickSight has and we do not know; ``data_sets.json``, beside an exported file, tells what its data
sets are called here.
"""

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, cast

from .definition import REST, Definition, FolderError, JsonObject, objects, sheet_title
from .exported import unbind, unwrap
from .functions import FUNCTIONS, Function, Functions

_WIDTH = 120
# Definitions nest some thirty levels; what walks them goes down with them.
_DEEPEST = 100


def load(directory: Path) -> Definition:
    """The definition that ``directory`` holds.

    Raises:
        FolderError: where a file is missing, is not JSON, names a key twice or is not an object.
    """
    content = _read(directory / REST)
    if "Sheets" in content:
        raise FolderError(f"{directory / REST}: holds 'Sheets'; a sheet is a file of its own in {directory / 'sheets'}")
    files = sorted((directory / "sheets").glob("*.json"))
    if not files:
        raise FolderError(f"{directory / 'sheets'}: holds no sheet; write one JSON file a sheet, named in their order")
    sheets = [_read(file) for file in files]
    functions = _functions(directory / "functions.json")
    named = {str(sheet.get("SheetId")): f"sheets/{file.name}" for sheet, file in zip(sheets, files, strict=True)}
    return Definition(content={**content, "Sheets": sheets}, files=named, functions=functions)


def read(source: Path, tables: Collection[str]) -> Definition:
    """The definition in a folder, or in a file as ``describe-dashboard-definition`` answers it, of any account.

    Raises:
        FolderError: as ``load``, and where an exported data set may be one or another of ``tables``.
    """
    if source.is_dir():
        return load(source)
    content = unwrap(_read(source), str(source))
    beside = source.parent / "data_sets.json"
    said = {key: str(value) for key, value in _read(beside).items()} if beside.exists() else {}
    functions = _functions(source.parent / "functions.json")
    return unbind(Definition(content=content, functions=functions), tables, said)


def _functions(file: Path) -> Functions:
    """The functions there are, with those that ``file`` adds: ``{"name": [fewest, most arguments]}``."""
    added: dict[str, Function] = {}
    for name, counts in _read(file).items() if file.exists() else ():
        match counts:
            case [int(least), int(most)] if 0 <= least <= most:
                added[name.lower()] = Function(name=name, least=least, most=most)
            case _:
                raise FolderError(f"{file}: {name!r} needs its fewest and most arguments, such as [1, 3]")
    return {**FUNCTIONS, **added}


def dump(definition: Definition, directory: Path) -> None:
    """Write ``definition`` into ``directory``, in place of the one that may be there; ARNs stay behind."""
    rest = {key: value for key, value in definition.content.items() if key != "Sheets"}
    declared = objects(rest.get("DataSetIdentifierDeclarations"))
    rest["DataSetIdentifierDeclarations"] = [{"Identifier": one["Identifier"]} for one in declared]
    sheets = directory / "sheets"
    sheets.mkdir(parents=True, exist_ok=True)
    (directory / REST).write_text(render(rest), encoding="utf-8")
    written: set[str] = set()
    for number, sheet in enumerate(definition.sheets, start=1):
        slug = re.sub(r"[^a-z0-9]+", "-", sheet_title(sheet).lower()).strip("-") or "sheet"
        name = f"{number:02}-{slug}.json"
        (sheets / name).write_text(render(sheet), encoding="utf-8")
        written.add(name)
    for file in sheets.glob("*.json"):
        if file.name not in written:
            file.unlink()


def render(value: JsonObject) -> str:
    """``value`` as JSON with one line for whatever fits into one, so that a field of a visual is a line of a diff."""
    return _render(value, 0, 0) + "\n"


def _render(value: object, indent: int, lead: int) -> str:
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or indent + lead + len(line) < _WIDTH:
        return line
    pad = " " * (indent + 2)
    if isinstance(value, list):
        inner = [pad + _render(one, indent + 2, 0) for one in cast("list[object]", value)]
    else:
        keyed = ((json.dumps(key, ensure_ascii=False) + ": ", one) for key, one in cast("JsonObject", value).items())
        inner = [pad + key + _render(one, indent + 2, len(key)) for key, one in keyed]
    opening, closing = "[]" if isinstance(value, list) else "{}"
    return opening + "\n" + ",\n".join(inner) + "\n" + " " * indent + closing


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        inner = (list(cast("JsonObject", one).values()) if isinstance(one, dict) else one for one in level)
        level = [below for one in inner if isinstance(one, list) for below in cast("list[object]", one)]
    return depth


def _read(file: Path) -> JsonObject:
    def once(pairs: list[tuple[str, Any]]) -> JsonObject:
        keys = [key for key, _ in pairs]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise FolderError(f"{file}: an object names {twice} twice; keep one of each")
        return dict(pairs)

    try:
        value = json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise FolderError(f"{file}:{error.lineno}:{error.colno}: is not JSON: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise FolderError(f"{file}: is not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8") from error
    except RecursionError as error:
        raise FolderError(f"{file}: nests too deeply to be a definition") from error
    except FileNotFoundError as error:
        raise FolderError(f"{file}: is missing; a definition is {REST} and a folder sheets/") from error
    if _depth(value) > _DEEPEST:
        raise FolderError(f"{file}: nests too deeply to be a definition")
    if not isinstance(value, dict):
        raise FolderError(f"{file}: holds no JSON object at its top")
    return cast("JsonObject", value)
