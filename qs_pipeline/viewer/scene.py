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
from .unchecked import JsonObject, dig, objects_at, only_object, text_at, texts_at

Rows = Callable[[str], pl.LazyFrame]
"""The rows of a data set by its identifier in the definition; LookupError where there are none."""

Chosen = Mapping[str, tuple[str, ...]]


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
        """The values of each parameter: chosen, else the default."""
        found: dict[str, tuple[Value, ...]] = {}
        for one in objects_at(self.definition, "ParameterDeclarations"):
            kind, body = only_object(one)
            name = text_at(body, "Name")
            values: Sequence[object] | None = self.choice.parameters.get(name)
            if values is None:
                values = texts_at(body, "DefaultValues", "StaticValues")
            found[name] = tuple(typed(kind, value) for value in values)
        return found

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


def typed(kind: str, value: object) -> Value:
    """A parameter's value in the type of its declaration.

    Raises:
        NotDrawnError: where it is none of that type.
    """
    text = str(value)
    try:
        if kind.startswith("Integer"):
            return int(float(text))
        if kind.startswith("Decimal"):
            return float(text)
        if kind.startswith("DateTime"):
            return datetime.fromisoformat(text).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise NotDrawnError(f"{text!r} is no value of a parameter of this kind ({kind})") from error
    return text


def key_of(one: Field) -> str:
    """The column of the groups that holds the dimension; no column of the data is called so."""
    return f"\1{one.id}"
