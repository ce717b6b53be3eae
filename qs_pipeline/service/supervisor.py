"""The service of one host: the embedded AWS, the code server, the Dagster daemon and webserver.

One supervisor owns ``QS_HOME``. It holds ``lock`` itself, and its children inherit ``alive``: so the next supervisor
knows for certain whether one of them is left of a killed one. Workers of runs inherit nothing; they are found by their
process groups. All are ended before others are started, and runs that were under way are reported as failed; the
sensor asks for their assessments again.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import dagster as dg

from qs_pipeline.catalog import CATALOG
from qs_pipeline.definitions_dir import check_definitions, instance_template
from qs_pipeline.service.processes import (
    HOST,
    answers,
    end_groups,
    end_with_parent,
    exclusive,
    free_port,
    groups_with,
    is_free,
    is_held,
    listens,
    undisturbed,
    until,
)
from qs_pipeline.service.running import LOCK, Running
from qs_pipeline.settings import Settings, local_environment, working_in
from qs_pipeline.setup_aws import carry_out, plan_setup

UI_PORT = 3000
AWS_PORT = 4577
_START_SECONDS = 90.0
_STOP_SECONDS = 15.0
# Who looks whether a service runs holds its lock for a moment.
_LOOK_SECONDS = 1.0
# Stands below a copy of dagster.yaml. That file itself serves those who run Dagster without DAGSTER_HOME, too.
_STORAGE = """
# Dagster's own files, with connections that are kept.
storage:
  custom:
    module: qs_pipeline.sqlite_storage
    class: PooledSqliteStorage
    config: {base_dir: {env: DAGSTER_HOME}}
