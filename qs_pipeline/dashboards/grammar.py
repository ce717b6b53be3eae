"""The expression language of QuickSight: text in, a small tree out.

One grammar for all who read expressions: pruning follows the names in them, validation judges their functions, the
embedded viewer computes them. What names and functions mean is not asked here; ``functions`` and ``names`` know.
"""

from functools import cache, lru_cache
from typing import cast

from lark import Lark, Token, Transformer, v_args  # pyright: ignore[reportUnknownVariableType]
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from .tree import (
    Call,
    Excluded,
    Expression,
    Field,
    Listing,
    Literal,
    Operation,
    Ordered,
    Parameter,
    Word,
    children,
    is_word,
)

_GRAMMAR = r"""
    ?start: either
    ?either: both (OR both)*
    ?both: negation (AND negation)*
    ?negation: NOT negation                         -> unary
        | comparison
    ?comparison: sum ((COMPARED | IN) sum)*
    ?sum: product ((PLUS | MINUS) product)*
    ?product: signed (TIMES signed)*
    ?signed: (PLUS | MINUS) signed                  -> unary
        | power
    ?power: value (POWER signed)?
    ?value: NUMBER                                  -> number
        | STRING                                    -> text
        | (NULL | TRUE | FALSE)                     -> word
        | FIELD                                     -> field
        | PARAMETER                                 -> parameter
        | NAME                                      -> name
        | NAME "(" [either ("," either)*] ")"       -> call
        | "[" [item ("," item)*] "]"                -> listing
        | "(" either ")"
    ?item: either
        | either (ASC | DESC)                       -> ordered
        | DIMENSIONS                                -> dimensions
        | "!" either                                -> excluded

    OR.2: /or\b/i
    AND.2: /and\b/i
    NOT.2: /not\b/i
    IN.2: /in\b/i
    ASC.2: /asc\b/i
    DESC.2: /desc\b/i
    NULL.2: /null\b/i
    TRUE.2: /true\b/i
    FALSE.2: /false\b/i
    COMPARED: "<=" | ">=" | "<>" | "!=" | "=" | "<" | ">"
    PLUS: "+"
    MINUS: "-"
    TIMES: "*" | "/" | "%"
    POWER: "^"
    NUMBER: /(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?/
    STRING: /'(\\.|''|[^'\\])*'|"(\\.|""|[^"\\])*"/s
    FIELD: /\{[^{}]+\}/
    PARAMETER: /\$\{[^{}]+\}/
    DIMENSIONS.2: /\$visualDimensions\b|\$\{visualDimensions\}/i
    NAME: /[^\W\d][\w.]*/
    COMMENT: /\/\*[\s\S]*?\*\/|\/\/[^\n]*/
    SPACE: /\s+/
    %ignore COMMENT
    %ignore SPACE
"""

# An expression is somebody else's text: what nests deeper than anyone writes would exhaust the stack of who walks it.
_DEEPEST = 200


class ExpressionError(ValueError):
    """An expression that cannot be read; the message says where and what was expected."""


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """The tree of ``text``.

    Raises:
        ExpressionError: where it does not follow the grammar, or nests deeper than 200 levels.
    """
    try:
        tree = cast("Expression", _parser().parse(text))
    except UnexpectedInput as error:
        raise ExpressionError(_complaint(error, text)) from None
    except VisitError as error:
        raise ExpressionError(str(error.orig_exc)) from None
    if _depth(tree) > _DEEPEST:
        raise ExpressionError(f"it nests deeper than {_DEEPEST} levels; split it into several calculated fields")
    return tree


def _depth(tree: Expression) -> int:
    depth, level = 0, [tree]
    while level:
        depth, level = depth + 1, [below for node in level for below in children(node)]
    return depth


