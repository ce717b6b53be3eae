"""The tables: one asset each, a pure function of accepted uploads and of other tables.

A table reports a state and never fails because an input is missing, so that any subset of the uploads leads to a
dashboard.
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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

_SHOWN = 20


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
        outcome = _Building(catalog, table, store.open(), assessment, memory).outcome()
        yield outcome.report(table_asset_key(table.name))

    return build


@dataclass(frozen=True, kw_only=True)
class _Outcome:
    """What became of a table: its state and version, and the verdict on its inputs (a fault, or a warning)."""

    state: State
    data_version: str
    metadata: Mapping[str, Any]
    fault: str = ""
    warning: str = ""

    def report(self, key: dg.AssetKey) -> Result:
        verdict = dg.AssetCheckResult(
            passed=not self.fault and not self.warning,
            severity=dg.AssetCheckSeverity.ERROR if self.fault else dg.AssetCheckSeverity.WARN,
            check_name=INPUTS_FIT,
            asset_key=key,
            description=self.fault or self.warning or "the inputs go together",
        )
        return dg.MaterializeResult(
            asset_key=key,
            metadata={"state": self.state.value, "fault": self.fault, **self.metadata},
            data_version=dg.DataVersion(self.data_version),
            check_results=[verdict],
        )


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
        there = {name for name, state in self._states.items() if state.has_rows}
        self._suffices = catalog.suffices(table, there)

    def outcome(self) -> _Outcome:
        """Build, keep or take away the table."""
        if not self._suffices:
            return self._gone()
        try:
            return self._built()
        except DataError as error:
            return self._kept(str(error))

    def _built(self) -> _Outcome:
        with tempfile.TemporaryDirectory(prefix="qs-table-") as folder:
            frames = [
                self._read(source, Path(folder)) if self._states[source.name].has_rows else None
                for source in self._sources
            ]
            path = Path(folder) / "table.csv"
            rendered = render(self._table, self._table.transform(*frames), path)
            self._store.write_table(self._assessment, self._table.name, path, sha256=rendered.sha256)
            written = read_published(path, self._table)
            sample = written.head(PREVIEW_ROWS).collect()
            unmatched = self._unmatched(written)
        kept = [name for name, state in self._states.items() if state is State.KEPT]
        about = {
            "dagster/partition_row_count": rendered.rows,
            "dagster/uri": self._store.uri(table_key(self._assessment, self._table.name)),
            "bytes": rendered.size,
            "preview": preview(sample),
            **({"reason": f"from the last good copy of {', '.join(kept)}"} if kept else {}),
            **({"unmatched_keys": len(unmatched)} if self._table.lookup else {}),
        }
        return _Outcome(
            state=State.KEPT if kept else State.BUILT,
            data_version=rendered.sha256,
            metadata=about,
            warning=self._words(unmatched) if unmatched else "",
        )

    def _unmatched(self, written: pl.LazyFrame) -> list[str]:
        """The keys that the reference has no row for, each once and in order."""
        if (lookup := self._table.lookup) is None:
            return []
        missing = written.filter(pl.col(lookup.value).is_null()).select(pl.col(lookup.key).unique().sort())
        return [str(key) for key in missing.collect().to_series()]

    def _words(self, unmatched: list[str]) -> str:
        references = [source for source in self._sources if isinstance(source, Reference)]
        shown = ", ".join(unmatched[:_SHOWN]) + (" ..." if len(unmatched) > _SHOWN else "")
        lacking = [source.key for source in references if not self._states[source.name].has_rows]
        where = f"{', '.join(lacking)} is not there: " if lacking else ""
        names = ", ".join(source.filename for source in references)
        return f"{where}{len(unmatched)} keys have no row in {names} and stay without figures: {shown}"

    def _read(self, source: Upload | Reference | Table, folder: Path) -> pl.LazyFrame:
        if isinstance(source, Table):
            path = folder / f"{source.name}.csv"
            self._store.read_table(self._assessment, source.name, path)
            return read_published(path, source)
        owner = SHARED if isinstance(source, Reference) else self._assessment
        return self._store.read_accepted(owner, source.name, folder / f"{source.name}.parquet")

    def _kept(self, fault: str) -> _Outcome:
        """The inputs contradict the table's rules: its last good result stays, if there is one."""
        last = self._memory.last(table_asset_key(self._table.name))
        if last is None or not last.state.has_rows:
            return _without_rows(State.REJECTED, fault, fault=fault)
        about = {"dagster/partition_row_count": last.rows, "reason": fault}
        return _Outcome(state=State.KEPT, data_version=last.data_version, metadata=about, fault=fault)

    def _gone(self) -> _Outcome:
        self._store.drop_table(self._assessment, self._table.name)
        needed = self._table.required or self._table.inputs
        lacking = [name for name in needed if not self._states[name].has_rows]
        rejected = [name for name in lacking if self._states[name] is State.REJECTED]
        if rejected:
            return _without_rows(State.REJECTED, f"rejected: {', '.join(rejected)}")
        return _without_rows(State.ABSENT, f"not there: {', '.join(lacking)}")


def _without_rows(state: State, reason: str, *, fault: str = "") -> _Outcome:
    about = {"dagster/partition_row_count": 0, "reason": reason}
    return _Outcome(state=state, data_version=state.value, metadata=about, fault=fault)
