"""The portable table map of a table: what QuickSight is told of its columns, without account or assessment.

Maps are generated from the contracts, so that a column's type lives once; the files in ``definitions/datasets`` are
what an analyst reads and what publication uses, and a test holds them against the contracts.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from qs_pipeline.frames.columns import Kind
from qs_pipeline.frames.contract import traits
from qs_pipeline.model import ModelError, Table

_TYPES = {
    Kind.IDENTIFIER: "STRING",
    Kind.TEXT: "STRING",
    Kind.INTEGER: "INTEGER",
    Kind.DAY: "INTEGER",
    Kind.DECIMAL: "DECIMAL",
}


def table_map(table: Table) -> dict[str, object]:
    """``{"table": name, "columns": [{"name", "type", "geographic_role"?}]}`` in the order of the CSV.

    Raises:
        ModelError: for a kind of column that QuickSight has no type for.
    """
    return {"table": table.name, "columns": _columns(table)}


def write_maps(directory: Path, tables: Iterable[Table]) -> tuple[Path, ...]:
    """Writes the maps that differ, removes those of tables that are no more, and answers the files touched."""
    wanted = _wanted(directory, tables)
    touched = _differing(directory, wanted)
    directory.mkdir(parents=True, exist_ok=True)
    for path in touched:
        if path in wanted:
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
    return touched


def differing_maps(directory: Path, tables: Iterable[Table]) -> tuple[Path, ...]:
    """The files that ``write_maps`` would touch: missing, out of date, or of no table."""
    return _differing(directory, _wanted(directory, tables))


def _columns(table: Table) -> list[dict[str, str]]:
    columns: list[dict[str, str]] = []
    for name, column in traits(table.contract).items():
        if column.kind not in _TYPES:
            raise ModelError(f"table {table.name}, column {name}: QuickSight has no {column.kind}; publish it as text")
        described = {"name": name, "type": _TYPES[column.kind]}
        if column.geographic_role:
            described["geographic_role"] = column.geographic_role
        columns.append(described)
    return columns


def _wanted(directory: Path, tables: Iterable[Table]) -> dict[Path, str]:
    return {directory / f"{table.name}.json": _json(table) for table in tables}


def _json(table: Table) -> str:
    """One column a line, so that a diff reads well."""
    columns = ",\n".join(f"    {json.dumps(column)}" for column in _columns(table))
    return f'{{\n  "table": {json.dumps(table.name)},\n  "columns": [\n{columns}\n  ]\n}}\n'


def _differing(directory: Path, wanted: dict[Path, str]) -> tuple[Path, ...]:
    present = {path: path.read_text(encoding="utf-8") for path in directory.glob("*.json")}
    return tuple(sorted(path for path in wanted.keys() | present.keys() if wanted.get(path) != present.get(path)))
