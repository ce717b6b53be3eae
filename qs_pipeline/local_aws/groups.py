"""Groups of users and who is in them."""

from qs_pipeline.local_aws.account import Account, Handlers, listed, page
from qs_pipeline.local_aws.errors import exists, not_found
from qs_pipeline.local_aws.state import Doc

NAMESPACE = "default"


class Groups:
    """The groups of the one namespace: a document is the API's ``Group``, and one each ``GroupMember`` below it."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._state = account.state

    @property
    def handlers(self) -> Handlers:
        """The operations by name."""
        return {
            "CreateGroup": self._create,
            "UpdateGroup": self._update,
            "DescribeGroup": self._describe,
            "ListGroups": self._list,
            "SearchGroups": self._search,
            "DeleteGroup": self._delete,
            "CreateGroupMembership": self._join,
            "DescribeGroupMembership": self._describe_member,
            "ListGroupMemberships": self._list_members,
            "DeleteGroupMembership": self._leave,
        }

    def has(self, group: str, member: str) -> bool:
        """Whether the user is in the group."""
        return self._state.get("member", member, parent=group) is not None

    def leave_all(self, member: str) -> None:
        """Take a user out of every group."""
        for group in self._state.all("group"):
            self._state.delete("member", member, parent=group["GroupName"])

    def _get(self, params: Doc) -> Doc:
        check_namespace(params)
        found = self._state.get("group", f"{NAMESPACE}/{params['GroupName']}")
        if found is None:
            raise not_found("GROUP", params["GroupName"])
        return found

    def _create(self, params: Doc) -> Doc:
        check_namespace(params)
        name = params["GroupName"]
        if self._state.get("group", f"{NAMESPACE}/{name}"):
            raise exists("GROUP", name)
        arn = self._account.arn(f"group/{NAMESPACE}/{name}")
        told = {"Description": params["Description"]} if "Description" in params else {}
        doc = {"Arn": arn, "GroupName": name, **told, "PrincipalId": self._account.settings.account_id}
        self._state.put("group", f"{NAMESPACE}/{name}", doc)
        return {"Group": doc, "Status": 201}

    def _update(self, params: Doc) -> Doc:
        doc = self._get(params)
        doc |= {"Description": params["Description"]} if "Description" in params else {}
        self._state.put("group", f"{NAMESPACE}/{doc['GroupName']}", doc)
        return {"Group": doc}

    def _describe(self, params: Doc) -> Doc:
        return {"Group": self._get(params)}

    def _list(self, params: Doc) -> Doc:
        check_namespace(params)
        found, more = listed(self._state, "group", params)
        return {"GroupList": found, **more}

    def _search(self, params: Doc) -> Doc:
        check_namespace(params)
        starts = tuple(one["Value"] for one in params["Filters"])
        found, more = listed(
            self._state, "group", params, lambda group: all(map(group["GroupName"].startswith, starts))
        )
        return {"GroupList": found, **more}

    def _delete(self, params: Doc) -> Doc:
        name = self._get(params)["GroupName"]
        self._state.delete("group", f"{NAMESPACE}/{name}")
        self._state.clear("member", parent=name)
        return {}

    def _join(self, params: Doc) -> Doc:
        group, member = self._get(params)["GroupName"], params["MemberName"]
        if self._state.get("user", f"{NAMESPACE}/{member}") is None:
            raise not_found("USER", member)
        doc = {"Arn": self._account.arn(f"group/{NAMESPACE}/{group}/{member}"), "MemberName": member}
        self._state.put("member", member, doc, parent=group)
        return {"GroupMember": doc}

    def _member(self, params: Doc) -> Doc:
        found = self._state.get("member", params["MemberName"], parent=self._get(params)["GroupName"])
        if found is None:
            raise not_found("GROUP_MEMBER", params["MemberName"])
        return found

    def _describe_member(self, params: Doc) -> Doc:
        return {"GroupMember": self._member(params)}

    def _list_members(self, params: Doc) -> Doc:
        found, more = page(self._state.all("member", parent=self._get(params)["GroupName"]), params)
        return {"GroupMemberList": found, **more}

    def _leave(self, params: Doc) -> Doc:
        self._state.delete("member", self._member(params)["MemberName"], parent=params["GroupName"])
        return {}


def check_namespace(params: Doc) -> None:
    """There is one.

    Raises:
        ServiceError: ResourceNotFoundException, where another is named.
    """
    if params["Namespace"] != NAMESPACE:
        raise not_found("NAMESPACE", params["Namespace"])
