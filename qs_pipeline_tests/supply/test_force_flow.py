"""Force flow, by hand."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from qs_pipeline.frames.errors import BrokenTableError
from qs_pipeline.frames.published import render
from qs_pipeline.supply.assessment import AssessmentTable
from qs_pipeline.supply.force_flow import ForceFlow_joined, RD_I_PaxLocationAll

Rows = Callable[..., pl.LazyFrame]

PAX = (
    {"UIC": "M00001", "Day": 1, "Flowin": 100, "Cumflow": 100, "DOS_Period": "DOS1", "Location_ID": "7"},
    {"UIC": "M00002", "Day": 31, "Flowin": 40, "Cumflow": 40, "DOS_Period": "DOS2", "Location_ID": "7"},
    {"UIC": "EPW01", "Day": 31, "Flowin": 9, "Cumflow": 9, "DOS_Period": "DOS2", "Location_ID": "8"},
    {"UIC": "M00001", "Day": 31, "Flowin": 5, "Cumflow": 105, "DOS_Period": "DOS9", "Location_ID": "7"},
    {"UIC": None, "Day": 2, "Flowin": 3, "Cumflow": 3, "DOS_Period": None, "Location_ID": "7"},
)


def flow(rows: Rows, periods: pl.LazyFrame) -> pl.DataFrame:
    assessment = rows(AssessmentTable, {"OperationDuration": 115})
    return ForceFlow_joined.transform(rows(RD_I_PaxLocationAll, *PAX), assessment, periods).collect()


def test_rows_stay_as_many_and_in_order_with_their_period_and_the_duration(rows: Rows, periods: pl.LazyFrame) -> None:
    made = flow(rows, periods)
    assert made.select("UIC", "Day", "POS", "DOS", "Period", "Sort_Index", "OperationDuration").rows() == [
        ("M00001", 1, "POS1", "DOS1", 30, 1, 115),
        ("M00002", 31, "POS2", "DOS2", 60, 2, 115),
        ("EPW01", 31, "POS2", "DOS2", 60, 2, 115),
        ("M00001", 31, None, None, None, None, 115),  # no such period
        (None, 2, None, None, None, None, 115),
    ]


def test_arrivals_are_counted_by_day_over_all_places_with_and_without_prisoners(
    rows: Rows, periods: pl.LazyFrame
) -> None:
    days = flow(rows, periods).select("Day", "daily_Inflow", "Cumulative_Daily_Inflow", "daily_Inflow_no_EPW")
    assert days.unique().sort("Day").rows() == [
        (1, 100, 100, 100),
        (2, 3, 103, 3),  # 100 + 3
        (31, 54, 157, 45),  # 40 + 9 + 5; 103 + 54; 54 - 9
    ]


def test_an_assessment_that_stands_twice_is_refused_and_not_multiplied(
    rows: Rows, periods: pl.LazyFrame, tmp_path: Path
) -> None:
    twice = rows(AssessmentTable, {"OperationDuration": 115}, {"OperationDuration": 90})
    frame = ForceFlow_joined.transform(rows(RD_I_PaxLocationAll, *PAX), twice, periods)
    with pytest.raises(BrokenTableError, match="ForceFlow_joined"):
        render(ForceFlow_joined, frame, tmp_path / "x.csv")
