"""The fault plan: what the next calls of an operation suffer, so that a client's patience can be tested."""

import threading
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What befalls the next calls of one operation.

    Attributes:
        operation: Such as ``CreateDataSet``; ``*`` is any.
        times: How many calls.
        error: The code answered, such as ``InternalFailureException``; None lets the call through.
        delay_seconds: Waited before anything else.
        reset: The connection ends without an answer.
        applied: The call takes effect before ``error`` or ``reset`` hides that it did.
    """

    operation: str
    times: int = 1
    error: str | None = None
    message: str = "injected by the fault plan"
    delay_seconds: float = 0.0
    reset: bool = False
    applied: bool = False


class Faults:
    """Faults in the order in which they were added; the first that fits a call is spent on it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plan: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Plan a fault."""
        with self._lock:
            self._plan.append(fault)

    def clear(self) -> None:
        """Plan nothing any more."""
        with self._lock:
            self._plan.clear()

    def take(self, operation: str) -> Fault | None:
        """The fault that this call suffers, if any."""
        with self._lock:
            for place, fault in enumerate(self._plan):
                if fault.operation in (operation, "*"):
                    if fault.times > 1:
                        self._plan[place] = replace(fault, times=fault.times - 1)
                    else:
                        del self._plan[place]
                    return fault
            return None

    def shown(self) -> list[dict[str, Any]]:
        """The plan as ``/_qs/faults`` shows it."""
        with self._lock:
            return [asdict(fault) for fault in self._plan]
