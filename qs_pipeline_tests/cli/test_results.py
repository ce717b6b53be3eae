"""What ``run --out`` leaves on disk."""

import dataclasses
from pathlib import Path

import boto3
import dagster as dg
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli.results import write_results
from qs_pipeline.dag.lifecycle import IN_PART, AssessmentLife, assessment_life
from qs_pipeline.dag.steps import DataSetLife
from qs_pipeline.local_aws import LocalAws
from qs_pipeline.model import AssessmentId
from qs_pipeline.store import AssessmentStore

A1 = AssessmentId("A1")


@pytest.fixture
def store(aws: LocalAws, tmp_path: Path) -> AssessmentStore:
    """A store that holds three tables and a definition."""
    s3 = boto3.client("s3", endpoint_url=aws.url)
    s3.create_bucket(Bucket="files")
    store = AssessmentStore(s3, "files")
    (tmp_path / "csv").write_text("a\n1\n")
    for table in ("POS", "ForceFlow_joined", "Locations"):
        store.write_table(A1, table, tmp_path / "csv", sha256="")
    store.write_definition(A1, "digest", {"Sheets": []})
    return store


def life(state: str, **written: str) -> AssessmentLife:
    """An assessment in this state, its tables written at these times."""
    data_sets = tuple(
        DataSetLife(name=name, state="", rows=1, received="", written=time, ingested="", synced="", reason="")
        for name, time in written.items()
    )
    with dg.DagsterInstance.ephemeral() as instance:
        nothing = assessment_life(instance, CATALOG, A1)
    return dataclasses.replace(nothing, state=state, definition="digest", data_sets=data_sets)


def files(out: Path) -> list[str]:
    return sorted(path.name for path in out.rglob("*") if path.is_file())


@pytest.mark.parametrize("state", ["published", IN_PART])
def test_derived_tables_that_were_written_and_the_definition_are_left(
    store: AssessmentStore, tmp_path: Path, state: str
) -> None:
    lives = [life(state, POS="10:00", Locations="10:00", ForceFlow_joined="")]
    write_results(store, CATALOG, lives, tmp_path / "out")
    assert files(tmp_path / "out") == ["POS.csv", "dashboard.json"]


def test_nothing_of_an_earlier_run_is_left_of_what_failed(store: AssessmentStore, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_results(store, CATALOG, [life("published", POS="10:00", ForceFlow_joined="10:00")], out)
    write_results(store, CATALOG, [life("published", POS="10:01")], out)
    assert files(out) == ["POS.csv", "dashboard.json"]
    (out / "assessments" / "A1" / "notes.txt").write_text("mine")
    write_results(store, CATALOG, [life("failed", POS="10:02")], out)
    assert files(out) == ["notes.txt"]
