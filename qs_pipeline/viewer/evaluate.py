"""Expressions in polars: what is computed for each row, what for each group, and what of the groups afterwards.

Every measure is split in three. Rows are computed first. Each aggregate function in it becomes a column of the groups.
What is left, arithmetic and table calculations alike, is computed on the grouped rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from qs_pipeline.dashboards.functions import FUNCTIONS
from qs_pipeline.dashboards.grammar import (
    Call,
    Excluded,
    Expression,
    ExpressionError,
    Field,
    Listing,
    Operation,
    Ordered,
    Word,
    parse,
)

from .aggregates import Aggregate, aggregate
from .operations import Again, Known
from .scalars import NotDrawnError, constant, ifelse


@dataclass(frozen=True, kw_only=True)
class Hoisted:
    """An aggregate taken out of a measure: a column of the groups, and how it follows from that of smaller groups."""

    of: pl.Expr
    merged: Callable[[pl.Expr], pl.Expr] | None


@dataclass(kw_only=True)
class Language:
    """The names that expressions over one data set may use, and what they are.

    Attributes:
        columns: The columns of its rows.
        calculated: Expressions by the names of the calculated fields.
        known: What is the same for all rows.
        levels: What the visual groups by: from the column's name to that of the column of the groups.
        before: Windows over rows before any filter, by the name of the column that they become.
        rows: What is computed for each row that the filters leave, likewise.
        hoisted: The aggregates that the measures evaluated so far need, by column of the groups.
    """

    columns: Mapping[str, pl.DataType]
    calculated: Mapping[str, str]
    known: Known
    levels: Mapping[str, str] = field(default_factory=dict[str, str])
    before: dict[str, pl.Expr] = field(default_factory=dict[str, pl.Expr])
    rows: dict[str, pl.Expr] = field(default_factory=dict[str, pl.Expr])
    hoisted: dict[str, Hoisted] = field(default_factory=dict[str, Hoisted])
    _open: list[str] = field(default_factory=list[str])

    def tree(self, name: str) -> Expression:
        """The calculated field ``name`` as a tree."""
        try:
            return parse(self.calculated[name])
        except ExpressionError as error:
            raise NotDrawnError(f"the calculated field {name!r} cannot be read: {error}") from None

    def is_aggregate(self, tree: Expression) -> bool:
        """Whether ``tree`` is computed for groups and not for rows, directly or through the fields that it names."""
        match tree:
            case Field(name=name) if name in self.calculated and name not in self._open:
                self._open.append(name)
                try:
                    return self.is_aggregate(self.tree(name))
                finally:
                    self._open.pop()
            case Call(name=name) if _kind(name) == "aggregate":
                return _levels(tree) is None
            case Call(name=name) if _kind(name) == "table calculation":
                return _stage(tree) == "POST_AGG_FILTER"
            case Call(arguments=below) | Operation(operands=below) | Listing(items=below):
                return any(self.is_aggregate(one) for one in below)
            case _:
                return False

    def row(self, tree: Expression) -> pl.Expr:
        """``tree`` for each row."""
        return self._scalar(tree, self.row, self._row_call, self._row_field)

    def group(self, tree: Expression) -> pl.Expr:
        """``tree`` for each group, over the columns in ``hoisted`` and those grouped by."""
        return self._scalar(tree, self.group, self._group_call, self._group_field)

    def hoist(self, key: str, how: Aggregate, tree: Expression, where: Expression | None = None) -> pl.Expr:
        """The column of the groups that holds the aggregate of ``tree``, of the rows that meet ``where``."""
        name = f"\0{key}"
        value = self.row(tree)
        if where is not None:
            value = ifelse([self.row(where), value, pl.lit(None)])
        if (inner := self._level_aware(tree)) is not None:
            # Of a value that many rows share, one counts for each group of its levels.
            keys = [*self._columns(inner), *(pl.col(level) for level in self.levels.values())]
            once = pl.struct([one.alias(str(at)) for at, one in enumerate(keys)] or [pl.lit(1)]).is_first_distinct()
            value = pl.when(once).then(value)
        self.rows[name] = value
        self.hoisted[name] = Hoisted(of=how.of(pl.col(name)), merged=None if inner is not None else how.merged)
        return pl.col(name)

    def measure(self, name: str, aggregation: str, percentile: float, expression: str = "") -> pl.Expr:
        """A measure field for each group."""
        tree = parsed(expression) if expression else Field(name=name)
        if self.is_aggregate(tree):
            return self.group(tree)
        default = "sum" if self._is_number(name) else "count"
        how = aggregate(aggregation or default, percentile)
        if how is None:
            raise NotDrawnError(f"the aggregation {aggregation} is not drawn here")
        return self.hoist(f"{aggregation or default}{percentile} {tree}", how, tree)

    def _is_number(self, name: str) -> bool:
        kind = self.columns.get(name)
        return kind is None or kind.is_numeric()

    def _scalar(
        self,
        tree: Expression,
        again: Again,
        call: Callable[[Call], pl.Expr],
        named: Callable[[str], pl.Expr],
    ) -> pl.Expr:
        match tree:
            case Field(name=name):
                return named(name)
            case Call():
                return call(tree)
            case _:
                return self.known.value(tree, again)

    def _row_field(self, name: str) -> pl.Expr:
        if name in self.columns:
            return pl.col(name)
        return self._within(name, lambda: self.row(self.tree(name)))

    def _group_field(self, name: str) -> pl.Expr:
        if name in self.levels:
            return pl.col(self.levels[name])
        if name in self.calculated:
            return self._within(name, lambda: self.group(self.tree(name)))
        if name in self.columns:
            raise NotDrawnError(f"{name!r} is neither aggregated nor grouped by")
        return self._row_field(name)

    def _within(self, name: str, computed: Callable[[], pl.Expr]) -> pl.Expr:
        """The calculated field ``name``, unless it leads back to itself."""
        if name not in self.calculated:
            raise NotDrawnError(f"there is no column {name!r}")
        if name in self._open:
            raise NotDrawnError(f"the calculated field {name!r} leads back to itself")
        self._open.append(name)
        try:
            return computed()
        finally:
            self._open.pop()

    def _row_call(self, call: Call) -> pl.Expr:
        kind = _kind(call.name)
        if kind == "table calculation" and _stage(call) != "POST_AGG_FILTER":
            return self._row_window(call)
        if kind == "aggregate" and (levels := _levels(call)) is not None:
            how, inner, where = self._aggregation(call)
            value = self.row(inner) if where is None else ifelse([self.row(where), self.row(inner), pl.lit(None)])
            return how.of(value).over(self._columns(levels) or [pl.lit(1)])
        if kind != "scalar":
            raise NotDrawnError(f"{call.name} stands where each row needs a value of its own")
        return self.known.function(call, self.row)

    def _row_window(self, call: Call) -> pl.Expr:
        """``sumOver(x, [levels], PRE_AGG)`` and its like: one value for the rows that share the levels."""
        levels = next((one for one in call.arguments if isinstance(one, Listing)), Listing(items=()))
        windowed = self._over(call, self.row(call.arguments[0]), self._columns(levels))
        if _stage(call) != "PRE_FILTER":
            return windowed
        name = f"\0before {call}"
        self.before[name] = windowed
        return pl.col(name)

    def _over(self, call: Call, value: pl.Expr, levels: list[Any]) -> pl.Expr:
        name = call.name.lower()
        over = levels or [pl.lit(1)]
        if name == "percentoftotal":
            return value / value.sum().over(over)
        how = aggregate(name.removesuffix("over"))
        if how is None or not name.endswith("over"):
            raise NotDrawnError(f"the function {call.name} is not drawn here")
        return how.of(value).over(over)

    def _columns(self, levels: Listing) -> list[Any]:
        found: list[Any] = []
        for item in levels.items:
            match item:
                case Word():
                    found += [pl.col(level) for level in self.levels.values()]
                case Excluded(level=Field(name=name)):
                    found = [one for one in found if one.meta.output_name() != name]
                case Field(name=name):
                    found.append(self._row_field(name))
                case Ordered(key=Field(name=name)):
                    found.append(self._row_field(name))
                case _:
                    raise NotDrawnError("a level must be a field")
        return found

    def _aggregation(self, call: Call) -> tuple[Aggregate, Expression, Expression | None]:
        """The aggregate function of ``call``, what it aggregates, and the condition of ``sumIf`` and its like."""
        name = call.name.lower()
        given = [one for one in call.arguments if not isinstance(one, Listing)]
        conditional = name.endswith("if")
        share = float(constant(given[1])) if name.startswith("percentile") and len(given) > 1 else None
        how = aggregate(name.removesuffix("if") if conditional else name, share)
        if how is None or not given or (conditional and len(given) < 2):  # noqa: PLR2004 - a value and its condition
            raise NotDrawnError(f"the function {call.name} is not drawn here")
        return how, given[0], given[1] if conditional else None

    def _level_aware(self, tree: Expression) -> Listing | None:
        if isinstance(tree, Field) and tree.name in self.calculated:
            tree = self.tree(tree.name)
        if isinstance(tree, Call) and _kind(tree.name) == "aggregate":
            return _levels(tree)
        return None

    def _group_call(self, call: Call) -> pl.Expr:
        kind = _kind(call.name)
        if kind == "aggregate":
            if _levels(call) is not None:
                return self.hoist(str(call), Aggregate(of=lambda of: of.first()), call)
            how, value, where = self._aggregation(call)
            return self.hoist(str(call), how, value, where)
        if kind == "table calculation":
            return self._table_calculation(call)
        return self.known.function(call, self.group)

    def _table_calculation(self, call: Call) -> pl.Expr:
        name, given = call.name.lower(), call.arguments
        listings = [one for one in given if isinstance(one, Listing)]
        over: list[Any] = [
            pl.col(self.levels[one.name])
            for one in (listings[-1].items if listings else ())
            if isinstance(one, Field) and one.name in self.levels
        ] or [pl.lit(1)]
        if name in ("rank", "denserank"):
            key = given[0].items[0] if isinstance(given[0], Listing) and given[0].items else given[0]
            descending = isinstance(key, Ordered) and key.direction == "DESC"
            inner = key.key if isinstance(key, Ordered) else key
            by = [pl.lit(1)] if len(listings) < 2 else over  # noqa: PLR2004 - sort keys, then partitions
            return self.group(inner).rank("min" if name == "rank" else "dense", descending=descending).over(by)
        value = self.group(given[0])
        if name in _RUNNING:
            order = given[1].items if len(given) > 1 and isinstance(given[1], Listing) else ()
            keys = [self.group(one.key if isinstance(one, Ordered) else one) for one in order] or None
            by = over if len(listings) > 1 else [pl.lit(1)]
            descending = bool(order) and isinstance(order[0], Ordered) and order[0].direction == "DESC"
            return _RUNNING[name](value).over(by, order_by=keys, descending=descending)
        return self._over(call, value, over)


_RUNNING: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "runningsum": lambda of: of.cum_sum(),
    "runningmax": lambda of: of.cum_max(),
    "runningmin": lambda of: of.cum_min(),
    "runningcount": lambda of: of.cum_count(),
}


def parsed(expression: str) -> Expression:
    """An expression that is not that of a calculated field as a tree."""
    try:
        return parse(expression)
    except ExpressionError as error:
        raise NotDrawnError(f"the expression {expression!r} cannot be read: {error}") from None


def _kind(name: str) -> str:
    function = FUNCTIONS.get(name.lower())
    return function.kind if function else "scalar"


def _levels(call: Call) -> Listing | None:
    last = call.arguments[-1] if call.arguments else None
    return last if isinstance(last, Listing) else None


def _stage(call: Call) -> str:
    """When a table calculation is computed."""
    words = [one.name for one in call.arguments if isinstance(one, Word)]
    return next((one for one in words if one in ("PRE_FILTER", "PRE_AGG")), "POST_AGG_FILTER")
