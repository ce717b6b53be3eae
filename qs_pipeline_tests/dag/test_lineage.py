"""Column lineage tells the truth: what is said to pass through holds nothing that its sources do not hold."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import polars as pl

from qs_pipeline.catalog import CATALOG
from qs_pipeline.dag.keys import source_key, table_asset_key
from qs_pipeline.dag.translator import DagsterQuickSightTranslator
from qs_pipeline.model import Table
from qs_pipeline.sample import write_sample
from qs_pipeline_tests.benchmarks.tables import build


def said(table: Table) -> Iterator[tuple[str, dg.AssetKey, str]]:
    """Column, asset and column of the asset, of all that the definition of a table says."""
    lineage = DagsterQuickSightTranslator(CATALOG).table(table).metadata["dagster/column_lineage"]
    assert isinstance(lineage, dg.TableColumnLineage)
    for column, deps in lineage.deps_by_column.items():
        for dep in deps:
            yield column, dep.asset_key, dep.column_name


def values(frame: pl.DataFrame, column: str) -> set[str]:
    """The values of a column, numbers written alike."""
    texts = frame[column].drop_nulls().str.strip_chars()
    numbers = texts.cast(pl.Float64, strict=False).round(6).cast(pl.String)
    return set(numbers.fill_null(texts))


def test_a_column_that_passes_through_holds_what_its_sources_hold(tmp_path: Path) -> None:
    files = write_sample(tmp_path / "uploads", assessment="2002", size="small", seed=7)
    paths = {source_key(upload): path for path in files if (upload := CATALOG.upload_for(path.name))}
    build({path.stem: path for path in paths.values()}, tmp_path)
    paths |= {table_asset_key(table.name): tmp_path / f"{table.name}.csv" for table in CATALOG.tables}
    frames = {key: pl.read_csv(path, infer_schema=False) for key, path in paths.items()}
    held: dict[tuple[Table, str], set[str]] = {}
    for table in CATALOG.tables:
        for column, key, of in said(table):
            # The calculators spell some headers otherwise than the contracts do.
            if key in frames and of in frames[key].columns:
                held.setdefault((table, column), set()).update(values(frames[key], of))
    assert len(held) > 250
    made = {(table, column): values(frames[table_asset_key(table.name)], column) for table, column in held}
    new = {(table.name, column): made[table, column] - held[table, column] for table, column in held}
    assert {claim: sorted(some)[:3] for claim, some in new.items() if some} == {}


def test_a_data_set_has_every_column_from_its_table() -> None:
    table = CATALOG.tables[0]
    lineage = DagsterQuickSightTranslator(CATALOG).data_set(table).metadata["dagster/column_lineage"]
    assert isinstance(lineage, dg.TableColumnLineage)
    assert {(column, dep.column_name) for column, (dep,) in lineage.deps_by_column.items()} == {
        (column, column) for column in table.contract.columns()
    }
