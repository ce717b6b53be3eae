"""THE list: every class of supply, in order, validated as a whole.

A class of supply is one file in ``supply`` and one word here. The catalog answers what is made of what; it knows
neither Dagster nor AWS.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from qs_pipeline.frames.contract import dtypes
from qs_pipeline.model import ClassOfSupply, ModelError, Reference, Table, Upload
from qs_pipeline.supply.assessment import ASSESSMENT
from qs_pipeline.supply.class_i import CLASS_I
from qs_pipeline.supply.class_i_water import CLASS_I_WATER
from qs_pipeline.supply.class_ii_vii import CLASS_II_VII
from qs_pipeline.supply.class_iii_p import CLASS_III_P
from qs_pipeline.supply.class_iv import CLASS_IV
from qs_pipeline.supply.class_ix import CLASS_IX
from qs_pipeline.supply.class_vi import CLASS_VI
from qs_pipeline.supply.embark import NOT_IN_EVERY_CLASS, EmbarkRow, embark_of_all
from qs_pipeline.supply.force_flow import FORCE_FLOW

_LONGEST_QUICKSIGHT_ID = 96
_LONGEST_ASSESSMENT_ID = 52
_LONGEST_INFIX = len("-datasource-")


@dataclass(frozen=True)
class Catalog:
    """Classes of supply that go together.

    Names of uploads and references are unique, names of tables are unique; an identity table bears the name of its
    upload, and an input of that name means the upload.

    Attributes:
        classes: In the order in which they are shown; the embark aggregate last.
    """

    classes: tuple[ClassOfSupply, ...]

    def __post_init__(self) -> None:
        for what, names in (
            ("class of supply", [each.key for each in self.classes]),
            ("upload or reference", [each.name for each in (*self.uploads, *self.references)]),
            ("table", [each.name for each in self._declared]),
        ):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ModelError(f"{what} {', '.join(twice)}: declared twice; names are unique in the catalog")
        self._check_inputs()
        self._check_lengths()
        self._check_embark()

    @classmethod
    def of(cls, *classes: ClassOfSupply) -> "Catalog":
        """The catalog of ``classes`` with the aggregate over their embark tables."""
        return cls((*classes, embark_of_all(classes)))

    @cached_property
    def uploads(self) -> tuple[Upload, ...]:
        """All uploads, class by class."""
        return tuple(upload for each in self.classes for upload in each.uploads)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """All references, class by class."""
        return tuple(reference for each in self.classes for reference in each.references)

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """All tables, each after those it is made of."""
        tables = {table.name: table for table in self._declared}
        edges = {
            table.name: [one.name for one in self.sources(table) if isinstance(one, Table)] for table in tables.values()
        }
        return tuple(tables[name] for name in TopologicalSorter(edges).static_order())

    @property
    def embark_tables(self) -> tuple[Table, ...]:
        """The tables that the aggregate takes in, class by class."""
        return tuple(each.embark for each in self.classes if each.embark is not None)

    @property
    def aggregate(self) -> Table:
        """The table over all embark tables."""
        return self.classes[-1].tables[0]

    def upload(self, name: str) -> Upload:
        """The upload of that name.

        Raises:
            KeyError: where there is none.
        """
        return self._uploads[name]

    def table(self, name: str) -> Table:
        """The table of that name.

        Raises:
            KeyError: where there is none.
        """
        return self._tables[name]

    def upload_for(self, filename: str) -> Upload | None:
        """The upload that an object of this exact basename is, if any."""
        return self._filenames.get(filename)

    def uploads_in(self, filename: str) -> tuple[Upload, ...]:
        """The uploads that an object of this exact basename is, or may hold where it is a zip."""
        if (upload := self.upload_for(filename)) is not None:
            return (upload,)
        return tuple(upload for upload in self._archived if upload.is_in(filename))

    def class_of(self, name: str) -> ClassOfSupply:
        """The class of supply that an upload, reference or table belongs to.

        Raises:
            KeyError: where none bears the name.
        """
        return self._classes[name]

    def sources(self, table: Table) -> tuple[Upload | Reference | Table, ...]:
        """What ``table`` is made of, in the order of its inputs."""
        return tuple(self._shared.get(name) or self._uploads.get(name) or self._tables[name] for name in table.inputs)

    def uploads_behind(self, table: Table) -> frozenset[str]:
        """Names of the uploads that ``table`` is made of, directly or through other tables."""
        return frozenset(self._uploads_behind(table))

    def below(self, upload_names: Collection[str]) -> tuple[Table, ...]:
        """The tables that a change of any of these uploads reaches, each after those it is made of."""
        changed = frozenset(upload_names)
        return tuple(table for table in self.tables if self.uploads_behind(table) & changed)

    def buildable(self, upload_names: Collection[str]) -> tuple[Table, ...]:
        """The tables that these uploads suffice for, each after those it is made of."""
        present = frozenset(upload_names)
        built: list[Table] = []
        for table in self.tables:
            there = {
                source.name
                for source in self.sources(table)
                if (source.name in present if isinstance(source, Upload) else source in built)
            }
            if self.suffices(table, there):
                built.append(table)
        return tuple(built)

    def suffices(self, table: Table, there: Collection[str]) -> bool:
        """Whether ``table`` can be built of those of its inputs that are there.

        It wants all its required inputs; where all are optional it wants at least one that is no reference.
        """
        own = frozenset(there) & frozenset(table.inputs) - self._shared.keys()
        return own.issuperset(table.required) and bool(own)

    @cached_property
    def _declared(self) -> tuple[Table, ...]:
        return tuple(table for each in self.classes for table in each.tables)

    @cached_property
    def _uploads(self) -> dict[str, Upload]:
        return {upload.name: upload for upload in self.uploads}

    @cached_property
    def _shared(self) -> dict[str, Reference]:
        return {reference.name: reference for reference in self.references}

    @cached_property
    def _tables(self) -> dict[str, Table]:
        return {table.name: table for table in self._declared}

    @cached_property
    def _filenames(self) -> dict[str, Upload]:
        return {upload.filename: upload for upload in self.uploads}

    @cached_property
    def _archived(self) -> tuple[Upload, ...]:
        return tuple(upload for upload in self.uploads if upload.archive)

    @cached_property
    def _classes(self) -> dict[str, ClassOfSupply]:
        return {one.name: each for each in self.classes for one in (*each.uploads, *each.references, *each.tables)}

    def _uploads_behind(self, table: Table) -> Iterator[str]:
        for source in self.sources(table):
            if isinstance(source, Upload):
                yield source.name
            elif isinstance(source, Table):
                yield from self._uploads_behind(source)

    def _check_inputs(self) -> None:
        known = self._uploads.keys() | self._shared.keys() | self._tables.keys()
        for table in self._declared:
            if needed := sorted(self._shared.keys() & table.required):
                raise ModelError(f"table {table.name}: give its parameter {', '.join(needed)} the default None")
            if strangers := sorted(set(table.inputs) - known):
                raise ModelError(f"table {table.name}: no upload, reference or table is called {', '.join(strangers)}")
            if table.name in self._uploads and table.inputs != (table.name,):
                raise ModelError(f"table {table.name}: bears the name of an upload without being its identity table")
        try:
            _ = self.tables
        except CycleError as error:
            raise ModelError(f"tables are made of each other: {' -> '.join(error.args[1])}; break the circle") from None

    def _check_lengths(self) -> None:
        longest = _LONGEST_QUICKSIGHT_ID - _LONGEST_ASSESSMENT_ID - _LONGEST_INFIX
        for table in self._declared:
            if len(table.name) > longest:
                over = f"{len(table.name)} characters, and QuickSight's ids leave room for {longest}"
                raise ModelError(f"table {table.name}: {over}; shorten the name")

    def _check_embark(self) -> None:
        for table in (each.embark for each in self.classes if each.embark):
            present = dtypes(table.contract)
            for name, dtype in dtypes(EmbarkRow).items():
                if name not in present and name not in NOT_IN_EVERY_CLASS:
                    raise ModelError(f"table {table.name}: the embark aggregate needs its column {name}")
                if present.get(name, dtype) != dtype:
                    raise ModelError(f"table {table.name}: column {name} is {present[name]}, the aggregate has {dtype}")


CATALOG = Catalog.of(
    ASSESSMENT, FORCE_FLOW, CLASS_I, CLASS_I_WATER, CLASS_II_VII, CLASS_III_P, CLASS_IV, CLASS_VI, CLASS_IX
)
