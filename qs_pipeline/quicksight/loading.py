"""The verb that loads many data sets: start every load, then wait for them all, so that SPICE's time is waited once."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from qs_pipeline.quicksight.data_sets import DataSetVerbs
from qs_pipeline.quicksight.errors import CredentialsError, NotFoundError, QuickSightError
from qs_pipeline.quicksight.ingestions import IngestionVerbs
from qs_pipeline.quicksight.models import Ingestion, IngestionHandle
from qs_pipeline.quicksight.names import TableNames
from qs_pipeline.quicksight.table_map import TableMap

# One limiter paces all calls; threads only keep a slow reply from holding up the others.
_THREADS = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class Load:
    """One data set that is to hold what its manifest points at.

    Attributes:
        manifest: Bucket and key.
        exists: Whether there is a data set, as far as the caller remembers.
        refresh_as: The id of the ingestion where only rows differ, so that a refresh suffices; empty where columns may.
    """

    names: TableNames
    table_map: TableMap
    manifest: tuple[str, str]
    exists: bool
    refresh_as: str = ""


class LoadingVerbs(DataSetVerbs, IngestionVerbs):
    """Loads of many data sets at once."""

    def load(
        self, loads: Iterable[Load], *, deadline_seconds: float, poll_seconds: float
    ) -> Iterator[tuple[Load, Ingestion | QuickSightError]]:
        """Start all loads, then tell how each ended, as soon as it is seen.

        A data set that is new costs three calls: its data source, itself, and one look if it is loaded by then.

        Yields:
            The load, and its ingestion where every row arrived, otherwise the error.

        Raises:
            CredentialsError: at once, since it would befall all the others too.
        """
        started: dict[IngestionHandle, Load] = {}
        threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="data-sets")
        try:
            starting = {threads.submit(self._start, each): each for each in loads}
            for future in as_completed(starting):
                each = starting[future]
                try:
                    started[future.result()] = each
                except CredentialsError:
                    raise
                except QuickSightError as error:
                    yield each, error
        finally:
            threads.shutdown(cancel_futures=True)
        for handle, end in self.wait_for_ingestions(
            started, deadline_seconds=deadline_seconds, poll_seconds=poll_seconds
        ):
            if isinstance(end, CredentialsError):
                raise end
            yield started[handle], end

    def _start(self, load: Load) -> IngestionHandle:
        exists = load.exists
        if exists and load.refresh_as:
            try:
                return self.refresh_data_set(load.names, load.refresh_as)
            except NotFoundError:
                exists = False  # somebody deleted it by hand
        self.put_data_source(load.names, *load.manifest, exists=exists)
        return self.put_data_set(load.names, load.table_map, exists=exists)
