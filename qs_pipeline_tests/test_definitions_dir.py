"""The definitions are found in a checkout, or where a setting says."""

from pathlib import Path

import pytest

from qs_pipeline.definitions_dir import (
    DefinitionsMissingError,
    check_definitions,
    definitions_directory,
    instance_template,
)


def test_a_checkout_has_its_definitions_at_the_top() -> None:
    assert (definitions_directory({}) / "dashboard" / "dashboard.json").is_file()
    assert instance_template().name == "dagster.yaml"


def test_the_setting_wins(tmp_path: Path) -> None:
    assert definitions_directory({"QS_DEFINITIONS_DIR": str(tmp_path)}) == tmp_path


def test_a_folder_that_is_not_there_is_named_with_the_setting(tmp_path: Path) -> None:
    with pytest.raises(DefinitionsMissingError, match="nowhere: set QS_DEFINITIONS_DIR"):
        definitions_directory({"QS_DEFINITIONS_DIR": str(tmp_path / "nowhere")})


@pytest.mark.parametrize("part", ["dashboard", "datasets"])
def test_a_folder_that_lacks_a_part_is_told_before_it_is_needed(tmp_path: Path, part: str) -> None:
    for each in ("dashboard", "datasets"):
        (tmp_path / each).mkdir()
    check_definitions({"QS_DEFINITIONS_DIR": str(tmp_path)})
    (tmp_path / part).rmdir()
    with pytest.raises(DefinitionsMissingError, match=f"holds no {part}/: set QS_DEFINITIONS_DIR"):
        check_definitions({"QS_DEFINITIONS_DIR": str(tmp_path)})
