"""CloudWatch: moto's, which is told QuickSight's use of SPICE just before it answers."""

from collections.abc import Callable, Iterable
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import create_backend_app

from qs_pipeline.local_aws.wsgi import Environ, StartResponse, bearer_of

_MEGABYTE = 1_000_000


class CloudWatch:
    """A WSGI application with two metrics of the namespace ``AWS/QuickSight``; their history begins with it.

    Args:
        spice: Bytes that SPICE holds, and that it may hold.
    """

    def __init__(self, spice: Callable[[], tuple[int, int]]) -> None:
        self._spice = spice
        self._moto: Any = create_backend_app("cloudwatch")
        cloudwatch_backends[DEFAULT_ACCOUNT_ID].reset()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        consumed, limit = self._spice()
        backend: Any = cloudwatch_backends[DEFAULT_ACCOUNT_ID][bearer_of(environ).region or "us-east-1"]
        figures = {"SPICECapacityConsumedInMB": consumed, "SPICECapacityLimitInMB": limit}
        backend.put_metric_data(
            "AWS/QuickSight",
            [
                {"MetricName": name, "Value": figure / _MEGABYTE, "Unit": "Megabytes", "Dimensions": []}
                for name, figure in figures.items()
            ],
        )
        return self._moto(environ, start_response)
