"""The figures of a sample: they agree from file to file, and they come close to those of a real assessment."""

import polars as pl
import pytest

from qs_pipeline.sample.assessment import assessment_files
from qs_pipeline.sample.class_i import class_i_files
from qs_pipeline.sample.class_i_water import class_i_water_files
from qs_pipeline.sample.class_ii_vii import class_ii_vii_files
from qs_pipeline.sample.class_iii_p import class_iii_p_files
from qs_pipeline.sample.class_iv import class_iv_files
from qs_pipeline.sample.class_ix import class_ix_files
from qs_pipeline.sample.class_vi import class_vi_files
from qs_pipeline.sample.force_flow import force_flow_files
from qs_pipeline.sample.parts import lookup
from qs_pipeline.sample.scenario import Scenario, invent

DAYS_OF = {"POS1": (1, 30), "POS2": (31, 60), "POS3": (61, 90), "BEYOND": (91, 115)}


@pytest.fixture(scope="module", params=[("small", 1), ("medium", 7), ("medium", 2)], ids=str)
def files(request: pytest.FixtureRequest) -> dict[str, pl.DataFrame]:
    scenario = invent("10910", *request.param)
    return {
        **assessment_files(scenario),
        **force_flow_files(scenario),
        **class_i_files(scenario),
        **class_i_water_files(scenario),
        **class_ii_vii_files(scenario),
        **class_iii_p_files(scenario),
        **class_iv_files(scenario),
        **class_vi_files(scenario),
        **class_ix_files(scenario),
    }


@pytest.fixture(scope="module")
def medium() -> Scenario:
    return invent("10910", "medium", 7)


def assert_equal(figures: pl.Series, expected: pl.Series, within: float = 0.006) -> None:
    """Both to the cent."""
    assert (figures - expected).abs().max() <= within


def test_every_place_stands_in_locations_with_its_region(files: dict[str, pl.DataFrame]) -> None:
    places = set(files["Locations"].select("Designated_Name", "Region").rows())
    for name, frame in files.items():
        columns = {column.lower().replace(" ", "_"): column for column in frame.columns}
        if "location_name" in columns:
            assert set(frame.select(columns["location_name"], columns["region"]).rows()) <= places, name


def test_who_has_arrived_is_there_and_eats_what_the_locations_draw(files: dict[str, pl.DataFrame]) -> None:
    pax, rations = files["RD_I_PaxLocationAll"], files["RD_I_POS_Location"]
    strength = pax.sort("Day").with_columns(arrived=pl.col("Flowin").cum_sum().over("UIC", "Location_ID"))
    assert strength["arrived"].to_list() == strength["Cumflow"].to_list()
    drawn, located = pax["MEALS_READY_TO_EAT_MRE"].sum(), rations["MEALS_READY_TO_EAT_MRE"].sum()
    assert located == pytest.approx(drawn, abs=1)
    costs, pallets = files["RD_I_Ration_Costs"], files["RD_I_POS_Pallet_Requirement"]
    beyond = costs.filter(pl.col("DOS_Period") == "BEYOND")["UI_Count"].sum()
    assert pallets["BEYOND"].sum() == pytest.approx(beyond)


@pytest.mark.parametrize("name", ["RD_I_Ration_Costs", "RD_IW_Ration_Costs"])
def test_rations_cost_units_times_price(files: dict[str, pl.DataFrame], name: str) -> None:
    costs = files[name]
    assert costs["Total_UI_Cost"].sum() > 0
    assert_equal(costs["Total_UI_Cost"], costs["UI_Count"] * costs["Ration_Cost"])


