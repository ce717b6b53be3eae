"""What a listing saw, what it covered, and where it goes on."""

import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path

import boto3
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.dag.listing import Listing, look_at, sweep
from qs_pipeline.local_aws import LocalAws
from qs_pipeline.model import AssessmentId
from qs_pipeline.store import AssessmentStore

BUCKET = "qs-pipeline"
A, B, C = (AssessmentId(name) for name in ("A", "A-1", "B"))


@pytest.fixture
def store(aws: LocalAws, tmp_path: Path) -> AssessmentStore:
    """Three assessments; in the order of keys ``A-1/`` comes before ``A/``."""
    s3 = boto3.client("s3", endpoint_url=aws.url)
    s3.create_bucket(Bucket=BUCKET)
    store = AssessmentStore(s3, BUCKET)
    file = tmp_path / "file.csv"
    file.write_text("x")
    for name in (A, B, C):
        for upload in ("Locations.csv", "sub/RD_I_Ration_Costs.csv"):
            store.put_upload(f"assessments/{name}/{upload}", file)
    return store


def put(store: AssessmentStore, folder: Path, *keys: str) -> None:
    for key in keys:
        store.put_upload(key, folder / "file.csv")


def never() -> bool:
    return False


def after(folders: int) -> Callable[[], bool]:
    """A time that is up after so many folders."""
    asked = count(1)
    return lambda: next(asked) >= folders


def test_a_sweep_that_runs_out_of_time_goes_on_where_it_stopped(store: AssessmentStore) -> None:
    first = sweep(CATALOG, store, start_after="", time_up=after(2))
    assert first.seen.keys() == {A, B}
    assert not first.covers(C)
    assert not first.proves_gone(C)
    second = sweep(CATALOG, store, start_after=first.resume_after, time_up=never)
    assert second.seen.keys() == {C}
    assert not second.resume_after
    assert not second.covers(A)
    assert second.proves_gone("Z")


def test_an_assessment_is_never_seen_by_half(store: AssessmentStore) -> None:
    first = sweep(CATALOG, store, start_after="", time_up=after(1))
    assert {name: sorted(files) for name, files in first.seen.items()} == {B: ["Locations", "RD_I_Ration_Costs"]}


def test_looking_at_some_tells_nothing_of_the_others(store: AssessmentStore) -> None:
    listing = Listing().joined(look_at(CATALOG, store, [A, AssessmentId("Z")], time_up=never))
    assert listing.seen.keys() == {A}
    assert listing.proves_gone("Z")
    assert not listing.covers(C)


def test_what_there_was_no_time_for_is_not_taken_for_looked_at(store: AssessmentStore) -> None:
    (looked_at,) = look_at(CATALOG, store, [A, C], time_up=after(2)).looked_at
    assert looked_at in {A, C}


def test_several_are_listed_at_the_same_time(aws: LocalAws, store: AssessmentStore) -> None:
    s3 = boto3.client("s3", endpoint_url=aws.url)
    under_way = threading.Barrier(2, timeout=10)

    def meet(**_: object) -> None:
        under_way.wait()

    s3.meta.events.register("before-send.s3.ListObjectsV2", meet)
    assert look_at(CATALOG, AssessmentStore(s3, store.bucket), [A, C], time_up=never).looked_at == {A, C}


def test_keys_of_no_assessment_are_ignored_with_one_message(store: AssessmentStore, tmp_path: Path) -> None:
    put(store, tmp_path, "assessments/Locations.csv", "assessments/no id/Locations.csv", "assessments/no id/x.csv")
    listing = sweep(CATALOG, store, start_after="", time_up=never)
    (note,) = listing.notes
    assert note.startswith("ignored 3 keys outside assessments/<id>/")
    assert "'assessments/Locations.csv'" in note
    assert listing.seen.keys() == {A, B, C}


def test_names_that_no_upload_has_are_ignored_with_one_message_an_assessment(
    store: AssessmentStore, tmp_path: Path
) -> None:
    put(store, tmp_path, *[f"assessments/A/notes-{number}.txt" for number in range(7)])
    (note,) = sweep(CATALOG, store, start_after="", time_up=never).notes
    assert note.startswith("A: ignored notes-0.txt, notes-1.txt")
    assert "and 2 more" in note
