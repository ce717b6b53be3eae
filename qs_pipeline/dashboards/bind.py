"""Tie a definition to the data sets of one assessment."""

from collections.abc import Mapping
from typing import cast

from .definition import Definition, JsonObject, strings


class UnboundError(ValueError):
    """Data sets that a definition declares have no ARN.

    Attributes:
        data_sets: Their identifiers.
    """

    def __init__(self, data_sets: list[str]) -> None:
        self.data_sets = data_sets
        super().__init__(f"no ARN for the data sets {', '.join(data_sets)}: prune the definition, or create them first")


def bind(definition: Definition, arns: Mapping[str, str]) -> JsonObject:
    """The definition that the API takes: each declared identifier with its ARN, everything else as it is.

    Visuals name data sets by identifier alone, so only the declarations change, and the data sets that the options
    exclude.

    Raises:
        UnboundError: where a declared identifier is not in ``arns``.
    """
    if missing := [name for name in definition.data_sets if name not in arns]:
        raise UnboundError(missing)
    declarations = [{"Identifier": name, "DataSetArn": arns[name]} for name in definition.data_sets]
    bound = {**definition.content, "DataSetIdentifierDeclarations": declarations}
    options = bound.get("Options")
    if isinstance(options, dict) and "ExcludedDataSetArns" in options:
        excluded = strings(cast("JsonObject", options)["ExcludedDataSetArns"])
        bound["Options"] = {**options, "ExcludedDataSetArns": [arns.get(name, name) for name in excluded]}
    return bound
