"""What a sheet is drawn from: the definition, the rows, and what the person in front of it has chosen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

import polars as pl

from .evaluate import Language
from .fields import Field
from .formats import Format, format_of
from .operations import Known, Value
from .scalars import NotDrawnError
from .unchecked import JsonObject, dig, list_at, moment_of, objects_at, only_object, text_at

Rows = Callable[[str], pl.LazyFrame]
"""The rows of a data set by its identifier in the definition; LookupError where there are none."""

Chosen = Mapping[str, tuple[str, ...]]

_MOST_TOLD = 40


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a person has chosen, as texts: values of parameters and filters by name, drill-down paths by visual."""

    parameters: Chosen = field(default_factory=dict[str, tuple[str, ...]])
    filters: Chosen = field(default_factory=dict[str, tuple[str, ...]])
    drills: Chosen = field(default_factory=dict[str, tuple[str, ...]])


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A definition with its rows and a choice. ``today`` is what ``now()`` and relative dates go by."""

    definition: JsonObject
    rows: Rows
    choice: Choice = field(default_factory=Choice)
    today: datetime = field(default_factory=lambda: datetime.now(UTC).replace(tzinfo=None))

    @cached_property
    def sheets(self) -> list[JsonObject]:
        """The sheets in the order of their tabs."""
        return objects_at(self.definition, "Sheets")

    def sheet(self, name: str) -> JsonObject:
        """The sheet with this id.

        Raises:
            LookupError: where there is none.
        """
        for one in self.sheets:
            if text_at(one, "SheetId") == name:
                return one
        raise LookupError(f"the dashboard has no sheet {name!r}")

    @cached_property
    def formats(self) -> Mapping[tuple[str, str], Format]:
        """What the definition says of columns everywhere."""
        return {
            (text_at(one, "Column", "DataSetIdentifier"), text_at(one, "Column", "ColumnName")): format_of(
                dig(one, "FormatConfiguration")
            )
            for one in objects_at(self.definition, "ColumnConfigurations")
        }

    @cached_property
    def parameters(self) -> Mapping[str, tuple[Value, ...]]:
        """The values of each parameter: chosen, else the default; what cannot be read is told by ``misread``."""
        return {name: values for name, (values, _) in self._parameters.items()}

    @cached_property
    def misread(self) -> Mapping[str, str]:
        """Of parameters with a value that is none of their kind: what is wrong."""
        return {name: wrong for name, (_, wrong) in self._parameters.items() if wrong}

    @cached_property
    def _parameters(self) -> Mapping[str, tuple[tuple[Value, ...], str]]:
        return {
            name: _settled(kind, list_at(body, "DefaultValues", "StaticValues"), self.choice.parameters.get(name))
            for kind, body in map(only_object, objects_at(self.definition, "ParameterDeclarations"))
            for name in [text_at(body, "Name")]
        }

    def frame(self, data_set: str) -> pl.LazyFrame:
        """The rows of a data set.

        Raises:
            NotDrawnError: where there are none to be had.
        """
        try:
            return self.rows(data_set)
        except LookupError as error:
            raise NotDrawnError(f"the data set {data_set} has no rows here: {error}") from error

    def language(self, data_set: str, columns: Mapping[str, pl.DataType], levels: Mapping[str, str]) -> Language:
        """The names that expressions over the data set may use."""
        calculated = {
            text_at(one, "Name"): text_at(one, "Expression")
            for one in objects_at(self.definition, "CalculatedFields")
            if text_at(one, "DataSetIdentifier") == data_set
        }
        known = Known(parameters=self.parameters, today=self.today)
        return Language(columns=columns, calculated=calculated, known=known, levels=levels)


def _settled(kind: str, default: Sequence[object], chosen: Sequence[object] | None) -> tuple[tuple[Value, ...], str]:
    """The values of a parameter, and what is wrong with those that it should have."""
    try:
        return tuple(typed(kind, value) for value in (default if chosen is None else chosen)), ""
    except NotDrawnError as error:
        if chosen is None:
            return (), f"the default {error}"
        return _settled(kind, default, None)[0], f"{error}; the default is shown"


def typed(kind: str, value: object) -> Value:
    """A parameter's value in the type of its declaration.

    Raises:
        NotDrawnError: where it is none of that type.
    """
    text = str(value)
    try:
        if kind.startswith("Integer"):
            return int(text) if text.lstrip("-").isdecimal() else int(float(text))
        if kind.startswith("Decimal"):
            return float(text)
        if kind.startswith("DateTime"):
            return moment_of(value)
    except (ValueError, OverflowError) as error:
        what = {"Integer": "whole number", "Decimal": "number"}.get(kind.partition("Parameter")[0], "date")
        raise NotDrawnError(f"{text[:_MOST_TOLD]!r} is no {what}") from error
    return text


def key_of(one: Field) -> str:
    """The column of the groups that holds the dimension; no column of the data is called so."""
    return f"\1{one.id}"
