"""One visual's numbers: its rows filtered, grouped and aggregated by polars, at any of its levels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import polars as pl

from qs_pipeline.dashboards.grammar import Field as Name
from qs_pipeline.dashboards.grammar import Literal

from .evaluate import Language
from .fields import Field, aggregation_of
from .filters import groups_for, predicates
from .formats import Format
from .scalars import NotDrawnError, truncated
from .scene import Scene, key_of
from .unchecked import JsonObject, dig, text_at

_DATES = (pl.Datetime, pl.Date)


@dataclass(frozen=True, kw_only=True)
class Drilled:
    """One level that was descended: ``column`` must be ``value``."""

    column: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Query:
    """The fields of a visual over one data set.

    Attributes:
        dimensions: All that rows are grouped by, in order.
        measures: All that is aggregated, sort keys included.
    """

    scene: Scene
    sheet: str
    visual: str
    dimensions: tuple[Field, ...]
    measures: tuple[Field, ...]
    drilled: tuple[Drilled, ...] = ()
    groups_of: dict[str, dict[object, str]] = field(default_factory=dict[str, dict[object, str]])

    @cached_property
    def data_set(self) -> str:
        """The data set that every field is of.

        Raises:
            NotDrawnError: where there is none, or more than one.
        """
        found = sorted({each.data_set for each in (*self.dimensions, *self.measures) if each.data_set})
        if len(found) != 1:
            raise NotDrawnError(f"its fields are of the data sets {found}" if found else "it has no fields")
        return found[0]

    @cached_property
    def _frame(self) -> pl.LazyFrame:
        return self.scene.frame(self.data_set)

    @cached_property
    def _columns(self) -> dict[str, pl.DataType]:
        return dict(self._frame.collect_schema())

    def _language(self, dimensions: Sequence[Field]) -> Language:
        return self.scene.language(self.data_set, self._columns, {each.column: key_of(each) for each in dimensions})

    @cached_property
    def finest(self) -> pl.DataFrame:
        """The groups by all dimensions: ``key_of`` each dimension, the id of each measure, and what it is made of."""
        return self._aggregate(self.dimensions)

    def at(self, dimensions: Sequence[Field]) -> pl.DataFrame:
        """The groups by some of the dimensions; made from the finest ones where that comes to the same."""
        if tuple(dimensions) == self.dimensions:
            return self.finest
        language = self._language(dimensions)
        posts = self._posts(language)
        merged = {name: one.merged(pl.col(name)) for name, one in language.hoisted.items() if one.merged}
        if len(merged) < len(language.hoisted):
            return self._aggregate(dimensions)
        parts = self.finest.lazy()
        keys = [key_of(each) for each in dimensions]
        wanted = [expression.alias(name) for name, expression in merged.items()]
        grouped = parts.group_by(keys).agg(wanted) if keys else parts.select(wanted)
        return grouped.with_columns(posts).collect()

    def rows(self, fields: Sequence[Field], sorts: Sequence[tuple[str, bool]], limit: int) -> tuple[pl.DataFrame, int]:
        """The first rows as they are, and how many there are; ``sorts`` are columns, and whether downwards."""
        language = self._language(())
        wanted = [language.row(Name(name=each.column)).alias(each.id) for each in fields]
        keys = [language.row(Name(name=column)) for column, _ in sorts]
        frame, _ = self._filtered(language)
        total = frame.select(pl.len()).collect().item()
        if keys:
            descending = [down for _, down in sorts]
            frame = frame.sort(keys, descending=descending, nulls_last=True, maintain_order=True)
        return frame.select(wanted).head(limit).collect(), total

    def _posts(self, language: Language) -> list[pl.Expr]:
        return [
            language.measure(each.column, each.aggregation, each.percentile, each.expression).alias(each.id)
            for each in self.measures
        ]

    def _filtered(self, language: Language) -> tuple[pl.LazyFrame, list[pl.Expr]]:
        rows, having = predicates(self.scene, groups_for(self.scene, self.sheet, self.visual), self.data_set, language)
        for each in self.drilled:
            value = language.row(Name(name=each.column))
            rows.append(value.cast(pl.String) == pl.lit(each.value))
        frame = self._frame
        if language.before:
            frame = frame.with_columns(expression.alias(name) for name, expression in language.before.items())
        return (frame.filter(rows) if rows else frame), having

    def _aggregate(self, dimensions: Sequence[Field]) -> pl.DataFrame:
        language = self._language(dimensions)
        keys = {key_of(each): self._key(each, language) for each in dimensions}
        posts = self._posts(language)
        frame, having = self._filtered(language)
        frame = frame.with_columns(expression.alias(name) for name, expression in keys.items())
        if having and (tuple(dimensions) != self.dimensions or self.groups_of):
            frame, having = self._survivors(frame, keys, language), []
        for name, renamed in self.groups_of.items():
            if name in keys:
                frame = frame.with_columns(
                    pl.col(name).replace_strict(renamed, default="Other", return_dtype=pl.String)
                )
        rows = language.rows
        if rows:
            frame = frame.with_columns(expression.alias(name) for name, expression in rows.items())
        wanted = [one.of.alias(name) for name, one in language.hoisted.items()]
        grouped = frame.group_by(list(keys)).agg(wanted) if keys else frame.select(wanted or [pl.len().alias("\0n")])
        for predicate in having:
            grouped = grouped.filter(predicate)
        return grouped.with_columns(posts).collect()

    def _survivors(self, frame: pl.LazyFrame, keys: Mapping[str, pl.Expr], language: Language) -> pl.LazyFrame:
        """The rows of the finest groups that filters on aggregates leave: totals are of those alone."""
        every = {key_of(each): self._key(each, language) for each in self.dimensions}
        frame = frame.with_columns(expression.alias(name) for name, expression in every.items() if name not in keys)
        left = replace(self, groups_of={}).finest.lazy().select(list(every))
        return frame.join(left, on=list(every), how="semi", nulls_equal=True)

    def _key(self, one: Field, language: Language) -> pl.Expr:
        value = language.row(Name(name=one.column))
        is_date = isinstance(self._columns.get(one.column), _DATES) or one.granularity
        return truncated(value, Literal(value=one.granularity)) if one.granularity and is_date else value


def sort_field(name: str, sort: JsonObject) -> Field:
    """The measure that a ``ColumnSort`` orders by."""
    return Field(
        id=name,
        data_set=text_at(sort, "SortBy", "DataSetIdentifier"),
        column=text_at(sort, "SortBy", "ColumnName"),
        is_measure=True,
        aggregation=aggregation_of(dig(sort, "AggregationFunction")),
        format=Format(),
    )
