"""The verb that loads many data sets: start every load, then wait for them all, so that SPICE's time is waited once."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from qs_pipeline.quicksight.contents import refresh_id
from qs_pipeline.quicksight.data_sets import DataSetVerbs
from qs_pipeline.quicksight.errors import AlreadyExistsError, CredentialsError, NotFoundError, QuickSightError
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
        rows: Of the file that the manifest points at.
        label: Names the rows and columns that are to be loaded: letters, digits and hyphens.
        exists: Whether there is a data set, as far as the caller remembers.
        refreshes: Whether only rows differ, so that a refresh suffices.
        asked_before: Whether this very content was asked for before and how that ended is not known: QuickSight is
            asked, and what still runs is waited for.
        asked_by: Sets this refresh apart from other ones of the same content.
    """

    names: TableNames
    table_map: TableMap
    manifest: tuple[str, str]
    rows: int
    label: str
    exists: bool
    refreshes: bool = False
    asked_before: bool = False
    asked_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """How a load ended.

    Attributes:
        end: The ingestion where every row arrived, otherwise the error.
        created: Whether the data set was made for it.
    """

    load: Load
    end: Ingestion | QuickSightError
    created: bool = False


class LoadingVerbs(DataSetVerbs, IngestionVerbs):
    """Loads of many data sets at once."""

    def load(self, loads: Iterable[Load], *, deadline_seconds: float, poll_seconds: float) -> Iterator[Loaded]:
        """Start all loads, then tell how each ended, as soon as it is seen.

        A data set that is new costs three calls: its data source, itself, and one look if it is loaded by then. One
        that holds what it should, and was forgotten, is found and not loaded again.

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
                    yield Loaded(load=each, end=error)
        finally:
            threads.shutdown(cancel_futures=True)
        for handle, end in self.wait_for_ingestions(
            started, deadline_seconds=deadline_seconds, poll_seconds=poll_seconds
        ):
            if isinstance(end, CredentialsError):
                raise end
            yield Loaded(load=started[handle], end=end, created=handle.created)

    def _start(self, load: Load) -> IngestionHandle:
        exists = load.exists
        if load.asked_before and (found := self.loaded(load.names, load.label, rows=load.rows)):
            return found
        if exists and load.refreshes:
            try:
                return self.refresh_data_set(load.names, refresh_id(load.label, load.asked_by))
            except NotFoundError:
                exists = False  # somebody deleted it by hand
        if exists:
            self.put_data_source(load.names, *load.manifest, exists=True)
        else:
            try:
                self.create_data_source(load.names, *load.manifest)
            except AlreadyExistsError:  # the caller has forgotten, or it was made by others
                if found := self.loaded(load.names, load.label, rows=load.rows):
                    return found
                exists = self.adopt_table(load.names)
                self.put_data_source(load.names, *load.manifest, exists=True)
        return self.put_data_set(load.names, load.table_map, exists=exists, label=load.label, rows=load.rows)
