"""An untidy sample is the same sample: all of it is accepted, and nothing is lost or added."""

from pathlib import Path

import polars as pl
import polars.selectors as cs
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.frames.intake import read_upload
from qs_pipeline.frames.verdict import Accepted
from qs_pipeline.sample import write_sample

CONTRACTS = {each.filename: each.contract for each in (*CATALOG.uploads, *CATALOG.references)}


def taken(directory: Path, *, quirks: bool) -> dict[str, pl.DataFrame]:
    write_sample(directory, assessment="10910", size="small", seed=4, quirks=quirks)
    frames: dict[str, pl.DataFrame] = {}
    for path in directory.rglob("*.csv"):
        verdict = read_upload(path, CONTRACTS[path.name], filename=path.name, expected_number="10910")
        assert isinstance(verdict, Accepted), verdict.reason
        assert not verdict.unreadable
        assert not verdict.missing
        assert not verdict.unknown
        frames[path.stem] = verdict.frame
    return frames


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("untidy")


@pytest.fixture(scope="module")
def odd(folder: Path) -> dict[str, pl.DataFrame]:
    return taken(folder, quirks=True)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    return taken(tmp_path_factory.mktemp("tidy"), quirks=False)


def raw(folder: Path, name: str) -> bytes:
    return next(folder.rglob(f"{name}.csv")).read_bytes()


def test_every_untidy_file_is_accepted_with_the_totals_of_the_tidy_one(
    plain: dict[str, pl.DataFrame], odd: dict[str, pl.DataFrame]
) -> None:
    assert odd.keys() == plain.keys()
    for name, frame in plain.items():
        assert odd[name].columns == frame.columns
        totals = odd[name].select(cs.numeric().sum()).to_dicts()
        for figures, expected in zip(totals, frame.select(cs.numeric().sum()).to_dicts(), strict=True):
            assert figures == pytest.approx(expected), name


def test_files_are_spelled_and_ended_in_many_ways(folder: Path) -> None:
    assert raw(folder, "Locations").startswith(b"\xef\xbb\xbf")
    force_flow = raw(folder, "RD_I_PaxLocationAll")
    assert force_flow.count(b"\r\n") == force_flow.count(b"\n")
    assert raw(folder, "RD_I_Ration_Costs").endswith(b"\n  \n\n")
    assert raw(folder, "RD_I_POS_Location").startswith(b'"')
    headers = [path.read_text(encoding="utf-8-sig").partition("\n")[0] for path in folder.rglob("*.csv")]
    for spelling in ("class of supply", "Unit.of.Issue", "CLASS_OF_SUPPLY", " Class_of_Supply "):
        assert any(spelling in header for header in headers), spelling


def test_water_has_columns_without_a_name(folder: Path) -> None:
    header = raw(folder, "RD_IW_PaxLocationAll").splitlines()[0]
    assert b"Non.Potable_Rqmt,Total_Rqmt,Drinking_Rqmt,V7,V8,V9,DOS_Period" in header


def test_some_flags_are_empty_and_some_parts_unknown(folder: Path, odd: dict[str, pl.DataFrame]) -> None:
    parts = odd["RD_IX_Requirement_Trimmed"]
    known = odd["classix_dimensional_data"]["NIIN"].to_list()
    assert (~parts["NIIN of Part Required"].is_in(known)).sum() > parts.height / 40
    assert parts["DIM LENGTH INCHES"].null_count() > 0
    assert (parts["DIM LENGTH INCHES"] == 9999).any()
    cells = pl.read_csv(next(folder.rglob("RD_IX_Requirement_Trimmed.csv")), infer_schema=False)
    flags = next(cells[name] for name in cells.columns if name.strip().lower().startswith("secrep"))
    assert set(flags) == {"TRUE", "FALSE", "true", "false", None}


def test_names_hold_commas_quotes_and_the_letters_na(odd: dict[str, pl.DataFrame]) -> None:
    places = odd["Locations"]
    assert places["Designated_Name"].str.contains('", ', literal=True).sum() == 1
    assert "NA" in places["City"]
    assert places["Location_ID"].str.starts_with("0").all()
    assert set(odd["RD_I_PaxLocationAll"]["Location_Name"]) <= set(places["Designated_Name"])
    assert "\n" in odd["AssessmentTable"]["Description"][0]


@pytest.mark.parametrize(
    ("name", "kind"), [("RD_I_POS_Pallet_Requirement", "Ration_Type"), ("RD_VI_POS_Pallet_Requirement", "HCP_Type")]
)
def test_one_location_has_two_caps(
    plain: dict[str, pl.DataFrame], odd: dict[str, pl.DataFrame], name: str, kind: str
) -> None:
    kinds = plain[name][kind].n_unique()
    assert odd[name].height == plain[name].height + kinds
    assert odd[name].select("Location_ID", kind).is_duplicated().sum() == 2 * kinds


@pytest.mark.parametrize(
    ("name", "quantity", "price"),
    [
        ("RD_II_VII_DailyTE_WithDimensions", "TE_Orig_Qty", "STANDARD_UNIT_PRICE"),
        ("RD_IIIP_POL_Pkg_NSN_Requirements_PBI", "Qty", "STANDARD UNIT PRICE"),
        ("RD_IV_Daily_Requirements", "UOI_QTY", "Price"),
    ],
)
def test_some_quantities_are_fractions_of_the_same_worth(
    plain: dict[str, pl.DataFrame], odd: dict[str, pl.DataFrame], name: str, quantity: str, price: str
) -> None:
    fractions = odd[name][quantity]
    assert (fractions % 1 == 0.5).sum() >= 4
    assert (fractions > 0).all()
    worth = pl.col(quantity) * pl.col(price)
    assert odd[name].select(worth.sum()).item() == pytest.approx(plain[name].select(worth.sum()).item())
