"""When an assessment is asked for, as sentences about a pure function."""

import itertools

from qs_pipeline.catalog import CATALOG
from qs_pipeline.dag.decide import Cursor, Decision, Patience, Waiting, change, decide, touched_tables
from qs_pipeline.model import AssessmentId
from qs_pipeline.store import UploadedFile, fingerprint

ONE = AssessmentId("2002")


def upload(name: str, etag: str = "a", at: str = "2026-01-01T00:00:00+00:00") -> UploadedFile:
    return UploadedFile(key=f"assessments/2002/{name}.csv", etag=etag, size=1, last_modified=at)


FILES = {"Locations": upload("Locations"), "RD_I_Ration_Costs": upload("RD_I_Ration_Costs")}
PRINT = fingerprint(FILES.values())
LATER = {**FILES, "Locations": upload("Locations", "b")}


def look(
    files: dict[str, UploadedFile] = FILES,
    *,
    now: float = 100,
    waiting: dict[str, Waiting] | None = None,
    receipts: dict[str, str] | None = None,
    busy: tuple[str, ...] = (),
) -> Decision:
    return decide(
        seen={ONE: files}, receipts=receipts or {}, busy=busy, waiting=waiting or {}, now=now, patience=Patience()
    )


def test_the_first_look_only_remembers() -> None:
    first = look()
    assert not first.requests
    assert first.waiting == {ONE: Waiting(fingerprint=PRINT, since=100)}


def test_two_looks_that_see_the_same_ask_for_a_run() -> None:
    second = look(now=105, waiting=dict(look().waiting))
    assert [request.run_key for request in second.requests] == [f"2002:{PRINT}:100:1"]


def test_uploads_that_go_on_put_the_run_off() -> None:
    second = look(LATER, now=105, waiting=dict(look().waiting))
    assert not second.requests
    assert second.waiting[ONE] == Waiting(fingerprint=fingerprint(LATER.values()), since=100)


def test_uploads_without_end_do_not_starve_the_run() -> None:
    assert look(LATER, now=161, waiting=dict(look().waiting)).requests


def test_what_the_dashboard_shows_is_not_asked_for_and_leaves_the_cursor() -> None:
    done = look(now=105, waiting=dict(look().waiting), receipts={ONE: PRINT})
    assert not done.requests
    assert not done.waiting


def test_a_run_in_progress_is_waited_for() -> None:
    assert not look(now=105, waiting=dict(look().waiting), busy=(ONE,)).requests


def test_a_run_that_fails_again_and_again_is_asked_for_ever_more_seldom() -> None:
    waiting = dict(look().waiting)
    asked: list[float] = []
    for now in range(105, 1200, 5):
        # Each attempt takes ten seconds, in which the assessment is busy.
        busy = (ONE,) if asked and now - asked[-1] <= 10 else ()
        decision = look(now=now, waiting=waiting, busy=busy)
        waiting = dict(decision.waiting)
        asked += [now] * len(decision.requests)
    pauses = [later - earlier for earlier, later in itertools.pairwise(asked)]
    assert pauses == [30, 60, 120, 240, 480]


def test_uploads_that_return_to_an_earlier_state_get_a_run_key_of_their_own() -> None:
    keys = {
        request.run_key
        for now in (100, 500)
        for request in look(now=now + 5, waiting=dict(look(now=now).waiting)).requests
    }
    assert len(keys) == 2


def test_a_run_that_died_is_asked_for_again_after_a_growing_pause() -> None:
    asked = look(now=105, waiting=dict(look().waiting))
    assert not look(now=134, waiting=dict(asked.waiting)).requests
    again = look(now=135, waiting=dict(asked.waiting))
    assert [request.attempt for request in again.requests] == [2]
    assert again.waiting[ONE].not_before == 135 + 60


def test_pauses_stop_growing_at_an_hour() -> None:
    assert Patience().pause(50) == 3600


def test_a_change_after_a_failed_attempt_starts_afresh() -> None:
    asked = look(now=105, waiting=dict(look().waiting))
    changed = look(LATER, now=110, waiting=dict(asked.waiting))
    assert changed.waiting[ONE] == Waiting(fingerprint=fingerprint(LATER.values()), since=110)


def test_assessments_that_this_tick_did_not_list_stay_in_the_cursor() -> None:
    other = {"10910": Waiting(fingerprint="f", since=1)}
    assert look(waiting=other).waiting["10910"] == other["10910"]


def test_a_cursor_survives_being_stored_and_a_broken_one_is_forgotten() -> None:
    cursor = Cursor(waiting=look().waiting, resume_after="assessments/20020")
    assert Cursor.from_json(cursor.to_json()) == cursor
    for text in (None, "", "no json", "[]", '{"waiting": {"2002": {"other": 1}}}'):
        assert Cursor.from_json(text) == Cursor()


def test_the_same_bytes_uploaded_anew_change_the_fingerprint_and_no_content() -> None:
    anew = {**FILES, "Locations": upload("Locations", at="2026-01-02T00:00:00+00:00")}
    assert fingerprint(anew.values()) != PRINT
    differs = change(anew, FILES)
    assert differs.uploads == {"Locations"}
    assert not differs.contents


def test_a_deleted_upload_is_a_change_of_content() -> None:
    assert change({}, {"Locations": FILES["Locations"]}).contents == {"Locations"}


def test_only_tables_below_a_change_whose_inputs_are_there_are_touched() -> None:
    touched = touched_tables(CATALOG, changed={"RD_I_Ration_Costs"}, known={"RD_I_Ration_Costs"})
    assert touched == ()
    known = {"RD_I_Ration_Costs", "AssessmentTable", "AssessmentParameterDataMapTable"}
    assert touched_tables(CATALOG, changed={"RD_I_Ration_Costs"}, known=known) == ("RD_I_Ration_Costs_joined",)
