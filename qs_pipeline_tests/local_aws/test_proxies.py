"""What stands between a client and the port may speak HTTP in its own way: other hosts, other framings, other ids."""

import json
import socket
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from qs_pipeline.local_aws import LocalAws
from qs_pipeline_tests.local_aws.world import ACCOUNT as A
from qs_pipeline_tests.local_aws.world import World

SCOPE = "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
LIST = f"/accounts/{A}/data-sets"


@pytest.fixture
def wire(local: LocalAws) -> Iterator[socket.socket]:
    """A bare connection."""
    with socket.create_connection(("127.0.0.1", local.port), timeout=5) as connection:
        yield connection


def _send(wire: socket.socket, head: str, *headers: str, service: str = "quicksight", body: bytes = b"") -> bytes:
    """Everything that is answered to one request up to the end of the connection, or of the body that is announced."""
    lines = [head, *headers, "Authorization: " + SCOPE.format(service=service)]
    wire.sendall("\r\n".join([*lines, "", ""]).encode() + body)
    return _answer(wire)


def _answer(wire: socket.socket) -> bytes:
    got = b""
    while (part := wire.recv(65_536)) != b"":
        got += part
        head, end, rest = got.partition(b"\r\n\r\n")
        length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
        if end and len(rest) >= int(length.split(b":")[1]):
            break
    return got


@pytest.mark.parametrize("host", ["Host: proxy.internal:8474", "Host: quicksight.us-east-1.amazonaws.com"])
def test_a_signed_call_may_name_the_host_of_a_proxy(wire: socket.socket, host: str) -> None:
    assert b" 200 OK" in _send(wire, f"GET {LIST} HTTP/1.1", host)


def test_a_browser_that_was_sent_to_the_port_by_another_name_is_refused(wire: socket.socket) -> None:
    answer = _send(wire, f"GET {LIST} HTTP/1.1", "Host: attacker.example", "Accept-Language: en")
    assert b" 403 " in answer


@pytest.mark.parametrize(
    ("version", "headers", "stays"),
    [
        ("1.1", ["Connection: close"], False),
        ("1.1", ["Connection: Close"], False),
        ("1.1", [], True),
        ("1.0", [], False),
        ("1.0", ["Connection: keep-alive"], True),
    ],
)
def test_the_connection_stays_as_it_is_agreed(
    wire: socket.socket, version: str, headers: list[str], *, stays: bool
) -> None:
    for _ in range(2 if stays else 1):
        answer = _send(wire, f"GET {LIST} HTTP/{version}", "Host: localhost", *headers)
        assert b" 200 OK" in answer
    if not stays:
        assert wire.recv(1) == b""


def test_a_body_in_chunks_is_read_whole(world: World, wire: socket.socket) -> None:
    arn = quote(world.data_set("t", "a\n1\n", {"a": "INTEGER"})["Arn"], safe="")
    body = json.dumps({"Tags": [{"Key": "k", "Value": "v"}]}).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:])) + b"0\r\n\r\n"
    head = f"POST /resources/{arn}/tags HTTP/1.1"
    assert b" 200 OK" in _send(wire, head, "Host: localhost", "Transfer-Encoding: chunked", body=chunks)
    assert world.qs.list_tags_for_resource(ResourceArn=world_arn("t"))["Tags"] == [{"Key": "k", "Value": "v"}]


def world_arn(name: str) -> str:
    """The ARN of a data set."""
    return f"arn:aws:quicksight:us-east-1:{A}:dataset/{name}"


@pytest.mark.parametrize("spelling", ["100-continue", "100-Continue"])
def test_a_client_that_waits_to_be_told_is_told_to_go_on(world: World, wire: socket.socket, spelling: str) -> None:
    head = ["PUT /bucket/waited HTTP/1.1", "Host: localhost", "Content-Length: 4", f"Expect: {spelling}"]
    wire.sendall("\r\n".join([*head, "Authorization: " + SCOPE.format(service="s3"), "", ""]).encode())
    assert wire.recv(65_536).startswith(b"HTTP/1.1 100")
    wire.sendall(b"body")
    assert b" 200 OK" in _answer(wire)
    assert world.s3.get_object(Bucket="bucket", Key="waited")["Body"].read() == b"body"


def test_a_proxy_may_write_the_whole_address(wire: socket.socket) -> None:
    assert b" 200 OK" in _send(wire, f"GET http://proxy.internal:8474{LIST} HTTP/1.1", "Host: proxy.internal:8474")


@pytest.mark.parametrize("name", ["a/b", "a b", "ä", "100%", "a?b=c#d", "..", "a%2Fb"])
def test_odd_characters_of_an_id_arrive_as_they_were_sent(world: World, name: str) -> None:
    with pytest.raises(world.qs.exceptions.ResourceNotFoundException) as refused:
        world.qs.describe_data_set(AwsAccountId=A, DataSetId=name)
    assert name in refused.value.response["Error"]["Message"]


def test_an_id_of_more_than_96_characters_is_refused_by_every_operation(world: World) -> None:
    for call in (
        lambda: world.qs.describe_data_set(AwsAccountId=A, DataSetId="x" * 97),
        lambda: world.qs.delete_data_source(AwsAccountId=A, DataSourceId="x" * 97),
        lambda: world.qs.create_ingestion(AwsAccountId=A, DataSetId="x" * 97, IngestionId="i"),
    ):
        with pytest.raises(world.qs.exceptions.InvalidParameterValueException, match="97 characters"):
            call()
