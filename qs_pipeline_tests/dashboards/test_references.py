"""Every id of the service model is known as a name or as a reference, so that a new one does not slip by."""

from collections.abc import Iterator

from qs_pipeline.dashboards.definition import ROOT
from qs_pipeline.dashboards.references import reference_kind
from qs_pipeline.service_model import shape

# What names a thing, or is told in words: nothing in a definition refers to these by id.
_NAMES = {
    *("ComputationId", "CustomActionId", "FilterControlId", "FilterGroupId", "FilterId", "HierarchyId", "Name"),
    *("ParameterControlId", "SectionId", "SheetId", "SheetImageId", "SheetTextBoxId", "StaticFileId", "VisualId"),
    *("FieldId", "DataSetParameterName", "Id"),
}
_ID_SHAPES = {"ShortRestrictiveResourceId", "ParameterName", "FieldId", "HierarchyId", "DataSetIdentifier"}


def _places() -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    waiting = [ROOT]
    while waiting:
        known = shape(waiting.pop())
        if known.name not in seen:
            seen.add(known.name)
            inner = {**known.members, **({"[]": known.element} if known.element else {})}
            waiting += inner.values()
            ids = (member for member, target in inner.items() if target in _ID_SHAPES or member.endswith("FieldId"))
            yield from ((known.name, member) for member in ids)


def test_every_place_of_an_id_is_a_name_or_a_reference() -> None:
    places = list(_places())
    assert len(places) > 150
    assert [place for place in places if reference_kind(*place) is None and place[1] not in _NAMES] == []


def test_a_field_id_is_a_name_in_field_definitions_only() -> None:
    names = {owner for owner, member in _places() if member == "FieldId" and reference_kind(owner, member) is None}
    assert names == {
        "CalculatedMeasureField",
        "CategoricalDimensionField",
        "CategoricalMeasureField",
        "DateDimensionField",
        "DateMeasureField",
        "NumericalDimensionField",
        "NumericalMeasureField",
        "UnaggregatedField",
    }


def test_a_name_is_a_reference_only_where_something_else_bears_it() -> None:
    both = {place for place in _places() if place[1] in _NAMES and reference_kind(*place)}
    assert {(owner, member) for owner, member in both if member != "FieldId"} == {
        ("SheetVisualScopingConfiguration", "SheetId"),
        ("SheetTooltip", "SheetId"),
        ("SheetLayoutGroupMember", "Id"),
        ("GeospatialStaticFileSource", "StaticFileId"),
        ("SheetImageStaticFileSource", "StaticFileId"),
        ("CategoricalDimensionField", "HierarchyId"),
        ("NumericalDimensionField", "HierarchyId"),
        ("DateDimensionField", "HierarchyId"),
    }
