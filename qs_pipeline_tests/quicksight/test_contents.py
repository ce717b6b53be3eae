"""What a data set holds is found in QuickSight by whoever has forgotten, and never taken for something else."""

import pytest

from qs_pipeline.local_aws.faults import Fault, fault_of
from qs_pipeline.quicksight import errors
from qs_pipeline.quicksight.loading import Load, Loaded
from qs_pipeline.quicksight.names import TableNames
from qs_pipeline_tests.quicksight.conftest import ACCOUNT, BUCKET, COLUMNS, Site

NAMES = TableNames(table="POS", assessment="A1")
OTHER = "Name,State,Days\nDepot,TX,9\nPort,CA,8\n"
WRITES = {"CreateDataSet", "UpdateDataSet", "CreateIngestion", "UpdateDataSource"}


def load(
    site: Site, label: str, *, exists: bool = False, refreshes: bool = False, asked_before: bool = False
) -> Loaded:
    """Load what was uploaded, as somebody who remembers what the arguments say."""
    wanted = Load(
        names=NAMES,
        table_map=COLUMNS,
        manifest=(BUCKET, "POS.json"),
        rows=2,
        label=label,
        exists=exists,
        refreshes=refreshes,
        asked_before=asked_before,
        asked_by="me",
    )
    (end,) = site.client.load([wanted], deadline_seconds=300, poll_seconds=1)
    return end


def written(site: Site, before: dict[str, int]) -> set[str]:
    """The calls since then that wrote something to QuickSight, and were not refused for it being there."""
    return set(site.new_calls(before)) & WRITES


def test_who_forgot_a_new_data_set_finds_it_and_loads_nothing(site: Site) -> None:
    site.upload()
    assert load(site, "one").created
    before = site.calls()
    again = load(site, "one")
    assert not isinstance(again.end, Exception)
    assert not again.created, "to whom it is granted is not known"
    assert written(site, before) == set()
    assert sum(site.new_calls(before).values()) == 4, "the source is there; its loads; its tag; how the load ended"


def test_who_forgot_a_refresh_finds_it_by_its_id(site: Site) -> None:
    site.upload()
    load(site, "one")
    site.upload(csv=OTHER)
    load(site, "two", exists=True, refreshes=True)
    before = site.calls()
    load(site, "two")
    assert written(site, before) == set()
    load(site, "one")
    assert written(site, before) == {"UpdateDataSource", "UpdateDataSet"}, "the tag of the creation is out of date"


def test_who_forgot_an_edit_finds_it_by_the_tag_that_names_it(site: Site) -> None:
    site.upload()
    load(site, "one")
    load(site, "two", exists=True)
    before = site.calls()
    load(site, "two")
    assert written(site, before) == set()


def test_an_edit_whose_tag_was_not_written_is_not_taken_for_what_was_there_before(site: Site) -> None:
    site.upload()
    load(site, "one")
    site.aws.faults.add(Fault(operation="TagResource", error="AccessDeniedException"))
    refused = load(site, "two", exists=True).end
    assert isinstance(refused, errors.AccessDeniedError)
    assert refused.action == "quicksight:TagResource"
    before = site.calls()
    load(site, "one")
    assert "UpdateDataSet" in written(site, before)


@pytest.mark.parametrize("ended", [True, False])
def test_a_load_whose_end_was_not_seen_is_waited_for(site: Site, *, ended: bool) -> None:
    site.upload()
    load(site, "one")
    site.upload(csv=OTHER)
    site.client.refresh_data_set(NAMES, "two-somebody")
    site.clock.now += 60 if ended else 0
    before = site.calls()
    found = load(site, "two", exists=True, refreshes=True, asked_before=True).end
    assert not isinstance(found, Exception)
    assert found.ingestion_id == "two-somebody"
    assert written(site, before) == set()


@pytest.mark.parametrize("fault", [{"dropped_rows": 1}, {"error": "S3_FILE_INACCESSIBLE"}])
def test_a_load_that_failed_or_lost_rows_is_not_what_is_wanted(site: Site, fault: dict[str, object]) -> None:
    site.upload()
    load(site, "one")
    site.aws.faults.add(fault_of({"operation": "outcome:Ingestion", **fault}))
    assert isinstance(load(site, "two", exists=True, refreshes=True).end, errors.IngestionFailedError)
    before = site.calls()
    load(site, "two", exists=True, asked_before=True)
    assert "UpdateDataSet" in written(site, before)


def test_a_refresh_of_somebody_else_is_of_unknown_content(site: Site) -> None:
    site.upload()
    load(site, "one")
    site.api.create_ingestion(AwsAccountId=ACCOUNT.account_id, DataSetId=NAMES.data_set_id, IngestionId="by-hand")
    before = site.calls()
    load(site, "one")
    assert "UpdateDataSet" in written(site, before)
