"""The gate between data sets and dashboard: files, data sets and ingestions agree.

The verdict is a function of what was reported, so that the dashboard can ask for it itself: a run of the dashboard
alone is not held back by a check that stands above it.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.datasets import columns_version
from qs_pipeline.dag.keys import DATASETS_SYNCED, SYNC, assessments, check_of, data_set_key, table_asset_key
from qs_pipeline.dag.memory import Memory, Report, Result
from qs_pipeline.dag.metadata import markdown_table
from qs_pipeline.dag.resources import QuickSightWorkspace
from qs_pipeline.dag.translator import DagsterQuickSightTranslator
from qs_pipeline.model import parse_assessment_id

_OTHER = "holds another version than the file"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether one table and its data set agree.

    Attributes:
        rows: Of the published file; zero where there is nothing to publish.
        ingested: Rows that QuickSight holds.
        problem: What disagrees, in words; empty where nothing does.
    """

    table: str
    rows: int
    ingested: int
    published: bool
    problem: str


def verdicts(catalog: Catalog, memory: Memory, quicksight: QuickSightWorkspace) -> tuple[Verdict, ...]:
    """The verdict on every table of the catalog that was ever reported."""
    found: list[Verdict] = []
    for table in catalog.tables:
        key = data_set_key(table.name)
        made, held = memory.last(table_asset_key(table.name)), memory.last(key)
        if made or held:
            columns = columns_version(quicksight.table_map(table.name))
            found.append(verdict(table.name, made, held, columns=columns, loading=memory.is_loading(key)))
    return tuple(found)


def verdict(table: str, made: Report | None, held: Report | None, *, columns: str, loading: bool) -> Verdict:
    """Whether the table as built and the data set as last ingested agree.

    Args:
        table: Its name.
        made: The last report of the table.
        held: The last report of the data set.
        columns: The version of the table map as it is now.
        loading: Whether a load was started whose end was not seen.
    """
    rows = made.rows if made and made.state.has_rows else 0
    known: Mapping[str, Any] = held.metadata if held else {}
    content = known.get("content")
    ingested = int(known.get("ingested_rows", 0)) if content is not None else 0
    rules = (
        (rows and loading, "was asked to load, and how that ended was not seen"),
        (rows and content is None, "has a file and no completed ingestion"),
        (rows and made is not None and content != made.data_version, known.get("waits") or _OTHER),
        (rows and known.get("columns") != columns, "has other columns than its table map"),
        (rows and ingested != rows, f"holds {ingested} rows, the file {rows}"),
        (not rows and content is not None, "is left without a file"),
    )
    problem = next((words for broken, words in rules if broken), "")
    return Verdict(table=table, rows=rows, ingested=ingested, published=bool(rows), problem=problem)


def problems(found: Sequence[Verdict]) -> str:
    """The data sets that disagree, in one line; empty where none does."""
    return "; ".join(f"{each.table} {each.problem}" for each in found if each.problem)


def sync_asset(catalog: Catalog, translator: DagsterQuickSightTranslator) -> dg.AssetsDefinition:
    """The asset ``quicksight/sync`` with its blocking check ``datasets_synced``."""

    @dg.multi_asset(
        name="sync",
        specs=[translator.sync()],
        check_specs=[
            check_of(
                SYNC,
                DATASETS_SYNCED,
                "Every published file, its data set and its last completed ingestion agree.",
                blocking=True,
            )
        ],
        partitions_def=assessments,
    )
    def sync(context: dg.AssetExecutionContext, quicksight: QuickSightWorkspace) -> Iterator[Result]:
        memory = Memory(context.instance, parse_assessment_id(context.partition_key))
        found = verdicts(catalog, memory, quicksight)
        wrong = problems(found)
        synced = [each.table for each in found if each.published and not each.problem]
        lines = [
            [each.table, str(each.rows), str(each.ingested), each.problem or ("synced" if each.published else "absent")]
            for each in found
        ]
        yield dg.MaterializeResult(
            metadata={
                "synced": synced,
                "data_sets": len(synced),
                "problem": wrong,
                "report": dg.MetadataValue.md(
                    markdown_table(["data set", "rows in file", "rows ingested", "state"], lines)
                ),
            },
            data_version=dg.DataVersion(hashlib.sha256(repr(found).encode()).hexdigest()[:16]),
            check_results=[
                dg.AssetCheckResult(
                    passed=not wrong,
                    check_name=DATASETS_SYNCED,
                    asset_key=SYNC,
                    description=wrong or f"{len(synced)} data sets agree with their files",
                    metadata={"synced": len(synced)},
                )
            ],
        )

    return sync
