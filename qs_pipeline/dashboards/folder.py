"""The folder form of a definition: one file a sheet and one for the rest, so that a change is a diff people can read.

``dashboard.json`` holds every key of the API but ``Sheets``; its data set declarations carry identifiers and no ARN.
The sheets stand in ``sheets/`` and are ordered by file name. Two files are optional: ``functions.json``
names functions that QuickSight has and we do not know; ``data_sets.json``, beside an exported file, tells what its data
sets are called here.
"""

import json
import re
from collections import Counter
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Any, cast

from .canonical import canonical
from .definition import REST, ROOT, Definition, FolderError, JsonObject, objects, sheet_title
from .exported import unbind, unwrap
from .functions import FUNCTIONS, Function, Functions

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
    return Definition(content={**content, "Sheets": sheets}, files=named, file=REST, functions=functions)


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
    return unbind(Definition(content=content, file=source.name, functions=functions), tables, said)


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
    """Write ``definition`` into ``directory``, in place of the one that may be there; ARNs stay behind.

    A sheet keeps the file that ``definition.files`` names, unless the sheets then stood in another order.
    """
    rest = {key: value for key, value in definition.content.items() if key != "Sheets"}
    declared = objects(rest.get("DataSetIdentifierDeclarations"))
    rest["DataSetIdentifierDeclarations"] = [{"Identifier": one["Identifier"]} for one in declared]
    (directory / "sheets").mkdir(parents=True, exist_ok=True)
    texts = {
        **{name: canonical("SheetDefinition", sheet) for name, sheet in _named(definition).items()},
        REST: canonical(ROOT, rest),
    }
    for name, text in texts.items():
        (directory / name).write_text(text, encoding="utf-8")
    for file in (directory / "sheets").glob("*.json"):
        if f"sheets/{file.name}" not in texts:
            file.unlink()


def _named(definition: Definition) -> dict[str, JsonObject]:
    """The sheets by the names of their files, which are in the order of the sheets."""
    sheets = definition.sheets
    numbered = [
        f"sheets/{number:02}-{re.sub(r'[^a-z0-9]+', '-', sheet_title(sheet).lower()).strip('-') or 'sheet'}.json"
        for number, sheet in enumerate(sheets, start=1)
    ]
    kept = [definition.files.get(str(sheet.get("SheetId")), name) for sheet, name in zip(sheets, numbered, strict=True)]
    in_order = kept == sorted(set(kept))
    return dict(zip(kept if in_order else numbered, sheets, strict=True))


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        inner = (list(cast("JsonObject", one).values()) if isinstance(one, dict) else one for one in level)
        level = [below for one in inner if isinstance(one, list) for below in cast("list[object]", one)]
    return depth


def _once(file: Path, pairs: list[tuple[str, Any]]) -> JsonObject:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = sorted(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise FolderError(f"{file}: an object names {twice} twice; keep one of each")
    return found


def _no_number(file: Path, name: str) -> object:
    raise FolderError(f"{file}: {name} is not JSON; give a number, or leave the member out")


def _read(file: Path) -> JsonObject:
    try:
        text = file.read_text(encoding="utf-8-sig")
        value = json.loads(text, object_pairs_hook=partial(_once, file), parse_constant=partial(_no_number, file))
        # Neither half a surrogate pair nor a number that is too large can be written or sent.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except FolderError:
        raise
    except json.JSONDecodeError as error:
        raise FolderError(f"{file}:{error.lineno}:{error.colno}: is not JSON: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise FolderError(f"{file}: is not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8") from error
    except RecursionError as error:
        raise FolderError(f"{file}: nests too deeply to be a definition") from error
    except FileNotFoundError as error:
        raise FolderError(
            f"{file}: is missing; a definition is a folder with {REST} and sheets/, or an exported file"
        ) from error
    except ValueError as error:
        raise FolderError(f"{file}: holds a value that cannot be sent: {error}") from error
    if _depth(value) > _DEEPEST:
        raise FolderError(f"{file}: nests too deeply to be a definition")
    if not isinstance(value, dict):
        raise FolderError(f"{file}: holds no JSON object at its top")
    return cast("JsonObject", value)
