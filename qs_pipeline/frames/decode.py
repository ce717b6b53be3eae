"""The text of a file becomes the typed frame of its contract, and what could not be read is remembered."""

from dataclasses import dataclass

import polars as pl

from qs_pipeline.frames import cells
from qs_pipeline.frames.columns import Kind, Traits
from qs_pipeline.frames.contract import Contract, dtypes, traits

_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """The cells of a column that stand there and could not be read.

    Attributes:
        mask: Which rows they are in.
        texts: The first of them, as they were written.
    """

    mask: pl.Series
    texts: tuple[str, ...]

    @property
    def rows(self) -> list[int]:
        """Zero-based rows."""
        return self.mask.arg_true().to_list()

    def __str__(self) -> str:
        return f"{rows_in_words(self.rows)}: {', '.join(self.texts)}"


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """The typed frame, and what was seen on the way to it.

    Attributes:
        frame: The contract's columns in the contract's order; what could not be read is null.
        unreadable: By column, the cells that could not be read.
        warnings: What may be wrong with cells that were read, in words.
        notes: What was assumed, in words.
    """

    frame: pl.DataFrame
    unreadable: dict[str, Unreadable]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]


def decode(text: pl.DataFrame, contract: Contract) -> Decoded:
    """Reads each cell as the kind its column is.

    Columns are taken out of ``text`` as they are read, so that one copy of the table is in memory, not two.
    """
    columns: list[pl.Series] = []
    unreadable: dict[str, Unreadable] = {}
    warnings: list[str] = []
    notes: list[str] = []
    height = text.height
    of_column = traits(contract)
    for name, dtype in dtypes(contract).items():
        if name not in text.columns:
            columns.append(pl.repeat(None, height, dtype=dtype, eager=True).alias(name))
            continue
        column = of_column[name]
        raw = cells.emptied(text.drop_in_place(name), column.kind)
        read = cells.typed(raw, column.kind)
        if read.null_count() > raw.null_count():
            mask = raw.is_not_null() & read.is_null()
            unreadable[name] = Unreadable(mask=mask, texts=_texts(raw.filter(mask)))
        if column.kind is Kind.FLAG and raw.null_count():
            notes.append(f"{name}: {raw.null_count()} empty cells are taken as FALSE")
            read = read.set(raw.is_null(), value=False)
        if column.one_of:
            read = cells.spelled(read, column.one_of)
        warnings += _doubts(read, column)
        columns.append(read)
    return Decoded(frame=pl.DataFrame(columns), unreadable=unreadable, warnings=tuple(warnings), notes=tuple(notes))


def rows_in_words(at: list[int]) -> str:
    """The rows at these zero-based positions as people count them: from 1, below the header."""
    first = ", ".join(str(row + 1) for row in at[:_SHOWN])
    more = f" and {len(at) - _SHOWN} more" if len(at) > _SHOWN else ""
    return f"{'row' if len(at) == 1 else 'rows'} {first}{more}"


def _doubts(read: pl.Series, column: Traits) -> list[str]:
    """What is odd about a column that was read: another word than those it may hold, rows of no assessment."""
    if column.one_of:
        odd = ~read.is_in(column.one_of).fill_null(value=False)
        said = f"none of {', '.join(column.one_of)}"
    elif column.assessment_number:
        odd, said = read.is_null(), "empty; the rows are taken as the assessment's"
    else:
        return []
    if not odd.any():
        return []
    at = odd.arg_true().to_list()
    found = f": {', '.join(_texts(read.filter(odd)))}" if column.one_of else ""
    cells_are = "1 cell is" if len(at) == 1 else f"{len(at)} cells are"
    return [f"{read.name}: {cells_are} {said}, {rows_in_words(at)}{found}"]


def _texts(odd: pl.Series) -> tuple[str, ...]:
    return tuple("empty" if cell is None else repr(cell[:40]) for cell in odd.head(_SHOWN))
