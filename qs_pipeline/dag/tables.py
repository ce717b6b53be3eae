"""The tables: one asset each, a pure function of accepted uploads and of other tables.

A table reports a state and never fails because an input is missing, so that any subset of the uploads leads to a
dashboard.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import polars as pl

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.keys import INPUTS_FIT, check_of, source_key, table_asset_key
from qs_pipeline.dag.memory import Memory, Result, State
from qs_pipeline.dag.metadata import PREVIEW_ROWS, preview
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.dag.translator import DagsterQuickSightTranslator
from qs_pipeline.frames.errors import DataError
from qs_pipeline.frames.published import read_published, render
from qs_pipeline.model import AssessmentId, Reference, Table, Upload, parse_assessment_id
from qs_pipeline.store import SHARED, AssessmentStore, table_key


def table_asset(catalog: Catalog, table: Table, translator: DagsterQuickSightTranslator) -> dg.AssetsDefinition:
    """The asset ``tables/<name>``."""

    @dg.multi_asset(
        name=f"tables__{table.name}",
        specs=[translator.table(table)],
        check_specs=[
            check_of(
                table_asset_key(table.name),
                INPUTS_FIT,
                "The accepted inputs go together, and the table keeps its contract.",
                blocking=False,
            )
        ],
    )
    def build(context: dg.AssetExecutionContext, store: StoreResource) -> Iterator[Result]:
        assessment = parse_assessment_id(context.partition_key)
        memory = Memory(context.instance, assessment)
        yield _Building(catalog, table, store.open(), assessment, memory).result()

    return build


class _Building:
    """The building of one table for one assessment."""

    def __init__(
        self, catalog: Catalog, table: Table, store: AssessmentStore, assessment: AssessmentId, memory: Memory
    ) -> None:
        self._table = table
        self._store = store
        self._assessment = assessment
        self._memory = memory
        self._sources = catalog.sources(table)
        self._states = {source.name: memory.state(source_key(source)) for source in self._sources}

    def result(self) -> Result:
        """Build, keep or take away the table, and report its state."""
        needed = self._table.required or self._table.inputs
        lacking = [name for name in needed if not self._states[name].has_rows]
        fault = ""
        if lacking and (self._table.required or len(lacking) == len(needed)):
            result = self._gone(lacking)
        else:
            try:
                result = self._built()
            except DataError as error:
                fault = str(error)
                result = self._kept(fault)
        key = table_asset_key(self._table.name)
        verdict = dg.AssetCheckResult(
            passed=not fault, check_name=INPUTS_FIT, asset_key=key, description=fault or "the inputs go together"
        )
        return dg.MaterializeResult(
            asset_key=key, metadata=result.metadata, data_version=result.data_version, check_results=[verdict]
        )

    def _built(self) -> Result:
        with tempfile.TemporaryDirectory(prefix="qs-table-") as folder:
            frames = [
                self._read(source, Path(folder)) if self._states[source.name].has_rows else None
                for source in self._sources
            ]
            path = Path(folder) / "table.csv"
            rendered = render(self._table, self._table.transform(*frames), path)
            self._store.write_table(self._assessment, self._table.name, path, sha256=rendered.sha256)
            sample = read_published(path, self._table).head(PREVIEW_ROWS).collect()
        kept = [name for name, state in self._states.items() if state is State.KEPT]
        reason = {"reason": f"from the last good copy of {', '.join(kept)}"} if kept else {}
        return dg.MaterializeResult(
            metadata={
                "state": (State.KEPT if kept else State.BUILT).value,
                "dagster/partition_row_count": rendered.rows,
                "dagster/uri": self._store.uri(table_key(self._assessment, self._table.name)),
                "bytes": rendered.size,
                "preview": preview(sample),
                **reason,
            },
            data_version=dg.DataVersion(rendered.sha256),
        )

    def _read(self, source: Upload | Reference | Table, folder: Path) -> pl.LazyFrame:
        if isinstance(source, Table):
            path = folder / f"{source.name}.csv"
            self._store.read_table(self._assessment, source.name, path)
            return read_published(path, source)
        owner = SHARED if isinstance(source, Reference) else self._assessment
        return self._store.read_accepted(owner, source.name, folder / f"{source.name}.parquet")

    def _kept(self, reason: str) -> Result:
        """The inputs contradict the table's rules: its last good result stays, if there is one."""
        last = self._memory.last(table_asset_key(self._table.name))
        if last is None or not last.state.has_rows:
            return _without_rows(State.REJECTED, reason, fault=reason)
        return dg.MaterializeResult(
            metadata={
                "state": State.KEPT.value,
                "dagster/partition_row_count": last.rows,
                "reason": reason,
                "fault": reason,
            },
            data_version=dg.DataVersion(last.data_version),
        )

    def _gone(self, lacking: list[str]) -> Result:
        self._store.drop_table(self._assessment, self._table.name)
        rejected = [name for name in lacking if self._states[name] is State.REJECTED]
        if rejected:
            return _without_rows(State.REJECTED, f"rejected: {', '.join(rejected)}")
        return _without_rows(State.ABSENT, f"not there: {', '.join(lacking)}")


def _without_rows(state: State, reason: str, *, fault: str = "") -> Result:
    return dg.MaterializeResult(
        metadata={"state": state.value, "dagster/partition_row_count": 0, "reason": reason, "fault": fault},
        data_version=dg.DataVersion(state.value),
    )
