"""A PostgreSQL server and the files of ``deploy/``, for instances as several hosts share them."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import dagster as dg
import pytest
import yaml
from moto import mock_aws

from qs_pipeline.local_aws import LocalAws
from qs_pipeline_tests.dag.conftest import Site
from qs_pipeline_tests.quicksight.postgres import Postgres, running

DEPLOY = Path(__file__).parents[2] / "deploy"
ON_POSTGRES = "deploy/dagster.one-host.yaml"


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """One server for all tests of this folder."""
    with running() as postgres:
        yield postgres


@contextmanager
def instance_of(file: str, home: Path) -> Iterator[dg.DagsterInstance]:
    """The instance that a file of ours describes."""
    home.mkdir(exist_ok=True)
    (home / "dagster.yaml").write_text((DEPLOY.parent / file).read_text())
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


@pytest.fixture
def opened(
    aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Postgres, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Site]]:
    """Opens the site's account with an instance that a file of ours describes; the database is empty at first."""
    database = re.sub(r"\W", "_", request.node.name)[-60:]  # PostgreSQL cuts longer names off
    server.create(database)
    for name, value in {
        "DAGSTER_POSTGRES_URL": server.url_of(database),
        "QS_HOME": str(tmp_path / "home"),
        "QS_USER_RATE": "1000",
        "QS_ACCOUNT_RATE": "1000",
        "QS_POLL_SECONDS": "0.1",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket="qs-pipeline")
    with ExitStack() as stack:

        def open_with(file: str) -> Site:
            home = tmp_path / file.replace("/", "-")
            monkeypatch.setenv("DAGSTER_HOME", str(home))
            return Site(aws, stack.enter_context(instance_of(file, home)), tmp_path / "sample")

        yield open_with


class _Template(yaml.SafeLoader):
    """Reads CloudFormation's short functions as lists of their name and what they are given."""


def _function(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> list[Any]:
    if isinstance(node, yaml.ScalarNode):
        return [name, loader.construct_scalar(node)]
    assert isinstance(node, yaml.SequenceNode)
    return [name, *loader.construct_sequence(node, deep=True)]


_Template.add_multi_constructor("!", _function)


@cache
def template() -> dict[str, Any]:
    """The resources of the template by name; ``!Ref X`` is read as ``["Ref", "X"]``."""
    read: dict[str, Any] = yaml.load((DEPLOY / "cloudformation.yaml").read_text(), _Template)  # noqa: S506 - safe below
    return dict(read["Resources"])


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """An account in moto with a network, as the template's parameters name it."""
    monkeypatch.delenv("AWS_ENDPOINT_URL")  # whatever is called, moto answers
    with mock_aws():
        yield network()


def network() -> dict[str, str]:
    """Make a network in moto, and say what the template's parameters would."""
    ec2 = boto3.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")
        for n, zone in enumerate("ab")
    ]
    clients = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
    return {
        "Image": "registry/qs-pipeline:1",
        "BucketName": "site",
        "VpcId": vpc,
        "SubnetIds": ",".join(each["Subnet"]["SubnetId"] for each in subnets),
        "WebClients": clients,
    }
