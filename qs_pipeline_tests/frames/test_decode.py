"""Cells that are read and odd all the same: days before the first, words that nobody knows, rows of no assessment."""

from pathlib import Path

import dataframely as dy
import polars as pl
import pytest

from qs_pipeline.frames.columns import carried, required
from qs_pipeline.frames.intake import read_upload
from qs_pipeline.frames.verdict import Accepted, Rejected


class Convoy(dy.Schema):
    """One row a convoy."""

    AssessmentNumber = carried.assessment_number()
    Day = required.day()
    Return_Day = carried.day()
    Watch = required.text(one_of=("DAY", "NIGHT"))

    @dy.rule()
    def return_before_start(cls) -> pl.Expr:  # noqa: N805 -- dataframely passes the contract
        """Return_Day must not lie before Day."""
        return pl.col("Return_Day") >= pl.col("Day")


def read(folder: Path, *lines: str) -> Accepted | Rejected:
    path = folder / "upload"
    path.write_text("\n".join(["AssessmentNumber,Day,Return_Day,Watch", *lines, ""]))
    return read_upload(path, Convoy, filename="Convoy.csv", expected_number=None)


def accepted(verdict: Accepted | Rejected) -> Accepted:
    assert isinstance(verdict, Accepted), verdict.reason
    return verdict


@pytest.mark.parametrize("day", ["0", "-1", "1.5", "soon", "2025-03-01"])
def test_a_required_day_is_a_whole_number_from_one_on(tmp_path: Path, day: str) -> None:
    verdict = read(tmp_path, f"7,{day},,DAY", "7,1,,DAY")
    assert isinstance(verdict, Rejected)
    assert (
        verdict.reason
        == f"Convoy.csv: unreadable cell [Day]: row 1: '{day}' cannot be read as a day, a whole number from 1 on"
    )


def test_a_required_day_is_never_empty(tmp_path: Path) -> None:
    verdict = read(tmp_path, "7,1,,DAY", "7,,,DAY")
    assert isinstance(verdict, Rejected)
    assert verdict.reason == "Convoy.csv: empty cell [Day]: row 2 must not be empty here"


def test_a_carried_day_before_the_first_becomes_null_with_a_warning(tmp_path: Path) -> None:
    verdict = accepted(read(tmp_path, "7,1,0,DAY", "7,1,2.0,DAY", "7,1,,DAY"))
    assert verdict.frame["Return_Day"].to_list() == [None, 2, None]
    assert verdict.warnings == ("Return_Day: 1 unreadable cells became null, row 1: '0'",)


def test_a_word_may_stand_in_any_case_and_between_blanks(tmp_path: Path) -> None:
    verdict = accepted(read(tmp_path, "7,1,,night", "7,1,, Day ", "7,1,,NIGHT"))
    assert verdict.frame["Watch"].to_list() == ["NIGHT", "DAY", "NIGHT"]
    assert verdict.notes == ()


def test_an_unknown_word_is_kept_as_it_is_with_a_warning(tmp_path: Path) -> None:
    verdict = accepted(read(tmp_path, "7,1,, Dusk", "7,1,,day", "7,1,,"))
    assert verdict.frame["Watch"].to_list() == [" Dusk", "DAY", None]
    assert verdict.warnings == ("Watch: 2 cells are none of DAY, NIGHT, rows 1, 3: ' Dusk', empty",)


def test_a_row_without_a_number_is_taken_as_the_assessments_with_a_warning(tmp_path: Path) -> None:
    verdict = accepted(read(tmp_path, ",1,,DAY", "7,1,,DAY"))
    assert verdict.assessment_number == "7"
    assert verdict.warnings == ("AssessmentNumber: 1 cell is empty; the rows are taken as the assessment's, row 1",)


def test_a_rule_of_the_contract_is_broken_in_its_own_words(tmp_path: Path) -> None:
    verdict = read(tmp_path, "7,1,,DAY", "7,3,2,DAY")
    assert isinstance(verdict, Rejected)
    assert verdict.reason == "Convoy.csv: return before start: row 2: Return_Day must not lie before Day."
    assert [row["Return_Day"] for row in verdict.sample_rows] == ["2"]
