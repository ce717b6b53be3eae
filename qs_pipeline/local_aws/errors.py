"""What QuickSight refuses, and with which HTTP status; knows the service model and nothing of the resources."""

from qs_pipeline import service_model

# Codes outside the service model, which stands for the service alone and not for what is in front of it.
_OF_THE_FRONT = {
    "ValidationException": 400,
    "UnknownOperationException": 404,
    "ExpiredTokenException": 403,
    "UnrecognizedClientException": 403,
    "InvalidSignatureException": 403,
    "ServiceUnavailable": 503,
    "NotEmulatedException": 501,
}


class ServiceError(Exception):
    """A refusal that goes over the wire: error code, message, and the kind of resource it is about."""

    def __init__(self, code: str, message: str, resource_type: str | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.resource_type = resource_type

    @property
    def status(self) -> int:
        """The HTTP status that the service model gives the code; 500 where nobody knows it."""
        shape = service_model.model()["shapes"].get(self.code, {})
        return shape.get("error", {}).get("httpStatusCode") or _OF_THE_FRONT.get(self.code, 500)


def not_emulated(what: str) -> ServiceError:
    """Real QuickSight could do this; the embedded one cannot."""
    return ServiceError("NotEmulatedException", f"not emulated: {what}")


def not_found(resource_type: str, name: str) -> ServiceError:
    """``name`` is no resource of this account."""
    return ServiceError("ResourceNotFoundException", f"{resource_type} {name} is not found", resource_type)


def exists(resource_type: str, name: str) -> ServiceError:
    """``name`` is taken."""
    return ServiceError("ResourceExistsException", f"{resource_type} {name} already exists", resource_type)


def conflict(message: str, resource_type: str) -> ServiceError:
    """The resource is in a state that does not allow the call; a later one may succeed."""
    return ServiceError("ConflictException", message, resource_type)


def invalid(message: str) -> ServiceError:
    """The call can never succeed as it stands."""
    return ServiceError("InvalidParameterValueException", message)
