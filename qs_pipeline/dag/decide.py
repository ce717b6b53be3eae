"""When an assessment is run: a pure function of what is listed, what is published and what was asked for.

Listing is the truth and the dashboard's receipt says what is done, so a run that died half-way, a submission that
failed and a lost cursor all lead to the same place: the assessment is asked for again.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field, replace

from qs_pipeline.model import AssessmentId
from qs_pipeline.store import UploadedFile, fingerprint

# The wanted uploads, by name, of each assessment that was listed.
Seen = Mapping[AssessmentId, Mapping[str, UploadedFile]]

FILES = "{files}"


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long the sensor waits, in seconds.

    Attributes:
        second_look: Between the two looks of one tick.
        second_looks: At most so many assessments are looked at twice in one tick; more wait for the next tick.
        requests: At most so many runs are asked for by one look: each takes 75 ms on a quiet machine and Dagster
            gives a tick 60 s. Those that wait longest come first.
        queued: At most so many assessments wait in Dagster's queue for each that may be at work. The others wait here,
            which costs nothing, and are asked for with the files that they have by then.
        longest_debounce: A run is asked for this long after the first change even while uploads go on.
        first_pause: Pause after the first attempt that led to no receipt; it doubles with each further one.
        longest_pause: Where the doubling stops.
    """

    second_look: float = 2
    second_looks: int = 20
    requests: int = 20
    queued: int = 2
    longest_debounce: float = 60
    first_pause: float = 30
    longest_pause: float = 3600

    def pause(self, attempts: int) -> float:
        """Seconds to wait after ``attempts`` attempts."""
        return min(self.first_pause * 2 ** min(attempts - 1, 20), self.longest_pause)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An assessment that is not done: what was last seen of it, since when (epoch seconds), how often it was asked."""

    fingerprint: str
    since: float
    attempts: int = 0
    not_before: float = 0


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """All that the sensor keeps.

    Attributes:
        waiting: The assessments that are not done.
        resume_after: Where a sweep goes on; empty where none is under way.
        swept_at: When the last sweep began (epoch seconds).
        receipts: Of the notifications that the tick used; the next one deletes them, since then this cursor is stored.
    """

    waiting: Mapping[str, Waiting] = field(default_factory=dict[str, Waiting])
    resume_after: str = ""
    swept_at: float = 0
    receipts: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The cursor as Dagster stores it."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | None) -> "Cursor":
        """The stored cursor; an empty one where none, or one of another form, is stored (nothing is lost by that)."""
        try:
            stored = json.loads(text or "{}")
            return cls(
                waiting={assessment: Waiting(**entry) for assessment, entry in stored.get("waiting", {}).items()},
                resume_after=str(stored.get("resume_after", "")),
                swept_at=float(stored.get("swept_at", 0)),
                receipts=tuple(str(receipt) for receipt in stored.get("receipts", ())),
            )
        except (ValueError, TypeError, AttributeError):
            return cls()


@dataclass(frozen=True, kw_only=True)
class Request:
    """One run to ask for."""

    assessment: AssessmentId
    fingerprint: str
    since: float
    attempt: int

    @property
    def run_key(self) -> str:
        """Never the same twice, also where uploads return to an earlier state: run keys de-duplicate for ever."""
        return f"{self.assessment}:{self.fingerprint}:{self.since:.0f}:{self.attempt}"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a tick does.

    Attributes:
        requests: The runs to ask for.
        waiting: What the cursor is to hold.
        notes: Why an assessment is not asked for, in words; ``FILES`` in them stands for the files that differ.
        fresh: The assessments whose change was seen for the first time.
    """

    requests: tuple[Request, ...]
    waiting: Mapping[str, Waiting]
    notes: Mapping[AssessmentId, str]
    fresh: tuple[AssessmentId, ...]


def decide(
    *,
    seen: Seen,
    receipts: Mapping[str, str],
    busy: Collection[str],
    waiting: Mapping[str, Waiting],
    now: float,
    patience: Patience,
    look_again: Callable[[Collection[AssessmentId]], Seen] | None = None,
) -> Decision:
    """Which of the ``seen`` assessments to run.

    Args:
        seen: The wanted uploads, by name, of every assessment that this tick listed.
        receipts: The fingerprint that each published dashboard shows.
        busy: Assessments with a run in the queue or at work.
        waiting: What the last tick left.
        now: Epoch seconds.
        patience: The waiting times.
        look_again: Lists assessments a second time, ``patience.second_look`` seconds after the first.
    """
    first = _look(seen, receipts=receipts, busy=busy, waiting=waiting, now=now, patience=patience)
    if look_again is None or not 0 < len(first.fresh) <= patience.second_looks:
        return first
    second = _look(
        look_again(first.fresh),
        receipts=receipts,
        busy=busy,
        waiting=first.waiting,
        now=now + patience.second_look,
        patience=patience,
    )
    asked = {request.assessment for request in second.requests}
    notes = {name: note for name, note in {**first.notes, **second.notes}.items() if name not in asked}
    return replace(second, requests=(*first.requests, *second.requests), notes=notes)


def _look(
    seen: Seen,
    *,
    receipts: Mapping[str, str],
    busy: Collection[str],
    waiting: Mapping[str, Waiting],
    now: float,
    patience: Patience,
) -> Decision:
    """What one look leads to."""
    requests: list[Request] = []
    notes: dict[AssessmentId, str] = {}
    fresh: list[AssessmentId] = []
    # What was not listed now waits on, unless its dashboard shows by now what was last seen of it.
    left = {
        assessment: entry
        for assessment, entry in waiting.items()
        if AssessmentId(assessment) not in seen and receipts.get(assessment) != entry.fingerprint
    }
    for assessment, files in sorted(
        seen.items(), key=lambda each: waiting[each[0]].since if each[0] in waiting else now
    ):
        found = fingerprint(files.values())
        if receipts.get(assessment) == found:
            continue
        before = waiting.get(assessment)
        if before is None or (before.fingerprint != found and before.attempts):
            left[assessment] = Waiting(fingerprint=found, since=now)
            notes[assessment] = f"waiting for a second look at {FILES}"
            fresh.append(assessment)
        elif before.fingerprint != found and 0 <= now - before.since < patience.longest_debounce:
            left[assessment] = Waiting(fingerprint=found, since=before.since)
            notes[assessment] = f"still changing, waiting for a second look at {FILES}"
        elif assessment in busy:
            left[assessment] = replace(before, fingerprint=found)
            notes[assessment] = "waiting for its run in progress"
        elif now < before.not_before <= now + patience.longest_pause:  # a clock that was put back must not stop it
            left[assessment] = before
            wait = before.not_before - now
            notes[assessment] = f"attempt {before.attempts} led to no dashboard, next in {wait:.0f} s"
        elif len(requests) >= patience.requests:
            left[assessment] = replace(before, fingerprint=found)
            notes[assessment] = f"waiting for its turn, as {len(requests) + len(busy)} are under way"
        else:
            attempt = before.attempts + 1
            requests.append(Request(assessment=assessment, fingerprint=found, since=before.since, attempt=attempt))
            left[assessment] = Waiting(
                fingerprint=found, since=before.since, attempts=attempt, not_before=now + patience.pause(attempt)
            )
    return Decision(requests=tuple(requests), waiting=left, notes=notes, fresh=tuple(fresh))
