"""The chaos test in short: three histories at a time, begun by `make chaos`, which then plays hundreds."""

from pathlib import Path

import pytest

from qs_pipeline_tests.chaos.play import Play
from qs_pipeline_tests.chaos.world import world_in

# Chosen: they have a broken file, deletions, faults of S3, calls and outcomes, a killed worker and a killed daemon.
SEED = 55
NUMBERS = range(3)


@pytest.mark.slow
def test_histories_with_faults_and_kills_end_as_if_undisturbed(tmp_path: Path) -> None:
    with world_in(tmp_path) as world:
        verdicts = list(Play(world, seed=SEED, seconds=8).batch(NUMBERS))
    assert {each.sequence.number: each.differs for each in verdicts} == dict.fromkeys(NUMBERS, "")
    assert len(verdicts) == len(NUMBERS)
