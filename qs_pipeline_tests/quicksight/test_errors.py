"""Errors say what, where and the fix, and tell what time can mend from what a person must."""

from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from qs_pipeline.quicksight import errors
from qs_pipeline.quicksight.models import DashboardError, Ingestion, IngestionError
from qs_pipeline.quicksight.translate import translate, translated


def service_error(code: str, message: str, status: int, operation: str = "CreateDataSet") -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, operation)


def translation(code: str, message: str, status: int, operation: str = "CreateDataSet") -> errors.QuickSightError:
    return translate(service_error(code, message, status), operation=operation, resource="data set POS-dataset-A1")


@pytest.mark.parametrize(
    ("code", "message", "status", "kind"),
    [
        ("ThrottlingException", "Rate exceeded", 429, errors.ThrottledError),
        ("ConflictException", "in use", 409, errors.ConflictError),
        ("ResourceNotFoundException", "DataSet not found", 404, errors.NotFoundError),
        ("ResourceNotFoundException", "PREPARED_SOURCE_NOT_FOUND", 404, errors.NotReadyError),
        ("InvalidParameterValueException", "DataSource is CREATION_IN_PROGRESS", 400, errors.NotReadyError),
        ("ResourceExistsException", "exists", 409, errors.AlreadyExistsError),
        ("LimitExceededException", "too many", 409, errors.LimitExceededError),
        ("InvalidParameterValueException", "Value is wrong", 400, errors.InvalidRequestError),
        ("UnsupportedUserEditionException", "Standard", 403, errors.InvalidRequestError),
        ("ExpiredTokenException", "The security token is expired", 403, errors.CredentialsError),
        ("UnrecognizedClientException", "The security token is invalid", 403, errors.CredentialsError),
        ("InternalFailureException", "oops", 500, errors.ServiceFailedError),
        ("503", "Service Unavailable", 503, errors.ServiceFailedError),
    ],
)
def test_each_code_has_its_class(code: str, message: str, status: int, kind: type[errors.QuickSightError]) -> None:
    error = translation(code, message, status)
    assert type(error) is kind
    assert (error.operation, error.resource, error.code, error.detail) == (
        "CreateDataSet",
        "data set POS-dataset-A1",
        code,
        message,
    )
    assert error.fix


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (EndpointConnectionError(endpoint_url="http://x"), errors.ConnectionFailedError),
        (ReadTimeoutError(endpoint_url="http://x"), errors.ConnectionFailedError),
        (NoCredentialsError(), errors.CredentialsError),
        (ParamValidationError(report="Missing required parameter"), errors.InvalidRequestError),
    ],
)
def test_what_never_reached_quicksight_has_its_class_too(
    error: BotoCoreError, kind: type[errors.QuickSightError]
) -> None:
    assert type(translate(error, operation="ListDataSets", resource="account 1")) is kind


def test_a_message_is_one_paragraph_of_what_where_and_fix() -> None:
    message = str(translation("ResourceNotFoundException", "Data source\n  does not exist", 404))
    assert message == (
        "CreateDataSet of data set POS-dataset-A1: ResourceNotFoundException: Data source does not exist. "
        "Check that it, and what it refers to, exists in this account."
    )


def test_a_missing_permission_names_the_action() -> None:
    told = translation(
        "AccessDeniedException",
        "User: arn:aws:iam::1:user/x is not authorized to perform: quicksight:PassDataSource on resource: y",
        401,
    )
    assert isinstance(told, errors.AccessDeniedError)
    assert told.action == "quicksight:PassDataSource"
    assert "Allow quicksight:PassDataSource" in str(told)
    guessed = translation("AccessDeniedException", "no", 401)
    assert isinstance(guessed, errors.AccessDeniedError)
    assert guessed.action == "quicksight:CreateDataSet"


def test_a_manifest_that_quicksight_cannot_read_is_about_the_bucket() -> None:
    error = translation("AccessDeniedException", "Insufficient permission to access the manifest file", 401)
    assert isinstance(error, errors.AccessDeniedError)
    assert error.action == "s3:GetObject"
    assert "Manage QuickSight" in error.fix


