"""What a file must be to be taken, one rule at a time."""

from collections.abc import Callable

import pytest

from qs_pipeline.frames.verdict import Accepted, BrokenRule, Rejected

Read = Callable[..., Accepted | Rejected]

GOOD = "10910,007960475,3,12.5,TRUE,two crates,9.99,1.00"


def broken(verdict: Accepted | Rejected) -> BrokenRule:
    assert isinstance(verdict, Rejected), verdict
    assert len(verdict.broken) == 1, verdict.broken
    assert verdict.reason.startswith("Cargo.csv: ")
    return verdict.broken[0]


def accepted(verdict: Accepted | Rejected) -> Accepted:
    assert isinstance(verdict, Accepted), verdict.reason
    return verdict


def test_a_good_file_becomes_typed_rows_in_the_order_of_the_contract(read: Read) -> None:
    verdict = accepted(read(GOOD))
    assert verdict.frame.rows() == [("10910", "007960475", 3, 12.5, True, "two crates", 9.99)]
    assert (verdict.rows, verdict.assessment_number, verdict.notes) == (1, "10910", ())


def test_leading_zeros_and_spaces_of_identifiers_and_text_are_kept(read: Read) -> None:
    row = accepted(read('10910, 00A ,3,1,TRUE,"  x, ""y"" ",,')).frame.row(0, named=True)
    assert (row["NIIN"], row["Note"]) == (" 00A ", '  x, "y" ')


def test_numbers_and_flags_may_stand_between_spaces_and_whole_numbers_may_end_in_point_zero(read: Read) -> None:
    frame = accepted(read("1,a, 3.0 , 1e2 , false ,,,", "1,a,4,-.5,True,,,")).frame
    assert frame["Day"].to_list() == [3, 4]
    assert frame["Tot_Wt(lbs)"].to_list() == [100.0, -0.5]
    assert frame["Fragile"].to_list() == [False, True]


def test_an_empty_flag_is_false_and_counted(read: Read) -> None:
    verdict = accepted(read("1,a,1,1,,,,", "1,a,1,1,TRUE,,,", "1,a,1,1, ,,,"))
    assert verdict.frame["Fragile"].to_list() == [False, True, False]
    assert verdict.notes == ("Fragile: 2 empty cells are taken as FALSE",)


def test_only_the_empty_field_is_null(read: Read) -> None:
    frame = accepted(read('1,NA,1,,,null,"",', "1,,1,1,TRUE,N/A,,")).frame
    assert frame["NIIN"].to_list() == ["NA", None]
    assert frame["Note"].to_list() == ["null", "N/A"]
    assert frame["Tot_Wt(lbs)"].to_list() == [None, 1.0]


@pytest.mark.parametrize(
    ("column", "row", "text"),
    [
        ("Day", "1,a,3.5,1,TRUE,,,", "'3.5'"),
        ("Day", "1,a,tomorrow,1,TRUE,,,", "'tomorrow'"),
        ("Tot_Wt(lbs)", '1,a,1,"1,5",TRUE,,,', "'1,5'"),
        ("Tot_Wt(lbs)", "1,a,1,NaN,TRUE,,,", "'NaN'"),
        ("Tot_Wt(lbs)", "1,a,1,inf,TRUE,,,", "'inf'"),
        ("Tot_Wt(lbs)", "1,a,1,=cmd(),TRUE,,,", "'=cmd()'"),
        ("Fragile", "1,a,1,1,yes,,,", "'yes'"),
    ],
)
def test_an_unreadable_cell_of_a_required_column_rejects_the_file(
    read: Read, column: str, row: str, text: str | bytes
) -> None:
    rule = broken(read("1,a,1,1,TRUE,,,", row))
    assert (rule.rule, rule.column, rule.count) == ("unreadable cell", column, 1)
    assert text in rule.detail
    assert "row 2" in rule.detail


def test_a_rejection_shows_the_offending_rows_as_they_were_written_at_most_twenty(read: Read) -> None:
    verdict = read(*["1,a,1,1,TRUE,,,", *["1,b,x,1,TRUE,,,"] * 30])
    assert broken(verdict).count == 30
    assert len(verdict.sample_rows) == 20
    assert verdict.sample_rows[0]["row"] == 2
    assert verdict.sample_rows[0]["Day"] == "x"


def test_an_unreadable_cell_of_a_carried_column_becomes_null_and_is_counted(read: Read) -> None:
    verdict = accepted(read("1,a,1,1,TRUE,,dear,", "1,a,1,1,TRUE,,3,", "1,a,1,1,TRUE,,-,"))
    assert verdict.frame["STANDARD_UNIT_PRICE"].to_list() == [None, 3.0, None]
    assert verdict.unreadable == {"STANDARD_UNIT_PRICE": 2}
    assert verdict.notes == ("STANDARD_UNIT_PRICE: 2 unreadable cells became null, rows 1, 3: 'dear', '-'",)


def test_a_cell_of_a_million_characters_is_unreadable(read: Read) -> None:
    assert broken(read(f"1,{'9' * 1_000_000},1,1,TRUE,,,")).column == "NIIN"
    assert accepted(read(f"1,a,1,1,TRUE,{'x' * 1_000_000},,")).unreadable == {"Note": 1}


def test_an_empty_cell_where_one_is_needed_rejects_the_file(read: Read) -> None:
    rule = broken(read("1,a,,1,TRUE,,,", "1,a,1,1,TRUE,,,"))
    assert (rule.rule, rule.column, rule.count) == ("empty cell", "Day", 1)
    assert broken(read(",a,1,1,TRUE,,,")).column == "AssessmentNumber"


def test_rows_of_two_assessments_in_one_file_reject_it(read: Read) -> None:
    rule = broken(read("10910,a,1,1,TRUE,,,", "2002,a,1,1,TRUE,,,", "10910,a,1,1,TRUE,,,"))
    assert (rule.rule, rule.column, rule.count) == ("another assessment", "AssessmentNumber", 1)
    assert "row 2 of '2002', not of '10910'" in rule.detail


def test_a_file_of_another_assessment_is_rejected_although_its_rows_agree(read: Read) -> None:
    assert accepted(read("2002,a,1,1,TRUE,,,", number="2002")).assessment_number == "2002"
    rule = broken(read("2002,a,1,1,TRUE,,,", "2002,a,1,1,TRUE,,,", number="10910"))
    assert (rule.rule, rule.count) == ("another assessment", 2)


@pytest.mark.parametrize("below", ["", "\n", "\r\n", "\n\n  \n", "\n,,,,,,\n"])
def test_a_header_without_rows_rejects_the_file(read: Read, below: str) -> None:
    rule = broken(read(text="AssessmentNumber,NIIN,Day,Tot_Wt(lbs),Fragile,Note,STANDARD_UNIT_PRICE" + below))
    assert rule.rule == "no rows"
    assert "delete the file" in rule.detail


def test_blank_lines_and_rows_of_commas_are_left_out_and_counted(read: Read) -> None:
    verdict = accepted(read(GOOD, "", ",,,,,,,", GOOD, "", ""))
    assert verdict.rows == 2
    assert verdict.notes == ("4 blank rows left out",)
