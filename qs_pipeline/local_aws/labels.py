"""Permissions and tags: what is pinned to a resource by its ARN, alike for every kind."""

import re
from collections.abc import Callable

from qs_pipeline.local_aws.account import Account, Handlers
from qs_pipeline.local_aws.errors import invalid, not_found
from qs_pipeline.local_aws.state import Doc

GRANTS = "permissions"
"""The kind of the documents that say who may do what: actions by principal, by ARN."""

_MOST_TAGS = 200
_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:quicksight:[a-z0-9-]+:(\d{12}):(user|group|namespace)/([^/]+)(?:/(.+))?")
_ROOT = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:root")
# What carries tags, by the name that ARNs give it.
_TAGGABLE = {"datasource": "data_source", "dataset": "data_set", "dashboard": "dashboard", "user": "user"}


class Permissions:
    """Who may do what with a resource: actions by principal."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def grant(self, arn: str, grants: list[Doc]) -> None:
        """Add the actions to what the principals have.

        Raises:
            ServiceError: InvalidParameterValueException, where an action is not QuickSight's, or a principal is none.
        """
        held = self.held(arn)
        for grant in grants:
            if stray := [action for action in grant["Actions"] if not action.startswith("quicksight:")]:
                raise invalid(f"the actions {stray} are not QuickSight's; each begins with 'quicksight:'")
            self._check_principal(grant["Principal"])
            have = held.setdefault(grant["Principal"], [])
            have.extend(action for action in grant["Actions"] if action not in have)
        self._account.state.put(GRANTS, arn, held)

    def revoke(self, arn: str, grants: list[Doc]) -> None:
        """Take the actions from the principals; a principal without actions goes."""
        held = self.held(arn)
        for grant in grants:
            left = [action for action in held.pop(grant["Principal"], []) if action not in grant["Actions"]]
            if left:
                held[grant["Principal"]] = left
        self._account.state.put(GRANTS, arn, held)

    def shown(self, arn: str) -> list[Doc]:
        """The grants as the API answers them."""
        return [{"Principal": principal, "Actions": actions} for principal, actions in self.held(arn).items()]

    def handlers(
        self,
        kind: str,
        resource: str,
        check: Callable[[str], object],
        check_grantable: Callable[[str], object] | None = None,
    ) -> Handlers:
        """The pair of operations of one kind.

        Args:
            kind: As operations spell it: ``DataSet``.
            resource: As ARNs spell it: ``dataset``.
            check: Raises where the id is unknown.
            check_grantable: Raises where the resource takes no grants now; ``check`` if not given.
        """
        id_key, arn_key = f"{kind}Id", f"{kind}Arn"

        def describe(params: Doc) -> Doc:
            check(params[id_key])
            arn = self._account.arn(f"{resource}/{params[id_key]}")
            return {arn_key: arn, id_key: params[id_key], "Permissions": self.shown(arn)}

        def update(params: Doc) -> Doc:
            (check_grantable or check)(params[id_key])
            arn = self._account.arn(f"{resource}/{params[id_key]}")
            self.grant(arn, params.get("GrantPermissions", []))
            self.revoke(arn, params.get("RevokePermissions", []))
            output = {arn_key: arn, id_key: params[id_key]}
            # Of the three kinds only the dashboard's update answers the grants themselves.
            return output | ({"Permissions": self.shown(arn)} if kind == "Dashboard" else {})

        return {f"Describe{kind}Permissions": describe, f"Update{kind}Permissions": update}

    def _check_principal(self, principal: str) -> None:
        """Users, groups and namespaces of this account can be granted something, and nobody of IAM but a root."""
        if _ROOT.fullmatch(principal):
            return
        settings = self._account.settings
        found = _PRINCIPAL.fullmatch(principal)
        if found is None or found[1] != settings.account_id:
            ours = f"QuickSight user, group or namespace of account {settings.account_id}"
            raise invalid(f"the principal {principal!r} is no {ours}")
        kind, namespace, name = found[2], found[3], found[4]
        if kind == "namespace" or not settings.principals_must_exist:
            return
        if self._account.state.get(kind, f"{namespace}/{name}") is None:
            raise invalid(f"there is no {kind} {namespace}/{name}, which is to be granted something")

    def held(self, arn: str) -> dict[str, list[str]]:
        """The actions by principal."""
        return self._account.state.get(GRANTS, arn) or {}


class Tags:
    """Tags of any resource, with the three operations on them."""

    def __init__(self, account: Account) -> None:
        self._account = account

    @property
    def handlers(self) -> Handlers:
        """The operations by name."""
        return {"TagResource": self._tag, "UntagResource": self._untag, "ListTagsForResource": self._list}

    def put(self, arn: str, tags: list[Doc]) -> None:
        """Set the tags, over those of the same key.

        Raises:
            ServiceError: InvalidParameterValueException, where a key comes twice or there are too many.
        """
        keys = [tag["Key"] for tag in tags]
        if len(keys) != len(set(keys)):
            raise invalid(f"a tag key comes twice among {keys}")
        held = (self._account.state.get("tags", arn) or {}) | {tag["Key"]: tag["Value"] for tag in tags}
        if len(held) > _MOST_TAGS:
            raise invalid(f"{arn} would have {len(held)} tags; at most {_MOST_TAGS}")
        self._account.state.put("tags", arn, held)

    def _tag(self, params: Doc) -> Doc:
        self._check(params["ResourceArn"])
        self.put(params["ResourceArn"], params["Tags"])
        return {}

    def _untag(self, params: Doc) -> Doc:
        arn = params["ResourceArn"]
        self._check(arn)
        held = self._account.state.get("tags", arn) or {}
        self._account.state.put("tags", arn, {k: v for k, v in held.items() if k not in params["TagKeys"]})
        return {}

    def _list(self, params: Doc) -> Doc:
        self._check(params["ResourceArn"])
        held = self._account.state.get("tags", params["ResourceArn"]) or {}
        return {"Tags": [{"Key": key, "Value": value} for key, value in held.items()]}

    def _check(self, arn: str) -> None:
        for resource, kind in _TAGGABLE.items():
            name = self._account.resource(arn, resource)
            if name is not None and self._account.state.get(kind, name):
                return
        raise not_found("RESOURCE", arn)


def forget(account: Account, arn: str) -> None:
    """Drop what is pinned to a resource that goes."""
    account.state.delete(GRANTS, arn)
    account.state.delete("tags", arn)