def test_water_is_the_same_by_day_by_period_and_side_by_side(files: dict[str, pl.DataFrame]) -> None:
    daily, costs, wide = (files[f"RD_IW_{name}"] for name in ("PaxLocationAll", "Ration_Costs", "POS_Requirement"))
    for kind in ("Drinking_Rqmt", "Potable_Rqmt", "NonPotable_Rqmt", "Total_Rqmt"):
        by_period = costs.filter(pl.col("Ration_Type") == kind)
        by_location = wide.filter(pl.col("Ration_Type") == kind)
        needed = daily[kind].sum()
        assert needed > 0
        assert by_period["UI_Count"].sum() == pytest.approx(needed)
        for period in ("DOS1", "DOS2", "DOS3", "BEYOND"):
            of_period = by_period.filter(pl.col("DOS_Period") == period)
            assert by_location[f"UI_Count_{period}"].sum() == pytest.approx(of_period["UI_Count"].sum())
            assert by_location[f"Total_UI_Cost_{period}"].sum() == pytest.approx(of_period["Total_UI_Cost"].sum())


@pytest.mark.parametrize("name", ["RD_II_VII_DailyTE_WithDimensions", "RD_II_ICCE_DailyTE", "RD_IV_Daily_Requirements"])
def test_a_day_lies_in_its_period(files: dict[str, pl.DataFrame], name: str) -> None:
    for period, (first, last) in DAYS_OF.items():
        days = files[name].filter(pl.col("POS") == period)["Day"]
        assert days.is_between(first, last).all()
    assert set(files[name]["POS"]) <= DAYS_OF.keys()


def test_equipment_comes_with_units_that_have_arrived(files: dict[str, pl.DataFrame]) -> None:
    arrivals = files["RD_I_PaxLocationAll"].filter(pl.col("Cumflow") > 0).group_by("UIC").agg(pl.col("Day").min())
    rows = files["RD_II_VII_DailyTE_WithDimensions"].join(arrivals, on="UIC", how="left", validate="m:1", suffix="_in")
    assert (rows["Day"] >= rows["Day_in"]).all()
    assert_equal(rows["STON"], rows["TE_Orig_Qty"] * rows["IND STON"], within=0.0001)


def test_a_row_of_materiel_totals_quantity_times_one(files: dict[str, pl.DataFrame]) -> None:
    rows = files["RD_IV_Daily_Requirements"]
    for one, total in (("Price", "Total_Price"), ("Weight", "Total_Weight_LB"), ("Volume", "Total_Volume_CuFt")):
        assert_equal(rows[total], rows["UOI_QTY"] * rows[one], within=0.06)


def test_parts_are_worth_quantity_times_price_and_add_up(files: dict[str, pl.DataFrame]) -> None:
    rows = files["RD_IX_Requirement_Trimmed"]
    periods = ("POS1", "POS2", "POS3", "BEYOND")
    price = rows["STANDARD UNIT PRICE"]
    for period in ("FIE", *periods):
        assert_equal(rows[f"Value_{period}"], rows[f"Required_{period}"] * price)
        assert_equal(rows[f"Value_85_{period}"], rows[f"Value_{period}"])
        assert rows[f"Required_{period}"].sum() > 0
    later = rows.select(pl.sum_horizontal(f"Value_{period}" for period in periods)).to_series()
    assert_equal(rows["Total_Value_Less_FIE"], later)
    assert_equal(rows["Total_Value_Selected_Confidence"], later + rows["Value_FIE"])
    assert (rows["Total_Value_99_Confidence"] >= rows["Total_Value_85_Confidence"]).all()
    assert not rows.select("Location Name", "TAMCN_NIIN", "NIIN of Part Required").is_duplicated().any()


def test_the_lookup_knows_most_parts_and_has_the_odd_ones_of_a_real_one(medium: Scenario) -> None:
    rows, known = class_ix_files(medium)["RD_IX_Requirement_Trimmed"], lookup("medium", 7)
    assert known.height == 2_864
    assert rows["NIIN of Part Required"].is_in(known["NIIN"].to_list()).mean() == pytest.approx(0.954, abs=0.01)
    numbers = known["NIIN"]
    assert numbers.n_unique() == known.height
    assert (numbers.str.len_chars() == 9).all()
    assert numbers.str.starts_with("0").mean() == pytest.approx(0.96, abs=0.02)
    assert numbers.str.contains("[A-Z]").sum() == 2
    assert known["dss_weight"].median() == pytest.approx(0.18, rel=0.25)
    assert known["dss_cube"].median() == pytest.approx(0.009, rel=0.3)
    assert known["Unit_Price"].median() == pytest.approx(17.6, rel=0.25)
    assert known["part_number"].str.contains(",", literal=True).all()
    for side in ("LENGTH", "WIDTH", "HEIGHT"):
        inches = rows[f"DIM {side} INCHES"]
        assert (inches == 9999).mean() == pytest.approx(0.3, abs=0.03)
        assert (inches == 0).mean() == pytest.approx(0.08, abs=0.03)


