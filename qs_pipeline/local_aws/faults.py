"""The fault plan: what the next calls and asynchronous works suffer, so that a client's patience can be tested.

Four families of names may be struck: operations of QuickSight as they are, S3 requests as ``s3:<METHOD>``, IAM's one
operation as ``iam:SimulatePrincipalPolicy``, and what ends later than its call as ``outcome:Ingestion`` and
``outcome:DashboardVersion``. A ``*`` stays within its family.
"""

import random
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from types import NoneType
from typing import Any, cast

from qs_pipeline import service_model
from qs_pipeline.local_aws.wsgi import parse_json

INGESTION = "outcome:Ingestion"
DASHBOARD_VERSION = "outcome:DashboardVersion"
_BESIDE_OPERATIONS = (
    INGESTION,
    DASHBOARD_VERSION,
    "iam:SimulatePrincipalPolicy",
    *(f"s3:{method}" for method in ("GET", "HEAD", "PUT", "POST", "DELETE")),
)


class FaultPlanError(ValueError):
    """What should be a fault, or a plan of them, is none; the message names the place and what may stand there."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What befalls the next calls of one operation, or the next works of one kind.

    Attributes:
        operation: Such as ``CreateDataSet``, ``s3:PUT`` or ``outcome:Ingestion``; ``*`` and ``?`` as in file names.
        times: How many calls; None: without end.
        probability: The share of calls that it strikes, of those that it fits.
        resource: Only calls about a resource whose id, ARN or ``bucket/key`` is like this, or of QuickSight's those
            that a principal like this makes, such as ``role/publisher-1``; ``*`` and ``?`` likewise.
        error: The code answered, such as ``InternalFailureException``, or the type of an outcome's error, such as
            ``ROW_SIZE_LIMIT_EXCEEDED``; None lets it through.
        message: What is told with ``error``.
        delay_seconds: Waited before anything else.
        reset: The connection ends without an answer; after a long delay that is a time-out.
        applied: The call takes effect before ``error`` or ``reset`` hides that it did.
        dropped_rows: Of an ingestion: so many rows are lost, as if their cells could not be cast.
    """

    operation: str
    times: int | None = 1
    probability: float = 1.0
    resource: str = "*"
    error: str | None = None
    message: str = "injected by the fault plan"
    delay_seconds: float = 0.0
    reset: bool = False
    applied: bool = False
    dropped_rows: int = 0

    def fits(self, name: str, resources: Sequence[str]) -> bool:
        """Whether it may strike a call or an outcome of this name about these resources."""
        if _family(name) != _family(self.operation) or not fnmatchcase(name, self.operation):
            return False
        return self.resource == "*" or any(fnmatchcase(each, self.resource) for each in resources)


class Faults:
    """Faults in the order in which they were added; the first that strikes a call is spent on it."""

    def __init__(self, seed: int = 0) -> None:
        """Nothing is planned; whatever has a probability is drawn from the seed, so that a plan can be repeated."""
        self._lock = threading.Lock()
        self._plan: list[Fault] = []
        self._chance = random.Random(seed)  # noqa: S311 - repeatable, not secret

    def add(self, *faults: Fault) -> None:
        """Plan faults."""
        with self._lock:
            self._plan.extend(faults)

    def clear(self) -> None:
        """Plan nothing any more."""
        with self._lock:
            self._plan.clear()

    def take(self, name: str, resources: Sequence[str] = ()) -> Fault | None:
        """The fault that this call or outcome suffers, if any."""
        with self._lock:
            for place, fault in enumerate(self._plan):
                if fault.fits(name, resources) and self._chance.random() < fault.probability:
                    if fault.times == 1:
                        del self._plan[place]
                    elif fault.times is not None:
                        self._plan[place] = replace(fault, times=fault.times - 1)
                    return fault
            return None

    def standing(self, name: str, resources: Sequence[str] = ()) -> Fault | None:
        """The fault, if any, that every such call will suffer; none is spent."""
        with self._lock:
            lasting = (fault for fault in self._plan if fault.times is None and fault.probability == 1)
            return next((fault for fault in lasting if fault.fits(name, resources)), None)

    def shown(self) -> list[dict[str, Any]]:
        """The plan as ``/_qs/faults`` shows it."""
        with self._lock:
            return [asdict(fault) for fault in self._plan]


def read_plan(file: Path) -> Faults:
    """The plan in a JSON file: ``{"seed": 7, "faults": [{"operation": ...}, ...]}``, or only the list.

    Raises:
        FaultPlanError: where the file cannot be read or does not hold a plan; it names the file and the place.
    """
    try:
        value = parse_json(file.read_bytes())
    except (OSError, ValueError) as error:
        raise FaultPlanError(f"no fault plan in {file}: {error}") from error
    plan: Any = {"faults": cast("list[Any]", value)} if isinstance(value, list) else value
    try:
        made, listed = Faults(int(plan.get("seed", 0))), list(plan["faults"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        told = 'it must be a list of faults, or {"seed": 7, "faults": [...]}'
        raise FaultPlanError(f"no fault plan in {file}: {told}") from error
    for place, each in enumerate(listed):
        try:
            made.add(fault_of(each))
        except FaultPlanError as error:
            raise FaultPlanError(f"fault {place} in {file}: {error}") from error
    return made


_TYPES: Mapping[str, tuple[type, ...]] = {
    "operation": (str,),
    "times": (int, NoneType),
    "probability": (int, float),
    "resource": (str,),
    "error": (str, NoneType),
    "message": (str,),
    "delay_seconds": (int, float),
    "reset": (bool,),
    "applied": (bool,),
    "dropped_rows": (int,),
}


def fault_of(value: object) -> Fault:
    """The fault that a JSON object describes.

    Raises:
        FaultPlanError: where a member is unknown or has the wrong type or range, or no such operation exists.
    """
    if not isinstance(value, dict):
        raise FaultPlanError(f"a fault is an object with the members {', '.join(_TYPES)}")
    members = cast("dict[str, Any]", value)
    if unknown := sorted(members.keys() - _TYPES.keys()):
        raise FaultPlanError(f"a fault has no {', '.join(unknown)}; its members are {', '.join(_TYPES)}")
    for name, given in members.items():
        if not isinstance(given, _TYPES[name]) or (isinstance(given, bool) and bool not in _TYPES[name]):
            raise FaultPlanError(f"{name} cannot be {given!r}")
    if "operation" not in members:
        raise FaultPlanError("a fault needs an operation, such as CreateDataSet")
    fault = Fault(**members)
    if not 0 <= fault.probability <= 1:
        raise FaultPlanError(f"probability is from 0 to 1, not {fault.probability}")
    if (fault.times is not None and fault.times < 1) or fault.delay_seconds < 0 or fault.dropped_rows < 0:
        raise FaultPlanError("times is at least 1, or null for ever; delay_seconds and dropped_rows are at least 0")
    known = (*service_model.model()["operations"], *_BESIDE_OPERATIONS)
    if not any(replace(fault, resource="*").fits(name, ()) for name in known):
        close = service_model.nearest(fault.operation, known)
        hint = f"; did you mean {close!r}?" if close else ""
        raise FaultPlanError(f"there is no operation {fault.operation!r}{hint}")
    return fault


def _family(name: str) -> str:
    return name.rpartition(":")[0]
