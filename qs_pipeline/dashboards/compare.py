"""What differs between two definitions, in the words of their readers: sheets, visuals, fields, filters."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast

from .definition import Definition, JsonObject, objects, sheet_title, visual_body, visual_title
from .merge import merged

# The lists beside the sheets, by what their items are called and the member that names one.
_OTHERS = {
    "DataSetIdentifierDeclarations": ("data set", "Identifier"),
    "CalculatedFields": ("calculated field", "Name"),
    "ParameterDeclarations": ("parameter", "Name"),
    "FilterGroups": ("filter group", "FilterGroupId"),
    "TooltipSheets": ("tooltip sheet", "SheetId"),
    "StaticFiles": ("static file", "StaticFileId"),
}
_MOST = 4
_SIZES = {"RowSpan", "ColumnSpan", "Width", "Height"}
_Visuals = dict[str, tuple[str, JsonObject]]


def differences(before: Definition, after: Definition) -> list[str]:
    """One line a difference, in the order of the tabs; empty where both say the same. ARNs do not count."""
    meant = replace(after, content=merged(before.content, before.content, after.content))
    return [*_sheets(before, meant), *_visuals(before, meant), *_rest(before.content, meant.content)]


def _sheets(before: Definition, after: Definition) -> Iterator[str]:
    old, new = _by_id(before.sheets, "SheetId"), _by_id(after.sheets, "SheetId")
    yield from (f"sheet {sheet_title(sheet)!r} removed" for one, sheet in old.items() if one not in new)
    yield from (f"sheet {sheet_title(sheet)!r} added" for one, sheet in new.items() if one not in old)
    if (kept := [one for one in old if one in new]) != (order := [one for one in new if one in old]):
        titles = ", ".join(sheet_title(new[one]) for one in order)
        yield f"sheets stand in another order: {titles}"
    for one in kept:
        titles = sheet_title(old[one]), sheet_title(new[one])
        if titles[0] != titles[1]:
            yield f"sheet {titles[0]!r} renamed to {titles[1]!r}"
        parts = [part for part in _changed(old[one], new[one]) if part.partition(".")[0] not in {"Visuals", "Name"}]
        is_more, moves = _moves(old[one], new[one])
        if moves:
            yield f"laid out anew on sheet {titles[1]!r}: {_listed(moves)}"
        if parts := [part for part in parts if part != "Layouts" or is_more]:
            yield f"sheet {titles[1]!r} changed: {_listed(parts)}"


def _moves(before: JsonObject, after: JsonObject) -> tuple[bool, list[str]]:
    """Whether the layouts differ in more than places; and what stands elsewhere, or takes more or less room.

    What was added or removed has no place to compare: its own line tells it.
    """
    old, new = dict[str, JsonObject](), dict[str, JsonObject]()
    frames = _lifted(before.get("Layouts"), old), _lifted(after.get("Layouts"), new)
    titles = {visual_body(one).get("VisualId"): repr(visual_title(one)) for one in objects(after.get("Visuals"))}
    told: list[str] = []
    for one, element in new.items():
        if changed := set(_changed(old.get(one, element), element)):
            verbs = ["moved"] * (changed > changed & _SIZES) + ["resized"] * bool(changed & _SIZES)
            told.append(f"{titles.get(one, one)} {' and '.join(verbs)}")
    kept = [one for one in old if one in new]
    return frames[0] != frames[1] or kept != [one for one in new if one in old], told


def _lifted(layout: object, elements: dict[str, JsonObject]) -> object:
    """The layout without its elements, which are put into ``elements`` by what they hold."""
    if isinstance(layout, dict):
        value = cast("JsonObject", layout)
        if "ElementId" in value:
            elements[str(value["ElementId"])] = value
            return None
        return {name: _lifted(inner, elements) for name, inner in value.items()}
    if isinstance(layout, list):
        return [left for one in cast("list[object]", layout) if (left := _lifted(one, elements)) is not None]
    return layout


def _visuals(before: Definition, after: Definition) -> Iterator[str]:
    old, new = _shown(before), _shown(after)
    left = {sheet_title(sheet) for sheet in after.sheets}
    for one, (sheet, visual) in old.items():
        if one not in new and sheet in left:  # what went with its sheet is told with it
            yield f"visual {visual_title(visual)!r} removed from sheet {sheet!r}"
    for one, (sheet, visual) in new.items():
        if one not in old:
            yield f"visual {visual_title(visual)!r} ({_kind(visual)}) added to sheet {sheet!r}"
            continue
        was, visual_before = old[one]
        name = f"visual {visual_title(visual)!r} on sheet {sheet!r}"
        if was != sheet and was in {title for title, _ in new.values()}:
            yield f"{name} moved there from sheet {was!r}"
        if _kind(visual_before) != _kind(visual):
            yield f"{name} became a {_kind(visual)}, it was a {_kind(visual_before)}"
        elif parts := _changed(visual_body(visual_before), visual_body(visual)):
            yield f"{name} changed: {_listed(parts)}"


def _rest(before: JsonObject, after: JsonObject) -> Iterator[str]:
    for member, (what, key) in _OTHERS.items():
        old, new = _by_id(objects(before.get(member)), key), _by_id(objects(after.get(member)), key)
        yield from (f"{what} {name!r} removed" for name in old if name not in new)
        yield from (f"{what} {name!r} added" for name in new if name not in old)
        for name, value in new.items():
            parts = [part for part in _changed(old.get(name, value), value) if part != "DataSetArn"]
            if parts:
                yield f"{what} {name!r} changed: {_listed(parts)}"
    for member in dict.fromkeys([*before, *after]):
        if member not in {"Sheets", *_OTHERS} and before.get(member) != after.get(member):
            yield f"{member} changed"


def _changed(before: object, after: object, path: str = "") -> list[str]:
    """The paths, three steps deep at most, at which two values differ."""
    if before == after:
        return []
    if path.count(".") < 2 and isinstance(before, dict) and isinstance(after, dict):  # noqa: PLR2004 - as said above
        old, new = cast("JsonObject", before), cast("JsonObject", after)
        members = dict.fromkeys([*old, *new])
        below = [_changed(old.get(one), new.get(one), f"{path}.{one}".strip(".")) for one in members]
        return [part for parts in below for part in parts]
    return [path]


def _by_id(items: list[JsonObject], key: str) -> Mapping[str, JsonObject]:
    """Items by what names them; a calculated field by its data set besides, a wrapped one by what is inside."""
    found: dict[str, JsonObject] = {}
    for item in items:
        inner = item if key in item else visual_body(item)
        lead = f"{item['DataSetIdentifier']}." if "DataSetIdentifier" in item else ""
        found[_unused(found, f"{lead}{inner.get(key)}")] = item
    return found


def _unused(found: Mapping[str, object], name: str) -> str:
    """The name, or where a definition gives it twice, the name with a mark."""
    return name if name not in found else _unused(found, f"{name} again")


def _shown(definition: Definition) -> _Visuals:
    found: _Visuals = {}
    for sheet in definition.sheets:
        for visual in objects(sheet.get("Visuals")):
            found[_unused(found, str(visual_body(visual).get("VisualId")))] = sheet_title(sheet), visual
    return found


def _kind(visual: JsonObject) -> str:
    return next(iter(visual), "visual").removesuffix("Visual")


def _listed(parts: list[str]) -> str:
    more = f" and {len(parts) - _MOST} more" if len(parts) > _MOST else ""
    return ", ".join(parts[:_MOST]) + more
