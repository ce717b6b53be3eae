"""The functions of the expression language: their names, how many arguments each takes, and what kind each is.

Held against "Functions by category" and the page of each function in the AWS user guide, as of 2026; what those pages
call optional is optional here. QuickSight adds functions; a definition can name those that are not yet here in a file
``functions.json`` of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from .tree import Call, Expression, nodes

Kind = Literal["scalar", "aggregate", "table calculation"]


@dataclass(frozen=True, kw_only=True)
class Function:
    """One function.

    Attributes:
        name: As the guide spells it; expressions may write it in any case.
        least: The fewest arguments it takes; ``most`` the most, None where there is no limit. A list counts as one.
        step: What more than the fewest come by: 2 where cases are told by pairs.
        kind: ``scalar`` is computed for each row, ``aggregate`` for each group, ``table calculation`` across groups or,
            with ``PRE_FILTER`` or ``PRE_AGG``, across rows. An aggregate with a list of levels is level-aware.
    """

    name: str
    least: int
    most: int | None
    step: int = 1
    kind: Kind = "scalar"

    def takes(self, count: int) -> bool:
        """Whether it may be called with ``count`` arguments."""
        least, most = self.least, count if self.most is None else self.most
        return least <= count <= most and (count - least) % self.step == 0


Functions = Mapping[str, Function]
"""Functions by name in lower case."""


def _table(kind: Kind, text: str) -> dict[str, Function]:
    """``name 1-3 other 2 another 1+ cases 3+2``: names with the numbers of arguments they take."""
    words = text.split()
    found: dict[str, Function] = {}
    for name, count in zip(words[::2], words[1::2], strict=True):
        counts, more, step = count.partition("+")
        least, _, most = counts.partition("-")
        found[name.lower()] = Function(
            name=name,
            least=int(least),
            most=None if more else int(most or least),
            step=int(step or 1),
            kind=kind,
        )
    return found


_SCALAR = """
    coalesce 2+ ifelse 3+2 in 2 isNotNull 1 isNull 1 notIn 2 nullIf 2 switch 4+2
    addDateTime 3 addWorkDays 2 dateDiff 2-3 epochDate 1 extract 2 formatDate 1-3 isWorkDay 1 netWorkDays 2 now 0
    truncDate 2
    abs 1 ceil 1 decimalToInt 1 exp 1 floor 1 intToDecimal 1 ln 1 log 1 mod 2 round 1-2 sqrt 1
    concat 2+ contains 2-3 endsWith 2-3 left 2 locate 2-3 ltrim 1 parseDate 1-3 parseDecimal 1 parseInt 1 parseJson 2
    replace 3 right 2 rtrim 1 split 3 startsWith 2-3 strlen 1 substring 3 toLower 1 toString 1 toUpper 1 trim 1
"""
# Each may be given a list of levels after its own arguments, the functions of periods apart. The guide writes
# distinct_count; exported definitions write distinctCount, too.
_AGGREGATE = """
    avg 1-2 avgIf 2-3 count 1-2 countIf 2-3 distinct_count 1-2 distinctCount 1-2 distinct_countIf 2-3 max 1-2 maxIf 2-3
    median 1-2 medianIf 2-3 min 1-2 minIf 2-3 percentile 2-3 percentileCont 2-3 percentileDisc 2-3
    stdev 1-2 stdevIf 2-3 stdevp 1-2 stdevpIf 2-3 sum 1-2 sumIf 2-3 var 1-2 varIf 2-3 varp 1-2 varpIf 2-3
    periodToDateAvg 3-4 periodToDateCount 3-4 periodToDateMax 3-4 periodToDateMedian 3-4 periodToDateMin 3-4
    periodToDatePercentile 4-5 periodToDatePercentileCont 4-5 periodToDateStDev 3-4 periodToDateStDevP 3-4
    periodToDateSum 3-4 periodToDateVar 3-4 periodToDateVarP 3-4
"""
_TABLE_CALCULATION = """
    difference 3-4 lag 3-4 lead 3-4 percentDifference 3-4
    avgOver 1-3 countOver 1-3 distinctCountOver 1-3 maxOver 1-3 minOver 1-3 percentOfTotal 1-3 stdevOver 1-3
    stdevpOver 1-3 sumOver 1-3 varOver 1-3 varpOver 1-3
    percentileOver 2-4 percentileContOver 2-4 percentileDiscOver 2-4
    periodOverPeriodDifference 2-4 periodOverPeriodLastValue 2-4 periodOverPeriodPercentDifference 2-4
    periodToDateAvgOverTime 2-3 periodToDateCountOverTime 2-3 periodToDateMaxOverTime 2-3 periodToDateMinOverTime 2-3
    periodToDateSumOverTime 2-3
    denseRank 1-3 percentileRank 1-3 rank 1-3 firstValue 2-3 lastValue 2-3
    runningAvg 2-3 runningCount 2-3 runningMax 2-3 runningMin 2-3 runningSum 2-3
    windowAvg 4-5 windowCount 4-5 windowMax 4-5 windowMin 4-5 windowSum 4-5
"""

FUNCTIONS: Functions = {
    **_table("scalar", _SCALAR),
    **_table("aggregate", _AGGREGATE),
    **_table("table calculation", _TABLE_CALCULATION),
}


@dataclass(frozen=True, kw_only=True)
class Misuse:
    """A call that QuickSight would refuse; of an unknown function ``name``, and the names that are ``known``."""

    because: str
    name: str = ""
    known: tuple[str, ...] = ()


def misuses(tree: Expression, functions: Functions = FUNCTIONS) -> Iterator[Misuse]:
    """The calls within ``tree`` of functions that are not known, or that take another number of arguments."""
    for call in nodes(tree):
        if not isinstance(call, Call):
            continue
        where = f"{call.name} at line {call.at[0]}, column {call.at[1]}"
        function = functions.get(call.name.lower())
        given = len(call.arguments)
        if function is None:
            known = tuple(one.name for one in functions.values())
            because = f"{where} is no function that is known (a new one of QuickSight can be told in functions.json)"
            yield Misuse(because=because, name=call.name, known=known)
        elif not function.takes(given):
            yield Misuse(because=f"{where} takes {_count(function)}, not {given}")


def _count(function: Function) -> str:
    least, most, step = function.least, function.most, function.step
    if step > 1:
        return f"{least}, {least + step}, {least + 2 * step} ... arguments"
    if most is None:
        return f"{least} arguments or more"
    if least == most:
        return f"{least} argument{'' if least == 1 else 's'}"
    return f"{least} to {most} arguments"
