"""Questions put to a contract: which columns it reads, how a file spells them, which one is the assessment number.

A contract is any dataframely schema made of the words in ``columns``. The schema's own columns are those of the typed
frame, in the order in which they are written.
"""

import re

import dataframely as dy
import polars as pl

from qs_pipeline.frames.columns import Traits, Unused, Use
from qs_pipeline.model import ModelError

Contract = type[dy.Schema]

_NOT_ALPHANUMERIC = re.compile(r"[^0-9a-z]+")
_PERIOD = re.compile(r"(?<![0-9a-z])pos(?=[123])")


def traits(contract: Contract) -> dict[str, Traits]:
    """The traits of each column of the typed frame, by published name.

    Raises:
        ModelError: where a column was not made by ``required``, ``carried`` or ``published``.
    """
    found: dict[str, Traits] = {}
    for name, column in contract.columns().items():
        of_column = (column.metadata or {}).get("traits")
        if not isinstance(of_column, Traits):
            raise ModelError(f"contract {contract.__name__}: make column {name!r} with required, carried or published")
        found[name] = of_column
    return found


def dtypes(contract: Contract) -> pl.Schema:
    """Names and polars types of the typed frame."""
    return pl.Schema({name: column.dtype for name, column in contract.columns().items()})


def file_columns(contract: Contract) -> tuple[str, ...]:
    """The header of the file, unused columns included, in the file's order."""
    names: list[str] = []
    for owner in reversed(contract.__mro__):
        for attribute, value in vars(owner).items():
            if isinstance(value, dy.Column | Unused):
                names.append(value.alias or attribute)
    return tuple(names)


def unused_columns(contract: Contract) -> frozenset[str]:
    """Headers that the file may have and nobody reads."""
    return frozenset(file_columns(contract)) - frozenset(contract.column_names())


def required_columns(contract: Contract) -> frozenset[str]:
    """Columns without which the file cannot be read."""
    return frozenset(name for name, column in traits(contract).items() if column.use is Use.REQUIRED)


def assessment_number(contract: Contract) -> str | None:
    """The column that names the assessment; ``None`` for a file that has none, such as ``Locations``."""
    return next((name for name, column in traits(contract).items() if column.assessment_number), None)


def folded(header: str) -> str:
    """A header without case and punctuation: ``Tot_Wt(lbs)``, ``Tot.Wt.lbs.`` and ``tot wt lbs`` are one.

    So are ``POS1_Units`` and ``DOS1_Units``: calculators name the periods of support both ways.
    """
    return _PERIOD.sub("dos", _NOT_ALPHANUMERIC.sub("_", header.strip().lower()).strip("_"))
