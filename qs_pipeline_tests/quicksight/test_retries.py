"""Replies that a proxy cut or replaced on their way: asked for again, and never believed."""

from collections.abc import Callable

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session

from qs_pipeline.quicksight import errors
from qs_pipeline_tests.quicksight.conftest import Site
from qs_pipeline_tests.quicksight.test_dashboards import NAMES, definition, publish


class _Raw:
    """A body as botocore wants to read it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: object, **__: object) -> list[bytes]:
        """All of it."""
        return [self._body]


def spoil(site: Site, operation: str, change: Callable[[bytes], bytes], *, times: int = 1, status: int = 200) -> None:
    """Let the next replies of an operation, which is carried out, arrive as something else."""
    session = URLLib3Session()
    left = [None] * times

    def before_send(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        if not left:
            return None
        left.pop()
        body = session.send(request).content
        return AWSResponse(request.url, status, {}, _Raw(change(body)))

    site.api.meta.events.register(f"before-send.quicksight.{operation}", before_send)


@pytest.mark.parametrize("change", [lambda body: body[: len(body) // 2], lambda _: b"", lambda _: b'{"Name": "\xc3'])
def test_a_list_that_was_cut_is_asked_for_again_and_not_taken_for_an_empty_one(
    site: Site, change: Callable[[bytes], bytes]
) -> None:
    site.publish()
    spoil(site, "ListDataSets", change, times=3)
    assert site.client.data_set_ids() == {"POS-dataset-A1"}


def test_what_is_cut_again_and_again_is_told(site: Site) -> None:
    site.publish()
    spoil(site, "ListDataSets", lambda body: body[:10], times=100)
    with pytest.raises(errors.ConnectionFailedError, match=r"ListDataSets of .*the reply was cut short"):
        site.client.data_set_ids()


def test_a_version_whose_reply_was_cut_is_found_and_not_made_again(site: Site) -> None:
    site.publish()
    for operation in ("CreateDashboard", "UpdateDashboard"):
        spoil(site, operation, lambda body: body[:20])
    assert publish(site, definition(), exists=False).version.number == 1
    assert publish(site, definition("Days")).version.number == 2


def test_the_page_of_a_proxy_is_told_in_a_few_words(site: Site) -> None:
    spoil(site, "ListDataSets", lambda _: b"<html>\xfcberlastet " + b"x" * 5000, times=100, status=403)
    with pytest.raises(errors.QuickSightError, match=r"<html>.berlastet xx") as told:
        site.client.data_set_ids()
    assert len(str(told.value)) < 600
    assert site.client.dashboard(NAMES) is None
