"""What a data set makes of its files: the casts, names and choice of columns in its physical and logical table maps.

Emulated is what one CSV data source needs: one S3 table, one logical table over it, and the operations cast, rename,
tag and project. The module knows no rows; ``spice`` applies what is found here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from qs_pipeline.local_aws.errors import invalid, not_emulated
from qs_pipeline.local_aws.state import Doc

Columns = dict[str, "Column"]


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
    """

    data_source: str
    inputs: tuple[str, ...]
    columns: Columns
    settings: Doc

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
    table_id, source = _s3_source(params)
    inputs = [column["Name"] for column in source["InputColumns"]]
    if typed := [column["Name"] for column in source["InputColumns"] if column["Type"] != "STRING"]:
        raise invalid(
            f"the input columns {typed} of an S3 table must be of type STRING; cast them in the logical table"
        )
    if doubled := sorted({name for name in inputs if inputs.count(name) > 1}):
        raise invalid(f"the input columns {doubled} come twice")
    columns = {name: Column(source=name) for name in inputs}
    for operation in _transforms(params, table_id):
        columns = _applied(operation, columns)
    return Preparation(
        data_source=source["DataSourceArn"],
        inputs=tuple(inputs),
        columns=columns,
        settings=source.get("UploadSettings", {}),
    )


def _s3_source(params: Doc) -> tuple[str, Doc]:
    for beyond in ("DataPrepConfiguration", "RowLevelPermissionDataSet", "ColumnLevelPermissionRules"):
        if params.get(beyond):
            raise not_emulated(f"data sets with {beyond}")
    tables: dict[str, Doc] = params["PhysicalTableMap"]
    if len(tables) != 1 or "S3Source" not in next(iter(tables.values())):
        raise not_emulated("data sets other than over one S3Source table")
    if params["ImportMode"] != "SPICE":
        raise invalid("a data set over S3 can only be imported: ImportMode must be SPICE")
    return next((name, table["S3Source"]) for name, table in tables.items())


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
