"""Layouts close up where elements went."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qs_pipeline.dashboards.definition import JsonObject
from qs_pipeline.dashboards.layout import close_gaps


def _cell(name: str, left: int, top: int, width: int, height: int) -> JsonObject:
    return {"ElementId": name, "ColumnIndex": left, "ColumnSpan": width, "RowIndex": top, "RowSpan": height}


def _pixels(name: str, left: int, top: int, width: int, height: int) -> JsonObject:
    sides = {"XAxisLocation": left, "YAxisLocation": top, "Width": width, "Height": height}
    return {"ElementId": name, **{side: f"{length}px" for side, length in sides.items()}}


def _tops(elements: list[JsonObject]) -> dict[str, object]:
    return {one["ElementId"]: one.get("RowIndex", one.get("YAxisLocation")) for one in elements}


def test_what_stands_below_a_removed_element_moves_up_by_its_height() -> None:
    stack = [_cell("a", 0, 0, 36, 2), _cell("b", 0, 2, 36, 8), _cell("c", 0, 10, 36, 5), _cell("d", 0, 15, 36, 5)]
    assert _tops(close_gaps(stack, {1})) == {"a": 0, "c": 2, "d": 7}


def test_free_form_layouts_close_up_in_pixels() -> None:
    stack = [_pixels("a", 0, 64, 100, 100), _pixels("b", 0, 180, 100, 40), _pixels("c", 0, 236, 100, 40)]
    assert _tops(close_gaps(stack, {1})) == {"a": "64px", "c": "196px"}


def test_what_stands_below_two_neighbours_follows_the_one_that_reaches_further_down() -> None:
    row = [_cell("short", 0, 0, 18, 4), _cell("tall", 18, 0, 18, 10), _cell("below", 0, 10, 36, 5)]
    assert _tops(close_gaps(row, {0})) == {"tall": 0, "below": 10}
    assert _tops(close_gaps(row, {1})) == {"short": 0, "below": 4}


def test_margins_and_blank_rows_that_the_author_left_stay() -> None:
    spaced = [_cell("a", 0, 3, 36, 4), _cell("b", 0, 10, 36, 4), _cell("c", 0, 20, 36, 4)]
    assert _tops(close_gaps(spaced, set())) == {"a": 3, "b": 10, "c": 20}
    assert _tops(close_gaps(spaced, {0})) == {"b": 6, "c": 16}


@pytest.mark.parametrize("stray", [{"ElementId": "x", "ColumnSpan": 1, "RowSpan": 1}, {"ElementId": "x"}])
def test_an_element_that_has_no_place_is_left_alone_and_the_others_close_up(stray: JsonObject) -> None:
    stack = [_cell("a", 0, 0, 36, 2), _cell("b", 0, 2, 36, 2), stray]
    assert close_gaps(stack, {0}) == [_cell("b", 0, 0, 36, 2), stray]


def _visuals(*cells: tuple[str, int, int, int, int]) -> list[JsonObject]:
    return [_cell(*cell) | {"ElementType": "VISUAL"} for cell in cells]


def _places(elements: list[JsonObject]) -> dict[str, tuple[int, ...]]:
    sides = ("ColumnIndex", "RowIndex", "ColumnSpan", "RowSpan")
    return {one["ElementId"]: tuple(one[side] for side in sides) for one in elements}


def test_a_visual_beside_a_removed_one_takes_its_room_and_two_share_it() -> None:
    row = _visuals(("a", 0, 0, 12, 5), ("b", 12, 0, 12, 5), ("c", 24, 0, 12, 5))
    assert _places(close_gaps(row, {1})) == {"a": (0, 0, 18, 5), "c": (18, 0, 18, 5)}
    assert _places(close_gaps(row, {0})) == {"b": (0, 0, 24, 5), "c": (24, 0, 12, 5)}
    assert _places(close_gaps(row, {0, 1})) == {"c": (0, 0, 36, 5)}


def test_what_was_beside_two_visuals_takes_the_room_of_both() -> None:
    sheet = _visuals(("figure", 0, 0, 12, 5), ("chart", 0, 5, 12, 14), ("table", 12, 0, 24, 19), ("end", 0, 19, 36, 9))
    assert _places(close_gaps(sheet, {0, 1})) == {"table": (0, 0, 36, 19), "end": (0, 19, 36, 9)}
    assert _places(close_gaps(sheet, {0})) == {"chart": (0, 0, 12, 14), "table": (12, 0, 24, 19), "end": (0, 19, 36, 9)}
    assert _places(close_gaps(sheet, {2})) == {"figure": (0, 0, 36, 5), "chart": (0, 5, 36, 14), "end": (0, 19, 36, 9)}


def test_a_visual_does_not_grow_over_what_stands_between_it_and_the_hole() -> None:
    row = [*_visuals(("a", 0, 0, 9, 5), ("b", 27, 0, 9, 5)), _cell("note", 10, 0, 8, 2)]
    assert _places(close_gaps(row, {1})) == {"a": (0, 0, 9, 5), "note": (10, 0, 8, 2)}


def test_controls_and_texts_keep_their_width() -> None:
    controls = [_cell(name, left, 0, 9, 1) | {"ElementType": "FILTER_CONTROL"} for name, left in (("a", 0), ("b", 9))]
    assert _places(close_gaps(controls, {0})) == {"b": (9, 0, 9, 1)}


def test_a_free_form_visual_grows_over_the_margin_between() -> None:
    row = [one | {"ElementType": "VISUAL"} for one in (_pixels("a", 0, 0, 300, 90), _pixels("b", 316, 0, 300, 90))]
    (left,) = close_gaps(row, {0})
    assert (left["XAxisLocation"], left["Width"]) == ("0px", "616px")
    assert close_gaps(row, set()) == row


def _cells(element: JsonObject) -> set[tuple[int, int]]:
    left, top, width, height = _places([element])[element["ElementId"]]
    return {(column, row) for column in range(left, left + width) for row in range(top, top + height)}


_numbers = st.tuples(st.integers(0, 8), st.integers(0, 12), st.integers(1, 6), st.integers(1, 6))


@settings(max_examples=200, deadline=None)
@given(sides=st.lists(_numbers, min_size=1, max_size=12), gone=st.sets(st.integers(0, 11)))
def test_whatever_goes_nothing_covers_another_or_leaves_the_sheet(
    sides: list[tuple[int, int, int, int]], gone: set[int]
) -> None:
    elements: list[JsonObject] = []
    for number, cell in enumerate(sides):
        (one,) = _visuals((f"v{number}", *cell))
        if all(_cells(one).isdisjoint(_cells(other)) for other in elements):
            elements.append(one)
    gone = {index for index in gone if index < len(elements)}
    kept = close_gaps(elements, gone)
    assert [one["ElementId"] for one in kept] == [v["ElementId"] for n, v in enumerate(elements) if n not in gone]
    covered = [cell for one in kept for cell in _cells(one)]
    assert len(covered) == len(set(covered))
    every = [cell for one in elements for cell in _cells(one)]
    assert max([column for column, _ in covered], default=0) <= max(column for column, _ in every)
    assert max([row for _, row in covered], default=0) <= max(row for _, row in every)
