"""Cut a definition down to what the data at hand can show.

The rules come from the service model, not from a list of visual kinds: a reference that leads nowhere takes its
nearest optional owner with it. A structure that loses what it requires goes; so does one that is left empty, and a
list that falls below its minimum. What the model does not say is stated in three small tables below. Passes repeat
until one changes nothing, since each loss can leave another reference without its target.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import cast

from qs_pipeline.service_model import Shape, shape

from .definition import ROOT, Definition, JsonObject, objects, strings
from .layout import close_gaps
from .names import Columns, names_of
from .references import BELOW, Scope, dangling_name, dangling_structure, enter, ways
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
# What the root requires, and what stays empty where no data set exists, to say of everything else that it went.
_LASTING = "DataSetIdentifierDeclarationList"
_UNKNOWN = "unknown to the service model"


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
    is_last = False
    while True:
        scope = Scope(names=names_of(content, columns))
        work = _Pass(report=report, settled=settled, is_last=is_last)
        after = cast("JsonObject", work.structure(ROOT, content, scope))
        if after is content and is_last:
            break
        is_last = after is content
        content = _without_arns(content, after)
    kept = {str(sheet.get("SheetId")) for sheet in objects(content.get("Sheets"))}
    files = {sheet: file for sheet, file in definition.files.items() if sheet in kept}
    return Pruned(definition=replace(definition, content=content, files=files), report=tuple(report))


@dataclass(frozen=True)
class _Gone:
    because: str


# Visuals that lost nothing and refer to nothing that another pass may find gone, by identity. They are most of a
# definition. Columns and parameters do not go later: what cannot be computed is known to be so from the first pass on,
# and a parameter goes when nothing refers to it.
_Settled = dict[int, JsonObject]
_OF_VISUALS = frozenset({"field", "hierarchy", "data set", "parameter"})


@dataclass(frozen=True, kw_only=True)
class _Pass:
    """One pass over a definition. Values that lose nothing are returned as they are, not copied.

    Attributes:
        is_last: Whether nothing else goes: then it pays to look at every text for the parameters that it shows.
        asked: The kinds of references of the visual around.
    """

    report: list[Removed]
    settled: _Settled
    is_last: bool
    sheet: str = ""
    visual: str = ""
    asked: set[str] = field(default_factory=set[str])

    def structure(self, shape_name: str, value: JsonObject, scope: Scope) -> JsonObject | _Gone:
        """``value`` without what dangles; ``_Gone`` when it cannot stand."""
        kind = KINDS.get(shape_name)
        if kind is None:
            return self.cut(shape_name, value, scope)
        if id(value) in self.settled:
            return value
        before, work = len(self.report), self
        if shape_name.endswith("SheetDefinition"):
            work = replace(self, sheet=name_of(shape_name, value))
        elif shape_name == "Visual":
            work = replace(self, visual=name_of(shape_name, value), asked=set[str]())
        result = work.cut(shape_name, value, scope)
        if not isinstance(result, _Gone) and (why := self._useless(shape_name, result, scope)):
            result = _Gone(why)
        if isinstance(result, _Gone):
            # One line for the whole; a sheet's visuals are named besides, for they can go for different reasons.
            self.report[before:] = [
                one for one in self.report[before:] if shape_name == "SheetDefinition" and one.kind == "visual"
            ]
            name = (f"{self.visual}: " if self.visual else "") + name_of(shape_name, value)
            self.report.append(Removed(kind=kind, name=name, sheet=self.sheet, because=result.because))
        elif shape_name == "Visual" and result is value and work.asked <= _OF_VISUALS:
            self.settled[id(value)] = value
        return result

    def _useless(self, shape_name: str, value: JsonObject, scope: Scope) -> str:
        """Why nobody misses ``value``, in which nothing dangles."""
        if shape_name.endswith("SheetDefinition") and not value.get("Visuals"):
            return "it has no visual"
        is_judged = shape_name == "ParameterDeclaration" and self.is_last
        return "nothing refers to it" if is_judged and name_of(shape_name, value) not in scope.names.used else ""

    def cut(self, shape_name: str, value: JsonObject, scope: Scope) -> JsonObject | _Gone:
        """As ``structure``, without a report of ``value`` itself."""
        if bad := dangling_structure(shape_name, value, scope):
            return _Gone(bad.because)
        known, leading, inside = shape(shape_name), ways(shape_name), enter(shape_name, value, scope)
        changes: dict[str, object] = {}
        for member, inner in value.items():
            if (way := leading.get(member, _UNKNOWN)) is None:
                continue
            result = self._part(way, known.inside.get(member, ""), inner, inside)
            if isinstance(result, _Gone) and _is_needed(known, member):
                return result
            if result is not inner:
                changes[member] = result
        if not changes:
            return value
        kept = {one: new for one, old in value.items() if not isinstance(new := changes.get(one, old), _Gone)}
        return kept if kept or shape_name == ROOT else _Gone(_reasons(changes.values()))

    def _part(self, way: str, shape_name: str, value: object, scope: Scope) -> object:
        """What is left of ``value``, a member of a structure or an item of a list; ``way`` says how it refers."""
        if way == _UNKNOWN:
            return _unknown(value, scope)
        if way != BELOW:
            self.asked.add(way)
            bad = dangling_name(way, value, scope) if isinstance(value, str) else None
            return _Gone(bad.because) if bad else value
        kind = shape(shape_name).kind
        if kind == "structure" and isinstance(value, dict):
            return self.structure(shape_name, cast("JsonObject", value), scope)
        if kind == "list" and isinstance(value, list):
            return self._list(shape_name, cast("list[object]", value), scope)
        return value

    def _list(self, shape_name: str, values: list[object], scope: Scope) -> list[object] | _Gone:
        known, way = shape(shape_name), ways(shape_name)["[]"] or BELOW
        results = [self._part(way, known.inside["[]"], one, scope) for one in values]
        if results == values:
            return values
        kept = [result for result in results if not isinstance(result, _Gone)]
        if len(kept) == len(values):
            return kept
        least = len(values) if shape_name in _WHOLE else max(known.minimum or 0, 1)
        if len(kept) < least and shape_name != _LASTING:
            return _Gone(_reasons(results))
        if shape_name.endswith("LayoutElementList"):
            gone = {index for index, result in enumerate(results) if isinstance(result, _Gone)}
            placed = [old if index in gone else results[index] for index, old in enumerate(values)]
            return list[object](close_gaps(objects(placed), gone))
        return kept


def _is_needed(owner: Shape, member: str) -> bool:
    return member in owner.required or member in _NEEDED or owner.name.endswith("FieldWells")


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


def _reasons(results: Iterable[object]) -> str:
    return "; ".join(dict.fromkeys(one.because for one in results if isinstance(one, _Gone)))


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
