"""The names that a QuickSight expression refers to.

A tokenizer, not a parser: it tells strings, comments, names in braces, parameters and functions apart, which is all
that following references takes. What is between the tokens is not judged.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(
    r"""
      (?P<comment>/\*.*?\*/)
    | (?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
    | \$\{(?P<parameter>[^{}]+)\}
    | \{(?P<field>[^{}]+)\}
    | (?P<function>[A-Za-z_]\w*)(?=\s*\()
    | (?P<bare>[A-Za-z_][\w.]*)
    | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)
    | (?P<unclosed>['"{}]|/\*|\$\{)
    """,
    re.VERBOSE | re.DOTALL,
)

# Words of the language that stand where a bare field name could; in any case.
_WORDS = frozenset({"and", "or", "not", "in", "null", "true", "false", "asc", "desc", "like", "between", "is"})
# Constants that functions take; in upper case only, since a column may well be called Day.
_CONSTANTS = frozenset({"PRE_FILTER", "PRE_AGG", "POST_AGG_FILTER", "AUTO"}) | frozenset(
    {"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND"}
)


class ExpressionError(ValueError):
    """An expression whose strings, braces or comments do not close; the message says where."""


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
        ExpressionError: where a string, a brace or a comment is not closed.
    """
    found: dict[str, dict[str, None]] = {"field": {}, "parameter": {}, "function": {}}
    for token in _TOKEN.finditer(expression):
        kind, text = token.lastgroup or "", token.group(token.lastgroup or 0)
        if kind == "unclosed":
            line = expression.count("\n", 0, token.start()) + 1
            column = token.start() - expression.rfind("\n", 0, token.start())
            raise ExpressionError(f"{text!r} at line {line}, column {column} is not closed")
        if kind == "bare":
            if text.lower() in _WORDS or text in _CONSTANTS:
                continue
            kind = "field"
        if kind == "function" and text.lower() in _WORDS:
            continue
        if kind in found:
            found[kind][text] = None
    return References(
        fields=tuple(found["field"]), parameters=tuple(found["parameter"]), functions=tuple(found["function"])
    )
