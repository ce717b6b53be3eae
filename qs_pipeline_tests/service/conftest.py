"""The command line as a person uses it: real processes, a QS_HOME of their own, credentials that must not be used."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from qs_pipeline.service.processes import end_groups, group_lives
from qs_pipeline.service.running import Running, running_service

COMMAND = str(Path(sys.executable).parent / "qs-pipeline")
PATIENCE = 120.0


# What the drift sensor asks, whenever it is time for it.
LOOKS = ("ListDashboards", "ListDataSets")


class Person:
    """Somebody at a terminal with one QS_HOME."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environ = {**os.environ, "QS_HOME": str(home), "COLUMNS": "160"}

    def types(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [COMMAND, *words],
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def starts(self, *words: str) -> subprocess.Popen[str]:
        """Start a command that stays, and return when its service is up."""
        process = subprocess.Popen(
            [COMMAND, *words], env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert process.stdout is not None
        for line in process.stdout:
            if "Ctrl-C" in line:
                return process
        raise AssertionError(f"{words} ended with {process.wait()}")

    @property
    def service(self) -> Running:
        """The service that runs."""
        running = running_service(self.home)
        assert running is not None
        return running

    def stats(self) -> dict[str, Any]:
        """What the embedded AWS counted."""
        with urlopen(f"{self.service.aws}/_qs/stats", timeout=5) as reply:
            return json.load(reply)

    def calls(self) -> int:
        """How many calls QuickSight got, but for the listings by which the drift sensor looks now and then."""
        operations = self.stats()["operations"]
        return sum(each["calls"] for name, each in operations.items() if name not in LOOKS)


def eventually(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    """Wait for other processes to bring something about."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.1)


def living(groups: tuple[int, ...]) -> list[int]:
    """Process groups that still have a member."""
    return [group for group in groups if group_lives(group)]


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """A person whose processes are gone afterwards, whatever the tests did."""
    somebody = Person(tmp_path_factory.mktemp("home") / "qs")
    yield somebody
    left = Running.read(somebody.home)
    if left is not None:
        if running_service(somebody.home) is not None:
            os.kill(left.supervisor, signal.SIGKILL)
        end_groups(left.groups, lambda: not living(left.groups), patience=5)
