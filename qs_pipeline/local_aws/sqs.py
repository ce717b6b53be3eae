"""SQS: moto's, which S3's notifications reach by themselves.

Queues end with the process; who needs one makes it anew.
"""

from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import create_backend_app
from moto.sqs.models import sqs_backends


def empty_sqs() -> Any:  # noqa: ANN401 - a WSGI application, to which moto gives no type
    """SQS without a queue, as a WSGI application; one a process, since moto's backends are the process's own."""
    for backend in sqs_backends[DEFAULT_ACCOUNT_ID].values():
        backend.reset()
    return create_backend_app("sqs")
