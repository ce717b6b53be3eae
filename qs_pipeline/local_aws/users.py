"""The one user of the account, for clients that ask who may be granted what."""

from qs_pipeline.local_aws.account import Account, Handlers
from qs_pipeline.local_aws.errors import not_found
from qs_pipeline.local_aws.state import Doc

_NAMESPACE = "default"
_NAME = "local"


class Users:
    """User ``local`` of the namespace ``default``, an administrator."""

    def __init__(self, account: Account) -> None:
        self._account = account

    @property
    def handlers(self) -> Handlers:
        """The operations by name."""
        return {"DescribeUser": self._describe, "ListUsers": self._list}

    def _user(self) -> Doc:
        return {
            "Arn": self._account.arn(f"user/{_NAMESPACE}/{_NAME}"),
            "UserName": _NAME,
            "Role": "ADMIN",
            "IdentityType": "QUICKSIGHT",
            "Active": True,
        }

    def _describe(self, params: Doc) -> Doc:
        if (params["Namespace"], params["UserName"]) != (_NAMESPACE, _NAME):
            raise not_found("USER", f"{params['Namespace']}/{params['UserName']}")
        return {"User": self._user()}

    def _list(self, params: Doc) -> Doc:
        if params["Namespace"] != _NAMESPACE:
            raise not_found("NAMESPACE", params["Namespace"])
        return {"UserList": [self._user()]}
