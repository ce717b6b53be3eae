"""The filters of the search operations: by a part of the name, or by who owns or views."""

from qs_pipeline.local_aws.account import listed
from qs_pipeline.local_aws.errors import invalid
from qs_pipeline.local_aws.labels import GRANTS
from qs_pipeline.local_aws.state import Doc, State

# What only owners may do: whoever may change or delete it owns it.
_OWNING = ("quicksight:Update", "quicksight:Delete")
_ANYBODY = frozenset(
    {"QUICKSIGHT_USER", "QUICKSIGHT_VIEWER_OR_OWNER", "DIRECT_QUICKSIGHT_VIEWER_OR_OWNER"},
)
_OWNERS = frozenset({"QUICKSIGHT_OWNER", "DIRECT_QUICKSIGHT_OWNER"})


def found(by_name: str, state: State, kind: str, params: Doc) -> tuple[list[Doc], Doc]:
    """The documents that pass every filter, paged as all lists are. Groups are not followed: only direct grants count.

    Args:
        by_name: The attribute that stands for the name: ``DATASET_NAME``.
        state: Where the documents lie.
        kind: Of documents, each with ``Name`` and ``Arn``.
        params: Of the operation.

    Raises:
        ServiceError: InvalidParameterValueException, where operator and attribute do not go together.
    """
    filters: list[Doc] = params["Filters"]
    for one in filters:
        wanted = "StringLike" if one.get("Name") == by_name else "StringEquals"
        if one["Operator"] != wanted:
            raise invalid(f"the filter {one.get('Name')} takes the operator {wanted}, not {one['Operator']}")
    # What cannot pass is not even read, so that a search through a thousand costs what a page does.
    named = next((one.get("Value", "") for one in filters if one.get("Name") == by_name), "")
    who = next((one.get("Value", "") for one in filters if one.get("Name") != by_name), "")
    return listed(
        state,
        kind,
        params,
        lambda doc: all(_passes(doc, one, by_name) for one in filters),
        holding=named,
        noted=(GRANTS, who) if who else None,
    )


def _passes(doc: Doc, one: Doc, by_name: str) -> bool:
    attribute, value = one.get("Name"), one.get("Value", "")
    if attribute == by_name:
        return value.casefold() in doc["Name"].casefold()
    held: dict[str, list[str]] = doc.get(GRANTS, {})
    if value not in held or attribute in _ANYBODY:
        return value in held
    if not _owns(held[value]):
        return False
    return attribute in _OWNERS or not any(_owns(actions) for who, actions in held.items() if who != value)


def _owns(actions: list[str]) -> bool:
    return any(action.startswith(_OWNING) for action in actions)
