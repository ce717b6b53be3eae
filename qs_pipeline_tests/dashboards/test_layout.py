"""Layouts close up where elements went."""

import pytest

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
def test_a_layout_with_an_element_that_has_no_place_is_left_alone(stray: JsonObject) -> None:
    stack = [_cell("a", 0, 0, 36, 2), _cell("b", 0, 2, 36, 2), stray]
    assert close_gaps(stack, {0}) == stack[1:]
