"""The names that a QuickSight expression refers to, as its tree tells them."""

from dataclasses import dataclass
from functools import lru_cache

from .grammar import ExpressionError, parse
from .tree import Call, Expression, Field, Parameter, nodes

__all__ = ["ExpressionError", "References", "references"]


@dataclass(frozen=True, kw_only=True)
class References:
    """What an expression names, each once, in order of appearance."""

    fields: tuple[str, ...]
    parameters: tuple[str, ...]
    functions: tuple[str, ...]


@lru_cache(maxsize=4096)
def references(expression: str) -> References:
    """The fields, parameters and functions that ``expression`` names.

    Raises:
        ExpressionError: where it cannot be read.
    """
    tree = parse(expression)
    return References(fields=_named(tree, Field), parameters=_named(tree, Parameter), functions=_named(tree, Call))


def _named(tree: Expression, kind: type[Field | Parameter | Call]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(node.name for node in nodes(tree) if isinstance(node, kind)))
