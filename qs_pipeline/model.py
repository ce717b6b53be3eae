"""The nouns of the catalog: what an upload, a table and a class of supply are.

Every value here is frozen and checks itself, so that a catalog that can be imported is a catalog that can run. The
module imports nothing of the project; it knows neither Dagster nor AWS.
"""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NewType

import dataframely as dy
import polars as pl

AssessmentId = NewType("AssessmentId", str)

# 52 characters, with the longest table name and infix, stay within the 96 that QuickSight allows a data set id.
_ASSESSMENT_ID = re.compile(r"[A-Za-z0-9_-]{1,52}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class ModelError(ValueError):
    """A name, an id or a declaration breaks a rule of the catalog; the message says which and how to mend it."""


def parse_assessment_id(text: str) -> AssessmentId:
    """The assessment id in ``text``, refused before it can reach a key, an id or a URL.

    Raises:
        ModelError: where ``text`` has other than 1 to 52 letters, digits, ``_`` and ``-``.
    """
    if not _ASSESSMENT_ID.fullmatch(text):
        raise ModelError(f"assessment id {text!r}: use 1 to 52 letters, digits, '_' or '-'")
    return AssessmentId(text)


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One CSV that people put below ``assessments/<id>/``, known by its exact basename.

    Attributes:
        contract: The columns of the accepted copy; the class bears the file's stem as its name.
        folder: Where the calculators put the file, relative to the assessment; a convention, never a condition.
        archive: How the basename of a zip ends that may hold the file, such as ``_RD_I__Input.zip``; empty for none.
    """

    contract: type[dy.Schema]
    folder: str
    archive: str = ""

    def __post_init__(self) -> None:
        _check_name("upload", self.name)

    @property
    def name(self) -> str:
        """The file's stem, such as ``RD_I_PaxLocationAll``."""
        return self.contract.__name__

    @property
    def filename(self) -> str:
        """The exact basename by which an uploaded object is recognised."""
        return f"{self.name}.csv"

    def is_in(self, basename: str) -> bool:
        """Whether an object of this basename is the file, or a zip that may hold it."""
        return basename == self.filename or (bool(self.archive) and basename.endswith(self.archive))

    @property
    def description(self) -> str:
        """The grain of the file, from its contract's docstring."""
        return inspect.getdoc(self.contract) or ""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One CSV that all assessments share, at a fixed key; a table can be built without it.

    Attributes:
        contract: Its columns; the class's name is that of the reference and of the parameter that takes it in.
        key: Where it lies, such as ``reference/parts.csv``.
    """

    contract: type[dy.Schema]
    key: str

    def __post_init__(self) -> None:
        _check_name("reference", self.name)

    @property
    def name(self) -> str:
        """The name by which tables take it in."""
        return self.contract.__name__

    @property
    def filename(self) -> str:
        """The last segment of the key."""
        return self.key.rsplit("/", 1)[-1]

    @property
    def description(self) -> str:
        """The grain of the file, from its contract's docstring."""
        return inspect.getdoc(self.contract) or ""


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """How a table shows what it did not find in a reference.

    Attributes:
        key: Column of the table that is looked up, such as the number of a part.
        value: Column of the table that is empty where the reference has no row for the key.
    """

    key: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """One published table: a pure function of uploads and of other tables.

    Attributes:
        name: The stem of the published CSV and of the data set's ids.
        transform: ``(LazyFrame, ...) -> LazyFrame``; takes ``inputs`` in order, ``None`` for an optional one that is
            absent.
        inputs: Names of uploads, tables and references; an upload wins where a table bears the name too (identity
            tables).
        optional: The inputs without which the table can still be built, references always among them. A table whose
            inputs are all optional needs at least one upload or table of them.
        contract: The columns of the table, in the order they are written; its primary key, if any, orders the rows.
        description: The grain of the table.
        row_wise: Whether rows are made one by one, with nothing grouped, added up or sorted, so that the table can be
            written while it is computed and need not fit into memory.
        lookup: How unmatched keys show, where the table takes in a reference.
    """

    name: str
    transform: Callable[..., pl.LazyFrame]
    inputs: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    contract: type[dy.Schema]
    description: str
    row_wise: bool = False
    lookup: Lookup | None = None

    def __post_init__(self) -> None:
        _check_name("table", self.name)
        if not self.inputs:
            raise ModelError(f"table {self.name}: has no inputs; name at least one upload or table")
        if stray := self.optional - set(self.inputs):
            raise ModelError(f"table {self.name}: optional inputs {sorted(stray)} are not among its inputs")

    @property
    def required(self) -> tuple[str, ...]:
        """The inputs without which the table is absent."""
        return tuple(name for name in self.inputs if name not in self.optional)


@dataclass(frozen=True, kw_only=True)
class ClassOfSupply:
    """One class of supply: what it takes in and what it publishes.

    Attributes:
        key: Short snake-case name; the Dagster group of its tables.
        title: The class as people call it.
        uploads: In the order in which they are read.
        references: What it takes in that all assessments share.
        tables: In the order in which they are shown.
        embark: The table among ``tables`` that the aggregate takes in, if the class has one.
        owners: Dagster owners (``team:...`` or an e-mail address).
    """

    key: str
    title: str
    uploads: tuple[Upload, ...] = ()
    references: tuple[Reference, ...] = ()
    tables: tuple[Table, ...] = ()
    embark: Table | None = None
    owners: tuple[str, ...] = ("team:assessments",)

    def __post_init__(self) -> None:
        _check_name("class of supply", self.key)
        if self.embark is not None and self.embark not in self.tables:
            raise ModelError(f"class of supply {self.key}: its embark table {self.embark.name} is not among its tables")


def _check_name(what: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ModelError(f"{what} {name!r}: a name is a letter followed by letters, digits and '_'")
