"""The folder form is read strictly and written the same way each time."""

import json
from pathlib import Path

import pytest

from qs_pipeline.dashboards.bind import UnboundError, bind
from qs_pipeline.dashboards.definition import Definition, FolderError, fingerprint
from qs_pipeline.dashboards.folder import dump, load
from qs_pipeline.definitions_dir import definitions_directory


def test_what_is_written_is_read_back(small: Definition, tmp_path: Path) -> None:
    dump(small, tmp_path)
    assert load(tmp_path) == small


def test_writing_leaves_arns_and_sheets_of_before_behind(small: Definition, tmp_path: Path) -> None:
    dump(small, tmp_path)
    bound = bind(small, {"fruit": "arn:aws:fruit", "crates": "arn:aws:crates"})
    dump(Definition(content={**bound, "Sheets": bound["Sheets"][1:]}), tmp_path)
    assert [sheet["SheetId"] for sheet in load(tmp_path).sheets] == ["prices"]
    assert "arn:" not in (tmp_path / "dashboard.json").read_text()


def test_our_definition_is_written_as_the_tool_writes_it(ours: Definition, tmp_path: Path) -> None:
    dump(ours, tmp_path)
    folder = definitions_directory({}) / "dashboard"
    texts = [{file.relative_to(root): file.read_text() for file in root.rglob("*.json")} for root in (folder, tmp_path)]
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{\n  "SheetId": "a",\n  "Name" "b"\n}', r"01-a\.json:3:10: is not JSON: Expecting ':' delimiter"),
        ('{"SheetId": "a", "SheetId": "b"}', r"01-a\.json: an object names \['SheetId'\] twice"),
        ('{"SheetId": ' + "9" * 5000 + "}", r"01-a\.json: holds a value that cannot be sent"),
        (r'{"SheetId": "\ud800"}', r"01-a\.json: holds a value that cannot be sent"),
        ("[]", r"01-a\.json: holds no JSON object"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "sheets").mkdir()
    (tmp_path / "dashboard.json").write_text("{}")
    (tmp_path / "sheets" / "01-a.json").write_text(text)
    with pytest.raises(FolderError, match=expected):
        load(tmp_path)


def test_a_folder_without_its_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match=r"dashboard\.json: is missing"):
        load(tmp_path)
    (tmp_path / "dashboard.json").write_text("{}")
    with pytest.raises(FolderError, match="holds no sheet"):
        load(tmp_path)
    (tmp_path / "dashboard.json").write_text('{"Sheets": []}')
    with pytest.raises(FolderError, match="a sheet is a file of its own"):
        load(tmp_path)


def test_binding_changes_the_declarations_alone(small: Definition) -> None:
    bound = bind(small, {"fruit": "arn:f", "crates": "arn:c", "other": "arn:o"})
    assert bound["DataSetIdentifierDeclarations"] == [
        {"Identifier": "fruit", "DataSetArn": "arn:f"},
        {"Identifier": "crates", "DataSetArn": "arn:c"},
    ]
    assert {**bound, "DataSetIdentifierDeclarations": 0} == {**small.content, "DataSetIdentifierDeclarations": 0}


def test_a_data_set_without_an_arn_is_named(small: Definition) -> None:
    with pytest.raises(UnboundError, match="no ARN for the data sets crates") as error:
        bind(small, {"fruit": "arn:f"})
    assert error.value.data_sets == ["crates"]


def test_a_fingerprint_follows_the_value_and_not_the_order_of_keys(small: Definition) -> None:
    turned = dict(reversed(json.loads(json.dumps(small.content)).items()))
    assert fingerprint(turned) == fingerprint(small.content)
    assert fingerprint({**turned, "Options": {}}) != fingerprint(small.content)
