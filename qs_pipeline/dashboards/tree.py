"""The tree of an expression: what ``grammar.parse`` makes of its text, for all who follow, judge or compute it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal as OneOf

_WORDS = frozenset({"PRE_FILTER", "PRE_AGG", "POST_AGG_FILTER", "CASE_SENSITIVE", "CASE_INSENSITIVE"})
_PERIODS = frozenset({"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "SECONDS"})

Position = tuple[int, int]
"""Line and column, both from 1."""


def is_word(name: str, function: str, place: int) -> bool:
    """Whether ``name``, the argument of ``function`` at ``place`` from 0, without braces, is a constant and no field.

    Periods are constants of the period functions alone: elsewhere a column may well be called ``Day`` or ``YEAR``.
    """
    word = name.upper()
    is_period = word in _PERIODS and function.lower().startswith("period") and place > 1
    return is_period or (word in _WORDS and place > 0)


@dataclass(frozen=True, kw_only=True)
class Literal:
    """A value that stands in the expression itself; None is ``null``."""

    value: str | int | float | bool | None


@dataclass(frozen=True, kw_only=True)
class Field:
    """A column or a calculated field, written ``{so}`` or bare."""

    name: str
    is_bare: bool = field(default=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """The value of a parameter: ``${so}``."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Word:
    """A constant of the language: a level of calculation, a period, ``$visualDimensions`` in a list of levels."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """A function and its arguments; ``name`` is as written, case means nothing."""

    name: str
    arguments: tuple["Expression", ...]
    at: Position = field(default=(1, 1), compare=False)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """Operands joined by one operator, folded from the left; ``-`` or ``NOT`` with a single operand is unary.

    Attributes:
        operator: ``OR AND NOT IN = <> < <= > >= + - * / % ^``. ``!=`` is told as ``<>``, words in upper case.
    """

    operator: str
    operands: tuple["Expression", ...]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list in brackets: levels, sort keys, or the values that ``in`` looks among."""

    items: tuple["Expression", ...]


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """A sort key with its direction, within a list."""

    key: "Expression"
    direction: OneOf["ASC", "DESC"]


@dataclass(frozen=True, kw_only=True)
class Excluded:
    """A level that a list takes away again: ``[$visualDimensions, !{so}]``."""

    level: "Expression"


Expression = Literal | Field | Parameter | Word | Call | Operation | Listing | Ordered | Excluded


def nodes(tree: Expression) -> Iterator[Expression]:
    """``tree`` and everything below it, parents first, from left to right."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(children(node))


def children(node: Expression) -> tuple[Expression, ...]:
    """What stands directly below ``node``."""
    match node:
        case Call(arguments=below) | Operation(operands=below) | Listing(items=below):
            return below
        case Ordered(key=one) | Excluded(level=one):
            return (one,)
        case _:
            return ()
