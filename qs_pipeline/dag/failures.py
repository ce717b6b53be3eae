"""A failed run as one clear line: in the log of a sensor, and at a webhook where one is set.

A run that was lost with its process is told as well. A webhook that does not answer is told in the log and costs the
tick at most ``_SECONDS``; it never fails it.
"""

import json
import os
import urllib.request
from typing import Any

import dagster as dg

from qs_pipeline.dag.keys import PARTITION_TAG
from qs_pipeline.dag.runs import what_follows, why
from qs_pipeline.settings import Settings

_SECONDS = 5.0
_LONGEST = 2000  # characters of a reason; some chat services refuse longer messages


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The address was checked, one that it leads to was not."""

    def redirect_request(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - nothing of it is looked at
        """Follow nothing."""
        return


@dg.run_failure_sensor(
    name="failures",
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="One line about each failed run; QS_WEBHOOK_URL gets it as JSON.",
)
def failure_sensor(context: dg.RunFailureSensorContext) -> None:
    """Tell which assessment failed, in which step, and why."""
    run = context.dagster_run
    steps = [event.step_key for event in context.get_step_failure_events() if event.step_key]
    told = {
        "assessment": run.tags.get(PARTITION_TAG, ""),
        "job": run.job_name,
        "run_id": run.run_id,
        "step": ", ".join(steps),
        "reason": why(context.instance, run)[:_LONGEST],
    }
    follows = what_follows(context.instance, run)
    where = f" in {told['step']}" if steps else ""
    line = f"assessment {told['assessment'] or '(none)'} failed{where}: {told['reason']}; waiting for {follows}"
    context.log.error(line)
    if url := Settings.from_environment(os.environ).webhook_url:
        try:
            post(url, {**told, "text": f"qs_pipeline: {line}"})
        except (OSError, ValueError) as error:
            # Neither the address nor the answer is told: webhook addresses are secrets.
            context.log.warning("QS_WEBHOOK_URL did not take the message: %s", type(error).__name__)


def post(url: str, message: dict[str, str]) -> None:
    """Post the message as JSON.

    Raises:
        OSError: where there is no answer in time, or one that is no success.
    """
    request = urllib.request.Request(  # noqa: S310 - the settings let https and loopback through, nothing else
        url, data=json.dumps(message).encode(), headers={"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.build_opener(_NoRedirect).open(request, timeout=_SECONDS):
        return
