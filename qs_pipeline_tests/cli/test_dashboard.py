"""The commands about definitions say what is wrong, what is left and what differs, and never end in a traceback."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from qs_pipeline.cli import app
from qs_pipeline.dashboards.definition import FolderError
from qs_pipeline.definitions_dir import definitions_directory

OURS = str(definitions_directory({}) / "dashboard")


def _run(*words: str) -> Result:
    done = CliRunner().invoke(app, ["dashboard", *words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_our_definition_is_sound_with_any_data_sets() -> None:
    assert "sound: 17 sheets" in _run("validate").stdout
    assert "sound: 0 sheets" in _run("validate", OURS, "--datasets", "").stdout


def test_what_is_built_is_sound_and_differs_by_what_the_report_says(tmp_path: Path) -> None:
    file = tmp_path / "out" / "built.json"
    report = _run("build", "--datasets", "POS, AssessmentTable", "--out", str(file)).stdout
    assert "| sheet | Force Flow |" in report
    assert _run("validate", str(file)).exit_code == 0
    told = _run("diff", OURS, str(file))
    assert told.exit_code == 1
    assert "sheet 'Force Flow' removed" in told.stdout
    assert _run("diff", str(file), str(file)).stdout == "no difference\n"


def test_a_dashboard_without_sheets_is_not_built(tmp_path: Path) -> None:
    done = _run("build", "--datasets", "", "--out", str(tmp_path / "built.json"))
    assert done.exit_code == 1
    assert not (tmp_path / "built.json").exists()


def test_a_fault_is_a_line_and_a_failure(tmp_path: Path) -> None:
    file = tmp_path / "exported.json"
    file.write_text(json.dumps({"Name": "x", "Definition": {"DataSetIdentifierDeclarations": [], "Sheets": [{}]}}))
    done = _run("validate", str(file))
    assert done.exit_code == 1
    assert "Sheets[0]: lacks SheetId" in done.stderr


def test_of_very_many_faults_the_first_are_told(tmp_path: Path) -> None:
    file = tmp_path / "exported.json"
    file.write_text(json.dumps({"DataSetIdentifierDeclarations": [], "Sheets": [{"Name": str(n)} for n in range(300)]}))
    first, *_, last = _run("validate", str(file)).stderr.splitlines()
    assert "at most 20 items, not 300" in first
    assert last == "qs-pipeline: and 201 more faults; mend these first"


def test_a_data_set_that_is_not_declared_is_named_with_those_that_are() -> None:
    with pytest.raises(FolderError, match="declares no data set Pos; it has: AssessmentTable"):
        _run("validate", "--datasets", "Pos,POS")
