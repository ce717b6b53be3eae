"""What fails again and again is given up with an error that says which call, about what."""

import pytest

from qs_pipeline.local_aws import Fault
from qs_pipeline.quicksight import errors
from qs_pipeline_tests.quicksight.conftest import BUCKET, Site


@pytest.mark.parametrize(
    "fault",
    [
        Fault(operation="CreateDataSource", times=None, error="ThrottlingException"),
        Fault(operation="CreateDataSource", times=None, error="InternalFailureException"),
        Fault(operation="CreateDataSource", times=None, reset=True),
    ],
    ids=["throttled", "failing", "breaking off"],
)
def test_errors_without_end_name_operation_and_object(site: Site, fault: Fault) -> None:
    names = site.upload()
    site.aws.faults.add(fault)
    with pytest.raises(errors.QuickSightError, match="CreateDataSource of data source POS-datasource-A1"):
        site.client.put_data_source(names, BUCKET, "POS.json", exists=False)
    if fault.error:  # what breaks off is never counted as a call
        assert site.calls()["CreateDataSource"] >= 2
    site.aws.faults.clear()
    site.client.put_data_source(names, BUCKET, "POS.json", exists=False)
