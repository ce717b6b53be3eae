"""The words in which a contract is written: ``required.identifier()``, ``carried.text()``, ``unused.integer()``.

A contract is a dataframely schema whose class bears the name of the file it describes. What dataframely has no place
for (how a column is used, how else its header is spelled, its unit, its geographic role) travels in the column's
metadata as one ``Traits``. Unused columns are markers rather than columns: the schema has exactly the columns of the
typed frame, and the file's other columns are known by name only.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict, TypeVar, Unpack

import dataframely as dy

_Column = TypeVar("_Column", bound=dy.Column)


class Use(StrEnum):
    """What becomes of a column, and so how strictly it is read."""

    REQUIRED = "required"
    """A transform reads it: a missing column or an unreadable cell rejects the file."""
    CARRIED = "carried"
    """It is carried to an output: missing or unreadable means null, with a note."""
    PUBLISHED = "published"
    """A column of a table that we write ourselves."""


class Kind(StrEnum):
    """What a cell means."""

    IDENTIFIER = "identifier"
    """Text that looks like a number; kept verbatim, leading zeros included."""
    TEXT = "text"
    INTEGER = "integer"
    DAY = "day"
    """A day of the operation, or a number of them: whole, and 1 or more."""
    DECIMAL = "decimal"
    FLAG = "flag"
    """``TRUE`` or ``FALSE``, in any case; an empty cell is ``FALSE``."""


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What a contract says of a column beyond its type.

    Attributes:
        use: How strictly the column is read.
        kind: What its cells mean.
        also: Other header spellings, beyond those that differ only in case and punctuation.
        one_of: The words that a text is expected to be, if it is to be one of a few.
        geographic_role: QuickSight's geographic role, such as ``STATE``.
        unit: Physical or monetary unit of the figures.
        assessment_number: Whether every cell must hold the number of the file's assessment.
    """

    use: Use
    kind: Kind
    also: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    geographic_role: str | None = None
    unit: str | None = None
    assessment_number: bool = False


@dataclass(frozen=True, kw_only=True)
class Unused:
    """A column that the file has and nobody reads; it may be missing silently.

    Attributes:
        kind: What its cells would mean.
        alias: Its header, where that is no Python identifier.
    """

    kind: Kind
    alias: str | None = None


class Options(TypedDict, total=False):
    """What a column may be told.

    ``alias``: the header, where it is no Python identifier. ``filled``: no cell may be empty. ``key``: part of the
    primary key, hence filled. ``one_of``: spelled so in any case and between blanks; an empty cell or another word is
    kept as it is, with a warning. The others are those of ``Traits``.
    """

    alias: str
    also: tuple[str, ...]
    one_of: tuple[str, ...]
    filled: bool
    key: bool
    geographic_role: str
    unit: str


@dataclass(frozen=True)
class Columns:
    """Makes the columns of one use; a cell may be empty unless it is ``filled``."""

    use: Use

    def identifier(self, **options: Unpack[Options]) -> dy.String:
        """Text kept verbatim, such as a UIC or an NIIN."""
        return self._column(dy.String, Kind.IDENTIFIER, options)

    def assessment_number(self, **options: Unpack[Options]) -> dy.String:
        """The identifier that must agree in all rows and files of an assessment; where required, no cell is empty."""
        told: Options = {"filled": self.use is Use.REQUIRED, **options}
        return self._column(dy.String, Kind.IDENTIFIER, told, assessment_number=True)

    def text(self, **options: Unpack[Options]) -> dy.String:
        """Words, dates and anything else that is shown as it stands."""
        return self._column(dy.String, Kind.TEXT, options)

    def integer(self, **options: Unpack[Options]) -> dy.Int64:
        """A whole number; ``3.0`` is one."""
        return self._column(dy.Int64, Kind.INTEGER, options)

    def day(self, **options: Unpack[Options]) -> dy.Int64:
        """A day of the operation, counted from 1; where required, no cell is empty."""
        told: Options = {"filled": self.use is Use.REQUIRED, "unit": "day of the operation", **options}
        return self._column(dy.Int64, Kind.DAY, told)

    def decimal(self, **options: Unpack[Options]) -> dy.Float64:
        """A finite number."""
        return self._column(dy.Float64, Kind.DECIMAL, options)

    def flag(self, **options: Unpack[Options]) -> dy.Bool:
        """True or false."""
        return self._column(dy.Bool, Kind.FLAG, options)

    def _column(
        self, column: type[_Column], kind: Kind, options: Options, *, assessment_number: bool = False
    ) -> _Column:
        key = options.get("key", False)
        traits = Traits(
            use=self.use,
            kind=kind,
            also=options.get("also", ()),
            one_of=options.get("one_of", ()),
            geographic_role=options.get("geographic_role"),
            unit=options.get("unit"),
            assessment_number=assessment_number,
        )
        return column(
            nullable=not (key or options.get("filled", False)),
            primary_key=key,
            alias=options.get("alias"),
            metadata={"traits": traits},
        )


@dataclass(frozen=True)
class UnusedColumns:
    """Makes the markers of unused columns."""

    def identifier(self, *, alias: str | None = None) -> Unused:
        """An identifier that nobody reads."""
        return Unused(kind=Kind.IDENTIFIER, alias=alias)

    def text(self, *, alias: str | None = None) -> Unused:
        """Text that nobody reads."""
        return Unused(kind=Kind.TEXT, alias=alias)

    def integer(self, *, alias: str | None = None) -> Unused:
        """A whole number that nobody reads."""
        return Unused(kind=Kind.INTEGER, alias=alias)

    def decimal(self, *, alias: str | None = None) -> Unused:
        """A number that nobody reads."""
        return Unused(kind=Kind.DECIMAL, alias=alias)


required = Columns(Use.REQUIRED)
carried = Columns(Use.CARRIED)
published = Columns(Use.PUBLISHED)
unused = UnusedColumns()
