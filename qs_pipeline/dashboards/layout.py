"""Close the holes that removed elements leave in a layout: first beside them, then below them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from .definition import JsonObject

# Top, height, left and width of an element: the grid counts cells, the free form has texts such as "120px".
_GRID = ("RowIndex", "RowSpan", "ColumnIndex", "ColumnSpan")
_FREE = ("YAxisLocation", "Height", "XAxisLocation", "Width")


@dataclass(frozen=True, kw_only=True)
class _Box:
    top: int
    bottom: int
    left: int
    right: int

    def is_below(self, other: "_Box") -> bool:
        return self.top >= other.bottom and self.left < other.right and other.left < self.right

    def is_beside(self, other: "_Box") -> bool:
        """Whether ``other`` spans all the rows of this one, and none of its columns."""
        within = other.top <= self.top and self.bottom <= other.bottom
        return within and (self.right <= other.left or other.right <= self.left)

    def overlaps(self, other: "_Box") -> bool:
        rows = self.top < other.bottom and other.top < self.bottom
        return rows and self.left < other.right and other.left < self.right

    def around(self, other: "_Box") -> "_Box":
        """The smallest box that holds both."""
        return _Box(
            top=min(self.top, other.top),
            bottom=max(self.bottom, other.bottom),
            left=min(self.left, other.left),
            right=max(self.right, other.right),
        )


def close_gaps(elements: list[JsonObject], gone: Collection[int]) -> list[JsonObject]:
    """The elements whose index is not in ``gone``, without the holes of those that are.

    A visual beside a removed one takes its room, two share it; what stands below a hole that is left moves up. Nothing
    overlaps that did not before, and rows, order and distances stay. An element without a place of its own stays as
    it is: QuickSight puts it where there is room.
    """
    boxes = {index: box for index, element in enumerate(elements) if (box := _box(element))}
    visuals = {index for index in boxes if elements[index].get("ElementType") == "VISUAL"}
    kept = {index: box for index, box in boxes.items() if index not in gone}
    for hole in _holes([boxes[index] for index in sorted(visuals.intersection(gone))], kept):
        kept |= _stretched(hole, {index: kept[index] for index in visuals.intersection(kept)}, kept)
    kept = _moved_up(boxes | kept, gone)
    return [
        _placed(element, kept[index]) if index in kept else element
        for index, element in enumerate(elements)
        if index not in gone
    ]


def _holes(removed: list[_Box], kept: Mapping[int, _Box]) -> Iterator[_Box]:
    """The rooms of removed visuals, those that make one rectangle with nothing between them as one."""
    while removed:
        hole, *others = removed
        joined = [other for other in others if _makes_one(hole, other, kept)]
        if not joined:
            yield hole
            removed = others
        else:
            removed = [hole.around(joined[0]), *(other for other in others if other is not joined[0])]


def _makes_one(one: _Box, other: _Box, kept: Mapping[int, _Box]) -> bool:
    is_row = (one.top, one.bottom) == (other.top, other.bottom)
    is_column = (one.left, one.right) == (other.left, other.right)
    return (is_row or is_column) and not any(box.overlaps(one.around(other)) for box in kept.values())


def _stretched(hole: _Box, visuals: Mapping[int, _Box], kept: Mapping[int, _Box]) -> dict[int, _Box]:
    """The visuals on both sides of ``hole`` that reach it, grown into it: each to the middle, or one to the end."""
    beside = {
        index: box
        for index, box in visuals.items()
        if box.is_beside(hole) and not any(other.overlaps(_between(box, hole)) for other in kept.values())
    }
    left = {index: box for index, box in beside.items() if box.right <= hole.left}
    right = {index: box for index, box in beside.items() if index not in left}
    middle = (hole.left + hole.right) // 2
    grown = {index: replace(box, right=middle if right else hole.right) for index, box in left.items()}
    return grown | {index: replace(box, left=middle if left else hole.left) for index, box in right.items()}


def _between(box: _Box, hole: _Box) -> _Box:
    """``hole`` and what lies between it and ``box``, in the rows of ``box``."""
    around = replace(box.around(hole), top=box.top, bottom=box.bottom)
    return replace(around, left=box.right) if box.right <= hole.left else replace(around, right=box.left)


def _moved_up(boxes: Mapping[int, _Box], gone: Collection[int]) -> dict[int, _Box]:
    """The boxes not in ``gone``, each as far below what is above it as it was."""
    tops: dict[int, int] = {}
    bottoms: dict[int, int] = {}
    for index, box in sorted(boxes.items(), key=lambda one: one[1].top):
        above = [other for other in bottoms if box.is_below(boxes[other])]
        if above:
            distance = box.top - max(boxes[other].bottom for other in above)
            tops[index] = max(bottoms[other] for other in above) + distance
        else:
            tops[index] = box.top
        bottoms[index] = tops[index] + (0 if index in gone else box.bottom - box.top)
    return {
        index: replace(box, top=tops[index], bottom=bottoms[index]) for index, box in boxes.items() if index not in gone
    }


def _box(element: JsonObject) -> _Box | None:
    for sides in (_GRID, _FREE):
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


def _placed(element: JsonObject, box: _Box) -> JsonObject:
    if _box(element) == box:
        return element
    sides = (box.top, box.bottom - box.top, box.left, box.right - box.left)
    if "RowIndex" in element:
        return element | dict(zip(_GRID, sides, strict=True))
    return element | {side: f"{length}px" for side, length in zip(_FREE, sides, strict=True)}
