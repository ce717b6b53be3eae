"""How a table is declared, and when the version of its code moves."""

import dataframely as dy
import polars as pl
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.frames.columns import published, required
from qs_pipeline.supply import class_i
from qs_pipeline.supply.table import code_version, contract_version, table


class CrateRow(dy.Schema):
    """One row a crate."""

    Crate = published.identifier()


def test_a_table_takes_its_name_inputs_and_description_from_its_function() -> None:
    @table(CrateRow)
    def crates(shelves: pl.LazyFrame, labels: pl.LazyFrame | None = None) -> pl.LazyFrame:
        """One row a crate."""
        return shelves if labels is None else labels

    assert (crates.name, crates.inputs, crates.description) == ("crates", ("shelves", "labels"), "One row a crate.")
    assert (crates.optional, crates.required) == (frozenset({"labels"}), ("shelves",))
    assert crates.contract is CrateRow


def test_versions_are_stable_and_differ_between_tables() -> None:
    versions = {each.name: code_version(each) for each in CATALOG.tables}
    assert versions == {each.name: code_version(each) for each in CATALOG.tables}
    assert len(set(versions.values())) == len(versions)


def test_a_changed_constant_moves_the_version_of_the_tables_that_use_it_and_of_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = {each.name: code_version(each) for each in CATALOG.tables}
    monkeypatch.setattr(class_i, "PALLETS_PER_TEU", 17)
    moved = {each.name for each in CATALOG.tables if code_version(each) != before[each.name]}
    assert moved == {"cosi_embark"}


def test_a_changed_helper_moves_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = code_version(CATALOG.table("RD_I_Ration_Costs_joined"))

    def with_periods(rows: pl.LazyFrame, periods: pl.LazyFrame) -> pl.LazyFrame:
        return rows.join(periods, left_on="DOS_Period", right_on="POS", how="left")

    with_periods.__module__ = class_i.with_periods.__module__
    monkeypatch.setattr(class_i, "with_periods", with_periods)
    assert code_version(CATALOG.table("RD_I_Ration_Costs_joined")) != before


def test_other_words_of_a_column_are_another_version_of_the_contract() -> None:
    def sizes(*words: str) -> type[dy.Schema]:
        class Sized(dy.Schema):
            """One row a crate."""

            Size = required.text(one_of=words)

        return Sized

    assert contract_version(sizes("SMALL", "LARGE")) == contract_version(sizes("SMALL", "LARGE"))
    assert contract_version(sizes("SMALL", "LARGE")) != contract_version(sizes("SMALL", "MEDIUM", "LARGE"))
