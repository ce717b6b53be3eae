"""Cut a definition down to what the data at hand can show.

The rules come from the service model, not from a list of visual kinds: a reference that leads nowhere takes its
nearest optional owner with it. A structure that loses what it requires goes; so does one that is left empty, and a
list that falls below its minimum. What the model does not say is stated in three small tables below. Passes repeat
until one changes nothing, since each loss can leave another reference without its target.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import cast

from qs_pipeline.service_model import Shape, shape

from .definition import ROOT, Definition, JsonObject, objects, strings
from .layout import close_gaps
from .names import Columns, SheetNames, names_of
from .references import Scope, dangling_name, dangling_structure, enter, reference_kind
from .report import KINDS, Removed, name_of

# Members that the model calls optional, and without which their owner says something else than its author meant.
_NEEDED = frozenset(
    {
        *("Visuals", "ChartConfiguration", "FieldWells", "DataSetIdentifier", "FieldId"),
        *("VisualIds", "TargetVisuals", "SelectableValues", "SourceSheetControlId", "ColumnToMatch"),
        *(
            "TextFormat",
            "Format",
            "ParameterName",
            "Parameter",
            "RangeMinimum",
            "RangeMaximum",
            "RangeMinimumValue",
            "RangeMaximumValue",
        ),
    }
)
# Lists that mean something only as a whole: the path to a cell of a pivot table.
_WHOLE = frozenset({"DataPathValueList"})


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """A definition cut down, and the report of what went.

    Attributes:
        definition: Where nothing can be shown it has no ``Sheets``: ``is_empty`` tells, the caller decides.
    """

    definition: Definition
    report: tuple[Removed, ...]

    @property
    def is_empty(self) -> bool:
        """Whether no sheet is left."""
        return not self.definition.sheets


def prune(definition: Definition, columns: Columns) -> Pruned:
    """What of ``definition`` can be shown where exactly the data sets and columns in ``columns`` exist.

    Expects a definition whose values have the types of the service model (``validate.problems`` tells). Nothing in the
    result refers to what is not there; order is kept; pruning again changes nothing.
    """
    content, report = definition.content, list[Removed]()
    settled: _Settled = {}
    before: object = None
    while True:
        scope = Scope(names=names_of(content, columns))
        if (named := scope.names.seen_by_visuals) != before:
            settled.clear()
            before = named
        work = _Pass(report=report, settled=settled)
        after = cast("JsonObject", work.value(ROOT, content, scope))
        if after is content:
            break
        content = _without_arns(content, after)
    kept = {str(sheet.get("SheetId")) for sheet in objects(content.get("Sheets"))}
    files = {sheet: file for sheet, file in definition.files.items() if sheet in kept}
    return Pruned(definition=replace(definition, content=content, files=files), report=tuple(report))


@dataclass(frozen=True)
class _Gone:
    because: str


# Visuals that lost nothing, by identity, with the names of their sheet at that time. They are most of a definition, and
# while these names and those of the definition stay the same, another pass would find nothing in them.
_Settled = dict[int, tuple[JsonObject, SheetNames | None]]


@dataclass(frozen=True, kw_only=True)
class _Pass:
    """One pass over a definition. Values that lose nothing are returned as they are, not copied."""

    report: list[Removed]
    settled: _Settled
    sheet: str = ""
    visual: str = ""

    def value(self, shape_name: str, value: object, scope: Scope) -> object:
        """``value`` without what dangles; ``_Gone`` when it cannot stand."""
        known = shape(shape_name)
        if known.kind == "structure" and isinstance(value, dict):
            return self._reported(known, cast("JsonObject", value), scope)
        if known.kind == "list" and isinstance(value, list):
            return self._list(known, cast("list[object]", value), scope)
        return value

    def _reported(self, known: Shape, value: JsonObject, scope: Scope) -> JsonObject | _Gone:
        kind = KINDS.get(known.name)
        if kind is None:
            return self.structure(known, value, scope)
        if self.settled.get(id(value)) == (value, scope.sheet):
            return value
        before, work = len(self.report), self
        if known.name.endswith("SheetDefinition"):
            work = replace(self, sheet=name_of(known.name, value))
        elif known.name == "Visual":
            work = replace(self, visual=name_of(known.name, value))
        result = work.structure(known, value, scope)
        if isinstance(result, _Gone):
            # One line for the whole; a sheet's visuals are named besides, for they can go for different reasons.
            self.report[before:] = [
                one for one in self.report[before:] if known.name == "SheetDefinition" and one.kind == "visual"
            ]
            name = (f"{self.visual}: " if self.visual else "") + name_of(known.name, value)
            self.report.append(Removed(kind=kind, name=name, sheet=self.sheet, because=result.because))
        elif known.name == "Visual" and result is value:
            self.settled[id(value)] = value, scope.sheet
        return result

    def structure(self, known: Shape, value: JsonObject, scope: Scope) -> JsonObject | _Gone:
        if bad := dangling_structure(known.name, value, scope):
            return _Gone(bad.because)
        if known.name == "ParameterDeclaration" and name_of(known.name, value) not in scope.names.used:
            return _Gone("nothing refers to it")
        inside = enter(known.name, value, scope)
        kept: JsonObject = {}
        changed, because = False, ""
        for member, inner in value.items():
            result = self._member(known, member, inner, inside)
            if isinstance(result, _Gone) and known.name == ROOT and member in known.required:
                result = []  # no data set exists; the root stays, to say of everything else that it went
            if isinstance(result, _Gone):
                if member in known.required or member in _NEEDED or known.name.endswith("FieldWells"):
                    return result
                changed, because = True, because or result.because
            else:
                changed |= result is not inner
                kept[member] = result
        if changed and not kept:
            return _Gone(because)
        if known.name.endswith("SheetDefinition") and not kept.get("Visuals"):
            return _Gone("it has no visual")
        return kept if changed else value

    def _member(self, known: Shape, member: str, value: object, scope: Scope) -> object:
        target = known.members.get(member)
        if target is None:
            return _unknown(value, scope)
        if isinstance(value, str):
            return _text(known.name, member, value, scope)
        return self.value(target, value, scope) if _refers(target) else value

    def _list(self, known: Shape, values: list[object], scope: Scope) -> list[object] | _Gone:
        element = known.element or ""
        results = [
            _text(known.name, "[]", one, scope) if isinstance(one, str) else self.value(element, one, scope)
            for one in values
        ]
        gone = {index: result for index, result in enumerate(results) if isinstance(result, _Gone)}
        kept = [result for result in results if not isinstance(result, _Gone)]
        if gone:
            least = len(values) if known.name in _WHOLE else max(known.minimum or 0, 1)
            if len(kept) < least:
                return _Gone(_reasons(gone.values()))
            if element.endswith("LayoutElement") and all(isinstance(one, dict) for one in values):
                placed = [old if index in gone else results[index] for index, old in enumerate(values)]
                return list[object](close_gaps(cast("list[JsonObject]", placed), gone))
        return kept if any(new is not old for new, old in zip(results, values, strict=True)) else values


def _text(owner: str, member: str, value: str, scope: Scope) -> str | _Gone:
    kind = reference_kind(owner, member)
    bad = dangling_name(kind, value, scope) if kind else None
    return _Gone(bad.because) if bad else value


def _unknown(value: object, scope: Scope) -> object:
    """A value that the service model does not know, kept if the columns that it names exist."""
    within: list[object] = []
    if isinstance(value, list):
        within = cast("list[object]", value)
    elif isinstance(value, dict):
        one = cast("JsonObject", value)
        bad = dangling_structure("ColumnIdentifier", one, scope)
        if bad is None and isinstance(name := one.get("DataSetIdentifier"), str):
            bad = dangling_name("data set", name, scope)
        if bad:
            return _Gone(bad.because)
        within = list(one.values())
    gone = [result for one in within if isinstance(result := _unknown(one, scope), _Gone)]
    return gone[0] if gone else cast("object", value)


def _reasons(gone: Iterable[_Gone]) -> str:
    return "; ".join(dict.fromkeys(one.because for one in gone))


@cache
def _refers(shape_name: str) -> bool:
    """Whether anything below a shape can dangle; most of a definition is fonts and formats, which need no visit."""
    seen: set[str] = set()
    waiting = [shape_name]
    while waiting:
        known = shape(waiting.pop())
        if known.name in seen:
            continue
        seen.add(known.name)
        if known.element:
            if reference_kind(known.name, "[]"):
                return True
            waiting.append(known.element)
        for member, target in known.members.items():
            if reference_kind(known.name, member) or target in {"ColumnIdentifier", "Expression"}:
                return True
            waiting.append(target)
    return False


def _without_arns(before: JsonObject, after: JsonObject) -> JsonObject:
    """``after`` without the exclusions of data sets that were declared ``before`` and are no more."""
    options = after.get("Options")
    if not isinstance(options, dict) or "ExcludedDataSetArns" not in options:
        return after
    old, new = (
        {
            one.get(key)
            for one in objects(content.get("DataSetIdentifierDeclarations"))
            for key in ("DataSetArn", "Identifier")
        }
        for content in (before, after)
    )
    arns = [arn for arn in strings(cast("JsonObject", options)["ExcludedDataSetArns"]) if arn not in old - new]
    return {**after, "Options": {**cast("JsonObject", options), "ExcludedDataSetArns": arns}}
