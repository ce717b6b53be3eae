"""How near the limiter comes to the rate, and how evenly: ``python qs_pipeline_tests/benchmarks/limiter.py``.

Each process asks for turns as fast as it gets them. Printed for 1, 2 and 4 processes at 5 a second, and for 5
principals of an account: calls, share of the ideal rate, most calls in any one second, shares of the processes.
"""

import multiprocessing
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import sleep, time

from qs_pipeline.quicksight.sqlite_turns import SqliteRateLimiter
from qs_pipeline.quicksight.throttle import Rates

ACCOUNT = "123456789012"


def take_turns(path: Path, principal: str, start: float, end: float) -> list[float]:
    """The instants at which one process got its turns between ``start`` and ``end``."""
    turns = SqliteRateLimiter(path, rates=Rates())
    sleep(max(0.0, start - time()))
    taken: list[float] = []
    while time() < end:
        turns.wait("DescribeIngestion", principal=principal, account=ACCOUNT)
        taken.append(time())
    return [at for at in taken if at <= end]


def busiest_second(instants: Sequence[float]) -> int:
    """The most instants in any window of one second."""
    return max(sum(start <= at < start + 1 for at in instants) for start in instants)


def measure(principals: Sequence[str], rate: float, seconds: float) -> str:
    """One line of the table: one process for each of ``principals``, for ``seconds``."""
    with tempfile.TemporaryDirectory() as folder:
        start = time() + 1 + 0.3 * len(principals)
        workers = ProcessPoolExecutor(len(principals), mp_context=multiprocessing.get_context("spawn"))
        with workers as pool:
            futures = [
                pool.submit(take_turns, Path(folder) / "limiter.db", principal, start, start + seconds)
                for principal in principals
            ]
            shares = [future.result() for future in futures]
    calls = sorted(at for share in shares for at in share)
    return (
        f"{len(principals)} processes, {len(set(principals))} principals: {len(calls)} calls, "
        f"{len(calls) / (rate * seconds):.1%} of {rate:g}/s, busiest second {busiest_second(calls)}, "
        f"shares {[len(share) for share in shares]}"
    )


def main(seconds: float) -> None:
    """Print the table."""
    for processes in (1, 2, 4):
        print(measure(["one"] * processes, 5, seconds))
    print(measure([str(n) for n in range(5)], 25, seconds))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0)
