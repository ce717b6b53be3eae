"""QuickSight's REST protocol, read off the service model: which operation a request is, and how it is answered.

No route is written by hand: method, path, query and body all come from the model, so what boto3 sends is understood and
what it cannot understand is never answered. Knows nothing of what the operations do.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from qs_pipeline import service_model
from qs_pipeline.local_aws.errors import ServiceError, invalid
from qs_pipeline.local_aws.state import Doc
from qs_pipeline.local_aws.wsgi import parse_json

_SHOWN_VIOLATIONS = 10


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer on the wire."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Route:
    """One operation's place: its method and the segments of its path, labels as ``{Name}``."""

    operation: str
    method: str
    segments: tuple[str, ...]

    def labels(self, segments: list[str]) -> dict[str, str] | None:
        """The decoded path labels where ``segments`` are of this route, else None."""
        labels: dict[str, str] = {}
        for ours, theirs in zip(self.segments, segments, strict=True):
            if ours.startswith("{"):
                labels[ours.strip("{}")] = unquote(theirs)
            elif ours != theirs:
                return None
        return labels


@cache
def routes() -> Mapping[tuple[str, int], list[Route]]:
    """Every operation of the model by method and number of segments, the routes with fewest labels first."""
    found: dict[tuple[str, int], list[Route]] = {}
    for name, operation in service_model.model()["operations"].items():
        template: str = operation["http"]["requestUri"]
        segments = tuple(urlsplit(template).path.split("/"))
        route = Route(operation=name, method=operation["http"]["method"], segments=segments)
        found.setdefault((route.method, len(route.segments)), []).append(route)
    for candidates in found.values():
        candidates.sort(key=lambda route: sum(segment.startswith("{") for segment in route.segments))
    return found


def match(method: str, uri: str) -> tuple[str, dict[str, str]]:
    """The operation that the raw, still escaped request URI names, and its path labels.

    Raises:
        ServiceError: where no operation has this path.
    """
    segments = urlsplit(uri).path.split("/")
    for route in routes().get((method, len(segments)), ()):
        if (labels := route.labels(segments)) is not None:
            return route.operation, labels
    raise ServiceError("UnknownOperationException", f"QuickSight has no operation {method} {uri}")


def parse(operation: str, labels: Mapping[str, str], uri: str, body: bytes) -> Doc:
    """The operation's input, gathered from path, query and body, and held against its shape.

    Raises:
        ServiceError: ValidationException that lists the places where the input breaks its shape, as the service's
            front does it; InvalidParameterValueException where it is no input at all.
    """
    shape_name = _shape_name(operation, "input")
    query = parse_qs(urlsplit(uri).query, keep_blank_values=True)
    params = _json_object(body)
    for member, reference in service_model.model()["shapes"][shape_name]["members"].items():
        name = reference.get("locationName", member)
        if reference.get("location") == "uri":
            params[member] = _typed(reference["shape"], labels[name])
        elif reference.get("location") == "querystring" and name in query:
            is_list = service_model.shape(reference["shape"]).kind == "list"
            params[member] = query[name] if is_list else _typed(reference["shape"], query[name][-1])
    if broken := service_model.violations(shape_name, params):
        told = "; ".join(str(violation) for violation in broken[:_SHOWN_VIOLATIONS])
        plural = "s" if len(broken) > 1 else ""
        raise ServiceError("ValidationException", f"{len(broken)} validation error{plural} detected: {told}")
    return params


def reply(operation: str, output: Doc, request_id: str) -> Reply:
    """``output`` as the operation's answer; ``Status`` in it, 200 if absent, is the HTTP status.

    Raises:
        KeyError: where the output has a member that the operation's shape does not know: a mistake of the emulator.
    """
    members: Mapping[str, Any] = service_model.model()["shapes"][_shape_name(operation, "output")]["members"]
    if unknown := output.keys() - members.keys():
        raise KeyError(f"{operation} does not answer {sorted(unknown)}")
    status = output.get("Status", 200)
    body = {**output, "Status": status, "RequestId": request_id}
    on_wire = {name: value for name, value in body.items() if "location" not in members[name] and value is not None}
    return Reply(status=status, body=json.dumps(on_wire).encode(), headers=_headers(request_id))


def check_output(operation: str, output: Doc) -> None:
    """Hold an output against its shape. A definition in it was held against its own when it came in.

    Raises:
        ValueError: that lists every place where it breaks the shape: a mistake of the emulator.
    """
    told = {name: value for name, value in output.items() if name != "Definition" and value is not None}
    found = service_model.violations(_shape_name(operation, "output"), told)
    # Least lengths bind requests only: QuickSight itself answers empty lists of tags.
    if broken := [violation for violation in found if not violation.message.endswith("items, not 0")]:
        raise ValueError(f"the output of {operation} breaks its shape: {'; '.join(map(str, broken))}")


def error_reply(error: ServiceError, request_id: str) -> Reply:
    """``error`` as boto3 expects it: the code in a header, the rest in the body."""
    body = {"Message": error.message, "RequestId": request_id}
    if error.resource_type:
        body["ResourceType"] = error.resource_type
    headers = (*_headers(request_id), ("x-amzn-ErrorType", error.code))
    return Reply(status=error.status, body=json.dumps(body).encode(), headers=headers)


def _headers(request_id: str) -> tuple[tuple[str, str], ...]:
    return ("Content-Type", "application/json"), ("x-amzn-RequestId", request_id)


def _shape_name(operation: str, side: str) -> str:
    return service_model.model()["operations"][operation][side]["shape"]


def _json_object(body: bytes) -> Doc:
    try:
        value = parse_json(body or b"{}")
    except ValueError as error:
        raise invalid(f"the body is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise invalid("the body is no JSON object")
    return value  # pyright: ignore[reportUnknownVariableType] - JSON objects have text keys


def _typed(shape_name: str, text: str) -> object:
    """``text`` of a path or query as its shape wants it; left alone, to be refused, where it cannot be that."""
    kind = service_model.shape(shape_name).kind
    if kind in ("integer", "long") and text.lstrip("-").isdecimal():
        return int(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text
