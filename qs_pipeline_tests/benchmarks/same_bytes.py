"""Whether the same input gives the same bytes: every table 21 times, over processes of 1, 2 and 7 threads.

Run it as a script; it ends with an error where a table has more than one hash. Data sets are refreshed when the hash
of their CSV moves, and refreshes are scarce. The suite has a shorter form of it.
"""

import tempfile
from pathlib import Path

from qs_pipeline.sample import write_sample
from qs_pipeline_tests.supply.repeats import THREADS, hashes

TIMES = 7


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        write_sample(Path(folder), assessment="10910", size="medium", seed=3)
        seen = [hashes(Path(folder), threads=threads, times=TIMES) for threads in THREADS]
    moved = sorted(name for name in seen[0] if len(set[str]().union(*(each[name] for each in seen))) > 1)
    print(f"{len(seen[0])} tables, {TIMES * len(THREADS)} times each: {len(moved)} with more than one hash")
    if moved:
        raise SystemExit(f"more than one hash: {', '.join(moved)}")


if __name__ == "__main__":
    main()
