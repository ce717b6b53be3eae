"""What is looked at: the settings, and who and what they lead to, each found once and only when it is asked for."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from qs_pipeline.access import make_clients, make_limiter
from qs_pipeline.identity import SOON, Caller, ask_caller
from qs_pipeline.quicksight.client import find_identity_region
from qs_pipeline.quicksight.names import Account
from qs_pipeline.quicksight.throttle import RateLimiter
from qs_pipeline.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_quicksight import QuickSightClient as Boto3QuickSight

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"})


class Site:
    """One site, as the environment describes it.

    Attributes:
        settings: Read from the environment.
        environ: The environment.
    """

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self.settings = settings
        self.environ = environ
        self._clients: dict[str, Any] = {}

    @cached_property
    def caller(self) -> Caller:
        """Who we are; raises as ``ask_caller`` does."""
        return ask_caller(self.settings, self.settings.boto3_config.merge(SOON))

    @cached_property
    def account(self) -> Account:
        """Where everything is made; raises as ``caller`` does, and where no partition has the region."""
        return Account(account_id=self.caller.account, region=self.settings.region)

    @cached_property
    def limiter(self) -> RateLimiter:
        """What all calls to QuickSight go through."""
        return make_limiter(self.settings)

    @cached_property
    def quicksight(self) -> "Boto3QuickSight":
        """QuickSight of the region."""
        return self.quicksight_in(self.settings.region)

    def quicksight_in(self, region: str) -> "Boto3QuickSight":
        """QuickSight of another region, as the first of the principals."""
        return make_clients(self.settings, self.caller, self.limiter, region=region)[0]

    @cached_property
    def identity_region(self) -> str:
        """Where the account's QuickSight users live: as told, or found with a call."""
        return self.settings.identity_region or find_identity_region(self.quicksight, self.account)

    def client(self, service: str) -> Any:  # noqa: ANN401 - there are stubs for some services only
        """A client of another service, for somebody who waits."""
        if service not in self._clients:
            make = cast("Callable[..., Any]", self.settings.session().client)
            self._clients[service] = make(service, config=self.settings.boto3_config.merge(SOON))
        return self._clients[service]


def is_denied(error: ClientError) -> bool:
    """Whether AWS says that we may not."""
    return error.response.get("Error", {}).get("Code", "") in _DENIED