# Figures of one real assessment of about that size; periods 1 to 3 of what comes on pallets.


def test_a_medium_sample_eats_about_what_a_real_assessment_eats(medium: Scenario) -> None:
    pallets = class_i_files(medium)["RD_I_POS_Pallet_Requirement"]
    volume, weight, teus = (
        sum(pallets[f"DOS{number}_Units_Pallet_Tot_{figure}"].sum() for number in (1, 2, 3))
        for figure in ("CuFT", "Wt(lbs)", "TEUs")
    )
    assert volume == pytest.approx(244_328, rel=0.1)
    assert weight / 2000 == pytest.approx(2_357, rel=0.1)
    assert teus == pytest.approx(286, rel=0.1)


def test_a_medium_sample_drinks_about_what_a_real_assessment_drinks(medium: Scenario) -> None:
    drinking = class_i_water_files(medium)["RD_IW_PaxLocationAll"]["Drinking_Rqmt"].sum()
    # 50 to a pallet of 56.11 ft3.
    assert drinking / 50 * 56.11 == pytest.approx(3_247_925, rel=0.05)


def test_a_medium_sample_has_about_the_comfort_packs_of_a_real_assessment(medium: Scenario) -> None:
    packs = class_vi_files(medium)["RD_VI_POS_Pallet_Requirement"]
    volume, weight, teus = (
        sum(packs[f"DOS{number}_Units_NIIN_Qty_Pallet_Tot_{figure}"].sum() for number in (1, 2, 3))
        for figure in ("CuFT", "Wt(lbs)", "TEUs")
    )
    assert volume == pytest.approx(9_741, rel=0.1)
    assert weight / 2000 == pytest.approx(70.2, rel=0.1)
    assert teus == pytest.approx(13.0, rel=0.1)


def test_a_medium_sample_brings_about_the_equipment_of_a_real_assessment(medium: Scenario) -> None:
    rows = class_ii_vii_files(medium)["RD_II_VII_DailyTE_WithDimensions"]
    assert (rows["TE_Orig_Qty"] * rows["IND CUFT"]).sum() == pytest.approx(1_960_000, rel=0.15)


def test_a_medium_sample_needs_about_the_parts_of_a_real_assessment(medium: Scenario) -> None:
    known = lookup("medium", 7).select("dss_weight", **{"NIIN of Part Required": "NIIN"})
    rows = class_ix_files(medium)["RD_IX_Requirement_Trimmed"].join(known, on="NIIN of Part Required", how="left")
    needed = rows.select(pl.sum_horizontal(f"Required_{period}" for period in DAYS_OF)).to_series()
    assert needed.sum() == pytest.approx(181_557, rel=0.1)
    assert (needed * rows["dss_weight"]).sum() == pytest.approx(254_527, rel=0.15)
    assert rows["Total_Value_Selected_Confidence"].sum() == pytest.approx(50_800_000, rel=0.15)


@pytest.mark.parametrize("seed", range(3))
def test_packaged_products_are_for_end_items_that_units_bring(seed: int) -> None:
    scenario = invent("10910", "medium", seed)
    products = class_iii_p_files(scenario)["RD_IIIP_POL_Pkg_NSN_Requirements_PBI"]
    items = set(class_ii_vii_files(scenario)["RD_II_VII_DailyTE_WithDimensions"]["TAMCN"])
    assert set(products["TAMCN"]) <= items
    assert set(products["POL_Pkg_Type"]) == {"Heavy", "Light"}
    assert (products["POL_PKG_NSN"].str.tail(9) == products["NIIN"]).all()
    assert class_iv_files(scenario)["RD_IV_Daily_Requirements"]["Nomenclature"].str.contains('"').any()
