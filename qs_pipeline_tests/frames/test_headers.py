"""Headers: spelled anyhow, never twice, and what is missing is told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from qs_pipeline.frames.intake import read_upload
from qs_pipeline.frames.verdict import Accepted, Rejected
from qs_pipeline.supply.assessment import Locations

Read = Callable[..., Accepted | Rejected]

ROW = "1,a,3,2.5,TRUE,x,9"


@pytest.mark.parametrize(
    "header",
    [
        "AssessmentNumber,NIIN,Day,Tot_Wt(lbs),Fragile,Note,STANDARD_UNIT_PRICE",
        "assessmentnumber,niin,DAY,Tot.Wt.lbs.,FRAGILE,note,Standard_Unit_Price,STANDARD UNIT PRICE",
        "AssessmentNumber,NIIN,Day,tot wt lbs, Fragile ,Remark,STANDARD_UNIT_PRICE,STANDARD.UNIT.PRICE",
    ],
)
def test_case_and_punctuation_of_a_header_do_not_matter(read: Read, header: str) -> None:
    verdict = read(ROW + ",7" * (header.count(",") - 6), header=header)
    assert isinstance(verdict, Accepted), verdict.reason
    assert verdict.frame.rows() == [("1", "a", 3, 2.5, True, "x", 9.0)]
    assert (verdict.missing, verdict.unknown) == ((), ())


def test_columns_may_come_in_any_order_and_unused_ones_may_be_missing_silently(read: Read) -> None:
    verdict = read(
        "x,TRUE,2.5,3,a,1,9", header="Note,Fragile,Tot_Wt(lbs),Day,NIIN,AssessmentNumber,STANDARD_UNIT_PRICE"
    )
    assert isinstance(verdict, Accepted)
    assert verdict.frame.rows() == [("1", "a", 3, 2.5, True, "x", 9.0)]
    assert verdict.notes == ()


def test_a_missing_carried_column_is_null_with_a_note(read: Read) -> None:
    verdict = read("1,a,3,2.5,TRUE", header="AssessmentNumber,NIIN,Day,Tot_Wt(lbs),Fragile")
    assert isinstance(verdict, Accepted)
    assert verdict.missing == ("Note", "STANDARD_UNIT_PRICE")
    assert verdict.frame.row(0)[5:] == (None, None)
    assert verdict.notes[0] == "Note: the file has no such column; it is null"


def test_a_missing_required_column_rejects_the_file_and_names_a_likely_misspelling(read: Read) -> None:
    verdict = read("1,a,3,2.5", header="AssessmentNumber,NIN,Day,Tot_Wt(lbs)")
    assert isinstance(verdict, Rejected)
    assert [(rule.rule, rule.column) for rule in verdict.broken] == [
        ("missing column", "NIIN"),
        ("missing column", "Fragile"),
    ]
    assert "is it 'NIN'?" in verdict.broken[0].detail


def test_unknown_and_unnamed_columns_are_told_and_not_read(read: Read) -> None:
    verdict = read(ROW + ",p,q", header="AssessmentNumber,NIIN,Day,Tot_Wt(lbs),Fragile,Note,STANDARD_UNIT_PRICE,V7,")
    assert isinstance(verdict, Accepted)
    assert verdict.unknown == ("V7", "")
    assert verdict.notes == ("unknown columns are not read: V7, (unnamed)",)


def test_a_file_without_any_known_column_is_rejected_even_where_none_is_required(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("some,thing\n1,2\n")
    verdict = read_upload(path, Locations, filename="Locations.csv", expected_number=None)
    assert isinstance(verdict, Rejected)
    assert "no known column in it; this file has Location_ID" in verdict.reason


@pytest.mark.parametrize(
    ("more", "rule", "column"),
    [
        ("Day", "duplicate column", "Day"),
        ("DAY", "duplicate column", "Day"),
        ("Remark", "duplicate column", "Note"),
        ("V7,V7", "duplicate column", "V7"),
    ],
)
def test_a_column_named_twice_rejects_the_file(read: Read, more: str, rule: str, column: str) -> None:
    header = f"AssessmentNumber,NIIN,Day,Tot_Wt(lbs),Fragile,Note,STANDARD_UNIT_PRICE,{more}"
    verdict = read(ROW + ",1" * (more.count(",") + 1), header=header)
    assert isinstance(verdict, Rejected)
    assert [(each.rule, each.column) for each in verdict.broken] == [(rule, column)]


def test_a_header_that_may_be_either_of_two_columns_rejects_the_file(read: Read) -> None:
    verdict = read(
        "1,a,3,2.5,TRUE,x,9", header="AssessmentNumber,NIIN,Day,Tot_Wt(lbs),Fragile,Note,Standard.Unit.Price"
    )
    assert isinstance(verdict, Rejected)
    assert verdict.broken[0].rule == "ambiguous column"
    assert "STANDARD UNIT PRICE or STANDARD_UNIT_PRICE" in verdict.broken[0].detail
