"""The users of the account, for those who register them and ask who may be granted what."""

import uuid

from qs_pipeline.local_aws.account import Account, Handlers, listed
from qs_pipeline.local_aws.errors import exists, invalid, not_found
from qs_pipeline.local_aws.groups import NAMESPACE, Groups, check_namespace
from qs_pipeline.local_aws.labels import Tags, forget
from qs_pipeline.local_aws.state import Doc

_FIRST = "local"


class Users:
    """The users of the one namespace; a document is the API's ``User``. One is there from the start: ``local``."""

    def __init__(self, account: Account, tags: Tags, groups: Groups) -> None:
        self._account = account
        self._tags = tags
        self._groups = groups
        if account.state.get("user", f"{NAMESPACE}/{_FIRST}") is None and account.region == account.settings.region:
            self._put(_FIRST, {"Role": "ADMIN", "IdentityType": "QUICKSIGHT", "Active": True})

    @property
    def handlers(self) -> Handlers:
        """The operations by name."""
        return {
            "RegisterUser": self._register,
            "UpdateUser": self._update,
            "DescribeUser": self._describe,
            "ListUsers": self._list,
            "ListUserGroups": self._list_groups,
            "DeleteUser": self._delete,
        }

    def _put(self, name: str, doc: Doc) -> Doc:
        arn = self._account.arn(f"user/{NAMESPACE}/{name}")
        made = {"Arn": arn, "UserName": name, **doc}
        self._account.state.put("user", f"{NAMESPACE}/{name}", made)
        return made

    def _get(self, params: Doc) -> Doc:
        check_namespace(params)
        found = self._account.state.get("user", f"{NAMESPACE}/{params['UserName']}")
        if found is None:
            raise not_found("USER", params["UserName"])
        return found

    def _register(self, params: Doc) -> Doc:
        """A user of QuickSight's own has yet to follow the invitation; one of IAM is active at once."""
        check_namespace(params)
        name = _name(params)
        if self._account.state.get("user", f"{NAMESPACE}/{name}"):
            raise exists("USER", name)
        by_iam = params["IdentityType"] == "IAM"
        doc = {"Email": params["Email"], "Role": params["UserRole"], "IdentityType": params["IdentityType"]}
        made = self._put(name, doc | {"Active": by_iam, "PrincipalId": f"user/{uuid.uuid4()}"})
        self._tags.put(made["Arn"], params.get("Tags", []))
        url = f"https://{self._account.region}.quicksight.aws.amazon.com/sn/auth/invitation"
        return {"User": made, "Status": 201} | ({} if by_iam else {"UserInvitationUrl": url})

    def _update(self, params: Doc) -> Doc:
        changed = self._get(params) | {"Email": params["Email"], "Role": params["Role"]}
        return {"User": self._put(params["UserName"], changed)}

    def _describe(self, params: Doc) -> Doc:
        return {"User": self._get(params)}

    def _list(self, params: Doc) -> Doc:
        check_namespace(params)
        found, more = listed(self._account.state, "user", params)
        return {"UserList": found, **more}

    def _list_groups(self, params: Doc) -> Doc:
        self._get(params)
        found, more = listed(
            self._account.state, "group", params, lambda group: self._groups.has(group["GroupName"], params["UserName"])
        )
        return {"GroupList": found, **more}

    def _delete(self, params: Doc) -> Doc:
        doc = self._get(params)
        self._account.state.delete("user", f"{NAMESPACE}/{doc['UserName']}")
        self._groups.leave_all(doc["UserName"])
        forget(self._account, doc["Arn"])
        return {}


def _name(params: Doc) -> str:
    """The user's name: as told, or of IAM the role with its session, or the IAM user."""
    if params["IdentityType"] != "IAM":
        if "UserName" not in params:
            raise invalid("a user of identity type QUICKSIGHT needs a UserName")
        return params["UserName"]
    if "UserName" in params:
        raise invalid("a user of identity type IAM has the name of its IamArn; UserName is not applicable")
    if "IamArn" not in params:
        raise invalid("a user of identity type IAM needs an IamArn")
    _, _, name = params["IamArn"].rpartition("/")
    return f"{name}/{params['SessionName']}" if "SessionName" in params else name
