"""The public face: assets, checks, the sensor, the command line. A change of it is a change of a snapshot."""

import subprocess
import sys

import dagster as dg
import pytest
from syrupy.assertion import SnapshotAssertion
from typer.testing import CliRunner

from qs_pipeline.cli import app
from qs_pipeline.definitions import defs

COMMANDS = (
    *("demo", "publish", "retire", "run", "sample", "setup", "status", "sync-maps", "up", "upload"),
    *("dashboard validate", "dashboard build", "dashboard diff", "dashboard pull"),
    *("dashboard versions", "dashboard rollback"),
)


def test_the_assets_are_these(snapshot: SnapshotAssertion) -> None:
    specs = sorted(defs.resolve_all_asset_specs(), key=lambda spec: spec.key.to_user_string())
    assert snapshot == {
        spec.key.to_user_string(): {
            "group": spec.group_name,
            "kinds": sorted(spec.kinds),
            "deps": sorted(dep.asset_key.to_user_string() for dep in spec.deps),
            "owners": list(spec.owners),
            "tags": {name: value for name, value in spec.tags.items() if not name.startswith("dagster/")},
            "partitioned": spec.partitions_def is not None,
        }
        for spec in specs
    }


def test_every_asset_says_what_it_is() -> None:
    for spec in defs.resolve_all_asset_specs():
        assert spec.description, spec.key
        assert spec.code_version or spec.key.path[0] == "quicksight", spec.key


def test_the_checks_are_these(snapshot: SnapshotAssertion) -> None:
    graph = defs.resolve_asset_graph()
    found = {
        key.to_user_string(): "blocking" if graph.get_check_spec(key).blocking else "told"
        for key in graph.asset_check_keys
    }
    assert dict(sorted(found.items())) == snapshot


def test_a_check_with_partitions_is_still_a_preview() -> None:
    with pytest.warns(dg.PreviewWarning):
        dg.AssetCheckSpec("each", asset="asset", partitions_def=dg.DynamicPartitionsDefinition(name="p"))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_is_this(command: str, snapshot: SnapshotAssertion) -> None:
    shown = CliRunner().invoke(
        app, [*command.split(), "--help"], env={"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1"}
    )
    assert shown.exit_code == 0
    assert shown.stdout == snapshot


def test_the_code_location_does_not_import_what_only_deployments_and_people_need() -> None:
    code = "import sys, qs_pipeline.definitions; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"dagster_aws", "moto", "typer", "qs_pipeline.local_aws", "qs_pipeline.cli"}.isdisjoint(loaded)


def test_loading_the_code_location_warns_of_nothing() -> None:
    code = "import warnings; warnings.simplefilter('error'); import dagster; import qs_pipeline.definitions"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
