"""What the visuals of our definition must show, computed by polars straight from the published CSVs.

The calculated fields, orders and filters that they use are written down here a second time, by hand: nothing of the
viewer and nothing of the expression grammar is used. Pivot tables are in ``plain_pivots``.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

C = pl.col
PERIODS = {"POS1": 1, "POS2": 2, "POS3": 3, "BEYOND": 4}
CLASSES = {
    "I Subsistence": 1, "I Water": 2, "III P": 3, "IV": 4, "V": 5, "VI": 6, "II/VII": 7,
    "IX C": 8, "IX C (B)": 9, "IX C (S)": 10,
}  # fmt: skip
RATIONS = {
    "MEALS_READY_TO_EAT_MRE": "MRE", "UGR_H_S_BREAKFAST": "UGR H&S Breakfast", "UGR_M_BREAKFAST": "UGR M Breakfast",
    "UGR_H_S_LUNCH_DINNER": "UGR H&S Lunch/Dinner", "UGR_M_LUNCH_DINNER": "UGR M Lunch/Dinner",
}  # fmt: skip
IS_FORCE = ~C("UIC").str.starts_with("EPW")

FIELDS: dict[str, pl.Expr] = {
    "STONS": C("WEIGHT_LBS").cast(pl.Float64) / 2000,
    "CostTE": C("TE_Orig_Qty") * C("STANDARD_UNIT_PRICE"),
    "Total Cost": C("QTY") * C("UNIT_PRICE"),
    "Arrivals": pl.when(IS_FORCE).then(C("Flowin")).otherwise(0),
    "Present": pl.when(IS_FORCE).then(C("Cumflow")).otherwise(0),
    "Cost of Kinds": pl.when(C("Ration_Type") != "Total_Rqmt").then(C("Total_UI_Cost")),
    "Ration": pl.coalesce("^(Ration_Type|COS_TYPE)$").replace(RATIONS),
    "TAMCN Group": pl.when(~C("COS_TYPE").str.starts_with("UNKNOWN")).then(C("COS_TYPE").str.head(1)),
    "POS Index": C("POS").replace_strict(PERIODS),
    "COS Sort Index": C("CLASS_OF_SUPPLY").replace_strict(CLASSES),
    # Other words for the same things: the groups are those of the column.
    "Water": C("Ration_Type"),
    "AssessmentType": C("AssessmentTypeID").cast(pl.String),
    **{f"CARF Rate POS{at}": C(f"POS{at}CARFRate") for at in (1, 2, 3)},
}  # fmt: skip
FIELDS["Class and POS Order"] = FIELDS["COS Sort Index"] * 10 + FIELDS["POS Index"]


def total(value: pl.Expr) -> pl.Expr:
    """The sum of nothing is nothing."""
    return pl.when(value.count() > 0).then(value.sum())


AGGREGATES: dict[str, pl.Expr] = {
    "CUFT Rounded Up": total(C("CUFT")).ceil(),
    "STONS Rounded Up": total(FIELDS["STONS"]).ceil(),
    "TEUS Rounded Up": total(C("TEUS")).ceil(),
    "TotalPrice": total(C("UNIT_PRICE") * C("QTY")),
    "CountLocations": C("Location_ID").count(),
    "RegionCount": C("Region").n_unique(),
    "Pax Total Count": total(FIELDS["Arrivals"]),
    "UICs": C("UIC").filter(IS_FORCE).n_unique(),
}
FILTERS: dict[str, pl.Expr] = {
    "force-flow": (C("Day") >= 1) & (C("Day") <= C("OperationDuration")),
    "class-ix": C("CLASS_OF_SUPPLY").is_in(["IX C", "IX C (B)", "IX C (S)"]),
    "class-ix-figures": C("POS") != "BEYOND",
}


def rows_of(data_set: str, sheet: str, visual: str, tables: Path) -> pl.DataFrame:
    """The rows that the filters of the definition leave to a visual."""
    frame = pl.read_csv(tables / f"{data_set}.csv", infer_schema_length=None)
    for key in (sheet.removesuffix("-embark"), visual):
        if key in FILTERS:
            frame = frame.filter(FILTERS[key])
    return frame


def key_of(field: Mapping[str, Any]) -> pl.Expr:
    """What a dimension groups by."""
    column = field["Column"]["ColumnName"]
    value = FIELDS.get(column, C(column))
    return value.cast(pl.String) if field["kind"].startswith("Categorical") else value


def measure_of(field: Mapping[str, Any]) -> pl.Expr:
    """What a measure aggregates to."""
    column = field["Column"]["ColumnName"]
    if column in AGGREGATES:
        return AGGREGATES[column]
    # A column without any value is read as text.
    value = FIELDS.get(column, C(column).cast(pl.Float64, strict=False))
    how = field["AggregationFunction"]
    how = how if isinstance(how, str) else next(each for each in how.values() if isinstance(each, str))
    match how:
        case "SUM":
            return total(value)
        case "DISTINCT_COUNT":
            return C(column).drop_nulls().n_unique()
        case "COUNT":
            return C(column).count()
        case "AVERAGE":
            return value.mean()
        case "MAX":
            return value.max()
        case _:
            raise AssertionError(f"write down how {how} is computed")


def visuals_of(definition: dict[str, Any], *kinds: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Sheet, id and configuration of each visual of these kinds."""
    for sheet in definition["Sheets"]:
        for one in sheet["Visuals"]:
            ((kind, body),) = one.items()
            if kind in kinds:
                yield sheet["SheetId"], body["VisualId"], body["ChartConfiguration"]


