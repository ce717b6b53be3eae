"""The periods of support, by hand."""

from collections.abc import Callable

import polars as pl
import pytest

from qs_pipeline.frames.errors import AmbiguousAssessmentError, NoParametersError
from qs_pipeline.supply.assessment import POS, AssessmentParameterDataMapTable, AssessmentTable

Rows = Callable[..., pl.LazyFrame]

DAYS = {"DaysOfSupplyFirst": 30, "DaysOfSupplySecond": 60, "DaysOfSupplyThird": 90}


def test_there_are_four_periods_and_the_last_is_the_whole_duration(rows: Rows) -> None:
    made = POS.transform(
        rows(AssessmentTable, {"OperationDuration": 115}), rows(AssessmentParameterDataMapTable, DAYS)
    ).collect()
    assert made.rows() == [
        ("POS1", "DOS1", 30, 1),
        ("POS2", "DOS2", 60, 2),
        ("POS3", "DOS3", 90, 3),
        ("BEYOND", "BEYOND", 115, 4),  # the duration, not the 25 days that remain
    ]


@pytest.mark.parametrize("found", ["2002", None])
def test_an_assessment_without_parameters_is_an_error_that_names_both(rows: Rows, found: str | None) -> None:
    parameters = [DAYS | {"AssessmentID": found}] if found else []
    with pytest.raises(NoParametersError, match="no parameters for assessment 10910") as caught:
        POS.transform(rows(AssessmentTable, {}), rows(AssessmentParameterDataMapTable, *parameters))
    assert caught.value.culprits == ("10910", *([found] if found else []))


def test_two_rows_of_parameters_are_an_error(rows: Rows) -> None:
    with pytest.raises(AmbiguousAssessmentError, match="2 rows of parameters for assessment 10910"):
        POS.transform(rows(AssessmentTable, {}), rows(AssessmentParameterDataMapTable, DAYS, DAYS))
