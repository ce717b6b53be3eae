"""A definition of another account is taken as it is exported, and goes back as it came."""

import json
from pathlib import Path
from typing import Any

import pytest

from qs_pipeline.dashboards.bind import bind
from qs_pipeline.dashboards.definition import Definition, FolderError, strings
from qs_pipeline.dashboards.exported import columns_named, unbind
from qs_pipeline.dashboards.folder import dump, load, read
from qs_pipeline.dashboards.prune import prune
from qs_pipeline.dashboards.validate import problems

TABLES = ["POS", "POS_lines", "fruit", "crates"]
Columns = dict[str, list[str]]


def _arn(data_set_id: str) -> str:
    return f"arn:aws:quicksight:eu-west-1:999999999999:dataset/{data_set_id}"


def _exported(small: Definition, ids: dict[str, str]) -> dict[str, Any]:
    """The answer of describe-dashboard-definition; ``ids`` are data set ids by identifier."""
    content = bind(small, {name: _arn(data_set) for name, data_set in ids.items()})
    theme = "arn:aws:quicksight:eu-west-1:999999999999:theme/MIDNIGHT"
    return {"Status": 200, "DashboardId": "d", "Name": "Theirs", "Definition": content, "ThemeArn": theme, "Errors": []}


def _written(tmp_path: Path, value: object, name: str = "exported.json") -> Path:
    (tmp_path / name).write_text(json.dumps(value))
    return tmp_path / name


def test_an_exported_file_is_taken_out_of_its_envelope_and_its_account(small: Definition, tmp_path: Path) -> None:
    file = _written(tmp_path, _exported(small, {"fruit": "x1", "crates": "x2"}))
    taken = read(file, TABLES)
    assert taken.content == small.content
    assert not [text for text in strings(taken.content) if "arn:" in text]


def test_what_is_pulled_is_what_was_published(small: Definition, stalls: Columns, tmp_path: Path) -> None:
    pruned = prune(small, {"crates": stalls["crates"]}).definition
    shown = bind(pruned, {"crates": _arn("crates-dataset-A1")})
    dump(unbind(Definition(content=shown), TABLES), tmp_path)
    assert load(tmp_path).content == pruned.content


def test_a_data_set_is_known_by_its_id_whatever_it_is_called(small: Definition, stalls: Columns) -> None:
    text = json.dumps(small.content).replace('"fruit"', '"Fruit of today"')
    theirs = Definition(content=json.loads(text))
    arns = {"Fruit of today": _arn("fruit-dataset-77"), "crates": _arn("zz")}
    ours = unbind(Definition(content=bind(theirs, arns)), TABLES)
    arns_left, renamed = ours.repairs
    assert arns_left.startswith("the ARNs of account 999999999999 in eu-west-1 stay behind; publication puts those of")
    assert renamed == "the data set 'Fruit of today' is called fruit here"
    assert ours.content == small.content
    assert problems(ours, stalls) == []


def test_the_id_of_one_table_is_not_that_of_another_whose_name_begins_so(small: Definition) -> None:
    arns = {"fruit": _arn("POS-lines-dataset-1"), "crates": _arn("crates-dataset-1")}
    with pytest.raises(FolderError, match=r"'fruit' has the id 'POS-lines-dataset-1', which is of POS_lines"):
        unbind(Definition(content=bind(small, arns)), TABLES)


def test_a_small_table_beside_the_file_decides(small: Definition, tmp_path: Path) -> None:
    file = _written(tmp_path, _exported(small, {"fruit": "POS-lines-dataset-1", "crates": "2"}))
    _written(tmp_path, {"fruit": "fruit", "2": "POS"}, "data_sets.json")
    assert read(file, TABLES).data_sets == ["fruit", "POS"]


def test_two_data_sets_that_are_one_table_are_both_named(small: Definition, tmp_path: Path) -> None:
    file = _written(tmp_path, _exported(small, {"fruit": "1", "crates": "2"}))
    _written(tmp_path, {"fruit": "POS", "crates": "POS"}, "data_sets.json")
    with pytest.raises(FolderError, match="'fruit' and 'crates' both are POS"):
        read(file, TABLES)


def test_the_exclusion_of_a_data_set_is_bound_anew(small: Definition) -> None:
    content = bind(small, {"fruit": _arn("1"), "crates": _arn("2")})
    content["Options"] = {"ExcludedDataSetArns": [_arn("2"), _arn("of-nobody")]}
    ours = unbind(Definition(content=content), TABLES)
    assert ours.content["Options"] == {"ExcludedDataSetArns": ["crates"]}
    assert bind(ours, {"fruit": "a", "crates": "b"})["Options"] == {"ExcludedDataSetArns": ["b"]}
    assert "crates" not in json.dumps(prune(ours, {"fruit": ["Kind"]}).definition.content)


def test_columns_of_a_data_set_without_a_table_map_are_those_it_is_asked_for(small: Definition) -> None:
    assert columns_named(small, "fruit") == {"Kind", "Colour", "Rank", "Cost"}
    assert columns_named(small, "crates") == {"Place", "Count"}


def test_functions_that_are_not_known_yet_can_be_named_beside_a_definition(small: Definition, tmp_path: Path) -> None:
    content = json.loads(json.dumps(small.content))
    content["CalculatedFields"][0]["Expression"] = "shiny({Cost}) * ${markup}"
    file = _written(tmp_path, content)
    columns = {name: sorted(columns_named(small, name)) for name in small.data_sets}
    assert "shiny at line 1, column 1 is no function" in str(problems(read(file, TABLES), columns)[0])
    _written(tmp_path, {"shiny": [1, 2]}, "functions.json")
    assert problems(read(file, TABLES), columns) == []
    _written(tmp_path, {"shiny": 2}, "functions.json")
    with pytest.raises(FolderError, match=r"functions\.json: 'shiny' needs its fewest and most arguments"):
        read(file, TABLES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"Sheets": [', r"exported\.json:1:13: is not JSON"),
        ("[" * 200_000, "nests too deeply"),
        ('{"Sheets": ' + "[" * 300 + "]" * 300 + "}", "nests too deeply"),
        (
            '{"Dashboard": {"DashboardId": "d"}}',
            "without its definition; export .* describe-dashboard-definition' instead",
        ),
        ('{"Resources": {}}', "is a CloudFormation template; export a dashboard by"),
        ('{"Definition": {"DataSetConfigurations": [], "Sheets": []}}', "is the definition of a template"),
        ('{"Name": "x"}', "holds neither 'Definition' nor 'Sheets'"),
        ("3", "holds no JSON object"),
        ('{"Sheets": [], "x": NaN}', r"exported\.json: NaN is not JSON; give a number"),
        ('{"Sheets": [], "x": 1e999}', "holds a value that cannot be sent"),
    ],
)
def test_what_is_no_definition_is_refused_with_a_reason(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "exported.json").write_text(text)
    with pytest.raises(FolderError, match=said):
        read(tmp_path / "exported.json", TABLES)


def test_the_byte_order_mark_of_an_editor_does_not_matter(small: Definition, tmp_path: Path) -> None:
    file = tmp_path / "exported.json"
    file.write_text(json.dumps(small.content), encoding="utf-8-sig")
    assert read(file, TABLES).content == small.content
