"""The limiter: within the rate, fair, shared, and unmoved by clocks that jump."""

import multiprocessing
from collections import Counter
from pathlib import Path
from time import time
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from qs_pipeline.quicksight.errors import DeadlineExceededError, LimiterFailedError
from qs_pipeline.quicksight.sqlite_turns import SqliteRateLimiter
from qs_pipeline.quicksight.throttle import SPACING, Rates, attach, first_free
from qs_pipeline_tests.quicksight.clocks import Clock

STEP = SPACING / 5
ACCOUNT = "123456789012"


class Frozen(Clock):
    """A clock that stands, as for callers who ask at the same moment: a pause is only noted."""

    def sleep(self, seconds: float) -> None:
        """Note the pause."""
        self.pauses.append(seconds)


def limiter(path: Path, clock: Clock, rates: Rates | None = None, longest_wait: float = 60.0) -> SqliteRateLimiter:
    return SqliteRateLimiter(
        path / "limiter.db", rates=rates or Rates(), longest_wait=longest_wait, clock=clock, sleep=clock.sleep
    )


def test_calls_of_a_principal_lie_a_little_more_than_a_fifth_of_a_second_apart(tmp_path: Path) -> None:
    clock = Clock()
    turns = limiter(tmp_path, clock)
    for _ in range(26):
        turns.wait("CreateDataSet", principal="a", account=ACCOUNT)
    assert clock.now - 1_000_000 == pytest.approx(25 * STEP)
    assert 25 / (clock.now - 1_000_000) < 5


def test_the_first_call_after_a_rest_does_not_wait_and_rest_is_not_saved_up(tmp_path: Path) -> None:
    clock = Clock()
    turns = limiter(tmp_path, clock)
    turns.wait("ListDataSets", principal="a", account=ACCOUNT)
    clock.now += 100
    turns.wait("ListDataSets", principal="a", account=ACCOUNT)
    turns.wait("ListDataSets", principal="a", account=ACCOUNT)
    assert clock.pauses == [pytest.approx(STEP)]


def test_callers_of_several_processes_get_their_turns_in_the_order_of_asking(tmp_path: Path) -> None:
    clock = Frozen()
    one, other = limiter(tmp_path, clock), limiter(tmp_path, clock)
    for _ in range(5):
        one.wait("DescribeIngestion", principal="a", account=ACCOUNT)
        other.wait("DescribeIngestion", principal="a", account=ACCOUNT)
    assert clock.pauses == [pytest.approx(n * STEP) for n in range(1, 10)]


def test_the_account_limits_its_principals_together(tmp_path: Path) -> None:
    clock = Frozen()
    turns = limiter(tmp_path, clock)
    for principal in range(10):
        turns.wait("ListDataSets", principal=str(principal), account=ACCOUNT)
    assert clock.pauses == [pytest.approx(n * SPACING / 25) for n in range(1, 10)]
    turns.wait("ListDataSets", principal="0", account="999999999999")
    assert len(clock.pauses) == 9, "another account has its own rate"


def test_a_principal_with_a_long_queue_does_not_hold_up_another(tmp_path: Path) -> None:
    clock = Frozen()
    turns = limiter(tmp_path, clock)
    for _ in range(50):
        turns.wait("CreateDataSet", principal="busy", account=ACCOUNT)
    turns.wait("CreateDataSet", principal="idle", account=ACCOUNT)
    assert clock.pauses[-1] == pytest.approx(SPACING / 25)


def test_permission_calls_are_slower_and_other_calls_pass_between_them(tmp_path: Path) -> None:
    clock = Frozen()
    turns = limiter(tmp_path, clock)
    for operation in ("UpdateDataSetPermissions", "DescribeDataSetPermissions", "UpdateDashboardPermissions"):
        turns.wait(operation, principal="a", account=ACCOUNT)
    assert clock.pauses == [pytest.approx(SPACING / 2), pytest.approx(SPACING)]
    turns.wait("ListDataSets", principal="a", account=ACCOUNT)
    assert clock.pauses[-1] == pytest.approx(STEP)


def test_a_turn_beyond_the_longest_wait_is_refused_and_takes_nothing(tmp_path: Path) -> None:
    clock = Frozen()
    turns = limiter(tmp_path, clock, longest_wait=1.0)
    for _ in range(5):
        turns.wait("CreateDataSet", principal="a", account=ACCOUNT)
    for _ in range(3):
        with pytest.raises(DeadlineExceededError, match="CreateDataSet of principal a of account 123456789012"):
            turns.wait("CreateDataSet", principal="a", account=ACCOUNT)
    clock.now += STEP
    turns.wait("CreateDataSet", principal="a", account=ACCOUNT)
    assert clock.pauses[-1] == pytest.approx(4 * STEP)


@pytest.mark.parametrize("jump", [-86_400.0, -30.0, 30.0, 86_400.0])
def test_a_clock_that_jumps_costs_at_most_one_distance(tmp_path: Path, jump: float) -> None:
    clock = Clock()
    turns = limiter(tmp_path, clock)
    for _ in range(10):
        turns.wait("CreateDataSet", principal="a", account=ACCOUNT)
    clock.pauses.clear()
    clock.now += jump
    for _ in range(10):
        turns.wait("CreateDataSet", principal="a", account=ACCOUNT)
    assert len(clock.pauses) >= 9, "the rate holds after the jump"
    assert max(clock.pauses) <= 2 * STEP


