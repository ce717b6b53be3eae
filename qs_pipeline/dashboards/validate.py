"""Find every fault of a definition before QuickSight is asked.

Four questions, each over the whole definition: does it fit the service model, does every reference lead somewhere, is
every name given once, do its expressions call functions that there are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import cast

from qs_pipeline.service_model import Node, Path, below, render, shape, violations, walk

from .definition import ROOT, Definition, JsonObject, objects, sheet_title, visual_title
from .functions import Functions, misuses
from .grammar import ExpressionError, parse
from .names import Columns, names_of
from .references import Dangling, Scope, dangling_name, dangling_structure, enter, reference_kind, refers
from .report import KINDS, name_of
from .unique import names, repeated

_DECLARATIONS = "DataSetIdentifierDeclarations"
_LONGEST = 80
# Stands in for the ARN that a definition in its folder form does not have yet.
_SOME_ARN = "arn:aws:quicksight:us-east-1:000000000000:dataset/unbound"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One fault of a definition, with its place in the words of people and of the API.

    Attributes:
        file: The file that holds it; empty where the definition did not come from one.
        sheet: The title of the sheet, if it lies in one; ``visual`` likewise.
        part: What it lies in beside the sheets, such as ``calculated field 'POS.Name'``.
        path: Within the definition, such as ``Sheets[2].Visuals[0].KPIVisual.VisualId``.
        message: What is wrong.
        nearest: The name that was perhaps meant.
    """

    file: str
    sheet: str
    visual: str
    part: str
    path: str
    message: str
    nearest: str | None = None

    def __str__(self) -> str:
        where = [
            self.file,
            self.sheet and f"sheet {_short(self.sheet)!r}",
            self.visual and f"visual {_short(self.visual)!r}",
            self.part,
            self.path,
        ]
        hint = f"; did you mean {self.nearest!r}?" if self.nearest else ""
        return f"{', '.join(part for part in where if part)}: {self.message}{hint}"


def _short(title: str) -> str:
    return title if len(title) <= _LONGEST else f"{title[:_LONGEST]}..."


def problems(definition: Definition, columns: Columns) -> list[Problem]:
    """Every fault of ``definition`` where exactly the data sets and columns in ``columns`` exist; empty when sound."""
    content = _with_arns(definition.content)
    found = [(one.path, Dangling(because=one.message)) for one in violations(ROOT, content)]
    nodes = list(walk(ROOT, content, into=_is_asked))
    twice = list(repeated(nodes))
    found += [(path, Dangling(because=message)) for path, message in twice]
    if not any(path[-1] == "SheetId" for path, _ in twice):  # else what refers to one sheet is looked for on another
        found += _dangling(nodes, Scope(names=names_of(content, columns)))
    found += _misuses(nodes, definition.functions)
    first: dict[Path, Dangling] = {}
    for path, bad in found:
        first.setdefault(path, bad)  # what breaks the model, or is named twice, says more than what follows from it
    return [_problem(definition, path, bad) for path, bad in first.items()]


@cache
def _is_asked(shape_name: str) -> bool:
    """Whether a question beside that of the model is about something in a value of a shape."""
    return refers(shape_name) or any(names(one) for one in below(shape_name))


def _with_arns(content: JsonObject) -> JsonObject:
    if not objects(content.get(_DECLARATIONS)):
        return content
    declared = [{"DataSetArn": _SOME_ARN, **one} for one in objects(content[_DECLARATIONS])]
    return {**content, _DECLARATIONS: declared}


def _dangling(nodes: list[Node], outer: Scope) -> Iterator[tuple[Path, Dangling]]:
    scopes: list[tuple[Path, Scope]] = [((), outer)]
    whole: Path | None = None  # a column that dangles is reported as a whole, not its parts again
    for node in nodes:
        while node.path[: len(scopes[-1][0])] != scopes[-1][0]:
            scopes.pop()
        held: object = node.value
        if isinstance(held, dict):
            value, scope = cast("JsonObject", held), scopes[-1][1]
            if bad := dangling_structure(node.shape, value, scope):
                whole = node.path
                yield node.path, bad
            inside = enter(node.shape, value, scope)
            if inside is not scope:
                scopes.append((node.path, inside))
        elif isinstance(held, list) and reference_kind(node.shape, "[]"):
            for index, name in enumerate(cast("list[object]", held)):
                yield from _text(node.shape, "[]", name, (*node.path, index), scopes[-1][1])
        if isinstance(held, dict) and node.path != whole:
            for member, text in cast("JsonObject", held).items():
                yield from _text(node.shape, member, text, (*node.path, member), scopes[-1][1])


def _misuses(nodes: list[Node], functions: Functions) -> Iterator[tuple[Path, Dangling]]:
    for node in nodes:
        expression = cast("JsonObject", node.value).get("Expression") if isinstance(node.value, dict) else None
        if not isinstance(expression, str):
            continue
        try:
            found = list(misuses(parse(expression), functions))
        except ExpressionError:
            continue  # what stands around it dangles, and says why
        for one in found[:1]:
            yield (*node.path, "Expression"), Dangling(because=one.because, name=one.name, known=one.known)


def _text(owner: str, member: str, text: object, path: Path, scope: Scope) -> Iterator[tuple[Path, Dangling]]:
    kind = reference_kind(owner, member) if isinstance(text, str) else None
    if kind and (bad := dangling_name(kind, str(text), scope)):
        yield path, bad


def _problem(definition: Definition, path: Path, bad: Dangling) -> Problem:
    file, sheet_name, visual_name, part = definition.file, "", "", ""
    match path:
        case ("Sheets", int(index), *rest) if index < len(definition.sheets):
            sheet = definition.sheets[index]
            sheet_name, file = sheet_title(sheet), definition.files.get(str(sheet.get("SheetId")), file)
            match rest:
                case ("Visuals", int(place), *_) if place < len(objects(sheet.get("Visuals"))):
                    visual_name = visual_title(objects(sheet.get("Visuals"))[place])
                case _:
                    pass
        case (str(member), int(index), *_):
            part = _part(member, definition.content[member][index])
        case _:
            pass
    return Problem(
        file=file,
        sheet=sheet_name,
        visual=visual_name,
        part=part,
        path=render(path),
        message=bad.because,
        nearest=bad.nearest,
    )


def _part(member: str, value: object) -> str:
    """What people call ``value``, an item of a list beside the sheets; empty where they have no word for it."""
    kind = shape(shape(ROOT).members[member]).element or ""
    known = kind in KINDS and isinstance(value, dict)
    return f"{KINDS[kind]} {_short(name_of(kind, cast('JsonObject', value)))!r}" if known else ""
