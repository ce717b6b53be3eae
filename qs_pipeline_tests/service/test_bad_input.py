"""What goes wrong before anything starts is one line that names the thing and the fix, and a non-zero exit."""

import json
import os
import socket
from pathlib import Path

import boto3
import pytest

from qs_pipeline.local_aws import LocalAws
from qs_pipeline.service.processes import HOST, exclusive
from qs_pipeline.service.running import LOCK, Running
from qs_pipeline_tests.service.conftest import Person

pytestmark = pytest.mark.slow


@pytest.fixture
def somebody(tmp_path: Path) -> Person:
    return Person(tmp_path / "home")


def refused(somebody: Person, *words: str, **environ: str) -> str:
    """The complaint of a command that is refused."""
    ended = somebody.types(*words, **environ)
    assert ended.returncode == 2, ended.stderr
    assert "Traceback" not in ended.stderr
    return " ".join(ended.stderr.split())


def test_a_folder_without_assessments_is_refused(somebody: Person, tmp_path: Path) -> None:
    assert f"{tmp_path}: holds no assessments/<id>/ folder" in refused(somebody, "run", str(tmp_path))


def test_an_unknown_file_name_is_refused_with_the_nearest_valid_one(somebody: Person, tmp_path: Path) -> None:
    (tmp_path / "assessments" / "2002").mkdir(parents=True)
    (tmp_path / "assessments" / "2002" / "Location.csv").write_text("x\n")
    assert "did you mean Locations.csv?" in refused(somebody, "run", str(tmp_path))


def test_a_derived_table_is_not_an_upload(somebody: Person, tmp_path: Path) -> None:
    (tmp_path / "POS.csv").write_text("x\n")
    assert "made by the pipeline" in refused(somebody, "upload", str(tmp_path / "POS.csv"), "--assessment", "2002")


def test_an_assessment_id_with_other_characters_is_refused(somebody: Person, tmp_path: Path) -> None:
    assert "'../x'" in refused(somebody, "sample", str(tmp_path), "--assessment", "../x")
    (tmp_path / "assessments" / "a b").mkdir(parents=True)
    (tmp_path / "assessments" / "a b" / "Locations.csv").write_text("x\n")
    assert "1 to 52 letters" in refused(somebody, "run", str(tmp_path))


def test_an_unknown_class_of_supply_is_refused_with_the_nearest_valid_one(somebody: Person, tmp_path: Path) -> None:
    assert "class_i" in refused(somebody, "sample", str(tmp_path), "--without", "class_1")


def test_an_upload_without_a_service_says_how_to_start_one(somebody: Person, tmp_path: Path) -> None:
    (tmp_path / "Locations.csv").write_text("x\n")
    complaint = refused(somebody, "upload", str(tmp_path / "Locations.csv"), "--assessment", "2002")
    assert "qs-pipeline up" in complaint


def test_a_status_without_an_instance_says_how_to_start_one(somebody: Person) -> None:
    assert "qs-pipeline up" in refused(somebody, "status")


def test_a_port_in_use_is_named_with_the_option_that_changes_it(somebody: Person) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port} is in use" in refused(somebody, "up", "--port", str(port))
        assert "--aws-port" in refused(somebody, "up", "--port", "0", "--aws-port", str(port))


