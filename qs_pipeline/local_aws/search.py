"""The filters of the search operations: by a part of the name, or by who owns or views."""

from collections.abc import Callable

from qs_pipeline.local_aws.errors import invalid
from qs_pipeline.local_aws.labels import Permissions
from qs_pipeline.local_aws.state import Doc

# What only owners may do: whoever may change or delete it owns it.
_OWNING = ("quicksight:Update", "quicksight:Delete")
_ANYBODY = frozenset(
    {"QUICKSIGHT_USER", "QUICKSIGHT_VIEWER_OR_OWNER", "DIRECT_QUICKSIGHT_VIEWER_OR_OWNER"},
)
_OWNERS = frozenset({"QUICKSIGHT_OWNER", "DIRECT_QUICKSIGHT_OWNER"})


class Search:
    """The filters of one kind of resource. Membership of groups is not followed: only direct grants count."""

    def __init__(self, by_name: str, permissions: Permissions) -> None:
        """A search.

        Args:
            by_name: The attribute that stands for the name: ``DATASET_NAME``.
            permissions: Who may do what.
        """
        self._by_name = by_name
        self._permissions = permissions

    def matcher(self, filters: list[Doc]) -> Callable[[Doc], bool]:
        """Whether a resource's document, with ``Name`` and ``Arn``, passes every filter.

        Raises:
            ServiceError: InvalidParameterValueException, where operator and attribute do not go together.
        """
        for one in filters:
            wanted = "StringLike" if one.get("Name") == self._by_name else "StringEquals"
            if one["Operator"] != wanted:
                raise invalid(f"the filter {one.get('Name')} takes the operator {wanted}, not {one['Operator']}")
        return lambda doc: all(self._passes(doc, one) for one in filters)

    def _passes(self, doc: Doc, one: Doc) -> bool:
        attribute, value = one.get("Name"), one.get("Value", "")
        if attribute == self._by_name:
            return value.casefold() in doc["Name"].casefold()
        held = {grant["Principal"]: grant["Actions"] for grant in self._permissions.shown(doc["Arn"])}
        owners = [who for who, actions in held.items() if any(action.startswith(_OWNING) for action in actions)]
        if attribute in _ANYBODY:
            return value in held
        return value in owners if attribute in _OWNERS else owners == [value]
