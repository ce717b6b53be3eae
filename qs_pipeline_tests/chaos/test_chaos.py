"""What the chaos test draws and how it compares; ``make chaos`` plays it."""

from qs_pipeline_tests.chaos.picture import difference
from qs_pipeline_tests.chaos.plan import Delete, Kill, draw


def test_a_seed_determines_its_sequences() -> None:
    drawn = [draw(5, number, seconds=9) for number in range(50)]
    assert drawn == [draw(5, number, seconds=9) for number in range(50)]
    assert drawn[0].steps != draw(6, 0, seconds=9).steps
    assert {type(action) for each in drawn for _, action in each.steps} >= {Delete, Kill}
    assert not [each for each in drawn if "broken" in each.files.values()], "what is kept of it depends on the history"


def test_a_difference_is_told_with_its_place() -> None:
    assert not difference({"data set POS": "4 rows"}, {"data set POS": "4 rows"})
    assert difference({"a": "4 rows", "c": ""}, {"a": "3 rows", "b": ""}) == (
        "b is missing; c should not be; a: ...4 rows instead of ...3 rows"
    )
