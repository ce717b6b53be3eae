"""What happens in a sequence of the chaos test: drawn from a seed, so that it can be had again. Knows no process.

A sequence is the history of one assessment: uploads, replacements, deletions, broken files, faults and kills, each at
a moment. Its last words on every file are sound ones, and enough is left to have a dashboard: what is kept of a broken
file, and what an emptied assessment shows, depends on the history by design and could not be compared.
"""

import random
from dataclasses import dataclass, field
from typing import Literal

from qs_pipeline.local_aws import Fault

Victim = Literal["worker", "code", "daemon", "webserver", "supervisor"]
Variant = Literal["whole", "shorter", "turned", "broken"]

# Without these there is no sheet.
BASE = ("AssessmentTable", "AssessmentParameterDataMapTable", "RD_I_PaxLocationAll")
MORE = (
    "Locations",
    "RD_I_POS_Location",
    "RD_I_Ration_Costs",
    "RD_I_POS_Pallet_Requirement",
    "RD_IV_Daily_Requirements",
    "RD_VI_POS_Pallet_Requirement",
)
_CALLS = ("CreateDataSource", "CreateDataSet", "CreateIngestion", "CreateDashboard", "UpdateDashboard")
# About as long as a worker lives.
_WORK_SECONDS = 6.0
_LOOKS = ("DescribeIngestion", "DescribeDashboard", "UpdateDashboardPublishedVersion")


@dataclass(frozen=True, kw_only=True)
class Put:
    """A file is uploaded or replaced."""

    name: str
    variant: Variant


@dataclass(frozen=True, kw_only=True)
class Delete:
    """A file is taken away."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Strike:
    """A fault is planned."""

    fault: Fault


@dataclass(frozen=True, kw_only=True)
class Kill:
    """A process is killed, without warning; a worker so many seconds after one was seen at work."""

    victim: Victim
    after: float = 0.0


Action = Put | Delete | Strike | Kill


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """The history of one assessment.

    Attributes:
        steps: Seconds after the beginning, and what happens then; in order.
        files: What is uploaded in the end, by name.
    """

    number: int
    assessment: str
    steps: tuple[tuple[float, Action], ...]
    files: dict[str, Variant] = field(default_factory=dict[str, Variant])

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is planned to go wrong."""
        return tuple(action.fault for _, action in self.steps if isinstance(action, Strike))

    def __str__(self) -> str:
        """In a few words."""
        kinds = [type(action).__name__ for _, action in self.steps]
        killed = [action.victim for _, action in self.steps if isinstance(action, Kill)]
        return (
            f"{kinds.count('Put')} uploads, {kinds.count('Delete')} deletions, {len(self.faults)} faults, "
            f"killed: {', '.join(killed) or 'nobody'}"
        )


def draw(seed: int, number: int, *, seconds: float) -> Sequence:
    """The sequence of that number, within so many seconds; the same arguments give the same sequence."""
    chance = random.Random(f"{seed}/{number}")  # noqa: S311 - repeatable, not secret
    assessment = f"chaos-{seed}-{number}"
    names = [*BASE, *sorted(chance.sample(MORE, chance.randint(1, 3)))]
    steps: list[tuple[float, Action]] = [(0.0, Put(name=name, variant="whole")) for name in names]
    later: list[Action] = [_change(chance, names) for _ in range(chance.randint(2, 4))]
    if chance.random() < 0.5:
        later.append(Kill(victim="worker", after=chance.uniform(0, _WORK_SECONDS)))
    if chance.random() < 0.2:
        later.append(Kill(victim=chance.choice(("code", "daemon", "webserver", "supervisor"))))
    # Planned before the first run begins, so that they strike what it creates; what comes later meets those left.
    steps += [(0.0, Strike(fault=_fault(chance, assessment))) for _ in range(chance.randint(1, 3))]
    steps += sorted(((chance.uniform(0, seconds), action) for action in later), key=lambda step: step[0])
    files = _left(steps)
    mended: list[Action] = [Put(name=name, variant="whole") for name in names if files.get(name) == "broken"]
    mended += [Put(name=name, variant="whole") for name in BASE if name not in files]
    steps += [(seconds, action) for action in mended]
    return Sequence(number=number, assessment=assessment, steps=tuple(steps), files=_left(steps))


def _left(steps: list[tuple[float, Action]]) -> dict[str, Variant]:
    files: dict[str, Variant] = {}
    for _, action in steps:
        if isinstance(action, Put):
            files[action.name] = action.variant
        elif isinstance(action, Delete):
            files.pop(action.name, None)
    return files


def _change(chance: random.Random, names: list[str]) -> Action:
    # A table of one row has neither a shorter nor a turned form.
    name = chance.choice(names[2:])
    if chance.random() < 0.25:
        return Delete(name=name)
    return Put(name=name, variant=chance.choice(("whole", "shorter", "shorter", "turned", "broken")))


def _fault(chance: random.Random, assessment: str) -> Fault:
    """One fault that strikes this assessment, or the listing of all."""
    ours, times = f"*{assessment}", chance.randint(1, 3)
    call = chance.choice(_CALLS + _LOOKS)
    written, read = (f"*/{folder}/{assessment}/*" for folder in ("published", "accepted"))
    return chance.choice(
        (
            Fault(operation=call, times=times, resource=ours, error="ThrottlingException"),
            Fault(operation=call, times=times, resource=ours, error="InternalFailureException"),
            Fault(operation=call, times=times, resource=ours, reset=True),
            Fault(operation=chance.choice(_CALLS), times=times, resource=ours, reset=True, applied=True),
            Fault(operation=call, times=times, resource=ours, delay_seconds=chance.uniform(0.2, 2)),
            Fault(operation=call, times=1, resource=ours, error="AccessDeniedException"),
            Fault(operation="s3:PUT", times=times, resource=written, error="SlowDown"),
            Fault(operation="s3:PUT", times=times, resource=written, reset=True, applied=True),
            Fault(operation="s3:GET", times=8, resource=read, error="InternalError"),
            Fault(operation="s3:GET", times=times, resource=f"*/assessments/{assessment}/*", reset=True),
            Fault(operation="s3:GET", times=8, resource="qs-pipeline", error="InternalError"),
            Fault(operation="outcome:Ingestion", times=1, resource=ours, error="INTERNAL_SERVICE_ERROR"),
            Fault(operation="outcome:Ingestion", times=1, resource=ours, dropped_rows=1),
            Fault(operation="outcome:DashboardVersion", times=1, resource=ours, error="INTERNAL_FAILURE"),
        )
    )
