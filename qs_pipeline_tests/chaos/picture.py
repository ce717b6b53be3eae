"""What QuickSight holds of an assessment, with its id taken out, so that two assessments can be compared."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from qs_pipeline.local_aws import LocalAws

ACCOUNT = "123456789012"
Picture = Mapping[str, str]


def picture(aws: LocalAws, quicksight: Any, assessment: str) -> Picture:  # noqa: ANN401 - a boto3 client
    """Every data source, data set (its columns, number and hash of rows) and dashboard (its published definition)."""
    found: dict[str, str] = {}
    for kind, operation, member, key in (
        ("data source", "list_data_sources", "DataSources", "DataSourceId"),
        ("data set", "list_data_sets", "DataSetSummaries", "DataSetId"),
        ("dashboard", "list_dashboards", "DashboardSummaryList", "DashboardId"),
    ):
        pages = quicksight.get_paginator(operation).paginate(AwsAccountId=ACCOUNT)
        ids = [each[key] for page in pages for each in page[member]]
        for name in (name for name in ids if name.endswith(f"-{assessment}")):
            place = f"{kind} {name.removesuffix(assessment)}"
            found[place] = found.get(place, "") + _content(aws, quicksight, kind, name).replace(assessment, "@")
    return found


def _content(aws: LocalAws, quicksight: Any, kind: str, name: str) -> str:  # noqa: ANN401
    if kind == "data source":
        return "there"
    if kind == "data set":
        rows = aws.rows(name)
        digest = hashlib.sha256(rows.write_csv().encode()).hexdigest()[:12]
        return f"{rows.height} rows of {rows.width} columns {digest}"
    told = quicksight.describe_dashboard_definition(AwsAccountId=ACCOUNT, DashboardId=name)
    return json.dumps([told["Name"], told["ResourceStatus"], told["Definition"]], sort_keys=True)


def difference(shown: Picture, wanted: Picture) -> str:
    """In what they differ, in a line; empty where they do not."""
    lines = [f"{place} is missing" for place in sorted(wanted.keys() - shown.keys())]
    lines += [f"{place} should not be" for place in sorted(shown.keys() - wanted.keys())]
    lines += [
        f"{place}: {_short(shown[place], wanted[place])}"
        for place in sorted(shown.keys() & wanted.keys())
        if shown[place] != wanted[place]
    ]
    return "; ".join(lines)


def _short(shown: str, wanted: str) -> str:
    start = next((n for n, (one, other) in enumerate(zip(shown, wanted, strict=False)) if one != other), 0)
    start = max(0, start - 30)
    return f"...{shown[start : start + 90]} instead of ...{wanted[start : start + 90]}"