@v_args(inline=True)
class _Tree(Transformer[Token, Expression]):
    """Builds the tree while the parser reads, without a tree of its own in between."""

    def chain(self, first: Expression, *rest: Expression | Token) -> Expression:
        operator = ""
        operands: list[Expression] = [first]
        for sign, operand in zip(rest[::2], rest[1::2], strict=True):
            said = {"!=": "<>"}.get(str(sign), str(sign).upper())
            if said != operator:
                if operator:
                    operands = [Operation(operator=operator, operands=tuple(operands))]
                operator = said
            operands.append(cast("Expression", operand))
        return Operation(operator=operator, operands=tuple(operands))

    either = both = comparison = sum = product = power = chain

    def unary(self, sign: Token, operand: Expression) -> Expression:
        return Operation(operator=str(sign).upper(), operands=(operand,))

    def number(self, token: Token) -> Expression:
        return Literal(value=int(token) if token.isdecimal() else float(token))

    def text(self, token: Token) -> Expression:
        quote, inner = token[0], str(token[1:-1])
        return Literal(value=inner.replace(quote * 2, quote).replace(f"\\{quote}", quote).replace("\\\\", "\\"))

    def word(self, token: Token) -> Expression:
        return Literal(value={"null": None, "true": True, "false": False}[token.lower()])

    def field(self, token: Token) -> Expression:
        return Field(name=str(token[1:-1]))

    def parameter(self, token: Token) -> Expression:
        return Parameter(name=str(token[2:-1]))

    def name(self, token: Token) -> Expression:
        return Field(name=str(token), is_bare=True)

    def call(self, name: Token, *arguments: Expression | None) -> Expression:
        at = (name.line or 1, name.column or 1)
        given = [one for one in arguments if one]
        for place, one in enumerate(given):
            if isinstance(one, Field) and one.is_bare and is_word(one.name, name, place):
                given[place] = Word(name=one.name.upper())
        return Call(name=str(name), arguments=tuple(given), at=at)

    def listing(self, *items: Expression | None) -> Expression:
        return Listing(items=tuple(one for one in items if one))

    def ordered(self, key: Expression, direction: Token) -> Expression:
        return Ordered(key=key, direction="ASC" if direction.upper() == "ASC" else "DESC")

    def dimensions(self, token: Token) -> Expression:
        return Word(name=str(token).replace("{", "").replace("}", ""))

    def excluded(self, level: Expression) -> Expression:
        return Excluded(level=level)


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", transformer=_Tree(), maybe_placeholders=False)


_SAID = {"RPAR": "')'", "RSQB": "']'", "LPAR": "'('", "COMMA": "','", "$END": "the end"}
_OPERATORS = frozenset({"OR", "AND", "IN", "COMPARED", "PLUS", "MINUS", "TIMES", "POWER"})


def _complaint(error: UnexpectedInput, text: str) -> str:
    where = f"at line {error.line}, column {error.column}"
    rest = text[error.pos_in_stream or 0 :]
    opening = next((sign for sign in ("/*", "${", "{", "'", '"') if rest.startswith(sign)), None)
    # Where a string or name is whole, it stands in a wrong place; where it is not, no terminal matches it.
    if opening == "/*" or (opening and isinstance(error, UnexpectedCharacters)):
        return f"{opening!r} {where} is not closed"
    if isinstance(error, UnexpectedToken):
        token, expected = cast("Token", error.token), _expected(error.accepts or error.expected)
        if token.type == "$END":
            return f"it ends where {expected} was expected"
        return f"{str(token)!r} {where}, where {expected} was expected"
    allowed = error.allowed if isinstance(error, UnexpectedCharacters) else None
    return f"{rest[:1]!r} {where}, where {_expected(allowed or set())} was expected"


def _expected(terminals: set[str]) -> str:
    """The terminals that may stand at a place, in the words of people."""
    words = [said for terminal, said in _SAID.items() if terminal in terminals and terminal != "LPAR"]
    if "NUMBER" in terminals:
        words.insert(0, "a value")
    elif terminals & _OPERATORS:
        words.insert(0, "an operator")
    return " or ".join(words) or "something else"
