"""Every table, over and over, in processes of different thread counts: one hash.

Here each process makes them twice; ``benchmarks/same_bytes.py``, a part of ``make bench``, has the twenty times.
"""

from pathlib import Path

import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.sample import write_sample
from qs_pipeline_tests.supply.repeats import THREADS, hashes


@pytest.mark.long
def test_the_same_input_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    write_sample(tmp_path, assessment="10910", size="medium", seed=3)
    seen = [hashes(tmp_path, threads=threads, times=2) for threads in THREADS]
    assert seen[0].keys() == {table.name for table in CATALOG.tables}
    for name, of_table in seen[0].items():
        assert len(of_table) == 1, name
        assert all(other[name] == of_table for other in seen), name
