"""Table maps: generated from contracts, and the files in the repository agree with them."""

import json
from pathlib import Path

import dataframely as dy
import polars as pl
import pytest

import qs_pipeline
from qs_pipeline.catalog import CATALOG
from qs_pipeline.frames.columns import published
from qs_pipeline.frames.table_map import differing_maps, table_map, write_maps
from qs_pipeline.model import ModelError, Table

DIRECTORY = Path(qs_pipeline.__file__).parents[1] / "definitions" / "datasets"


class CrateRow(dy.Schema):
    """One row a crate."""

    NIIN = published.identifier()
    Region = published.text(geographic_role="STATE")
    Day = published.integer()
    Weight = published.decimal(alias="Tot_Wt(lbs)")


class FlaggedRow(dy.Schema):
    """One row a crate."""

    Fragile = published.flag()


def table(contract: type[dy.Schema]) -> Table:
    return Table(name="crates", transform=pl.LazyFrame, inputs=("x",), contract=contract, description="")


def test_the_maps_in_the_repository_agree_with_the_contracts() -> None:
    assert differing_maps(DIRECTORY, CATALOG.tables) == (), "run: qs-pipeline sync-maps"


def test_a_map_names_types_and_geographic_roles_in_the_order_of_the_columns() -> None:
    assert table_map(table(CrateRow)) == {
        "table": "crates",
        "columns": [
            {"name": "NIIN", "type": "STRING"},
            {"name": "Region", "type": "STRING", "geographic_role": "STATE"},
            {"name": "Day", "type": "INTEGER"},
            {"name": "Tot_Wt(lbs)", "type": "DECIMAL"},
        ],
    }


def test_writing_touches_only_what_differs_and_removes_maps_of_no_table(tmp_path: Path) -> None:
    stray = tmp_path / "gone.json"
    stray.write_text("{}")
    wanted = tmp_path / "crates.json"
    assert write_maps(tmp_path, [table(CrateRow)]) == (wanted, stray)
    assert list(tmp_path.iterdir()) == [wanted]
    assert json.loads(wanted.read_text()) == table_map(table(CrateRow))
    assert '\n    {"name": "Day", "type": "INTEGER"},\n' in wanted.read_text()
    assert write_maps(tmp_path, [table(CrateRow)]) == ()


def test_a_column_that_quicksight_has_no_type_for_is_refused() -> None:
    with pytest.raises(ModelError, match="column Fragile"):
        table_map(table(FlaggedRow))
