"""What the QuickSight API accepts, from the service model that botocore bundles.

botocore itself checks types, required members and minimum lengths, but neither maximum, pattern nor enum, and it stops
at a request. Here a value is held against any shape of the model, wholly, before a call is made (definitions) and
after one arrives (the embedded AWS). The module knows the model and nothing of the project; the model is read at the
first question, not at import.
"""

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any, NamedTuple, cast

from botocore.loaders import Loader

SERVICE = "quicksight"
API_VERSION = "2018-04-01"

Path = tuple[str | int, ...]
"""Keys and indexes that lead from the root of a value to a place in it."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One shape of the model, with the names of the shapes below it.

    Attributes:
        kind: ``structure``, ``list``, ``map``, ``string``, ``integer``, ``long``, ``double``, ``boolean``,
            ``timestamp`` or ``blob``.
        members: Of a structure: member name to shape name.
        required: Of a structure: the members that must be there.
        is_union: Of a structure: whether exactly one member must be there.
        element: Of a list or a map: the shape name of its items or values.
        key: Of a map: the shape name of its keys.
        minimum: Least length of a list, map or string, or least number.
        maximum: Greatest length of a list, map or string, or greatest number.
        enum: Of a string: its only values, empty where any will do.
        pattern: Of a string: what it matches as a whole, where Python can say it.
    """

    name: str
    kind: str
    members: Mapping[str, str]
    required: tuple[str, ...]
    is_union: bool
    element: str | None
    key: str | None
    minimum: float | None
    maximum: float | None
    enum: tuple[str, ...]
    pattern: re.Pattern[str] | None

    @cached_property
    def inside(self) -> Mapping[str, str]:
        """The shape names of what a value holds: by member of a structure, by ``[]`` of a list's or map's items."""
        return {"[]": self.element} if self.element else self.members

    @cached_property
    def types(self) -> frozenset[type]:
        """The types that its values usually have; an instance of a class below one of them is one too."""
        return frozenset(_KINDS[self.kind])

    @cached_property
    def bounded(self) -> bool:
        """Whether a value of the right type may still break it by itself."""
        return bool(self.enum or self.pattern) or self.minimum is not None or self.maximum is not None


class Violation(NamedTuple):
    """One place where a value breaks its shape."""

    path: Path
    message: str

    def __str__(self) -> str:
        return f"{render(self.path)}: {self.message}"


class Node(NamedTuple):
    """One visited value with the name of its shape."""

    path: Path
    shape: str
    value: Any


def render(path: Path) -> str:
    """``path`` as people write it: ``Sheets[2].Visuals[0].BarChartVisual``; the root is ``(root)``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".") or "(root)"


def nearest(name: str, known: Collection[str]) -> str | None:
    """The member of ``known`` that ``name`` was most likely meant to be, case aside; None when nothing is close."""
    by_fold = {candidate.casefold(): candidate for candidate in known}
    found = difflib.get_close_matches(name.casefold(), by_fold, n=1)
    return by_fold[found[0]] if found else None


@cache
def model() -> Mapping[str, Any]:
    """The model as botocore ships it: ``metadata``, ``operations``, ``shapes``. Read once a process."""
    return cast("Mapping[str, Any]", Loader().load_service_model(SERVICE, "service-2", API_VERSION))


@cache
def shape(name: str) -> Shape:
    """The shape called ``name``.

    Raises:
        KeyError: where the model has no such shape.
    """
    raw: Mapping[str, Any] = model()["shapes"][name]
    element = raw.get("member") or raw.get("value")
    return Shape(
        name=name,
        kind=raw["type"],
        members={member: ref["shape"] for member, ref in raw.get("members", {}).items()},
        required=tuple(raw.get("required", ())),
        is_union=raw.get("union", False),
        element=element["shape"] if element else None,
        key=raw["key"]["shape"] if "key" in raw else None,
        minimum=raw.get("min"),
        maximum=raw.get("max"),
        enum=tuple(raw.get("enum", ())),
        pattern=_pattern(raw.get("pattern")),
    )


@cache
def below(name: str) -> frozenset[str]:
    """The names of the shapes that a value of the shape called ``name`` may hold, and ``name`` itself."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        if (one := waiting.pop()) not in found:
            found.add(one)
            waiting += shape(one).inside.values()
    return frozenset(found)


def walk(shape_name: str, value: object, *, into: Callable[[str], bool] = lambda _: True) -> Iterator[Node]:
    """``value`` and everything below it, parents first, in the order of the value.

    What the shape does not know, or what has the wrong type, is not visited: ``violations`` tells of it. Neither is
    what lies in a shape whose name ``into`` refuses.
    """
    waiting = [Node((), shape_name, value)]
    while waiting:  # not recursion, in which each value would be handed up through every level
        node = waiting.pop()
        yield node
        known, inner = shape(node.shape), node.value
        if known.kind == "structure" and isinstance(inner, dict):
            inside = cast("dict[str, object]", inner).items()
            found = [(step, known.members[step], one) for step, one in inside if step in known.members]
        elif known.element and isinstance(inner, list | dict):
            items = _items(cast("list[object] | dict[str, object]", inner))
            found = [(step, known.element, one) for step, one in items]
        else:
            continue
        waiting += [Node((*node.path, step), name, one) for step, name, one in reversed(found) if into(name)]


