"""The upload sensor: a thin wrapper that lists, asks ``decide`` and hands Dagster what it answers."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.decide import FILES, Cursor, Decision, Patience, Seen, decide
from qs_pipeline.dag.events import News, news
from qs_pipeline.dag.keys import CAUSE_TAG, DASHBOARD, assessments
from qs_pipeline.dag.lifecycle import say_emptied
from qs_pipeline.dag.listing import Listing, look_at, sweep
from qs_pipeline.dag.memory import Memory, busy_assessments, data_versions
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.dag.retire import RETIRED, retired_since
from qs_pipeline.dag.selection import change_in_words, run_request, shown_uploads
from qs_pipeline.model import AssessmentId
from qs_pipeline.store import AssessmentStore, fingerprint

# The daemon looks at its sensors every five seconds. An interval of five would miss every other look by a hair.
TICK_SECONDS = 1
# A listing that takes longer goes on in the next tick.
SWEEP_SECONDS = 20.0
_NOTES = 20


def upload_sensor(
    catalog: Catalog,
    job_name: str,
    *,
    patience: Patience | None = None,
    clock: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
) -> dg.SensorDefinition:
    """The sensor that runs what an upload touches, as runs of the job of that name.

    Args:
        catalog: The uploads there are.
        job_name: The job.
        patience: The waiting times, where they are to be others than usual.
        clock: Seconds since the epoch.
        pause: Waits so many seconds.
    """

    @dg.sensor(
        name="uploads",
        job_name=job_name,
        minimum_interval_seconds=TICK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Lists the uploads and runs what differs from the published dashboards.",
    )
    def uploads(context: dg.SensorEvaluationContext, store: StoreResource) -> dg.SensorResult:
        tick = _Tick(catalog, store.open(), context.instance, patience or Patience(), clock, pause)
        return tick.result(Cursor.from_json(context.cursor), context.log.info)

    return uploads


class _Tick:
    """One evaluation of the sensor."""

    def __init__(
        self,
        catalog: Catalog,
        store: AssessmentStore,
        instance: dg.DagsterInstance,
        patience: Patience,
        clock: Callable[[], float],
        pause: Callable[[float], None],
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._instance = instance
        self._patience = patience
        self._clock = clock
        self._pause = pause
        self._started = clock()

    def result(self, cursor: Cursor, log: Callable[[str], None]) -> dg.SensorResult:
        """List, decide, and put it into Dagster's form."""
        told = news(self._store.bucket, cursor.receipts, time_up=self._time_up)
        busy = busy_assessments(self._instance)
        patience = replace(self._patience, requests=self._room(len(busy)))
        listing, swept_at = self._listing(cursor, told, busy, patience.requests)
        receipts = self._receipts(listing, cursor.waiting)
        decision = decide(
            seen=listing.seen,
            receipts=receipts,
            busy=busy,
            waiting={name: entry for name, entry in cursor.waiting.items() if not listing.proves_gone(name)},
            now=self._clock(),
            patience=patience,
            look_again=self._look_again,
        )
        runs = [
            run_request(self._catalog, self._store, self._instance, request, listing.seen[request.assessment])
            for request in decision.requests
        ]
        known = set(self._instance.get_dynamic_partitions(assessments.name or ""))
        emptied = _emptied(listing, receipts, known)
        notes = _some(
            *told.hints.notes,
            *self._told(decision, listing.seen, receipts),
            *listing.notes,
            *(f"{name}: emptied, what was made of it stays: retire it?" for name in emptied),
        )
        for name in emptied:
            say_emptied(self._instance, name)
        if runs:  # there is no reason to show then, but a log
            asked = _some(*(f"{run.partition_key}: run requested: {run.tags[CAUSE_TAG]}" for run in runs))
            for note in (*asked, *notes):
                log(note)
        new = [request.assessment for request in decision.requests if request.assessment not in known]
        return dg.SensorResult(
            run_requests=runs,
            skip_reason=None if runs else "; ".join(notes) or _quiet(listing, decision),
            dynamic_partitions_requests=[assessments.build_add_request(new)] if new else [],
            cursor=Cursor(
                waiting=decision.waiting,
                resume_after=listing.resume_after,
                swept_at=swept_at,
                receipts=told.hints.receipts,
            ).to_json(),
        )

    def _room(self, busy: int) -> int:
        """How many runs to ask for at most, where so many assessments have one in the queue or at work."""
        queue = self._instance.get_concurrency_config().run_queue_config
        at_work = queue.max_concurrent_runs if queue else -1
        if at_work < 0:  # Dagster's word for as many as there are
            return self._patience.requests
        return max(0, min(self._patience.requests, at_work * (1 + self._patience.queued) - busy))

    def _listing(self, cursor: Cursor, told: News, busy: Collection[str], requests: int) -> tuple[Listing, float]:
        """What this tick lists, and when the sweep began that it belongs to.

        Everything where it is time for it, and besides what the queue names and what has waited long enough: no more
        of that than can be asked for, as a thousand that wait for their turn must not be listed at every tick. What
        there is no time for is left to a sweep that begins as soon as it can.
        """
        listing, swept_at = Listing(), cursor.swept_at
        # A clock that was put back must not stop the listing.
        if cursor.resume_after or not 0 <= self._started - cursor.swept_at < told.sweep_every:
            swept_at = swept_at if cursor.resume_after else self._started
            listing = sweep(self._catalog, self._store, start_after=cursor.resume_after, time_up=self._time_up)
        due = self._due(cursor, busy)[:requests]
        named = [name for name in dict.fromkeys([*sorted(told.hints.assessments), *due]) if not listing.covers(name)]
        beside = look_at(self._catalog, self._store, named, time_up=self._time_up)
        complete = beside.looked_at.issuperset(named)
        return listing.joined(beside), swept_at if complete else 0

    def _due(self, cursor: Cursor, busy: Collection[str]) -> list[AssessmentId]:
        """The assessments to list again, those that wait longest first. A busy one is due when its run has ended."""
        due = sorted(
            (entry.since, name)
            for name, entry in cursor.waiting.items()
            if name not in busy and self._started >= entry.not_before
        )
        return [AssessmentId(name) for _, name in due]

    def _receipts(self, listing: Listing, waiting: Collection[str]) -> dict[str, str]:
        """What the published dashboards show: all after a sweep, else of what was looked at and of what waits.

        What is retired, and was not uploaded anew since, counts as shown. The tombstones are read only where the
        event log knows nothing of an assessment.
        """
        if listing.span is not None:
            receipts = data_versions(self._instance, DASHBOARD)
        else:
            among = sorted({*listing.looked_at, *map(AssessmentId, waiting)})
            receipts = data_versions(self._instance, DASHBOARD, among=among) if among else {}
        unknown = [name for name in listing.seen if name not in receipts]
        buried = self._store.tombstones() if unknown else {}
        receipts |= {name: f"{RETIRED}{buried[name]}" for name in unknown if name in buried}
        for name, files in listing.seen.items():
            since = retired_since(receipts.get(name, ""))
            if since and all(file.last_modified < since for file in files.values()):
                receipts[name] = fingerprint(files.values())
        return receipts

    def _look_again(self, names: Collection[AssessmentId]) -> Seen:
        self._pause(self._patience.second_look)
        return look_at(self._catalog, self._store, names, time_up=lambda: False).seen

    def _told(self, decision: Decision, seen: Seen, receipts: Mapping[str, str]) -> Iterator[str]:
        """The notes of the decision, with the files that they are about."""
        for number, (name, note) in enumerate(decision.notes.items()):
            # What was never shown, and what nobody will read, needs no look into the event log.
            asks = number < _NOTES and FILES in note and name in receipts
            shown = shown_uploads(Memory(self._instance, name)) if asks else {}
            yield f"{name}: {note.replace(FILES, change_in_words(seen[name], shown))}"

    def _time_up(self) -> bool:
        return self._clock() - self._started > SWEEP_SECONDS


def _some(*notes: str) -> list[str]:
    """As many notes as a person reads, and how many more there are: every tick is stored."""
    more = len(notes) - _NOTES
    return [*notes[:_NOTES], f"and {more} more"] if more > 0 else list(notes)


def _quiet(listing: Listing, decision: Decision) -> str:
    """Why nothing is to be done or told."""
    if listing.span is not None:
        return "every dashboard shows the uploads that are there"
    unshown = f"; not shown yet: {', '.join(_some(*decision.waiting))}" if decision.waiting else ""
    return f"S3 told of nothing new{unshown}"


def _emptied(listing: Listing, receipts: Mapping[str, str], known: Collection[str]) -> list[AssessmentId]:
    """The assessments that something was made or begun for, and that have no upload any more."""
    names = sorted({*receipts, *known})
    return [
        AssessmentId(name) for name in names if listing.proves_gone(name) and not retired_since(receipts.get(name, ""))
    ]
