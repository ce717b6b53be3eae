"""A PostgreSQL server of one's own: a fresh cluster in a temporary folder, loopback only, gone afterwards."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from qs_pipeline_tests.conftest import missing

PASSWORD = "secret-word"  # noqa: S105 - of a server that lives for one test
_USER = "postgres"  # whom Debian's package makes; the server refuses to run as root


def _programs() -> Path:
    """The folder of ``initdb`` and ``pg_ctl``; Debian keeps it off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        missing("a PostgreSQL server", "apt-get install postgresql")
    return Path(on_path).parent


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Postgres:
    """One cluster, which can be stopped and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self._programs = _programs()
        self._folder = folder
        self._user = _USER if os.geteuid() == 0 else None
        self.port = free_port()
        if self._user:
            shutil.chown(folder, self._user)
        (folder / "password").write_text(PASSWORD)
        self._run("initdb", "-D", "data", "-U", "qs", "--auth=scram-sha-256", "--pwfile=password", "--no-sync")

    @property
    def url(self) -> str:
        """Where the database is, password included, which must never be told."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """The same for another database of the cluster."""
        return f"postgresql://qs:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Accept connections when this returns."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self._folder} -F"
        self._run("pg_ctl", "-D", "data", "-w", "-s", "-l", "log", "-o", options, "start")

    def stop(self) -> None:
        """End at once, connections included."""
        self._run("pg_ctl", "-D", "data", "-w", "-s", "-m", "immediate", "stop")

    def create(self, database: str) -> None:
        """Make an empty database."""
        self._run("createdb", *self._where, database)

    def restored_copy(self, name: str) -> str:
        """Dump the database as an operator does, restore it as the database ``name``, and say where that is."""
        self._run("pg_dump", *self._where, "--format=custom", "--file=dump", "postgres")
        self.create(name)
        self._run("pg_restore", *self._where, "--exit-on-error", f"--dbname={name}", "dump")
        return self.url_of(name)

    def run_script(self, script: Path, url: str) -> None:
        """Give a file of commands to a database, as an operator does; an error ends it."""
        self._run("psql", url, "--set=ON_ERROR_STOP=1", f"--file={script}", "--quiet")

    @property
    def _where(self) -> tuple[str, ...]:
        return ("-h", "127.0.0.1", "-p", str(self.port), "-U", "qs")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._programs / program), *arguments],
            cwd=self._folder,
            user=self._user,
            group=pwd.getpwnam(self._user).pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
            env={**os.environ, "PGPASSWORD": PASSWORD},
            check=True,
            stdout=subprocess.DEVNULL,
        )


@contextlib.contextmanager
def running() -> Iterator[Postgres]:
    """A server that runs until the block ends."""
    with tempfile.TemporaryDirectory(prefix="qs-postgres-") as folder:
        server = Postgres(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
