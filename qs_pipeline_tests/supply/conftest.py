"""Frames of accepted uploads, with only the cells a scenario speaks of."""

from collections.abc import Callable

import dataframely as dy
import polars as pl
import pytest

from qs_pipeline.frames.contract import assessment_number, dtypes

Rows = Callable[..., pl.LazyFrame]


@pytest.fixture
def rows() -> Rows:
    """Makes the rows of a contract; cells not named are null, the assessment is 10910."""

    def make(contract: type[dy.Schema], *cells: dict[str, object]) -> pl.LazyFrame:
        number = assessment_number(contract)
        default = {number: "10910"} if number else {}
        schema = dtypes(contract)
        return pl.LazyFrame([dict.fromkeys(schema) | default | each for each in cells], schema=schema)

    return make


@pytest.fixture
def periods() -> pl.LazyFrame:
    """POS of an assessment of 115 days with periods that end on days 30, 60 and 90."""
    return pl.LazyFrame(
        {
            "POS": ["POS1", "POS2", "POS3", "BEYOND"],
            "DOS": ["DOS1", "DOS2", "DOS3", "BEYOND"],
            "Period": [30, 60, 90, 115],
            "Sort_Index": [1, 2, 3, 4],
        }
    )
