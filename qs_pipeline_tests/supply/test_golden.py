"""One assessment of a few rows: its uploads and its nineteen tables, as files to be read by eye.

Where a table differs on purpose, look at the difference and copy the new file over the old one; the failure names both.
"""

from pathlib import Path

import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.frames.intake import read_upload
from qs_pipeline.frames.published import read_published, render
from qs_pipeline.frames.verdict import Accepted

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which all tables of the golden uploads were written."""
    folder = tmp_path_factory.mktemp("tables")
    frames = {}
    for known in (*CATALOG.uploads, *CATALOG.references):
        path = GOLDEN / "uploads" / known.filename
        if path.exists():
            verdict = read_upload(path, known.contract, filename=path.name, expected_number=None)
            assert isinstance(verdict, Accepted), verdict.reason
            frames[known.name] = verdict.frame.lazy()
    for table in CATALOG.tables:
        made = table.transform(*(frames.get(name) for name in table.inputs))
        rendered = render(table, made, folder / f"{table.name}.csv")
        frames.setdefault(table.name, read_published(rendered.path, table))
    return folder


@pytest.mark.parametrize("name", [table.name for table in CATALOG.tables])
def test_a_table_is_as_it_was_when_a_person_last_looked(tables: Path, name: str) -> None:
    made, golden = tables / f"{name}.csv", GOLDEN / "tables" / f"{name}.csv"
    assert made.read_text() == golden.read_text(), f"look at it, then: cp {made} {golden}"
