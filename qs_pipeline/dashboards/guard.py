"""Whether a dashboard may take the place of the one that is published.

A dashboard without sheets is never published (``Pruned.is_empty``). One that shows less than the published one needs a
reason: its data went, or its author took it out. ``dag.dashboard`` is to ask ``losses`` before it publishes, to tell
all of them, and to fail on those that are not ``explained``.
"""

from collections.abc import Collection
from dataclasses import dataclass

from .definition import Definition, JsonObject, objects, sheet_title, visual_body, visual_title
from .names import VisualNames
from .prune import Pruned


@dataclass(frozen=True, kw_only=True)
class Loss:
    """A visual that viewers see now and would no longer see.

    Attributes:
        explained: Whether a data set of it is gone, or the definition itself no longer has it.
    """

    sheet: str
    visual: str
    because: str
    explained: bool

    def __str__(self) -> str:
        return f"visual {self.visual!r} of sheet {self.sheet!r}: {self.because}"


def losses(published: JsonObject, whole: Definition, pruned: Pruned, present: Collection[str]) -> list[Loss]:
    """What ``published`` shows and ``pruned`` does not.

    Args:
        published: The definition that viewers see, as ``describe-dashboard-definition`` or the store has it.
        whole: The definition before it was pruned.
        pruned: What is to be published now.
        present: The identifiers of the data sets that exist now.
    """
    authored, stays = set(_visuals(whole)), set(_visuals(pruned.definition))
    reasons = {(one.sheet, one.name): one.because for one in pruned.report if one.kind == "visual"}
    found: list[Loss] = []
    for visual_id, (sheet, visual) in _visuals(Definition(content=published)).items():
        if visual_id in stays:
            continue
        title = visual_title(visual)
        gone = sorted(VisualNames(visual).data_sets - set(present))
        because = reasons.get((sheet, title), "it cannot be shown with the data there is")
        if visual_id not in authored:
            because = "the definition no longer has it"
        elif gone:
            because = f"its data set {' and '.join(gone)} is gone"
        found.append(
            Loss(sheet=sheet, visual=title, because=because, explained=bool(gone) or visual_id not in authored)
        )
    return found


def _visuals(definition: Definition) -> dict[str, tuple[str, JsonObject]]:
    return {
        str(visual_body(visual).get("VisualId")): (sheet_title(sheet), visual)
        for sheet in definition.sheets
        for visual in objects(sheet.get("Visuals"))
    }
