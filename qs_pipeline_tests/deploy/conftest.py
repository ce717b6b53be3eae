"""A PostgreSQL server and the files of ``deploy/``, for instances as several hosts share them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from qs_pipeline_tests.quicksight.postgres import Postgres, running

DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """One server for all tests of this folder."""
    with running() as postgres:
        yield postgres


class _Template(yaml.SafeLoader):
    """Reads CloudFormation's short functions as lists of their name and what they are given."""


def _function(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> list[Any]:
    if isinstance(node, yaml.ScalarNode):
        return [name, loader.construct_scalar(node)]
    assert isinstance(node, yaml.SequenceNode)
    return [name, *loader.construct_sequence(node, deep=True)]


_Template.add_multi_constructor("!", _function)


def template() -> dict[str, Any]:
    """The resources of the template by name; ``!Ref X`` is read as ``["Ref", "X"]``."""
    read: dict[str, Any] = yaml.load((DEPLOY / "cloudformation.yaml").read_text(), _Template)  # noqa: S506 - safe below
    return dict(read["Resources"])
