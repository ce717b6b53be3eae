"""Everything that can go wrong in QuickSight, as a family: permanent errors need a person, transient ones need time.

Each says in one paragraph what happened, to which object, and what mends it, and carries the same as data. Only the
glue that runs the work decides what to do with them. How the service's own errors become these is in ``translate``.
"""

from collections.abc import Iterable

from qs_pipeline.quicksight.models import DashboardError, Ingestion

_SHOWN = 5


class QuickSightError(Exception):
    """QuickSight, or the way to it, refused or failed.

    Attributes:
        operation: The API operation, such as ``CreateDataSet``.
        resource: The object, such as ``data set POS-dataset-A1``.
        code: QuickSight's own name for the error; empty where it has none.
        detail: QuickSight's own words.
        path: Where in the object it lies, if QuickSight says so.
        fix: What to do about it.
    """

    def __init__(self, *, operation: str, resource: str, code: str = "", detail: str, fix: str, path: str = "") -> None:
        self.operation = operation
        self.resource = resource
        self.code = code
        self.detail = detail
        self.path = path
        self.fix = fix
        head = f"{operation} of {resource}" + (f": {code}" if code else "")
        place = f" (at {path})" if path else ""
        super().__init__(f"{head}: {_sentence(detail + place)} {_sentence(fix)}")


class PermanentError(QuickSightError):
    """Trying again without a change cannot help."""


class TransientError(QuickSightError):
    """Trying again later can help."""


class ThrottledError(TransientError):
    """More calls a second than QuickSight allows, after all retries."""


class ConflictError(TransientError):
    """The object is busy with another change."""


class NotReadyError(TransientError):
    """Something that the object needs was made a moment ago and cannot be used yet."""


class ServiceFailedError(TransientError):
    """QuickSight failed by itself (HTTP 5xx), after all retries."""


class ConnectionFailedError(TransientError):
    """QuickSight could not be reached or did not answer, after all retries."""


class DeadlineExceededError(TransientError):
    """Something did not come about within the time that was granted."""


class LimiterFailedError(TransientError):
    """The limiter could not give out a turn, so the call was not made."""


class NotFoundError(PermanentError):
    """The object, or one that it needs, does not exist."""


class AlreadyExistsError(PermanentError):
    """An object with this id exists."""


class InvalidRequestError(PermanentError):
    """QuickSight does not accept the request as it is."""


class LimitExceededError(PermanentError):
    """A quota of the account or of the object is used up, such as 32 refreshes of a data set in 24 hours."""


class CredentialsError(PermanentError):
    """The credentials are missing, expired or unknown."""


class NotManagedError(PermanentError):
    """The object bears the tag of another tool, or none of ours, so it is not ours to write or to delete."""


class AccessDeniedError(PermanentError):
    """The caller may not do this.

    Attributes:
        action: The IAM action that is missing, such as ``quicksight:CreateDataSet``.
    """

    def __init__(self, *, operation: str, resource: str, code: str, detail: str, fix: str, action: str) -> None:
        super().__init__(operation=operation, resource=resource, code=code, detail=detail, fix=fix)
        self.action = action


class IdentityRegionError(PermanentError):
    """The call has to go to the region in which the account's QuickSight users live.

    Attributes:
        identity_region: That region; empty where QuickSight does not name it.
    """

    def __init__(self, *, operation: str, resource: str, code: str, detail: str, identity_region: str) -> None:
        region = identity_region or "the region in which QuickSight was first set up"
        fix = f"The account's QuickSight users live in another region: set QS_IDENTITY_REGION={region}"
        super().__init__(operation=operation, resource=resource, code=code, detail=detail, fix=fix)
        self.identity_region = identity_region


class IngestionFailedError(PermanentError):
    """Rows did not reach SPICE, all or some of them; ``expected`` are those of the file, where that is what is wrong.

    Attributes:
        ingestion: The ingestion, with QuickSight's error, if any, and the rows that were dropped.
    """

    def __init__(self, *, resource: str, ingestion: Ingestion, expected: int | None = None) -> None:
        self.ingestion = ingestion
        if ingestion.error is not None:
            code, detail = ingestion.error.type, ingestion.error.message
            fix = "Mend the published file or QuickSight's access to it, then materialize the data set again"
        elif ingestion.dropped:
            code, detail = "ROWS_DROPPED", f"{ingestion.dropped} rows dropped, {ingestion.rows} ingested"
            fix = "Find cells that do not fit the column types of the table map; the summary in QuickSight lists them"
        elif expected is not None:
            code, detail = "ROWS_DIFFER", f"the file has {expected} rows and {ingestion.rows} were ingested"
            fix = "Materialize the data set again"
        else:
            code, detail = ingestion.status, "the ingestion ended without rows and without a reason"
            fix = "Materialize the data set again"
        super().__init__(
            operation="Ingestion",
            resource=f"{resource} ({ingestion.ingestion_id})",
            code=code,
            detail=detail,
            fix=fix,
        )


class VersionFailedError(PermanentError):
    """A version of a dashboard did not build, or built with errors; what was published before still is.

    Attributes:
        version: The number of the version that failed.
        errors: What QuickSight found, each with its type, message and paths.
    """

    def __init__(self, *, resource: str, version: int, errors: tuple[DashboardError, ...]) -> None:
        self.version = version
        self.errors = errors
        shown = [str(error) for error in errors[:_SHOWN]]
        if len(errors) > _SHOWN:
            shown.append(f"and {len(errors) - _SHOWN} more")
        alone = errors[0] if len(errors) == 1 else None
        super().__init__(
            operation=f"Build of version {version}",
            resource=resource,
            code=alone.type if alone else "",
            detail=(alone.message if alone else "; ".join(shown)) or "QuickSight gives no reason",
            path=", ".join(alone.paths) if alone else "",
            fix="Mend the definition and publish again; the version published before stays",
        )


def told_together(errors: Iterable[QuickSightError]) -> str:
    """All errors in words; what befell several things alike is told once, with the others' names."""
    alike: dict[tuple[str, str, str], list[QuickSightError]] = {}
    for error in errors:
        alike.setdefault((error.operation, error.code, error.fix), []).append(error)
    return " ".join(_first_of(each) for each in alike.values())


def _first_of(errors: list[QuickSightError]) -> str:
    first, *others = errors
    if not others:
        return str(first)
    names = [other.resource for other in others[:_SHOWN]]
    if len(others) > _SHOWN:
        names.append(f"{len(others) - _SHOWN} more")
    return f"{first} The same befell {', '.join(names)}."


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?")) else f"{text}."
