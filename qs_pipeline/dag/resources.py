"""What assets and the sensor are handed: the store and QuickSight, made from the environment when they are first used.

A field left empty takes its value from the environment (docs/settings.md), never at import.
"""

import os
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from qs_pipeline.access import make_clients, make_limiter
from qs_pipeline.dashboards.definition import Definition
from qs_pipeline.dashboards.folder import load
from qs_pipeline.definitions_dir import definitions_directory
from qs_pipeline.identity import Role, ask_caller
from qs_pipeline.model import AssessmentId
from qs_pipeline.quicksight.client import QuickSightClient, find_identity_region
from qs_pipeline.quicksight.grants import Grants
from qs_pipeline.quicksight.names import Account, DashboardNames, TableNames
from qs_pipeline.quicksight.table_map import TableMap, load_table_map
from qs_pipeline.settings import Settings
from qs_pipeline.store import AssessmentStore

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class StoreResource(dg.ConfigurableResource["StoreResource"]):
    """The assessments' objects on S3."""

    bucket: str = Field(default="", description="Bucket of the assessments; empty for QS_BUCKET.")

    def open(self) -> AssessmentStore:
        """The store of the bucket."""
        settings = Settings.from_environment(os.environ)
        return AssessmentStore(_s3(settings), self.bucket or settings.bucket)

    @property
    def max_upload_bytes(self) -> int:
        """A larger CSV is refused from the listing."""
        return Settings.from_environment(os.environ).max_upload_bytes

    @property
    def shrink_warning(self) -> float:
        """Share of rows whose loss raises a warning."""
        return Settings.from_environment(os.environ).shrink_warning


class QuickSightWorkspace(dg.ConfigurableResource["QuickSightWorkspace"]):
    """QuickSight as the principals of one account, their calls held to the limits, and the definitions to publish."""

    account_id: str = Field(default="", description="Twelve digits; empty for the account of the credentials.")

    def get_client(self) -> QuickSightClient:
        """The client of this process."""
        return _quicksight(Settings.from_environment(os.environ), self.account_id)

    @property
    def deadline_seconds(self) -> float:
        """How long one ingestion or one dashboard version may take."""
        return Settings.from_environment(os.environ).deadline_seconds

    @property
    def poll_seconds(self) -> float:
        """Pause between two looks at one of them."""
        return Settings.from_environment(os.environ).poll_seconds

    @property
    def refreshes_per_day(self) -> int:
        """Refreshes of a data set that QuickSight allows in any 24 hours."""
        return Settings.from_environment(os.environ).refreshes_per_day

    @property
    def has_console(self) -> bool:
        """Whether there is a console that links can lead to; the embedded AWS has none."""
        return Settings.from_environment(os.environ).target == "aws"

    def dashboard_link(self, names: DashboardNames) -> str:
        """Where a person sees the dashboard: in the console, or in the viewer of the embedded AWS."""
        if self.has_console:
            return self.get_client().account.dashboard_link(names)
        return f"{Settings.from_environment(os.environ).endpoint}/dashboards/{names.dashboard_id}"

    def table_map(self, table: str) -> TableMap:
        """The table map in ``definitions/datasets``."""
        return load_table_map(definitions_directory(os.environ) / "datasets" / f"{table}.json")

    def definition(self) -> Definition:
        """The dashboard in ``definitions/dashboard``."""
        return load(definitions_directory(os.environ) / "dashboard")

    def data_set_arns(self, assessment: AssessmentId, tables: Iterable[str]) -> dict[str, str]:
        """The ARN of the data set of each table."""
        account = self.get_client().account
        return {table: account.data_set_arn(TableNames(table=table, assessment=assessment)) for table in tables}


# Dagster makes resources anew for every step, and boto3 takes a tenth of a second and more to make a client.
@lru_cache(maxsize=4)
def _s3(settings: Settings) -> "S3Client":
    return settings.session().client("s3", config=settings.boto3_config)


@lru_cache(maxsize=4)
def _quicksight(settings: Settings, account_id: str) -> QuickSightClient:
    caller = ask_caller(settings, settings.boto3_config)
    account = Account(account_id=account_id or caller.account, region=settings.region)
    roles = [Role(arn=arn) for arn in settings.principals]
    apis = make_clients(settings, caller, make_limiter(settings), account_id=account.account_id)
    owners = settings.owners
    if roles:
        # What one principal makes, the others go on with.
        region = settings.identity_region or find_identity_region(apis[0], account)
        owners += tuple(account.user_arn(role.user_name, region) for role in roles)
    return QuickSightClient(*apis, account=account, grants=Grants(owners=owners, viewers=settings.viewers))
