"""The verbs of ingestions: look at one, and wait for many with few looks."""

from collections import deque
from collections.abc import Iterable, Iterator

from qs_pipeline.quicksight.caller import Caller, growing
from qs_pipeline.quicksight.errors import (
    DeadlineExceededError,
    IngestionFailedError,
    NotFoundError,
    QuickSightError,
    TransientError,
)
from qs_pipeline.quicksight.models import Ingestion, IngestionHandle

_PATIENCE = 6  # looks in a row at one ingestion, some 20 seconds, before the next gets its turn


class IngestionVerbs(Caller):
    """Loads of data sets into SPICE."""

    def ingestion(self, handle: IngestionHandle) -> Ingestion:
        """One ingestion as it stands; what cannot be told at once is raised at once."""
        reply = self._look(
            "DescribeIngestion",
            _resource(handle),
            lambda: self._api.describe_ingestion(
                AwsAccountId=self.account.account_id,
                DataSetId=handle.names.data_set_id,
                IngestionId=handle.ingestion_id,
            ),
        )
        return Ingestion.from_api(reply["Ingestion"])

    def wait_for_ingestions(
        self, handles: Iterable[IngestionHandle], *, deadline_seconds: float, poll_seconds: float = 1.0
    ) -> Iterator[tuple[IngestionHandle, Ingestion | QuickSightError]]:
        """Each ingestion with its end, as soon as it is seen.

        The oldest is looked at first: once it has ended, the younger ones mostly have too, so that waiting for all
        costs little more than one look at each. One that takes long steps back behind the others after a few looks.
        One that QuickSight does not know is waited for as well, for a while: what was just started may be told late.

        Args:
            handles: Oldest first.
            deadline_seconds: For all of them together. Those that have not ended by then yield a
                ``DeadlineExceededError``.
            poll_seconds: Pause after the first look that finds nothing new; later ones grow until something ends.

        Yields:
            The handle, and its ingestion where every row was ingested; otherwise the error, which is an
            ``IngestionFailedError`` for rows that did not arrive. Nothing is raised, so that one failure does not
            hide the others.
        """
        start = self._clock()
        deadline, appears = start + deadline_seconds, start + self._appear_seconds
        waiting = deque(handles)
        pauses, looks = growing(poll_seconds), 0
        while waiting:
            now = self._clock()
            outcome = self._outcome(waiting[0], unseen=now < appears, overdue=now >= deadline, waited=deadline_seconds)
            if outcome is not None:
                yield waiting.popleft(), outcome
                pauses, looks = growing(poll_seconds), 0
                continue
            looks += 1
            if looks == _PATIENCE:
                waiting.rotate(-1)
                looks = 0
            self._sleep(max(0.0, min(next(pauses), deadline - self._clock())))

    def _outcome(
        self, handle: IngestionHandle, *, unseen: bool, overdue: bool, waited: float
    ) -> Ingestion | QuickSightError | None:
        """How the ingestion ended, or None where that is still open; ``unseen`` is whether it may not be told yet."""
        try:
            ingestion = self.ingestion(handle)
        except TransientError as error:
            return _overdue(handle, str(error), waited) if overdue else None
        except NotFoundError as error:
            return None if unseen and not overdue else error
        except QuickSightError as error:
            return error
        if ingestion.complete:
            return ingestion
        if ingestion.ended:
            return IngestionFailedError(resource=f"data set {handle.names.data_set_id}", ingestion=ingestion)
        return _overdue(handle, f"the ingestion is {ingestion.status}", waited) if overdue else None


def _overdue(handle: IngestionHandle, detail: str, waited: float) -> DeadlineExceededError:
    return DeadlineExceededError(
        operation="Ingestion",
        resource=_resource(handle),
        detail=f"{detail} after {waited:.0f} s",
        fix="Materialize the data set again later, or grant more time",
    )


def _resource(handle: IngestionHandle) -> str:
    return f"data set {handle.names.data_set_id} ({handle.ingestion_id})"
