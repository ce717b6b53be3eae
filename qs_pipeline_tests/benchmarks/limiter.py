"""How near the limiter comes to the rate, and how evenly: ``python qs_pipeline_tests/benchmarks/limiter.py [CALLS]``.

Real calls go to an embedded AWS that throttles as QuickSight does, in a process of its own. Printed for 1, 2 and 4
processes of one principal, and for 5 principals of an account, with instants in SQLite and in PostgreSQL: calls,
refused ones, share of the ideal rate, most calls in any one second as QuickSight saw them, and each process's share.
A client's first call, which loads botocore's rules for endpoints, comes before the others and is not among them.
"""

import contextlib
import json
import multiprocessing
import multiprocessing.synchronize
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from qs_pipeline.quicksight.postgres_turns import PostgresRateLimiter
from qs_pipeline.quicksight.sqlite_turns import SqliteRateLimiter
from qs_pipeline.quicksight.throttle import Rates, attach
from qs_pipeline_tests.quicksight.postgres import free_port, running

ACCOUNT = "123456789012"


def call(
    url: str,
    turns: str,
    principal: str,
    end: "multiprocessing.sharedctypes.Synchronized[int]",
    ready: "multiprocessing.synchronize.Barrier",
    shares: "multiprocessing.Queue[tuple[int, float, float]]",
) -> None:
    """What one process does: calls until all have made as many as were asked for."""
    postgres = turns.startswith("postgresql")
    limiter = PostgresRateLimiter(turns, rates=Rates()) if postgres else SqliteRateLimiter(Path(turns), rates=Rates())
    session = boto3.Session(region_name="us-east-1", aws_access_key_id=principal, aws_secret_access_key="x")
    config = Config(retries={"mode": "standard", "total_max_attempts": 6})
    client: Any = session.client("quicksight", endpoint_url=url, config=config)
    attach(client, limiter, principal=principal, account=ACCOUNT)
    client.list_data_sets(AwsAccountId=ACCOUNT)
    ready.wait(120)
    made, start = 0, time.time()
    while True:
        with end.get_lock():
            if end.value <= 0:
                break
            end.value -= 1
        client.list_data_sets(AwsAccountId=ACCOUNT)
        made += 1
    shares.put((made, start, time.time()))


def measure(name: str, turns: str, principals: Sequence[str], rate: float, calls: int) -> str:
    """One line of the table: one process for each of ``principals``."""
    with embedded() as url:
        context = multiprocessing.get_context("spawn")
        end, ready, shares = context.Value("i", calls), context.Barrier(len(principals)), context.Queue()
        workers = [
            context.Process(target=call, args=(url, turns, principal, end, ready, shares)) for principal in principals
        ]
        for worker in workers:
            worker.start()
        made = [shares.get() for _ in workers]
        for worker in workers:
            worker.join()
        with urllib.request.urlopen(f"{url}/_qs/stats") as reply:
            stats = json.load(reply)
    seconds = max(ended for _, _, ended in made) - min(started for _, started, _ in made)
    # n calls have n - 1 distances between them.
    return (
        f"{name:10} {len(principals)} processes, {len(set(principals))} principals: {calls} calls, "
        f"{stats['throttled']} refused, {(calls - 1) / seconds / rate:.1%} of {rate:g}/s, "
        f"busiest second {stats['busiest_second']['account']}, shares {sorted(count for count, _, _ in made)}"
    )


@contextlib.contextmanager
def embedded() -> Iterator[str]:
    """The URL of an embedded AWS with QuickSight's own rates."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        server = subprocess.Popen(
            [sys.executable, "-m", "qs_pipeline.local_aws", "--home", f"{folder}/aws", "--port", str(port)],
            stdout=subprocess.DEVNULL,
        )
        try:
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"{url}/_qs/health").close()
                except OSError:
                    time.sleep(0.1)
                else:
                    break
            yield url
        finally:
            server.terminate()
            server.wait()


def main(calls: int) -> None:
    """Print the table."""
    with running() as postgres, tempfile.TemporaryDirectory() as folder:
        for name in ("SQLite", "PostgreSQL"):
            cases = [(["one"] * processes, 5.0) for processes in (1, 2, 4)] + [([str(n) for n in range(5)], 25.0)]
            for number, (principals, rate) in enumerate(cases):
                turns = postgres.url if name == "PostgreSQL" else f"{folder}/{number}.sqlite"
                print(measure(name, turns, principals, rate, calls), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
