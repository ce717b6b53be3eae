"""Table maps: what is read from the file, what QuickSight is told, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from qs_pipeline import service_model
from qs_pipeline.quicksight.table_map import Column, TableMap, TableMapError, load_table_map

ARN = "arn:aws:quicksight:us-east-1:123456789012:datasource/POS-datasource-A1"
POS: dict[str, Any] = {
    "table": "POS",
    "columns": [
        {"name": "Name", "type": "STRING"},
        {"name": "State", "type": "STRING", "geographic_role": "STATE"},
        {"name": "Sort_Index", "type": "INTEGER"},
        {"name": "Short_Tons", "type": "DECIMAL"},
    ],
}


def written(folder: Path, content: object, name: str = "POS.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(content))
    return path


def test_columns_come_in_as_text_and_are_cast_tagged_and_projected_in_order(tmp_path: Path) -> None:
    table_map = load_table_map(written(tmp_path, POS))
    (physical,) = table_map.physical(ARN).items()
    assert physical == (
        "file",
        {
            "S3Source": {
                "DataSourceArn": ARN,
                "UploadSettings": {
                    "Format": "CSV",
                    "StartFromRow": 1,
                    "ContainsHeader": True,
                    "TextQualifier": "DOUBLE_QUOTE",
                    "Delimiter": ",",
                },
                "InputColumns": [
                    {"Name": name, "Type": "STRING"} for name in ("Name", "State", "Sort_Index", "Short_Tons")
                ],
            }
        },
    )
    assert table_map.logical() == {
        "typed": {
            "Alias": "POS",
            "DataTransforms": [
                {"CastColumnTypeOperation": {"ColumnName": "Sort_Index", "NewColumnType": "INTEGER"}},
                {
                    "CastColumnTypeOperation": {
                        "ColumnName": "Short_Tons",
                        "NewColumnType": "DECIMAL",
                        "SubType": "FLOAT",
                    }
                },
                {"TagColumnOperation": {"ColumnName": "State", "Tags": [{"ColumnGeographicRole": "STATE"}]}},
                {"ProjectOperation": {"ProjectedColumns": ["Name", "State", "Sort_Index", "Short_Tons"]}},
            ],
            "Source": {"PhysicalTableId": "file"},
        }
    }


def test_what_is_rendered_obeys_the_service_model(tmp_path: Path) -> None:
    table_map = load_table_map(written(tmp_path, POS))
    assert not service_model.violations("PhysicalTableMap", table_map.physical(ARN))
    assert not service_model.violations("LogicalTableMap", table_map.logical())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"table": "Pos"}, "map of table 'Pos'; name the file Pos.json"),
        ({"extra": 1}, "extra not known"),
        ({"columns": []}, "has 0 columns"),
        ({"columns": "a"}, "columns has to be a list"),
        ({"columns": [1]}, "column 1: expected an object"),
        ({"columns": [{"name": "a"}]}, "column 1: type missing"),
        ({"columns": [{"name": "", "type": "STRING"}]}, "the name is empty"),
        ({"columns": [{"name": "a", "type": "BIT"}]}, "'a': type 'BIT' is none of STRING"),
        ({"columns": [{"name": "a", "type": "STRING", "geographic_role": "MOON"}]}, "'MOON' is none of COUNTRY"),
        ({"columns": [{"name": "a", "type": "STRING"}] * 2}, "columns ['a'] stand there twice"),
        ({"columns": [{"name": "a" * 129, "type": "STRING"}]}, "longer than 128"),
    ],
)
def test_a_map_that_quicksight_would_refuse_is_refused_by_file_and_column(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    path = written(tmp_path, POS | change)
    with pytest.raises(TableMapError) as caught:
        load_table_map(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)


def test_a_file_that_is_missing_or_no_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableMapError, match=r"POS\.json: cannot be read"):
        load_table_map(tmp_path / "POS.json")
    (tmp_path / "POS.json").write_text("{")
    with pytest.raises(TableMapError, match=r"POS\.json: is not JSON"):
        load_table_map(tmp_path / "POS.json")


def test_a_map_made_in_code_is_held_to_the_same_rules() -> None:
    with pytest.raises(TableMapError, match="2049 columns"):
        TableMap(table="T", columns=tuple(Column(name=str(n), type="STRING") for n in range(2049)))
    with pytest.raises(TableMapError, match="1 to 64"):
        TableMap(table="T" * 65, columns=(Column(name="a", type="STRING"),))
