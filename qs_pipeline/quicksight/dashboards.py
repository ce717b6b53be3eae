"""The verbs of dashboards: make a version, wait for exactly that one, publish it, see that it is the published one."""

from collections.abc import Mapping
from typing import Any

from qs_pipeline.quicksight.builds import BuildVerbs
from qs_pipeline.quicksight.caller import growing
from qs_pipeline.quicksight.errors import (
    ConflictError,
    DeadlineExceededError,
    NotFoundError,
    TransientError,
    VersionFailedError,
)
from qs_pipeline.quicksight.models import DashboardError, DashboardState
from qs_pipeline.quicksight.names import DashboardNames


class DashboardVerbs(BuildVerbs):
    """Dashboards of assessments. None is deleted and made again: its address and its shares would be lost."""

    def dashboard(self, names: DashboardNames) -> DashboardState | None:
        """The dashboard with its published version, or None."""
        try:
            return self._published(names)
        except NotFoundError:
            return None

    def wait_for_version(
        self, names: DashboardNames, version: int, *, deadline_seconds: float, poll_seconds: float = 1.0
    ) -> DashboardState:
        """The dashboard with this very version, once it is built.

        Raises:
            VersionFailedError: where it did not build, or built with errors.
            DeadlineExceededError: where it is not built in time.
        """
        resource = f"dashboard {names.dashboard_id}"
        deadline = self._clock() + deadline_seconds
        pauses = growing(poll_seconds)
        while True:
            try:
                state = self._version(names, version)
            except (TransientError, NotFoundError) as error:  # a version is not always visible at once
                found = str(error)
            else:
                if state.version.sound:
                    return state
                if state.version.ended:
                    raise VersionFailedError(resource=resource, version=version, errors=state.version.errors)
                found = f"version {version} is {state.version.status}"
            if self._clock() >= deadline:
                raise DeadlineExceededError(
                    operation=f"Build of version {version}",
                    resource=resource,
                    detail=f"{found} after {deadline_seconds:.0f} s",
                    fix="Publish again later, or grant more time; the version published before stays",
                )
            self._sleep(max(0.0, min(next(pauses), deadline - self._clock())))

    def publish(self, names: DashboardNames, version: int) -> None:
        """Make a built version the one that viewers see."""
        self._call(
            "UpdateDashboardPublishedVersion",
            f"dashboard {names.dashboard_id}",
            lambda: self._api.update_dashboard_published_version(
                AwsAccountId=self.account.account_id, DashboardId=names.dashboard_id, VersionNumber=version
            ),
        )

    def publish_dashboard(
        self,
        names: DashboardNames,
        definition: Mapping[str, Any],
        *,
        exists: bool,
        version_description: str,
        resume: bool = False,
        deadline_seconds: float,
        poll_seconds: float = 1.0,
    ) -> DashboardState:
        """Build a version, publish it, and see that it is published: all of it, or the version before stays.

        With ``resume`` a newest version of this very description is taken for what somebody built who was killed before
        it was published, and nothing is built where it is sound. Three calls for a dashboard that is new, five for one
        that exists, one more to resume, and one for each further look.

        Returns:
            The dashboard with the version that is published now.

        Raises:
            NotManagedError: where the dashboard belongs to another tool.
            VersionFailedError: where the version did not build, or built with errors that its readers would see.
            ConflictError: where another version is shown, and still is when this one should long be seen.
            DeadlineExceededError: where the version is not built in time.
        """
        version = self._left_behind(names, version_description) if exists and resume else 0
        if not version:
            version = self.put_dashboard(names, definition, exists=exists, version_description=version_description)
        built = self.wait_for_version(names, version, deadline_seconds=deadline_seconds, poll_seconds=poll_seconds)
        if errors := self._definition_errors(names, version):
            raise VersionFailedError(resource=f"dashboard {names.dashboard_id}", version=version, errors=errors)
        if version == 1:
            return built
        self.publish(names, version)
        return self._shown(names, version)

    def _left_behind(self, names: DashboardNames, version_description: str) -> int:
        """The newest version, where it bears this description and is or may become sound; zero where it does not."""
        newest = next(iter(self.dashboard_versions(names)), None)
        if newest is None or newest.description != version_description:
            return 0
        # What it shows may have been deleted since it was built.
        if newest.ended and (not newest.sound or self._definition_errors(names, newest.number)):
            return 0
        return newest.number

    def _shown(self, names: DashboardNames, version: int) -> DashboardState:
        """The dashboard once it shows ``version``: right after publishing, QuickSight may still tell of the one before.

        Raises:
            ConflictError: where another publishes too: at once for a later version, else after ``settle_seconds``.
        """
        deadline = self._clock() + self._settle_seconds
        pauses = growing(1.0)
        while True:
            state = self._published(names)
            if state.version.number == version:
                return state
            if state.version.number > version or self._clock() >= deadline:
                raise ConflictError(
                    operation="UpdateDashboardPublishedVersion",
                    resource=f"dashboard {names.dashboard_id}",
                    detail=f"version {version} was published, and version {state.version.number} is shown",
                    fix="See who else publishes this dashboard, then publish again",
                )
            self._sleep(max(0.0, min(next(pauses), deadline - self._clock())))

    def _definition_errors(self, names: DashboardNames, version: int) -> tuple[DashboardError, ...]:
        """What is wrong with a built version: a success may still carry errors, and they are told here only."""
        reply = self._call(
            "DescribeDashboardDefinition",
            f"dashboard {names.dashboard_id}",
            lambda: self._api.describe_dashboard_definition(
                AwsAccountId=self.account.account_id, DashboardId=names.dashboard_id, VersionNumber=version
            ),
        )
        return tuple(DashboardError.from_api(error) for error in reply.get("Errors", []))

    def _published(self, names: DashboardNames) -> DashboardState:
        reply = self._call(
            "DescribeDashboard",
            f"dashboard {names.dashboard_id}",
            lambda: self._api.describe_dashboard(AwsAccountId=self.account.account_id, DashboardId=names.dashboard_id),
        )
        return DashboardState.from_api(reply["Dashboard"])

    def _version(self, names: DashboardNames, version: int) -> DashboardState:
        reply = self._look(
            "DescribeDashboard",
            f"dashboard {names.dashboard_id}",
            lambda: self._api.describe_dashboard(
                AwsAccountId=self.account.account_id, DashboardId=names.dashboard_id, VersionNumber=version
            ),
        )
        return DashboardState.from_api(reply["Dashboard"])
