"""A bad line does to requests what it says, and a good one nothing."""

from collections.abc import Iterator
from contextlib import nullcontext

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from qs_pipeline.local_aws import LocalAws
from qs_pipeline_tests.chaos.wire import FATES, Wire
from qs_pipeline_tests.conftest import QUICK

# What the client sees, and what the account has carried out.
OUTCOMES = {
    "dropped": (BotoCoreError, 0),
    "lost": (BotoCoreError, 1),
    "repeated": (None, 2),
    "cut": (BotoCoreError, 1),
    "refused": (ClientError, 0),
    "delayed": (None, 1),
}


KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(home=tmp_path_factory.mktemp("aws"), settings=QUICK) as running:
        yield running


@pytest.mark.parametrize("fate", [*FATES, ""])
def test_what_befalls_a_request(aws: LocalAws, fate: str) -> None:
    seen, carried_out = OUTCOMES.get(fate, (None, 1))
    before = aws.stats()["calls"]
    with Wire(aws.url, seed=1, share=1, fates=(fate,)) as wire:
        wire.bad = bool(fate)
        client = boto3.client("quicksight", endpoint_url=wire.url, config=ONCE, **KEYS)
        with pytest.raises(seen) if seen else nullcontext():
            client.list_data_sets(AwsAccountId="123456789012")
        assert aws.stats()["calls"] - before == carried_out
        assert wire.struck == ({fate: 1} if fate else {})


def test_all_of_s3_passes_a_good_line(aws: LocalAws) -> None:
    with Wire(aws.url, seed=1) as wire:
        s3 = boto3.client("s3", endpoint_url=wire.url, **KEYS)
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="a/ä.csv", Body=b"x" * 100_000)
        assert s3.head_object(Bucket="bucket", Key="a/ä.csv")["ContentLength"] == 100_000
        assert s3.get_object(Bucket="bucket", Key="a/ä.csv")["Body"].read() == b"x" * 100_000
        s3.copy_object(Bucket="bucket", Key="c", CopySource={"Bucket": "bucket", "Key": "a/ä.csv"})
        s3.delete_object(Bucket="bucket", Key="a/ä.csv")
        assert [each["Key"] for each in s3.list_objects_v2(Bucket="bucket")["Contents"]] == ["c"]