def test_what_was_reserved_before_the_clock_was_set_back_is_forgotten(tmp_path: Path) -> None:
    clock = Frozen()
    turns = limiter(tmp_path, clock)
    for _ in range(200):
        turns.wait("CreateDataSet", principal="a", account=ACCOUNT)
    for jump in (-86_400, 86_400):
        clock.now += jump
        clock.pauses.clear()
        turns.wait("CreateDataSet", principal="a", account=ACCOUNT)
        assert clock.pauses == []


def test_the_file_may_be_deleted_but_not_be_another(tmp_path: Path) -> None:
    turns = limiter(tmp_path, Clock())
    turns.wait("ListDataSets", principal="a", account=ACCOUNT)
    (tmp_path / "limiter.db").unlink()
    turns.wait("ListDataSets", principal="a", account=ACCOUNT)
    (tmp_path / "limiter.db").write_bytes(b"something else, long enough to be read as a header" * 20)
    with pytest.raises(LimiterFailedError, match=r"limiter\.db"):
        turns.wait("ListDataSets", principal="a", account=ACCOUNT)


def test_the_file_stays_small(tmp_path: Path) -> None:
    clock = Clock()
    turns = limiter(tmp_path, clock)
    for _ in range(500):
        turns.wait("ListDataSets", principal="a", account=ACCOUNT)
    assert (tmp_path / "limiter.db").stat().st_size < 20_000


@given(
    st.lists(st.floats(0, 10), max_size=30).map(sorted),
    st.lists(st.floats(0, 10), max_size=30).map(sorted),
    st.floats(0, 10),
)
def test_the_first_free_instant_keeps_every_distance_and_none_before_it_does(
    principal: list[float], account: list[float], now: float
) -> None:
    rules = [(principal, 0.5), (account, 0.1)]

    def free(at: float) -> bool:
        return all(abs(at - taken) >= spacing - 1e-9 for instants, spacing in rules for taken in instants)

    at = first_free(now, rules)
    assert at >= now
    assert free(at)
    earlier = [now, *(taken + spacing for instants, spacing in rules for taken in instants)]
    clearly_free = all(
        any(abs(candidate - taken) < spacing for instants, spacing in rules for taken in instants)
        for candidate in earlier
        if now <= candidate < at - 1e-9
    )
    assert clearly_free


def client_of_nowhere(attempts: int) -> Any:  # noqa: ANN401 (the stubs cover too few services to say more)
    """A boto3 client whose endpoint refuses connections."""
    credentials = dict.fromkeys(("aws_access_key_id", "aws_secret_access_key"), "x")
    config = Config(retries={"mode": "standard", "total_max_attempts": attempts})
    session: Any = boto3.Session(region_name="us-east-1", **credentials)
    return session.client("quicksight", endpoint_url="http://127.0.0.1:9", config=config)


def test_every_http_attempt_waits_for_its_turn_retries_included() -> None:
    asked: list[tuple[str, str, str]] = []

    class Noting:
        def wait(self, operation: str, *, principal: str, account: str) -> None:
            asked.append((operation, principal, account))

    client = client_of_nowhere(attempts=2)
    attach(client, Noting(), principal="role/a", account=ACCOUNT)
    with pytest.raises(EndpointConnectionError):
        client.list_data_sets(AwsAccountId=ACCOUNT)
    assert asked == [("ListDataSets", "role/a", ACCOUNT)] * 2


def test_a_refused_turn_reaches_the_caller_and_no_request_is_sent(tmp_path: Path) -> None:
    turns = limiter(tmp_path, Frozen(), longest_wait=0.1)
    client = client_of_nowhere(attempts=3)
    attach(client, turns, principal="a", account=ACCOUNT)
    turns.wait("ListDataSets", principal="a", account=ACCOUNT)
    with pytest.raises(DeadlineExceededError, match="no call waits above"):
        client.list_data_sets(AwsAccountId=ACCOUNT)


def _take_turns(
    path: Path,
    name: str,
    ready: "multiprocessing.synchronize.Barrier",
    calls: "multiprocessing.Queue[tuple[str, float]]",
) -> None:
    turns = SqliteRateLimiter(path, rates=Rates(principal=50.0, account=250.0))
    ready.wait(60)
    end = time() + 2
    while time() < end:
        turns.wait("DescribeIngestion", principal="a", account=ACCOUNT)
        calls.put((name, time()))


@pytest.mark.slow
def test_two_real_processes_share_the_rate_evenly(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    calls, ready = context.Queue(), context.Barrier(2)  # a busy machine may take seconds to start one of them
    workers = [
        context.Process(target=_take_turns, args=(tmp_path / "limiter.db", name, ready, calls))
        for name in ("one", "other")
    ]
    for worker in workers:
        worker.start()
    got: list[tuple[str, float]] = []
    while any(worker.is_alive() for worker in workers) or not calls.empty():
        while not calls.empty():
            got.append(calls.get())
        for worker in workers:
            worker.join(0.05)
    shares = Counter(name for name, _ in got)
    assert 80 <= len(got) <= 101, "50 a second for 2 seconds, less the margin and a slow machine"
    assert abs(shares["one"] - shares["other"]) <= 0.1 * len(got)
