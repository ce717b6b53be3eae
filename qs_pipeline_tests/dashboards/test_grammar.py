"""Expressions are read as QuickSight reads them; what cannot be read is told with its place."""

import re

import pytest

from qs_pipeline.dashboards.functions import FUNCTIONS, misuses
from qs_pipeline.dashboards.grammar import ExpressionError, parse
from qs_pipeline.dashboards.tree import (
    Call,
    Excluded,
    Expression,
    Field,
    Listing,
    Literal,
    Operation,
    Ordered,
    Parameter,
    children,
)
from qs_pipeline.service_model import nearest

_TOLD = "(a new one of QuickSight can be told in functions.json)"


def _written(node: Expression) -> str:
    """``node`` with every operation in parentheses, so that a test shows what binds first."""
    below = [_written(one) for one in children(node)]
    match node:
        case Operation(operator=sign):
            return f"({sign} {below[0]})" if len(below) == 1 else f"({f' {sign} '.join(below)})"
        case Call(name=name):
            return f"{name}({', '.join(below)})"
        case Listing():
            return f"[{', '.join(below)}]"
        case Ordered(direction=direction):
            return f"{below[0]} {direction}"
        case Excluded():
            return f"!{below[0]}"
        case _:
            return _leaf(node)


def _leaf(node: Expression) -> str:
    if isinstance(node, Literal):
        return repr(node.value)
    mark = {Field: "{%s}", Parameter: "${%s}"}.get(type(node), "%s")
    return mark % getattr(node, "name", node)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a + b * c ^ 2", "({a} + ({b} * ({c} ^ 2)))"),
        ("a - b - c", "({a} - {b} - {c})"),
        ("a - (b - c) + 1", "(({a} - ({b} - {c})) + 1)"),
        ("-2 ^ -2", "(- (2 ^ (- 2)))"),
        ("7 % 2 / .5", "((7 % 2) / 0.5)"),
        ("not a = 1 or b != 2 And c", "((NOT ({a} = 1)) OR (({b} <> 2) AND {c}))"),
        ("{a b} In ['x', \"y\"]", "({a b} IN ['x', 'y'])"),
        ("in(a, ['x'])", "in({a}, ['x'])"),
        ("now()", "now()"),
        ("Null + TRUE", "(None + True)"),
        ("a.b /* {no} */ + ${p q}", "({a.b} + ${p q})"),
        ("a\r\n  >= 1", "({a} >= 1)"),
        (r"'it\'s' = 'it''s'", '("it\'s" = "it\'s")'),
        ("sum({x}, [$visualDimensions, !{y}])", "sum({x}, [$visualDimensions, !{y}])"),
        ("runningSum(sum(x), [Day asc, sum(y) DESC], [])", "runningSum(sum({x}), [{Day} ASC, sum({y}) DESC], [])"),
        ("sumOver(x, [y], PRE_AGG)", "sumOver({x}, [{y}], PRE_AGG)"),
        ("sum(x, [${visualDimensions}])", "sum({x}, [$visualDimensions])"),
        ("a // what it is\r\n / b // 'and why", "({a} / {b})"),
        ("// alone\n'http://x' /* // */ + a", "('http://x' + {a})"),
        ("contains(a, 'b', case_insensitive)", "contains({a}, 'b', CASE_INSENSITIVE)"),
        ("periodToDateSum(YEAR, d, year)", "periodToDateSum({YEAR}, {d}, YEAR)"),
        ("ifelse(YEAR = 1, YEAR, {PRE_AGG})", "ifelse(({YEAR} = 1), {YEAR}, {PRE_AGG})"),
        ("android + notIn + input + \u00dcbung", "({android} + {notIn} + {input} + {\u00dcbung})"),
    ],
)
def test_operators_bind_as_in_the_guide(text: str, tree: str) -> None:
    assert _written(parse(text)) == tree


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *[(f"1\n + {open_}x", f"'{open_}' at line 2, column 4 is not closed") for open_ in ("{", "/*", "${", '"')],
        ("1\n + 'x", '"\'" at line 2, column 4 is not closed'),
        ("a }", "'}' at line 1, column 3, where an operator"),
        ("ifelse(a, 1", "it ends where ')' or ',' was expected"),
        ("", "it ends where a value was expected"),
        ("sum(, a)", "',' at line 1, column 5, where a value or ')' was expected"),
        ("a b", "'b' at line 1, column 3, where an operator or the end was expected"),
        ("a DESC", "'DESC' at line 1, column 3, where the end was expected"),
        ("-" * 300 + "1", "nests deeper than 200 levels"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(ExpressionError, match=re.escape(said)):
        parse(text)


def test_a_long_sum_is_one_operation_and_not_a_deep_tree() -> None:
    tree = parse(" + ".join(["a"] * 5000))
    assert isinstance(tree, Operation)
    assert len(tree.operands) == 5000


@pytest.mark.parametrize(
    ("text", "said", "meant"),
    [
        ("ifelse(a, 1)", "ifelse at line 1, column 1 takes 3, 5, 7 ... arguments, not 2", None),
        ("switch(a, 1, 2, 3, 4)", "switch at line 1, column 1 takes 4, 6, 8 ... arguments, not 5", None),
        ("concat(a)", "concat at line 1, column 1 takes 2 arguments or more, not 1", None),
        ("1 + ceil()", "ceil at line 1, column 5 takes 1 argument, not 0", None),
        ("left(a)", "left at line 1, column 1 takes 2 arguments, not 1", None),
        ("sumover(a, [b], PRE_AGG, 1)", "sumover at line 1, column 1 takes 1 to 3 arguments, not 4", None),
        (
            "summ(a)",
            f"summ at line 1, column 1 is no function that is known {_TOLD}",
            "sum",
        ),
    ],
)
def test_calls_are_held_against_the_functions_there_are(text: str, said: str, meant: str | None) -> None:
    (found,) = misuses(parse(text))
    assert (found.because, nearest(found.name, found.known)) == (said, meant)


def test_functions_are_known_by_name_whatever_their_case() -> None:
    assert list(misuses(parse("IFELSE(isnull(a), Distinct_Count(b), rank([sum(c) DESC]))"))) == []
    assert FUNCTIONS["sumover"].kind == "table calculation"
    assert FUNCTIONS["distinct_count"].kind == "aggregate"
    assert {function.kind for function in FUNCTIONS.values()} == {"scalar", "aggregate", "table calculation"}
