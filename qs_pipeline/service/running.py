"""The note that a supervisor leaves in ``QS_HOME``: which service runs there, and what has to be ended after it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qs_pipeline.service.processes import is_held

# The supervisor holds this file of its home.
LOCK = "lock"
_NOTE = "service.json"


@dataclass(frozen=True, kw_only=True)
class Running:
    """A service as its supervisor wrote it down.

    Attributes:
        supervisor: Its process id.
        groups: The process groups that it started, or that it found and has to end.
        target: ``local`` or ``aws``.
        ui: URL of the Dagster webserver; empty where there is none.
        aws: URL of the embedded AWS; empty where there is none.
        ready: Whether it can be used: it has started, and does not stop yet.
    """

    supervisor: int
    groups: tuple[int, ...]
    target: str
    ui: str
    aws: str
    ready: bool = False

    @classmethod
    def read(cls, home: Path) -> "Running | None":
        """What the last supervisor of ``home`` wrote, whether it lives or not."""
        try:
            stored: dict[str, Any] = json.loads((home / _NOTE).read_text())
        except (OSError, ValueError):
            return None
        stored["groups"] = tuple(stored["groups"])
        return cls(**stored)

    def write(self, home: Path) -> None:
        """Replace the note of ``home`` at once."""
        draft = home / f"{_NOTE}.new"
        draft.write_text(json.dumps(asdict(self), indent=1))
        draft.replace(home / _NOTE)


def running_service(home: Path) -> Running | None:
    """The service that owns ``home`` now, if one does; whether it is ready it says itself."""
    return Running.read(home) if is_held(home / LOCK) else None
