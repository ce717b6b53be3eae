"""The files as the calculators write them: every column of the contract, in the file's order and spelling."""

import re

import polars as pl

from qs_pipeline.frames.contract import Contract, file_columns

_HEADERS = {
    "RD_I_PaxLocationAll": {"Flowin": "flowin", "Cumflow": "cumflow"},
    "RD_IW_PaxLocationAll": {
        "Flowin": "flowin",
        "Cumflow": "cumflow",
        "Wparameter": "WParameter",
        "NonPotable": "Non-Potable",
        "NonPotable_Rqmt": "Non-Potable_Rqmt",
        "Total_Water": "Total Water",
    },
}
"""Columns that the calculators spell in another way than we publish them, by file."""

_UNNAMED = re.compile(r"V\d+")
"""Columns that some exports have too many; only quirky files do."""


def as_file(contract: Contract, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``frame`` under the header of the file; columns that ``frame`` lacks are empty."""
    names = [name for name in file_columns(contract) if name in frame.columns or not _UNNAMED.fullmatch(name)]
    raw = _HEADERS.get(contract.__name__, {})
    empty = {name: pl.lit(None, dtype=pl.String) for name in names if name not in frame.columns}
    return frame.with_columns(**empty).select(pl.col(name).alias(raw.get(name, name)) for name in names)
