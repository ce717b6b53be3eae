"""The one form in which definitions are written: equal definitions make equal text, and diffs show what was meant.

Keys stand in the order of the service model, whatever order an editor or the API gave them; lists keep theirs. Whatever
fits into a line is one, so that a field of a visual is a line of a diff.
"""

import json
from functools import cache
from typing import cast

from qs_pipeline.service_model import shape

from .definition import JsonObject

_WIDTH = 120


def canonical(shape_name: str, value: JsonObject) -> str:
    """``value``, of the shape called ``shape_name``, as the text of a file."""
    return _render(_ordered(shape_name, value), 0, 0) + "\n"


def _ordered(shape_name: str | None, value: object) -> object:
    if isinstance(value, dict):
        one, places = cast("JsonObject", value), _places(shape_name)
        keys = sorted(one, key=lambda key: (places.get(key, len(places)), key))
        return {key: _ordered(shape(shape_name).members.get(key) if shape_name else None, one[key]) for key in keys}
    if isinstance(value, list):
        element = shape(shape_name).element if shape_name else None
        return [_ordered(element, one) for one in cast("list[object]", value)]
    return value


@cache
def _places(shape_name: str | None) -> dict[str, int]:
    return {member: place for place, member in enumerate(shape(shape_name).members)} if shape_name else {}


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
