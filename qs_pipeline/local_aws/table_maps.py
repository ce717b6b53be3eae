"""What a data set makes of its files: the casts, names and choice of columns in its physical and logical table maps.

Emulated is what one CSV data source needs: one S3 table, one logical table over it, and the operations cast, rename,
tag and project. A relational table or a query of a database is understood as well, but its rows are nowhere to read.
The module knows no rows; ``spice`` applies what is found here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from qs_pipeline.local_aws.errors import invalid, not_emulated
from qs_pipeline.local_aws.state import Doc

Columns = dict[str, "Column"]
_SOURCES = frozenset({"S3Source", "RelationalTable", "CustomSql"})
# What input columns may be and output columns may not, as what they come out.
_OUTPUT_TYPES = {"BIT": "INTEGER", "BOOLEAN": "INTEGER", "JSON": "STRING", "SEMISTRUCT": "STRING"}


@dataclass(frozen=True, kw_only=True)
class Column:
    """One output column.

    Attributes:
        source: Its name in the file.
        type: STRING, INTEGER, DECIMAL or DATETIME.
        sub_type: Of a DECIMAL: FIXED, with four places, or FLOAT. FIXED is what one is that was not told: SPICE knew
            no other before it learned FLOAT.
        format: Of a DATETIME: the pattern its text has, None where any usual one will do.
    """

    source: str
    type: str = "STRING"
    sub_type: str | None = None
    format: str | None = None


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """A data set's table maps, understood.

    Attributes:
        data_source: The ARN of where the files are listed.
        inputs: The columns that every file must have.
        columns: The output columns by name, in order.
        settings: ``UploadSettings`` of the S3 table.
        of_files: Whether the rows are in files on S3.
    """

    data_source: str
    inputs: tuple[str, ...]
    columns: Columns
    settings: Doc
    of_files: bool

    @property
    def output_columns(self) -> list[Doc]:
        """The columns as DescribeDataSet answers them."""
        return [
            {"Name": name, "Type": column.type} | ({"SubType": column.sub_type} if column.sub_type else {})
            for name, column in self.columns.items()
        ]


def prepare(params: Doc) -> Preparation:
    """The preparation that CreateDataSet's or UpdateDataSet's input describes.

    Raises:
        ServiceError: InvalidParameterValueException where the maps do not agree with each other or with what an S3
            table allows, NotEmulatedException for what they may hold in QuickSight but not here.
    """
    table_id, kind, source = _source(params)
    of_files = kind == "S3Source"
    declared: list[Doc] = source.get("InputColumns") or source["Columns"]
    inputs = [column["Name"] for column in declared]
    if of_files and (typed := [column["Name"] for column in declared if column["Type"] != "STRING"]):
        raise invalid(
            f"the input columns {typed} of an S3 table must be of type STRING; cast them in the logical table"
        )
    if doubled := sorted({name for name in inputs if inputs.count(name) > 1}):
        raise invalid(f"the input columns {doubled} come twice")
    types: list[str] = [column["Type"] for column in declared]
    columns = {
        name: Column(source=name, type=_OUTPUT_TYPES.get(type_, type_))
        for name, type_ in zip(inputs, types, strict=True)
    }
    for operation in _transforms(params, table_id):
        columns = _applied(operation, columns)
    return Preparation(
        data_source=source["DataSourceArn"],
        inputs=tuple(inputs),
        columns=columns,
        settings=source.get("UploadSettings", {}),
        of_files=of_files,
    )


def _source(params: Doc) -> tuple[str, str, Doc]:
    """The one physical table: its id, its kind, and what it says."""
    for beyond in ("DataPrepConfiguration", "RowLevelPermissionDataSet", "ColumnLevelPermissionRules"):
        if params.get(beyond):
            raise not_emulated(f"data sets with {beyond}")
    tables: dict[str, Doc] = params["PhysicalTableMap"]
    if len(tables) != 1:
        raise not_emulated("data sets of more than one physical table")
    (table_id, table) = next(iter(tables.items()))
    if len(table) != 1:
        raise invalid(f"physical table {table_id} holds one source, not {sorted(table)}")
    (kind, source) = next(iter(table.items()))
    if kind not in _SOURCES:
        raise not_emulated(f"physical tables of the kind {kind}")
    if kind == "CustomSql" and not source.get("Columns"):
        raise invalid(f"physical table {table_id}: a query needs its Columns")
    if kind == "S3Source" and params["ImportMode"] != "SPICE":
        raise invalid("a data set over S3 can only be imported: ImportMode must be SPICE")
    return table_id, kind, source


def _transforms(params: Doc, table_id: str) -> list[Doc]:
    tables: dict[str, Any] = params.get("LogicalTableMap") or {}
    if not tables:
        return []
    if len(tables) > 1:
        raise not_emulated("data sets of more than one logical table")
    (name, table) = next(iter(tables.items()))
    if table["Source"].get("PhysicalTableId") != table_id:
        raise invalid(f"logical table {name}: its source {table['Source']} is not the physical table {table_id!r}")
    return table.get("DataTransforms", [])


def _applied(operation: Doc, columns: Columns) -> Columns:
    if len(operation) != 1:
        raise invalid(f"a data transform holds one operation, not {sorted(operation)}")
    name, details = next(iter(operation.items()))
    if name not in _OPERATIONS:
        raise not_emulated(f"the data transform {name}")
    named = details.get("ProjectedColumns") or [details["ColumnName"]]
    if missing := [column for column in named if column not in columns]:
        raise invalid(f"{name} names the columns {missing}; the table has {list(columns)} at that point")
    return _OPERATIONS[name](details, columns)


def _cast(details: Doc, columns: Columns) -> Columns:
    name, kind, sub_type = details["ColumnName"], details["NewColumnType"], details.get("SubType")
    if sub_type and kind != "DECIMAL":
        raise invalid(f"CastColumnTypeOperation of {name!r}: only a DECIMAL has a sub type, and this is {kind}")
    if kind == "DECIMAL":
        sub_type = sub_type or "FIXED"
    changed = replace(columns[name], type=kind, sub_type=sub_type, format=details.get("Format"))
    return columns | {name: changed}


def _rename(details: Doc, columns: Columns) -> Columns:
    old, new = details["ColumnName"], details["NewColumnName"]
    if new in columns and new != old:
        raise invalid(f"RenameColumnOperation: there is a column {new!r} already")
    return {new if name == old else name: column for name, column in columns.items()}


def _tag(_: Doc, columns: Columns) -> Columns:
    return columns


def _project(details: Doc, columns: Columns) -> Columns:
    return {name: columns[name] for name in details["ProjectedColumns"]}


_OPERATIONS: dict[str, Callable[[Doc, Columns], Columns]] = {
    "CastColumnTypeOperation": _cast,
    "RenameColumnOperation": _rename,
    "TagColumnOperation": _tag,
    "ProjectOperation": _project,
}
