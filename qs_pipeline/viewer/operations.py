"""What operators and scalar functions make of their operands; the same for rows and for groups.

Whoever evaluates the operands, rows or groups, is given as ``again``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from qs_pipeline.dashboards.functions import FUNCTIONS
from qs_pipeline.dashboards.grammar import Call, Expression, Listing, Literal, Operation, Parameter, Word

from .scalars import SCALARS, NotDrawnError, date_difference, extracted, truncated, unit

Value = str | int | float | bool | datetime | date | None

Again = Callable[[Expression], pl.Expr]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is the same for all rows: the values of each parameter, and what ``now()`` is."""

    parameters: Mapping[str, tuple[Value, ...]]
    today: datetime

    def value(self, tree: Expression, again: Again) -> pl.Expr:
        """What is neither a field nor a call."""
        match tree:
            case Literal(value=value):
                return pl.lit(value)
            case Word(name=name):
                return pl.lit(name)
            case Parameter(name=name):
                return pl.lit(next(iter(self._values(name)), None))
            case Operation():
                return self._operation(tree, again)
            case _:
                raise NotDrawnError("a list stands where a value was expected")

    def _values(self, name: str) -> tuple[Value, ...]:
        if name not in self.parameters:
            raise NotDrawnError(f"there is no parameter {name!r}")
        return self.parameters[name]

    def _operation(self, tree: Operation, again: Again) -> pl.Expr:
        operator, first = tree.operator, tree.operands[0]
        if operator == "IN":
            return self._membership(again(first), tree.operands[1], again)
        left = again(first)
        if len(tree.operands) == 1:
            return {"-": lambda: -left, "+": lambda: left, "NOT": lambda: ~left}[operator]()
        for operand in tree.operands[1:]:
            left = _OPERATORS[operator](left, again(operand))
        return left

    def _membership(self, value: pl.Expr, listed: Expression, again: Again) -> pl.Expr:
        if isinstance(listed, Parameter):
            return value.is_in([one for one in self._values(listed.name) if one is not None])
        items = listed.items if isinstance(listed, Listing) else (listed,)
        return pl.any_horizontal([value == again(item) for item in items]) if items else pl.lit(value=False)

    def function(  # noqa: C901, PLR0911 - one case for each function that looks at how its arguments are written
        self, call: Call, again: Again
    ) -> pl.Expr:
        """A scalar function.

        Raises:
            NotDrawnError: where there is none of that name, or it takes other arguments.
        """
        name, given = call.name.lower(), call.arguments
        function = FUNCTIONS.get(name)
        if function is None:
            raise NotDrawnError(f"the function {call.name} is not known")
        if not function.takes(len(given)):
            raise NotDrawnError(f"the function {call.name} does not take {len(given)} arguments")
        match name, given:
            case "now", ():
                return pl.lit(self.today)
            case "in", (value, listed):
                return self._membership(again(value), listed, again)
            case "notin", (value, listed):
                return ~self._membership(again(value), listed, again)
            case "truncdate", (period, value, *_):
                return truncated(again(value), period)
            case "extract", (part, value):
                return extracted(again(value), part)
            case "datediff", (start, end, *period):
                return date_difference(again(start), again(end), period[0] if period else None)
            case "adddatetime", (amount, period, value):
                return again(value).dt.offset_by(
                    pl.concat_str([again(amount).cast(pl.String), pl.lit(unit(period)[1:])])
                )
            case "parsedate", (value, *_):
                text = again(value).cast(pl.String)
                return pl.coalesce(
                    text.str.to_datetime(one, strict=False) for one in ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d", "%m/%d/%Y")
                )
            case _ if name in SCALARS:
                return SCALARS[name]([again(one) for one in given])
            case _:
                raise NotDrawnError(f"the function {call.name} is not drawn here")


_OPERATORS: Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: pl.when(right != 0).then(left / right),
    "%": lambda left, right: left % right,
    "^": lambda left, right: left.cast(pl.Float64).pow(right),
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "AND": lambda left, right: left & right,
    "OR": lambda left, right: left | right,
}
