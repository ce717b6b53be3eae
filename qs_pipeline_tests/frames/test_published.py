"""Published CSVs: the same rows give the same bytes, and they read back as they were."""

import hashlib
import tempfile
from pathlib import Path

import dataframely as dy
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qs_pipeline.frames.columns import published
from qs_pipeline.frames.contract import dtypes
from qs_pipeline.frames.errors import BrokenTableError, NoParametersError
from qs_pipeline.frames.published import read_published, render
from qs_pipeline.model import Table


class CrateRow(dy.Schema):
    """One row a crate and day."""

    Crate = published.identifier(key=True)
    Day = published.integer(key=True)
    Weight = published.decimal()
    Note = published.text()


class NoteRow(dy.Schema):
    """One row a note, in no particular order."""

    Id = published.identifier()
    Count = published.integer()
    Share = published.decimal()
    Note = published.text()


def table(contract: type[dy.Schema], *, row_wise: bool = False) -> Table:
    return Table(
        name="crates", transform=pl.LazyFrame, inputs=("x",), contract=contract, description="", row_wise=row_wise
    )


def test_the_csv_is_plain_and_in_the_order_of_the_contract_and_its_key(tmp_path: Path) -> None:
    rows = pl.LazyFrame(
        {
            "Note": ['say "hi"', None, "a,b", "two\nlines"],
            "Weight": [0.1 + 0.2, 1e-7, None, 3.0],
            "Day": [2, 1, 1, 10],
            "Crate": ["b", "b", "a", "a"],
        }
    )
    rendered = render(table(CrateRow), rows, tmp_path / "crates.csv")
    content = rendered.path.read_bytes()
    assert content == (
        b'Crate,Day,Weight,Note\na,1,,"a,b"\na,10,3.0,"two\nlines"\nb,1,1e-7,\nb,2,0.30000000000000004,"say ""hi"""\n'
    )
    assert (rendered.rows, rendered.size) == (4, len(content))
    assert rendered.sha256 == hashlib.sha256(content).hexdigest()


# The empty text is null once written, so it is not among the texts; intake never makes one.
_TEXTS = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            _TEXTS,
            st.none() | st.integers(-(2**63), 2**63 - 1),
            st.none() | st.floats(allow_nan=False, allow_infinity=False),
            _TEXTS,
        )
    )
)
def test_every_value_reads_back_as_it_was_and_row_by_row_the_bytes_are_the_same(rows: list[tuple[object, ...]]) -> None:
    frame = pl.DataFrame(rows, schema=dtypes(NoteRow), orient="row")
    with tempfile.TemporaryDirectory() as folder:
        rendered = render(table(NoteRow), frame.lazy(), Path(folder) / "notes.csv")
        assert read_published(rendered.path, table(NoteRow)).collect().rows() == frame.rows()
        streamed = render(table(NoteRow, row_wise=True), frame.lazy(), Path(folder) / "streamed.csv")
        assert (streamed.rows, streamed.sha256) == (rendered.rows, rendered.sha256) == (len(rows), rendered.sha256)


def test_a_table_of_no_rows_is_a_header_and_reads_back_typed(tmp_path: Path) -> None:
    rendered = render(table(CrateRow), CrateRow.create_empty().lazy(), tmp_path / "crates.csv")
    assert rendered.path.read_bytes() == b"Crate,Day,Weight,Note\n"
    assert read_published(rendered.path, table(CrateRow)).collect().schema == dtypes(CrateRow)


class FilledRow(dy.Schema):
    """One row a crate that has a name."""

    Crate = published.identifier(filled=True)


@pytest.mark.parametrize(
    "columns",
    [{"Crate": ["a", None]}, {"Crate": [1]}, {"Other": ["a"]}],
    ids=["empty cell", "wrong type", "missing column"],
)
def test_a_table_made_row_by_row_keeps_its_contract_too(tmp_path: Path, columns: dict[str, object]) -> None:
    with pytest.raises(BrokenTableError, match="table crates, made of x"):
        render(table(FilledRow, row_wise=True), pl.LazyFrame(columns), tmp_path / "crates.csv")
    assert not list(tmp_path.iterdir())
    columns_in_any_order = pl.LazyFrame({"x": [1], "Crate": ["a"]})
    rendered = render(table(FilledRow, row_wise=True), columns_in_any_order, tmp_path / "crates.csv")
    assert rendered.path.read_bytes() == b"Crate\na\n"


@pytest.mark.parametrize(
    "columns",
    [
        {"Crate": ["a", "a"], "Day": [1, 1], "Weight": [1.0, 2.0], "Note": ["", ""]},
        {"Crate": ["a"], "Day": [1], "Weight": ["1"], "Note": [""]},
        {"Crate": ["a"], "Day": [1], "Weight": [1.0]},
    ],
    ids=["one key twice", "wrong type", "missing column"],
)
def test_a_result_that_breaks_its_contract_is_never_written(tmp_path: Path, columns: dict[str, object]) -> None:
    with pytest.raises(BrokenTableError, match="table crates, made of x") as caught:
        render(table(CrateRow), pl.LazyFrame(columns), tmp_path / "crates.csv")
    assert caught.value.culprits == ("crates",)
    assert not list(tmp_path.iterdir())


def test_an_error_about_the_data_comes_through_as_it_is() -> None:
    error = NoParametersError("no parameters for assessment 1", "1")
    assert (str(error), error.culprits) == ("no parameters for assessment 1", ("1",))
