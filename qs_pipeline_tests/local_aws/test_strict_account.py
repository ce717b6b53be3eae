"""An account that knows its people: its identity region is told, and nobody unknown is granted anything."""

import pytest

from qs_pipeline.local_aws import Settings
from qs_pipeline_tests.local_aws.world import ACCOUNT as A
from qs_pipeline_tests.local_aws.world import World


@pytest.fixture
def settings() -> Settings:
    """Strict."""
    return Settings(user_rate=1e6, permission_rate=1e6, identity_region="eu-west-1", principals_must_exist=True)


def test_another_region_names_the_identity_region(world: World) -> None:
    with pytest.raises(world.qs.exceptions.AccessDeniedException, match="your identity region is eu-west-1"):
        world.qs.list_users(AwsAccountId=A, Namespace="default")


def test_an_unknown_principal_is_refused(world: World) -> None:
    def grant(user: str) -> list[dict[str, object]]:
        principal = f"arn:aws:quicksight:us-east-1:{A}:user/default/{user}"
        return [{"Principal": principal, "Actions": ["quicksight:DescribeDataSet"]}]

    with pytest.raises(world.qs.exceptions.InvalidParameterValueException, match="no user default/unknown"):
        world.data_set("one", "a\n1\n", {"a": "INTEGER"}, Permissions=grant("unknown"))
    world.data_set("two", "a\n1\n", {"a": "INTEGER"}, Permissions=grant("local"))
