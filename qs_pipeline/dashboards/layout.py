"""Close the vertical gaps that removed elements leave in a layout."""

from collections.abc import Collection
from dataclasses import dataclass

from .definition import JsonObject

# Top, height, left and width of an element: the grid counts cells, the free form has texts such as "120px".
_SIDES = (
    ("RowIndex", "RowSpan", "ColumnIndex", "ColumnSpan"),
    ("YAxisLocation", "Height", "XAxisLocation", "Width"),
)


@dataclass(frozen=True, kw_only=True)
class _Box:
    top: int
    bottom: int
    left: int
    right: int

    def is_below(self, other: "_Box") -> bool:
        return self.top >= other.bottom and self.left < other.right and other.left < self.right


def close_gaps(elements: list[JsonObject], gone: Collection[int]) -> list[JsonObject]:
    """The elements whose index is not in ``gone``, each moved up by the room that was freed above it.

    An element keeps its column, its order and its distance from what stands above it, so that nothing overlaps that
    did not before. A layout in which an element has no place of its own is left as it is.
    """
    kept = [element for index, element in enumerate(elements) if index not in gone]
    boxes = [_box(element) for element in elements]
    placed = [box for box in boxes if box is not None]
    if len(placed) < len(boxes):
        return kept
    tops: dict[int, int] = {}
    bottoms: dict[int, int] = {}
    for index in sorted(range(len(placed)), key=lambda one: placed[one].top):
        box = placed[index]
        above = [other for other in bottoms if box.is_below(placed[other])]
        if above:
            distance = box.top - max(placed[other].bottom for other in above)
            tops[index] = max(bottoms[other] for other in above) + distance
        else:
            tops[index] = box.top
        bottoms[index] = tops[index] + (0 if index in gone else box.bottom - box.top)
    return [_move(element, tops[index]) for index, element in enumerate(elements) if index not in gone]


def _box(element: JsonObject) -> _Box | None:
    for sides in _SIDES:
        numbers = [_number(element.get(side)) for side in sides]
        top, height, left, width = (-1 if number is None else number for number in numbers)
        if min(top, height, left, width) >= 0:
            return _Box(top=top, bottom=top + height, left=left, right=left + width)
    return None


def _number(value: object) -> int | None:
    if isinstance(value, int):
        return value
    text = value.removesuffix("px") if isinstance(value, str) else ""
    return int(text) if text.isdecimal() else None


def _move(element: JsonObject, top: int) -> JsonObject:
    if "RowIndex" in element:
        return element if element["RowIndex"] == top else {**element, "RowIndex": top}
    moved = f"{top}px"
    return element if element["YAxisLocation"] == moved else {**element, "YAxisLocation": moved}
