"""Portable table maps: which columns a published table has, and how QuickSight is to read them.

A map is a small JSON file that holds for every assessment and account. QuickSight takes a CSV as text only, so the
columns come in as STRING and are cast afterwards. Knows the file and the shape of the request, and calls nothing.
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

if TYPE_CHECKING:
    from mypy_boto3_quicksight import type_defs as api

ColumnType = Literal["STRING", "INTEGER", "DECIMAL", "DATETIME"]
GeographicRole = Literal["COUNTRY", "STATE", "COUNTY", "CITY", "POSTCODE", "LONGITUDE", "LATITUDE"]

# Ids within one data set: letters, digits and '-' only, so a table's own name could not serve.
_PHYSICAL_ID = "file"
_LOGICAL_ID = "typed"
_MAX_COLUMNS = 2048  # of a data set (API reference)
_MAX_NAME = 128  # characters of a column name (API reference)
_MAX_TABLE = 64  # characters of a logical table's alias (API reference)


class TableMapError(ValueError):
    """A table map cannot be used; the message names the file, the column and the fix."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its name in the CSV and in the data set, its type, and what it means on a map, if anything."""

    name: str
    type: ColumnType
    geographic_role: GeographicRole | None = None


@dataclass(frozen=True, kw_only=True)
class TableMap:
    """The columns of one published table, in the order of the CSV.

    Raises:
        TableMapError: where QuickSight would refuse the table.
    """

    table: str
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        twice = [name for name, count in Counter(column.name for column in self.columns).items() if count > 1]
        too_long = [column.name for column in self.columns if len(column.name) > _MAX_NAME]
        if not 1 <= len(self.columns) <= _MAX_COLUMNS:
            raise TableMapError(
                f"table {self.table}: has {len(self.columns)} columns; a data set has 1 to {_MAX_COLUMNS}"
            )
        if twice:
            raise TableMapError(f"table {self.table}: columns {twice} stand there twice; keep one of each")
        if too_long:
            raise TableMapError(f"table {self.table}: columns {too_long} are longer than {_MAX_NAME} characters")
        if not 1 <= len(self.table) <= _MAX_TABLE:
            raise TableMapError(f"table {self.table!r}: a name has 1 to {_MAX_TABLE} characters")

    @property
    def column_names(self) -> tuple[str, ...]:
        """In the order of the CSV."""
        return tuple(column.name for column in self.columns)

    def physical(self, data_source_arn: str) -> "dict[str, api.PhysicalTableTypeDef]":
        """The ``PhysicalTableMap`` that reads the CSV behind a data source, all as text."""
        return {
            _PHYSICAL_ID: {
                "S3Source": {
                    "DataSourceArn": data_source_arn,
                    "UploadSettings": {
                        "Format": "CSV",
                        "StartFromRow": 1,
                        "ContainsHeader": True,
                        "TextQualifier": "DOUBLE_QUOTE",
                        "Delimiter": ",",
                    },
                    "InputColumns": [{"Name": name, "Type": "STRING"} for name in self.column_names],
                }
            }
        }

    def logical(self) -> "dict[str, api.LogicalTableTypeDef]":
        """The ``LogicalTableMap`` that casts, tags and projects the text columns."""
        transforms: list[api.TransformOperationTypeDef] = [
            {"CastColumnTypeOperation": _cast(column)} for column in self.columns if column.type != "STRING"
        ]
        for column in self.columns:
            if role := column.geographic_role:
                tag: api.TagColumnOperationOutputTypeDef = {
                    "ColumnName": column.name,
                    "Tags": [{"ColumnGeographicRole": role}],
                }
                transforms.append({"TagColumnOperation": tag})
        transforms.append({"ProjectOperation": {"ProjectedColumns": list(self.column_names)}})
        return {
            _LOGICAL_ID: {
                "Alias": self.table,
                "DataTransforms": transforms,
                "Source": {"PhysicalTableId": _PHYSICAL_ID},
            }
        }


def _cast(column: Column) -> "api.CastColumnTypeOperationTypeDef":
    if column.type == "DECIMAL":
        # SPICE's other decimal, FIXED, keeps four places and rounds the rest away.
        return {"ColumnName": column.name, "NewColumnType": column.type, "SubType": "FLOAT"}
    return {"ColumnName": column.name, "NewColumnType": column.type}


def load_table_map(path: Path) -> TableMap:
    """The table map in a JSON file ``{"table": ..., "columns": [{"name", "type", "geographic_role"?}, ...]}``.

    Raises:
        TableMapError: where the file cannot be read, is not named after its table, or does not have this form.
    """
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise TableMapError(f"{path}: cannot be read ({error.strerror}); generate the table maps anew") from error
    except ValueError as error:
        raise TableMapError(f"{path}: is not JSON in UTF-8 ({error}); generate the table maps anew") from error
    where = str(path)
    document = _fields(where, content, required={"table": str, "columns": list}, optional={})
    if document["table"] != path.stem:
        raise TableMapError(
            f"{path}: is the map of table {document['table']!r}; name the file {document['table']}.json"
        )
    columns = cast("list[object]", document["columns"])
    try:
        return TableMap(
            table=document["table"],
            columns=tuple(_column(f"{where}, column {number}", item) for number, item in enumerate(columns, start=1)),
        )
    except TableMapError as error:
        raise error if where in str(error) else TableMapError(f"{where}: {error}") from None


def _column(where: str, item: object) -> Column:
    fields = _fields(where, item, required={"name": str, "type": str}, optional={"geographic_role": str})
    where = f"{where} {fields['name']!r}"
    if not fields["name"]:
        raise TableMapError(f"{where}: the name is empty")
    if fields["type"] not in get_args(ColumnType):
        raise TableMapError(f"{where}: type {fields['type']!r} is none of {', '.join(get_args(ColumnType))}")
    role = fields.get("geographic_role")
    if role is not None and role not in get_args(GeographicRole):
        raise TableMapError(f"{where}: geographic_role {role!r} is none of {', '.join(get_args(GeographicRole))}")
    return Column(name=fields["name"], type=fields["type"], geographic_role=role)


def _fields(where: str, item: object, *, required: dict[str, type], optional: dict[str, type]) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise TableMapError(f"{where}: expected an object with {', '.join(required)}")
    fields = cast("dict[str, Any]", item)
    known = required | optional
    if missing := required.keys() - fields.keys():
        raise TableMapError(f"{where}: {', '.join(sorted(missing))} missing")
    if unknown := fields.keys() - known.keys():
        raise TableMapError(f"{where}: {', '.join(sorted(unknown))} not known; use {', '.join(known)}")
    for name, value in fields.items():
        if not isinstance(value, known[name]):
            raise TableMapError(f"{where}: {name} has to be a {known[name].__name__}, not {value!r}")
    return fields
