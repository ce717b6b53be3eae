"""The services of ``deploy/compose.yaml`` started by hand: each command with its environment, on loopback.

What only an engine of containers could do is translated: names of hosts, ports, and the folders of the image. Nothing
else is, so that a command, a variable or a mount that is wrong in the file is wrong here.
"""

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from qs_pipeline.service.processes import HOST, answers, end_groups, free_port, group_lives, listens, until
from qs_pipeline_tests.deploy.conftest import DEPLOY
from qs_pipeline_tests.quicksight.postgres import PASSWORD, Postgres

BIN = Path(sys.executable).parent
_START_SECONDS = 120.0
_VARIABLE = re.compile(r"\$\{(\w+)(:\?|:-)?(.*?)\}")
_ENV = re.compile(r"(\w+)=(\S+)")


class Program:
    """One command in a folder of its own, with all that it starts."""

    def __init__(self, command: list[str], *, environment: Mapping[str, str], folder: Path, log: Path) -> None:
        self.command = command
        self.environment = dict(environment)
        self.log = log
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process of the command itself, which leads a group of its own."""
        assert self._process is not None, f"{self.command[0]} was not started"
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether the command itself has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How it ended, as ``Popen`` tells it; None while it runs."""
        assert self._process is not None, f"{self.command[0]} was not started"
        return self._process.poll()

    def start(self) -> None:
        """Start it; it may take a while until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=self._folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Kill the command's own process, and none of those that it started."""
        os.kill(self.pid, signal.SIGKILL)
        self._wait()

    def kill_container(self) -> None:
        """Kill all of it, as the end of a container does."""
        os.killpg(self.pid, signal.SIGKILL)
        self._wait()

    def end(self) -> None:
        """Ask it to end as ``docker stop`` does, and kill what is left after ten seconds."""
        if self._process is not None:
            group = self._process.pid
            end_groups([group], lambda: self._process is None or self._process.poll() is not None, patience=10)
            assert not group_lives(group)

    def _wait(self) -> None:
        assert self._process is not None
        self._process.wait()


class Compose:
    """``code``, ``daemon`` and ``webserver`` of the file, beside a PostgreSQL of ours in the place of its ``postgres``.

    Args:
        folder: Where the volume ``home``, the files of the image and the logs lie.
        postgres: It has to hold the database that the file names.
        settings: What ``deploy/.env`` would say, and what the host's instance role would give.
    """

    def __init__(self, folder: Path, postgres: Postgres, settings: Mapping[str, str]) -> None:
        self.restarted = Counter[str]()
        self.home = folder / "home"
        (self.home / "dagster").mkdir(parents=True)
        self.code_port, self.web_port = free_port(), free_port()
        self._settings = {"POSTGRES_PASSWORD": PASSWORD, **settings}
        self._here = {
            "postgres:5432": f"{HOST}:{postgres.port}",
            "/opt/qs-pipeline/workspace.yaml": str(folder / "workspace.yaml"),
            "/var/lib/qs-pipeline": str(self.home),
            "0.0.0.0": HOST,  # noqa: S104 - that of the container
            "4000": str(self.code_port),
            "3000": str(self.web_port),
        }
        workspace = (DEPLOY / "workspace.yaml").read_text()
        (folder / "workspace.yaml").write_text(self._translated(workspace))
        file: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
        # Nothing is mounted where the same folder is volume and mount; the file is read anew at each start.
        (mount,) = (each for each in file["services"]["code"]["volumes"] if each.startswith("./"))
        source, target, _ = mount.split(":")
        Path(self._translated(target)).write_text((DEPLOY / source).read_text())
        self.programs = {
            name: Program(
                self._command(file["services"][name]),
                environment=self._environment(file["services"][name]),
                folder=self.home,
                log=folder / f"{name}.log",
            )
            for name in ("code", "daemon", "webserver")
        }

    @property
    def url(self) -> str:
        """Where the webserver answers."""
        return f"http://{HOST}:{self.web_port}"

    def start(self, *names: str) -> None:
        """Start services in the order of their dependencies; they answer when this returns."""
        for name in names or tuple(self.programs):
            self.programs[name].start()
            self._wait(name, self._ready(name))

    def restart_ended(self) -> None:
        """``restart: unless-stopped``: start again what has ended by itself."""
        for name, program in self.programs.items():
            if not program.runs:
                self.restarted[name] += 1
                self.start(name)

    def stop(self) -> None:
        """End all of them."""
        for each in reversed(self.programs.values()):
            each.end()

    def environment(self) -> dict[str, str]:
        """The environment of a command that somebody gives in the container ``code``."""
        return dict(self.programs["code"].environment)

    def _ready(self, name: str) -> Callable[[], bool]:
        if name == "webserver":
            return lambda: answers(f"{self.url}/server_info")
        return lambda: name == "daemon" or listens(self.code_port)

    def _wait(self, name: str, ready: Callable[[], bool]) -> None:
        program = self.programs[name]
        assert until(lambda: not program.runs or ready(), seconds=_START_SECONDS), f"{name} does not answer"
        assert program.runs, f"{name} ended: {program.log.read_text()[-2000:]}"

    def _command(self, service: Mapping[str, Any]) -> list[str]:
        program, *arguments = service["command"]
        return [str(BIN / program), *(self._translated(each) for each in arguments)]

    def _environment(self, service: Mapping[str, Any]) -> dict[str, str]:
        image = dict(_ENV.findall((DEPLOY / "Dockerfile").read_text().partition("ENV ")[2]))
        told = {name: self._interpolated(str(value)) for name, value in service["environment"].items()}
        here = {name: self._translated(value) for name, value in (image | told).items()}
        credentials = {name: value for name, value in self._settings.items() if name.startswith(("AWS_", "QS_"))}
        # The names of the containers are those of their services.
        return credentials | here | {"QS_CODE_HOST": HOST, "PATH": os.environ["PATH"]}

    def _interpolated(self, text: str) -> str:
        def value(found: re.Match[str]) -> str:
            name, kind, default = found.groups()
            given = self._settings.get(name, "")
            assert given or kind == ":-", f"compose.yaml asks for {name}"
            return given or default

        return _VARIABLE.sub(value, text)

    def _translated(self, text: str) -> str:
        for there, here in self._here.items():
            text = text.replace(there, here)
        return text
