"""The stage of the chaos test: an account (the embedded AWS, in this process) and the service, in real processes.

The service believes to work on an account, so it can be killed as a whole while QuickSight and S3 live on.
"""

import contextlib
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Generator, Mapping
from pathlib import Path
from typing import IO, Any

import boto3
import dagster as dg

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli.uploading import plan_folder
from qs_pipeline.dag.intake import wanted_uploads
from qs_pipeline.dag.keys import DASHBOARD, PARTITION_TAG
from qs_pipeline.dag.lifecycle import assessment_life
from qs_pipeline.dag.memory import UNDER_WAY, data_versions
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.definitions_dir import instance_template
from qs_pipeline.local_aws import LocalAws
from qs_pipeline.local_aws import Settings as AwsSettings
from qs_pipeline.model import AssessmentId
from qs_pipeline.sample import write_sample
from qs_pipeline.service.processes import end_groups, group_lives, until
from qs_pipeline.service.running import Running, running_service
from qs_pipeline.service.supervisor import open_instance
from qs_pipeline.settings import working_in
from qs_pipeline.store import fingerprint
from qs_pipeline_tests.chaos.plan import Action, Delete, Kill, Put, Strike, Variant
from qs_pipeline_tests.chaos.wire import Wire

BUCKET = "qs-pipeline"
_SAMPLE = AssessmentId("2002")
_WORDS = {"code": "warm_server", "daemon": "dagster._daemon", "webserver": "dagster_webserver"}
_QUICK = AwsSettings(
    user_rate=1000.0, account_rate=1000.0, permission_rate=1000.0, ingestion_seconds=0.2, build_seconds=0.2
)
_RATES = {
    "QS_USER_RATE": "1000",
    "QS_ACCOUNT_RATE": "1000",
    "QS_POLL_SECONDS": "0.2",
    "QS_DEADLINE_SECONDS": "60",
    "QS_DRIFT_SECONDS": "20",
}
_UP_SECONDS = 120.0
_DOWN_SECONDS = 40.0
_WORKER_SECONDS = 15.0


class ChaosError(AssertionError):
    """The service did what it must not; the message says what."""


