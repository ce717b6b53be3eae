"""A definition that came from an account: unwrapped, and its data sets called by the names of our tables.

``describe-dashboard-definition`` answers an envelope around the definition, with the ARNs of that account. ARNs stay
behind; what a data set is called here is told by a small table beside the definition (``data_sets.json``), by the id
in its ARN (``POS-dataset-A1`` is the table POS), or by its identifier. Names are replaced where the structure says that
a data set is named, never in text.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import cast

from qs_pipeline.service_model import shape

from .definition import ROOT, Definition, FolderError, JsonObject, objects, strings
from .expressions import ExpressionError, references

_ID = "ShortRestrictiveResourceId"
_DECLARATIONS = "DataSetIdentifierDeclarations"
_LEAST = "Sheets"
_ARN = re.compile(r"arn:[^:]*:quicksight:([^:]*):([^:]*):")
_EXPORT = "export a dashboard by 'aws quicksight describe-dashboard-definition'"
# Files of other tools that also hold definitions, by a key at their top.
_OTHERS = {
    "AWSTemplateFormatVersion": "a CloudFormation template",
    "Resources": "a CloudFormation template",
    "terraform_version": "a Terraform state",
    "planned_values": "a Terraform plan",
    "PhysicalTableMap": "a data set",
}


def unwrap(document: JsonObject, where: str) -> JsonObject:
    """The definition within the answer of ``describe-dashboard-definition``; one without an envelope as it is.

    What was published from an analysis bears ids that begin with the id of the dashboard: they lose it here.

    Raises:
        FolderError: where there is neither; ``where`` names the file.
    """
    inner = document.get("Definition")
    if isinstance(inner, dict):
        content = cast("JsonObject", inner)
        if "DataSetConfigurations" in content:
            raise FolderError(f"{where}: is the definition of a template, which has no data sets; {_EXPORT} instead")
        prefix = f"{document['DashboardId']}_" if document.get("DashboardId") else ""
        return cast("JsonObject", _without_prefix(ROOT, content, prefix)) if prefix else content
    if _LEAST in document or _DECLARATIONS in document:
        return document
    if document.get("DashboardArn") or document.get("Dashboard") or document.get("Analysis"):
        raise FolderError(f"{where}: tells of a dashboard without its definition; {_EXPORT} instead")
    if told := next((what for key, what in _OTHERS.items() if key in document), None):
        raise FolderError(f"{where}: is {told}; {_EXPORT} instead")
    raise FolderError(f"{where}: holds neither 'Definition' nor {_LEAST!r}; {_EXPORT}")


def unbind(definition: Definition, tables: Collection[str], said: Mapping[str, str] | None = None) -> Definition:
    """``definition`` without ARNs, its data sets called after ``tables`` where they can be told.

    Args:
        definition: As an account has it.
        tables: The names of our tables. A data set that is none of them keeps its identifier.
        said: Tables by identifier or data set id, for those whose name tells nothing.

    Raises:
        FolderError: where an id and an identifier mean different tables, or two data sets the same one.
    """
    declared = objects(definition.content.get(_DECLARATIONS))
    names = {str(one.get("Identifier")): _table(one, tables, said or {}) for one in declared}
    owners: dict[str, str] = {}
    for identifier, name in names.items():
        if name in owners:
            raise FolderError(
                f"the data sets {owners[name]!r} and {identifier!r} both are {name}; say in data_sets.json which is, "
                "by identifier"
            )
        owners[name] = identifier
    arns = {str(one["DataSetArn"]): names[str(one.get("Identifier"))] for one in declared if "DataSetArn" in one}
    content = cast("JsonObject", _renamed(definition.content, names))
    if declared:
        content[_DECLARATIONS] = [{"Identifier": names[str(one.get("Identifier"))]} for one in declared]
    options = content.get("Options")
    if isinstance(options, dict) and "ExcludedDataSetArns" in options:
        excluded = (arns.get(arn, arn) for arn in strings(cast("JsonObject", options)["ExcludedDataSetArns"]))
        content["Options"] = {**options, "ExcludedDataSetArns": [one for one in excluded if one in owners]}
    return replace(definition, content=content, repairs=tuple(_repairs(arns, names)))


def _repairs(arns: Iterable[str], names: Mapping[str, str]) -> Iterator[str]:
    """What the owner of an exported file is to know of what ``unbind`` did."""
    owners = dict.fromkeys("account {1} in {0}".format(*found.groups()) for arn in arns if (found := _ARN.match(arn)))
    if owners:
        yield f"the ARNs of {', '.join(owners)} stay behind; publication puts those of its own account in their place"
    for identifier, name in names.items():
        if identifier != name:
            yield f"the data set {identifier!r} is called {name} here"


def columns_named(definition: Definition, data_set: str) -> set[str]:
    """The columns that ``definition`` itself supposes of ``data_set``: for one whose table map is not here."""
    found: set[str] = set()
    waiting: list[object] = [definition.content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            one = cast("JsonObject", value)
            if one.get("DataSetIdentifier", data_set) == data_set:
                found.update(strings(one.get("ColumnName")))
                found.update(_fields(one.get("Expression")))
            waiting += one.values()
        elif isinstance(value, list):
            waiting += cast("list[object]", value)
    calculated = objects(definition.content.get("CalculatedFields"))
    return found - {str(one.get("Name")) for one in calculated if one.get("DataSetIdentifier") == data_set}


def _fields(expression: object) -> tuple[str, ...]:
    try:
        return references(expression).fields if isinstance(expression, str) else ()
    except ExpressionError:  # validation tells of it
        return ()


def _table(declared: JsonObject, tables: Collection[str], said: Mapping[str, str]) -> str:
    identifier = str(declared.get("Identifier"))
    data_set_id = str(declared.get("DataSetArn", "")).rpartition("/")[2]
    if told := said.get(identifier) or said.get(data_set_id):
        return told
    # The ids of data sets may have no underscore: see quicksight.names.
    by_id = {table for table in tables if data_set_id.startswith(table.replace("_", "-") + "-dataset-")}
    by_identifier = {identifier} & set(tables)
    if len(by_id | by_identifier) > 1:
        raise FolderError(
            f"the data set {identifier!r} has the id {data_set_id!r}, which is of {' or '.join(sorted(by_id))}; "
            f'say in data_sets.json which it is, such as {{"{identifier}": "{min(by_id)}"}}'
        )
    return next(iter(by_id | by_identifier), identifier)


def _without_prefix(shape_name: str, value: object, prefix: str) -> object:
    known = shape(shape_name)
    if known.kind == "structure" and isinstance(value, dict):
        # The model says of one reference only that it is a text.
        targets = {**known.members, "SourceSheetControlId": _ID}
        return {
            key: _without_prefix(targets[key], inner, prefix) if key in targets else inner
            for key, inner in cast("JsonObject", value).items()
        }
    if known.element and isinstance(value, list):
        return [_without_prefix(known.element, one, prefix) for one in cast("list[object]", value)]
    return value.removeprefix(prefix) if shape_name == _ID and isinstance(value, str) else value


def _renamed(value: object, names: Mapping[str, str]) -> object:
    if isinstance(value, dict):
        return {
            key: names.get(inner, inner)
            if key == "DataSetIdentifier" and isinstance(inner, str)
            else _renamed(inner, names)
            for key, inner in cast("JsonObject", value).items()
        }
    if isinstance(value, list):
        return [_renamed(one, names) for one in cast("list[object]", value)]
    return value
