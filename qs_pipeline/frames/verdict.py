"""What intake says of an upload: accepted or rejected, with everything a person needs to mend the file."""

from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True, kw_only=True)
class BrokenRule:
    """One rule that a file breaks.

    Attributes:
        rule: Short name of the rule, such as ``utf-8``, ``missing column`` or ``empty cell``.
        column: The column concerned, if it is one.
        count: How many rows, cells or columns break it.
        detail: What was found where, and what is wanted.
    """

    rule: str
    detail: str
    column: str | None = None
    count: int = 1

    def __str__(self) -> str:
        where = f" [{self.column}]" if self.column else ""
        return f"{self.rule}{where}: {self.detail}"


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """An upload that keeps its contract.

    Attributes:
        filename: Basename of the upload.
        frame: The typed rows: the contract's columns in the contract's order.
        rows: Number of rows.
        assessment_number: The number that the rows bear; ``None`` where no cell says one.
        unreadable: Cells per carried column that could not be read and became null.
        missing: Carried columns that the file lacks; they are null.
        unknown: Headers that the contract does not know.
        warnings: What may be wrong with what is published all the same, in words.
        notes: The same and more, in words.
    """

    filename: str
    frame: pl.DataFrame
    rows: int
    assessment_number: str | None
    unreadable: dict[str, int] = field(default_factory=dict[str, int])
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """An upload that breaks its contract; no part of it is used.

    Attributes:
        filename: Basename of the upload.
        broken: The broken rules, at least one.
        sample_rows: At most 20 offending rows as they were read; ``row`` counts from 1 below the header.
        notes: Other things seen before the file was given up.
    """

    filename: str
    broken: tuple[BrokenRule, ...]
    sample_rows: tuple[dict[str, object], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """All broken rules in one line that opens with the file's name."""
        return f"{self.filename}: " + "; ".join(str(rule) for rule in self.broken)


class RefusedError(Exception):
    """Raised inside intake where reading cannot go on; ``read_upload`` turns it into ``Rejected``."""

    def __init__(self, *broken: BrokenRule) -> None:
        super().__init__("; ".join(str(rule) for rule in broken))
        self.broken = broken
