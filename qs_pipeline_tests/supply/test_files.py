"""The files of the classes of supply as they really arrive: headers of several makes, two layouts, odd cells."""

from collections.abc import Callable
from pathlib import Path

import dataframely as dy
import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.frames.contract import file_columns, required_columns
from qs_pipeline.frames.intake import read_upload
from qs_pipeline.frames.verdict import Accepted, Rejected
from qs_pipeline.supply.assessment import AssessmentParameterDataMapTable, AssessmentTable
from qs_pipeline.supply.class_i import RD_I_POS_Pallet_Requirement
from qs_pipeline.supply.class_i_water import RD_IW_PaxLocationAll
from qs_pipeline.supply.class_ii_vii import RD_II_VII_DailyTE_WithDimensions
from qs_pipeline.supply.class_ix_files import RD_IX_Requirement, RD_IX_Requirement_Trimmed
from qs_pipeline.supply.class_vi import RD_VI_POS_Pallet_Requirement
from qs_pipeline.supply.force_flow import RD_I_PaxLocationAll

Read = Callable[[type[dy.Schema], dict[str, str]], Accepted | Rejected]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a file of one row, given as header and cell."""

    def read_row(contract: type[dy.Schema], cells: dict[str, str]) -> Accepted | Rejected:
        path = tmp_path / "upload.csv"
        path.write_text(f"{','.join(cells)}\n{','.join(cells.values())}\n")
        return read_upload(path, contract, filename=f"{contract.__name__}.csv", expected_number="10910")

    return read_row


def row(contract: type[dy.Schema], **cells: str) -> dict[str, str]:
    """The whole header with 1 in every cell, so that figures, ids and text can be read; flags FALSE."""
    constant = dict.fromkeys(("SECREP Flag", "Battery Flag"), "FALSE") | cells
    constant |= dict.fromkeys(("AssessmentNumber", "AssessmentID"), "10910")
    return {name: constant.get(name, "1") for name in file_columns(contract)}


@pytest.mark.parametrize("upload", CATALOG.uploads, ids=lambda upload: upload.name)
def test_headers_written_with_dots_for_all_punctuation_are_the_same(read: Read, upload: object) -> None:
    contract = CATALOG.upload(upload.name).contract
    dotted = {
        "".join(c if c.isalnum() or c == "_" else "." for c in name): cell for name, cell in row(contract).items()
    }
    verdict = read(contract, dotted)
    assert isinstance(verdict, Accepted), verdict.reason
    assert (verdict.missing, verdict.unknown, verdict.unreadable) == ((), (), {})


@pytest.mark.parametrize(
    ("contract", "column", "cell"),
    [
        (AssessmentTable, "OperationDuration", "0"),
        (AssessmentTable, "OperationDuration", ""),
        (AssessmentParameterDataMapTable, "DaysOfSupplyFirst", "0"),
        (AssessmentParameterDataMapTable, "DaysOfSupplySecond", ""),
        (AssessmentParameterDataMapTable, "DaysOfSupplyThird", "ninety"),
        (RD_I_PaxLocationAll, "Day", "0"),
        (RD_I_PaxLocationAll, "Day", ""),
        (RD_IW_PaxLocationAll, "Day", "-1"),
    ],
)
def test_a_day_that_a_table_counts_with_must_be_one(
    read: Read, contract: type[dy.Schema], column: str, cell: str
) -> None:
    assert isinstance(read(contract, row(contract)), Accepted)
    verdict = read(contract, row(contract) | {column: cell})
    assert isinstance(verdict, Rejected)
    assert [rule.column for rule in verdict.broken] == [column]


def test_days_of_supply_may_be_equal_but_never_fall(read: Read) -> None:
    def days(*last: int) -> Accepted | Rejected:
        named = zip(("First", "Second", "Third"), map(str, last), strict=True)
        contract = AssessmentParameterDataMapTable
        return read(contract, row(contract) | {f"DaysOfSupply{name}": day for name, day in named})

    assert isinstance(days(30, 60, 90), Accepted)
    assert isinstance(days(30, 30, 90), Accepted)
    for fallen in (days(90, 60, 95), days(30, 60, 59)):
        assert isinstance(fallen, Rejected)
        assert [rule.rule for rule in fallen.broken] == ["days of supply in order"]


WITH_PERIODS = [
    (upload.contract, name)
    for upload in CATALOG.uploads
    for name in upload.contract.column_names()
    if name in {"POS", "DOS_Period"}
]


@pytest.mark.parametrize(("contract", "column"), WITH_PERIODS)
def test_a_period_is_known_in_any_case_and_an_unknown_one_is_told(
    read: Read, contract: type[dy.Schema], column: str
) -> None:
    word = f"{column[:3].lower()}3"
    known, unknown = (read(contract, row(contract) | {column: cell}) for cell in (f"{word} ", "D3"))
    assert isinstance(known, Accepted)
    assert isinstance(unknown, Accepted)
    assert (known.frame[column].to_list(), known.warnings) == ([word.upper()], ())
    assert unknown.frame[column].to_list() == ["D3"]
    assert unknown.warnings[0].startswith(f"{column}: 1 cell is none of {word[:3].upper()}1, ")


def test_every_file_with_one_row_a_period_says_which_words_it_knows() -> None:
    assert len(WITH_PERIODS) == 8


def test_water_is_spelled_with_hyphens_and_spaces_or_without(read: Read) -> None:
    spelled = {"NonPotable": "Non-Potable", "NonPotable_Rqmt": "Non-Potable_Rqmt", "Total_Water": "Total Water"}
    spelled |= {"Flowin": "flowin", "Cumflow": "cumflow", "Wparameter": "WParameter"}
    cells = row(RD_IW_PaxLocationAll, NonPotable="2", NonPotable_Rqmt="3", Total_Water="4", Flowin="5")
    for punctuation in ("-", ".", "_", " "):
        header = {spelled.get(name, name).replace("-", punctuation): cell for name, cell in cells.items()}
        verdict = read(RD_IW_PaxLocationAll, header)
        assert isinstance(verdict, Accepted), verdict.reason
        taken = verdict.frame.row(0, named=True)
        assert [taken[name] for name in ("NonPotable", "NonPotable_Rqmt", "Total_Water", "Flowin")] == [2, 3, 4, 5]
        assert verdict.unknown == ()


@pytest.mark.parametrize("contract", [RD_I_POS_Pallet_Requirement, RD_VI_POS_Pallet_Requirement])
def test_periods_of_pallets_may_be_called_pos_or_dos(read: Read, contract: type[dy.Schema]) -> None:
    verdict = read(contract, {name.replace("DOS", "POS"): cell for name, cell in row(contract).items()})
    assert isinstance(verdict, Accepted), verdict.reason
    assert (verdict.missing, verdict.unknown) == ((), ())


def test_of_the_two_prices_of_an_item_each_is_read_from_its_own_column(read: Read) -> None:
    cells = row(RD_II_VII_DailyTE_WithDimensions, STANDARD_UNIT_PRICE="7.5") | {"STANDARD UNIT PRICE": "8.5"}
    verdict = read(RD_II_VII_DailyTE_WithDimensions, cells)
    assert isinstance(verdict, Accepted), verdict.reason
    taken = verdict.frame.row(0, named=True)
    assert (taken["STANDARD_UNIT_PRICE"], taken["STANDARD UNIT PRICE"]) == (7.5, 8.5)


WHOLE = {
    "AssessmentNumber": "10910",
    "REGION": "R1",
    "LOCATION_NAME": "Camp Elm",
    "IS_SECREP_NIIN": "true",
    "BATTERY_FLAG": "",
    "TAMCN_QTY_FIE": "3",
    "FSC": "5310",
    "NIIN": "007960475",
    "NOMENCLATURE": "ACTUATOR",
    "UNIT_PRICE": "9.5",
    "DSS_CUBE": "4",
    **{f"Required_{period}": "1.5" for period in ("FIE", "POS1", "POS2", "POS3", "BEYOND")},
    **{f"Cost_{period}": "2.5" for period in ("FIE", "POS1", "POS2", "POS3", "BEYOND")},
    "Cost_80_POS1": "99",
    "keepRec": "TRUE",
}


@pytest.mark.parametrize("contract", [RD_IX_Requirement, RD_IX_Requirement_Trimmed])
def test_class_ix_is_read_in_the_layout_of_the_whole_file_too(read: Read, contract: type[dy.Schema]) -> None:
    verdict = read(contract, WHOLE)
    assert isinstance(verdict, Accepted), verdict.reason
    taken = verdict.frame.row(0, named=True)
    wanted = {
        "Region": "R1",
        "Location Name": "Camp Elm",
        "SECREP Flag": True,
        "Battery Flag": False,
        "TAMCN_NIIN_QTY_FIE": 3,
        "FSC of Part Required": "5310",
        "NIIN of Part Required": "007960475",
        "Nomenclature of Part Required": "ACTUATOR",
        "STANDARD UNIT PRICE": 9.5,
        "DIM LENGTH INCHES": None,
        "Required_POS2": 1.5,
        "Value_FIE": 2.5,
        "Value_POS1": 2.5,
    }
    assert {name: taken[name] for name in wanted} == wanted
    assert "Battery Flag: 1 empty cells are taken as FALSE" in verdict.notes
    assert set(verdict.missing) > {"DIM LENGTH INCHES", "DIM WIDTH INCHES", "DIM HEIGHT INCHES"}


def test_another_file_under_the_name_of_class_ix_is_told_which_layout_is_wanted(read: Read) -> None:
    verdict = read(RD_IX_Requirement, {"AssessmentNumber": "10910", "Region": "R1", "POS1_Qty": "1"})
    assert isinstance(verdict, Rejected)
    layout = verdict.broken[-1]
    assert (layout.rule, layout.count) == ("layout", len(required_columns(RD_IX_Requirement)) - 2)
    assert "RD_IX_Requirement.csv must have AssessmentNumber, Region, Location Name" in layout.detail


def test_a_column_of_class_ix_that_is_only_carried_may_be_missing_and_an_unused_one_silently(read: Read) -> None:
    dropped = {"COLLOQUIAL_NAME", "MEF", "IND STON", "Total_Value_Less_FIE", "Value_99_POS1"}
    cells = {name: cell for name, cell in row(RD_IX_Requirement_Trimmed).items() if name not in dropped}
    verdict = read(RD_IX_Requirement_Trimmed, cells)
    assert isinstance(verdict, Accepted), verdict.reason
    assert verdict.missing == ("MEF", "COLLOQUIAL_NAME")
