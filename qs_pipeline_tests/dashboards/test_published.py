"""The embedded AWS, which judges definitions by itself, takes ours and every kind of it that pruning makes."""

import difflib
import json
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from qs_pipeline.dashboards.bind import bind
from qs_pipeline.dashboards.compare import differences
from qs_pipeline.dashboards.definition import ROOT, Definition, JsonObject
from qs_pipeline.dashboards.exported import unbind, unwrap
from qs_pipeline.dashboards.folder import dump, load
from qs_pipeline.dashboards.merge import take
from qs_pipeline.dashboards.prune import prune
from qs_pipeline.definitions_dir import definitions_directory
from qs_pipeline.local_aws import LocalAws
from qs_pipeline.quicksight.table_map import TableMap
from qs_pipeline.service_model import shape

if TYPE_CHECKING:
    from mypy_boto3_quicksight import QuickSightClient

ACCOUNT = "123456789012"
BUCKET = "published"
Columns = dict[str, list[str]]


@pytest.fixture
def quicksight(aws: LocalAws) -> "QuickSightClient":
    return boto3.client("quicksight", region_name="us-east-1", endpoint_url=aws.url)


@pytest.fixture
def arns(aws: LocalAws, quicksight: "QuickSightClient", maps: dict[str, TableMap]) -> dict[str, str]:
    """Our data sets, without a row each, by identifier."""
    s3: Any = boto3.client("s3", region_name="us-east-1", endpoint_url=aws.url)
    s3.create_bucket(Bucket=BUCKET)
    made: dict[str, str] = {}
    for name, table_map in maps.items():
        s3.put_object(Bucket=BUCKET, Key=f"{name}.csv", Body=(",".join(table_map.column_names) + "\n").encode())
        files = {"fileLocations": [{"URIs": [f"s3://{BUCKET}/{name}.csv"]}]}
        s3.put_object(Bucket=BUCKET, Key=f"{name}.json", Body=json.dumps(files).encode())
        place = {"S3Parameters": {"ManifestFileLocation": {"Bucket": BUCKET, "Key": f"{name}.json"}}}
        source = quicksight.create_data_source(
            AwsAccountId=ACCOUNT, DataSourceId=name, Name=name, Type="S3", DataSourceParameters=place
        )["Arn"]
        made[name] = quicksight.create_data_set(
            AwsAccountId=ACCOUNT,
            DataSetId=name,
            Name=name,
            ImportMode="SPICE",
            PhysicalTableMap=table_map.physical(source),
            LogicalTableMap=table_map.logical(),
        )["Arn"]
    return made


def _built(quicksight: "QuickSightClient", name: str, content: dict[str, Any]) -> dict[str, Any]:
    quicksight.create_dashboard(AwsAccountId=ACCOUNT, DashboardId=name, Name=name, Definition=content)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        version = quicksight.describe_dashboard(AwsAccountId=ACCOUNT, DashboardId=name)["Dashboard"]["Version"]
        if not version["Status"].endswith("IN_PROGRESS"):
            return version
    raise TimeoutError(name)


def test_the_whole_and_what_is_left_of_it_build_without_errors(
    quicksight: "QuickSightClient", arns: dict[str, str], ours: Definition, columns: Columns
) -> None:
    subsets = {
        "whole": set(columns),
        "summary": {"AssessmentTable", "POS"},
        "force": {"AssessmentTable", "ForceFlow_joined"},
        "class-i": {"RD_I_Ration_Costs_joined", "cosi_embark", "aggregated_embark"},
    }
    for name, present in subsets.items():
        pruned = prune(ours, {one: columns[one] for one in present}).definition
        version = _built(quicksight, name, bind(pruned, arns))
        assert (version["Status"], version.get("Errors", [])) == ("CREATION_SUCCESSFUL", []), name
        shown = quicksight.describe_dashboard_definition(AwsAccountId=ACCOUNT, DashboardId=name)
        pulled = unbind(Definition(content=unwrap(dict(shown), name)), list(columns))
        assert pulled.content == pruned.content, name


