"""The limiter of many hosts, against a real PostgreSQL server: what holds of one host's holds of it too."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from time import time

import psycopg2
import pytest

from qs_pipeline.quicksight.errors import DeadlineExceededError, LimiterFailedError
from qs_pipeline.quicksight.postgres_turns import PostgresRateLimiter
from qs_pipeline.quicksight.throttle import SPACING, Rates
from qs_pipeline_tests.quicksight.postgres import Postgres, free_port, running

pytestmark = pytest.mark.slow
STEP = SPACING / 5


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """One server for all tests of this file."""
    with running() as postgres:
        yield postgres


@pytest.fixture
def account(request: pytest.FixtureRequest) -> str:
    """An account of its own for each test, since they share the database."""
    return request.node.name


def asking(server: Postgres, *, longest_wait: float = 60.0) -> PostgresRateLimiter:
    """A limiter whose callers do not wait for their turn, as if they asked at the same moment."""
    return PostgresRateLimiter(server.url, rates=Rates(), longest_wait=longest_wait, sleep=lambda _: None)


def distances(server: Postgres, rule: str) -> list[float]:
    """Seconds between the instants that were given out under a rule, such as ``principal <account>/<name>``."""
    with closing(psycopg2.connect(server.url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT at FROM qs_pipeline_reservation WHERE key = %s ORDER BY at", (rule,))
        return [later - earlier for (earlier,), (later,) in pairwise(cursor.fetchall())]


def kept(found: list[float], total: float) -> None:
    """No two are too near, and none is further than it has to be, but for a moment in which the machine stood still."""
    assert min(found) == pytest.approx(STEP)
    assert sum(found) == pytest.approx(total, abs=1.0)


def test_callers_of_several_hosts_keep_their_distance_and_waste_nothing(server: Postgres, account: str) -> None:
    one, other = asking(server), asking(server)
    for _ in range(5):
        one.wait("DescribeIngestion", principal="a", account=account)
        other.wait("DescribeIngestion", principal="a", account=account)
    kept(distances(server, f"principal {account}/a"), 9 * STEP)


def test_the_account_limits_its_principals_together_and_operations_have_rates_of_their_own(
    server: Postgres, account: str
) -> None:
    turns = asking(server)
    for principal in range(10):
        turns.wait("ListDataSets", principal=str(principal), account=account)
    assert min(distances(server, f"account {account}")) == pytest.approx(SPACING / 25, abs=1e-6)
    for _ in range(3):
        turns.wait("UpdateDataSetPermissions", principal="0", account=account)
    assert min(distances(server, f"operation {account}/0/Permissions")) == pytest.approx(SPACING / 2, abs=1e-6)


def test_instants_too_far_ahead_are_refused_and_take_nothing(server: Postgres, account: str) -> None:
    turns = asking(server, longest_wait=1.0)
    for _ in range(5):
        turns.wait("CreateDataSet", principal="a", account=account)
    for _ in range(3):
        with pytest.raises(DeadlineExceededError, match="no call waits above"):
            turns.wait("CreateDataSet", principal="a", account=account)


def test_threads_of_a_process_share_a_line_and_no_instant_is_given_out_twice(server: Postgres, account: str) -> None:
    turns = asking(server)
    with ThreadPoolExecutor(8) as threads:
        for _ in threads.map(lambda _: turns.wait("ListDataSets", principal="a", account=account), range(40)):
            pass
    kept(distances(server, f"principal {account}/a"), 39 * STEP)


def test_a_server_that_was_started_anew_is_found_again_without_an_error(server: Postgres, account: str) -> None:
    turns = asking(server)
    turns.wait("ListDataSets", principal="a", account=account)
    server.stop()
    server.start()
    turns.wait("ListDataSets", principal="a", account=account)


def test_a_server_that_is_not_there_is_told_with_the_setting_and_without_the_password(account: str) -> None:
    port = free_port()
    turns = PostgresRateLimiter(f"postgresql://qs:secret-word@127.0.0.1:{port}/postgres", rates=Rates())
    with pytest.raises(LimiterFailedError, match=rf"(?s){port}.*QS_LIMITER_URL") as caught:
        turns.wait("ListDataSets", principal="a", account=account)
    assert "secret-word" not in str(caught.value)


def _take_turns(
    url: str, account: str, ready: "multiprocessing.synchronize.Barrier", shares: "multiprocessing.Queue[int]"
) -> None:
    turns = PostgresRateLimiter(url, rates=Rates(principal=50.0, account=250.0))
    ready.wait(60)
    taken, end = 0, time() + 1.5
    while time() < end:
        turns.wait("DescribeIngestion", principal="a", account=account)
        taken += 1
    shares.put(taken)


def test_two_real_processes_share_the_rate_evenly(server: Postgres, account: str) -> None:
    context = multiprocessing.get_context("spawn")
    ready, shares = context.Barrier(2), context.Queue()
    workers = [context.Process(target=_take_turns, args=(server.url, account, ready, shares)) for _ in range(2)]
    for worker in workers:
        worker.start()
    one, other = shares.get(timeout=60), shares.get(timeout=60)
    for worker in workers:
        worker.join()
    assert 55 <= one + other <= 77, "50 a second for 1.5 seconds, less the margin and a slow machine"
    assert abs(one - other) <= 0.1 * (one + other)
