"""Take into a definition what was changed in a published dashboard, and nothing else.

Three values of one kind, as with files in git: ``ours``, of which ``base`` was published (cut down to the data at
hand), and ``theirs``, which is published now. What is the same in the last two stays as it is in ours, so that what an
assessment had no data for is not lost, and neither are key order and the shape of a file.

QuickSight answers more than it was sent: empty lists, empty structures, values that it takes where none is given. Such
additions are no changes. Those it computes (tooltips of a visual, the labels of its data) look like those of a person.
"""

import html
import json
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any, cast

from qs_pipeline.service_model import shape

from .definition import ROOT, Definition, JsonObject, objects
from .names import Columns
from .prune import prune

# What QuickSight takes where nothing is said: from the service model's documentation and from exported dashboards.
_DEFAULTS: dict[tuple[str, str], object] = {
    ("SheetDefinition", "ContentType"): "INTERACTIVE",
    ("VisualTitleLabelOptions", "Visibility"): "VISIBLE",
    ("VisualSubtitleLabelOptions", "Visibility"): "VISIBLE",
    ("ItemsLimitConfiguration", "OtherCategories"): "INCLUDE",
    ("DataLabelOptions", "Overlap"): "DISABLE_OVERLAP",
    ("FilterGroup", "Status"): "ENABLED",
    ("PivotTableOptions", "RowsLayout"): "TABULAR",
    ("PivotTableOptions", "CollapsedRowDimensionsVisibility"): "VISIBLE",
    ("SmallMultiplesAxisProperties", "Scale"): "SHARED",
    ("AttributeAggregationFunction", "ValueForMultipleValues"): "*",
    ("VisualCustomizationFieldsConfiguration", "Status"): "ENABLED",
    ("AssetOptions", "WeekStart"): "SUNDAY",
}
# Lists in which the place of an item says nothing: layouts place the visuals of a sheet.
_UNORDERED = frozenset(
    {
        *("DataSetIdentifierDeclarationList", "TopicIdentifierDeclarationList", "CalculatedFields", "VisualList"),
        *("ParameterDeclarationList", "FilterGroupList", "ColumnConfigurationList", "SheetTextBoxList"),
        *("SheetVisualScopingConfigurations", "FilteredVisualsList", "TargetVisualList"),
    }
)
# Members that tell one item of a list from another, the first that an item or the body of its wrapper has.
_NAMING = (
    *("SheetId", "VisualId", "ElementId", "SheetTextBoxId", "SheetImageId", "FilterControlId", "ParameterControlId"),
    *("FilterGroupId", "FilterId", "CustomActionId", "HierarchyId", "FieldId", "Identifier", "Id", "Name", "Column"),
)


class _Missing:
    """Stands for what is not there."""


_MISSING = _Missing()


def take(ours: Definition, pulled: Definition, columns: Columns) -> Definition:
    """``ours`` with what people changed in ``pulled``, a dashboard that was published from it.

    What the dashboard has no data set for was left out when it was published, and stays. ``columns`` are those of every
    data set of ours.
    """
    shown = {name: columns[name] for name in pulled.data_sets if name in columns}
    base = prune(ours, shown).definition
    return replace(ours, content=merged(ours.content, base.content, pulled.content))


def merged(ours: JsonObject, base: JsonObject, theirs: JsonObject) -> JsonObject:
    """``ours`` with what ``theirs`` changed in ``base``.

    Where both changed the same, theirs wins. A list whose items have no names is taken as a whole.
    """
    return cast("JsonObject", _merged(ROOT, ours, base, theirs))


def _merged(shape_name: str | None, ours: object, base: object, theirs: object) -> object:
    if _same(shape_name, base, theirs):
        return ours
    match ours, base, theirs:
        case dict(), dict(), dict():
            return _members(shape_name, *cast("tuple[JsonObject, ...]", (ours, base, theirs)))
        case list(), list(), list():
            return _items(shape_name, *cast("tuple[list[Any], ...]", (ours, base, theirs)))
        case _:
            return theirs