def test_a_home_that_cannot_be_one_is_named(somebody: Person, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert f"{tmp_path}/file: File exists" in refused(somebody, "up", "--port", "0", QS_HOME=str(tmp_path / "file"))
    assert "Not a directory" in refused(somebody, "sample", str(tmp_path / "file"))


def test_all_wrong_names_of_a_folder_are_told_at_once(somebody: Person, tmp_path: Path) -> None:
    (tmp_path / "assessments" / "2002").mkdir(parents=True)
    for name in ("notes.txt", "POS.csv", "Location.csv"):
        (tmp_path / "assessments" / "2002" / name).write_text("x\n")
    complaint = refused(somebody, "run", str(tmp_path))
    assert all(name in complaint for name in ("notes.txt", "POS.csv", "Location.csv"))


def test_a_wrong_setting_is_named(somebody: Person) -> None:
    assert "QS_TARGET='gov'" in refused(somebody, "status", QS_TARGET="gov")
    assert "QS_USER_RATE='fast'" in refused(somebody, "status", QS_USER_RATE="fast")
    assert "QS_BUCKET='Bad Bucket!'" in refused(somebody, "up", QS_BUCKET="Bad Bucket!")
    assert "65535" in refused(somebody, "up", "--port", "70000")


@pytest.mark.parametrize("words", [("up", "--port", "0"), ("demo", "--once"), ("run", "{folder}")])
def test_a_wrong_folder_of_definitions_is_told_before_anything_starts(
    somebody: Person, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "assessments" / "2002").mkdir(parents=True)
    (tmp_path / "assessments" / "2002" / "Locations.csv").write_text("x\n")
    complaint = refused(somebody, *(word.format(folder=tmp_path) for word in words), QS_DEFINITIONS_DIR="/nowhere")
    assert "no definitions at /nowhere: set QS_DEFINITIONS_DIR" in complaint
    assert not somebody.home.exists()


def test_the_demo_refuses_to_upload_invented_files_to_an_account(somebody: Person) -> None:
    assert "unset QS_TARGET" in refused(somebody, "demo", "--once", QS_TARGET="aws")
    assert not somebody.home.exists()


def test_two_files_of_one_name_are_refused_and_both_named(somebody: Person, tmp_path: Path) -> None:
    files = [tmp_path / folder / "Locations.csv" for folder in ("a", "b")]
    for file in files:
        file.parent.mkdir()
        file.write_text("x\n")
    complaint = refused(somebody, "upload", *map(str, files), "--assessment", "2002")
    assert all(str(file) in complaint for file in files)


def test_results_are_not_written_among_the_uploads(somebody: Person, tmp_path: Path) -> None:
    (tmp_path / "assessments" / "2002").mkdir(parents=True)
    (tmp_path / "assessments" / "2002" / "Locations.csv").write_text("x\n")
    assert "holds the uploads" in refused(somebody, "run", str(tmp_path), "--out", f"{tmp_path}/assessments/..")


def test_a_service_that_is_only_starting_is_not_used(somebody: Person, tmp_path: Path) -> None:
    somebody.home.mkdir()
    (tmp_path / "Locations.csv").write_text("x\n")
    with exclusive(somebody.home / LOCK):
        Running(supervisor=os.getpid(), groups=(), target="local", ui="", aws="").write(somebody.home)
        complaint = refused(somebody, "upload", str(tmp_path / "Locations.csv"), "--assessment", "2002")
    assert "starts or stops just now" in complaint


@pytest.fixture
def account(aws: LocalAws, tmp_path: Path) -> dict[str, str]:
    """The environment of somebody whose account is an embedded AWS, with an upload at hand."""
    (tmp_path / "assessments" / "2002").mkdir(parents=True)
    (tmp_path / "assessments" / "2002" / "Locations.csv").write_text("x\n")
    return {"AWS_ENDPOINT_URL": aws.url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


@pytest.mark.parametrize(
    "words", [("up", "--port", "0"), ("run", "{folder}"), ("upload", "{folder}/assessments", "--assessment", "2002")]
)
def test_a_missing_bucket_of_an_account_is_told_before_anything_starts(
    somebody: Person, tmp_path: Path, account: dict[str, str], words: tuple[str, ...]
) -> None:
    typed = [word.format(folder=tmp_path) for word in words]
    complaint = refused(somebody, *typed, "--aws", QS_BUCKET="elsewhere", **account)
    assert "s3:ListBucket on s3://elsewhere/ failed: NoSuchBucket" in complaint
    assert not somebody.home.exists()


def test_missing_credentials_of_an_account_are_told_before_anything_starts(
    somebody: Person, account: dict[str, str]
) -> None:
    del account["AWS_ACCESS_KEY_ID"], account["AWS_SECRET_ACCESS_KEY"]
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del somebody.environ[name]
    assert "Unable to locate credentials" in refused(somebody, "up", "--aws", "--port", "0", **account)
    assert not somebody.home.exists()


def test_an_upload_without_the_permission_is_one_line_that_names_it(
    somebody: Person, tmp_path: Path, account: dict[str, str]
) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="files")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::files/*"}
    s3.put_bucket_policy(Bucket="files", Policy=json.dumps({"Statement": [deny]}))
    words = ("upload", str(tmp_path / "assessments"), "--assessment", "2002", "--aws")
    assert "Allow s3:PutObject" in refused(somebody, *words, QS_BUCKET="files", **account)
