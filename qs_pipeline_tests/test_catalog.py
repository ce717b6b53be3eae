"""The catalog: what it answers, and what it refuses."""

from collections.abc import Callable

import dataframely as dy
import polars as pl
import pytest

from qs_pipeline.catalog import CATALOG, Catalog
from qs_pipeline.frames.columns import published, required
from qs_pipeline.model import ClassOfSupply, ModelError, Reference, Table, Upload
from qs_pipeline.supply.assessment import ASSESSMENT
from qs_pipeline.supply.table import identity


class Crates(dy.Schema):
    """One row a crate."""

    Crate = required.identifier()


class Shipped(dy.Schema):
    """One row a crate, shipped."""

    CLASS_OF_SUPPLY = published.text()
    REGION = published.text()
    LOCATION_NAME = published.text()
    POS = published.text()
    CUFT = published.decimal()
    WEIGHT_LBS = published.decimal()
    TOTAL_COST = published.decimal()


class Unpriced(dy.Schema):
    """One row a crate, shipped free."""

    CLASS_OF_SUPPLY = published.text()
    REGION = published.text()
    LOCATION_NAME = published.text()
    POS = published.text()
    CUFT = published.decimal()
    WEIGHT_LBS = published.decimal()


class Weightless(Unpriced):
    """One row a crate, its cost in words."""

    TOTAL_COST = published.text()


class Labels(dy.Schema):
    """One row a label."""

    Crate = required.identifier()


CRATES = Upload(contract=Crates, folder="x")


def table(name: str, *inputs: str, contract: type[dy.Schema] = Crates, optional: frozenset[str] = frozenset()) -> Table:
    return Table(name=name, transform=pl.concat, inputs=inputs, contract=contract, description="", optional=optional)


def catalog(*tables: Table, embark: Table | None = None) -> Catalog:
    return Catalog((ClassOfSupply(key="crates", title="Crates", uploads=(CRATES,), tables=tables, embark=embark),))


def names(tables: tuple[Table, ...]) -> list[str]:
    return [each.name for each in tables]


def test_an_upload_is_known_by_its_exact_basename() -> None:
    assert CATALOG.upload_for("Locations.csv") is CATALOG.upload("Locations")
    for other in ("EPW_Locations.csv", "locations.csv", "Locations.csv.bak", "POS.csv"):
        assert CATALOG.upload_for(other) is None


def test_an_input_means_the_upload_where_a_table_bears_the_name_too() -> None:
    assert CATALOG.sources(CATALOG.table("Locations")) == (CATALOG.upload("Locations"),)
    assert CATALOG.sources(CATALOG.table("POS"))[0] is CATALOG.upload("AssessmentTable")
    assert CATALOG.sources(CATALOG.table("ForceFlow_joined"))[2] is CATALOG.table("POS")


def test_tables_come_after_those_they_are_made_of_and_the_aggregate_is_one_of_them() -> None:
    seen: set[str] = set()
    for each in CATALOG.tables:
        assert {source.name for source in CATALOG.sources(each) if isinstance(source, Table)} <= seen
        seen.add(each.name)
    assert "aggregated_embark" in seen
    assert CATALOG.class_of("aggregated_embark").key == "embark"
    assert CATALOG.class_of("RD_I_PaxLocationAll").key == "force_flow"


def test_a_change_of_an_upload_reaches_all_tables_below_it_and_no_other() -> None:
    assert names(CATALOG.below({"RD_I_POS_Pallet_Requirement"})) == ["cosi_embark", "aggregated_embark"]
    assert set(names(CATALOG.below({"AssessmentParameterDataMapTable"}))) == {
        "AssessmentParameterDataMapTable",
        "POS",
        "ForceFlow_joined",
        "RD_I_POS_Location_joined",
        "RD_I_Ration_Costs_joined",
        "RD_IW_PaxLocationAll_joined",
        "RD_IW_Ration_Costs_joined",
        "cosi_water_embark",
        "aggregated_embark",
    }
    assert CATALOG.below(()) == ()
    assert set(CATALOG.below({upload.name for upload in CATALOG.uploads})) == set(CATALOG.tables)


