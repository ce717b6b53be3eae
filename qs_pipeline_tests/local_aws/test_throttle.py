"""Calls beyond the rate of a user or of the account are refused, and the tally tells how close callers came."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from qs_pipeline.local_aws import LocalAws, Settings
from qs_pipeline_tests.local_aws.world import ACCOUNT as A
from qs_pipeline_tests.local_aws.world import World


@pytest.fixture
def settings() -> Settings:
    """The limits as they are by default."""
    return Settings()


def _call(world: World) -> bool:
    """Whether a call was served rather than throttled."""
    try:
        world.qs.list_data_sets(AwsAccountId=A)
    except world.qs.exceptions.ThrottlingException as refused:
        return refused.response["ResponseMetadata"]["HTTPStatusCode"] != 429
    return True


def test_a_user_has_five_calls_at_once_and_five_a_second(world: World) -> None:
    assert [_call(world) for _ in range(7)] == [True] * 5 + [False] * 2
    world.clock.now += 0.2
    assert [_call(world) for _ in range(2)] == [True, False]
    world.clock.now += 60
    assert [_call(world) for _ in range(6)] == [True] * 5 + [False]


def test_calls_spaced_at_the_rate_are_all_served(world: World) -> None:
    for _ in range(30):
        assert _call(world)
        world.clock.now += 0.2


def test_users_have_a_bucket_each_and_the_account_has_one_for_all(
    local: LocalAws, connect: Callable[..., World]
) -> None:
    worlds = [connect(local.url, f"KEY{number}") for number in range(6)]
    served = [[_call(world) for _ in range(5)] for world in worlds]
    assert [sum(calls) for calls in served] == [5, 5, 5, 5, 5, 0]


def test_the_sessions_of_a_role_are_one_user_beside_the_one_who_assumes_it(
    world: World, local: LocalAws, connect: Callable[..., World]
) -> None:
    role = f"arn:aws:iam::{A}:role/teams/publisher"
    keys = [
        world.sts.assume_role(RoleArn=role, RoleSessionName=name)["Credentials"]["AccessKeyId"]
        for name in ("one", "other")
    ]
    assert [_call(world) for _ in range(6)] == [True] * 5 + [False]
    one, other = (connect(local.url, key) for key in keys)
    assert [_call(session) for session in (one, one, one, other, other, one, other)] == [True] * 5 + [False] * 2
    assert local.stats()["busiest_second"]["principals"] == {"test": 6, "role/publisher": 7}


def test_calls_about_permissions_have_a_stricter_rate(world: World) -> None:
    codes: list[str] = []
    for _ in range(3):
        with pytest.raises(ClientError) as refused:
            world.qs.describe_data_set_permissions(AwsAccountId=A, DataSetId="x")
        codes.append(refused.value.response["Error"]["Code"])
    assert codes == ["ResourceNotFoundException"] * 2 + ["ThrottlingException"]


def test_a_clock_that_steps_back_gives_no_tokens(world: World) -> None:
    assert [_call(world) for _ in range(6)] == [True] * 5 + [False]
    world.clock.now -= 3600
    assert not _call(world)
    world.clock.now += 0.2
    assert _call(world)


def test_the_tally_counts_calls_refusals_and_the_busiest_sliding_second(
    local: LocalAws, connect: Callable[..., World]
) -> None:
    one, other = connect(local.url, "ONE"), connect(local.url, "OTHER")
    for _ in range(4):
        _call(one)
    one.clock.now += 0.5
    for _ in range(4):
        _call(one)
    _call(other)
    one.clock.now += 0.6  # the first four are more than a second ago
    with pytest.raises(other.qs.exceptions.ResourceNotFoundException):
        other.qs.describe_data_set(AwsAccountId=A, DataSetId="x")
    assert local.stats() == {
        "calls": 10,
        "throttled": 1,
        "operations": {
            "DescribeDataSet": {"calls": 1, "throttled": 0},
            "ListDataSets": {"calls": 9, "throttled": 1},
        },
        "busiest_second": {"account": 9, "principals": {"ONE": 8, "OTHER": 2}},
    }
