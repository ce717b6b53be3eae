"""How long a large definition takes: 450 KB, 19 data sets, 17 sheets, 60 visuals. At most 0.3 s and 30 ms are wanted.

Validation and pruning each run on fresh copies; what the first call of a process pays besides (the service model, the
grammar) is told apart.
"""

import json
import time
from collections.abc import Callable

from qs_pipeline.dashboards.definition import Definition, JsonObject
from qs_pipeline.dashboards.prune import prune
from qs_pipeline.dashboards.validate import problems

DATA_SETS, SHEETS, VISUALS = 19, 17, 60
FIELDS = 6
ROUNDS = 9
COLUMNS = [f"COLUMN_{number:02}" for number in range(40)]

Columns = dict[str, list[str]]


def large() -> tuple[Definition, Columns]:
    """A definition of pivot tables with the formats, widths, collapsed paths and titles that QuickSight exports."""
    names = [f"data_set_{number:02}" for number in range(DATA_SETS)]
    sheets: list[JsonObject] = [
        {"SheetId": f"sheet-{one}", "Name": f"Sheet {one}", "Visuals": [], "Layouts": []} for one in range(SHEETS)
    ]
    for number in range(VISUALS):
        sheets[number % SHEETS]["Visuals"].append(_pivot(f"visual-{number}", names[number % DATA_SETS]))
    for sheet in sheets:
        elements = [
            {"ElementId": visual["PivotTableVisual"]["VisualId"], "ElementType": "VISUAL"}
            | {"ColumnIndex": 0, "ColumnSpan": 36, "RowIndex": 12 * row, "RowSpan": 12}
            for row, visual in enumerate(sheet["Visuals"])
        ]
        sheet["Layouts"] = [{"Configuration": {"GridLayout": {"Elements": elements}}}]
    calculated = [
        {"DataSetIdentifier": name, "Name": f"Calculated {number}", "Expression": _expression(number)}
        for name in names
        for number in range(3)
    ]
    threshold = {"Name": "threshold", "ParameterValueType": "SINGLE_VALUED"}
    content = {
        "DataSetIdentifierDeclarations": [{"Identifier": name} for name in names],
        "ParameterDeclarations": [{"IntegerParameterDeclaration": threshold}],
        "Sheets": sheets,
        "CalculatedFields": calculated,
        "FilterGroups": [_filter(number, names[number % DATA_SETS]) for number in range(SHEETS)],
    }
    return Definition(content=content), dict.fromkeys(names, COLUMNS)


def _expression(number: int) -> str:
    before = f"{{Calculated {number - 1}}}" if number else "{COLUMN_30}"
    return (
        f"ifelse({{COLUMN_01}} = 'POS1' AND {{COLUMN_02}} >= ${{threshold}}, {before} * 2, isNull(COLUMN_03), 0, NULL)"
    )


def _pivot(visual: str, data_set: str) -> JsonObject:
    def column(name: str) -> JsonObject:
        return {"DataSetIdentifier": data_set, "ColumnName": name}

    places = [f"{visual}.{one}" for one in range(2 * FIELDS)]
    number = {"NumberDisplayFormatConfiguration": {"DecimalPlacesConfiguration": {"DecimalPlaces": 1}}}
    number["NumberDisplayFormatConfiguration"] |= {
        "NegativeValueConfiguration": {"DisplayMode": "NEGATIVE"},
        "SeparatorConfiguration": {"ThousandsSeparator": {"Visibility": "VISIBLE", "Symbol": "COMMA"}},
    }
    rows = [
        {"CategoricalDimensionField": {"FieldId": field, "Column": column(name)}}
        for field, name in zip(places[:FIELDS], COLUMNS, strict=False)
    ]
    values = [
        {
            "NumericalMeasureField": {
                "FieldId": field,
                "Column": column(name),
                "AggregationFunction": {"SimpleNumericalAggregation": "SUM"},
                "FormatConfiguration": {"FormatConfiguration": number},
            }
        }
        for field, name in zip(places[FIELDS:], [*COLUMNS[20 : 19 + FIELDS], "Calculated 2"], strict=True)
    ]
    font = {"FontSize": {"Relative": "MEDIUM"}, "FontColor": "#112233", "FontWeight": {"Name": "BOLD"}}
    style = {"FontConfiguration": font, "TextWrap": "WRAP", "Height": 25, "BackgroundColor": "#FFFFFF"}
    return {
        "PivotTableVisual": {
            "VisualId": visual,
            "Title": {"Visibility": "VISIBLE", "FormatText": {"PlainText": f"What {visual} shows"}},
            "ChartConfiguration": {
                "FieldWells": {"PivotTableAggregatedFieldWells": {"Rows": rows, "Values": values}},
                "SortConfiguration": {
                    "FieldSortOptions": [
                        {"FieldId": field, "SortBy": {"Field": {"FieldId": field, "Direction": "ASC"}}}
                        for field in places[:FIELDS]
                    ]
                },
                "TableOptions": {"CellStyle": style, "ColumnHeaderStyle": style, "RowHeaderStyle": style},
                "FieldOptions": {
                    "SelectedFieldOptions": [
                        {"FieldId": field, "CustomLabel": f"Label {field}", "Visibility": "VISIBLE"} for field in places
                    ],
                    "CollapseStateOptions": [
                        {
                            "Target": {"FieldDataPathValues": [{"FieldId": places[0], "FieldValue": f"value {one}"}]},
                            "State": "COLLAPSED",
                        }
                        for one in range(5)
                    ],
                    "DataPathOptions": [
                        {"DataPathList": [{"FieldId": field, "FieldValue": "x"}], "Width": "120px"} for field in places
                    ],
                },
            },
        }
    }


def _filter(number: int, data_set: str) -> JsonObject:
    scope = {"SheetId": f"sheet-{number}", "Scope": "ALL_VISUALS"}
    equality = {
        "FilterId": f"filter-{number}",
        "Column": {"DataSetIdentifier": data_set, "ColumnName": "COLUMN_05"},
        "MatchOperator": "EQUALS",
        "Value": 1,
        "NullOption": "ALL_VALUES",
    }
    return {
        "FilterGroupId": f"group-{number}",
        "CrossDataset": "SINGLE_DATASET",
        "ScopeConfiguration": {"SelectedSheets": {"SheetVisualScopingConfigurations": [scope]}},
        "Filters": [{"NumericEqualityFilter": equality}],
    }


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _measure(name: str, work: Callable[[], object]) -> None:
    first, *others = (_seconds(work) for _ in range(ROUNDS + 1))
    others.sort()
    print(f"{name:44} {1000 * others[len(others) // 2]:7.1f} ms, the first {1000 * first:7.1f} ms")


def main() -> None:
    """Print the medians."""
    definition, columns = large()
    size = len(json.dumps(definition.content)) / 1000
    print(f"{size:.0f} KB, {DATA_SETS} data sets, {SHEETS} sheets, {VISUALS} visuals")
    names = list(columns)
    half = {name: columns[name] for name in names[::2]}
    fewer = columns | {names[0]: COLUMNS[:20], names[3]: COLUMNS[10:]}
    _measure("validate", lambda: problems(definition, columns))
    _measure("validate, half of the data sets absent", lambda: problems(definition, half))
    _measure("prune, all is there", lambda: prune(definition, columns))
    _measure("prune, half of the data sets absent", lambda: prune(definition, half))
    _measure("prune, columns of two data sets absent", lambda: prune(definition, fewer))
    _measure("prune, nothing is there", lambda: prune(definition, {}))


if __name__ == "__main__":
    main()
