"""IAM as far as one call: what a principal may do. Everything, but what the fault plan refuses for ever.

A standing fault with the error ``AccessDenied`` or ``AccessDeniedException`` is what a policy does not allow: of an
operation of QuickSight, or of ``s3:<METHOD>`` and the resources that it strikes. QuickSight's own role may read no
bucket where data sources are refused for ever with a word about their manifest.
"""

from collections.abc import Iterable
from html import escape
from urllib.parse import parse_qs

from qs_pipeline.local_aws.faults import Faults
from qs_pipeline.local_aws.wsgi import Environ, StartResponse, read_body

_OPERATION = "SimulatePrincipalPolicy"
_METHODS = {"GetObject": "GET", "ListBucket": "GET", "PutObject": "PUT", "DeleteObject": "DELETE"}
_QUICKSIGHTS_OWN = "role/service-role/"
_DENIED = ("AccessDenied", "AccessDeniedException")


class Iam:
    """A WSGI application that simulates policies."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        form = parse_qs(read_body(environ).decode())
        operation = form.get("Action", [""])[0]
        if operation != _OPERATION:
            return _answer(start_response, "501 Not Implemented", _error("NotEmulated", f"not emulated: {operation}"))
        principal = form["PolicySourceArn"][0]
        if fault := self._faults.take(f"iam:{_OPERATION}", (principal,)):
            return _answer(start_response, "403 Forbidden", _error(fault.error or "AccessDenied", fault.message))
        judged = "".join(
            f"<member><EvalActionName>{escape(action)}</EvalActionName><EvalResourceName>{escape(resource)}"
            f"</EvalResourceName><EvalDecision>{self._decision(principal, action, resource)}</EvalDecision></member>"
            for action in _members(form, "ActionNames")
            for resource in _members(form, "ResourceArns") or ["*"]
        )
        result = f"<IsTruncated>false</IsTruncated><EvaluationResults>{judged}</EvaluationResults>"
        body = f"<{_OPERATION}Response><{_OPERATION}Result>{result}</{_OPERATION}Result></{_OPERATION}Response>"
        return _answer(start_response, "200 OK", body)

    def _decision(self, principal: str, action: str, resource: str) -> str:
        service, _, operation = action.partition(":")
        if _QUICKSIGHTS_OWN in principal:
            fault = self._faults.standing("CreateDataSource")
            refused = fault is not None and fault.error in _DENIED and "manifest" in fault.message
        else:
            name = f"s3:{_METHODS.get(operation, '')}" if service == "s3" else operation
            place = resource.rpartition(":::")[2] if service == "s3" else resource.rpartition("/")[2]
            fault = self._faults.standing(name, (place,))
            refused = fault is not None and fault.error in _DENIED
        return "implicitDeny" if refused else "allowed"


def _members(form: dict[str, list[str]], name: str) -> list[str]:
    """A list as the query protocol sends it: ``Name.member.1`` and so on."""
    keys = sorted((key for key in form if key.startswith(f"{name}.")), key=lambda key: int(key.rpartition(".")[2]))
    return [form[key][0] for key in keys]


def _error(code: str, message: str) -> str:
    told = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    return f"<ErrorResponse><Error><Type>Sender</Type>{told}</Error></ErrorResponse>"


def _answer(start_response: StartResponse, status: str, text: str) -> Iterable[bytes]:
    body = text.encode()
    start_response(status, [("Content-Type", "text/xml"), ("Content-Length", str(len(body)))])
    return [body]
