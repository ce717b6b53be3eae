"""What the chaos test draws, how it compares, and a few of the histories that ``make chaos`` plays by the hundred."""

from pathlib import Path

import pytest

from qs_pipeline_tests.chaos.picture import difference
from qs_pipeline_tests.chaos.plan import Delete, Kill, draw
from qs_pipeline_tests.chaos.play import Play
from qs_pipeline_tests.chaos.wire import FATES
from qs_pipeline_tests.chaos.world import world_in

# Chosen: they kill a worker, the daemon and the webserver.
SEED = 18
NUMBERS = range(4)
BAD_LINE = 11


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


@pytest.mark.slow
@pytest.mark.long
def test_histories_with_faults_and_kills_end_as_if_undisturbed(tmp_path: Path) -> None:
    with world_in(tmp_path, seed=SEED) as world:
        verdicts = list(Play(world, seed=SEED, seconds=8).batch(NUMBERS))
    assert {each.sequence.number: each.differs for each in verdicts} == dict.fromkeys(NUMBERS, "")
    assert {"worker", "daemon", "webserver"} <= world.killed.keys()
    assert all(each.struck for each in verdicts), "a history without a fault proves nothing"


@pytest.mark.slow
@pytest.mark.long
def test_histories_on_a_bad_line_end_as_if_undisturbed(tmp_path: Path) -> None:
    with world_in(tmp_path, seed=BAD_LINE) as world:
        verdicts = list(Play(world, seed=BAD_LINE, seconds=8, on_a_bad_line=True).batch(NUMBERS))
    assert {each.sequence.number: each.differs for each in verdicts} == dict.fromkeys(NUMBERS, "")
    assert world.wire.struck.keys() >= set(FATES)
