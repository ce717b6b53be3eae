"""STS: moto's, and who an access key stands for: the sessions of a role are one principal, in whatever process."""

from functools import cache

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sts.models import sts_backends


@cache
def principal_of(access_key: str) -> str:
    """Whose calls QuickSight counts: ``role/<name>`` for a session that was assumed here, else the key itself.

    A key is looked for once: it is handed out before it is used. Sessions are forgotten when the process ends.
    """
    for backend in list(sts_backends[DEFAULT_ACCOUNT_ID].values()):  # of each partition that was asked so far
        if session := backend.get_assumed_role_from_access_key(access_key):
            return f"role/{session.role_arn.rpartition('/')[2]}"
    return access_key
