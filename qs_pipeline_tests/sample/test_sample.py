"""Invented assessments: complete, consistent, calibrated, and the same for the same seed."""

import hashlib
import re
from pathlib import Path

import polars as pl
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.frames.contract import file_columns, folded
from qs_pipeline.frames.intake import read_upload
from qs_pipeline.frames.verdict import Accepted
from qs_pipeline.model import ModelError
from qs_pipeline.sample import Size, write_sample
from qs_pipeline.sample.class_i_water import class_i_water_files
from qs_pipeline.sample.raw import as_file
from qs_pipeline.sample.scenario import invent
from qs_pipeline.supply.class_i_water import RD_IW_PaxLocationAll

ROWS = {
    "AssessmentTable": (1, 1, 1),
    "AssessmentParameterDataMapTable": (1, 1, 1),
    "Locations": (4, 10, 32),
    "RD_I_PaxLocationAll": (72, 3_450, 34_500),
    "RD_I_POS_Location": (16, 40, 128),
    "RD_I_Ration_Costs": (80, 200, 640),
    "RD_I_POS_Pallet_Requirement": (20, 50, 160),
    "RD_IW_PaxLocationAll": (72, 3_450, 34_500),
    "RD_IW_Ration_Costs": (64, 160, 512),
    "RD_IW_POS_Requirement": (16, 40, 128),
    "RD_II_VII_DailyTE_WithDimensions": (225, 4_500, 45_000),
    "RD_II_ICCE_DailyTE": (225, 4_500, 45_000),
    "RD_IIIP_POL_Pkg_NSN_Requirements_PBI": (45, 900, 9_000),
    "RD_IV_Daily_Requirements": (20, 100, 2_400),
    "RD_VI_POS_Pallet_Requirement": (12, 30, 96),
    "RD_IX_Requirement_Trimmed": (1_000, 20_000, 200_000),
}

ONE_OF_TWO_LAYOUTS = "RD_IX_Requirement"
"""The same data as its extract, which is what a sample has."""


def frames(directory: Path, size: Size = "small", seed: int = 1) -> dict[str, pl.DataFrame]:
    taken: dict[str, pl.DataFrame] = {}
    for path in write_sample(directory, assessment="10910", size=size, seed=seed):
        upload = CATALOG.upload_for(path.name)
        verdict = read_upload(path, upload.contract, filename=path.name, expected_number="10910")
        assert isinstance(verdict, Accepted), verdict.reason
        assert verdict.notes == ()
        taken[upload.name] = verdict.frame
    return taken


@pytest.mark.parametrize(("at", "size"), [(0, "small"), (1, "medium"), (2, "large")])
def test_every_upload_is_written_accepted_and_has_its_rows(tmp_path: Path, at: int, size: Size) -> None:
    taken = frames(tmp_path, size)
    assert taken.keys() == {upload.name for upload in CATALOG.uploads} - {ONE_OF_TWO_LAYOUTS}
    assert {name: frame.height for name, frame in taken.items()} == {name: ROWS[name][at] for name in taken}


def test_files_stand_where_the_calculators_put_them_with_the_whole_header(tmp_path: Path) -> None:
    paths = write_sample(tmp_path, assessment="10910", size="small", seed=1)
    uploads = [upload for upload in CATALOG.uploads if upload.name != ONE_OF_TWO_LAYOUTS]
    for path, upload in zip(paths, uploads, strict=True):
        assert path == tmp_path / "assessments" / "10910" / upload.folder / upload.filename
        header = pl.read_csv(path, n_rows=0).columns
        wanted = [name for name in file_columns(upload.contract) if not re.fullmatch(r"V\d", name)]
        assert [folded(name).replace("non_", "non") for name in header] == [folded(name) for name in wanted]


def test_headers_are_spelled_as_the_calculators_spell_them() -> None:
    scenario = invent("10910", "small", 1)
    water = as_file(RD_IW_PaxLocationAll, class_i_water_files(scenario)["RD_IW_PaxLocationAll"])
    assert ",".join(water.columns) == (
        "AssessmentNumber,Class_of_Supply,Location_ID,Service,MEF,MSE,CAP_Name,CAP_Names,UIC,Day,flowin,cumflow,"
        "WParameter,Plan,Potable,Non-Potable,Total Water,Drinking,Potable_Rqmt,Non-Potable_Rqmt,Total_Rqmt,"
        "Drinking_Rqmt,DOS_Period,Location_Name,Region,Region_MEF_Lead"
    )


def test_the_same_seed_gives_the_same_bytes_and_another_seed_or_assessment_gives_others(tmp_path: Path) -> None:
    def content(folder: str, assessment: str, seed: int) -> str:
        paths = write_sample(tmp_path / folder, assessment=assessment, size="small", seed=seed)
        return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()

    first = content("a", "10910", 1)
    assert content("b", "10910", 1) == first
    assert content("c", "10910", 2) != first
    assert content("d", "10911", 1) != first


def test_a_class_of_supply_can_be_left_out(tmp_path: Path) -> None:
    paths = write_sample(tmp_path, assessment="10910", size="small", seed=1, without=frozenset({"class_i"}))
    left = {upload.name for upload in CATALOG.uploads if CATALOG.class_of(upload.name).key != "class_i"}
    assert {path.stem for path in paths} == left - {ONE_OF_TWO_LAYOUTS}


def test_leaving_a_class_out_changes_no_other_file(tmp_path: Path) -> None:
    def content(folder: Path, without: frozenset[str]) -> dict[Path, bytes]:
        paths = write_sample(folder, assessment="10910", size="small", seed=1, without=without)
        return {path.relative_to(folder): path.read_bytes() for path in paths}

    complete = content(tmp_path / "all", frozenset())
    for key in ("assessment", "class_i", "class_ii_vii"):
        kept = content(tmp_path / key, frozenset({key}))
        assert kept
        assert kept.items() < complete.items()


def test_assessments_share_what_is_no_assessments(tmp_path: Path) -> None:
    write_sample(tmp_path, assessment="10910", size="small", seed=1)
    first = {path: path.read_bytes() for path in (tmp_path / "reference").glob("*")}
    write_sample(tmp_path, assessment="10911", size="small", seed=1)
    assert {tmp_path / each.key for each in CATALOG.references} == first.keys()
    assert {path: path.read_bytes() for path in first} == first


def test_an_unknown_class_or_a_bad_id_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="'clas_i' is unknown: did you mean 'class_i'"):
        write_sample(tmp_path, assessment="10910", size="small", seed=1, without=frozenset({"clas_i"}))
    with pytest.raises(ModelError, match=r"assessment id '\.\./x'"):
        write_sample(tmp_path, assessment="../x", size="small", seed=1)
    assert not list(tmp_path.iterdir())
