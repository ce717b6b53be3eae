"""When an assessment is run: a pure function of what is listed, what is published and what was asked for.

Listing is the truth and the dashboard's receipt says what is done, so a run that died half-way, a submission that
failed and a lost cursor all lead to the same place: the assessment is asked for again.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace

from qs_pipeline.catalog import Catalog
from qs_pipeline.model import AssessmentId
from qs_pipeline.store import UploadedFile, fingerprint


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long the sensor waits, in seconds.

    Attributes:
        longest_debounce: A run is asked for this long after the first change even while uploads go on.
        first_pause: Pause after the first attempt that led to no receipt; it doubles with each further one.
        longest_pause: Where the doubling stops.
    """

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
    """All that the sensor keeps: the assessments that are not done, and where a sweep goes on."""

    waiting: Mapping[str, Waiting] = field(default_factory=dict[str, Waiting])
    resume_after: str = ""

    def to_json(self) -> str:
        """The cursor as Dagster stores it."""
        waiting = {assessment: asdict(entry) for assessment, entry in self.waiting.items()}
        return json.dumps({"waiting": waiting, "resume_after": self.resume_after}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | None) -> "Cursor":
        """The stored cursor; an empty one where none, or one of another form, is stored (nothing is lost by that)."""
        try:
            stored = json.loads(text or "{}")
            waiting = {assessment: Waiting(**entry) for assessment, entry in stored.get("waiting", {}).items()}
            return cls(waiting=waiting, resume_after=stored.get("resume_after", ""))
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
    """What a tick does: the runs to ask for, the cursor to store, and why nothing more, in words."""

    requests: tuple[Request, ...]
    waiting: Mapping[str, Waiting]
    notes: tuple[str, ...]


def decide(
    *,
    seen: Mapping[AssessmentId, Mapping[str, UploadedFile]],
    receipts: Mapping[str, str],
    busy: Collection[str],
    waiting: Mapping[str, Waiting],
    now: float,
    patience: Patience,
) -> Decision:
    """Which of the ``seen`` assessments to run.

    Args:
        seen: The wanted uploads, by name, of every assessment that this tick listed.
        receipts: The fingerprint that each published dashboard shows.
        busy: Assessments with a run in the queue or at work.
        waiting: What the last tick left.
        now: Epoch seconds.
        patience: The waiting times.
    """
    requests: list[Request] = []
    notes: list[str] = []
    left = {assessment: entry for assessment, entry in waiting.items() if AssessmentId(assessment) not in seen}
    for assessment, files in seen.items():
        found = fingerprint(files.values())
        if receipts.get(assessment) == found:
            continue
        before = waiting.get(assessment)
        if before is None or (before.fingerprint != found and before.attempts):
            left[assessment] = Waiting(fingerprint=found, since=now)
            notes.append(f"{assessment}: changed, waiting for a second look at {len(files)} files")
        elif before.fingerprint != found and now - before.since < patience.longest_debounce:
            left[assessment] = Waiting(fingerprint=found, since=before.since)
            notes.append(f"{assessment}: still changing, waiting for a second look at {len(files)} files")
        elif assessment in busy:
            left[assessment] = replace(before, fingerprint=found)
            notes.append(f"{assessment}: waiting for its run in progress")
        elif now < before.not_before:
            left[assessment] = before
            notes.append(
                f"{assessment}: attempt {before.attempts} led to no dashboard, next in {before.not_before - now:.0f} s"
            )
        else:
            attempt = before.attempts + 1
            requests.append(Request(assessment=assessment, fingerprint=found, since=before.since, attempt=attempt))
            left[assessment] = Waiting(
                fingerprint=found, since=before.since, attempts=attempt, not_before=now + patience.pause(attempt)
            )
    return Decision(requests=tuple(requests), waiting=left, notes=tuple(notes))


@dataclass(frozen=True, kw_only=True)
class Change:
    """What differs between the listing and a receipt: uploads to look at again, and those whose bytes differ."""

    uploads: frozenset[str]
    contents: frozenset[str]


def change(listed: Mapping[str, UploadedFile], *earlier: Mapping[str, UploadedFile]) -> Change:
    """The uploads that were added, replaced or deleted since any of the ``earlier`` looks.

    The receipt alone would not do: a run that read newer uploads and then failed has moved the tables past it. The
    same bytes uploaded anew change no content.
    """
    pairs = [(name, look.get(name)) for look in earlier for name in listed.keys() | look.keys()]
    uploads = frozenset(name for name, before in pairs if listed.get(name) != before)
    contents = frozenset(name for name, before in pairs if _etag(listed.get(name)) != _etag(before))
    return Change(uploads=uploads, contents=contents)


def _etag(file: UploadedFile | None) -> str:
    return file.etag if file else ""


def touched_tables(catalog: Catalog, *, changed: Collection[str], known: Collection[str]) -> tuple[str, ...]:
    """The tables below the ``changed`` uploads that the ``known`` ones (now or until now there) suffice to build."""
    below = {table.name for table in catalog.below(changed)}
    return tuple(table.name for table in catalog.buildable(known) if table.name in below)
