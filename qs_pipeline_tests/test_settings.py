"""Which account a process may reach."""

import re
from pathlib import Path

import pytest
from dagster._grpc.client import DEFAULT_SENSOR_GRPC_TIMEOUT

from qs_pipeline.settings import READ_SECONDS, Settings, SettingsError, local_environment

HERE = Path("/somewhere")
ROOT = Path(__file__).parents[1]
CODE, DEPLOY = ROOT / "qs_pipeline", ROOT / "deploy"
PAGE = (ROOT / "docs/settings.md").read_text()


@pytest.mark.parametrize("endpoint", ["", "https://s3.amazonaws.com", "http://127.0.0.1.example.com"])
def test_without_being_told_no_process_reaches_anything_but_loopback(endpoint: str) -> None:
    with pytest.raises(SettingsError, match="QS_TARGET=aws"):
        Settings.from_environment({"AWS_ENDPOINT_URL": endpoint}).session()


def test_a_local_process_inherits_nothing_that_leads_to_an_account() -> None:
    leading_out = {"AWS_PROFILE": "production", "AWS_SESSION_TOKEN": "t", "AWS_ENDPOINT_URL_S3": "https://x"}
    proxies = {"HTTP_PROXY": "http://p", "https_proxy": "http://p", "ALL_PROXY": "http://p", "no_proxy": "x"}
    environ = local_environment({"PATH": "/bin", **leading_out, **proxies}, endpoint="http://127.0.0.1:1", home=HERE)
    assert environ["PATH"] == "/bin"
    assert leading_out.keys().isdisjoint(environ)
    assert proxies.keys().isdisjoint(environ), "loopback is never asked by way of a proxy"
    assert environ["AWS_CONFIG_FILE"] == environ["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"


def test_being_told_reaches_the_account_of_the_credentials() -> None:
    session = Settings.from_environment({"QS_TARGET": "aws", "AWS_REGION": "us-gov-west-1"}).session()
    assert session.region_name == "us-gov-west-1"


def test_a_tick_outlives_two_connections_that_stall() -> None:
    assert 2 * READ_SECONDS < DEFAULT_SENSOR_GRPC_TIMEOUT


@pytest.mark.parametrize("value", ["fast", "0", "-1", "nan", "inf"])
def test_a_rate_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match="QS_USER_RATE"):
        Settings.from_environment({"QS_USER_RATE": value})


def test_a_share_above_all_is_refused() -> None:
    assert Settings.from_environment({"QS_SHRINK_WARNING": "1"}).shrink_warning == 1
    with pytest.raises(SettingsError, match=r"QS_SHRINK_WARNING='50'.*at most 1"):
        Settings.from_environment({"QS_SHRINK_WARNING": "50"})


def test_a_number_of_things_is_a_whole_one() -> None:
    with pytest.raises(SettingsError, match=r"QS_REFRESHES_PER_DAY='7\.5': expected a whole number"):
        Settings.from_environment({"QS_REFRESHES_PER_DAY": "7.5"})


def test_a_variable_set_to_nothing_is_not_set() -> None:
    names = [variable.name for variable in Settings.variables()]
    assert len(names) > 20
    assert Settings.from_environment(dict.fromkeys(names, "")) == Settings.from_environment({})


def test_the_region_is_that_of_aws_tools() -> None:
    assert Settings.from_environment({"AWS_DEFAULT_REGION": "eu-west-1"}).region == "eu-west-1"
    both = {"AWS_REGION": "us-gov-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    assert Settings.from_environment(both).region == "us-gov-west-1"


def test_no_other_variable_of_ours_is_named_in_the_code() -> None:
    named = {name for path in CODE.rglob("*.py") for name in re.findall(r"(?<![A-Z_])QS_[A-Z_]+", path.read_text())}
    assert named == {variable.name for variable in Settings.variables() if variable.name.startswith("QS_")}


def rows(section: str) -> list[list[str]]:
    """The cells of the table below a heading of the page, without its head."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_the_page_of_settings_says_what_the_class_says() -> None:
    assert rows("Those that the code reads") == [
        [f"`{each.name}`", f"`{each.default}`" if each.default else each.unset, f"`{each.example}`", each.meaning]
        for each in Settings.variables()
    ]


def test_every_example_is_accepted() -> None:
    examples = {each.name: each.example for each in Settings.variables()}
    settings = Settings.from_environment(examples)
    assert settings.target == "aws"
    assert [each.name for each in Settings.variables() if each.of(examples) == each.of({})] == []


def test_the_page_of_settings_names_what_deploy_reads() -> None:
    files = [
        path for path in DEPLOY.iterdir() if path.name in {"dagster.yaml", "dagster.one-host.yaml", "workspace.yaml"}
    ]
    read = {name for path in files for name in re.findall(r"env: ([A-Z_]+)$", path.read_text(), re.MULTILINE)}
    drivers = {"DAGSTER_HOME", "PGPASSWORD", "PGSSLMODE"}
    assert {row[0].strip("`") for row in rows("Those that the files in `deploy/` read")} == read | drivers


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("QS_OWNERS", "dora", "'dora' is none of the ARNs of QuickSight users or groups"),
        ("QS_VIEWERS", "arn:aws:iam::123456789012:role/x", "QS_VIEWERS"),
        ("QS_PRINCIPALS", "arn:aws:quicksight:us-east-1:123456789012:user/default/x", "IAM roles"),
    ],
)
def test_an_arn_of_the_wrong_kind_is_told_before_anything_is_made(name: str, value: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        Settings.from_environment({name: value})


def test_a_limiter_that_cannot_be_is_told_without_its_password() -> None:
    with pytest.raises(SettingsError, match="QS_LIMITER_URL") as caught:
        Settings.from_environment({"QS_LIMITER_URL": "mysql://me:secret@host/x"})
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(Settings.from_environment({"QS_LIMITER_URL": "postgresql://me:secret@host/x"}))
