"""What goes wrong before anything starts is one line that names the thing and the fix, and a non-zero exit."""

import socket
from pathlib import Path

import pytest

from qs_pipeline.processes import HOST
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


def test_a_wrong_setting_is_named(somebody: Person) -> None:
    assert "QS_TARGET='gov'" in refused(somebody, "status", QS_TARGET="gov")
    assert "QS_USER_RATE='fast'" in refused(somebody, "status", QS_USER_RATE="fast")
