"""Tags that say whose a thing is, and what becomes of one that is there though nobody remembers having made it."""

from typing import TYPE_CHECKING

from qs_pipeline.quicksight.caller import Caller
from qs_pipeline.quicksight.errors import NotManagedError
from qs_pipeline.quicksight.grants import MANAGED_BY, MANAGER, tags_of

if TYPE_CHECKING:
    from mypy_boto3_quicksight import type_defs as api


class AdoptionVerbs(Caller):
    """Looks at tags, and sets ours."""

    def adopt(self, resource: str, arn: str, assessment: str) -> None:
        """Make a thing that bears an id of ours a managed one, before it is written: one call, two where it was none.

        Raises:
            NotManagedError: where it says that another tool manages it; nothing was written.
        """
        tags = self.tags(resource, arn)
        manager = tags.get(MANAGED_BY, MANAGER)
        if manager != MANAGER:
            raise NotManagedError(
                operation="TagResource",
                resource=resource,
                detail=f"it is tagged {MANAGED_BY}={manager}, so it belongs to another tool and was not written",
                fix=f"Use another assessment id, or take the tag {MANAGED_BY} off it, so that it is taken over",
            )
        if missing := missing_tags(tags, assessment):
            self._call("TagResource", resource, lambda: self._api.tag_resource(ResourceArn=arn, Tags=missing))

    def tags(self, resource: str, arn: str) -> dict[str, str]:
        """The tags of a thing.

        Raises:
            NotFoundError: where there is no such thing.
        """
        reply = self._call("ListTagsForResource", resource, lambda: self._api.list_tags_for_resource(ResourceArn=arn))
        return {tag["Key"]: tag["Value"] for tag in reply["Tags"]}


def missing_tags(tags: dict[str, str], assessment: str) -> "list[api.TagTypeDef]":
    """Those of our tags that are not among ``tags``."""
    return [tag for tag in tags_of(assessment) if tags.get(tag["Key"]) != tag["Value"]]