class World:
    """One account and one service, for many sequences."""

    def __init__(self, aws: LocalAws, home: Path, instance: dg.DagsterInstance, wire: Wire) -> None:
        """Nothing runs yet but the account, and the line to it."""
        self.aws = aws
        self.wire = wire
        self.killed = Counter[str]()
        self.quicksight: Any = boto3.client("quicksight")
        self._home = home
        self._s3: Any = boto3.client("s3")
        self._s3.create_bucket(Bucket=BUCKET)
        self._instance = instance
        self._texts = _texts(home.parent / "sample")
        self._log: IO[str] = (home.parent / "up.log").open("w+")
        self._up: subprocess.Popen[str] | None = None

    def act(self, assessment: str, action: Action) -> None:
        """Let it happen."""
        match action:
            case Put(name=name, variant=variant):
                self.put(assessment, name, variant)
            case Delete(name=name):
                self._s3.delete_object(Bucket=BUCKET, Key=self._key(assessment, name))
            case Strike(fault=fault):
                self.aws.faults.add(fault)
            case Kill(victim="worker", after=seconds):
                if until(lambda: bool(self._workers()), seconds=_WORKER_SECONDS):
                    time.sleep(seconds)
                for process in self._workers()[:1]:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
                        self.killed["worker"] += 1
            case Kill(victim=victim):
                self._kill(victim)
                self.killed[victim] += 1

    def put(self, assessment: str, name: str, variant: Variant) -> None:
        """Upload a file of an assessment."""
        key, text = self._texts[name]
        header, *rows = text.splitlines()
        forms = {
            "whole": rows,
            "shorter": rows[:-1],
            "turned": rows[::-1],
            "broken": [*rows, "1,2"],
        }
        lines = [header.replace(",", ";") if variant == "broken" else header, *forms[variant]]
        self._s3.put_object(Bucket=BUCKET, Key=key.format(assessment), Body="\n".join([*lines, ""]).encode())

    def _key(self, assessment: str, name: str) -> str:
        return self._texts[name][0].format(assessment)

    def uploaded(self, names: Collection[str]) -> dict[str, str]:
        """The fingerprints of what these assessments' uploads are now."""
        store = StoreResource().open()
        files = {name: wanted_uploads(CATALOG, store.uploads(AssessmentId(name))) for name in names}
        return {name: fingerprint(found.values()) for name, found in files.items()}

    def undone(self, uploaded: Mapping[str, str]) -> dict[str, str]:
        """Those assessments whose dashboards do not show what is uploaded, or that a run works on, and why."""
        self.check()
        receipts = data_versions(self._instance, DASHBOARD)
        runs = self._instance.get_runs(dg.RunsFilter(statuses=UNDER_WAY))
        busy = {run.tags.get(PARTITION_TAG): run.status.value for run in runs}
        found = {name: f"its run is {busy[name]}" for name in uploaded if name in busy}
        stale = {
            name: "its dashboard does not show the uploads" for name in uploaded if receipts.get(name) != uploaded[name]
        }
        return stale | found

    def status(self, assessment: str) -> str:
        """What ``qs-pipeline status`` says."""
        life = assessment_life(self._instance, CATALOG, AssessmentId(assessment))
        return f"{life.state}: {life.reason}"

    def runs(self, assessment: str) -> list[tuple[float, float]]:
        """When the runs of an assessment began and ended, those that began at all."""
        records = self._instance.get_run_records(dg.RunsFilter(tags={PARTITION_TAG: assessment}))
        return sorted((each.start_time, each.end_time or math.inf) for each in records if each.start_time)

    def start(self) -> None:
        """Start the service, and return when it is ready."""
        self._up = subprocess.Popen(
            [sys.executable, "-m", "qs_pipeline_tests.chaos.up"],
            stdout=self._log,
            stderr=self._log,
            text=True,
            env={**os.environ, "AWS_ENDPOINT_URL": self.wire.url},
        )

        def ready() -> bool:
            self.check()
            running = running_service(self._home)
            return running is not None and running.ready

        if not until(ready, seconds=_UP_SECONDS):
            raise ChaosError(f"the service is not up after {_UP_SECONDS:.0f} s; see {self._log.name}")

    def check(self) -> None:
        """Raise where the service ended by itself."""
        if self._up is None or self._up.poll() is not None:
            raise ChaosError(f"the service ended: {self._last_words()}")

    def stop(self) -> None:
        """End the service and all that it left behind."""
        if self._up is not None:
            self._up.terminate()
            try:
                self._up.wait(_DOWN_SECONDS)
            except subprocess.TimeoutExpired:
                self._up.kill()
                self._up.wait()
        if left := Running.read(self._home):
            end_groups(left.groups, lambda: not any(map(group_lives, left.groups)), patience=5)
        self._log.close()

    def _kill(self, victim: str) -> None:
        up = self._up
        if up is None:
            raise ChaosError("nothing runs that could be killed")
        if victim == "supervisor":
            up.kill()
        else:
            os.kill(self._process(victim), signal.SIGKILL)
        try:
            up.wait(_DOWN_SECONDS)
        except subprocess.TimeoutExpired:
            raise ChaosError(f"{victim} was killed, and the service neither ends nor says so") from None
        if victim != "supervisor" and f"error: {victim} ended with exit code -9" not in self._last_words():
            raise ChaosError(f"{victim} was killed, and the service says {self._last_words()!r}")
        self.start()

    def _process(self, name: str) -> int:
        running = running_service(self._home)
        for process in running.groups if running else ():
            if _WORDS[name] in _command(process):
                return process
        raise ChaosError(f"there is no {name} to be killed")

    def _workers(self) -> list[int]:
        """The processes of runs: children of the warm process, which is a child of the code server."""
        warm = [child for child in _children(self._process("code")) if "forkserver" in _command(child)]
        return sorted(child for each in warm for child in _children(each))

    def _last_words(self) -> str:
        self._log.flush()
        lines = [line for line in Path(self._log.name).read_text().splitlines() if line.startswith("error: ")]
        return lines[-1] if lines else "nothing"


@contextlib.contextmanager
def world_in(folder: Path, *, seed: int) -> Generator[World]:
    """A world with its service up, ended with all its processes; ``seed`` is that of its line to the account."""
    home = folder / "home"
    (home / "dagster").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(instance_template(), home / "dagster" / "dagster.yaml")
    with (
        LocalAws(home=folder / "aws", settings=_QUICK) as aws,
        Wire(aws.url, seed=seed) as wire,
        working_in(_environment(aws, home)),
        open_instance(home) as instance,
    ):
        world = World(aws, home, instance, wire)
        try:
            world.start()
            yield world
        finally:
            world.stop()


def wait(condition: Callable[[], object], *, seconds: float, every: float = 1.0) -> bool:
    """Whether ``condition`` came true in time; each look costs the service time as well, so they are few."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def _environment(aws: LocalAws, home: Path) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "QS_"))}
    return (
        kept
        | _RATES
        | {
            "QS_HOME": str(home),
            "QS_TARGET": "aws",  # an account that lives on: its address is the loopback's
            "QS_BUCKET": BUCKET,
            "AWS_ENDPOINT_URL": aws.url,
            "AWS_ACCESS_KEY_ID": "chaos",
            "AWS_SECRET_ACCESS_KEY": "chaos",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    )


def _texts(folder: Path) -> dict[str, tuple[str, str]]:
    """The key, with a gap for the assessment, and the text of every upload of a small sample."""
    write_sample(folder, assessment=_SAMPLE, size="small", seed=7)
    planned = plan_folder(folder, CATALOG)[_SAMPLE]
    return {each.path.stem: (each.key.replace(f"/{_SAMPLE}/", "/{}/", 1), each.path.read_text()) for each in planned}


def _children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(word) for file in tasks for word in _read(file).split()]


def _command(process: int) -> str:
    return _read(Path(f"/proc/{process}/cmdline")).replace("\0", " ")


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
