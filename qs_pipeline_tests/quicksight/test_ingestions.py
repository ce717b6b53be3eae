"""Waiting for ingestions: few looks, the oldest first, each end told by itself, never longer than granted."""

import pytest

from qs_pipeline.local_aws.faults import Fault
from qs_pipeline.quicksight import errors
from qs_pipeline.quicksight.models import Ingestion, IngestionHandle
from qs_pipeline.quicksight.names import TableNames
from qs_pipeline_tests.quicksight.conftest import ACCOUNT, BUCKET, COLUMNS, Site


def started(site: Site, table: str = "POS", csv: str = "Name,State,Days\nDepot,TX,3\n") -> IngestionHandle:
    names = site.upload(table, csv)
    site.client.put_data_source(names, BUCKET, f"{table}.json", exists=False)
    return site.client.put_data_set(names, COLUMNS, exists=False)


def looks(site: Site) -> int:
    return site.calls().get("DescribeIngestion", 0)


def test_waiting_for_many_costs_little_more_than_one_look_each(site: Site) -> None:
    handles = [started(site, f"T{n}") for n in range(12)]
    ends = list(site.client.wait_for_ingestions(handles, deadline_seconds=120))
    assert [handle for handle, _ in ends] == handles
    assert all(isinstance(end, Ingestion) and end.rows == 1 for _, end in ends)
    assert 12 <= looks(site) <= 12 + 8
    assert site.aws.stats()["throttled"] == 0


def test_each_end_is_told_when_it_is_seen(site: Site) -> None:
    handles = [started(site, "T1"), started(site, "T2")]
    waiting = site.client.wait_for_ingestions(handles, deadline_seconds=120)
    assert next(waiting)[0] == handles[0]
    seen = looks(site)
    assert next(waiting)[0] == handles[1]
    assert looks(site) > seen


def test_one_that_takes_long_does_not_hide_the_others(site: Site) -> None:
    """The second ingestion of a data set queues behind its first, and ends last."""
    first, other = started(site, "T1"), started(site, "T2")
    again = [site.client.refresh_data_set(first.names, f"v{n}") for n in range(2)]
    ends = [handle for handle, _ in site.client.wait_for_ingestions([again[1], other], deadline_seconds=120)]
    assert ends == [other, again[1]]


def test_a_failure_is_told_with_quicksights_words_and_does_not_hide_the_others(site: Site) -> None:
    bad, good = started(site, "T1", csv="Name,State\nDepot,TX\n"), started(site, "T2")
    ends = dict(site.client.wait_for_ingestions([bad, good], deadline_seconds=120))
    error = ends[bad]
    assert isinstance(error, errors.IngestionFailedError)
    assert error.ingestion.error is not None
    assert error.ingestion.error.message in str(error)
    assert "data set T1-dataset-A1" in str(error)
    assert isinstance(ends[good], Ingestion)


def test_dropped_rows_are_a_failure_that_counts_them(site: Site) -> None:
    handle = started(site, csv="Name,State,Days\nDepot,TX,3\nPort,CA,many\n")
    ((_, error),) = site.client.wait_for_ingestions([handle], deadline_seconds=120)
    assert isinstance(error, errors.IngestionFailedError)
    assert (error.ingestion.rows, error.ingestion.dropped) == (1, 1)


def test_a_cancelled_ingestion_has_ended(site: Site) -> None:
    handle = started(site)
    site.api.cancel_ingestion(
        AwsAccountId=ACCOUNT.account_id, DataSetId=handle.names.data_set_id, IngestionId=handle.ingestion_id
    )
    ((_, error),) = site.client.wait_for_ingestions([handle], deadline_seconds=120)
    assert isinstance(error, errors.IngestionFailedError)
    assert error.ingestion.status == "CANCELLED"


def test_a_wait_ends_at_its_deadline_with_a_last_look_at_each(site: Site) -> None:
    handles = [started(site, "T1"), started(site, "T2")]
    start = site.clock.now
    ends = dict(site.client.wait_for_ingestions(handles, deadline_seconds=5))
    assert 5 <= site.clock.now - start < 6
    for handle in handles:
        error = ends[handle]
        assert isinstance(error, errors.DeadlineExceededError)
        assert handle.names.data_set_id in str(error)
        assert "after 5 s" in str(error)


def test_what_had_ended_by_the_deadline_counts_as_ended(site: Site) -> None:
    handle = started(site)
    site.clock.now += 60
    ((_, end),) = site.client.wait_for_ingestions([handle], deadline_seconds=0)
    assert isinstance(end, Ingestion)


def test_a_look_that_fails_for_a_moment_is_repeated(site: Site) -> None:
    handle = started(site)
    site.aws.faults.add(Fault(operation="DescribeIngestion", times=2, error="InternalFailureException"))
    ((_, end),) = site.client.wait_for_ingestions([handle], deadline_seconds=120)
    assert isinstance(end, Ingestion)


def test_an_ingestion_that_is_not_told_yet_is_waited_for(site: Site) -> None:
    handle = started(site)
    site.aws.faults.add(Fault(operation="DescribeIngestion", times=3, error="ResourceNotFoundException"))
    ((_, end),) = site.client.wait_for_ingestions([handle], deadline_seconds=120)
    assert isinstance(end, Ingestion)


@pytest.mark.parametrize(("deadline", "patience"), [(120, 30), (5, 5)])
def test_an_ingestion_that_does_not_exist_is_told_after_a_while(site: Site, deadline: float, patience: float) -> None:
    handle = IngestionHandle(names=TableNames(table="POS", assessment="A1"), ingestion_id="none")
    start = site.clock.now
    ((_, error),) = site.client.wait_for_ingestions([handle], deadline_seconds=deadline)
    assert isinstance(error, errors.NotFoundError)
    assert patience <= site.clock.now - start < patience + 10


def test_an_ingestion_that_cannot_be_looked_at_is_given_up_at_the_deadline(site: Site) -> None:
    handle = started(site)
    site.aws.faults.add(Fault(operation="DescribeIngestion", times=1000, error="ConflictException"))
    start = site.clock.now
    ((_, error),) = site.client.wait_for_ingestions([handle], deadline_seconds=5)
    assert isinstance(error, errors.DeadlineExceededError)
    assert 5 <= site.clock.now - start < 7


def test_waiting_for_nothing_asks_nothing(site: Site) -> None:
    assert list(site.client.wait_for_ingestions([], deadline_seconds=120)) == []
    assert site.calls() == {}


def test_a_permission_that_is_missing_ends_the_wait(site: Site) -> None:
    handle = started(site)
    site.aws.faults.add(Fault(operation="DescribeIngestion", error="AccessDeniedException", message="no"))
    ((_, error),) = site.client.wait_for_ingestions([handle], deadline_seconds=120)
    assert isinstance(error, errors.AccessDeniedError)
    assert error.action == "quicksight:DescribeIngestion"