def _members(shape_name: str | None, ours: JsonObject, base: JsonObject, theirs: JsonObject) -> JsonObject:
    found: JsonObject = {}
    for key in dict.fromkeys([*ours, *theirs]):
        was, now = base.get(key, _MISSING), theirs.get(key, _MISSING)
        value = ours.get(key, _MISSING)
        if not _is_noise(shape_name, key, was, now):
            value = _merged(_member(shape_name, key), value, was, now)
        if not isinstance(value, _Missing):
            found[key] = value
    return found


def _items(shape_name: str | None, ours: list[Any], base: list[Any], theirs: list[Any]) -> list[Any]:
    mine, was, now = _named(ours), _named(base), _named(theirs)
    if mine is None or was is None or now is None:
        return theirs
    is_reordered = [name for name in was if name in now] != [name for name in now if name in was]
    first, second = (now, mine) if is_reordered and shape_name not in _UNORDERED else (mine, now)
    element = shape(shape_name).element if shape_name else None
    found = [
        _merged(element, *(those.get(name, _MISSING) for those in (mine, was, now))) for name in _order(first, second)
    ]
    return [value for value in found if not isinstance(value, _Missing)]


def _order(first: Iterable[str], second: Iterable[str]) -> list[str]:
    """The names of ``first``, and those that only ``second`` has, each behind the one that it follows there."""
    order, behind = list(first), -1
    for name in second:
        if name not in order:
            order.insert(behind + 1, name)
        behind = order.index(name)
    return order


def _same(shape_name: str | None, was: object, now: object) -> bool:
    """Whether ``now`` says what ``was`` says."""
    if was == now:
        return True
    if isinstance(was, dict) and isinstance(now, dict):
        before, after = cast("JsonObject", was), cast("JsonObject", now)
        if shape_name and shape_name.endswith("FormatText") and (plain := _plain(before)):
            return plain == _plain(after)
        return all(
            _is_noise(shape_name, key, before.get(key, _MISSING), after.get(key, _MISSING))
            or _same(_member(shape_name, key), before.get(key, _MISSING), after.get(key, _MISSING))
            for key in {**before, **after}
        )
    if isinstance(was, list) and isinstance(now, list):
        element = shape(shape_name).element if shape_name else None
        before, after = cast("list[Any]", was), cast("list[Any]", now)
        if shape_name in _UNORDERED and (old := _named(before)) and (new := _named(after)):
            return old.keys() == new.keys() and all(_same(element, old[name], new[name]) for name in old)
        return len(before) == len(after) and all(map(partial(_same, element), before, after))
    return False


def _is_noise(shape_name: str | None, member: str, was: object, now: object) -> bool:
    """Whether ``member`` is there on one side only, and says nothing there."""
    one, other = (was, now) if isinstance(now, _Missing) else (now, was)
    return isinstance(other, _Missing) and not isinstance(one, _Missing) and _says_nothing(shape_name, member, one)


def _says_nothing(shape_name: str | None, member: str, value: object) -> bool:
    if isinstance(value, dict):
        target = _member(shape_name, member)
        inner = cast("JsonObject", value)
        # A structure without members, such as AllSheets, says all by being there.
        can_say = target is not None and bool(shape(target).members)
        return can_say and all(_says_nothing(target, key, one) for key, one in inner.items())
    return value == [] or (shape_name is not None and _DEFAULTS.get((shape_name, member), _MISSING) == value)


def _plain(text: JsonObject) -> str | None:
    """What a title says where it has no marks but those around it."""
    rich = re.fullmatch(r"<(visual-\w+)>([^<>]*)</\1>", str(text.get("RichText", "")))
    return html.unescape(rich[2]).strip() if rich else text.get("PlainText")


def _member(shape_name: str | None, member: str) -> str | None:
    return shape(shape_name).members.get(member) if shape_name else None


def _named(items: list[Any]) -> dict[str, Any] | None:
    """``items`` by what names them; None where one has no name, or two have the same."""
    named = {name: item for item in items if (name := _name(item))}
    return named if len(named) == len(items) else None


def _name(item: object) -> str | None:
    if isinstance(item, str):
        return item
    if not isinstance(item, dict):
        return None
    one = cast("JsonObject", item)
    bodies = [one, *objects(list(one.values()))] if len(one) == 1 else [one]
    found = (body[key] for body in bodies for key in _NAMING if key in body)
    name = next(found, None)
    lead = one.get("DataSetIdentifier", "")
    return name and json.dumps([lead, name], sort_keys=True)
