"""What ``needs`` says that AWS has to allow is what the code asks for: nothing is missing, nothing is too much."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg
import pytest
from botocore.client import BaseClient

from qs_pipeline.cli.publish import roll_back
from qs_pipeline.cli.uploading import plan_reference, put
from qs_pipeline.dag.dashboard import PINNED_TAG
from qs_pipeline.dag.resources import QuickSightWorkspace, StoreResource
from qs_pipeline.needs import ANY, BUCKET, DASHBOARDS, QUEUE, SETS, SOURCES, Who, needs_of
from qs_pipeline.quicksight.names import DashboardNames
from qs_pipeline_tests.dag.conftest import ACCOUNT, ASSESSMENT, Site
from qs_pipeline_tests.dag.test_adoption import arns, tags
from qs_pipeline_tests.dag.test_calls import change
from qs_pipeline_tests.dag.test_retire import steps
from qs_pipeline_tests.dag.test_watch import Watch

Pair = tuple[str, str]
OWNER = "arn:aws:quicksight:us-east-1:123456789012:user/default/local"
_S3 = {
    "ListObjectsV2": "s3:ListBucket",
    "HeadObject": "s3:GetObject",
    "GetObject": "s3:GetObject",
    "PutObject": "s3:PutObject",
    "DeleteObject": "s3:DeleteObject",
}
_KINDS = {"DataSourceId": SOURCES, "DataSetId": SETS, "DashboardId": DASHBOARDS}
# What creating and changing a thing asks for beside its own action: to pass on what it is made of.
_PASSED = {"DataSet": ("quicksight:PassDataSource", SOURCES), "Dashboard": ("quicksight:PassDataSet", SETS)}


def pairs_of(operation: str, params: dict[str, Any]) -> Iterator[Pair]:
    """The actions that a call asks for, each with its resource as needs name it."""
    if operation in _S3:
        place = BUCKET if operation == "ListObjectsV2" else f"{params['Key'].split('/')[0]}/*"
        yield _S3[operation], place
        return
    if operation == "GetCallerIdentity":
        return  # needs no grant
    kind = next((_KINDS[name] for name in _KINDS if name in params), ANY)
    if "ResourceArn" in params:
        kind = next(each for each in _KINDS.values() if params["ResourceArn"].split(":")[-1].split("/")[0] in each)
    yield f"quicksight:{operation}", kind
    if operation.endswith(("Ingestion", "Ingestions")):
        yield f"quicksight:{operation}", f"{SETS}/ingestion/*"
    if "Tags" in params:
        yield "quicksight:TagResource", kind
    if operation.startswith(("Create", "Update")) and operation[len("Create") :] in _PASSED:
        yield _PASSED[operation[len("Create") :]]


class Recorder:
    """Notes what is asked for, by whom."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: dict[Who, set[Pair]] = {"run": set(), "sensors": set()}
        self._who: Who | None = None
        call: Callable[..., Any] = BaseClient._make_api_call  # noqa: SLF001 - every call of every client

        def noting(client: BaseClient, operation: str, params: dict[str, Any]) -> object:
            if self._who:
                self.asked[self._who].update(pairs_of(operation, params))
            return call(client, operation, params)

        monkeypatch.setattr(BaseClient, "_make_api_call", noting)

    @contextmanager
    def of(self, who: Who) -> Iterator[None]:
        """What is called meanwhile is called by ``who``."""
        self._who = who
        try:
            yield
        finally:
            self._who = None


def settle(site: Site, noted: Recorder) -> None:
    """A tick of the sensor and the run that it asks for."""
    with noted.of("sensors"):
        (request,) = site.tick().run_requests or ()
    with noted.of("run"):
        assert site.run(request).success


def expected(who: Who) -> set[Pair]:
    """All that ``needs`` grants, but the queue, whose calls ``notifications`` makes and its own tests hold."""
    found: set[Pair] = set()
    for need in needs_of(who):
        found.update(pair for pair in need.pairs if pair[1] != QUEUE)
    return found


@pytest.mark.long
def test_the_life_of_an_assessment_asks_for_what_needs_say_and_for_nothing_else(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = Recorder(monkeypatch)
    site.upload_sample(classes=frozenset({"assessment", "force_flow", "class_i", "class_ix"}))
    put(StoreResource().open(), plan_reference(site.folder))
    settle(site, noted)
    change(site, "Wet")
    settle(site, noted)  # a refresh
    monkeypatch.setenv("QS_OWNERS", OWNER)
    monkeypatch.setenv("QS_VIEWERS", OWNER)
    with noted.of("run"):
        assert site.by_hand().success
        client, names = QuickSightWorkspace().get_client(), DashboardNames(assessment=ASSESSMENT)
        roll_back(site.instance, client, ASSESSMENT, 1)
        client.untag_dashboard(names, PINNED_TAG)
        client.describe_definition(names.dashboard_id)  # what `dashboard pull` and `preview` do
    stray(site)
    with noted.of("sensors"):
        Watch(site).look()
    site.quicksight.delete_data_set(AwsAccountId=ACCOUNT, DataSetId="POS-dataset-9")
    change(site, "Cold")
    for arn in (each for each in arns(site) if ":dashboard/" not in each):
        site.quicksight.untag_resource(ResourceArn=arn, TagKeys=[*tags(site, arn)])
    with dg.DagsterInstance.ephemeral() as instance:  # taken over, as if others had made it
        heir = Site(site.aws, instance, site.folder)
        settle(heir, noted)
        heir.delete("RD_I_PaxLocationAll")
        settle(heir, noted)
        with noted.of("run"):
            steps(heir)
            StoreResource().open().exhume(ASSESSMENT)  # what a retirement does that a run gets ahead of
        heir.upload_sample()
        settle(heir, noted)
    for who in ("run", "sensors"):
        assert sorted(noted.asked[who] - expected(who)) == [], f"missing for {who}"
        assert sorted(expected(who) - noted.asked[who]) == [], f"too much for {who}"


def stray(site: Site) -> None:
    """A data set of an assessment that nobody knows."""
    there: Any = site.quicksight.describe_data_set(AwsAccountId=ACCOUNT, DataSetId=f"POS-dataset-{ASSESSMENT}")
    kept = {key: there["DataSet"][key] for key in ("PhysicalTableMap", "LogicalTableMap", "ImportMode")}
    site.quicksight.create_data_set(AwsAccountId=ACCOUNT, DataSetId="POS-dataset-9", Name="stray", **kept)


def test_no_need_is_told_twice() -> None:
    for who in ("run", "sensors", "people", "doctor"):
        told = [pair for need in needs_of(who) for pair in need.pairs]
        assert len(told) == len(set(told)), who