def test_the_uploads_behind_a_table_are_found_through_other_tables() -> None:
    assert CATALOG.uploads_behind(CATALOG.table("ForceFlow_joined")) == {
        "RD_I_PaxLocationAll",
        "AssessmentTable",
        "AssessmentParameterDataMapTable",
    }


def test_a_table_is_buildable_when_all_it_requires_is() -> None:
    assert names(CATALOG.buildable({"AssessmentTable", "RD_I_PaxLocationAll"})) == ["AssessmentTable"]
    both = {"AssessmentTable", "AssessmentParameterDataMapTable", "RD_I_PaxLocationAll"}
    assert set(names(CATALOG.buildable(both))) == both - {"RD_I_PaxLocationAll"} | {"POS", "ForceFlow_joined"}
    assert set(CATALOG.buildable({upload.name for upload in CATALOG.uploads})) == set(CATALOG.tables)


def test_a_table_of_optional_inputs_wants_at_least_one() -> None:
    either = table("either", "Crates", "made", optional=frozenset({"Crates", "made"}))
    small = catalog(table("made", "Crates"), either)
    assert names(small.buildable({"Crates"})) == ["made", "either"]
    assert small.buildable(()) == ()


def shared(*tables: Table) -> Catalog:
    reference = Reference(contract=Labels, key="reference/labels.csv")
    return Catalog((ClassOfSupply(key="crates", title="", uploads=(CRATES,), references=(reference,), tables=tables),))


def test_a_table_can_take_in_what_all_assessments_share_and_never_lives_of_that_alone() -> None:
    labelled = table("labelled", "Crates", "Labels", optional=frozenset({"Crates", "Labels"}))
    known = shared(labelled)
    assert known.sources(labelled) == (CRATES, known.references[0])
    assert known.class_of("Labels").key == "crates"
    assert known.uploads_behind(labelled) == {"Crates"}
    assert known.buildable({"Crates"}) == (labelled,)
    assert known.buildable(()) == ()
    assert (known.suffices(labelled, {"Labels"}), known.suffices(labelled, {"Crates"})) == (False, True)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: shared(table("a", "Labels")), "table a: give its parameter Labels the default None"),
        (lambda: catalog(table("a", "Crates"), table("a", "Crates")), "table a: declared twice"),
        (lambda: catalog(table("a", "Boxes")), "no upload, reference or table is called Boxes"),
        (lambda: catalog(table("a", "b"), table("b", "a")), "made of each other: a -> b -> a|b -> a -> b"),
        (lambda: catalog(table("Crates", "a"), table("a", "Crates")), "bears the name of an upload"),
        (lambda: catalog(table("a" * 33, "Crates")), "33 characters, and QuickSight's ids leave room for 32"),
        (lambda: Catalog((*CATALOG.classes, CATALOG.classes[0])), "class of supply assessment: declared twice"),
    ],
)
def test_a_catalog_that_cannot_run_cannot_be_made(make: Callable[[], Catalog], told: str) -> None:
    with pytest.raises(ModelError, match=told):
        make()


@pytest.mark.parametrize(
    ("contract", "told"),
    [(Unpriced, "needs its column TOTAL_COST"), (Weightless, "TOTAL_COST is String, the aggregate has Float64")],
)
def test_an_embark_table_that_does_not_fit_the_aggregate_is_refused(contract: type[dy.Schema], told: str) -> None:
    unfit = table("unfit", "Crates", contract=contract)
    with pytest.raises(ModelError, match=told):
        catalog(unfit, embark=unfit)


def test_the_aggregate_takes_in_every_embark_table_each_optional() -> None:
    fit = table("fit", "Crates", contract=Shipped)
    crates = ClassOfSupply(key="crates", title="Crates", uploads=(CRATES,), tables=(identity(CRATES), fit), embark=fit)
    aggregate = Catalog.of(CATALOG.class_of("cosi_embark"), crates, ASSESSMENT).table("aggregated_embark")
    assert aggregate.inputs == ("cosi_embark", "fit")
    assert aggregate.required == ()