"""
_UNFINISHED = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


class ServiceError(RuntimeError):
    """The service cannot be started or used; the message says why and what to do."""


def service_environment(settings: Settings, environ: Mapping[str, str], *, endpoint: str) -> dict[str, str]:
    """The environment of a process that works with the instance in ``settings.home``."""
    ours = {
        "DAGSTER_HOME": str(settings.home / "dagster"),
        "QS_HOME": str(settings.home),
        "QS_BUCKET": settings.bucket,
        "QS_TARGET": settings.target,
    }
    if settings.target == "local":
        return local_environment(environ, endpoint=endpoint, home=settings.home) | ours
    return {**environ, **ours}


def open_instance(home: Path) -> dg.DagsterInstance:
    """The Dagster instance in ``home``, to be used as a context manager.

    Raises:
        ServiceError: where there is none.
    """
    if not (home / "dagster" / "dagster.yaml").exists():
        raise ServiceError(
            f"{home} holds no instance yet: start one with 'qs-pipeline up', or set QS_HOME to its folder"
        )
    return _instance(home / "dagster", "dagster.yaml")


def make_instance(home: Path) -> None:
    """Make the Dagster instance in ``home``, or give the one there its configuration.

    Nobody finds a new one before it is whole: a command that opened it half-made would break it.
    """
    folder = home / "dagster"
    folder.mkdir(exist_ok=True)
    unseen = folder / "dagster.new.yaml"
    unseen.write_text(instance_template().read_text() + _STORAGE)
    with _instance(folder, unseen.name):
        unseen.replace(folder / "dagster.yaml")


def _instance(folder: Path, file: str) -> dg.DagsterInstance:
    """The instance that ``file`` describes: where its storage is, such a file takes from the environment."""
    with working_in({**os.environ, "DAGSTER_HOME": str(folder)}):
        return dg.DagsterInstance.from_config(str(folder), file)


class Service:
    """The processes of one ``QS_HOME``, as a context manager: started on entry, all ended on exit.

    Args:
        settings: ``home`` and ``target`` decide what is started.
        environ: The environment that the processes inherit.
        ui_port: Port of the Dagster webserver; None for none, 0 for a free one.
        aws_port: Port of the embedded AWS; 0 for a free one. Not used with the target ``aws``.
        code: The module that holds the code location.

    Raises:
        ServiceError: where a port or ``QS_HOME`` is taken, or (on entry) a process does not come up.
        DefinitionsMissingError: where the definitions are not where the settings say.
    """

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        *,
        ui_port: int | None = UI_PORT,
        aws_port: int = AWS_PORT,
        code: str = "qs_pipeline.definitions",
    ) -> None:
        check_definitions(environ)  # each run would fail otherwise, and late
        self._settings = settings
        self._code = code
        self._ui_port = None if ui_port is None else _usable(ui_port, "--port")
        self._aws_port = _usable(aws_port, "--aws-port") if settings.target == "local" else None
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._stack = contextlib.ExitStack()
        self.ui = f"http://{HOST}:{self._ui_port}" if self._ui_port else ""
        self.aws = f"http://{HOST}:{self._aws_port}" if self._aws_port else ""
        self.environment = service_environment(settings, environ, endpoint=self.aws)

    def __enter__(self) -> Self:
        home = self._settings.home
        home.mkdir(parents=True, exist_ok=True)
        try:
            self._own(home)
            self._stack.callback(self._stop)
            self._start(home)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def check(self) -> None:
        """Raise where a process has ended by itself.

        Raises:
            ServiceError: naming the process, its exit code and the end of its log.
        """
        for name, process in self._processes.items():
            if (code := process.poll()) is not None:
                raise ServiceError(f"{name} ended with exit code {code}. The end of its log:\n{self._tail(name)}")

    @property
    def processes(self) -> Mapping[str, int]:
        """The process ids of what was started, by name."""
        return {name: process.pid for name, process in self._processes.items()}

    def _own(self, home: Path) -> None:
        if self._stack.enter_context(exclusive(home / LOCK, patience=_LOOK_SECONDS)) is None:
            owner = Running.read(home)
            who = f"the service of process {owner.supervisor}" if owner else "another service"
            raise ServiceError(f"{home} belongs to {who}: use or stop that one, or set QS_HOME to another folder")
        earlier = Running.read(home)
        self._note(earlier.groups if earlier else ())
        self._end_left_over(home, earlier.groups if earlier else ())
        alive = self._stack.enter_context(exclusive(home / "alive"))
        if alive is None:
            raise ServiceError(
                f"processes of an earlier service still hold {home / 'alive'}: end them (fuser names them)"
            )
        self._note(())
        self._alive = alive

    def _end_left_over(self, home: Path, noted: tuple[int, ...]) -> None:
        mark = f"QS_HOME={home}"
        if left := groups_with(mark, noted):
            end_groups(
                left, lambda: not is_held(home / "alive") and not groups_with(mark, left), patience=_STOP_SECONDS
            )

    def _note(self, groups: tuple[int, ...], *, ready: bool = False) -> None:
        Running(
            supervisor=os.getpid(),
            groups=groups,
            target=self._settings.target,
            ui=self.ui,
            aws=self.aws,
            ready=ready,
        ).write(self._settings.home)

    @property
    def _groups(self) -> tuple[int, ...]:
        return tuple(process.pid for process in self._processes.values())

    def _start(self, home: Path) -> None:
        # Before any process of Dagster starts: two of them making a new instance at once would break it.
        make_instance(home)
        code_port = free_port()
        workspace = home / "workspace.yaml"
        workspace.write_text(
            f"load_from:\n- grpc_server: {{host: {HOST}, port: {code_port}, location_name: qs_pipeline}}\n"
        )
        fail_unfinished_runs(home)
        if self._aws_port:
            aws_home = str(home / "aws")
            self._spawn("aws", "qs_pipeline.local_aws", "--home", aws_home, "--port", str(self._aws_port))
        self._spawn("code", "qs_pipeline.service.warm_server", "-m", self._code, "-h", HOST, "-p", str(code_port))
        if self._aws_port:
            self._wait("aws", lambda: answers(f"{self.aws}/_qs/health"))
            self._make_bucket()
        self._wait("code", lambda: listens(code_port))
        self._spawn("daemon", "dagster._daemon", "run", "-w", str(workspace))
        if self._ui_port:
            self._spawn("webserver", "dagster_webserver", "-h", HOST, "-p", str(self._ui_port), "-w", str(workspace))
            self._wait("webserver", lambda: answers(f"{self.ui}/server_info"))
        self._note(self._groups, ready=True)

    def _make_bucket(self) -> None:
        """A fresh embedded AWS has no bucket; to make one that is there already changes nothing."""
        with working_in(self.environment):
            settings = Settings.from_environment(os.environ)
            settings.session().client("s3", region_name="us-east-1").create_bucket(Bucket=settings.bucket)
            if settings.queue_url:  # queues and notifications of the embedded AWS end with it
                list(carry_out(plan_setup(settings, CATALOG)))

    def _spawn(self, name: str, module: str, *arguments: str) -> None:
        with self._log(name).open("ab") as log:
            self._processes[name] = subprocess.Popen(  # noqa: S603 - fixed words and our own paths, and no shell
                [sys.executable, "-m", module, *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - no thread of ours runs while services start
                pass_fds=[self._alive.fileno()],
            )
        self._note(self._groups)

    def _wait(self, name: str, ready: Callable[[], bool]) -> None:
        def ready_or_ended() -> bool:
            self.check()
            return ready()

        if not until(ready_or_ended, seconds=_START_SECONDS):
            raise ServiceError(f"{name} is not up after {_START_SECONDS:.0f} s. Its log ends:\n{self._tail(name)}")

    def _stop(self) -> None:
        """End all processes, the embedded AWS last, so that runs can still write what they hold."""
        with undisturbed():
            try:
                self._note(self._groups)
            finally:
                aws = [process for name, process in self._processes.items() if name == "aws"]
                others = [process for name, process in self._processes.items() if name != "aws"]
                for processes in (others, aws):
                    end_groups([process.pid for process in processes], _all_ended(processes), patience=_STOP_SECONDS)
                self._processes.clear()

    def _log(self, name: str) -> Path:
        folder = self._settings.home / "logs"
        folder.mkdir(exist_ok=True)
        return folder / f"{name}.log"

    def _tail(self, name: str) -> str:
        return "\n".join(self._log(name).read_text(errors="replace").splitlines()[-15:])


def _all_ended(processes: list[subprocess.Popen[bytes]]) -> Callable[[], bool]:
    return lambda: all(process.poll() is not None for process in processes)


def _usable(port: int, option: str) -> int:
    if port == 0:
        return free_port()
    if not is_free(port):
        raise ServiceError(f"port {port} is in use: stop what listens there, or choose another with {option}")
    return port


def fail_unfinished_runs(home: Path) -> None:
    """Report runs that a stopped service left behind as failed; nobody works on them, the caller owns ``home``."""
    with open_instance(home) as instance:
        for run in instance.get_runs(dg.RunsFilter(statuses=_UNFINISHED)):
            instance.report_run_failed(run, "The service was stopped while this run was under way.")