def violations(shape_name: str, value: object, path: Path = ()) -> list[Violation]:
    """Every place where ``value`` breaks the shape called ``shape_name``, parents first; empty when it fits."""
    known = shape(shape_name)
    return [] if _fits(known, value) else list(_violations(known, value, path))


def _fits(known: Shape, value: object) -> bool:
    """Whether there is no violation, by the same rules in half the time: most values are sound."""
    sound = type(value) in known.types or _has_kind(known.kind, value)
    if not sound or (known.bounded and next(_bounds(known, value), None)):
        return False
    if known.kind == "structure":
        inside, members = cast("dict[str, object]", value), known.members
        if known.is_union and len(inside) != 1:
            return False
        return all(name in inside for name in known.required) and all(
            key in members and _fits(shape(members[key]), inner) for key, inner in inside.items()
        )
    if known.kind == "list":
        element = shape(known.element or "")
        return all(_fits(element, inner) for inner in cast("list[object]", value))
    if known.kind == "map":
        key, element = shape(known.key or ""), shape(known.element or "")
        pairs = cast("dict[str, object]", value).items()
        return all(_fits(key, name) and _fits(element, inner) for name, inner in pairs)
    return True


def _violations(known: Shape, value: object, path: Path) -> Iterator[Violation]:
    if not _has_kind(known.kind, value):
        yield Violation(path, f"is {_said(value)}; {known.name} is of type {known.kind}")
        return
    yield from (Violation(path, message) for message in _bounds(known, value))
    if known.kind == "structure":
        yield from _members(known, cast("dict[str, object]", value), path)
    elif known.element:
        element = shape(known.element)
        for step, inner in _items(cast("list[object] | dict[str, object]", value)):
            if known.key:
                yield from (Violation((*path, step), message) for message in _bounds(shape(known.key), step))
            yield from _violations(element, inner, (*path, step))


def _members(known: Shape, value: dict[str, object], path: Path) -> Iterator[Violation]:
    for name in known.required:
        if name not in value:
            yield Violation(path, f"lacks {name}, which {known.name} requires")
    if known.is_union and len(value) != 1:
        yield Violation(path, f"has {len(value)} members; {known.name} is one of {', '.join(known.members)}")
    for key, inner in value.items():
        if member := known.members.get(key):
            yield from _violations(shape(member), inner, (*path, key))
        else:
            yield Violation((*path, key), f"{known.name} knows no {key!r}{_hint(key, known.members)}")


def _bounds(known: Shape, value: object) -> Iterator[str]:
    if isinstance(value, str):
        if known.enum and value not in known.enum:
            yield f"{value!r} is none of the values of {known.name}{_hint(value, known.enum)}"
        if known.pattern and not known.pattern.fullmatch(value):
            yield f"{value!r} does not match {known.pattern.pattern} ({known.name})"
    if isinstance(value, str | list | dict):
        size, unit = len(cast("list[object]", value)), "characters" if isinstance(value, str) else "items"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        size, unit = value, ""
    else:
        return
    if known.minimum is not None and size < known.minimum:
        yield f"{known.name} is at least {known.minimum} {unit}".rstrip() + f", not {size}"
    if known.maximum is not None and size > known.maximum:
        yield f"{known.name} is at most {known.maximum} {unit}".rstrip() + f", not {size}"


# A timestamp is a number on the wire, a datetime in boto3 and text in an exported file.
_KINDS: Mapping[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (int, float, str, datetime),
    "blob": (str, bytes),
}


_NAMES: Mapping[type, str] = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "a boolean",
    int: "a number",
    float: "a number",
}


def _has_kind(kind: str, value: object) -> bool:
    if isinstance(value, bool):  # Python counts True among the integers
        return kind == "boolean"
    return isinstance(value, _KINDS[kind])


def _items(value: list[object] | dict[str, object]) -> Iterator[tuple[str | int, object]]:
    return iter(enumerate(value) if isinstance(value, list) else value.items())


def _said(value: object) -> str:
    if value is None:
        return "null (leave the key out instead)"
    return _NAMES.get(type(value), type(value).__name__)


def _hint(name: str, known: Collection[str]) -> str:
    close = nearest(name, known)
    return f"; did you mean {close!r}?" if close else ""


def _pattern(text: str | None) -> re.Pattern[str] | None:
    """``text`` compiled; None for the handful of patterns with Java's Unicode classes, which Python cannot say."""
    if text is None:
        return None
    try:
        return re.compile(text.replace(r"\z", r"\Z"), re.DOTALL)
    except re.error:
        return None
