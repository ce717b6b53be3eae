"""Which file becomes which upload, and what is refused before anything is uploaded."""

import os
from pathlib import Path

import boto3
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli.uploading import UploadRefusedError, is_there, plan_files, plan_folder, plan_reference, put
from qs_pipeline.local_aws import LocalAws
from qs_pipeline.model import AssessmentId
from qs_pipeline.store import MAX_PUT_BYTES, AssessmentStore

A1 = AssessmentId("A1")


def written(path: Path) -> Path:
    """A file at ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x\n")
    return path


def test_two_files_of_one_name_are_refused_and_both_named(tmp_path: Path) -> None:
    first, second = written(tmp_path / "a" / "Locations.csv"), written(tmp_path / "b" / "Locations.csv")
    for given in ([first, second], [tmp_path]):
        with pytest.raises(UploadRefusedError) as refused:
            plan_files(given, A1, CATALOG)
        assert str(first) in str(refused.value)
        assert str(second) in str(refused.value)


def test_one_file_given_twice_is_one_upload(tmp_path: Path) -> None:
    file = written(tmp_path / "Locations.csv")
    (planned,) = plan_files([file, tmp_path], A1, CATALOG)
    assert planned.key == "assessments/A1/extracted/Locations.csv"


def test_files_of_one_name_in_a_folder_of_an_assessment_keep_their_places(tmp_path: Path) -> None:
    written(tmp_path / "assessments" / "A1" / "a" / "Locations.csv")
    written(tmp_path / "assessments" / "A1" / "b" / "Locations.csv")
    (planned,) = plan_folder(tmp_path, CATALOG).values()
    assert [each.key for each in planned] == ["assessments/A1/a/Locations.csv", "assessments/A1/b/Locations.csv"]


def test_a_file_too_large_for_one_request_is_refused(tmp_path: Path) -> None:
    os.truncate(written(tmp_path / "Locations.csv"), MAX_PUT_BYTES + 1)
    with pytest.raises(UploadRefusedError, match="bytes; at most"):
        plan_files([tmp_path], A1, CATALOG)


def test_hidden_files_of_the_machine_are_left_where_they_are(tmp_path: Path) -> None:
    written(tmp_path / ".DS_Store")
    written(tmp_path / "Locations.csv")
    assert len(plan_files([tmp_path], A1, CATALOG)) == 1


def test_what_all_assessments_share_keeps_its_path(tmp_path: Path) -> None:
    written(tmp_path / "reference" / "class_ix_dimensions.csv")
    written(tmp_path / "reference" / ".DS_Store")
    assert [each.key for each in plan_reference(tmp_path)] == ["reference/class_ix_dimensions.csv"]
    assert plan_reference(tmp_path / "elsewhere") == ()


@pytest.mark.parametrize(("name", "words"), [("Locations.csv", "is a file"), ("elsewhere", "does not exist")])
def test_what_is_no_folder_is_told(tmp_path: Path, name: str, words: str) -> None:
    written(tmp_path / "Locations.csv")
    with pytest.raises(UploadRefusedError, match=words):
        plan_folder(tmp_path / name, CATALOG)


@pytest.mark.parametrize("given", ["assessments", "assessments/A1"])
def test_who_names_a_folder_too_deep_is_told_the_right_one(tmp_path: Path, given: str) -> None:
    written(tmp_path / "assessments" / "A1" / "Locations.csv")
    with pytest.raises(UploadRefusedError, match=f"name the folder above: qs-pipeline run {tmp_path}$"):
        plan_folder(tmp_path / given, CATALOG)


def test_files_are_there_only_where_every_byte_is(aws: LocalAws, tmp_path: Path) -> None:
    assert aws.url
    boto3.client("s3").create_bucket(Bucket="files")
    store = AssessmentStore(boto3.client("s3"), "files")
    file = written(tmp_path / "Locations.csv")
    planned = plan_files([file], A1, CATALOG)
    assert not is_there(planned, store.uploads(A1))
    put(store, planned)
    assert is_there(planned, store.uploads(A1))
    file.write_text("y\n")
    assert not is_there(planned, store.uploads(A1))
