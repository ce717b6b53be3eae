"""What things are called in QuickSight: ids, display names, ARNs and links.

The forms were chosen long ago by the sites that use them, and ids and names differ in more than their separators, so
each is spelled out here and none is computed from another. Knows no client.
"""

import re
from dataclasses import dataclass
from functools import cache

import botocore.session
from botocore.exceptions import UnknownRegionError

MAX_ID = 96
"""Characters that QuickSight allows in the id of a data source or data set (user guide)."""

_TABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_ASSESSMENT = re.compile(r"[A-Za-z0-9_-]+")
_ACCOUNT = re.compile(r"[0-9]{12}")
# Websites for people, from the region table of the user guide; the one of aws-us-gov is not listed there (unverified).
_CONSOLES = {
    "aws": "https://{region}.quicksight.aws.amazon.com",
    "aws-cn": "https://{region}.quicksight.amazonaws.cn",
    "aws-us-gov": "https://{region}.quicksight.aws-us-gov.amazon.com",
}


class NameRefusedError(ValueError):
    """A table, assessment, account or region cannot be named in QuickSight; the message says why."""


@dataclass(frozen=True, kw_only=True)
class TableNames:
    """The data source and the data set of one table of one assessment.

    Raises:
        NameRefusedError: where a part has characters that QuickSight refuses, or an id is longer than ``MAX_ID``.
    """

    table: str
    assessment: str

    def __post_init__(self) -> None:
        if not _TABLE.fullmatch(self.table):
            raise NameRefusedError(f"table {self.table!r}: use a letter followed by letters, digits and '_'")
        _check_assessment(self.assessment)
        longest = max((self.data_source_id, self.data_set_id), key=len)
        if len(longest) > MAX_ID:
            raise NameRefusedError(
                f"{longest!r} has {len(longest)} characters and QuickSight allows {MAX_ID}: shorten the name of the "
                f"table or the assessment id by {len(longest) - MAX_ID}"
            )

    @property
    def data_source_id(self) -> str:
        """Such as ``ForceFlow-joined-datasource-A1``."""
        return f"{self._dashed}-datasource-{self.assessment}"

    @property
    def data_source_name(self) -> str:
        """Such as ``ForceFlow_joined_datasource_A1``."""
        return f"{self.table}_datasource_{self.assessment}"

    @property
    def data_set_id(self) -> str:
        """Such as ``ForceFlow-joined-dataset-A1``."""
        return f"{self._dashed}-dataset-{self.assessment}"

    @property
    def data_set_name(self) -> str:
        """Such as ``ForceFlow_joined_dataset_A1``."""
        return f"{self.table}_dataset_{self.assessment}"

    @property
    def _dashed(self) -> str:
        return self.table.replace("_", "-")


@dataclass(frozen=True, kw_only=True)
class DashboardNames:
    """The dashboard of one assessment.

    Raises:
        NameRefusedError: where the assessment id has characters that QuickSight refuses.
    """

    assessment: str

    def __post_init__(self) -> None:
        _check_assessment(self.assessment)

    @property
    def dashboard_id(self) -> str:
        """Such as ``RD-Assessment-A1``."""
        return f"RD-Assessment-{self.assessment}"

    @property
    def dashboard_name(self) -> str:
        """Such as ``RD_Assessment_A1``."""
        return f"RD_Assessment_{self.assessment}"


@dataclass(frozen=True, kw_only=True)
class Account:
    """One AWS account in one region, of any partition: the source of every ARN and link.

    Raises:
        NameRefusedError: where the account id is not twelve digits or no partition has such a region.
    """

    account_id: str
    region: str

    def __post_init__(self) -> None:
        if not _ACCOUNT.fullmatch(self.account_id):
            raise NameRefusedError(f"account id {self.account_id!r}: use the twelve digits of the AWS account")
        _partition_of(self.region)

    @property
    def partition(self) -> str:
        """``aws``, ``aws-cn`` or ``aws-us-gov``."""
        return _partition_of(self.region)

    def data_source_arn(self, names: TableNames) -> str:
        """The ARN of the data source of a table."""
        return self._arn(f"datasource/{names.data_source_id}")

    def data_set_arn(self, names: TableNames) -> str:
        """The ARN of the data set of a table."""
        return self._arn(f"dataset/{names.data_set_id}")

    def dashboard_arn(self, names: DashboardNames) -> str:
        """The ARN of the dashboard of an assessment."""
        return self._arn(f"dashboard/{names.dashboard_id}")

    def user_arn(self, user_name: str, identity_region: str) -> str:
        """The ARN of a QuickSight user of the namespace ``default``; users live in one region of the account."""
        return f"arn:{self.partition}:quicksight:{identity_region}:{self.account_id}:user/default/{user_name}"

    def data_set_link(self, names: TableNames) -> str:
        """Where a person sees the data set and its refreshes."""
        return f"{self._console}/sn/data-sets/{names.data_set_id}"

    def dashboard_link(self, names: DashboardNames) -> str:
        """Where a person sees the dashboard."""
        return f"{self._console}/sn/dashboards/{names.dashboard_id}"

    @property
    def _console(self) -> str:
        return _CONSOLES.get(self.partition, _CONSOLES["aws"]).format(region=self.region)

    def _arn(self, resource: str) -> str:
        return f"arn:{self.partition}:quicksight:{self.region}:{self.account_id}:{resource}"


def _check_assessment(assessment: str) -> None:
    if not _ASSESSMENT.fullmatch(assessment):
        raise NameRefusedError(f"assessment id {assessment!r}: use letters, digits, '_' and '-'")


@cache
def _partition_of(region: str) -> str:
    try:
        return botocore.session.get_session().get_partition_for_region(region)
    except UnknownRegionError:
        raise NameRefusedError(f"region {region!r}: no AWS partition has it; use one such as 'us-east-1'") from None
