"""The embedded AWS: S3, STS and QuickSight behind one loopback URL, so that everything runs without an account.

Whoever uses it knows only the URL, in ``AWS_ENDPOINT_URL``; no other package of the project imports this one, but for
the command line, which starts it.
"""

from qs_pipeline.local_aws.faults import Fault, FaultPlanError, Faults, read_plan
from qs_pipeline.local_aws.local import HomeInUseError, LocalAws
from qs_pipeline.local_aws.server import PortInUseError
from qs_pipeline.local_aws.settings import Settings

__all__ = [
    "Fault",
    "FaultPlanError",
    "Faults",
    "HomeInUseError",
    "LocalAws",
    "PortInUseError",
    "Settings",
    "read_plan",
]
