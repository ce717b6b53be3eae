"""What QuickSight tells us, as frozen values: the shape of its replies ends here.

The replies are typed by the boto3 stubs, which exist for the type checker only.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from qs_pipeline.quicksight.names import TableNames

if TYPE_CHECKING:
    from mypy_boto3_quicksight import type_defs as api

_INGESTION_ENDS = frozenset({"COMPLETED", "FAILED", "CANCELLED"})
_VERSION_ENDS = frozenset({"CREATION_SUCCESSFUL", "CREATION_FAILED", "UPDATE_SUCCESSFUL", "UPDATE_FAILED", "DELETED"})
_MARKED = re.compile(r"(.*) #([0-9a-f]{8})", re.DOTALL)
_VERSION_SUCCESSES = frozenset({"CREATION_SUCCESSFUL", "UPDATE_SUCCESSFUL"})


@dataclass(frozen=True, kw_only=True)
class IngestionError:
    """Why an ingestion failed: QuickSight's type, such as ``S3_FILE_INACCESSIBLE``, and its words."""

    type: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Ingestion:
    """One load of a data set into SPICE.

    Attributes:
        status: INITIALIZED, QUEUED, RUNNING, COMPLETED, FAILED or CANCELLED.
        request_type: INITIAL_INGESTION, EDIT, FULL_REFRESH or INCREMENTAL_REFRESH.
        rows: Rows that were ingested; None until the data was read.
        dropped: Rows that were dropped for a cell that does not fit its type.
        seconds: Time QuickSight took; None while it runs.
        error: Why it failed, if it did.
        asked_at: When it was asked for; of an INITIAL_INGESTION, when the data set was made.
    """

    ingestion_id: str
    status: str
    request_type: str
    rows: int | None
    dropped: int
    seconds: float | None
    error: IngestionError | None
    asked_at: datetime | None = None

    @classmethod
    def from_api(cls, reply: "api.IngestionTypeDef") -> "Ingestion":
        """The value of an ``Ingestion`` structure."""
        rows = reply.get("RowInfo", {})
        error = reply.get("ErrorInfo", {})
        return cls(
            ingestion_id=reply.get("IngestionId", ""),
            status=reply["IngestionStatus"],
            request_type=reply.get("RequestType", ""),
            rows=rows.get("RowsIngested"),
            dropped=rows.get("RowsDropped", 0),
            seconds=reply.get("IngestionTimeInSeconds"),
            error=IngestionError(type=error.get("Type", ""), message=error.get("Message", "")) if error else None,
            asked_at=reply.get("CreatedTime"),
        )

    @property
    def ended(self) -> bool:
        """Whether the status cannot change any more."""
        return self.status in _INGESTION_ENDS

    @property
    def complete(self) -> bool:
        """Whether every row of the file is in SPICE."""
        return self.status == "COMPLETED" and not self.dropped


@dataclass(frozen=True, kw_only=True)
class IngestionHandle:
    """Which ingestion a call has started, so that exactly this one is waited for; ``created``: with the data set."""

    names: TableNames
    ingestion_id: str
    created: bool = False


@dataclass(frozen=True, kw_only=True)
class DataSetState:
    """A data set as it stands: its output columns in order, and when it was last changed."""

    arn: str
    name: str
    columns: tuple[str, ...]
    updated: datetime | None

    @classmethod
    def from_api(cls, reply: "api.DataSetTypeDef") -> "DataSetState":
        """The value of a ``DataSet`` structure."""
        return cls(
            arn=reply.get("Arn", ""),
            name=reply.get("Name", ""),
            columns=tuple(column.get("Name", "") for column in reply.get("OutputColumns", [])),
            updated=reply.get("LastUpdatedTime"),
        )


@dataclass(frozen=True, kw_only=True)
class DashboardError:
    """One thing QuickSight finds wrong with a dashboard.

    Attributes:
        type: QuickSight's word for it; words outside its published list occur.
        paths: The places in the definition, such as ``sheets/0/visuals/2``.
    """

    type: str
    message: str
    paths: tuple[str, ...]

    @classmethod
    def from_api(cls, reply: "api.DashboardErrorTypeDef") -> "DashboardError":
        """The value of a ``DashboardError`` structure."""
        return cls(
            type=reply.get("Type", ""),
            message=reply.get("Message", ""),
            paths=tuple(entity["Path"] for entity in reply.get("ViolatedEntities", []) if "Path" in entity),
        )

    def __str__(self) -> str:
        place = f" (at {', '.join(self.paths)})" if self.paths else ""
        return f"{self.type}: {self.message}{place}"


@dataclass(frozen=True, kw_only=True)
class DashboardVersion:
    """One version of a dashboard.

    Attributes:
        number: Counts from 1.
        status: Such as CREATION_IN_PROGRESS, CREATION_SUCCESSFUL or CREATION_FAILED, for updates as well.
        description: What we said when we made it; empty if nothing.
        mark: What sets the call that made it apart from others; empty where it was not ours.
        created: When it was asked for.
        errors: What is wrong with it; a version can succeed and still have some.
    """

    number: int
    status: str
    description: str
    mark: str
    created: datetime | None
    errors: tuple[DashboardError, ...]

    @classmethod
    def from_api(cls, reply: "api.DashboardVersionTypeDef") -> "DashboardVersion":
        """The value of a ``DashboardVersion`` structure."""
        return cls(
            number=reply.get("VersionNumber", 0),
            status=reply.get("Status", ""),
            **_said(reply.get("Description", "")),
            created=reply.get("CreatedTime"),
            errors=tuple(DashboardError.from_api(error) for error in reply.get("Errors", [])),
        )

    @classmethod
    def from_summary(cls, reply: "api.DashboardVersionSummaryTypeDef") -> "DashboardVersion":
        """The value of a ``DashboardVersionSummary`` structure, which tells no errors."""
        return cls(
            number=reply.get("VersionNumber", 0),
            status=reply.get("Status", ""),
            **_said(reply.get("Description", "")),
            created=reply.get("CreatedTime"),
            errors=(),
        )

    @property
    def ended(self) -> bool:
        """Whether the status cannot change any more."""
        return self.status in _VERSION_ENDS

    @property
    def sound(self) -> bool:
        """Whether it was built without an error."""
        return self.status in _VERSION_SUCCESSES and not self.errors


@dataclass(frozen=True, kw_only=True)
class DashboardState:
    """A dashboard and one of its versions: the published one unless another was asked for."""

    arn: str
    version: DashboardVersion
    published: datetime | None

    @classmethod
    def from_api(cls, reply: "api.DashboardTypeDef") -> "DashboardState":
        """The value of a ``Dashboard`` structure."""
        return cls(
            arn=reply.get("Arn", ""),
            version=DashboardVersion.from_api(reply.get("Version", {})),
            published=reply.get("LastPublishedTime"),
        )


def _said(description: str) -> dict[str, str]:
    """A version's description, taken apart."""
    marked = _MARKED.fullmatch(description)
    return {"description": marked[1], "mark": marked[2]} if marked else {"description": description, "mark": ""}
