"""Why a run was started, how it ended, and what follows: in words, for those who wait for its dashboard.

Dagster has no word of its own for a process that is gone: whoever misses it writes one of several sentences into the
event log. ``why`` knows them.
"""

import dagster as dg

from qs_pipeline.dag.keys import CAUSE_TAG, FINGERPRINT_TAG, PARTITION_TAG, REPAIR

# Dagster's: on a lost run that it starts once more by itself, and on that retry.
_WILL_RETRY_TAG = "dagster/will_retry"
_RETRY_TAG = "dagster/retry_number"

_DIED = "the process of the run died: killed, out of memory, or gone with its host"
_TOOK_LONG = "the run took longer than dagster.yaml allows (max_runtime_seconds) and was ended"
# What Dagster says of a run that did not say itself how it ended, by words of it; the first that fits counts.
_WITHOUT_WORDS = {
    "outside the execution context": _DIED,
    "run worker status": _DIED,
    "interrupted": "the process of the run was told to end",
    "seconds to start": "the process of the run did not start in time",
    "maximum runtime": _TOOK_LONG,
    "forcibly marked": _TOOK_LONG,
}


def latest_run(instance: dg.DagsterInstance, assessment: str) -> dg.RunRecord | None:
    """The run of the assessment that was asked for last; None where there never was one."""
    return next(iter(instance.get_run_records(dg.RunsFilter(tags={PARTITION_TAG: assessment}), limit=1)), None)


def is_by_hand(run: dg.DagsterRun) -> bool:
    """Whether a person asked for the run.

    One that a person starts once more, all of it or some steps, bears the tags of the run before; so does Dagster's
    own retry of a lost run, which is none of a person.
    """
    return FINGERPRINT_TAG not in run.tags or (run.parent_run_id is not None and _RETRY_TAG not in run.tags)


def cause(run: dg.DagsterRun) -> str:
    """Why the run was started, in words."""
    if run.parent_run_id and _RETRY_TAG in run.tags:
        return f"retry of the lost run {run.parent_run_id[:8]}"
    if run.parent_run_id:
        return f"run {run.parent_run_id[:8]} was started once more by hand"
    return run.tags.get(CAUSE_TAG, "started by hand")


def will_be_retried(run: dg.DagsterRun) -> bool:
    """Whether Dagster starts a lost run once more by itself, from where it was."""
    return run.is_failure and run.tags.get(_WILL_RETRY_TAG) == "true"


def what_follows(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """What comes next after a run that did not succeed, in words."""
    if will_be_retried(run):
        _, started = instance.get_run_group(run.run_id) or ("", [run])
        return f"its retry, {len(list(started))} of at most {instance.run_retries_max_retries}, which starts by itself"
    if run.tags.get(CAUSE_TAG, "").startswith(REPAIR):
        return "the next look of the sensor 'drift', which repeats it, or what the reason asks for"
    if is_by_hand(run):
        return "somebody to start it again, after what the reason asks for"
    return "the next attempt of the sensor, or what the reason asks for"


def why(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """Why a run did not succeed: the failed checks and the messages of the steps, each once, else what became of it."""
    reasons = _failed_checks(instance, run)
    reasons += _failed_steps(instance, run, beside_checks=bool(reasons))
    return "; ".join(dict.fromkeys(" ".join(reason.split()) for reason in reasons)) or _lost(instance, run)


def _failed_checks(instance: dg.DagsterInstance, run: dg.DagsterRun) -> list[str]:
    return [
        f"{evaluation.check_name}: {evaluation.description}"
        for event in _events(instance, run, dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        if not (evaluation := event.asset_check_evaluation_data).passed and evaluation.blocking
    ]


def _failed_steps(instance: dg.DagsterInstance, run: dg.DagsterRun, *, beside_checks: bool) -> list[str]:
    reasons: list[str] = []
    for event in _events(instance, run, dg.DagsterEventType.STEP_FAILURE):
        data = event.step_failure_data
        error = data.error
        if beside_checks and error and "AssetCheck" in (error.cls_name or ""):
            continue  # Dagster's own word for the check that failed
        described = data.user_failure_data.description if data.user_failure_data else None
        cause = error.cause if error and error.cause else error
        reasons.append(described or (_in_words(cause.message) if cause else "a step failed without a message"))
    return reasons


def _in_words(message: str) -> str:
    """The message of an error, which Dagster leads with its class: ours say all that is to be said without it."""
    name, _, words = message.strip().partition(": ")
    return words if name.startswith("qs_pipeline.") else message.strip()


def _lost(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """What became of a run of which no check and no step says why."""
    if run.status is dg.DagsterRunStatus.CANCELED:
        return "the run was canceled"
    said = [
        " ".join((event.message or "").split()) for event in _events(instance, run, dg.DagsterEventType.RUN_FAILURE)
    ]
    if not said:
        return f"run {run.run_id} did not succeed"
    became = next((words for part, words in _WITHOUT_WORDS.items() if part in said[0]), said[0])
    record = instance.get_run_record_by_id(run.run_id)
    return _not_started(instance, run) if became == _DIED and record and record.start_time is None else became


def _not_started(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    engine = _events(instance, run, dg.DagsterEventType.ENGINE_EVENT)
    errors = [" ".join(error.message.split()) for event in engine if (error := event.engine_event_data.error)]
    return ": ".join(["the run could not be started", *errors[-1:]])


def _events(instance: dg.DagsterInstance, run: dg.DagsterRun, kind: dg.DagsterEventType) -> list[dg.DagsterEvent]:
    return [entry.dagster_event for entry in instance.all_logs(run.run_id, of_type=kind) if entry.dagster_event]
