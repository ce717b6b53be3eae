"""Class VI, by hand."""

from collections.abc import Callable

import polars as pl
import pytest

from qs_pipeline.supply.class_vi import RD_VI_POS_Pallet_Requirement, cosvi_embark

Rows = Callable[..., pl.LazyFrame]

PACKS = {
    "Class_of_Supply": "VI",
    "HCP_Type": "HCP_1",
    "NIIN": "013689154",
    "Region": "R1",
    "Region_MEF_Lead": "IMEF",
    "Location_ID": "007",
    "Location_Name": "Camp Elm",
    "DOS1_Units_NIIN_Qty": 10.0,
    "DOS1_Units_NIIN_Qty_Pallet_Qty": 1.0,
    "DOS1_Units_NIIN_Qty_Pallet_Tot_CuFT": 33.4,
    "DOS1_Units_NIIN_Qty_Pallet_Tot_Wt(lbs)": 588.0,
    "DOS1_Units_NIIN_Qty_Pallet_Tot_TEUs": 0.045,
    "DOS3_Units_NIIN_Qty": 2.0,
    "DOS3_Units_NIIN_Qty_Pallet_Tot_Wt(lbs)": 117.6,
}


def embark(rows: Rows, *cells: dict[str, object]) -> list[dict[str, object]]:
    return cosvi_embark.transform(rows(RD_VI_POS_Pallet_Requirement, *cells)).collect().rows(named=True)


def test_each_period_with_a_weight_is_a_row_named_as_in_all_other_classes(rows: Rows) -> None:
    first, third = embark(rows, PACKS)
    words = ("COS_TYPE", "POS", "UI", "LOCATION_ID", "LOCATION_NAME", "REGION", "REGION_MEF_LEAD")
    assert [first[name] for name in words] == ["HCP_1", "POS1", "Box", "007", "Camp Elm", "R1", "IMEF"]
    figures = ("QTY", "PALLETS", "CUFT", "WEIGHT_LBS", "TEUS")
    assert [first[name] for name in figures] == [10, 1, 33.4, 588, 0.045]
    assert first["TOTAL_COST"] == pytest.approx(2405.8)  # 10 x 240.58
    assert (third["POS"], third["QTY"], third["CUFT"]) == ("POS3", 2, None)
    assert third["TOTAL_COST"] == pytest.approx(481.16)  # 2 x 240.58


@pytest.mark.parametrize(
    ("niin", "cost"),
    [
        ("013689155", 509.5),  # 10 x 50.95
        ("13689155", 509.5),  # the same pack, its leading zero lost in a spreadsheet
        ("014877488", 683.8),  # 10 x 68.38
        ("000000001", 0),
        (None, 0),
    ],
)
def test_a_box_is_priced_by_its_niin(rows: Rows, niin: str | None, cost: float) -> None:
    assert embark(rows, PACKS | {"NIIN": niin})[0]["TOTAL_COST"] == pytest.approx(cost)


def test_two_caps_at_one_location_are_added_up(rows: Rows) -> None:
    first, third = embark(rows, PACKS, PACKS | {"DOS1_Units_NIIN_Qty": 5.0, "DOS3_Units_NIIN_Qty": None})
    assert (first["QTY"], first["PALLETS"], first["WEIGHT_LBS"]) == (15, 2, 1176)
    assert first["TOTAL_COST"] == pytest.approx(3608.7)  # 15 x 240.58
    assert (third["QTY"], third["WEIGHT_LBS"]) == (2, 235.2)


def test_two_packs_of_one_type_stay_apart_by_niin(rows: Rows) -> None:
    made = embark(rows, PACKS, PACKS | {"NIIN": "013689155"})
    assert [row["POS"] for row in made] == ["POS1", "POS3", "POS1", "POS3"]


def test_rows_are_ordered_by_place_with_ids_as_text(rows: Rows) -> None:
    made = embark(rows, *(PACKS | {"Location_ID": each} for each in ("2", "10", "1")))
    assert [row["LOCATION_ID"] for row in made] == ["1", "1", "10", "10", "2", "2"]