def test_another_identity_region_is_told() -> None:
    error = translation(
        "AccessDeniedException", "called from endpoint eu-west-1, but your identity region is us-east-1.", 401
    )
    assert isinstance(error, errors.IdentityRegionError)
    assert error.identity_region == "us-east-1"
    assert "QS_IDENTITY_REGION=us-east-1" in error.fix


def test_a_used_up_refresh_quota_says_when_it_frees_up() -> None:
    assert (
        "32 refreshes of a data set in 24 hours"
        in translation("LimitExceededException", "x", 409, "CreateIngestion").fix
    )
    assert "32" not in translation("LimitExceededException", "x", 409, "CreateDataSource").fix


def test_only_aws_errors_are_translated() -> None:
    with pytest.raises(ZeroDivisionError), translated("ListDataSets", "x"):
        raise ZeroDivisionError
    with pytest.raises(errors.ThrottledError) as caught, translated("ListDataSets", "x"):
        raise service_error("ThrottlingException", "Rate exceeded", 429)
    assert isinstance(caught.value.__cause__, ClientError)


def ingestion(status: str = "FAILED", dropped: int = 0, error: IngestionError | None = None) -> Ingestion:
    return Ingestion(
        ingestion_id="i",
        status=status,
        request_type="EDIT",
        rows=7,
        dropped=dropped,
        seconds=1.0,
        error=error,
    )


def test_a_failed_ingestion_tells_quicksights_own_type_and_words() -> None:
    failed = ingestion(error=IngestionError(type="S3_FILE_INACCESSIBLE", message="cannot read"))
    error = errors.IngestionFailedError(resource="data set POS-dataset-A1", ingestion=failed)
    assert error.ingestion is failed
    assert "POS-dataset-A1 (i): S3_FILE_INACCESSIBLE: cannot read." in str(error)


def test_dropped_rows_are_counted() -> None:
    error = errors.IngestionFailedError(resource="data set X", ingestion=ingestion("COMPLETED", dropped=3))
    assert "ROWS_DROPPED: 3 rows dropped, 7 ingested." in str(error)


def test_an_ingestion_that_was_cancelled_says_so() -> None:
    assert "CANCELLED" in str(errors.IngestionFailedError(resource="data set X", ingestion=ingestion("CANCELLED")))


def test_a_failed_version_tells_type_message_and_path_of_its_errors() -> None:
    found = tuple(DashboardError(type=f"T{n}", message=f"m{n}", paths=(f"sheets/{n}",)) for n in range(7))
    error = errors.VersionFailedError(resource="dashboard RD-Assessment-A1", version=3, errors=found)
    assert error.errors == found
    assert "T0: m0 (at sheets/0); T1: m1 (at sheets/1)" in str(error)
    assert "and 2 more" in str(error)
    one = errors.VersionFailedError(resource="x", version=3, errors=found[:1])
    assert one.path == "sheets/0"
    assert "of x: T0: m0 (at sheets/0). Mend" in str(one), "each is said once"
    assert "gives no reason" in str(errors.VersionFailedError(resource="x", version=3, errors=()))


def test_what_befell_many_things_alike_is_told_once_with_their_names() -> None:
    def denied(operation: str, name: str) -> errors.QuickSightError:
        told = service_error("AccessDeniedException", "no", 401, operation)
        return translate(told, operation=operation, resource=f"data set {name}")

    many = [denied("CreateDataSet", f"T{number}") for number in range(8)]
    told = errors.told_together([*many, denied("CreateIngestion", "U")])
    assert told.count("Allow quicksight:CreateDataSet") == told.count("Allow quicksight:CreateIngestion") == 1
    assert "of data set T0: " in told
    assert "The same befell data set T1, data set T2, data set T3, data set T4, data set T5, 2 more." in told
    assert errors.told_together(many[:1]) == str(many[0])
