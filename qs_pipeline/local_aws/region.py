"""One region's QuickSight: every operation on the resources that live there, in transactions.

Knows neither HTTP nor limits; ``quicksight`` is the door that calls it.
"""

from dataclasses import replace
from pathlib import Path

import polars as pl

from qs_pipeline.local_aws.account import Account
from qs_pipeline.local_aws.dashboards import Dashboards
from qs_pipeline.local_aws.data_sets import DataSets
from qs_pipeline.local_aws.data_sources import DataSources
from qs_pipeline.local_aws.errors import ServiceError, invalid, not_emulated, not_found
from qs_pipeline.local_aws.groups import Groups
from qs_pipeline.local_aws.ingestions import Ingestions
from qs_pipeline.local_aws.labels import Permissions, Tags
from qs_pipeline.local_aws.state import Doc
from qs_pipeline.local_aws.subscription import Subscription
from qs_pipeline.local_aws.users import Users

# Ids that the service model leaves unbounded, and the service does not.
_BOUNDED_IDS = ("DataSourceId", "DataSetId")
_LONGEST_ID = 96
_OF_DATA_SOURCES = frozenset({"UpdateDataSource", "DeleteDataSource"})


class Region:
    """The operations of every kind of resource, by name."""

    def __init__(self, account: Account, name: str) -> None:
        """The home region's documents stand in the state as they are, those of others in a space of their own."""
        if name != account.settings.region:
            account = replace(account, region=name, state=account.state.within(name))
        self._account = account
        permissions, tags = Permissions(account), Tags(account)
        self._ingestions = Ingestions(account)
        self._data_sets = DataSets(account, permissions, tags, self._ingestions)
        groups = Groups(account)
        people = {**Users(account, tags, groups).handlers, **groups.handlers}
        self._identity = {**people, **Subscription(account).handlers}
        self._handlers = {
            **DataSources(account, permissions, tags).handlers,
            **self._data_sets.handlers,
            **self._ingestions.handlers,
            **Dashboards(account, permissions, tags).handlers,
            **tags.handlers,
            **self._identity,
        }

    def check_emulated(self, operation: str) -> None:
        """Raises ``ServiceError`` where the operation is real but not emulated."""
        if operation not in self._handlers:
            raise not_emulated(operation)

    def carry_out(self, operation: str, params: Doc) -> Doc:
        """The output of an emulated operation on its validated input.

        Raises:
            ServiceError: whatever QuickSight refuses.
        """
        self._check(operation, params)
        touched = [params["DataSetId"]] if "DataSetId" in params else []
        if operation in _OF_DATA_SOURCES:
            touched = self._data_sets.using(params["DataSourceId"])
        for data_set in touched:
            self._ingestions.settle(data_set)
        with self._account.state.transaction():
            return self._handlers[operation](params)

    def rows(self, data_set: str) -> pl.LazyFrame:
        """The rows that the data set serves now, unread; raises as ``served`` does."""
        return pl.scan_parquet(self.served(data_set))

    def served(self, data_set: str) -> Path:
        """The parquet file that the data set serves now; each ingestion writes one of another name.

        Raises:
            ServiceError: where there is no such data set, or nothing has been ingested yet.
        """
        self._ingestions.settle(data_set)
        doc = self._account.state.get("data_set", data_set) or {}
        if "Spice" not in doc:
            raise not_found("SPICE_TABLE", data_set)
        return self._account.spice / doc["Spice"]["file"]

    def spice_use(self) -> tuple[int, int]:
        """Bytes that SPICE holds, and that it may hold."""
        return self._account.state.total("data_set", "$.Spice.size"), self._account.settings.account_bytes

    def _check(self, operation: str, params: Doc) -> None:
        settings = self._account.settings
        if params.get("AwsAccountId", settings.account_id) != settings.account_id:
            message = f"account {params['AwsAccountId']} is not the embedded one; use {settings.account_id}"
            raise ServiceError("AccessDeniedException", message)
        identity = settings.identity_region or self._account.region
        if operation in self._identity and self._account.region != identity:
            message = (
                f"Operation is being called from endpoint {self._account.region}, but your identity region is"
                f" {identity}. Please use the {identity} endpoint."
            )
            raise ServiceError("AccessDeniedException", message)
        for member in _BOUNDED_IDS:
            if not 0 < len(params.get(member, "x")) <= _LONGEST_ID:
                told = f"{params[member]!r} has {len(params[member])} characters; it may have 1 to {_LONGEST_ID}"
                raise invalid(f"the {member} {told}")