def test_a_definition_that_was_not_pruned_fails_where_a_data_set_lacks(
    quicksight: "QuickSightClient", arns: dict[str, str], ours: Definition
) -> None:
    lost = {**arns, "cosi_embark": arns["cosi_embark"] + "-lost"}
    version = _built(quicksight, "dangling", bind(ours, lost))
    assert version["Status"] == "CREATION_FAILED"
    assert {error["Type"] for error in version["Errors"]} == {"DATA_SET_NOT_FOUND"}


def _as_an_editor_saves_it(shape_name: str, value: Any, prefix: str, luck: random.Random) -> Any:  # noqa: ANN401
    """``value`` with its keys in another order, with empty lists and defaults, and with the ids of a dashboard."""
    known = shape(shape_name)
    if known.kind == "list":
        return [_as_an_editor_saves_it(known.element or "", one, prefix, luck) for one in value]
    if known.kind != "structure":
        return f"{prefix}{value}" if shape_name == "ShortRestrictiveResourceId" else value
    inner = {key: _as_an_editor_saves_it(known.members[key], one, prefix, luck) for key, one in value.items()}
    if shape_name.endswith("Visual") and "ChartConfiguration" in known.members:
        inner.setdefault("Subtitle", {"Visibility": "VISIBLE"})
        inner["ChartConfiguration"].setdefault("SortConfiguration", {})
    if shape_name.endswith(("Visual", "Wells", "SheetDefinition")):
        for key, target in known.members.items():
            if shape(target).kind == "list" and not shape(target).minimum:
                inner.setdefault(key, [])
    if shape_name == "VisualTitleLabelOptions" and "PlainText" in inner.get("FormatText", {}):
        inner["FormatText"] = {"RichText": f"<visual-title>{inner['FormatText']['PlainText']}</visual-title>"}
    keys = list(inner)
    luck.shuffle(keys)
    return {key: inner[key] for key in keys}


def _retitle(content: JsonObject) -> None:
    content["Sheets"][0]["Visuals"][0]["TableVisual"]["Title"]["FormatText"]["PlainText"] = "The Assessment"


_RETITLED = "visual 'The Assessment' on sheet 'Summary' changed: Title.FormatText.PlainText, Title.FormatText.RichText"


def _lines(folder: Path) -> list[str]:
    return [f"{file.name}: {line}" for file in sorted(folder.rglob("*.json")) for line in file.read_text().splitlines()]


@pytest.mark.parametrize(("edit", "told"), [(lambda _: None, []), (_retitle, [_RETITLED])], ids=["nothing", "a title"])
def test_what_people_change_in_quicksight_is_all_that_is_pulled(
    quicksight: "QuickSightClient",
    arns: dict[str, str],
    ours: Definition,
    columns: Columns,
    tmp_path: Path,
    edit: Callable[[JsonObject], None],
    told: list[str],
) -> None:
    present = {name: columns[name] for name in ("AssessmentTable", "POS", "ForceFlow_joined", "cosi_embark")}
    content = json.loads(json.dumps(bind(prune(ours, present).definition, arns)))
    edit(content)
    saved = _as_an_editor_saves_it(ROOT, content, "RD-1_", random.Random(1))  # noqa: S311 - a test
    assert _built(quicksight, "RD-1", saved)["Status"] == "CREATION_SUCCESSFUL"
    shown = quicksight.describe_dashboard_definition(AwsAccountId=ACCOUNT, DashboardId="RD-1")
    pulled = unbind(Definition(content=unwrap(dict(shown), "RD-1")), list(columns))
    whole = tmp_path / "dashboard"
    shutil.copytree(definitions_directory({}) / "dashboard", whole)
    before = _lines(whole)
    dump(take(load(whole), pulled, columns), whole)
    changed = [line for line in difflib.ndiff(before, _lines(whole)) if line[0] in "+-"]
    assert len(changed) == 2 * len(told), changed
    assert differences(ours, load(whole)) == told