def wells_of(config: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The fields in each well, each with its ``kind``."""
    wells = config["FieldWells"]
    inner = next((value for name, value in wells.items() if name.endswith("FieldWells")), wells)
    return {
        name: [{"kind": kind, **field} for one in fields for kind, field in one.items()]
        for name, fields in inner.items()
    }


def tables_and_kpis(definition: dict[str, Any], tables: Path) -> Iterator[tuple[str, list[float]]]:
    """Each table and KPI by its visual's id, with all numbers in its body, the least first."""
    for sheet, visual, config in visuals_of(definition, "TableVisual", "KPIVisual"):
        wells = wells_of(config)
        keys, values = wells.get("GroupBy", []), wells.get("Values", [])
        options = config.get("FieldOptions", {}).get("SelectedFieldOptions", [])
        hidden = {each["FieldId"] for each in options if each.get("Visibility") == "HIDDEN"}
        frame = rows_of((*keys, *values)[0]["Column"]["DataSetIdentifier"], sheet, visual, tables)
        by = [key_of(field).alias(field["FieldId"]) for field in keys]
        measures = [measure_of(field).alias(field["FieldId"]) for field in values]
        groups = frame.group_by(by).agg(measures) if by else frame.select(measures)
        shown = [column for column in groups if column.dtype.is_numeric() and column.name not in hidden]
        yield visual, sorted(float(each) for column in shown for each in column.drop_nulls())


def charts(definition: dict[str, Any], tables: Path) -> Iterator[tuple[str, list[tuple[str, str, float | None]]]]:
    """Each chart by its visual's id: the category, series and value of each mark, categories in their order.

    The series is the colour where there is one, else the number of the measure.
    """
    for sheet, visual, config in visuals_of(definition, "BarChartVisual", "ComboChartVisual"):
        wells = wells_of(config)
        (category,), colors = wells["Category"], wells.get("Colors", [])
        values = [*wells.get("Values", []), *wells.get("BarValues", []), *wells.get("LineValues", [])]
        frame = rows_of(category["Column"]["DataSetIdentifier"], sheet, visual, tables)
        key, color = key_of(category).alias("key"), [key_of(field).alias("color") for field in colors]
        measures = [measure_of(field).alias(f"m{at}") for at, field in enumerate(values)]
        (sort,) = config["SortConfiguration"]["CategorySort"]
        order, down = _order(sort, {category["FieldId"]: key, **dict(zip(_ids(values), measures, strict=True))})
        keys = frame.group_by(key).agg(order.alias("order")).sort("order", "key", descending=[down, False])["key"]
        groups = frame.group_by(key, *color).agg(measures)
        places = {value: at for at, value in enumerate(keys)}
        marks = [
            (places[one["key"]], str(one["key"]), str(one["color"] if colors else at), one[f"m{at}"])
            for one in groups.to_dicts()
            for at in range(len(values))
        ]
        yield visual, [mark[1:] for mark in sorted(marks, key=lambda mark: mark[:3])]


def _ids(fields: list[dict[str, Any]]) -> list[str]:
    return [field["FieldId"] for field in fields]


def _order(sort: dict[str, Any], known: Mapping[str, pl.Expr]) -> tuple[pl.Expr, bool]:
    """What categories are sorted by, and whether downwards."""
    ((kind, body),) = sort.items()
    if kind == "ColumnSort":
        column = body["SortBy"]["ColumnName"]
        return FIELDS.get(column, C(column)).min(), body["Direction"] == "DESC"
    name = body["FieldId"]
    by = known[name]
    return (by.first() if name == next(iter(known)) else by), body["Direction"] == "DESC"
