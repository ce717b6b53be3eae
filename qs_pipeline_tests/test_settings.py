"""Which account a process may reach."""

import inspect
import re
from pathlib import Path

import pytest

from qs_pipeline.settings import Settings, SettingsError, local_environment

HERE = Path("/somewhere")


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


@pytest.mark.parametrize("value", ["fast", "0", "-1", "nan", "inf"])
def test_a_rate_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match="QS_USER_RATE"):
        Settings.from_environment({"QS_USER_RATE": value})


def test_a_share_above_all_is_refused() -> None:
    assert Settings.from_environment({"QS_SHRINK_WARNING": "1"}).shrink_warning == 1
    with pytest.raises(SettingsError, match=r"QS_SHRINK_WARNING='50'.*at most 1"):
        Settings.from_environment({"QS_SHRINK_WARNING": "50"})


def test_a_variable_set_to_nothing_is_not_set() -> None:
    source = inspect.getsource(Settings.from_environment)
    names = re.findall(r'"((?:QS|AWS)_[A-Z_]+)"', source)
    assert len(names) > 10
    assert Settings.from_environment(dict.fromkeys(names, "")) == Settings.from_environment({})


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
